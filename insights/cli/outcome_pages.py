"""What came of shipped problems, and predicted ranges beside outcomes, for the terminal. Text from outside is
literal."""

import math
from collections.abc import Iterator, Sequence

from rich.padding import Padding
from rich.text import Text

from insights.domain.estimate import Range
from insights.domain.figures import counted, money, money_range, rounded
from insights.outcomes import Outcome, Rate, true_so_far
from insights.text.clean import one_line
from insights.worth.calibration import (
    LEAST_OUTCOMES,
    Calibration,
    Compared,
    Fit,
    Move,
    Quantity,
    calibrate,
)

Line = Text | Padding

_TITLE = 46
_LABEL = 15
_REF = 7
_PLOT = 48
_TENTH = 0.1
"""Accounts and standard deviations are told to one decimal."""
_LEAST_DAYS = 28
"""A year's items are not told from fewer: a single one would be hundreds."""
_PIT = "▁▂▃▄▅▆▇█"


def outcome_lines(found: Sequence[Outcome], *, currency: str) -> Iterator[Line]:
    """Each shipped problem, predicted beside realised; then how many had the effect that was predicted."""
    for one in found:
        yield Text(f"{one.ref}  {one_line(one.title, _TITLE)}", style="bold")
        yield Padding(Text(f"shipped {one.shipped_on}{_watched(one)}", style="dim"), (0, 0, 0, 2), expand=False)
        for label, words in _facts(one, currency):
            yield _labelled(label, words)
    true, judged = true_so_far(found)
    if judged:
        yield Text(f"\nOf {counted(judged, 'shipped problem')} that can be judged, {true} had the predicted effect.")
    else:
        yield Text("\nNo shipped problem can be judged yet.")


