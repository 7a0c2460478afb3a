"""What customers and services write does nothing: not in a tracker, not in a file, not in a mail, not on a terminal."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from insights.config import Settings
from insights.export import export_all
from insights.filing import Once
from insights.ports import Tracker
from insights.storage.repository import Repository
from tests.fakes import quiet
from tests.hostile.acting import READERS, assert_title_is_inert, hostile_problems
from tests.hostile.trackers.every import EVERY
from tests.hostile.tracking import TrackerServer, serving, tracker_on
from tests.stored import KEY, NOW

SETTINGS = Settings.model_validate({"export": {"quotes": 20}})


def name_of(dialect: Any) -> str:
    return str(dialect.__name__.removesuffix("TrackerDialect").lower())


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY)
    yield opened
    opened.close()


@pytest.fixture(params=EVERY, ids=name_of)
def server(request: pytest.FixtureRequest) -> Iterator[TrackerServer]:
    with serving(request.param()) as opened:
        yield opened


def nobody_waits(_: float) -> None:
    """Trackers' budgets are not what is tested."""


def file_all(repository: Repository, tracker: Tracker, *, currency: str = "$") -> None:
    numbers = [problem.id for problem in repository.problems.all()]
    done = export_all(
        numbers,
        repository=repository,
        tracker=tracker,
        now=NOW,
        currency=currency,
        progress=quiet,
        settings=SETTINGS,
        once=Once(sleep=nobody_waits),
    )
    assert not done.failed and len(done.done) == len(numbers)


def without_marks(body: Any, marker: str) -> Any:
    """The body without the two marks around our part, of which there are no more than two."""
    if not isinstance(body, str):
        texts = json.dumps(body)
        assert texts.count(marker) == 2
        return json.loads(texts.replace(marker, "mark"))
    assert body.count(marker) == 2
    return re.sub(rf"<!-- /?{marker} -->|{marker}:", "", body)


def test_no_word_of_a_customer_acts_in_a_tracker(repository: Repository, server: TrackerServer) -> None:
    numbers = hostile_problems(repository)
    tracker = tracker_on(server.dialect, server.base, sleep=nobody_waits)

    file_all(repository, tracker)

    assert len(server.office.there()) == len(numbers)
    for issue in server.office.there():
        assert_title_is_inert(issue.title)
        marker = f"insights-{repository.filings.workspace_marker()}-P-{issue.number}"
        READERS[name_of(type(server.dialect))](without_marks(issue.body, marker))
