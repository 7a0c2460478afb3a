"""What a screen shows as SVG: one picture that stands still, or several after one another as a film.

It loads nothing, runs no script and asks for no font of its own, so it shows wherever an image does. Rows that look
alike are written once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from io import StringIO
from itertools import accumulate, groupby
from re import finditer

from rich.cells import cell_len
from rich.color import Color
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.app import App

from tui.themes import DARK

CELL, ROW, FONT = 9, 17, 15
"""Pixels that a cell is wide and high, and the size of its letters: at 15 most monospaced ones are 9 wide."""
_BASE = 13
"""Pixels from the top of a row to the line that letters stand on."""
_SEAM = 0.4
"""Pixels that a ground reaches into the row below: no line shows between them where the picture is made smaller."""
_EDGE, _CAPTION = 10, 40
_WORDS = r"\S+(?: \S+)*"
"""What is drawn of a row: stretches without two spaces after one another."""
_LETTERS = '"DejaVu Sans Mono",Menlo,"Cascadia Mono",Consolas,"Liberation Mono",monospace'

Row = tuple[tuple[str, Style], ...]
"""Stretches of one look, from left to right; together as wide as the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the screen shows for some seconds, and beneath it the keys that led there, in words."""

    rows: tuple[Row, ...]
    keys: tuple[str, ...] = ()
    words: str = ""
    seconds: float = 0.0


def screen_rows(app: App[None]) -> tuple[Row, ...]:
    """What a terminal would show now, dialogs included."""
    width, height = app.size
    console = Console(
        width=width,
        height=height,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        _environ={},
    )
    drawn = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    segments = Segment.filter_control(console.render(drawn)) if drawn is not None else ()
    lines = Segment.split_and_crop_lines(segments, width, include_new_lines=False)
    return tuple(_joined(line) for line in lines)[:height]


def _joined(line: Sequence[Segment]) -> Row:
    """Neighbours of one look as one stretch. What a click does is no part of a picture."""
    looks = ((segment.text, (segment.style or Style.null()).clear_meta_and_links()) for segment in line)
    return tuple(("".join(text for text, _ in same), style) for style, same in groupby(looks, key=lambda one: one[1]))


class Film:
    """Frames of one size, as SVG. Where a reader wants no motion, the first stands."""

    def __init__(self, frames: Sequence[Frame], *, title: str) -> None:
        self.frames = frames
        self.title = title
        self._looks: dict[str, str] = {}
        self._rows: dict[Row, str] = {}

    @cached_property
    def width(self) -> int:
        """Pixels from edge to edge."""
        cells = max((sum(cell_len(text) for text, _ in row) for row in self.frames[0].rows), default=0)
        return cells * CELL + 2 * _EDGE

    @cached_property
    def height(self) -> int:
        screen = len(self.frames[0].rows) * ROW + 2 * _EDGE
        return screen + (_CAPTION if any(frame.words for frame in self.frames) else 0)

    def svg(self) -> str:
        frames = [self._frame(number, frame) for number, frame in enumerate(self.frames)]
        rows = [f'<g id="{name}">{self._row(row)}</g>' for row, name in self._rows.items()]
        title = escape(self.title)
        ground, line = DARK.background, DARK.variables["line"]
        return "\n".join(
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" role="img">',
                f"<title>{title}</title>",
                f"<style>{self._styles()}</style>",
                "<defs>",
                f'<clipPath id="in"><rect width="{self.width}" height="{self.height}" rx="8"/></clipPath>',
                *rows,
                "</defs>",
                f'<rect x=".5" y=".5" width="{self.width - 1}" height="{self.height - 1}" rx="8" '
                f'fill="{ground}" stroke="{line}"/>',
                '<g clip-path="url(#in)"><g id="film">',
                *frames,
                "</g></g>",
                "</svg>",
                "",
            )
        )

    # -- frames -----------------------------------------------------------------------------------------------

    def _frame(self, number: int, frame: Frame) -> str:
        """One after the other from left to right; the film is moved behind a window of one frame."""
        uses = "".join(
            f'<use href="#{self._name(part)}" x="{left * CELL}" y="{at * ROW + _BASE}"/>'
            for at, row in enumerate(frame.rows)
            for left, part in _panes(row)
            if any(text.strip() or style.bgcolor for text, style in part)
        )
        place = f"translate({number * self.width + _EDGE} {_EDGE})"
        return f'<g transform="{place}">{uses}{self._caption(frame)}</g>'

    def _caption(self, frame: Frame) -> str:
        """The keys as keys, and what they do."""
        if not frame.words:
            return ""
        at, top = 4, len(frame.rows) * ROW + 14
        parts = []
        for key in frame.keys:
            wide = cell_len(key) * CELL + 14
            parts.append(f'<rect class="cap" x="{at}" y="{top}" width="{wide}" height="25" rx="4"/>')
            parts.append(f'<text class="key" x="{at + 7}" y="{top + 17}">{escape(key)}</text>')
            at += wide + 6
        return "".join(parts) + f'<text class="said" x="{at + 6}" y="{top + 17}">{escape(frame.words)}</text>'

    def _name(self, row: Row) -> str:
        return self._rows.setdefault(row, f"r{len(self._rows)}")

    # -- rows and looks ---------------------------------------------------------------------------------------

    def _row(self, row: Row) -> str:
        return "".join((*self._grounds(row), *self._texts(row)))

    def _grounds(self, row: Row) -> Iterator[str]:
        at = 0
        for ground, same in groupby(row, key=lambda one: _ground(one[1])):
            wide = sum(cell_len(text) for text, _ in same)
            if ground != DARK.background:
                look, size = self._look(f"fill:{ground}"), f'width="{wide * CELL}" height="{ROW + _SEAM}"'
                yield f'<rect class="{look}" x="{at * CELL}" y="-{_BASE}" {size}/>'
            at += wide

    def _texts(self, row: Row) -> Iterator[str]:
        at = 0
        for text, style in row:
            for found in finditer(_WORDS, text):
                left, words = (at + cell_len(text[: found.start()])) * CELL, escape(found.group(), quote=False)
                wide = cell_len(found.group())
                length = f' textLength="{wide * CELL}"' if wide > 1 else ""
                yield f'<text class="{self._look(_letters(style))}" x="{left}"{length}>{words}</text>'
            at += cell_len(text)

    def _look(self, css: str) -> str:
        return self._looks.setdefault(css, _class(len(self._looks)))

    def _styles(self) -> str:
        looks = "".join(f".{name}{{{css}}}" for css, name in self._looks.items())
        panel, muted = DARK.panel, DARK.variables["muted"]
        return (
            f"text{{font:{FONT}px {_LETTERS};white-space:pre}}{looks}"
            f".cap{{fill:{panel};stroke:{muted}}}.key{{fill:{DARK.accent};font-weight:bold}}"
            f".said{{fill:{DARK.foreground}}}{self._motion()}"
        )

    def _motion(self) -> str:
        whole = sum(frame.seconds for frame in self.frames)
        if len(self.frames) < 2 or not whole:
            return ""
        starts = accumulate((frame.seconds for frame in self.frames[:-1]), initial=0.0)
        steps = "".join(
            f"{start / whole * 100:.3f}%{{transform:translate({-number * self.width}px)}}"
            for number, start in enumerate(starts)
        )
        return (
            f"#film{{animation:play {whole:.2f}s step-end infinite}}@keyframes play{{{steps}}}"
            "@media(prefers-reduced-motion:reduce){#film{animation:none}}"
        )


def _panes(row: Row) -> Iterator[tuple[int, Row]]:
    """Cells to the left, and what one pane shows of the row: a pane often stays while another turns."""
    at = first = 0
    left = 0
    for number, (text, _) in enumerate(row):
        if text == "││":
            yield left, row[first:number]
            left, first = at, number
        at += cell_len(text)
    yield left, row[first:]


def _class(number: int) -> str:
    """A short class: a … z, then a1 …"""
    turn, letter = divmod(number, 26)
    return chr(ord("a") + letter) + (str(turn) if turn else "")


def _letters(style: Style) -> str:
    """The look of letters, as CSS."""
    colour = _colour(style.bgcolor if style.reverse else style.color, DARK.foreground or "")
    looks = (
        (style.bold, "font-weight:bold"),
        (style.italic, "font-style:italic"),
        (style.dim, "opacity:.6"),
        (style.underline, "text-decoration:underline"),
    )
    return ";".join((f"fill:{colour}", *(css for is_so, css in looks if is_so)))


def _ground(style: Style) -> str:
    return _colour(style.color if style.reverse else style.bgcolor, DARK.background or "")


def _colour(colour: Color | None, otherwise: str) -> str:
    return otherwise if colour is None or colour.is_default else colour.get_truecolor().hex
