"""The chart of a mail: items a week over half a year of the problems that it tells of first, side by side.

Each has a scale of its own, for what matters is how it moves; the highest week and the last one have their numbers.
It stands on a light ground of its own, so that it reads whatever a mail program does to colours. Matplotlib and Pillow
are loaded here alone.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from insights.digest.story import Entry, Part, Story, Tone
from insights.drawing import as_shipped, font
from insights.ports import Image
from insights.text.clean import one_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME = "weeks"
MOST = 6
"""Problems in one chart."""

_FEWEST = 2
"""With one, the bars beside its words say the same."""
_PARTS = (Part.FRESH, Part.MOVERS, Part.FIXES, Part.WAITING)
_WIDTH, _EDGE, _GAP = 5.5, 0.14, 0.24
_ROW, _HEAD, _BARS, _NUMBER = 1.02, 0.36, 0.46, 0.34
"""Inches, each of them 100 pixels of the mail and 200 of the picture."""
_DOTS_PER_INCH = 200
_SHADES = 24
"""Of the palette: few, so that the file stays small."""
_LONGEST_TITLE, _LONGEST_REF, _LONGEST_TREND = 45, 12, 120
"""Characters."""
_NOW = 4
"""Weeks in the colour of the tone."""
_FULL_BAR = 4
"""Items a week from which a bar may be full."""
_INK, _MUTED, _GROUND, _LINE = "#1c2733", "#55616f", "#f6f8fa", "#7799aa"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one problem is drawn: inches from the top left corner, and the figure's height."""

    left: float
    top: float
    height: float

    @property
    def right(self) -> float:
        return self.left + _panel()

    def x(self, inches: float) -> float:
        return inches / _WIDTH

    def y(self, below: float) -> float:
        return 1 - (self.top + below) / self.height


def chart_of(story: Story, *, colours: Mapping[Tone, str], earlier: str) -> Image | None:
    """A PNG of twice the resolution; None where there are fewer than two trends. Its alternative text is the trends in
    the story's own words."""
    entries = [*_told_first(story)][:MOST]
    if len(entries) < _FEWEST:
        return None
    alt = "; ".join(one_line(f"{entry.ref}: {entry.trend}", _LONGEST_TREND) for entry in entries)
    return Image(name=NAME, content=_drawn(entries, colours=colours, earlier=earlier), alt=alt)


def _told_first(story: Story) -> Iterator[Entry]:
    for section in story.sections:
        if section.part in _PARTS:
            yield from (entry for entry in section.entries if any(entry.weekly))


def _drawn(entries: Sequence[Entry], *, colours: Mapping[Tone, str], earlier: str) -> bytes:
    height = _ROW * -(-len(entries) // 2) + _EDGE
    with as_shipped():
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(_WIDTH, height), dpi=_DOTS_PER_INCH, facecolor=_GROUND)
        canvas: Any = FigureCanvasAgg(figure)
        for at, entry in enumerate(entries):
            place = _Place(left=_EDGE + at % 2 * (_panel() + _GAP), top=_EDGE + at // 2 * _ROW, height=height)
            _title(figure, entry, place)
            _bars(figure, entry.weekly, place, colours=(earlier, colours[entry.tone]))
        canvas.draw()
        return _small(canvas.buffer_rgba())


def _panel() -> float:
    return (_WIDTH - 2 * _EDGE - _GAP) / 2


def _title(figure: "Figure", entry: Entry, place: _Place) -> None:
    """The id and as much of the title as there is room for."""
    y = place.y(0.08)
    ref = one_line(entry.ref, _LONGEST_REF)
    before = figure.text(place.x(place.left), y, ref, color=_MUTED, fontproperties=font(8.5), va="center")
    left = place.left + (before.get_window_extent().width / _DOTS_PER_INCH + 0.07 if ref else 0)
    words = one_line(entry.title, _LONGEST_TITLE)
    text = figure.text(place.x(left), y, words, color=_INK, fontproperties=font(9, bold=True), va="center")
    while words and text.get_window_extent().width > (place.right - left) * _DOTS_PER_INCH:
        words = words[: max(int(len(words) * 0.95) - 1, 0)]
        text.set_text(f"{words.rstrip()}…")


def _bars(figure: "Figure", weekly: Sequence[int], place: _Place, *, colours: tuple[str, str]) -> None:
    earlier, now = colours
    box = (place.x(place.left), place.y(_HEAD + _BARS), place.x(_panel() - _NUMBER), _BARS / place.height)
    axes = figure.add_axes(box, facecolor="none")
    last, highest = len(weekly) - 1, weekly.index(max(weekly))
    shades = [now if at > last - _NOW else earlier for at in range(last + 1)]
    axes.bar(range(last + 1), weekly, width=0.78, color=shades)
    axes.set_xlim(-0.5, last + 0.5)
    axes.set_ylim(0, max(*weekly, _FULL_BAR))
    axes.axis("off")
    axes.axhline(0, color=_LINE, linewidth=1, clip_on=False)
    axes.text(last + 0.9, 0, f"{weekly[-1]:,}", color=_INK, fontproperties=font(11, bold=True), va="bottom")
    if highest < last:
        peak = f"{weekly[highest]:,}"
        axes.text(highest, weekly[highest], peak, color=_MUTED, fontproperties=font(8), ha="center", va="bottom")


def _small(pixels: Any) -> bytes:
    """As a PNG with a palette."""
    from PIL import Image as Picture

    picture = Picture.frombytes("RGBA", (pixels.shape[1], pixels.shape[0]), bytes(pixels)).convert("RGB")
    data = io.BytesIO()
    picture.quantize(_SHADES, dither=Picture.Dither.NONE).save(data, format="PNG", optimize=True)
    return data.getvalue()
