"""The lines above and below every screen: where you are, how far you are, what just happened. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from rich.cells import cell_len

from insights.domain.figures import clock, counted
from insights.domain.problem import PAST, Action
from tui.cells import cut, shown
from tui.desk import Desk
from tui.figures import age
from tui.pages.pieces import Line, Role


@dataclass(frozen=True, slots=True)
class Status:
    """What just happened; `hint` stands at the right, such as the way back."""

    text: str = ""
    hint: str = ""
    is_error: bool = False


def top_line(desk: Desk, workspace: str, *, today: date, width: int) -> Line:
    """insights  Inbox 37   workspace ... data 2026-11-20 (3 d)  3/20 done"""
    name, inbox = " insights ", f" Inbox {_count(desk)} "
    newest = desk.newest_day
    day = f"data {newest:%Y-%m-%d} ({age(newest, today)})   " if newest else ""
    right = f"{day}{len(desk.decided)}/{len(desk.decided) + desk.waiting} done "
    room = width - cell_len(name) - cell_len(inbox) - cell_len(right) - 3
    if room < 4:
        right, room = "", width - cell_len(name) - cell_len(inbox) - 3
    middle = cut(shown(workspace, 200), max(room, 0))
    gap = " " * max(room - cell_len(middle) + 1, 0)
    return [(name, Role.MARK), (inbox, Role.STRONG), (f"  {middle}{gap}", Role.MUTED), (right, Role.MUTED)]


def _count(desk: Desk) -> str:
    if not desk.is_read:
        return "…"
    return f"{len(desk.visible):,}/{desk.waiting:,}" if desk.wanted else f"{desk.waiting:,}"


def status_line(status: Status, width: int) -> Line:
    """What happened at the left, the hint at the right."""
    sign, role = (" ! ", Role.MARK) if status.is_error else (" ", Role.MUTED)
    room = width - cell_len(sign) - cell_len(status.hint) - 3
    text = cut(shown(status.text), max(room, 0))
    gap = " " * max(room - cell_len(text), 0)
    return [(sign, role), (text, Role.PLAIN), (f"{gap}  {status.hint} ", Role.MUTED)]


def notice(desk: Desk, *, started: datetime, now: datetime) -> list[Line]:
    """What the Inbox says where it has no rows to show."""
    if desk.error is not None:
        return _sentences("! " + shown(desk.error.message), shown(desk.error.remedy), "R  read again")
    if not desk.is_read:
        return _sentences("Reading…")
    if not desk.has_any:
        return _sentences(
            "No data yet.",
            "insights demo      try it with made-up feedback",
            "insights import    read your own: CSV, JSONL, Parquet or Excel",
            "insights run       rank it; then R here",
        )
    if desk.wanted:
        return _sentences(f"Nothing matches “{shown(desk.wanted, 60)}”.", "esc  show all")
    return _zero(desk, seconds=(now - started).total_seconds())


def _zero(desk: Desk, *, seconds: float) -> list[Line]:
    if not desk.decided:
        return _sentences("Inbox zero.", "Nothing waits for a decision.", "R  look again      q  quit")
    done = desk.done
    kinds = ", ".join(f"{done[action]:,} {PAST[action]}" for action in Action if done[action])
    return _sentences(
        "Inbox zero.",
        f"{counted(len(desk.decided), 'problem')} triaged in {clock(seconds)} ({kinds}).",
        "u  take the last one back      R  look again      q  quit",
    )


def _sentences(first: str, *others: str) -> list[Line]:
    return [[(first, Role.STRONG)], [], *_each(others, Role.PLAIN)]


def _each(texts: Iterable[str], role: Role) -> list[Line]:
    return [[(text, role)] for text in texts]