def _labelled(label: str, words: str) -> Line:
    """The label, and the words beside it, set in on every line."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=_LABEL, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(label, style="dim"), Text(words))
    return Padding(grid, (0, 0, 0, 2), expand=False)


def _watched(one: Outcome) -> str:
    weeks = one.effect.weeks_after if one.effect else 0
    predicted = f"; predicted {one.predicted_on}" if one.predicted_on else "; nothing was predicted"
    late = ", after the release: no use for calibration" if one.predicted_late else ""
    watched = (
        f"{counted(weeks, 'week')} watched after the first 2" if weeks else "no week after the first 2 watched yet"
    )
    return f"; {watched}{predicted}{late}"


def _facts(one: Outcome, currency: str) -> Iterator[tuple[str, str]]:
    yield "effect", one.verdict
    yield "items", _items(one)
    by_quantity = {some.quantity: some for some in one.compared}
    if one.saved is not None:
        predicted = by_quantity.get(Quantity.SAVED)
        beside = f"; {money_range(predicted.predicted, currency)} predicted{_held(predicted)}" if predicted else ""
        yield "support saved", f"{money_range(one.saved, currency)} a year{beside}"
    if one.weeks is not None:
        effort = by_quantity.get(Quantity.WEEKS)
        beside = f"; {effort.predicted.low:g}–{effort.predicted.high:g} predicted{_held(effort)}" if effort else ""
        yield "effort", f"{_weeks(one.weeks)}{beside}"
    if one.leaving.accounts:
        yield "accounts", _accounts(one)
    if one.deals_won or one.deals_lost:
        worth = f", {money(one.won, currency)}" if one.won is not None else ""
        yield "deals", f"{one.deals_won or 'none'} won since that had named it{worth}; {one.deals_lost} lost"


def _held(one: Compared) -> str:
    return "" if one.is_inside else ", outside" if one.quantity is Quantity.WEEKS else ", not held"


def _items(one: Outcome) -> str:
    """What was counted, and by the year where the days tell."""
    before = _counted(one.before, "before")
    return f"{before}; {_counted(one.after, 'since')}" if one.after.days else before


def _counted(rate: Rate, when: str) -> str:
    seen = f"{rate.items:,} in {counted(rate.days, 'day')}"
    tickets = counted(rate.tickets, "ticket")
    if rate.days < _LEAST_DAYS:
        return f"{seen} {when} ({tickets})"
    return f"{rate.items_a_year:.0f} a year {when} ({seen}, {tickets})"


def _weeks(number: float) -> str:
    return f"{number:g} {'week' if number == 1 else 'weeks'}"


def _accounts(one: Outcome) -> str:
    some = one.leaving
    words = f"{counted(some.accounts, 'account')} had it, {some.left} left since"
    if some.years >= 1:
        words += f" ({some.chance.low:.0%}–{some.chance.high:.0%} a year)"
    if some.expected is not None and some.expected.high >= _TENTH / 2:
        words += f"; {some.expected.low:.1f}–{some.expected.high:.1f} expected had it stayed"
    return words


# -- calibration ----------------------------------------------------------------------------------------------------


def calibration_lines(compared: Sequence[Compared], moves: Sequence[Move], *, currency: str) -> Iterator[Line]:
    """For each quantity a plot of its ranges and outcomes, and how they held; then how settings should move."""
    yield Text("├──┼──┤ predicted P10, P50, P90   ● realised, held   ○ realised, not held", style="dim")
    if any(one.is_inside and not one.predicted.low <= one.realised.likely <= one.predicted.high for one in compared):
        yield Text("● beside its range: known too roughly to say that it did not hold", style="dim")
    for one in calibrate(compared):
        own = [some for some in compared if some.quantity is one.quantity]
        yield Text(f"\n{one.quantity.value.capitalize()}", style="bold")
        yield from _plot(own, one.quantity, currency)
        yield from (Padding(Text(words), (0, 0, 0, 2), expand=False) for words in _held_in_words(one))
    if moves:
        yield Text("\nHow the assumptions should move", style="bold")
        yield from (Padding(Text(_move_in_words(move)), (0, 0, 0, 2), expand=False) for move in moves)


def _plot(own: Sequence[Compared], quantity: Quantity, currency: str) -> Iterator[Text]:
    places = [_place(value, quantity) for one in own for value in (*_ends(one.predicted), one.realised.likely)]
    low, high = min(places), max(places)
    margin = (high - low) * 0.03 or 1.0
    for one in own:
        realised = one.realised.likely
        bar = _bar(one, low=low - margin, high=high + margin)
        yield Text(f"{'P-' + str(one.problem_id):<{_REF}}{bar}  {_figure(realised, one, currency)}")


def _ends(some: Range) -> tuple[float, float, float]:
    return some.low, some.likely, some.high


def _place(value: float, quantity: Quantity) -> float:
    """Shares lie on a straight axis, amounts on one of logarithms."""
    return value if quantity.is_chance else math.log(max(value, 1e-3))


def _bar(one: Compared, *, low: float, high: float) -> str:
    def cell(value: float) -> int:
        share = (_place(value, one.quantity) - low) / (high - low)
        return min(max(round(share * (_PLOT - 1)), 0), _PLOT - 1)

    cells = [" "] * _PLOT
    first, middle, last = (cell(value) for value in _ends(one.predicted))
    cells[first : last + 1] = "─" * (last + 1 - first)
    cells[first], cells[last], cells[middle] = "├", "┤", "┼"
    cells[cell(one.realised.likely)] = "●" if one.is_inside else "○"
    return "".join(cells)


def _figure(value: float, one: Compared, currency: str) -> str:
    if one.quantity.is_chance:
        return _share(value)
    return _weeks(value) if one.quantity is Quantity.WEEKS else rounded(value, one.realised, currency)


def _held_in_words(one: Calibration) -> Iterator[str]:
    if one.coverage is None:
        yield "known too roughly so far to say whether they held"
        yield _fit_in_words(one.fit)
        return
    low, high = one.interval
    peak = max(one.pit)
    pit = "".join(_PIT[round(count / peak * 7)] for count in one.pit)
    yield f"{one.inside} of {one.told} held, {one.coverage:.0%} ({low:.0%}–{high:.0%}); 80% would be right"
    yield f"by fifths of the predicted distribution {pit} {' '.join(map(str, one.pit))}; even would be right"
    yield _fit_in_words(one.fit)


def _fit_in_words(fit: Fit) -> str:
    """Bias and spread in standard deviations of the predicted range."""
    side = "more" if fit.bias > 0 else "less"
    bias = f"{abs(fit.bias):.1f} standard deviations {side} than predicted"
    bias = "neither more nor less than predicted" if abs(fit.bias) < _TENTH / 2 else bias
    width = f"ranges should be {fit.spread:.1f} times as wide"
    return f"{bias}; {width}"


def _move_in_words(move: Move) -> str:
    before, after = (_three(some, move.quantity) for some in (move.now, move.then))
    seen = counted(move.fit.outcomes, "outcome")
    if move.fit.outcomes < LEAST_OUTCOMES:
        return f"worth.{move.setting}: {before} stays; {seen}, {LEAST_OUTCOMES} needed"
    if not move.is_due:
        return f"worth.{move.setting}: {before} is borne out by {seen}"
    since = "" if move.first == move.now else f"; counted from {_three(move.first, move.quantity)}"
    return f"worth.{move.setting}: {before} → {after} ({seen}{since})"


def _three(some: Range, quantity: Quantity) -> str:
    return " – ".join(_share(value) if quantity.is_chance else _number(value) for value in _ends(some))


def _share(value: float) -> str:
    """Two digits: 47%, 0.8%, −29%."""
    digits = f"{value:.0%}" if abs(value) >= 0.0995 else f"{value:.1%}"
    return digits.replace("-", "−")


def _number(value: float) -> str:
    """Two digits at least: 0.97, 2.8, 12."""
    return f"{round(value, 1 if value >= 1 else 2):g}"
