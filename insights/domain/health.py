"""How something stands that the work depends on: a source, a server, the disk. Pure: what was found, in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from insights.errors import ExitCode, InsightsError


class CheckState(StrEnum):
    """`NOTE` works, with something to know; `SKIPPED` was not looked at."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at. `remedy` says what to do, `command` is the command that does it where there is one,
    `facts` are its figures for a script."""

    name: str
    state: CheckState
    words: str
    remedy: str = ""
    command: str = ""
    needs_login: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


def wrong(name: str, error: InsightsError) -> Check:
    """What an error says, as a check that is not passed."""
    needs_login = error.exit_code is ExitCode.LOGIN
    return Check(name=name, state=CheckState.WRONG, words=error.message, remedy=error.remedy, needs_login=needs_login)


def skipped(name: str, words: str) -> Check:
    """A check that was not made, and why."""
    return Check(name=name, state=CheckState.SKIPPED, words=words)
