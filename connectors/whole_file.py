"""Replace a file as a whole or not at all: who reads it reads the old one or the new one, also after a power cut."""

import os
import secrets
import stat
from pathlib import Path


def replace_whole(path: Path, content: bytes) -> None:
    """Write a new file beside the old one and put it in its place, with its mode; where `path` is a link, in that of
    the file itself. Raises OSError, for a file that is read-only, too; the old one is as it was then."""
    target = Path(os.path.realpath(path))
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    if mode is not None and not mode & 0o222:
        raise PermissionError(13, "it is read-only")
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
