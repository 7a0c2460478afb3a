"""Problems and estimates in memory: name the fields that matter, the rest is filled in. `tests.stored` stores them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from insights.domain.estimate import Assumption, Estimate, Part, Range
from insights.domain.feedback import Stance
from insights.domain.problem import Movement, Problem, State

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EFFORT_COST = 4000.0


def an_estimate(value: float = 420_000, **fields: Any) -> Estimate:
    """Half to double the value, three weeks of work, one part."""
    worth = Range(value / 2, value, value * 2)
    cost = Range(EFFORT_COST, 3 * EFFORT_COST, 8 * EFFORT_COST)
    defaults: dict[str, Any] = {
        "value": worth,
        "cost": cost,
        "weeks": Range(1, 3, 8),
        "roi": Range(worth.low / cost.high - 1, worth.likely / cost.likely - 1, worth.high / cost.low - 1),
        "parts": (Part(name="renewals at risk", value=worth, words="7 accounts, $610k a year × .03"),),
        "assumptions": (Assumption(name="loss", value=".03", source="default", setting="worth.loss_likely"),),
        "reason": "Seven accounts that pay $610k a year name it; the chance that they leave moves it most.",
        "rank": 1,
    }
    return Estimate(**{**defaults, **fields})


def a_problem(title: str = "CSV export times out", **fields: Any) -> Problem:
    """A problem that waits in the inbox."""
    defaults: dict[str, Any] = {
        "id": 1,
        "title": title,
        "summary": "Exports of more than 50,000 rows end with a time-out, and people build workarounds.",
        "described_by": "offline",
        "stance": Stance.PROBLEM,
        "state": State.INBOX,
        "version": 1,
        "first_seen": MORNING - timedelta(days=60),
        "last_seen": MORNING - timedelta(days=3),
        "items": 18,
        "accounts": 7,
        "mentions": 18,
        "weekly": (1, 1, 2, 2, 3, 5, 6, 8),
        "weeks_end": date(2026, 11, 20),
        "movement": Movement.GROWING,
        "estimate": an_estimate(),
    }
    return Problem(**{**defaults, **fields})
