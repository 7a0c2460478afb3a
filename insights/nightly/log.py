"""The log of a night: one file a day, a line of JSON an event, times in UTC. No customer's words get in."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from insights.text.clean import one_line

FOLDER = "logs"
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class NightLog:
    """Lines are added to what an earlier try of the same night wrote."""

    path: Path

    @classmethod
    def of(cls, data: Path, moment: datetime, *, keep: int) -> "NightLog":
        """Today's; of older ones so many are kept."""
        folder = data / FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        found = sorted(folder.glob("night-*.log"))
        log = cls(folder / f"night-{moment:%Y-%m-%d}.log")
        others = [path for path in found if path != log.path]
        for path in others[: max(len(others) - keep + 1, 0)]:
            path.unlink(missing_ok=True)
        return log

    def say(self, words: str, *, step: str = "night", is_failure: bool = False, **fields: float | str) -> None:
        """One event: when, how grave, of which step, in words, and as fields."""
        told = {
            "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "level": "error" if is_failure else "info",
            "step": step,
            "words": one_line(words, _LONGEST),
            **{name: one_line(value) if isinstance(value, str) else value for name, value in fields.items()},
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
