"""What a chart of ranges shows: a row a problem, and the axis that they share. Pure. `cli.range_chart` draws it as
text, `cli.chart_picture` as a picture, `report` in a page."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from insights.domain.estimate import Range
from insights.domain.figures import span, times_range, to_place
from insights.domain.measure import Measure
from insights.domain.problem import Problem

LOG_FROM = 30
"""High over low of all ranges from which the axis is logarithmic: on a linear one the small would be dots."""

_DECADES = ((1, 2, 5), (1, 3), (1,))
_NICE = (1, 2, 5)
_FLOOR_BELOW = 0.5
"""Share of the highest; where the lowest is less, a linear axis begins at zero."""

NOT_ESTIMATED = "not estimated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One problem. `rank` ends with = where it shares it; `value` is None where there is no finite range, and `words`
    says so; `tie` names its group."""

    rank: str
    ref: str
    title: str
    value: Range | None
    words: str
    tie: int | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the axis, 0..1 from left to right, what stands there, and the amount that it is."""

    share: float
    label: str
    amount: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """From `low` at the left end to `high` at the right one; both above zero where it is logarithmic."""

    low: float
    high: float
    is_log: bool = False

    def share(self, amount: float) -> float:
        """Where an amount stands, 0..1; what lies outside stands at the end."""
        if self.is_log:
            if amount <= self.low:
                return 0.0
            share = math.log(amount / self.low) / math.log(self.high / self.low)
        else:
            share = (amount - self.low) / (self.high - self.low)
        return min(max(share, 0.0), 1.0)

    def ticks(self, most: int, *, measure: Measure, currency: str) -> list[Tick]:
        """At most `most` round amounts (at least two are allowed), from left to right."""
        amounts = _log_ticks(self, max(most, 2)) if self.is_log else _linear_ticks(self, max(most, 2), measure.finest)
        return [Tick(self.share(amount), _label(amount, place, measure, currency), amount) for amount, place in amounts]


def rows_of(problems: Iterable[Problem], *, measure: Measure, currency: str) -> list[Row]:
    """One row a problem, in their order."""
    return [_row(problem, measure, currency) for problem in problems]


def axis_of(ranges: Sequence[Range], *, measure: Measure = Measure.VALUE) -> Axis:
    """The axis on which all ranges lie: logarithmic where all are above zero and the highest is more than 30 times the
    lowest, else linear, from zero where that costs at most half of it. A return is always linear: at zero the work just
    pays, and near it all are alike."""
    low = min((min(one.low, one.likely) for one in ranges), default=0.0)
    high = max((max(one.high, one.likely) for one in ranges), default=1.0)
    if measure is not Measure.ROI and low > 0 and high > LOG_FROM * low:
        return Axis(low=low, high=high, is_log=True)
    if 0 < low < _FLOOR_BELOW * high:
        low = 0.0
    if high <= low:
        margin = abs(low) / 10 or 1.0
        return Axis(low=low - margin, high=low + margin)
    return Axis(low=low, high=high)


def _row(problem: Problem, measure: Measure, currency: str) -> Row:
    estimate = problem.estimate
    if estimate is None:
        return Row(rank="–", ref=problem.ref, title=problem.title, value=None, words=NOT_ESTIMATED)
    value = {Measure.VALUE: estimate.value, Measure.COST: estimate.cost, Measure.ROI: estimate.roi}[measure]
    finite = all(map(math.isfinite, (value.low, value.likely, value.high)))
    return Row(
        rank=f"{estimate.tie}=" if estimate.tie is not None else f"{estimate.rank or '–'}",
        ref=problem.ref,
        title=problem.title,
        value=value if finite else None,
        words=times_range(value) if measure is Measure.ROI else span(value, currency),
        tie=estimate.tie,
    )


def _label(amount: float, place: int, measure: Measure, currency: str) -> str:
    return f"{to_place(amount, place)}×" if measure is Measure.ROI else to_place(amount, place, currency=currency)


def _log_ticks(axis: Axis, most: int) -> list[tuple[float, int]]:
    """Amounts of one digit, each with its power of ten: 1, 2, 5 a decade, fewer, or every n-th decade."""
    decades = range(math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high)) + 1)
    for leading in _DECADES:
        found = [(digit * 10.0**place, place) for place in decades for digit in leading]
        found = [(amount, place) for amount, place in found if axis.low <= amount <= axis.high]
        if len(found) <= most:
            return found
    return found[:: math.ceil(len(found) / most)]


def _linear_ticks(axis: Axis, most: int, finest: int) -> list[tuple[float, int]]:
    """Multiples of the finest round step that gives at most `most`, each with the step's power of ten."""
    place = max(math.floor(math.log10((axis.high - axis.low) / most)), finest)
    for step, at in ((digit * 10.0**at, at) for at in (place, place + 1) for digit in _NICE):
        first, last = math.ceil(axis.low / step), math.floor(axis.high / step)
        if last - first < most:
            return [(n * step, at) for n in range(first, last + 1)]
    return []
