"""Workspaces with nights, for tests: problems of which a night told something."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from insights.config import Settings
from insights.digest.changes import changes
from insights.digest.contents import Digest, Reader
from insights.domain.night import Drivers, News, NewsKind, Night, Seen
from insights.domain.problem import Action
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.stored import NOW

STEADY = [2] * 26
SETTINGS = Settings()


def news(problem_id: int, kind: NewsKind, **fields: Any) -> News:
    return News(problem_id=problem_id, kind=kind, day=fields.pop("day", NOW.date()), **fields)


def moved(problem_id: int, before: int, after: int, **fields: Any) -> News:
    return news(problem_id, NewsKind.MOVED, before=before, after=after, **fields)


def a_night(
    repository: Repository,
    *told: News,
    days_ago: float = 0,
    severities: Mapping[int, str] | None = None,
) -> Night:
    """A night that told this; every problem there is was seen by it."""
    run = repository.runs.start(mode="offline", at=NOW - timedelta(days=days_ago))
    problems = {
        one.id: Seen(
            rank=one.estimate.rank if one.estimate else None,
            drivers=Drivers(severity=(severities or {}).get(one.id, "")),
        )
        for one in repository.problems.all()
    }
    night = Night(run_id=run.id, at=run.started_at, day=run.started_at.date(), problems=problems, news=told)
    repository.nights.keep(night)
    return night


def digest_after(repository: Repository, *told: News, reader: Reader | None = None, **fields: Any) -> Digest:
    """The digest of one night that told this, beside the night before it."""
    severities = fields.pop("severities", None)
    if repository.nights.last() is None:
        a_night(repository, days_ago=1)
    before = repository.nights.last()
    a_night(repository, *told, severities=severities)
    settings = fields.pop("settings", SETTINGS)
    assert before is not None
    return changes(
        repository, settings, reader=reader, since_run=before.run_id, **{"since": before.at, "now": NOW} | fields
    )


def decide(repository: Repository, problem_id: int, action: Action, *, days_ago: float = 0, **fields: Any) -> None:
    who = fields.pop("who", "ann")
    Triage(repository, who, lambda: NOW - timedelta(days=days_ago)).decide(problem_id, action, **fields)
