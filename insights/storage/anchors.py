"""Where the audit log's head is kept outside the database: a small file, replaced as a whole."""

import os
from contextlib import suppress
from pathlib import Path

from insights.domain.audit import Head, head_of

_LONGEST = 200


def read_anchor(path: Path) -> Head | None:
    """None where there is none, or what stands there is no head."""
    try:
        with path.open("rb") as file:
            return head_of(file.read(_LONGEST).decode("ascii", "replace"))
    except OSError:
        return None


def write_anchor(path: Path, head: Head) -> None:
    """For its owner's eyes. Raises OSError. Not forced to the disk: an anchor that is behind is caught up later."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(head.text + "\n")
        temporary.replace(path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
