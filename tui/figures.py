"""Figures that only the application draws: marks, ages, bars on one scale. Pure; for others see
`insights.domain.figures`."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from insights.domain.estimate import Estimate, Range
from insights.domain.figures import counted, money, span, spark
from insights.domain.problem import Movement, Problem

DASH = "–"

MOVEMENT_MARKS = {Movement.NEW: "+", Movement.GROWING: "+", Movement.FADING: "-", Movement.STEADY: ""}
SPIKE = "!"
LOW_CONFIDENCE = "?"

MARK_WORDS = (
    ("+", "new or growing"),
    (SPIKE, "spike: far more last week than before"),
    (LOW_CONFIDENCE, "low confidence: few items or known revenues"),
    ("-", "fading"),
)
"""Each mark and what it means, for the help."""

MARK_CELLS = 3

_MOST_DECADES = 5
"""Of a scale; what is lower stands at its left end, else large problems would look alike."""
_FEW_ITEMS = 3


def weeks(duration: Range) -> str:
    """3 wk (1–8)."""
    return f"{duration.likely:.3g} wk ({duration.low:.3g}–{duration.high:.3g})"


def sparkline(counts: Sequence[int], *, length: int) -> str:
    """The last `length` counts as bars; nothing was said in weeks before the first."""
    return spark([0] * (length - len(counts)) + list(counts)[-length:] if length else [])


def age(day: date, today: date) -> str:
    """How old data of that day is: today, 1 d, 12 d."""
    days = (today - day).days
    return "today" if days <= 0 else f"{days} d"


def range_in(value: Range, cells: int) -> str:
    """Low to high in at most so many cells: in the digits that the range supports, else shorter, else a dash."""
    short = (money(value.low, ""), money(value.high, ""))
    told = (span(value), "–".join(short) if value.low >= 0 else "…".join(short))
    return next((text for text in told if len(text) <= cells), DASH)


# -- marks --------------------------------------------------------------------------------------------------------


def marks(problem: Problem) -> str:
    """+ new or growing, - fading, ! spike, ? low confidence."""
    spike = SPIKE if problem.is_spike else ""
    return MOVEMENT_MARKS[problem.movement] + spike + (LOW_CONFIDENCE if is_doubtful(problem) else "")


def mark_column(problem: Problem) -> str:
    """The same in `MARK_CELLS` cells, each mark at a place of its own, so that the eye can follow one down a list."""
    told = marks(problem)
    return "".join(next((mark for mark in told if mark in some), " ") for some in ("+-", SPIKE, LOW_CONFIDENCE))


def is_doubtful(problem: Problem) -> bool:
    """Whether the estimate rests on little."""
    return bool(doubt(problem))


def doubt(problem: Problem) -> str:
    """What little the estimate rests on, in words: under three items, or most accounts' revenue unknown; empty where
    that is not so."""
    estimate = problem.estimate
    if estimate is None:
        return ""
    if problem.items < _FEW_ITEMS:
        return counted(problem.items, "item")
    if 2 * estimate.unknown_revenue_accounts > problem.accounts:
        return f"revenue of {estimate.unknown_revenue_accounts} of {counted(problem.accounts, 'account')} unknown"
    return ""


# -- beside the others --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A logarithmic axis of money from `low` to `high`, powers of ten above 0."""

    low: float
    high: float

    def cell(self, amount: float, cells: int) -> int:
        """The cell of an amount, 0 to `cells` - 1; what lies outside stands at the end."""
        if amount <= self.low:
            return 0
        share = math.log(amount / self.low) / math.log(self.high / self.low)
        return min(round(share * (cells - 1)), cells - 1)

    def ticks(self) -> list[float]:
        """The powers of ten, lowest first."""
        decades = round(math.log10(self.high / self.low))
        return [self.low * 10**decade for decade in range(decades + 1)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """What all problems of a list share: the scale of what they are worth, None where that is unknown of all, and their
    estimates in the order of their ranks."""

    scale: Scale | None = None
    ranked: Sequence[Estimate] = ()

    def tie(self, estimate: Estimate) -> str:
        """ "tied with #2–#5", "tied within #2–#5", "tied with others" where their ranks are not known, or nothing."""
        first, rank = estimate.tie, estimate.rank
        if first is None or rank is None:
            return ""
        last = self._last_tied(first, rank)
        if first == last:
            return "tied with others"
        if first < rank < last:
            return f"tied within #{first}–#{last}"
        others = (first + 1, last) if rank == first else (first, last - 1)
        return f"tied with {'–'.join(dict.fromkeys(f'#{one}' for one in others))}"

    def _last_tied(self, first: int, rank: int) -> int:
        """The last rank of a tie. Its members stand together, so that a few are looked at: to read all of 10,000 kept
        estimates to their ends takes a quarter of a second."""
        low, step = bisect_left(self.ranked, rank, key=_rank), 1
        while low + step < len(self.ranked) and self.ranked[low + step].tie == first:
            low, step = low + step, 2 * step
        places = range(min(low + step, len(self.ranked)))
        end = bisect_left(places, True, lo=min(low + 1, len(places)), key=lambda n: self.ranked[n].tie != first)
        return max(_rank(self.ranked[end - 1]), rank) if end else rank


def compared(problems: Iterable[Problem]) -> Comparison:
    """What these problems share. Reads no more of an estimate than its value and rank."""
    estimates = [problem.estimate for problem in problems if problem.estimate]
    ranked = sorted((one for one in estimates if one.rank is not None), key=_rank)
    return Comparison(scale=_scale(estimates), ranked=ranked)


def _rank(estimate: Estimate) -> int:
    return estimate.rank or 0


def _scale(estimates: Sequence[Estimate]) -> Scale | None:
    """Full powers of ten around all ranges; at most so many decades below the highest."""
    high = max((one.value.high for one in estimates if math.isfinite(one.value.high)), default=0.0)
    if high <= 0:
        return None
    low = min((one.value.low for one in estimates if one.value.low > 0), default=high)
    top = math.ceil(math.log10(high) - 1e-9)
    bottom = max(math.floor(math.log10(low) + 1e-9), top - _MOST_DECADES)
    return Scale(low=10.0 ** min(bottom, top - 1), high=10.0**top)


def bar_on(scale: Scale, amounts: Range, *, cells: int) -> tuple[str, str, str]:
    """What lies before the bar, the bar ├──●──┤, and what lies after it, `cells` together."""
    left, right = scale.cell(amounts.low, cells), scale.cell(amounts.high, cells)
    dot = min(max(scale.cell(amounts.likely, cells), left), right)
    bar = ["─"] * (right - left + 1)
    bar[0], bar[-1] = "├", "┤"
    bar[dot - left] = "●"
    return "·" * left, "".join(bar), "·" * (cells - right - 1)


def axis(scale: Scale, *, cells: int, currency: str) -> str:
    """The powers of ten under such a bar, each beginning at its cell; those without room are left out, the ends
    first to stay."""
    ticks = scale.ticks()
    last = money(ticks[-1], currency)
    row = " " * (cells - len(last)) + last
    for tick in ticks[:-1]:
        text, at = money(tick, currency), scale.cell(tick, cells)
        around = row[max(at - 1, 0) : at + len(text) + 1]
        if not around.strip() and at + len(text) < cells:
            row = row[:at] + text + row[at + len(text) :]
    return row
