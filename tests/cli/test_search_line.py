"""`insights search` takes filters among its words, as the application does; what is not understood is refused."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from insights.bootstrap import open_workspace
from insights.domain.feedback import FeedbackKind
from insights.errors import InsightsError
from insights.storage.vectors import VECTORS_BY
from tests.cli.calling import Run, caller, made
from tests.drafts import a_draft, save, split_whole
from tests.stored import NOW


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Calls `insights` where a ticket, a survey and a note say that the export hangs: 1, 40 and 80 days ago."""
    with pytest.MonkeyPatch.context() as patch:
        folder = made(tmp_path_factory.mktemp("line"), patch)
        patch.setenv("INSIGHTS_NOW", NOW.isoformat())
        _fill(folder)
        yield caller(folder)


def _fill(folder: Path) -> None:
    workspace = open_workspace(folder)
    repository = workspace.repository
    items: list[dict[str, Any]] = [
        {"text": "The export hangs, E1042", "kind": FeedbackKind.TICKET, "days": 1},
        {"text": "The export hangs a lot", "kind": FeedbackKind.NPS, "days": 40, "score": 3.0},
        {"text": "They say kind:nps and that the export hangs", "kind": FeedbackKind.NOTE, "days": 80},
    ]
    drafts = [
        a_draft(item.pop("text"), number=number, created_at=NOW - timedelta(days=item.pop("days")), **item)
        for number, item in enumerate(items, 1)
    ]
    save(repository, *drafts)
    split_whole(repository)
    embedder = workspace.embedder
    mentions = repository.mentions.unembedded("none", limit=9)
    with workspace.vectors() as vectors:
        made_of = embedder.embed([mention.text for mention in mentions])
        vectors.upsert([m.id for m in mentions], made_of, filters=[{"opaque": 1} for _ in mentions])
    repository.mentions.mark_embedded([m.id for m in mentions], fingerprint=embedder.fingerprint)
    repository.set_meta(VECTORS_BY, embedder.fingerprint)
    workspace.close()


def found(run: Run, *arguments: str) -> list[str]:
    return [one["source_id"] for one in json.loads(run("search", *arguments, "--json"))]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("export hangs kind:nps",), ["T-2"]),
        (("since:2m",), ["T-1", "T-2"]),
        (("until:2026-10 export",), ["T-2", "T-3"]),
        (("score:<=3",), ["T-2"]),
        (("kind:nps", "--kind", "ticket"), ["T-1"]),
        (("source:tickets since:7d export",), ["T-1"]),
        (("export", "hangs", "kind:nps"), ["T-2"]),
    ],
)
def test_filters_stand_among_the_words(run: Run, arguments: tuple[str, ...], expected: list[str]) -> None:
    assert sorted(found(run, *arguments)) == expected


def test_words_in_quotes_are_searched_as_they_are(run: Run) -> None:
    assert found(run, '"kind:nps"', "--limit", "1") == ["T-3"]


@pytest.mark.parametrize("line", ["export kind:np", "since:soon", "export score:high"])
def test_a_filter_that_is_not_understood_is_refused(run: Run, line: str) -> None:
    with pytest.raises(InsightsError, match="is not understood: ") as refused:
        run("search", line)

    assert "go into quotes" in refused.value.remedy


def test_neither_words_nor_filters_are_refused(run: Run) -> None:
    with pytest.raises(InsightsError, match="nothing to search for"):
        run("search", " ")
