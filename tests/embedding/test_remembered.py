"""A text is paid once: recalled by content, kept as each answer comes, rounded alike whether it is new or recalled."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from insights.config import Embedding
from insights.embedding.choose import embedder_for
from insights.embedding.openai_compatible import OpenAIEmbedder
from insights.embedding.remembered import RememberedEmbedder
from insights.embedding.rows import unit_rows
from insights.errors import InsightsError
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.embedding.embedding_server import EmbeddingServer, Reply, embedding_server, refusal, rows, vector, vectors
from tests.stored import KEY

TEXTS = [f"the export of list {number} hangs" for number in range(300)]


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    yield opened
    opened.close()


def remembered(repository: Repository, server: EmbeddingServer, **options: Any) -> RememberedEmbedder:
    """A new embedder over the same memory, as the next run has it."""
    asked = OpenAIEmbedder("small", base_url=server.base_url, sleep=lambda _: None, **options)
    return RememberedEmbedder(asked, repository.paid_vectors)


def test_what_was_answered_is_recalled_by_the_next_run(repository: Repository) -> None:
    with embedding_server() as server:
        first = remembered(repository, server).embed(TEXTS)
        calls = server.calls
        again = remembered(repository, server)
        second = again.embed(TEXTS[::-1])[::-1]

    assert calls == 1 + 3
    assert server.calls == calls
    assert np.array_equal(first, second)
    assert (again.texts_recalled, again.tokens_used, again.dimensions) == (300, 0, 8)


def test_only_what_is_new_is_asked(repository: Repository) -> None:
    with embedding_server() as server:
        remembered(repository, server).embed(TEXTS[:200])
        made = remembered(repository, server).embed([*TEXTS, *TEXTS, " "])

    assert max(server.paid.values()) == 1
    assert sum(server.paid.values()) == 301
    assert np.allclose(made[:300], rows(TEXTS), atol=1e-3)
    assert np.array_equal(made[:300], made[300:600])


def test_texts_in_another_order_get_the_same_vectors(repository: Repository, tmp_path: Path) -> None:
    other = Repository(f"sqlite:///{tmp_path / 'other.db'}", key=KEY, actor=ADA)
    with embedding_server() as server:
        forwards = remembered(repository, server, concurrency=1).embed(TEXTS)
        backwards = remembered(other, server, concurrency=8).embed(TEXTS[::-1])[::-1]
    other.close()

    assert np.array_equal(forwards, backwards)


def test_another_model_is_asked_anew(repository: Repository) -> None:
    with embedding_server() as server:
        remembered(repository, server).embed(TEXTS[:3])
        large = OpenAIEmbedder("large", base_url=server.base_url)
        RememberedEmbedder(large, repository.paid_vectors).embed(TEXTS[:3])

    assert all(server.paid[text] == 2 for text in TEXTS[:3])


@pytest.mark.parametrize("concurrency", [1, 4])
def test_what_was_paid_before_a_fault_is_kept_and_the_next_run_asks_only_for_the_rest(
    repository: Repository, concurrency: int
) -> None:
    texts = [f"{number} exports hang" for number in range(2_000)]

    def answer(batch: list[str]) -> Reply:
        return vectors(batch) if len(server.answered) < 6 else refusal(503)

    with embedding_server(answer) as server:
        with pytest.raises(InsightsError, match="overloaded"):
            remembered(repository, server, concurrency=concurrency).embed(texts)
        before = sum(server.paid.values())
        server.answer = vectors
        made = remembered(repository, server, concurrency=concurrency).embed(texts)

    assert before > 600
    assert sum(server.paid.values()) == 2_001
    assert max(server.paid.values()) == 1
    assert np.allclose(made, rows(texts), atol=1e-3)


def test_halves_that_were_answered_are_kept_when_the_other_halves_fail(repository: Repository) -> None:
    def answer(batch: list[str]) -> Reply:
        if len(batch) > 16:
            return refusal(413)
        return vectors(batch) if len(server.answered) < 4 else refusal(401)

    with embedding_server(answer) as server:
        with pytest.raises(InsightsError, match="refused the key"):
            remembered(repository, server, concurrency=1).embed(TEXTS[:128])
        server.answer = vectors
        remembered(repository, server).embed(TEXTS[:128])

    assert max(server.paid.values()) == 1


def test_a_refused_text_is_not_kept_and_asked_again(repository: Repository) -> None:
    bad = TEXTS[7]
    with embedding_server(lambda batch: refusal(400) if bad in batch else vectors(batch)) as server:
        model = remembered(repository, server)
        refused = model.embed(TEXTS[:20])[7]
        server.answer = vectors
        taken = remembered(repository, server).embed(TEXTS[:20])[7]

    assert model.texts_refused == 1
    assert not np.allclose(refused, taken, atol=0.1)
    assert np.allclose(taken, rows([bad])[0], atol=1e-3)
    assert server.paid[bad] == 1


def test_answers_of_another_length_than_those_kept_are_not_believed_and_not_kept(repository: Repository) -> None:
    def shorter(batch: list[str]) -> Reply:
        return vectors(batch, data=[{"index": n, "embedding": vector(text)[:4]} for n, text in enumerate(batch)])

    with embedding_server() as server:
        remembered(repository, server).embed(TEXTS[:3])
        server.answer = shorter
        with pytest.raises(InsightsError, match="vector of 8 numbers") as caught:
            remembered(repository, server).embed(TEXTS[:6])
        server.answer = vectors
        made = remembered(repository, server).embed(TEXTS[:6])

    assert "replaced" in caught.value.remedy
    assert np.allclose(made, rows(TEXTS[:6]), atol=1e-3)


def test_blank_texts_cost_nothing(repository: Repository) -> None:
    with embedding_server() as server:
        made = remembered(repository, server).embed(["", " \n"])
        empty = remembered(repository, server).embed([])

    assert server.asked == [["size"]]
    assert np.allclose(made, np.eye(8)[[0, 0]])
    assert empty.shape == (0, 8)


def test_rounding_to_16_bits_changes_no_cosine_by_a_thousandth() -> None:
    chance = np.random.default_rng(7)
    even = chance.standard_normal((500, 1536))
    # Vectors of real models share a part, and a few of their numbers are large.
    uneven = chance.standard_t(2, (500, 1536)) + 3 * chance.standard_normal(1536)
    for given in (even, uneven):
        exact = unit_rows(given).astype(np.float64)
        rounded = unit_rows(unit_rows(given).astype(np.float16)).astype(np.float64)

        assert (1 - (exact * rounded).sum(axis=1)).max() < 1e-6
        assert np.abs(exact @ exact.T - rounded @ rounded.T).max() < 1e-3


def test_only_embedders_that_cost_are_remembered(repository: Repository) -> None:
    memory = repository.paid_vectors

    assert isinstance(embedder_for(Embedding(embedder="openai:small"), memory=memory), RememberedEmbedder)
    assert isinstance(embedder_for(Embedding(embedder="openai:small")), OpenAIEmbedder)
    assert not isinstance(embedder_for(Embedding(), memory=memory), RememberedEmbedder)
