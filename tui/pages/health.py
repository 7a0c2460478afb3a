"""How the workspace stands, as lines: a sign, what was looked at, what was found, and below it what mends it. Pure."""

from collections.abc import Sequence
from itertools import pairwise

from insights.domain.figures import counted
from insights.domain.health import Check, CheckState
from tui.cells import fit, shown, shown_whole, wrapped
from tui.pages.pieces import Line, Role

SIGNS = {CheckState.OK: "ok", CheckState.NOTE: "! ", CheckState.WRONG: "!!", CheckState.SKIPPED: "· "}
"""Told apart without colour; two cells each."""

_NAME = 12
_BEFORE_WORDS = 1 + 2 + 2 + _NAME + 1
_ROLES = {
    CheckState.OK: Role.MUTED,
    CheckState.NOTE: Role.MARK,
    CheckState.WRONG: Role.MARK,
    CheckState.SKIPPED: Role.MUTED,
}


def health_title(checks: Sequence[Check]) -> str:
    """Health · all is well; or how many things need a look, and how many of these are broken."""
    wrong = sum(check.state is CheckState.WRONG for check in checks)
    looks = wrong + sum(check.state is CheckState.NOTE for check in checks)
    if not checks:
        return "Health"
    if not looks:
        return "Health · all is well"
    broken = f", {wrong:,} broken" if wrong else ""
    return f"Health · {looks:,} of {counted(len(checks), 'check')} {'needs' if looks == 1 else 'need'} a look{broken}"


def health_page(checks: Sequence[Check], width: int, *, current: int | None = None) -> list[Line]:
    """All checks, the `current` one marked; no line is wider than `width`. A name that stands above is not repeated."""
    repeated = [False, *(before.name == after.name for before, after in pairwise(checks))]
    return [
        line
        for number, check in enumerate(checks)
        for line in _check(check, width, is_current=number == current, with_name=not repeated[number])
    ]


def first_line_of_check(checks: Sequence[Check], width: int, index: int) -> int:
    """Where a check begins on the page."""
    return len(health_page(checks[:index], width))


def legend(*, is_whole: bool, asks_key: str = "r") -> list[Line]:
    """What the signs mean, and what would tell more; `is_whole` where servers were asked, too."""
    more = "" if is_whole else f"{asks_key}  try the servers, the vectors and the embedder, too"
    signs = "ok works   ! has something to know   !! is broken   · was not looked at"
    return [[(text, Role.MUTED)] for text in (signs, more) if text]


def looking(*, is_asking: bool) -> list[Line]:
    """Before anything was found."""
    return [[("Asking the servers…" if is_asking else "Looking…", Role.MUTED)]]


def _check(check: Check, width: int, *, is_current: bool, with_name: bool) -> list[Line]:
    room = max(width - _BEFORE_WORDS, 2)
    words = wrapped(shown_whole(check.words), room)
    lines: list[Line] = [
        [
            ("▌" if is_current else " ", Role.MARK),
            (f"{SIGNS[check.state]}  ", _ROLES[check.state]),
            (f"{fit(shown(check.name, 40) if with_name else '', _NAME)} ", Role.MUTED),
            (words[0] if words else "", Role.PLAIN),
        ]
    ]
    set_in = (" " * (_BEFORE_WORDS - 1), Role.PLAIN)
    bar = ("▌" if is_current else " ", Role.MARK)
    below = [(text, Role.PLAIN) for text in words[1:]]
    if check.remedy:
        below += [(text, Role.MUTED) for text in wrapped(shown_whole(check.remedy), room)]
    if check.command:
        below += [(text, Role.STRONG) for text in wrapped(shown(check.command), room)]
    return lines + [[bar, set_in, piece] for piece in below]
