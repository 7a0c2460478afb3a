"""What lenses see of problems: their figures as arrays, NaN where nobody knows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.domain.estimate import Estimate, Revision
from insights.domain.facts import Facts, Firm, Scores
from insights.domain.problem import Problem
from insights.worth.value import held

Array = NDArray[np.float64]

QUARTER_DAYS = 91
KEPT = "revenue kept"
"""The part of an estimate that is of accounts."""

SEVERITIES = ("wish", "annoys", "hurts", "blocks")
_NOT_KNOWN = "default"
"""What the source of an effort begins with where nobody estimated it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a quarter brought of a problem: distinct accounts, and items of no known account."""

    accounts: int = 0
    items: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Problems. All arrays have the shape (n,), but for `weekly` (n, weeks), items a week, oldest first, and `scores`
    (n, 3), promoters, passives and detractors among those who answered with the problem.

    `rank` is by return. `value` and `cost` are likely money of a year, `weeks` likely weeks of one engineer, `soon` the
    part of the value that falls due within `soon_days`. `reach_accounts` and `reach_items` were heard in the last
    quarter. `payers` are accounts of known revenue, `leaving` the share of the accounts, 0..1, that speak of leaving.
    `severity` is 1 (a wish) to 4 (blocks), `effort_known` 1 where other than a default told the effort."""

    ids: NDArray[np.int64]
    rank: Array
    roi: Array
    value: Array
    cost: Array
    weeks: Array
    soon: Array
    soon_days: float
    items: Array
    accounts: Array
    reach_accounts: Array
    reach_items: Array
    payers: Array
    leaving: Array
    severity: Array
    effort_known: Array
    weekly: Array
    scores: Array
    all_scores: Array

    def __len__(self) -> int:
        return len(self.ids)


def seen_of(
    problems: Sequence[Problem],
    *,
    facts: Mapping[int, Facts],
    firm: Firm,
    heard: Mapping[int, Heard],
    revisions: Mapping[int, Revision],
    soon_days: float,
) -> Seen:
    """The problems in their order. Their `weekly` counts are of as many weeks. What a person said of the severity
    outranks what the facts say."""
    known = [facts.get(problem.id) for problem in problems]
    made = [problem.estimate for problem in problems]
    reach = [heard.get(problem.id, Heard()) for problem in problems]
    said = [revisions.get(problem.id, Revision()).severity for problem in problems]
    severity = [person or (some.severity if some else None) for person, some in zip(said, known, strict=True)]
    weeks = len(problems[0].weekly) if problems else 0
    value = _array([one.value.likely if one else None for one in made])
    soon = _array([_soon(one, some, within=soon_days) for one, some in zip(made, known, strict=True)])
    return Seen(
        ids=np.array([problem.id for problem in problems], dtype=np.int64),
        rank=_array([one.rank if one else None for one in made]),
        roi=_array([one.roi.likely if one else None for one in made]),
        value=value,
        cost=_array([one.cost.likely if one else None for one in made]),
        weeks=_array([one.weeks.likely if one else None for one in made]),
        soon=np.minimum(soon, value),
        soon_days=soon_days,
        items=_array([problem.items for problem in problems]),
        accounts=_array([problem.accounts for problem in problems]),
        reach_accounts=_array([one.accounts for one in reach]),
        reach_items=_array([one.items for one in reach]),
        payers=_array([_payers(some) for some in known]),
        leaving=_array([_leaving(some) for some in known]),
        severity=_array([SEVERITIES.index(word) + 1 if word in SEVERITIES else None for word in severity]),
        effort_known=_array([one is not None and not one.cost_source.startswith(_NOT_KNOWN) for one in made]),
        weekly=np.array([problem.weekly for problem in problems], dtype=np.float64).reshape(len(problems), weeks),
        scores=np.array([_counts(some.scores if some else Scores()) for some in known]).reshape(-1, 3),
        all_scores=np.array(_counts(firm.scores)),
    )


def _array(values: Sequence[float | None]) -> Array:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _payers(facts: Facts | None) -> int:
    return sum(one.revenue is not None for one in facts.accounts) if facts else 0


def _leaving(facts: Facts | None) -> float:
    accounts = facts.accounts if facts else ()
    return sum(one.says_leaving for one in accounts) / len(accounts) if accounts else 0.0


def _counts(scores: Scores) -> tuple[float, float, float]:
    return float(scores.promoters), float(scores.passives), float(scores.detractors)


def _soon(estimate: Estimate | None, facts: Facts | None, *, within: float) -> float:
    """Of the revenue kept, what accounts bring that renew within so many days, by their share of the known revenue."""
    if estimate is None or facts is None:
        return 0.0
    kept = sum(part.value.likely for part in estimate.parts if part.name == KEPT)
    near = [one.renewal_days is not None and 0 <= one.renewal_days <= within for one in facts.accounts]
    revenue = [held(one.revenue) for one in facts.accounts]
    total = sum(revenue)
    return kept * sum(some for some, is_near in zip(revenue, near, strict=True) if is_near) / total if total else 0.0
