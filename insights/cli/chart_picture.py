"""Ranges as a picture, PNG or SVG: what `range_chart` shows, to put into a page or a slide.

Drawn by Matplotlib without a display, with the settings and fonts that it ships with, whatever a user or the working
folder configures. The same problems give the same bytes. Text from outside is literal, never mathematics or markup.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from insights.domain.figures import counted
from insights.domain.measure import Measure
from insights.domain.problem import Problem
from insights.domain.range_axis import Axis, Row, axis_of, rows_of
from insights.drawing import as_shipped, font, is_legible
from insights.text.clean import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

PICTURES = (".png", ".svg")
MOST = 100
"""Problems in one picture."""

_DOTS_PER_INCH = 150
_WIDTH, _ROW, _TOP, _BOTTOM = 10.0, 0.34, 0.95, 0.55
_MARGIN, _RANK, _REF, _TITLE, _WORDS = 0.25, 0.45, 0.65, 3.2, 1.25
"""Inches."""
_LONGEST_TITLE = 120
"""Characters."""
_MOST_TICKS = 6
_INK, _MUTED, _GRID, _RANGE, _MEDIAN = "#1c2733", "#5a6675", "#d7dde4", "#6c9bc7", "#1f4e79"
_BANDS = ("#eef3f8", "#f7f1e6")
"""Two shades: groups of ties that meet stay apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The bytes of a file, and the ids of problems whose titles hold letters that the font of a PNG has not."""

    data: bytes
    unreadable: tuple[str, ...] = ()


def draw(problems: Sequence[Problem], *, form: str, currency: str, measure: Measure = Measure.VALUE) -> Picture:
    """The chart as `png` or `svg`: a line from P10 to P90 and a dot at P50 for each of at most 100 problems, ties
    shaded, on a logarithmic axis where the ranges lie far apart."""
    rows = rows_of(problems[:MOST], measure=measure, currency=currency)
    with as_shipped():
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(_WIDTH, _TOP + _BOTTOM + _ROW * max(len(rows), 1)), dpi=_DOTS_PER_INCH)
        FigureCanvasAgg(figure)
        _Drawing(figure, rows, currency=currency, measure=measure).draw()
        title, words = f"{measure.words} of {counted(len(rows), 'problem')}", _in_words(rows)
        data = io.BytesIO()
        if form == "svg":
            figure.savefig(data, format="svg", metadata={"Title": title, "Date": None, "Creator": "insights"})
            return Picture(data=_accessible(data.getvalue().decode(), words).encode())
        figure.savefig(data, format="png", metadata={"Title": title, "Description": words, "Software": "insights"})
        return Picture(data=data.getvalue(), unreadable=_unreadable(rows))


def save_chart(problems: Sequence[Problem], path: Path, *, currency: str, measure: Measure) -> Picture:
    """Draw to a .png or .svg file, by its ending."""
    picture = draw(problems, form=path.suffix.lower().removeprefix("."), currency=currency, measure=measure)
    path.write_bytes(picture.data)
    return picture


def _unreadable(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(row.ref for row in rows if not is_legible(_title(row)))


# -- the drawing ------------------------------------------------------------------------------------------------


class _Drawing:
    """Rows on a figure; lengths in inches from the top left corner."""

    def __init__(self, figure: "Figure", rows: Sequence[Row], *, currency: str, measure: Measure) -> None:
        self.figure = figure
        self.rows = rows
        self.height = float(figure.get_figheight())
        self.axis = axis_of([row.value for row in rows if row.value is not None], measure=measure)
        self.ticks = self.axis.ticks(_MOST_TICKS, measure=measure, currency=currency)
        self.measure = measure

    def draw(self) -> None:
        self._shade_ties()
        self._head()
        axes = self._axes()
        for at, row in enumerate(self.rows):
            self._names(at, row)
            if row.value is not None:
                _range(axes, at, row, self.axis)

    def _text(self, x: float, y: float, words: str, **more: Any) -> "Text":
        look = {"color": _INK, "fontproperties": font(9), "va": "center", **more}
        return self.figure.text(x / _WIDTH, 1 - y / self.height, words, **look)

    def _head(self) -> None:
        scale = ", logarithmic axis" if self.axis.is_log else ""
        ties = "; shaded: share a rank, cannot be told apart" if any(row.tie is not None for row in self.rows) else ""
        self._text(_MARGIN, 0.33, self.measure.words, fontproperties=font(13, bold=True))
        words = f"8 in 10 chances lie on the line (P10 to P90), half of them above the dot (P50){scale}{ties}"
        self._text(_MARGIN, 0.64, words, color=_MUTED)

    def _axes(self) -> "Axes":
        left, right = _MARGIN + _RANK + _REF + _TITLE + 0.1, _MARGIN + _WORDS + 0.1
        box = (left / _WIDTH, _BOTTOM / self.height, 1 - (left + right) / _WIDTH, 1 - (_TOP + _BOTTOM) / self.height)
        axes = self.figure.add_axes(box, facecolor="none")
        axes.set_xlim(0, 1)
        axes.set_ylim(max(len(self.rows), 1) - 0.5, -0.5)
        axes.set_yticks([])
        axes.set_xticks([tick.share for tick in self.ticks], [tick.label for tick in self.ticks])
        for label in axes.get_xticklabels():
            label.set(fontproperties=font(9), color=_MUTED)
        axes.tick_params(axis="x", length=0, pad=5)
        axes.grid(axis="x", color=_GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        if self.axis.low < 0 < self.axis.high:
            axes.axvline(self.axis.share(0), color=_MUTED, linewidth=1, zorder=1)
        for side in ("top", "left", "right"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(_GRID)
        return axes

    def _names(self, at: int, row: Row) -> None:
        y = self._y(at)
        self._text(_MARGIN + _RANK - 0.12, y, row.rank, color=_MUTED, ha="right")
        self._text(_MARGIN + _RANK, y, row.ref, color=_MUTED)
        _shorten(self._text(_MARGIN + _RANK + _REF, y, _title(row)), inches=_TITLE)
        self._text(_WIDTH - _MARGIN, y, row.words, color=_INK if row.value else _MUTED, ha="right")

    def _shade_ties(self) -> None:
        from matplotlib.patches import Rectangle

        shades = cycle(_BANDS)
        for tie, group in groupby(enumerate(self.rows), key=lambda placed: placed[1].tie):
            places = [at for at, _ in group]
            if tie is not None:
                bottom = 1 - (self._y(places[-1]) + _ROW / 2) / self.height
                band = Rectangle((0, bottom), 1, len(places) * _ROW / self.height, facecolor=next(shades), zorder=-1)
                band.set_transform(self.figure.transFigure)
                self.figure.add_artist(band)

    def _y(self, at: int) -> float:
        return _TOP + _ROW * (at + 0.5)


def _range(axes: "Axes", at: int, row: Row, axis: Axis) -> None:
    if row.value is None:
        return
    low, middle, high = (axis.share(amount) for amount in (row.value.low, row.value.likely, row.value.high))
    axes.plot([low, high], [at, at], color=_RANGE, linewidth=5, solid_capstyle="round", clip_on=False)
    axes.plot([middle], [at], "o", color=_MEDIAN, markersize=7, markeredgecolor="white", clip_on=False)


def _title(row: Row) -> str:
    return one_line(row.title, _LONGEST_TITLE)


def _shorten(text: "Text", *, inches: float) -> None:
    """Cut at a letter, with an ellipsis, until it fits."""
    words = text.get_text()
    most = inches * _DOTS_PER_INCH
    while text.get_window_extent().width > most and words:
        words = words[: max(int(len(words) * 0.95) - 1, 0)]
        text.set_text(f"{words.rstrip()}…")


# -- for those who do not see it --------------------------------------------------------------------------------


def _in_words(rows: Sequence[Row]) -> str:
    return "; ".join(f"{row.rank} {row.ref} {_title(row)}: {row.words}" for row in rows)


def _accessible(svg: str, words: str) -> str:
    """With a description in it, announced as one image, and no word of a document type that lies elsewhere."""
    start = svg.index("<svg ")
    head = '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<svg role="img" '
    return head + svg[start + len("<svg ") :].replace("</title>", f"</title>\n <desc>{escape(words)}</desc>", 1)
