"""A sample firm, Crateline, with half a year of feedback written for this project. Nothing in it is real.

The dates move with the clock by whole weeks, so that the newest item is at most a week old and weekdays stay.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from connectors.sources.files import FileSource
from insights.bootstrap import DATA_FOLDER, Workspace, make_workspace, now, open_workspace
from insights.config import SETTINGS_FILE
from insights.domain.access import Act, use_case
from insights.domain.customers import AccountRecord, DealRecord, DepartureRecord, SubscriptionRecord
from insights.domain.feedback import FeedbackRecord
from insights.domain.run import Run
from insights.errors import InsightsError
from insights.ports import Page, Progress, Record, Source
from insights.stages.collect import collect
from insights.text.clean import analysed_body

LAST_DAY = date(2026, 5, 31)
"""The last day of the sample as it is written."""

FILES = (
    ("accounts.csv", "account"),
    ("deals.csv", "deal"),
    ("tickets.csv", "ticket"),
    ("nps.csv", "nps"),
    ("notes.csv", "note"),
)

MARK = "demo"


def make_demo(folder: Path, *, fresh: bool, progress: Progress) -> tuple[Workspace, Run]:
    """Make the sample workspace and analyse it. `fresh` replaces an older demo, and only a demo."""
    _make_room(folder, fresh=fresh)
    make_workspace(folder, product="Crateline")
    workspace = open_workspace(folder)
    workspace.repository.set_meta(MARK, "yes")
    (workspace.data / MARK).touch()
    import_sample(workspace, progress=progress)
    return workspace, workspace.analyze(progress=progress)


@use_case(Act.BRING)
def import_sample(workspace: Workspace, *, progress: Progress) -> None:
    """Bring the sample firm's accounts, deals and feedback in."""
    weeks = (now().date() - LAST_DAY).days // 7
    for name, kind in FILES:
        source = _Moved(_file(name, kind), timedelta(weeks=weeks))
        collect(
            source,
            repository=workspace.repository,
            rejects_folder=workspace.data / "rejects",
            now=now(),
            progress=progress,
        )


def sample_texts(limit: int) -> list[str]:
    """What the sample firm's customers said, each item as it is analysed: at most so many, evenly from all files."""
    texts = [
        analysed_body(record.text, subject=record.subject)
        for name, kind in FILES
        for page in _file(name, kind).fetch({})
        for record in page.records
        if isinstance(record, FeedbackRecord)
    ]
    return [texts[place * len(texts) // limit] for place in range(limit)] if limit < len(texts) else texts


def _make_room(folder: Path, *, fresh: bool) -> None:
    if not (folder / SETTINGS_FILE).exists() and not (folder / DATA_FOLDER).exists():
        return
    if fresh and (folder / DATA_FOLDER / MARK).exists():
        shutil.rmtree(folder / DATA_FOLDER)
        (folder / SETTINGS_FILE).unlink(missing_ok=True)
        return
    raise InsightsError(
        f"{folder} holds a workspace already.",
        remedy="Name another folder, or, if it is an older demo, add --fresh to begin anew.",
    )


def _file(name: str, kind: str) -> FileSource:
    return FileSource(name=Path(name).stem, path=Path(str(files("insights.demo") / "data" / name)), kind=kind)


@dataclass(frozen=True, slots=True)
class _Moved:
    """A source whose dates are moved."""

    source: Source
    by: timedelta

    @property
    def name(self) -> str:
        return self.source.name

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        for page in self.source.fetch(state):
            yield replace(page, records=[self._moved(record) for record in page.records])

    def _moved(self, record: Record) -> Record:
        if isinstance(record, AccountRecord):
            renewal, since, left = map(self._later, (record.renewal_date, record.customer_since, record.left_on))
            return replace(record, renewal_date=renewal, customer_since=since, left_on=left)
        if isinstance(record, DealRecord):
            return replace(record, closed_on=self._later(record.closed_on))
        if isinstance(record, SubscriptionRecord):
            return replace(record, started_on=self._later(record.started_on), ended_on=self._later(record.ended_on))
        if isinstance(record, DepartureRecord):
            return replace(record, left_on=self._later(record.left_on))
        moment: datetime | None = record.created_at
        return replace(record, created_at=moment + self.by if moment else None)

    def _later(self, day: date | None) -> date | None:
        return day + self.by if day else None
