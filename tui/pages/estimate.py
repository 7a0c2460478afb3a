"""The figures of one problem as a form, and what they would make of its estimate. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from insights.domain.estimate import Estimate, Range
from insights.domain.figures import likely, times, times_range
from insights.domain.typed_figures import read_figure
from insights.errors import InsightsError
from tui.cells import fit, shown, wrapped
from tui.figures import Scale, bar_on
from tui.models.forms import Field, Form
from tui.pages.page import packed
from tui.pages.pieces import Line, Role, clipped

if TYPE_CHECKING:
    from insights.estimating import Figure, Tried

_NAME, _TEXT = 10, 20
_BAR = 32
_PREVIEW = 3
_LEAST = 1e-3
"""Of value over cost; what is below stands at the left end of the bars."""


def estimate_form(figures: "Sequence[Figure]") -> Form:
    """A form of these figures, the cursor on the first."""
    fields = [
        Field(
            name=one.name,
            words=one.name,
            current=one.text,
            source=one.source,
            form=one.form,
            is_set=one.is_set,
        )
        for one in figures
    ]
    return Form(fields=fields, read=read_figure)


def form_lines(form: Form, width: int) -> list[Line]:
    """One line a field with what was typed or what it has, and where that is from; below the one that is typed into
    how it is written, or why what was typed is not understood. Always two lines more than fields, so that nothing
    jumps."""
    lines: list[Line] = []
    for place, one in enumerate(form.fields):
        is_current = place == form.cursor
        lines.append(_field(one, form, width, is_current=is_current))
        if is_current:
            lines += _below(one, form.error(one), width)
    return lines


def _field(one: Field, form: Form, width: int, *, is_current: bool) -> Line:
    typed = shown(form.text(one))
    current = shown(one.current) or "not known"
    name = (fit(shown(one.words), _NAME) + " ", Role.STRONG if is_current else Role.PLAIN)
    if not typed and not is_current:
        text: Line = [(fit(current, _TEXT), Role.STRONG if one.is_set else Role.PLAIN)]
    elif not typed:
        text = [("▏", Role.MARK), (fit(current, _TEXT - 1), Role.MUTED)]
    else:
        ends = "▏" if is_current else " "
        end_of_typed = _end(typed, _TEXT - 1)
        text = [(end_of_typed, Role.STRONG), (fit(ends, _TEXT - cell_len(end_of_typed)), Role.MARK)]
    return clipped([("▌ " if is_current else "  ", Role.MARK), name, *text, *_right(one, form, typed)], width)


def _right(one: Field, form: Form, typed: str) -> Line:
    """Where it is from, what it was, and that another field's error keeps all from being saved."""
    if typed and form.error(one) is not None:
        return [("  ! not understood", Role.MARK)]
    was = f"was {shown(one.current)}, " if typed and one.current else ""
    return [(f"  {was}{shown(one.source, 60)}", Role.MUTED)]


def _below(one: Field, error: InsightsError | None, width: int) -> list[Line]:
    """Two lines; the second may be empty."""
    words = shown(one.form) if error is None else f"! {shown(error.message)} {shown(error.remedy)}"
    role = Role.MUTED if error is None else Role.MARK
    lines: list[Line] = [
        [(" " * (_NAME + 3), Role.MUTED), (line, role)] for line in wrapped(words, width - _NAME - 3, most=2)
    ]
    return [*lines, *[[] for _ in range(2 - len(lines))]]


def _end(text: str, cells: int) -> str:
    """The end of what is typed where it is too long: that is where one types."""
    while cell_len(text) > cells:
        text = text[1:]
    return text


# -- what it would do -------------------------------------------------------------------------------------------


def preview_lines(tried: "Tried | None", *, width: int, currency: str) -> list[Line]:
    """Return, rank, value and cost as they are and as they would be, and the ranges of the return on one scale; three
    lines at 76 cells and more. `tried` is None while it is read."""
    if tried is None:
        return [[("reading…", Role.MUTED)], *[[] for _ in range(_PREVIEW - 1)]]
    before, after = tried.before, tried.after
    told = (
        ("ROI", times(before.roi.likely), times(after.roi.likely)),
        ("", _place(before), _place(after)),
        ("value", likely(before.value, currency), likely(after.value, currency)),
        ("cost", likely(before.cost, currency), likely(after.cost, currency)),
    )
    words = packed([f"{name} {_changed(old, new)}".strip() for name, old, new in told], width)
    lines: list[Line] = [[(line, Role.STRONG)] for line in words]
    lines += _bars(before, after, width)
    return [*lines, *[[] for _ in range(_PREVIEW - len(lines))]]


def _bars(before: Estimate, after: Estimate, width: int) -> list[Line]:
    """Value over cost, which is never below zero, on a logarithmic scale that both share."""
    ranges = [_gross(before.roi), _gross(after.roi)]
    low = max(min(one.low for one in ranges), max(one.high for one in ranges) * _LEAST, _LEAST)
    scale = Scale(low=low, high=max(low * 1.01, *(one.high for one in ranges)))
    cells = max(min(_BAR, width - 24), 8)
    lines = []
    told = zip(("now", "then"), ranges, (before, after), strict=True)
    for name, gross, estimate in told if after is not before else [next(told)]:
        left, bar, right = bar_on(scale, gross, cells=cells)
        is_new = name == "then"
        line: Line = [
            (fit(name, 6), Role.MUTED),
            (left, Role.MUTED),
            (bar, Role.TREND if is_new else Role.PLAIN),
            (right, Role.MUTED),
            (f"  ROI {times_range(estimate.roi)}", Role.PLAIN if is_new else Role.MUTED),
        ]
        lines.append(clipped(line, width))
    return lines


def _gross(roi: Range) -> Range:
    return Range(*(max(end + 1, _LEAST) for end in (roi.low, roi.likely, roi.high)))


def _place(estimate: Estimate) -> str:
    return f"#{estimate.rank}" if estimate.rank else "no rank"


def _changed(old: str, new: str) -> str:
    return old if old == new else f"{old} → {new}"
