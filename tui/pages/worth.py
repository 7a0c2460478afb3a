"""What a problem is worth and why it stands where it stands, as lines. Pure."""

from rich.cells import cell_len

from insights.domain.estimate import Estimate, Factor, Part
from insights.domain.figures import counted, likely, money, range_bar, rounded, span, times, times_range
from insights.domain.problem import Problem
from tui.cells import cut, fit, shown, wrapped
from tui.figures import DASH, axis, bar_on, weeks
from tui.pages.page import Page, packed, section
from tui.pages.pieces import LABEL, Line, Role, clipped, label, labelled, width_of

_WIDEST_SUM = 80
"""Cells; farther apart, name and amount are hard to read as one line."""
_WIDEST_BAR = 60
_AMOUNT = 8
_ONE_SCALE = "   one scale for all problems"
_NOT_ESTIMATED: Line = [label("Value"), (f"{DASH}  not estimated yet", Role.MUTED)]

_EFFORT = "effort in weeks"
_PERSON = "you"


def effort_in_words(estimate: Estimate) -> str:
    """3 wk (1–8), default: how long mending it takes, and who says so: a person, similar finished work, a model, or the
    default."""
    source = "set by a person" if estimate.cost_source == _PERSON else shown(estimate.cost_source, 60)
    return f"{weeks(estimate.weeks)}, {source}"


def value_line(problem: Problem, page: Page) -> Line:
    """Value a year with P10, its own bar and P90, and the effort: all on one line."""
    estimate = problem.estimate
    if estimate is None:
        return _NOT_ESTIMATED
    worth = estimate.value
    low, high = (rounded(amount, worth, page.currency) for amount in (worth.low, worth.high))
    a_year = f"{likely(worth, page.currency)} a year"
    effort = effort_in_words(estimate)
    used = LABEL + sum(map(cell_len, (a_year, low, high, effort))) + len("  p10   p90   ")
    line = [
        label("Value"),
        (f"{a_year}  ", Role.STRONG),
        (f"p10 {low} ", Role.MUTED),
        (range_bar(worth, length=max(min(page.width - used, 24), 5)), Role.TREND),
        (f" p90 {high}  ", Role.MUTED),
        (effort, Role.PLAIN),
    ]
    return clipped(line, page.width)


def value_lines(problem: Problem, page: Page, *, most: int = 3) -> list[Line]:
    """Value a year, its range as a bar on the scale that all problems share with the scale below, then the return on
    at most so many lines."""
    estimate, scale = problem.estimate, page.comparison.scale
    if estimate is None:
        return [_NOT_ESTIMATED]
    if scale is None or page.room < 2 * _AMOUNT:
        return [value_line(problem, page), *return_lines(problem, page, most=most)]
    worth, cells = estimate.value, min(page.room, _WIDEST_BAR)
    low, high = (rounded(amount, worth, page.currency) for amount in (worth.low, worth.high))
    before, bar, after = bar_on(scale, worth, cells=cells)
    told: Line = [
        label("Value"),
        (f"{likely(worth, page.currency)} a year", Role.STRONG),
        (f"   p10 {low}   p90 {high}", Role.PLAIN),
    ]
    if width_of(told) + len(_ONE_SCALE) <= page.width:
        told.append((_ONE_SCALE, Role.MUTED))
    return [
        clipped(told, page.width),
        [label(""), (before, Role.MUTED), (bar, Role.TREND), (after, Role.MUTED)],
        [label("Scale"), (axis(scale, cells=cells, currency=page.currency), Role.MUTED)],
        *return_lines(problem, page, most=most),
    ]


def return_lines(problem: Problem, page: Page, *, most: int = 3) -> list[Line]:
    """The return with its range, and the chances that the simulation gives it."""
    estimate = problem.estimate
    if estimate is None:
        return []
    roi = f"ROI {times(estimate.roi.likely)} ({times_range(estimate.roi)})"
    return section("Return", packed([roi, *_chances(estimate, page)], page.room)[:most])


def _chances(estimate: Estimate, page: Page) -> list[str]:
    found = []
    if estimate.chance_positive is not None:
        found.append(f"pays off {estimate.chance_positive:.0%}")
    if estimate.outranks_next is not None:
        following = f"#{estimate.rank + 1}" if estimate.rank else "the next"
        found.append(f"beats {following} {estimate.outranks_next:.0%}")
    if tie := page.comparison.tie(estimate):
        found.append(tie)
    if estimate.chance_top is not None:
        found.append(f"in the first ten {estimate.chance_top:.0%}")
    return found


# -- why ----------------------------------------------------------------------------------------------------------


def why_brief(estimate: Estimate | None, page: Page, *, most: int) -> list[Line]:
    """The reason for the rank in at most so many lines, and the change that would move it on one more."""
    if estimate is None:
        return []
    lines = wrapped(shown(_reason(estimate, page)), page.room, most=most)
    flip = [cut(_flips(estimate), page.room)] if estimate.flip else []
    return section(_title(estimate), [*lines, *flip])


