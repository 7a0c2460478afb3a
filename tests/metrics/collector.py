"""An OTLP collector on loopback. Not a test."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc


class Collector(trace_service_pb2_grpc.TraceServiceServicer, metrics_service_pb2_grpc.MetricsServiceServicer):
    """Keeps what it gets."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.metrics: set[str] = set()
        self.everything = b""

    def Export(self, request, context):  # noqa: N802 - the service's name
        self.everything += request.SerializeToString()
        if isinstance(request, trace_service_pb2.ExportTraceServiceRequest):
            self.spans += [span for one in request.resource_spans for scope in one.scope_spans for span in scope.spans]
            return trace_service_pb2.ExportTraceServiceResponse()
        self.metrics |= {
            metric.name for one in request.resource_metrics for scope in one.scope_metrics for metric in scope.metrics
        }
        return metrics_service_pb2.ExportMetricsServiceResponse()


@contextmanager
def collecting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """The environment names it while it lasts."""
    kept = Collector()
    server = grpc.server(ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(kept, server)
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(kept, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    try:
        yield kept
    finally:
        monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT")
        server.stop(0).wait()
