"""Keep refused rows beside the workspace's data, with line number and reason: nothing a user gave us is lost."""

import csv
import os
import re
from collections.abc import Sequence
from pathlib import Path

from insights.ports import Reject
from insights.text.cells import inert_cell


def keep_rejects(folder: Path, *, source: str, rejects: Sequence[Reject], is_first: bool) -> Path | None:
    """Append to the source's rejects file (0600); the first page of a reading starts it anew. None without rejects."""
    path = folder / f"{re.sub(r'[^A-Za-z0-9._-]', '_', source)}.rejects.csv"
    if not rejects:
        return None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if is_first else os.O_APPEND)
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        if is_first:
            writer.writerow(["line", "reason", "row"])
        writer.writerows([reject.line, reject.reason, inert_cell(reject.raw)] for reject in rejects)
    return path