def why_lines(estimate: Estimate | None, page: Page, *, detail: int) -> list[Line]:
    """Each source of value with its sum in words, the effort and who says so, what would move the rank, and what is
    worth finding out. `detail` 0 cuts long sums, 1 adds what sets it apart from the typical problem, 2 adds the reason,
    and each factor and note in full."""
    if estimate is None:
        return []
    room = page.room
    lines: list[Line] = []
    if detail > 1 and estimate.reason:
        lines += _plain(estimate.reason, room, most=3)
    for part in estimate.parts:
        amount = likely(part.value, page.currency)
        lines += _part(part.name, part.words, amount, room, most=max(detail, 1))
    cost = likely(estimate.cost, page.currency)
    lines += _part("effort", effort_in_words(estimate), cost, room, sign="-", most=1)
    lines += _muted(_grounds(estimate), room, most=detail) if detail else []
    lines += _left_out(estimate, page, most=1 + detail, has_notes=detail > 1)
    lines += _plain(_flips(estimate), room, most=2)
    if detail > 0:
        lines += _muted(estimate.worth_knowing, room)
        lines += _factors(estimate.factors, room, in_full=detail > 1)
    if detail > 1:
        lines += [line for note in estimate.notes for line in _muted(note, room)]
    return labelled(_title(estimate), lines)


def _title(estimate: Estimate) -> str:
    title = f"Why #{estimate.rank}" if estimate.rank else "Why"
    return title if len(title) < LABEL else "Why"


def _reason(estimate: Estimate, page: Page) -> str:
    if estimate.reason or not estimate.parts:
        return estimate.reason
    return " + ".join(f"{part.name} {likely(part.value, page.currency)}" for part in estimate.parts)


def _plain(text: str, room: int, *, most: int) -> list[Line]:
    return [[(line, Role.PLAIN)] for line in wrapped(shown(text), room, most=most)] if text else []


def _muted(text: str, room: int, *, most: int = 3) -> list[Line]:
    return [[(line, Role.MUTED)] for line in wrapped(shown(text), room, most=most)] if text else []


def _flips(estimate: Estimate) -> str:
    return f"flips: {shown(estimate.flip)}" if estimate.flip else ""


def _grounds(estimate: Estimate) -> str:
    """On what the effort rests, such as which finished work is similar."""
    told = next((one.value for one in estimate.assumptions if one.name == _EFFORT), "")
    grounds = told.partition(" (")[2].removesuffix(")")
    return f"  effort by {shown(grounds, 200)}" if grounds else ""


def _part(name: str, words: str, amount: str, room: int, *, sign: str = "+", most: int) -> list[Line]:
    """One summand: what, the amount at a column of its own, and the sum in words between them, or where it is longer on
    at most `most` lines below."""
    name_width = min(18, room // 3)
    middle = max(min(room, _WIDEST_SUM) - name_width - _AMOUNT - 4, 0)
    words = shown(words, 300)
    is_between = cell_len(words) <= middle
    first: Line = [
        (f"{sign} {fit(shown(name, 100), name_width)}", Role.PLAIN),
        (f" {fit(words if is_between else '', middle)} ", Role.MUTED),
        (fit(amount, _AMOUNT, right=True), Role.PLAIN),
    ]
    return (
        [first]
        if is_between
        else [first, *[[(f"  {line}", Role.MUTED)] for line in wrapped(words, room - 2, most=most)]]
    )


def _left_out(estimate: Estimate, page: Page, *, most: int, has_notes: bool) -> list[Line]:
    """What is no part of the value: of accounts not heard from, counted twice, or of unknown revenue."""
    found = [_beyond(estimate.beyond, page.currency)] if estimate.beyond else []
    if estimate.capped > 0 and not has_notes:
        found.append(f"{money(estimate.capped, page.currency)} left out: it would be counted twice")
    if estimate.unknown_revenue_accounts:
        found.append(f"revenue unknown for {counted(estimate.unknown_revenue_accounts, 'account')}")
    return [line for text in found for line in _muted(text, page.room, most=most)]


def _beyond(part: Part, currency: str) -> str:
    return f"{part.name}: {span(part.value, currency)}, {part.words}"


def _factors(factors: tuple[Factor, ...], room: int, *, in_full: bool) -> list[Line]:
    """What sets its return apart from the typical problem's, the largest first."""
    largest = sorted(factors, key=lambda factor: -abs(factor.share))
    if not largest:
        return []
    if not in_full:
        told = ", ".join(f"{factor.name} {_signed(factor.share)}" for factor in largest if _signed(factor.share))
        return _muted(f"beside the typical problem: {told}", room) if told else []
    lines: list[Line] = [[("beside the typical problem, as return:", Role.MUTED)]]
    for factor in largest:
        head = f"  {fit(_signed(factor.share) or '0', 7, right=True)}  {fit(shown(factor.name, 40), 17)} "
        words = cut(shown(factor.words, 200), max(room - cell_len(head), 0))
        lines.append(clipped([(head, Role.PLAIN), (words, Role.MUTED)], room))
    return lines


def _signed(share: float) -> str:
    """+5.4×, −0.3×; nothing where it rounds to nothing."""
    told = times(share)
    return "" if told in ("0×", "unknown") else told if share < 0 else f"+{told}"
