"""What is said where somebody else was faster. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from insights.domain.problem import PAST, Decision, problem_ref
from tui.cells import shown


def conflict_words(histories: Mapping[int, Sequence[Decision]], titles: Mapping[int, str], now: datetime) -> str:
    """Ana dismissed P-4 1 min ago: “CSV export”; with several, of the first and how many more."""
    number = min(histories)
    others = len(histories) - 1
    more = f" (and {others:,} more)" if others else ""
    title = f"{more}: “{shown(titles.get(number, ''), 200)}”"
    last = histories[number][-1] if histories[number] else None
    if last is None:
        return f"{problem_ref(number)} was changed meanwhile{title}"
    return f"{shown(last.who, 40)} {PAST[last.action]} {problem_ref(number)} {_ago(last.at, now)}{title}"


def _ago(then: datetime, now: datetime) -> str:
    minutes = max(int((now - then).total_seconds() // 60), 0)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 24 * 60 else f"on {then:%Y-%m-%d}"
