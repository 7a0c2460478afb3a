"""The mouse switched on and off, and colour taken out where the person asked for none."""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.driver import Driver
from textual.filter import LineFilter

_MOUSE = ("1000", "1003", "1015", "1006")
"""Modes of xterm: report clicks, report moves, and in which form."""


def switch_mouse(driver: Driver, *, is_on: bool) -> None:
    """Report the mouse to the application, or leave it to the terminal, which selects text with it."""
    for mode in _MOUSE:
        driver.write(f"\x1b[?{mode}{'h' if is_on else 'l'}")
    driver.flush()


class Colourless(LineFilter):
    """Keeps bold and reverse, drops every colour: textual turns colours into greys, which are colours, too."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 (textual's signature)
        return [Segment(text, _colourless(style), control) for text, style, control in segments]


@lru_cache(1024)
def _colourless(style: Style | None) -> Style | None:
    """The same attributes without foreground and background; mouse actions stay."""
    if style is None:
        return None
    plain = Style(bold=style.bold, dim=style.dim, italic=style.italic, underline=style.underline, reverse=style.reverse)
    return plain + Style.from_meta(style.meta) if style.meta else plain
