"""Compare what a screen shows with a text that is kept: one file for each look, readable in a diff.

`INSIGHTS_UPDATE_LOOKS=1 pytest tests/tui/test_looks.py` writes them anew; look at the difference before accepting it.
"""

import os
from difflib import unified_diff
from pathlib import Path

from tui.picture import screen_rows

FOLDER = Path(__file__).parent / "looks"
_MOMENT = 0.02
"""Seconds."""
SIZES = {"80x24": (80, 24), "140x40": (140, 40)}


def look_of(app) -> str:
    """What shows, without colour, a line each."""
    rows = ("".join(text for text, _ in row).rstrip() for row in screen_rows(app))
    return "\n".join(rows) + "\n"


class Looks:
    """The looks of one session at one size; told all at once at the end, so that one failure hides no other."""

    def __init__(self, session, size: str) -> None:
        self._session, self._size = session, size
        self._differing: list[str] = []

    async def keep(self, name: str) -> None:
        """What shows once it changes no more is `name`."""
        found = await self._at_rest()
        path = FOLDER / f"{name}-{self._size}.txt"
        if os.environ.get("INSIGHTS_UPDATE_LOOKS"):
            path.write_text(found, encoding="utf-8")
            return
        kept = path.read_text(encoding="utf-8") if path.exists() else ""
        if found != kept:
            lines = unified_diff(kept.splitlines(), found.splitlines(), f"{path.name} as kept", "as it is", lineterm="")
            self._differing.append("\n".join(lines))

    async def _at_rest(self) -> str:
        """A line that is drawn may make another wider, which is drawn then, and styles follow at the next idle moment:
        at rest is what looks alike three times."""
        seen: list[str] = []
        while len(seen) < 3 or len(set(seen[-3:])) > 1:
            await self._session.settle()
            await self._session.pilot.pause(_MOMENT)
            seen.append(look_of(self._session.app))
        return seen[-1]

    def check(self) -> None:
        assert not self._differing, "\n\n".join(self._differing)
