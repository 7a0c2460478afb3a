"""The one error a person can mend. Every other exception is a defect and keeps its traceback."""

from collections.abc import Callable
from enum import IntEnum
from typing import Self, TypeVar

LEFT_OUT = "its words are left out here"


class ExitCode(IntEnum):
    """What the command line answers to the shell."""

    OK = 0
    ERROR = 1
    USAGE = 2
    PARTIAL = 3
    LOGIN = 4
    CHANGED = 5
    FORBIDDEN = 6
    INTERRUPTED = 130


class InsightsError(Exception):
    """What went wrong, and what to do about it."""

    def __init__(self, message: str, *, remedy: str, exit_code: ExitCode = ExitCode.ERROR) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.exit_code = exit_code
        self.unquoted: tuple[str, str] = (message, remedy)
        """Message and remedy without what others wrote, for logs and for whoever reads them unasked."""

    def quoting(self, message: str, remedy: str) -> Self:
        """This error, which quotes what others wrote; without the quotes it says that."""
        self.unquoted = (message, remedy)
        return self


Kind = TypeVar("Kind", bound=InsightsError)


def quoting(make: Callable[[str], Kind], words: str, bare: str = LEFT_OUT) -> Kind:
    """What `make` makes of `words` that others wrote; where those are left out, it stands there with `bare`."""
    without = make(bare)
    return make(words).quoting(without.message, without.remedy)


class Conflict(InsightsError):
    """Somebody else changed these problems since they were looked at; nothing was written."""

    def __init__(self, message: str, *, remedy: str, problem_ids: tuple[int, ...]) -> None:
        super().__init__(message, remedy=remedy)
        self.problem_ids = problem_ids


class Unreachable(InsightsError):
    """The database cannot be reached, or is busy: the same may work later."""
