"""Nights in memory: name what matters, the rest is filled in."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from insights.config import Alerts
from insights.domain.alarm import Alarm, AlarmKind
from insights.domain.facts import Firm
from insights.domain.lineage import Event, LineageEntry
from insights.domain.night import Drivers, News, NewsKind, Night, Seen
from insights.news.compare import Found, night_of
from insights.news.snapshot import Snapshot
from insights.valuation import Grounds

START = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
NOTHING = Grounds(facts={}, firm=Firm(), heirs={}, revisions={})
ALERTS = Alerts()


def night_at(number: int) -> datetime:
    """Night 1 is START's, each following a day later."""
    return START + timedelta(days=number - 1)


def day_of(number: int) -> date:
    return night_at(number).date()


def drivers(kept: float = 100_000, *, cost: float = 10_000, **fields: Any) -> Drivers:
    """With all of the value in revenue kept, unless `parts` are given; ids are counted."""
    counts = {f"{name}_count": len(fields.get(name, ())) for name in ("renewing", "detractors", "leaving")}
    return Drivers(**{"parts": {"revenue kept": kept}, "cost": cost, "weeks": 3.0, "accounts": 5, **counts, **fields})


def seen(roi: float = 10.0, **fields: Any) -> Seen:
    """A problem that waits, worth its return; its rank is given by `ranked`."""
    defaults: dict[str, Any] = {
        "rank": None,
        "roi": roi,
        "value": 10_000 * (roi + 1),
        "items": 20,
        "waits": True,
        "drivers": drivers(10_000 * (roi + 1)),
    }
    return Seen(**{**defaults, **fields})


def ranked(problems: Mapping[int, Seen]) -> dict[int, Seen]:
    """The same with their ranks by return."""
    order = sorted(problems, key=lambda number: (-(problems[number].roi or 0.0), number))
    return {number: replace(problems[number], rank=order.index(number) + 1) for number in problems}


def an_alarm(kind: AlarmKind, *, night: int, **fields: Any) -> Alarm:
    """Told by a night; nine voices where two are usual."""
    day = day_of(night)
    return Alarm(**{"kind": kind, "opened_on": day, "told_on": day, "week": 9, "lately": 9.0, "usual": 2.0, **fields})


def entry(problem: int, event: Event, other: int, *, night: int) -> LineageEntry:
    """Of the grouping of a night."""
    return LineageEntry(problem_id=problem, event=event, reason="", at=night_at(night), run_id=night, other_id=other)


_BY_RUN: dict[int, Night] = {}
"""Nights that others followed, as a workspace keeps them."""


def _then(problem: int, run: int) -> Drivers:
    return _BY_RUN[run].problems[problem].drivers


def tonight(
    before: Night | None,
    problems: Mapping[int, Seen],
    *,
    night: int | None = None,
    alerts: Alerts = ALERTS,
    settings: str = "",
    day: date | None = None,
    **fields: Any,
) -> Night:
    """The night after `before`, of the same number's run, with these problems, ranked by their return."""
    if before is not None:
        _BY_RUN[before.run_id] = before
    number = night or (before.run_id + 1 if before else 1)
    problems = ranked(problems)
    snapshot = Snapshot(
        day=day or day_of(number),
        settings=settings,
        problems=problems,
        grounds=NOTHING,
    )
    return night_of(
        before,
        Found(run_id=number, at=night_at(number), snapshot=snapshot, **fields),
        alerts=alerts,
        renewal_days=60,
        then=_then,
    )


def nights(*several: Mapping[int, Seen], **fields: Any) -> Night:
    """The last of nights that found these one after the other."""
    night = None
    for problems in several:
        night = tonight(night, problems, **fields)
    assert night is not None
    return night


def told(night: Night) -> set[tuple[int, NewsKind]]:
    return {(one.problem_id, one.kind) for one in night.news}


def only(night: Night) -> News:
    (one,) = night.news
    return one
