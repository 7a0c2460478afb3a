"""Every mention but noise gets one vector by one embedder: never two spaces in one store, never paid twice."""

from collections.abc import Sequence

import numpy as np
import pytest

from insights.ports import Vectors
from insights.storage.mentions import MentionStore
from tests.drafts import a_draft, save, split_whole
from tests.fakes import HashingEmbedder
from tests.stages.night import Night


def prepared(night: Night, texts: Sequence[str]) -> None:
    save(night.repository, *(a_draft(text, number=number) for number, text in enumerate(texts)))
    split_whole(night.repository)


def stored(night: Night) -> Vectors:
    return night.vectors.matrix([mention.id for mention in night.mentions()])


def test_every_mention_gets_the_vector_of_its_words(night: Night) -> None:
    prepared(night, ["export hangs", "login fails"])

    assert night.embed() == 2

    assert np.allclose(stored(night), HashingEmbedder().embed(["export hangs", "login fails"]), atol=1e-6)
    assert night.embed() == 0
    assert len(night.embedder.asked) == 2


def test_another_embedder_makes_all_vectors_anew(night: Night) -> None:
    prepared(night, ["export hangs", "login fails"])
    night.embed()
    other = HashingEmbedder(dimensions=48, name="other")

    assert night.embed(other) == 2

    assert stored(night).shape == (2, 48)
    assert night.vectors.count() == 2
    assert night.repository.mentions.count_unembedded(other.fingerprint) == 0


def test_going_back_to_the_first_embedder_makes_all_anew_again(night: Night) -> None:
    prepared(night, ["export hangs"])
    night.embed()
    night.embed(HashingEmbedder(name="other"))

    assert night.embed() == 1

    assert np.allclose(stored(night), HashingEmbedder().embed(["export hangs"]), atol=1e-6)


def test_a_kill_between_storing_and_marking_does_not_embed_twice(night: Night) -> None:
    prepared(night, ["export hangs", "login fails"])
    first = night.repository.mentions.unembedded("any", limit=1)[0]
    night.embed()
    unmark(night, first.id)

    assert night.embed() == 1

    assert night.embedder.asked == ["export hangs", "login fails"]
    assert night.repository.mentions.count_unembedded(night.embedder.fingerprint) == 0


def unmark(night: Night, mention: int) -> None:
    """As a kill leaves it: the vector is stored, its mention is not marked."""
    from sqlalchemy import update

    from insights.storage import tables

    with night.repository.writing() as connection:
        connection.execute(update(tables.mention).where(tables.mention.c.id == mention).values(embedded_by=None))


def test_an_embedder_that_fails_midway_loses_nothing_and_pays_nothing_twice(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("insights.stages.embed.BATCH", 2)
    prepared(night, [f"export hangs {number}" for number in range(5)])
    failing = Failing(fails_at=2)
    with pytest.raises(ConnectionError):
        night.embed(failing)

    failing.fails_at = 0
    night.embed(failing)

    assert sorted(failing.asked) == sorted(f"export hangs {number}" for number in range(5))
    assert night.vectors.count() == 5


class Failing(HashingEmbedder):
    """Gives up at its n-th call, before it costs anything."""

    def __init__(self, *, fails_at: int) -> None:
        super().__init__()
        self.fails_at = fails_at
        self.calls = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.calls += 1
        if self.calls == self.fails_at:
            raise ConnectionError("gone")
        return super().embed(texts)


def test_vectors_of_changed_and_removed_items_go(night: Night) -> None:
    prepared(night, ["export hangs", "login fails"])
    night.embed()
    old = [mention.id for mention in night.mentions()]
    save(night.repository, a_draft("import hangs", number=0))
    with night.repository.writing() as connection:
        night.repository.feedback.remove("tickets", ["T-1"], connection=connection)
    split_whole(night.repository)

    night.embed()

    assert night.vectors.present(old) == set()
    assert night.vectors.count() == 1
    assert night.repository.mentions.gone_vectors() == []


def test_the_store_holds_no_words(night: Night, tmp_path_factory: pytest.TempPathFactory) -> None:
    prepared(night, ["xylophonecanary hangs"])

    night.embed()

    folder = night.vectors._place.folder
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if b"xylophonecanary" in path.read_bytes()] == []


def test_a_mention_remembers_who_embedded_it(night: Night) -> None:
    prepared(night, ["export hangs"])
    night.embed()
    store: MentionStore = night.repository.mentions

    assert store.count_unembedded(night.embedder.fingerprint) == 0
    assert store.count_unembedded("someone else") == 1
