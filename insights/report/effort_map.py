"""Where problems stand by what they cost and what they are worth, on scales of powers of ten. Pure."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from insights.domain.estimate import Range
from insights.domain.measure import Measure
from insights.domain.range_axis import Axis
from insights.report.charts import Mark, Point, finite, percent, point_of
from insights.report.contents import Listed
from insights.text.clean import one_line

MOST = 40
"""Problems that are drawn, the first by rank: more of them hide each other."""
LEAST_COSTS = 4
"""Different ones; below, the dots stand in columns that say nothing."""
_NAMED = 10
_WIDTH, _HEIGHT = 7.0, 5.0
"""Per cent of the map that an id takes."""
_TICKS = 6
_LEAST = 0.1
"""Of the lowest likely amount: an end below it lies outside, so that a range from nearly nothing squeezes no other."""
_TITLE = 90
_MARGIN = 1.15

AmountWords = Callable[[float, Measure], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One problem; `is_named`: its id is written beside it."""

    ref: str
    title: str
    point: Point
    cost: str
    value: str
    is_named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """On which the value is a multiple of the cost; ends in per cent."""

    name: str
    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EffortMap:
    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]
    across: tuple[Mark, ...]
    up: tuple[Mark, ...]


def effort_map(listed: Iterable[Listed], amount: AmountWords) -> EffortMap | None:
    """The first problems whose cost and value are above zero; None where their costs are alike, as they are before
    anybody has said what problems take."""
    found = list(_drawable(listed))[:MOST]
    if len({cost.likely for _, cost, _ in found}) < LEAST_COSTS:
        return None
    across, up = (_axis([pair[place] for _, *pair in found]) for place in (0, 1))
    dots = [_dot(one, cost, value, across, up, amount) for one, cost, value in found]
    return EffortMap(
        dots=tuple(_named(dots)),
        lines=tuple(line for name, times in (("even", 1.0), ("ten", 10.0)) for line in _line(name, times, across, up)),
        across=tuple(_marks(across, amount, is_up=False)),
        up=tuple(_marks(up, amount, is_up=True)),
    )


def _drawable(listed: Iterable[Listed]) -> Iterator[tuple[Listed, Range, Range]]:
    for one in listed:
        estimate = one.problem.estimate
        cost, value = (finite(estimate.cost), finite(estimate.value)) if estimate else (None, None)
        if cost and value and cost.likely > 0 and value.likely > 0:
            yield one, cost, value


def _axis(ranges: Sequence[Range]) -> Axis:
    """A decade at least, so that amounts that are alike stand together."""
    likely = [one.likely for one in ranges]
    low = max(min(one.low for one in ranges), min(likely) * _LEAST) / _MARGIN
    high = max(one.high for one in ranges) * _MARGIN
    middle = math.sqrt(low * high)
    return Axis(low=min(low, middle / math.sqrt(10)), high=max(high, middle * math.sqrt(10)), is_log=True)


def _dot(
    one: Listed, cost: Range, value: Range, across: Axis, up: Axis, amount: AmountWords
) -> Dot:  # the two ranges and their two axes belong together
    return Dot(
        ref=one.problem.ref,
        title=one_line(one.problem.title, _TITLE),
        point=point_of(cost, value, across=across, up=up),
        cost=amount(cost.likely, Measure.COST),
        value=amount(value.likely, Measure.VALUE),
        is_named=False,
    )


def _named(dots: Iterable[Dot]) -> Iterator[Dot]:
    """The first with their ids, but for those whose id would stand on another's."""
    taken: list[tuple[float, float]] = []
    for dot in dots:
        x, y = float(dot.point.x), float(dot.point.y)
        is_free = all(abs(x - there) > _WIDTH or abs(y - high) > _HEIGHT for there, high in taken)
        if is_free and len(taken) < _NAMED:
            taken.append((x, y))
            yield replace(dot, is_named=True)
        else:
            yield dot


def _line(name: str, times: float, across: Axis, up: Axis) -> Iterator[Line]:
    """The part of it that lies inside, if any."""
    first, last = max(across.low, up.low / times), min(across.high, up.high / times)
    if first < last:
        x1, x2 = (percent(across.share(cost)) for cost in (first, last))
        y1, y2 = (percent(1 - up.share(times * cost)) for cost in (first, last))
        yield Line(name=name, x1=x1, y1=y1, x2=x2, y2=y2)


def _marks(axis: Axis, amount: AmountWords, *, is_up: bool) -> Iterator[Mark]:
    for tick in axis.ticks(_TICKS, measure=Measure.VALUE, currency=""):
        yield Mark(at=percent(1 - tick.share if is_up else tick.share), label=amount(tick.amount, Measure.VALUE))
