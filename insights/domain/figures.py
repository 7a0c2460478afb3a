"""Figures as people say them: amounts, returns, counts, durations, trends. Pure; amounts are never converted."""

import math
from collections.abc import Sequence

from insights.domain.estimate import Range

UNKNOWN = "unknown"

_BARS = "▁▂▃▄▅▆▇█"
_FULL_BAR = 4
"""Items a week from which a bar may be full: a single one is no peak."""

_UNITS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))


def money(amount: float | None, currency: str) -> str:
    """Two or three significant digits with the sign before; `unknown` for None and for what is no number."""
    if amount is None or not math.isfinite(amount):
        return UNKNOWN
    digits = _short(abs(amount))
    space = " " if currency[-1:].isalpha() else ""
    minus = "−" if amount < 0 and digits != "0" else ""
    return f"{minus}{currency}{space}{digits}"


def money_range(value: Range | None, currency: str) -> str:
    """Low to high: "$120k to $1.3M"; one amount where both look alike."""
    if value is None:
        return UNKNOWN
    low, high = money(value.low, currency), money(value.high, currency)
    return low if low == high else f"{low} to {high}"


def span(value: Range, currency: str = "") -> str:
    """Low to high, for a table: $210k–$840k."""
    return f"{money(value.low, currency)}–{money(value.high, currency)}"


def times(roi: float | None) -> str:
    """A return on investment as a multiple of the cost: 3.2x is 320 %."""
    if roi is None or not math.isfinite(roi):
        return UNKNOWN
    digits = _short(abs(roi), whole_below=0)
    return f"{'−' if roi < 0 and digits != '0' else ''}{digits}×"


def counted(number: int, noun: str) -> str:
    """1 item, 2 items, 12,345 items."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def clock(seconds: float) -> str:
    """4:12, or 1:04:12."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def spark(counts: Sequence[int]) -> str:
    """One bar a count, the largest highest, the lowest for none; one or two a week stay low, too."""
    top = max([*counts, _FULL_BAR])
    return "".join(_BARS[-(-count * 7 // top)] if count > 0 else _BARS[0] for count in counts)


def _short(amount: float, *, whole_below: float = 1000) -> str:
    """The digits and the unit of an amount that is not negative. A unit begins where the one below would round up
    to a thousand of itself: 999,600 is 1M."""
    for size, unit in _UNITS:
        if amount >= size * 0.9995:
            return f"{_digits(amount / size)}{unit}"
    return f"{amount:.0f}" if amount < whole_below else _digits(amount)


def _digits(number: float) -> str:
    """One decimal below ten, none above: 1.3, 42, 3."""
    text = f"{number:.1f}" if number < 9.95 else f"{number:.0f}"
    return text.removesuffix(".0")
