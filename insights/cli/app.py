"""The command `insights`: its global options, and how errors become messages and exit codes.

Importing this loads typer and nothing heavy; each command loads what it needs when it runs.
"""

import logging
import os
import signal
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from types import FrameType

    from insights.bootstrap import Workspace
    from insights.domain.access import Act

app = typer.Typer(
    name="insights",
    help="Turn customer feedback into ranked problems with an estimated return.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# typer carries its own copy of click: its errors' common base has no public name.
_USAGE: Any = typer.BadParameter.__mro__[2]

AsJson = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]


class ProgressForm(StrEnum):
    """How progress is told on stderr."""

    BAR = "bar"
    JSON = "json"
    NONE = "none"


_UNFINISHED = "An erasure is not done yet. Unless it is running now, end it: insights privacy erase --resume"


@dataclass(frozen=True, slots=True)
class Globals:
    """What was said before the command's name."""

    folder: Path | None
    quiet: bool
    no_input: bool
    progress: ProgressForm = ProgressForm.BAR

    def open(self, act: "Act | None" = None) -> "Workspace":
        """To do this there; what it takes is refused before anything is asked or read. Raises InsightsError."""
        from insights.bootstrap import find_workspace, open_workspace
        from insights.domain.access import Act

        opened = open_workspace(find_workspace(self.folder), to=act or Act.LOOK)
        if not self.quiet and opened.repository.erasures.is_under_way():
            typer.echo(_UNFINISHED, err=True)
        return opened


def _version(wanted: bool) -> None:
    if wanted:
        from insights import __version__

        typer.echo(f"insights {__version__}")
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", "-C", help="Folder of the workspace. [env: INSIGHTS_WORKSPACE]"),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no messages but errors.")] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask; take the safe answer.")] = False,
    progress: Annotated[
        ProgressForm, typer.Option(help="Progress on stderr: a bar on a terminal; a line of JSON a step; none.")
    ] = ProgressForm.BAR,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Turn customer feedback into ranked problems with an estimated return.

    Start with: insights demo, or: insights init, insights import FILE --kind ticket, insights analyze.
    """
    context.obj = Globals(workspace, quiet, no_input, progress)


def main() -> None:
    """The entry point: what a person can mend ends in two lines and an exit code; defects keep their traceback."""
    # A library that finds no handler sets one up, and its messages would stand between ours.
    logging.getLogger().addHandler(logging.NullHandler())
    signal.signal(signal.SIGTERM, _stop)
    _replace_closed_streams()
    try:
        result: Any = app(standalone_mode=False)
        if result == ExitCode.INTERRUPTED:  # typer turns a KeyboardInterrupt into this number
            raise KeyboardInterrupt
    except InsightsError as error:
        _fail(error.message, error.remedy, error.exit_code)
    except KeyboardInterrupt:
        _fail("Stopped.", "What was done is kept; run the command again to go on.", ExitCode.INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(ExitCode.OK)
    except Exception as error:
        _fail_by_kind(error)
    else:
        sys.exit(result if isinstance(result, int) else ExitCode.OK)


def _replace_closed_streams() -> None:
    """Run also where the caller closed stdout or stderr (`>&-`): a file we open must not take its place."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open to the end


def _stop(_number: int, frame: "FrameType | None") -> None:
    """SIGTERM is an interrupt like Ctrl-C, so that locks and runs end in order, also where SIGINT is ignored."""
    handler = signal.getsignal(signal.SIGINT)
    (handler if callable(handler) else signal.default_int_handler)(signal.SIGINT, frame)


def _fail_by_kind(error: Exception) -> None:
    import errno

    from insights.storage.damage import unreadable

    if (told := unreadable(error)) is not None:
        _fail(told.message, told.remedy, told.exit_code)
    if isinstance(error, typer.Abort):
        _fail("Stopped.", "What was done is kept; run the command again to go on.", ExitCode.INTERRUPTED)
    if isinstance(error, _USAGE):
        error.show()
        sys.exit(error.exit_code)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        _fail(
            "The disk is full.", "Free some space and run the command again; what was saved is whole.", ExitCode.ERROR
        )
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        _fail(f"{error.filename or 'A file'} may not be written or read.", "Check its permissions.", ExitCode.ERROR)
    if isinstance(error, OSError) and error.errno in (errno.EIO, errno.ENXIO, errno.ENODEV):
        _fail(
            f"The disk refused a read or write{f' of {error.filename}' if error.filename else ''}.",
            "Check the disk, then run the command again; what was saved is whole.",
            ExitCode.ERROR,
        )
    raise error


def _fail(message: str, remedy: str, code: ExitCode) -> None:
    from insights.text.clean import sanitise

    typer.echo(f"insights: {sanitise(message)}\n  {sanitise(remedy)}", err=True)
    sys.exit(code)
