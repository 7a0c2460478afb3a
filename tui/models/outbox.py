"""Decisions that the database did not take yet, in a file: one line for each that was made as one, oldest first.

A line is on the disk before the decision counts as kept, so that neither a lost connection nor a killed terminal loses
it. Another session of the same person waits while one writes.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from filelock import FileLock

from insights.domain.intent import Intent
from insights.domain.problem import Action, Column
from insights.errors import InsightsError, Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Decisions that were kept, and why storage did not take them in the end. They are not tried again."""

    intents: tuple[Intent, ...]
    error: InsightsError


class Outbox:
    """The file of one person."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(f"{path}.lock")

    def waiting(self) -> list[tuple[Intent, ...]]:
        """What waits, oldest first."""
        return [tuple(_intent(fields) for fields in json.loads(line)) for line in self._lines()]

    def add(self, intents: Sequence[Intent]) -> None:
        """Keep them; they are on the disk when this returns."""
        with self._locked():
            self._keep([*self.waiting(), tuple(intents)])

    def take_back(self, intents: Sequence[Intent]) -> bool:
        """These wait no longer. False where they do not wait any more: another session wrote them."""
        with self._locked():
            waiting, wanted = self.waiting(), tuple(intents)
            if wanted not in waiting:
                return False
            last = len(waiting) - 1 - waiting[::-1].index(wanted)
            self._keep([*waiting[:last], *waiting[last + 1 :]])
            return True

    def deliver(self, write: Callable[[Sequence[Intent]], object]) -> list[Refused]:
        """Write all that waits, in order. What storage refuses for good is given back. Raises Unreachable where it is
        still not to be reached; what is left stays."""
        refused: list[Refused] = []
        with self._locked():
            waiting = self.waiting()
            while waiting:
                try:
                    write(waiting[0])
                except Unreachable:
                    raise
                except InsightsError as error:
                    refused.append(Refused(intents=waiting[0], error=error))
                waiting = waiting[1:]
                self._keep(waiting)
        return refused

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Raises InsightsError where the file cannot be read or written."""
        try:
            with self._lock:
                yield
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise InsightsError(
                f"The file of decisions that wait cannot be used: {type(error).__name__}.",
                remedy=f"Look at {self._path}: each line is one decision; move it away to go on without them.",
            ) from error

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _keep(self, waiting: Sequence[tuple[Intent, ...]]) -> None:
        """The whole file or none."""
        text = "".join(json.dumps([_fields(intent) for intent in some]) + "\n" for some in waiting)
        temporary = self._path.with_suffix(".tmp")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with os.fdopen(os.open(temporary, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)


def _fields(intent: Intent) -> dict[str, Any]:
    fields = {name: value for name, value in asdict(intent).items() if value is not None}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}


def _intent(fields: dict[str, Any]) -> Intent:
    until, column = fields.get("until"), fields.get("column")
    return Intent(
        **{
            **fields,
            "action": Action(fields["action"]),
            "until": date.fromisoformat(until) if until else None,
            "column": Column(column) if column else None,
        }
    )
