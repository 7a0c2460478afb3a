"""What an embedding server may do to us: no text loses a run, no call lasts for ever, nothing strange is believed."""

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import numpy as np
import pytest

from insights.embedding.openai_compatible import OpenAIEmbedder
from insights.errors import ExitCode, InsightsError
from tests.embedding.embedding_server import EmbeddingServer, Raw, Reply, embedding_server, refusal, rows, vectors

TEXTS = [f"the export of list {number} hangs" for number in range(300)]


class Waited(list[float]):
    """Stands in for sleeping."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def embedder(server: EmbeddingServer, *, waited: Waited | None = None, **options: Any) -> OpenAIEmbedder:
    return OpenAIEmbedder(
        "small", base_url=server.base_url, sleep=waited if waited is not None else Waited(), **options
    )


def once(fault: Reply | Raw) -> Callable[[list[str]], Reply | Raw]:
    """The first real batch meets the fault."""
    faults = [fault]

    def answer(texts: list[str]) -> Reply | Raw:
        return faults.pop() if faults and texts != ["size"] else vectors(texts)

    return answer


# -- raw replies ------------------------------------------------------------------------------------------------------


def cut_in_the_body(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"object": "list", "data": [{"ind')


def cut_before_the_head(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    """Hang up without a word."""


def drip_in_the_body(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    drip(handler, over)


def drip_in_the_head(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    drip(handler, over)


def drip(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    while not over.wait(0.02):
        handler.wfile.write(b" ")
        handler.wfile.flush()


def silent(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    over.wait()


# -- busy, quota, failures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "seconds"),
    [({"Retry_After": "7"}, 7.0), ({"Retry_After": "3600"}, 60.0), ({"Retry_After_Ms": "2500"}, 2.5), ({}, 1.0)],
)
def test_a_server_that_asks_to_wait_is_waited_for_within_bounds(header: dict[str, str], seconds: float) -> None:
    waited = Waited()
    with embedding_server(once(refusal(429, "rate_limit_exceeded", **header))) as server:
        made = embedder(server, waited=waited).embed(TEXTS[:3])

    assert waited == [seconds]
    assert np.allclose(made, rows(TEXTS[:3]), atol=1e-6)


def test_a_date_to_wait_for_is_understood() -> None:
    waited = Waited()
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    with embedding_server(once(refusal(429, Retry_After=later))) as server:
        embedder(server, waited=waited).embed(TEXTS[:3])

    assert 15 < waited[0] <= 20


def test_a_spent_quota_stops_at_once() -> None:
    waited = Waited()
    with (
        embedding_server(lambda _: refusal(429, "insufficient_quota", Retry_After="7")) as server,
        pytest.raises(InsightsError, match=r"quota at 127\.0\.0\.1:[0-9]+ is spent") as caught,
    ):
        embedder(server, waited=waited).embed(TEXTS)

    assert (server.calls, waited) == (1, [])
    assert "credit" in caught.value.remedy


def test_a_quota_that_ends_midway_stops_what_is_not_begun() -> None:
    left = [3]

    def answer(texts: list[str]) -> Reply:
        left[0] -= 1
        return vectors(texts) if left[0] >= 0 else refusal(429, "insufficient_quota")

    texts = [f"{number} exports hang" for number in range(5_000)]
    with embedding_server(answer) as server, pytest.raises(InsightsError, match="quota"):
        embedder(server, concurrency=4).embed(texts)

    assert server.calls <= 3 + 4


@pytest.mark.parametrize(("status", "calls"), [(429, 6), (503, 6), (500, 2 * 3)])
def test_an_overloaded_or_broken_server_is_asked_a_bounded_number_of_times(status: int, calls: int) -> None:
    waited = Waited()
    with (
        embedding_server(lambda _: refusal(status)) as server,
        pytest.raises(InsightsError, match=str(status)) as caught,
    ):
        embedder(server, waited=waited).embed(TEXTS)

    assert server.calls == calls
    assert sum(waited) <= 60
    assert "static" in caught.value.remedy


@pytest.mark.parametrize("status", [500, 502, 503, 504, 529])
def test_a_server_that_fails_once_is_asked_again(status: int) -> None:
    with embedding_server(once(refusal(status))) as server:
        made = embedder(server).embed(TEXTS)

    assert np.allclose(made, rows(TEXTS), atol=1e-6)


# -- time and connection ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [cut_in_the_body, cut_before_the_head, drip_in_the_body, drip_in_the_head, silent])
def test_one_broken_connection_is_got_over(fault: Raw) -> None:
    with embedding_server(once(fault)) as server:
        made = embedder(server, timeout_seconds=1.0).embed(TEXTS)

    assert np.allclose(made, rows(TEXTS), atol=1e-6)


@pytest.mark.parametrize("fault", [drip_in_the_body, drip_in_the_head, silent])
def test_a_server_that_drips_or_is_silent_for_ever_ends_in_words(fault: Raw) -> None:
    begun = time.monotonic()
    with embedding_server(lambda _: fault) as server, pytest.raises(InsightsError, match=r"not answer in 0\.3 s"):
        embedder(server, timeout_seconds=0.3).embed(TEXTS)

    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("fault", [cut_in_the_body, cut_before_the_head])
def test_a_server_that_always_hangs_up_ends_in_words(fault: Raw) -> None:
    with embedding_server(lambda _: fault) as server, pytest.raises(InsightsError, match="broke off"):
        embedder(server).embed(TEXTS)

    assert server.calls == 2 * 3


def test_a_batch_that_is_too_much_for_the_time_is_halved() -> None:
    def answer(texts: list[str]) -> Reply:
        time.sleep(1.2 if len(texts) > 40 else 0)
        return vectors(texts)

    with embedding_server(answer) as server:
        made = embedder(server, timeout_seconds=0.6).embed(TEXTS[:60])

    assert np.allclose(made, rows(TEXTS[:60]), atol=1e-6)


# -- strange answers --------------------------------------------------------------------------------------------------


def changed(change: Callable[[list[dict[str, Any]]], Any]) -> Callable[[list[str]], Reply]:
    """The proper answer with other `data`; rows by their index."""

    def answer(texts: list[str]) -> Reply:
        status, headers, content = vectors(texts)
        content["data"] = change(sorted(content["data"], key=lambda row: int(row["index"])))
        return status, headers, content

    return answer


def with_last(data: list[dict[str, Any]], **fields: Any) -> list[dict[str, Any]]:
    return [*data[:-1], data[-1] | fields]


STRANGE: dict[str, Callable[[list[str]], Reply]] = {
    "truncated JSON": lambda texts: (200, {}, json.dumps(vectors(texts)[2])[:-40]),
    "a web page": lambda _: (200, {"Content-Type": "text/html"}, "<html>Welcome</html>"),
    "nothing": lambda _: (200, {}, ""),
    "a JSON list": lambda _: (200, {}, [1, 2]),
    "too few rows": changed(lambda data: data[:-1]),
    "too many rows": changed(lambda data: [*data, data[-1]]),
    "another length": changed(lambda data: with_last(data, embedding=[1.0, 2.0] if len(data) > 1 else [])),
    "no numbers": changed(lambda data: with_last(data, embedding=[])),
    "NaN": changed(lambda data: with_last(data, embedding=[float("nan")] * 8)),
    "None": changed(lambda data: with_last(data, embedding=[None] * 8)),
    "beyond 32 bits": changed(lambda data: with_last(data, embedding=[1e300] * 8)),
    "base64": changed(lambda data: with_last(data, embedding="AACAPwAAAEA=")),
    "an index twice": changed(lambda data: with_last(data, index=0) if len(data) > 1 else with_last(data, index=7)),
    "no index": changed(lambda data: with_last(data, index=None)),
    "a chat completion": lambda _: (200, {}, {"object": "chat.completion", "choices": []}),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_one_strange_answer_is_not_believed_and_asked_for_again(kind: str) -> None:
    strange = [STRANGE[kind]]

    def answer(texts: list[str]) -> Reply:
        return strange.pop()(texts) if strange and texts != ["size"] else vectors(texts)

    with embedding_server(answer) as server:
        made = embedder(server).embed(TEXTS)

    assert np.allclose(made, rows(TEXTS), atol=1e-6)


@pytest.mark.parametrize("kind", STRANGE)
def test_a_server_that_answers_nothing_but_strange_things_ends_in_words(kind: str) -> None:
    with (
        embedding_server(STRANGE[kind]) as server,
        pytest.raises(InsightsError, match="did not answer one vector") as caught,
    ):
        embedder(server).embed(TEXTS)

    assert server.calls <= 4
    assert "embedding model" in caught.value.remedy


def test_answers_of_another_length_than_the_first_are_not_believed() -> None:
    def answer(texts: list[str]) -> Reply:
        return vectors(texts) if texts == ["size"] and server.calls == 1 else changed(shorter)(texts)

    def shorter(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"embedding": row["embedding"][:4]} for row in data]

    with embedding_server(answer) as server, pytest.raises(InsightsError, match="of 8 numbers for each text"):
        embedder(server).embed(TEXTS)


# -- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_a_login_error_after_one_question(status: int) -> None:
    with embedding_server(lambda _: refusal(status)) as server, pytest.raises(InsightsError) as caught:
        embedder(server).embed(TEXTS)

    assert server.calls == 1
    assert caught.value.exit_code is ExitCode.LOGIN
    assert "INSIGHTS_API_KEY" in caught.value.remedy


def test_a_model_that_is_gone_ends_in_words() -> None:
    with embedding_server(lambda _: refusal(404, "model_not_found")) as server, pytest.raises(InsightsError) as caught:
        embedder(server).embed(TEXTS)

    assert server.calls == 1
    assert "knows no embedding model 'small'" in caught.value.message
    assert "embedding.embedder" in caught.value.remedy


def said(status: int, message: str, code: str | None = None) -> Reply:
    return status, {}, {"error": {"message": message, "type": "invalid_request_error", "code": code}}


TOO_LONG = [
    refusal(400, "context_length_exceeded"),
    refusal(413),
    said(400, "Requested 400000 tokens, max 300000 tokens per request", "max_tokens_per_request"),
    said(413, "Input validation error: `inputs` must have less than 512 tokens. Given: 534"),
    said(422, "batch size 128 > maximum allowed batch size 32"),
    said(500, "input is too large to process. increase the physical batch size"),
    said(429, "Request too large for small on tokens per min (TPM): Limit 1000.", "rate_limit_exceeded"),
]


@pytest.mark.parametrize("refused", TOO_LONG)
def test_a_batch_that_is_too_long_is_halved(refused: Reply) -> None:
    waited = Waited()
    with embedding_server(lambda texts: vectors(texts) if len(texts) <= 20 else refused) as server:
        made = embedder(server, waited=waited).embed(TEXTS)

    assert np.allclose(made, rows(TEXTS), atol=1e-6)
    assert waited == []


@pytest.mark.parametrize("refused", TOO_LONG)
def test_a_text_that_is_too_long_is_cut_and_the_others_are_not(refused: Reply) -> None:
    def answer(texts: list[str]) -> Reply:
        return vectors(texts) if all(len(text) <= 1500 for text in texts) else refused

    long = "x" * 5000
    with embedding_server(answer) as server:
        model = embedder(server)
        made = model.embed([*TEXTS[:10], long])

    assert np.allclose(made, rows([*TEXTS[:10], long[:1250]]), atol=1e-6)
    assert model.texts_refused == 0


def test_a_server_that_takes_nothing_ends_in_words() -> None:
    with embedding_server(lambda _: refusal(413)) as server, pytest.raises(InsightsError, match="no request of this"):
        embedder(server).embed(TEXTS)

    assert server.calls <= 3


@pytest.mark.parametrize("refused", [refusal(400), refusal(422, "content_filter"), refusal(500)])
def test_one_refused_text_does_not_lose_the_others(refused: Reply) -> None:
    bad = TEXTS[123]
    with embedding_server(lambda texts: refused if bad in texts else vectors(texts)) as server:
        model = embedder(server)
        made = model.embed(TEXTS)

    others = [place for place, text in enumerate(TEXTS) if text != bad]
    assert np.allclose(made[others], rows([TEXTS[place] for place in others]), atol=1e-6)
    assert np.isclose(np.linalg.norm(made[123]), 1.0)
    assert model.texts_refused == 1


def test_a_text_whose_vector_is_never_a_number_does_not_lose_the_others() -> None:
    bad = TEXTS[5]

    def answer(texts: list[str]) -> Reply:
        if bad not in texts:
            return vectors(texts)
        return changed(lambda data: [row | {"embedding": [float("nan")] * 8} for row in data])(texts)

    with embedding_server(answer) as server:
        model = embedder(server)
        made = model.embed(TEXTS[:20])

    assert np.allclose(made[6:], rows(TEXTS[6:20]), atol=1e-6)
    assert np.isfinite(made).all()
    assert model.texts_refused == 1


def test_refused_texts_are_not_alike() -> None:
    def answer(texts: list[str]) -> Reply:
        wide = changed(lambda data: [row | {"embedding": row["embedding"] * 100} for row in data])
        return wide(texts) if texts == ["size"] else refusal(400)

    with embedding_server(answer) as server:
        made = embedder(server).embed(TEXTS[:8])
        again = embedder(server).embed(TEXTS[:8])

    assert np.abs(made @ made.T - np.eye(8)).max() < 0.2
    assert np.array_equal(made, again)


def test_half_a_character_does_not_stop_a_batch() -> None:
    with embedding_server() as server:
        made = embedder(server).embed(["export \ud83d hangs", "login fails"])

    assert np.allclose(made, rows(["export ? hangs", "login fails"]), atol=1e-6)


# -- many at once -----------------------------------------------------------------------------------------------------


def test_the_vectors_depend_neither_on_how_many_are_asked_at_once_nor_on_the_order() -> None:
    texts = [f"{'really ' * (number % 9)}{number} exports hang" for number in range(900)]
    bad = set(texts[::300])

    def answer(batch: list[str]) -> Reply:
        time.sleep(0.01)
        if bad & set(batch):
            return refusal(400)
        return vectors(batch) if len(batch) <= 100 else refusal(413)

    made, most = {}, {}
    for concurrency in (1, 8):
        with embedding_server(answer) as server:
            made[concurrency] = embedder(server, concurrency=concurrency).embed(texts)
            most[concurrency] = server.most_at_once
    with embedding_server(answer) as server:
        backwards = embedder(server).embed(texts[::-1])[::-1]

    assert most[1] == 1
    assert 2 <= most[8] <= 8
    assert np.array_equal(made[1], made[8])
    assert np.array_equal(made[1], backwards)


def test_batches_are_no_larger_than_the_largest_request() -> None:
    texts = [f"{number} {'ж' * 7_000}" for number in range(200)]
    with embedding_server() as server:
        embedder(server).embed(texts)

    assert max(sum(len(text.encode()) for text in batch) for batch in server.asked) <= 256_000


def test_a_text_is_asked_once_a_call_as_a_string_and_in_floats() -> None:
    with embedding_server() as server:
        made = embedder(server).embed([*TEXTS, *TEXTS, " "])

    assert sorted(text for batch in server.asked for text in batch) == sorted([*TEXTS, "size"])
    assert all(body["encoding_format"] == "float" for body in server.bodies)
    assert np.array_equal(made[:300], made[300:600])


def test_tokens_are_counted_as_the_server_tells_them() -> None:
    with embedding_server() as server:
        model = embedder(server)
        model.embed(TEXTS)

    assert model.tokens_used == 10 * 301


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": None}, "much"])
def test_tokens_that_are_not_told_are_none(usage: Any) -> None:
    with embedding_server(lambda texts: vectors(texts, usage=usage)) as server:
        model = embedder(server)
        model.embed(TEXTS)

    assert model.tokens_used == 0
