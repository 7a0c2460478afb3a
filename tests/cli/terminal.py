"""Run `insights` on a terminal of its own, and type. Not a test."""

import os
import pty
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from tests.ready import COMMAND, started

ROOT = Path(__file__).parents[2]


def on_a_terminal(
    *arguments: str,
    typed: Sequence[tuple[str, str]] = (),
    first: str = "",
    cwd: Path | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> tuple[str, int]:
    """What the terminal shows, and the exit code. `typed` are pairs: once the first is shown, the second is typed. The
    code `first` runs before."""
    terminal, end = pty.openpty()
    name = os.ttyname(end)
    child = started(
        f"{first}\n{COMMAND}",
        *arguments,
        cwd=cwd,
        environment={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        streams=(name, name, name),
    )
    os.close(end)
    waiting, shown, since = list(typed), b"", 0
    while more := _read(terminal):
        shown += more
        if waiting and waiting[0][0].encode() in shown[since:]:
            os.write(terminal, waiting.pop(0)[1].encode())
            since = len(shown)
    os.close(terminal)
    return shown.decode().replace("\r\n", "\n"), child.wait()


def _read(terminal: int) -> bytes:
    """Nothing at the end: Linux tells it by an error."""
    try:
        return os.read(terminal, 1024)
    except OSError:
        return b""
