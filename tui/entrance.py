"""Before the application is loaded: whether this terminal can show it, and a first line on the screen at once.

Loads nothing of Textual: libraries, settings and database take half a second, in which a person would look at nothing.
"""

import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from tui.office import Office

PAGE_DRIVER = "tui.web.driver:PageDriver"
"""Textual's `TEXTUAL_DRIVER` where a page in a browser draws the application."""

_ENTER = "\x1b[?1049h\x1b[?25l\x1b[H"
_LEAVE = "\x1b[?25h\x1b[?1049l"
"""To the alternate screen without a cursor, and back: as Textual does, which goes on from there."""


def check_terminal(*streams: TextIO, environment: Mapping[str, str] | None = None) -> None:
    """Raises InsightsError where a full-screen application cannot be drawn or steered. A page always can."""
    known = os.environ if environment is None else environment
    if known.get("TEXTUAL_DRIVER") == PAGE_DRIVER:
        return
    if known.get("TERM", "") == "dumb":
        _refuse("This terminal (TERM=dumb) cannot show a full-screen application.")
    if not all(stream.isatty() for stream in streams):
        _refuse("`insights triage` needs a terminal for both its screen and its keys.")


def run(open_office: "Callable[[], Office]") -> None:
    """Triage in the terminal until the person quits. Raises InsightsError where it can show no application."""
    gc.disable()  # what is loaded stays: looking through it for garbage took a tenth of the start
    with entrance():
        from tui.app import InsightsApp

        application = InsightsApp(open_office())
    gc.freeze()
    gc.enable()
    application.run(mouse=application.has_mouse)
    if application.return_code:  # a defect: its traceback stands on the screen
        sys.exit(application.return_code)


@contextmanager
def entrance() -> Iterator[None]:
    """While the application is made. Where that fails, the terminal is as it was before. Raises InsightsError where it
    can show no application."""
    check_terminal(sys.stdin, sys.stdout, sys.stderr)
    is_page = os.environ.get("TEXTUAL_DRIVER") == PAGE_DRIVER
    _write("" if is_page else f"{_ENTER} insights  opening…")
    try:
        yield
    except BaseException:
        _write("" if is_page else _LEAVE)
        raise


def _write(text: str) -> None:
    """To where Textual draws."""
    sys.stderr.write(text)
    sys.stderr.flush()


def _refuse(message: str) -> None:
    raise InsightsError(
        message,
        remedy="Use `insights problems` to list them and `insights decide` to decide.",
        exit_code=ExitCode.USAGE,
    )
