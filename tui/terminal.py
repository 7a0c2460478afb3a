"""What the terminal can do, and colour taken out where the person asked for none."""

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import TextIO

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from insights.errors import ExitCode, InsightsError


def check_terminal(*streams: TextIO, environment: Mapping[str, str] | None = None) -> None:
    """Raises InsightsError where a full-screen application cannot be drawn or steered."""
    term = (os.environ if environment is None else environment).get("TERM", "")
    if term == "dumb":
        _refuse("This terminal (TERM=dumb) cannot show a full-screen application.")
    if not all(stream.isatty() for stream in streams):
        _refuse("`insights triage` needs a terminal for both its screen and its keys.")


def _refuse(message: str) -> None:
    raise InsightsError(
        message,
        remedy="Use `insights problems` to list them and `insights decide` to decide.",
        exit_code=ExitCode.USAGE,
    )


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
