"""A lock that says who holds it. Ends with its process, also by `kill -9`."""

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from insights.errors import InsightsError

_LOOK_SECONDS = 0.5
"""How often who waits is asked whether to go on."""


class OwnerLock:
    """One process at a time; the file beside it names the holder for the message that others get."""

    def __init__(self, path: Path, *, what: str) -> None:
        self._path = path
        self._what = what
        self._lock = FileLock(path)

    def acquire(self, *, wait_seconds: float = 0, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Raises InsightsError that names the holder if it is not free within `wait_seconds`. `meanwhile` is called now
        and then; what it raises ends the wait."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._wait(wait_seconds, meanwhile)
        except Timeout as error:
            raise InsightsError(
                f"Another process uses {self._what}: {self._holder()}.",
                remedy="Wait until it is done, or stop it; then run the command again.",
            ) from error
        try:
            self._owner_file.write_text(json.dumps({"pid": os.getpid(), "since": datetime.now(UTC).isoformat()}))
        except OSError:
            self.release()
            raise

    def _wait(self, seconds: float, meanwhile: Callable[[], object]) -> None:
        """Raises Timeout."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > _LOOK_SECONDS:
            with suppress(Timeout):
                self._lock.acquire(timeout=_LOOK_SECONDS)
                return
            meanwhile()
        self._lock.acquire(timeout=max(left, 0))

    def release(self) -> None:
        if self._lock.is_locked:
            try:
                with suppress(OSError):  # it only names the holder: work that is done must not fail by it
                    self._owner_file.unlink(missing_ok=True)
            finally:
                self._lock.release()

    def __enter__(self) -> "OwnerLock":
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    @property
    def _owner_file(self) -> Path:
        return _owner_file(self._path)

    def _holder(self) -> str:
        try:
            owner = json.loads(self._owner_file.read_text())
            return f"process {int(owner['pid'])}, since {owner['since'][:19]} UTC"
        except (OSError, ValueError, KeyError, TypeError):
            return "its name is not known"


def holder_of(path: Path) -> int | None:
    """The process that holds the lock on this file, by what it wrote beside it; None where there is none, or where it
    has died. Asks for no lock: that could make another one's attempt fail."""
    try:
        number = int(json.loads(_owner_file(path).read_text())["pid"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
    return number if number > 0 and _is_alive(number) else None


def _is_alive(process: int) -> bool:
    if os.name != "posix":  # elsewhere signal 0 ends a process
        return True
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


def _owner_file(lock: Path) -> Path:
    return lock.with_suffix(".owner")
