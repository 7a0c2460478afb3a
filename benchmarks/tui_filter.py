"""How long the desk takes to filter its titles, in this process: letter by letter, with a slip, and without a hit."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from insights.bootstrap import open_workspace
from tests.stored import NOW
from tui.models.desk import Desk, reading_of

_WANTED = {
    "as typed": ("d", "da", "das", "dash", "dashb", "dashboard", "dashboard loads"),
    "two words": ("csv export", "sso login", "audit log is"),
    "with a slip": ("dashbord", "calender", "permision", "webhok retries"),
    "no hit": ("zzzz", "qqqqqqqq", "xylophone quartz"),
}
_TURNS = 5


def filter_milliseconds(folder: Path, *, environment: Mapping[str, str]) -> dict[str, list[float]]:
    """kind of search -> milliseconds of each; the first of all made the texts that are searched."""
    os.environ.update(environment)
    workspace = open_workspace(folder)
    problems = workspace.triage().problems()
    workspace.close()
    desk = Desk()
    desk.lay_out(reading_of(problems), NOW.date())
    found: dict[str, list[float]] = {"the first letter of a session": [_find(desk, "d") for _ in range(2)]}
    for name, wanted in _WANTED.items():
        found[name] = [_find(desk, one) for _ in range(_TURNS) for one in wanted]
    return found


def _find(desk: Desk, wanted: str) -> float:
    begun = time.perf_counter()
    desk.find(wanted)
    return (time.perf_counter() - begun) * 1000
