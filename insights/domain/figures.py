"""Figures as people say them: amounts, returns, counts, durations, trends. Pure; amounts are never converted."""

import math
from collections.abc import Sequence
from decimal import Decimal

from insights.domain.estimate import Range

UNKNOWN = "unknown"

_BARS = "▁▂▃▄▅▆▇█"
_FULL_BAR = 4
"""Items a week from which a bar may be full: a single one is no peak."""

_UNITS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))
_SIGNS = {0: "", 3: "k", 6: "M", 9: "B"}

_WIDE = 1.5
"""High over low from which a range supports two significant digits at most."""
_MOST_DIGITS = 4
"""Significant digits; ends that take more to tell apart are one amount."""
_WHOLE, _TENTH = 0, -1
"""The power of ten beyond which amounts and returns are not told."""


def money(amount: float | None, currency: str) -> str:
    """Two or three significant digits with the sign before; `unknown` for None and for what is no number."""
    if amount is None or not math.isfinite(amount):
        return UNKNOWN
    digits = _short(abs(amount))
    minus = "−" if amount < 0 and digits != "0" else ""
    return f"{minus}{currency}{_space(currency)}{digits}"


def likely(value: Range, currency: str) -> str:
    """The likely amount, in the digits that its range supports: $420k, where $417,382 may as well be half."""
    return rounded(value.likely, value, currency)


def rounded(amount: float, within: Range, currency: str) -> str:
    """An amount in the digits that the range around it supports: two at most where it is wide (high over low above
    1.5, or zero inside), else as many as half its width fills, four at most. Never less than a whole."""
    place = _place(amount, within, finest=_WHOLE)
    if place is None or not math.isfinite(amount):
        return money(amount, currency)
    return to_place(amount, place, currency=currency)


def span(value: Range, currency: str = "") -> str:
    """Low to high in the digits that the range supports: $210k–840k, $0.8k–1.3k, EUR 210k–840k. Below zero each end
    has its sign and currency, so that no dash is read as a minus: −$12k to $30k. One amount where both look alike."""
    ends = _ends(value, finest=_WHOLE)
    if ends is None:
        return money(value.likely, currency) if _is_finite(value) else UNKNOWN
    if _units_of(*ends[0]) and value.low < 0:
        return " to ".join(dict.fromkeys(to_place(end, place, currency=currency) for end, place in ends))
    (low, low_place), (high, high_place) = ends
    unit = _unit(_units_of(high, high_place), high_place)
    if unit and not _unit(_units_of(low, low_place), low_place):
        # "$1–3k" may be read as 1k to 3k: the low end is told in thousands, too.
        low_place = max(low_place, 2) if _is_wide(value) else low_place
        digits = [_digits_at(_units_of(low, low_place), low_place, unit=3)]
    else:
        digits = [_digits_at(_units_of(low, low_place), low_place)]
    digits.append(_digits_at(_units_of(high, high_place), high_place))
    return f"{currency}{_space(currency)}{'–'.join(dict.fromkeys(digits))}"


def money_range(value: Range | None, currency: str) -> str:
    """`span`, or `unknown`."""
    return UNKNOWN if value is None else span(value, currency)


def times_range(roi: Range) -> str:
    """Low to high of a return, in the digits that the range supports: 0.5×–4.2×, −0.3× to 47×."""
    ends = _ends(roi, finest=_TENTH)
    if ends is None:
        return times(roi.likely) if _is_finite(roi) else UNKNOWN
    joint = " to " if _units_of(*ends[0]) and roi.low < 0 else "–"
    return joint.join(dict.fromkeys(f"{to_place(end, place)}×" for end, place in ends))


def to_place(amount: float, place: int, *, currency: str = "") -> str:
    """An amount to the nearest 10^place, as ticks of an axis need it: 417,500 to 2 is 417.5k."""
    digits = _digits_at(_units_of(amount, place), place)
    minus = "−" if amount < 0 and digits != "0" else ""
    return f"{minus}{currency}{_space(currency)}{digits}"


def times(roi: float | None) -> str:
    """A return on investment as a multiple of the cost: 3.2x is 320 %."""
    if roi is None or not math.isfinite(roi):
        return UNKNOWN
    digits = _short(abs(roi), whole_below=0)
    return f"{'−' if roi < 0 and digits != '0' else ''}{digits}×"


def range_bar(amounts: Range, *, length: int) -> str:
    """├───●────────┤ with the dot where the likely figure lies between low and high."""
    inside = max(length - 2, 1)
    width = amounts.high - amounts.low
    share = (amounts.likely - amounts.low) / width if width > 0 else 0.5
    place = min(max(round(share * (inside - 1)), 0), inside - 1)
    return "├" + "─" * place + "●" + "─" * (inside - 1 - place) + "┤"


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


# -- rounding to what a range supports --------------------------------------------------------------------------


def _is_wide(value: Range) -> bool:
    near, far = sorted((abs(value.low), abs(value.high)))
    return value.low * value.high <= 0 or far > _WIDE * near


def _is_finite(value: Range) -> bool:
    return math.isfinite(value.low) and math.isfinite(value.high)


def _place(amount: float, within: Range, *, finest: int) -> int | None:
    """The power of ten to which an amount of this range is rounded; None where its ends cannot be told apart."""
    if not _is_finite(within) or within.high <= within.low:
        return None
    if _is_wide(within):
        return max(_magnitude(amount) - 1, finest)
    largest = _magnitude(max(abs(within.low), abs(within.high)))
    supported = _magnitude((within.high - within.low) / 2)
    if supported <= largest - _MOST_DIGITS:
        return None
    return max(min(supported, largest - 1), finest)


def _ends(value: Range, *, finest: int) -> tuple[tuple[float, int], tuple[float, int]] | None:
    """Low and high, each with its place; None where they are one amount."""
    low, high = (_place(end, value, finest=finest) for end in (value.low, value.high))
    return None if low is None or high is None else ((value.low, low), (value.high, high))


def _magnitude(amount: float) -> int:
    """The power of ten of the first digit: 2 for 417; 0 for nothing."""
    return math.floor(math.log10(abs(amount))) if amount else 0


def _units_of(amount: float, place: int) -> int:
    """How many of 10^place the amount is, without its sign; half goes up, so that ends one apart never meet."""
    return math.floor(abs(amount) / 10.0**place + 0.5)


def _unit(count: int, place: int) -> int:
    """The power of ten of the unit in which a count of 10^place is told: 0, 3, 6 or 9."""
    return max(exponent for exponent in _SIGNS if exponent == 0 or count * 10.0**place >= 10.0**exponent)


def _digits_at(count: int, place: int, *, unit: int | None = None) -> str:
    """A count of 10^place in its unit, without zeros at the end: 13 of 10^5 is 1.3M."""
    if count == 0:
        return "0"
    exponent = _unit(count, place) if unit is None else unit
    number = Decimal(count).scaleb(place - exponent)
    return f"{number.normalize():f}{_SIGNS[exponent]}"


def _space(currency: str) -> str:
    return " " if currency[-1:].isalpha() else ""
