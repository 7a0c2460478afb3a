"""Figures that only the application draws: range bars, marks, ages. Pure; for others see `insights.domain.figures`."""

from collections.abc import Sequence
from datetime import date

from insights.domain.estimate import Range
from insights.domain.figures import spark
from insights.domain.problem import Movement, Problem

DASH = "–"

MOVEMENT_MARKS = {Movement.NEW: "+", Movement.GROWING: "+", Movement.FADING: "-", Movement.STEADY: ""}
LOW_CONFIDENCE = "?"


def weeks(duration: Range) -> str:
    """3 wk (1–8)."""
    return f"{duration.likely:.3g} wk ({duration.low:.3g}–{duration.high:.3g})"


def sparkline(counts: Sequence[int], *, length: int) -> str:
    """The last `length` counts as bars; nothing was said in weeks before the first."""
    return spark([0] * (length - len(counts)) + list(counts)[-length:] if length else [])


def marks(problem: Problem) -> str:
    """+ new or growing, - fading, ? low confidence."""
    return MOVEMENT_MARKS[problem.movement] + (LOW_CONFIDENCE if is_doubtful(problem) else "")


def is_doubtful(problem: Problem) -> bool:
    """Whether the estimate rests on little: under three items, or most accounts' revenue unknown."""
    if problem.estimate is None:
        return False
    return problem.items < 3 or 2 * problem.estimate.unknown_revenue_accounts > problem.accounts


def age(day: date, today: date) -> str:
    """How old data of that day is: today, 1 d, 12 d."""
    days = (today - day).days
    return "today" if days <= 0 else f"{days} d"
