"""How the issue of a problem stands, in words. Pure."""

import shlex
from datetime import datetime

from insights.domain.problem import ExportLink, Progressed, problem_ref

_HOUR, _DAY = 3600, 86_400


def stand_of(link: ExportLink) -> str:
    """Its state in the tracker's words, or ours; empty where it was never read."""
    if link.is_gone:
        return "deleted there"
    if link.seen_at is None:
        return ""
    words = link.status or link.progress.value
    is_told = link.progress is Progressed.OPEN or link.progress.value in words.casefold()
    closed = f" {link.closed_on}" if link.closed_on else ""
    return f"{words if is_told else f'{link.progress.value} ({words})'}{closed}"


def age_of_reading(link: ExportLink, now: datetime) -> str:
    """read 5 minutes ago; empty where it was never read."""
    if link.seen_at is None:
        return ""
    seconds = max((now - link.seen_at).total_seconds(), 0)
    if seconds < _HOUR:
        return f"read {seconds // 60:.0f} min ago"
    return f"read {seconds // _HOUR:.0f} h ago" if seconds < 2 * _DAY else f"read {seconds // _DAY:.0f} days ago"


def export_command(problem_id: int, tracker: str) -> str:
    """What a person types to file a problem there."""
    return f"insights export {problem_ref(problem_id)} --to {quoted(tracker)}"


def quoted(tracker: str) -> str:
    """A tracker's name as a shell takes it: a backlog's path may hold anything."""
    return shlex.quote("".join(letter for letter in tracker if letter.isprintable()))
