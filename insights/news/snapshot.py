"""How every problem stands after an analysis. Figures and ids alone: what two nights are compared by."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from insights.config import Settings
from insights.domain.alarm import WEEKS, Alarm, Heard, judge
from insights.domain.estimate import Estimate, Revision, revision_to_json
from insights.domain.facts import Affected, Facts
from insights.domain.night import Drivers, Night, Seen
from insights.domain.problem import Problem, awaits_decision
from insights.storage.repository import Repository
from insights.valuation import Grounds, assumptions_of, grounds_of

MOST_IDS = 50
"""Accounts that are kept of each kind, those that pay most first."""

_DETRACTOR = 6
_DIGEST_BYTES = 8
_MONEY_DIGITS, _RETURN_DIGITS, _LOAD_DIGITS = 0, 4, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Every problem that has evidence, tonight. Of `problems` what was told is not filled in."""

    day: date
    settings: str
    problems: Mapping[int, Seen]
    grounds: Grounds


def snapshot_of(repository: Repository, settings: Settings, *, today: date, before: Night | None) -> Snapshot:
    """What there is to see now; alarms go on from those of the night before."""
    grounds = grounds_of(repository)
    problems = repository.problems.all()
    voices = repository.problems.voices(WEEKS + 1)
    drivers = {one.id: _drivers(one, grounds, renewal_days=settings.worth.renewal_days) for one in problems}
    heard = {
        one.id: Heard(
            voices=voices.by_problem.get(one.id, (0,) * (WEEKS + 1)),
            severity=drivers[one.id].severity or None,
            value=_value(one) or 0.0,
        )
        for one in problems
    }
    alarms = judge(
        heard,
        totals=[sum(week) for week in zip(*voices.by_problem.values(), strict=True)] or [0] * (WEEKS + 1),
        weeks_known=voices.weeks_known,
        before={number: seen.alarms for number, seen in before.problems.items()} if before else {},
        today=voices.last_day,
        false_alarms_a_month=settings.alerts.false_alarms_a_month,
    )
    return Snapshot(
        day=voices.last_day,
        settings=_digest(repr(assumptions_of(settings))),
        problems={one.id: _seen(one, alarms[one.id], drivers[one.id], today) for one in problems},
        grounds=grounds,
    )


def _seen(problem: Problem, alarms: tuple[Alarm, ...], drivers: Drivers, today: date) -> Seen:
    estimate = problem.estimate
    return Seen(
        rank=estimate.rank if estimate else None,
        value=_value(problem),
        roi=round(estimate.roi.likely, _RETURN_DIGITS) if estimate else None,
        items=problem.items,
        accounts=problem.accounts,
        movement=problem.movement,
        state=problem.state,
        waits=awaits_decision(problem, today),
        alarms=alarms,
        drivers=drivers,
    )


def _value(problem: Problem) -> float | None:
    return round(problem.estimate.value.likely, _MONEY_DIGITS) if problem.estimate else None


def _drivers(problem: Problem, grounds: Grounds, *, renewal_days: int) -> Drivers:
    facts, revision = grounds.facts.get(problem.id, _NO_FACTS), grounds.revisions.get(problem.id, _NO_REVISION)
    estimate, accounts = problem.estimate, sorted(facts.accounts, key=_paying)
    renewing = [one.account for one in accounts if _renews_within(one, renewal_days)]
    detractors = [one.account for one in accounts if one.score is not None and one.score <= _DETRACTOR]
    leaving = [one.account for one in accounts if one.says_leaving]
    return Drivers(
        parts=_parts(estimate),
        cost=round(estimate.cost.likely, _MONEY_DIGITS) if estimate else 0.0,
        weeks=estimate.weeks.likely if estimate else 0.0,
        weeks_source=estimate.cost_source if estimate else "",
        accounts=len(accounts),
        revenue=round(sum(one.revenue or 0.0 for one in accounts), _MONEY_DIGITS),
        renewing=tuple(renewing[:MOST_IDS]),
        renewing_count=len(renewing),
        detractors=tuple(detractors[:MOST_IDS]),
        detractors_count=len(detractors),
        leaving=tuple(leaving[:MOST_IDS]),
        leaving_count=len(leaving),
        left=facts.stay.left,
        open_deals=len(facts.open_deals),
        lost_deals=len(facts.lost_deals),
        load=round(7 * facts.items / max(facts.days, 1.0), _LOAD_DIGITS),
        severity=revision.severity or facts.severity or "",
        revised=_digest(revision_to_json(revision)) if revision != _NO_REVISION else "",
    )


_NO_FACTS, _NO_REVISION = Facts(items=0, days=1), Revision()


def _parts(estimate: Estimate | None) -> dict[str, float]:
    parts = estimate.parts if estimate else ()
    return {part.name: round(part.value.likely, _MONEY_DIGITS) for part in parts}


def _paying(one: Affected) -> tuple[float, int]:
    """Those that pay most come first."""
    return -(one.revenue or 0.0), one.account


def _renews_within(one: Affected, days: int) -> bool:
    return one.renewal_days is not None and 0 <= one.renewal_days <= days


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()
