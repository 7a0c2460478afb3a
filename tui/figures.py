"""Figures as a person reads them at a glance: money, returns, trends, ranges, dates. Pure."""

from collections.abc import Sequence
from datetime import date

from insights.domain.estimate import Range
from insights.domain.problem import Movement, Problem

DASH = "–"
_BARS = "▁▂▃▄▅▆▇█"
_FULL_BAR = 4
"""Items a week from which a bar may be full: a single one is no peak."""
_UNITS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))

MOVEMENT_MARKS = {Movement.NEW: "+", Movement.GROWING: "+", Movement.FADING: "-", Movement.STEADY: ""}
LOW_CONFIDENCE = "?"


def short_number(amount: float) -> str:
    """Three digits at most and a unit: 950, 4.2k, 420k, 1.3M."""
    size = abs(amount)
    for scale, unit in _UNITS:
        if size >= scale * 0.9995:
            scaled = size / scale
            return f"{scaled:.1f}".removesuffix(".0") + unit if scaled < 9.95 else f"{scaled:.0f}{unit}"
    return f"{size:.0f}"


def money(amount: float | None, currency: str) -> str:
    """$420k; "unknown" where nobody told us."""
    if amount is None:
        return "unknown"
    number = short_number(amount)
    return f"{'-' if amount < 0 and number != '0' else ''}{currency}{number}"


def times(ratio: float) -> str:
    """A return on investment as a multiple of the cost: 2.4×."""
    if abs(ratio) >= 999.5:
        return f"{'-' if ratio < 0 else ''}{short_number(ratio)}×"
    return f"{ratio:.1f}×" if abs(ratio) < 9.95 else f"{ratio:.0f}×"


def span(amounts: Range, currency: str = "") -> str:
    """Low to high: 210k–840k."""
    return f"{money(amounts.low, currency)}–{money(amounts.high, currency)}"


def weeks(duration: Range) -> str:
    """3 wk (1–8)."""
    return f"{duration.likely:.3g} wk ({duration.low:.3g}–{duration.high:.3g})"


def sparkline(counts: Sequence[int], *, length: int) -> str:
    """The last `length` counts as bars of eight heights, the lowest for none; one or two a week stay low, too."""
    latest = [0] * (length - len(counts)) + list(counts)[-length:] if length else []
    top = max([*latest, _FULL_BAR])
    return "".join(_BARS[-(-count * 7 // top)] if count > 0 else _BARS[0] for count in latest)


def range_bar(amounts: Range, *, length: int) -> str:
    """├───●────────┤ with the dot where the likely figure lies between low and high."""
    inside = max(length - 2, 1)
    width = amounts.high - amounts.low
    share = (amounts.likely - amounts.low) / width if width > 0 else 0.5
    place = min(max(round(share * (inside - 1)), 0), inside - 1)
    return "├" + "─" * place + "●" + "─" * (inside - 1 - place) + "┤"


def marks(problem: Problem) -> str:
    """+ new or growing, - fading, ? low confidence."""
    return MOVEMENT_MARKS[problem.movement] + (LOW_CONFIDENCE if is_doubtful(problem) else "")


def is_doubtful(problem: Problem) -> bool:
    """Whether the estimate rests on little: under three items, or most accounts' revenue unknown."""
    if problem.estimate is None:
        return False
    return problem.items < 3 or 2 * problem.estimate.unknown_revenue_accounts > problem.accounts


def counted(number: int, noun: str) -> str:
    """1 item, 2 items, 12,345 items."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def age(day: date, today: date) -> str:
    """How old data of that day is: today, 1 d, 12 d."""
    days = (today - day).days
    return "today" if days <= 0 else f"{days} d"


def clock(seconds: float) -> str:
    """4:12, or 1:04:12."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
