"""The lines above and below every screen: where you are, how far you are, what just happened. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from rich.cells import cell_len

from insights.domain.figures import clock, counted
from insights.domain.problem import PAST, Action
from insights.domain.run import Run, RunStatus
from insights.errors import InsightsError
from tui.cells import cut, shown, wrapped
from tui.figures import age
from tui.pages.pieces import Line, Piece, Role, width_of

SCREENS = {"inbox": "Inbox", "board": "Board", "evidence": "Evidence", "runs": "Runs", "health": "Health"}
"""The five screens by name, in the order of their keys."""

ALL_TABS_FROM = 110
"""Cells; below, the names of the other screens would leave no room for how old the data is and what is done."""

STALE_DAYS = 3
"""A weekend is quiet; more is worth a word. Health says it of each source by what is usual there."""


@dataclass(frozen=True, slots=True)
class Status:
    """What just happened; `hint` stands at the right, such as the way back."""

    text: str = ""
    hint: str = ""
    is_error: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a person is, how old the data is, and how much is done. `counts` stand beside the names of screens; `kept`
    are the decisions that wait for a database that is away."""

    screen: str
    workspace: str
    today: date
    counts: Mapping[str, str] = field(default_factory=dict)
    newest_day: date | None = None
    last_run: Run | None = None
    failing: tuple[str, ...] = ()
    done: int = 0
    waiting: int = 0
    is_offline: bool = False
    kept: int = 0


def top_line(place: Place, width: int) -> Line:
    """insights  Inbox 37   workspace ... data 2026-11-20 (3 d)  run ok $0.38  3/20 done; all five screens where there
    is room. What is least needed goes first."""
    right = [_offline(place), _data(place), _run(place), f"{place.done:,}/{place.done + place.waiting:,} done "]
    tabs = _all_tabs(place) if width >= ALL_TABS_FROM else _own_tab(place)
    for dropped in range(len(right)):
        kept = [text for text in _without(right, dropped) if text]
        line = _joined(tabs, place.workspace, "  ".join(kept), width)
        if line is not None:
            return line
    return _own_tab(place)


def _without(parts: list[str], dropped: int) -> list[str]:
    """The run goes first, then the data's age; that the database is away and what is done stay longest."""
    return [text for number, text in enumerate(parts) if number not in (2, 1, 3)[:dropped]]


