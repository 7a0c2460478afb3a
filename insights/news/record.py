"""Keep what a run found, and what changed since the night before it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from insights.config import Settings
from insights.domain.lineage import Event, LineageEntry
from insights.domain.night import Drivers, Night
from insights.domain.problem import Action, State
from insights.news.compare import Found, night_of
from insights.news.snapshot import Snapshot, snapshot_of
from insights.storage.nights import WHOLE_DAYS
from insights.storage.repository import Repository

_THINNED = "nights.thinned"
_TRACKER = "(tracker)"
_NO_VERDICTS: Mapping[int, tuple[str, str]] = {}


def record_night(
    repository: Repository,
    settings: Settings,
    *,
    run_id: int,
    at: datetime,
    verdicts: Mapping[int, tuple[str, str]] = _NO_VERDICTS,
) -> Night:
    """Compare what the analysis of a run found with the night before, and keep both. Done again for the same run it
    gives the same. `verdicts`: problem -> what can be said of its release, `fell` or `stayed`, and that in words."""
    before = repository.nights.last(before_run=run_id)
    snapshot = snapshot_of(repository, settings, today=at.date(), before=before)
    found = Found(
        run_id=run_id,
        at=at,
        snapshot=snapshot,
        regrouped=_regrouped(repository, before, run_id),
        heirs=snapshot.grounds.heirs,
        reopened=_reopened(repository, before, snapshot),
        verdicts=verdicts,
    )
    night = night_of(
        before,
        found,
        alerts=settings.alerts,
        renewal_days=settings.worth.renewal_days,
        then=_Then(repository, before, at).drivers,
    )
    repository.nights.keep(night)
    _forget(repository, settings, at)
    return night


def _regrouped(repository: Repository, before: Night | None, run_id: int) -> list[LineageEntry]:
    if before is None:
        return []
    return repository.lineage.of_grouping((Event.MERGED, Event.SPLIT), after_run=before.run_id, until_run=run_id)


def _reopened(repository: Repository, before: Night | None, snapshot: Snapshot) -> frozenset[int]:
    """Problems whose shipment a tracker took back since, for their issue was opened again."""
    shipped = [number for number, seen in before.problems.items() if seen.state is State.SHIPPED] if before else []
    now = snapshot.problems
    return frozenset(
        number
        for number in shipped
        if number in now and now[number].state is not State.SHIPPED and _is_taken_back(repository, number)
    )


def _is_taken_back(repository: Repository, number: int) -> bool:
    """Whether the last decision that gave the problem its state is a tracker's undo."""
    last = next((one for one in reversed(repository.decisions.of(number)) if one.state is not None), None)
    return last is not None and last.action is Action.UNDO and last.who.endswith(_TRACKER)


@dataclass(frozen=True, slots=True)
class _Then:
    """What problems rested on when their rank was told last; nights are read once."""

    repository: Repository
    before: Night | None
    at: datetime
    nights: dict[int | None, Night | None] = field(default_factory=dict)

    def drivers(self, problem_id: int, run_id: int) -> Drivers:
        """Of the oldest night that still says so, where that one is not kept whole."""
        told = self._night(run_id)
        if told is None or told.is_thin:
            told = self._night(None)
        if told is None or told.is_thin or problem_id not in told.problems:
            told = self.before
        return told.problems[problem_id].drivers if told and problem_id in told.problems else Drivers()

    def _night(self, run_id: int | None) -> Night | None:
        if self.before is not None and run_id == self.before.run_id:
            return self.before
        if run_id not in self.nights:
            oldest = self.at - timedelta(days=WHOLE_DAYS - 1)
            kept = self.repository.nights
            self.nights[run_id] = kept.at(oldest) if run_id is None else kept.get(run_id)
        return self.nights[run_id]


def _forget(repository: Repository, settings: Settings, at: datetime) -> None:
    """Old nights are thinned and at last forgotten, once a day."""
    day, done = at.date().isoformat(), repository.get_meta(_THINNED)
    if done == day:
        return
    repository.nights.thin(at, since=datetime.fromisoformat(done).replace(tzinfo=UTC) if done else None)
    repository.nights.forget(at - timedelta(days=settings.nightly.keep_nights_days))
    repository.set_meta(_THINNED, day)
