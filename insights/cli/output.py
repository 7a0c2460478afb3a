"""Print: data on stdout, messages and progress on stderr, JSON where a script reads."""

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from insights.cli.app import Globals, ProgressForm
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from rich.console import Console

    from insights.domain.step import Step
    from insights.ports import Follow, Progress

_MOST_PIPED = 100_000
"""Bytes."""
_BETWEEN_SECONDS = 0.1


_ACTING = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""What acts on a terminal or hides, of what JSON takes as it is; it stands in strings only."""


def as_json(data: Any) -> None:
    """One JSON document on stdout. What would act on a terminal is written as \\u009b."""
    text = json.dumps(data, default=_plain, ensure_ascii=False, indent=2)
    typer.echo(_ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    msg = f"{type(value).__name__} has no JSON form"
    raise TypeError(msg)


def say(options: Globals, message: str) -> None:
    """A message for the person, on stderr; none with --quiet."""
    if not options.quiet:
        from insights.text.clean import sanitise

        typer.echo(sanitise(message), err=True)


def confirm(options: Globals, question: str) -> bool:
    """Ask on a terminal; yes without one or with --no-input: the caller's preview has been printed."""
    if options.no_input or not sys.stdin.isatty():
        return True
    return typer.confirm(question, default=True, err=True)


def can_ask(options: Globals) -> bool:
    """Whether somebody is there to answer: a terminal, and no --no-input."""
    return not options.no_input and sys.stdin is not None and sys.stdin.isatty()


def offer(question: str) -> bool:
    """Ask for what is never done unasked: no unless somebody says yes. Only where `can_ask`."""
    return typer.confirm(question, default=False, err=True)


def secret(options: Globals, question: str, *, remedy: str) -> str:
    """What is typed, without showing it; where stdin is no terminal, what comes from there. Raises InsightsError with
    the `remedy` where nobody may be asked, where it would be shown, or where it is no text."""
    if sys.stdin is None or not sys.stdin.isatty():
        return _piped(remedy)
    if options.no_input:
        raise InsightsError("The terminal may not be asked: --no-input.", remedy=remedy, exit_code=ExitCode.USAGE)
    import getpass
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(question)
    except getpass.GetPassWarning as error:
        raise InsightsError("This terminal would show what is typed.", remedy=remedy) from error
    except EOFError as error:
        raise KeyboardInterrupt from error


def _piped(remedy: str) -> str:
    try:
        return sys.stdin.buffer.read(_MOST_PIPED).decode("utf-8-sig") if sys.stdin else ""
    except UnicodeDecodeError:
        # Not "from": that error holds the bytes.
        raise InsightsError("What came on standard input is no text in UTF-8.", remedy=remedy) from None


def console(*, width: int | None = None) -> "Console":
    """Where tables go: stdout, without colour under NO_COLOR or in a pipe, never interpreting markup in text."""
    from rich.console import Console

    return Console(
        width=width or (None if sys.stdout.isatty() else _pipe_width()), markup=False, highlight=False, emoji=False
    )


def _pipe_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdigit() and int(columns) > 20 else 100


class StepLines:
    """Steps as lines of JSON on stderr, at most ten a second of one thing, but always the first and the last of it."""

    def __init__(self) -> None:
        self._at = 0.0
        self._last: tuple[int, str] | None = None

    def follow(self, step: "Step") -> None:
        now, thing = time.monotonic(), (step.stage, step.what)
        if thing == self._last and step.done != step.of and now < self._at + _BETWEEN_SECONDS:
            return
        self._at, self._last = now, thing
        from insights.domain.step import step_line

        try:
            typer.echo(step_line(step), err=True)
        except BrokenPipeError as error:
            # Who followed is gone: end in order, as if they had stopped it, and spend no more.
            raise KeyboardInterrupt from error

    def progress(self, what: str, done: int, total: int) -> None:
        """Of work in one stage."""
        from insights.domain.step import Step

        self.follow(Step(stage=1, stages=1, name=what, what=what, done=done, of=total or None))


@contextmanager
def followed(options: Globals) -> Iterator[tuple["Progress", "Follow | None"]]:
    """How work in several stages is told: its progress as a bar, or its steps as lines."""
    if options.progress is ProgressForm.JSON:
        yield (lambda *_: None), StepLines().follow
        return
    with progress_bar(options) as progress:
        yield progress, None


@contextmanager
def progress_bar(options: Globals) -> Iterator["Progress"]:
    """A bar on stderr for what takes longer than a second; silent with --quiet or where stderr is no terminal. With
    --progress json lines instead, whatever stderr is."""
    if options.progress is ProgressForm.JSON:
        yield StepLines().progress
        return
    if options.quiet or options.progress is ProgressForm.NONE or not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total or None)
            bar.update(tasks[what], completed=done, total=total or None)

        yield report


def check_place(path: Path) -> None:
    """Where a file is to be written. Raises InsightsError before any work is done for it."""
    if path.is_dir():
        raise InsightsError(f"{path} is a folder.", remedy="Name a file in it.", exit_code=ExitCode.USAGE)
    if not path.parent.is_dir():
        raise InsightsError(
            f"There is no folder {path.parent}.", remedy="Make it, or name another.", exit_code=ExitCode.USAGE
        )
