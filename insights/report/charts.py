"""Where the marks of a chart stand. Pure: figures in, places out; the templates draw them as SVG.

Ranges are placed in per cent of their axis, so that they are drawn at any width. Weeks have a box of their own that is
one unit wide for each week and `HEIGHT` units high, stretched to whatever room there is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from insights.domain.estimate import Range
from insights.domain.measure import Measure
from insights.domain.range_axis import Axis, Tick

HEIGHT = 100
_FULL = 4
"""Items a week from which a bar may be full: a single one is no peak."""
_BAR = 0.8
"""Of the room of a week."""
_SPARK_STEP, _SPARK_HEIGHT = 3, 20
_NICE = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A range on its axis: ends and middle in per cent from the left."""

    low: str
    likely: str
    high: str
    width: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A tick: its place in per cent and what stands there."""

    at: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """Items a week as bars: `path` in a box of `count` x HEIGHT units, `top` items high. `release` is where a release
    stands, None without one or where it lies outside; `before` and `after` are the heights of the mean weeks on its
    two sides, `begin` where the first of those that were counted stands."""

    count: int
    path: str
    top: int
    first: date
    middle: date
    last: date
    release: str | None = None
    begin: str = "0"
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Effort against value: the middle and the four ends, in per cent from the left and from the top."""

    x: str
    y: str
    left: str
    right: str
    top: str
    bottom: str


def percent(share: float) -> str:
    """Of 0..1, to a tenth: 41.3. What is no finite number stands at the left end."""
    if not math.isfinite(share):
        return "0"
    inside = min(max(share, 0.0), 1.0) or 0.0  # minus zero is none
    return f"{100 * inside:.1f}".removesuffix(".0")


def bar_of(value: Range, axis: Axis) -> Bar:
    """A finite range on its axis."""
    low, likely, high = (axis.share(amount) for amount in (value.low, value.likely, value.high))
    return Bar(low=percent(low), likely=percent(likely), high=percent(high), width=percent(high - low))


def spark_of(weekly: Sequence[int]) -> str:
    """A stroke a week, three units apart and up to 20 high: the path of a trend; weeks without an item have none."""
    top = max([*weekly, _FULL])
    strokes = (
        f"M{_SPARK_STEP * place + 1} {_SPARK_HEIGHT}v-{max(round(_SPARK_HEIGHT * count / top), 1)}"
        for place, count in enumerate(weekly)
        if count > 0
    )
    return "".join(strokes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The day of a release, the mean items a week before and since, and the days that were counted before it."""

    day: date
    before: float = 0.0
    since: float = 0.0
    days_before: int = 0


def weeks_of(weekly: Sequence[int], *, end: date, release: Release | None = None) -> Weeks:
    """Items a week, oldest first, the last week ending with `end`."""
    count = len(weekly)
    means = (math.ceil(release.before), math.ceil(release.since)) if release else ()
    top = top_of(max([*weekly, *means], default=0))
    bare = Weeks(
        count=count,
        path="".join(_column(place, items, top) for place, items in enumerate(weekly) if items > 0),
        top=top,
        first=week_end(end, 0, count),
        middle=week_end(end, count // 2, count),
        last=end,
    )
    place = count - ((end - release.day).days + 1) / 7 if release else -1.0
    if release is None or not 0 < place < count:
        return bare
    return replace(
        bare,
        release=_number(place),
        begin=_number(max(place - release.days_before / 7, 0.0)),
        before=_number(_height(release.before, top)),
        after=_number(_height(release.since, top)),
    )


def week_end(end: date, place: int, count: int) -> date:
    """The last day of a week, of `count` that end with `end`."""
    return end - timedelta(weeks=count - 1 - place)


def top_of(most: int) -> int:
    """The first of 4, 5, 10, 20, 50, 100, … that is as high."""
    if most <= _FULL:
        return _FULL
    scale = int(10 ** math.floor(math.log10(most)))
    return next(step * scale for step in _NICE if step * scale >= most)


def point_of(cost: Range, value: Range, *, across: Axis, up: Axis) -> Point:
    """Cost to the right, value upwards."""
    y = {name: percent(1 - up.share(amount)) for name, amount in _ends(value).items()}
    x = {name: percent(across.share(amount)) for name, amount in _ends(cost).items()}
    return Point(x=x["likely"], y=y["likely"], left=x["low"], right=x["high"], top=y["high"], bottom=y["low"])


def grid_css(name: str, ticks: Sequence[Tick]) -> str:
    """A rule that draws the ticks of an axis behind every bar of a measure: an element's own style is forbidden by the
    page's policy."""
    if not ticks:
        return ""
    lines = ",".join(["linear-gradient(var(--grid),var(--grid))"] * len(ticks))
    places = ",".join(f"{percent(tick.share)}% 0" for tick in ticks)
    return f".bar.{name}{{background-image:{lines};background-position:{places}}}"


def finite(value: Range | None) -> Range | None:
    """The range, or None where an end of it is no number."""
    if value is None or not all(map(math.isfinite, (value.low, value.likely, value.high))):
        return None
    return value


def measured(value: Range, cost: Range, roi: Range) -> dict[Measure, Range | None]:
    """What the switch of the list shows."""
    return {Measure.VALUE: finite(value), Measure.ROI: finite(roi), Measure.COST: finite(cost)}


def _column(place: int, items: int, top: int) -> str:
    height = _number(HEIGHT * items / top)
    return f"M{_number(place + (1 - _BAR) / 2)} {HEIGHT}v-{height}h{_BAR}v{height}z"


def _height(items: float, top: int) -> float:
    return HEIGHT - HEIGHT * min(items, top) / top


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _ends(value: Range) -> dict[str, float]:
    return {"low": value.low, "likely": value.likely, "high": value.high}