def _joined(tabs: Line, workspace: str, right: str, width: int) -> Line | None:
    """None where there is no room for at least some of the workspace's name."""
    room = width - width_of(tabs) - cell_len(right) - 3
    if room < 4:
        return None
    middle = cut(shown(workspace, 200), min(room, max(width // 5, 12)))
    gap = " " * (room - cell_len(middle) + 1)
    is_wide = len(tabs) > 2
    words = f"{gap}{middle}  " if is_wide else f"  {middle}{gap}"
    return [*tabs, (words, Role.MUTED), (right, Role.MUTED)]


_NAME: Piece = (" insights ", Role.MARK)


def _own_tab(place: Place) -> Line:
    return [_NAME, (f" {_named(place, place.screen)} ", Role.STRONG)]


def _all_tabs(place: Place) -> Line:
    tabs = [
        (f"  {number} {_named(place, name)}", Role.STRONG if name == place.screen else Role.MUTED)
        for number, name in enumerate(SCREENS, 1)
    ]
    return [_NAME, *tabs]


def _named(place: Place, screen: str) -> str:
    return f"{SCREENS.get(screen, screen)} {place.counts.get(screen, '')}".strip()


def _offline(place: Place) -> str:
    if not place.is_offline:
        return ""
    return f"offline, {counted(place.kept, 'decision')} kept" if place.kept else "offline"


def _data(place: Place) -> str:
    newest = place.newest_day
    return f"data {newest:%Y-%m-%d} ({age(newest, place.today)})" if newest else ""


def _run(place: Place) -> str:
    run = place.last_run
    if run is None:
        return ""
    how = {RunStatus.DONE: "ok", RunStatus.STOPPED: "stopped", RunStatus.RUNNING: "runs"}[run.status]
    return f"run {how} ${run.spend_usd:,.2f}"


_MOST_FAILING = 3


def stale_words(place: Place) -> Status | None:
    """What to say at the start where sources could not be read, the data is old or the last run did not end; None where
    all is well."""
    run, newest = place.last_run, place.newest_day
    days = (place.today - newest).days if newest else 0
    has_stopped = run is not None and run.status is RunStatus.STOPPED
    failed = f"the last run stopped at {shown((run and run.stage) or 'its start', 40)}" if has_stopped else ""
    old = f"data is {days} days old" if days > STALE_DAYS else ""
    names = ", ".join(shown(name, 40) for name in place.failing[:_MOST_FAILING])
    unread = f"not read: {names}{' …' if len(place.failing) > _MOST_FAILING else ''}" if names else ""
    if not failed and not old and not unread:
        return None
    hint = "5: Health" if unread else "4: Runs · N: analyze"
    return Status(": ".join(part for part in (unread, old, failed) if part), hint=hint, is_error=True)


def status_lines(status: Status, width: int) -> list[Line]:
    """What happened at the left, the hint at the right. A long title within it is shortened, so that what follows it
    shows; what does not fit even so takes a second line."""
    sign, role = (" ! ", Role.MARK) if status.is_error else (" ", Role.MUTED)
    room = max(width - cell_len(sign) - cell_len(status.hint) - 3, 0)
    text = _squeezed(shown(status.text), room)
    above: list[Line] = []
    if cell_len(text) > room:
        first = wrapped(text, max(width - cell_len(sign) - 1, 2))[0]
        above, text = [[(sign, role), (first, Role.PLAIN)]], text[len(first) :].strip()
        sign, role = " " * cell_len(sign), Role.MUTED
    text = cut(text, room)
    gap = " " * max(room - cell_len(text), 0)
    return [*above, [(sign, role), (text, Role.PLAIN), (f"{gap}  {status.hint} ", Role.MUTED)]]


_LEAST_OF_TITLE = 12
"""Cells by which one still knows a title again."""


def _squeezed(text: str, room: int) -> str:
    """The text with its longest quoted title cut, where that makes it fit."""
    excess = cell_len(text) - room
    title = max(_QUOTED.findall(text), key=cell_len, default="")
    left = cell_len(title) - excess
    return text.replace(title, cut(title, left), 1) if excess > 0 and left >= _LEAST_OF_TITLE else text


_QUOTED = re.compile("(?<=“)[^“”]+(?=”)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """Why the Inbox shows no row: `decided` counts what this session decided, `snoozed` holds the days on which snoozed
    problems come back."""

    error: InsightsError | None = None
    is_read: bool = True
    has_any: bool = True
    wanted: str = ""
    decided: Counter[Action] = field(default_factory=Counter)
    seconds: float = 0.0
    snoozed: tuple[date, ...] = ()
    accepted: int = 0


def notice(empty: Empty) -> list[Line]:
    """What the Inbox says where it has no rows to show."""
    if empty.error is not None:
        return _sentences("! " + shown(empty.error.message), shown(empty.error.remedy), "R  read again")
    if not empty.is_read:
        return _sentences("Reading…")
    if not empty.has_any:
        return _sentences(
            "No data yet.",
            "insights demo      try it with made-up feedback",
            "insights import    read your own: CSV, JSONL, Parquet or Excel",
            "insights analyze   then group and rank it",
            "R                  show it here",
        )
    if empty.wanted:
        return _sentences(f"Nothing matches “{shown(empty.wanted, 60)}”.", "esc  show all")
    return _zero(empty)


def _zero(empty: Empty) -> list[Line]:
    count = sum(empty.decided.values())
    if count:
        kinds = ", ".join(f"{empty.decided[action]:,} {PAST[action]}" for action in Action if empty.decided[action])
        done = f"{counted(count, 'problem')} triaged in {clock(empty.seconds)} ({kinds})."
    else:
        done = "Nothing waits for a decision."
    back = ""
    if empty.snoozed:
        back = f"{counted(len(empty.snoozed), 'snoozed problem')}, the first back on {min(empty.snoozed):%A, %Y-%m-%d}."
    last = "u  undo   " if count else ""
    return _sentences(
        "Inbox zero.",
        *(line for line in (done, back) if line),
        f"2  Board ({empty.accepted:,} accepted)   D  digest   {last}R  read again   q  quit",
    )


def _sentences(first: str, *others: str) -> list[Line]:
    return [[(first, Role.STRONG)], [], *_each(others, Role.PLAIN)]


def _each(texts: Iterable[str], role: Role) -> list[Line]:
    return [[(text, role)] for text in texts]
