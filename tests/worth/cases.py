"""Facts, assumptions and cases for tests of worth: name what matters, the rest is plain."""

from dataclasses import replace
from typing import Any

import numpy as np

from insights.domain.estimate import Range
from insights.domain.facts import Affected, Facts
from insights.worth.leaving import Moves, Usual
from insights.worth.quantiles import SCORES, amounts_at
from insights.worth.simulation import Case
from insights.worth.value import Assumptions

MOVES = Moves(
    severity={"blocks": 2.0, "hurts": 1.0, "annoys": 0.6, "wish": 0.4},
    detractor=1.5,
    promoter=0.7,
    says_leaving=3.0,
    renewal_soon=1.5,
    renewal_days=90,
)
ASSUMPTIONS = Assumptions(
    loss=Range(0.01, 0.03, 0.08),
    win=Range(0.02, 0.10, 0.25),
    lost_deal_share=0.3,
    minutes_per_item=30,
    hourly_cost=40,
    share_avoided=Range(0.4, 0.7, 0.9),
    weeks=Range(1, 3, 8),
    request_weeks=Range(2, 4, 12),
    week_cost=4000,
    moves=MOVES,
    usual=Usual(chance=0.1, years=20),
)
NOTHING = Facts(items=0, days=30, severity="hurts")


def paying(*revenues: float | None, first: int = 1, **fields: Any) -> tuple[Affected, ...]:
    """Accounts that pay so much a year."""
    return tuple(Affected(account=first + place, revenue=revenue, **fields) for place, revenue in enumerate(revenues))


def facts(**fields: Any) -> Facts:
    return replace(NOTHING, **fields)


def a_case(number: int = 1, *, kept: Range | None = None, **fields: Any) -> Case:
    """A problem whose only value is revenue kept: a lognormal with these quantiles."""
    value = kept or Range(10_000, 30_000, 90_000)
    defaults: dict[str, Any] = {
        "kept": amounts_at(value, SCORES) if value.high else np.zeros_like(SCORES),
        "deals": 0.0,
        "win": ASSUMPTIONS.win,
        "items": 0.0,
        "item_cost": 0.0,
        "avoided": ASSUMPTIONS.share_avoided,
        "weeks": Range(1, 3, 9),
        "week_cost": 4000.0,
    }
    return Case(id=number, **{**defaults, **fields})
