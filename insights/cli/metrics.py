"""Figures for whoever watches workspaces: as OpenMetrics text, or as JSON."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from insights.metrics.samples import Metric


@app.command(epilog="Example: insights metrics --to /var/lib/node_exporter/textfile/insights.prom")
def metrics(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option("--to", help="Write it to this file, whole or not at all, instead of to stdout.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Print items, last run, tokens, cost, queues, sizes and backup as OpenMetrics text. No customer's word, account or
    person is in it."""
    from insights.bootstrap import now
    from insights.metrics.exposition import open_metrics
    from insights.metrics.gather import Watched, metrics_of

    workspace = context.obj.open()
    watched = Watched(repository=workspace.repository, settings=workspace.settings, data=workspace.data, now=now())
    found = metrics_of(watched)
    if json and to is None:
        as_json(as_data(found))
        return
    text = open_metrics(found)
    if to is None:
        typer.echo(text, nl=False)
        return
    from insights.bootstrap import write_whole
    from insights.cli.output import check_place

    check_place(to)
    write_whole(to, text)


def as_data(metrics: "Iterable[Metric]") -> list[dict[str, Any]]:
    """What a script reads."""
    return [
        {
            "name": metric.name,
            "type": metric.kind.value,
            "unit": metric.unit,
            "help": metric.help,
            "samples": [{"labels": dict(sample.labels), "value": sample.value} for sample in metric.samples],
        }
        for metric in metrics
        if metric.samples
    ]
