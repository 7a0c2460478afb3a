"""What the quick checks look at, and how they say sizes and times."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from insights.config import Settings
from insights.storage.repository import Repository
from insights.storage.runs import Delivered


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the quick checks look at. `data` is the workspace's folder of data."""

    repository: Repository
    settings: Settings
    folder: Path
    data: Path
    now: datetime

    @cached_property
    def delivered(self) -> Mapping[str, Delivered]:
        """What is kept of each source."""
        return self.repository.sources.delivered()

    @property
    def items(self) -> int:
        """All feedback that is kept."""
        return sum(one.rows for one in self.delivered.values() if one.days)


def is_sqlite(settings: Settings) -> bool:
    url = settings.storage.database_url
    return not url or url.startswith("sqlite")


def size_in_words(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


def days(days: int) -> str:
    return "today" if days == 0 else f"{days:,} d"


def ago(since: timedelta) -> str:
    """5 min ago, 6 h ago, 12 d ago."""
    minutes = max(int(since.total_seconds() // 60), 0)
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // (24 * 60):,} d ago"
