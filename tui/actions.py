"""Everything that the application does: its name, its keys, its words, and the plain command that does the same.

The bindings of every screen, the bottom line, the help and the palette are made from this list, so that a key means
one thing everywhere and nothing can be done without a name. What only looks or moves needs no command of its own.
"""

import string
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType
from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from insights.domain import access
from insights.errors import ExitCode, InsightsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """`keys` are names of keys, separated by commas, none where the palette alone offers it; `action` is what a screen
    runs; `command` is the plain command, empty where the act only looks or moves."""

    id: str
    keys: str
    action: str
    words: str
    command: str = ""
    in_footer: bool = False
    in_palette: bool = True


def _moves(name: str, keys: str, action: str, words: str) -> Act:
    return Act(id=name, keys=keys, action=action, words=words, in_palette=False)


ACTS = (
    _moves("next", "j,down", "move(1)", "down"),
    _moves("previous", "k,up", "move(-1)", "up"),
    _moves("first", "g,home", "go(0)", "first"),
    _moves("last", "G,end", "go(-1)", "last"),
    _moves("page_down", "pagedown", "page(1)", "a page down"),
    _moves("page_up", "pageup", "page(-1)", "a page up"),
    _moves("left", "left", "sideways(-1)", "column to the left"),
    _moves("right", "right", "sideways(1)", "column to the right"),
    Act(id="open", keys="enter", action="open", words="open", command="insights show P-12"),
    _moves("back", "escape,h", "back", "back, show all"),
    _moves("next_quote", "J", "quote(1)", "next quote"),
    _moves("previous_quote", "K", "quote(-1)", "previous quote"),
    Act(
        id="card_left",
        keys="H",
        action="carry(-1)",
        words="card left",
        command="insights place P-12 --to now",
        in_footer=True,
    ),
    Act(
        id="card_right",
        keys="L",
        action="carry(1)",
        words="card right",
        command="insights place P-12 --to later",
        in_footer=True,
    ),
    Act(
        id="accept",
        keys="a",
        action="accept",
        words="accept",
        command="insights decide P-12 accept",
        in_footer=True,
    ),
    Act(
        id="dismiss",
        keys="d",
        action="begin('dismiss')",
        words="dismiss",
        command='insights decide P-12 dismiss --why "duplicate"',
        in_footer=True,
    ),
    Act(
        id="snooze",
        keys="s",
        action="begin('snooze')",
        words="snooze",
        command="insights decide P-12 snooze --until week",
        in_footer=True,
    ),
    Act(id="merge", keys="m", action="merge", words="merge", command="insights merge P-12 P-7", in_footer=True),
    Act(
        id="move",
        keys="m",
        action="move_item",
        words="move item",
        command="insights move T-31 --from P-12 --to P-7",
        in_footer=True,
    ),
    Act(
        id="estimate",
        keys="e",
        action="estimate",
        words="estimate",
        command="insights estimate P-12 --effort L",
        in_footer=True,
    ),
    Act(id="undo", keys="u", action="undo", words="undo", command="insights undo", in_footer=True),
    Act(id="find", keys="slash", action="find", words="find", command='insights search "…"', in_footer=True),
    Act(id="split", keys="x", action="split", words="split", command="insights split P-12 T-31", in_footer=True),
    Act(id="rename", keys="r", action="rename", words="rename", command='insights rename P-12 "…"', in_footer=True),
    Act(
        id="source",
        keys="o",
        action="source",
        words="open source",
        command="insights show P-12 --items",
        in_footer=True,
    ),
    Act(id="copy", keys="y", action="copy", words="copy", command="insights show P-12", in_footer=True),
    Act(id="export", keys="E", action="export", words="export", command="insights export P-12", in_footer=True),
    Act(id="palette", keys="colon", action="app.palette", words="palette", in_footer=True, in_palette=False),
    Act(
        id="accept_to",
        keys="A",
        action="begin('accept')",
        words="accept to a column",
        command="insights decide P-12 accept --to now",
    ),
    Act(id="redo", keys="U", action="redo", words="redo", command="insights redo"),
    Act(id="select", keys="space", action="select", words="select", command="insights decide P-12 P-7 accept"),
    Act(id="range", keys="v", action="range", words="select a range", command="insights decide P-12 P-7 accept"),
    Act(
        id="card_up",
        keys="left_curly_bracket",
        action="reorder(-1)",
        words="card up",
        command="insights place P-12 --to now --before P-7",
    ),
    Act(
        id="card_down",
        keys="right_curly_bracket",
        action="reorder(1)",
        words="card down",
        command="insights place P-12 --to now --before P-7",
    ),
    Act(id="rerank", keys="R", action="rerank", words="read again", command="insights problems", in_footer=True),
    Act(
        id="lens",
        keys="O",
        action="lens",
        words="order by return, RICE, growth …",
        command="insights problems --lens rice",
    ),
    Act(id="digest", keys="D", action="digest", words="digest", command="insights digest"),
    Act(id="analyze", keys="N", action="app.analyze", words="analyze", command="insights analyze", in_footer=True),
    Act(id="stop", keys="ctrl+c", action="app.stop_work", words="stop what runs; what is done is kept"),
    Act(id="inbox", keys="1", action="app.go('inbox')", words="Inbox", command="insights problems"),
    Act(id="board", keys="2", action="app.go('board')", words="Board", command="insights board"),
    Act(id="evidence", keys="3", action="app.go('evidence')", words="Evidence", command='insights search "…"'),
    Act(id="runs", keys="4", action="app.go('runs')", words="Runs", command="insights runs"),
    Act(id="health", keys="5", action="app.go('health')", words="Health", command="insights doctor --offline"),
    Act(id="theme", keys="", action="app.next_theme", words="next theme: dark, light, high contrast"),
    Act(id="mouse", keys="", action="app.toggle_mouse", words="mouse: click here, or select text as in a shell"),
    Act(id="quit", keys="q", action="app.quit", words="quit"),
    Act(id="help", keys="question_mark", action="app.help", words="help", in_footer=True),
)
"""In the order of the bottom line and the help; help is last, since it must always be in sight."""

BY_ID: Mapping[str, Act] = {act.id: act for act in ACTS}

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Decide": ("accept", "accept_to", "dismiss", "snooze", "select", "range", "undo", "redo"),
    "Arrange": ("card_left", "card_right", "card_up", "card_down"),
    "Correct": ("merge", "move", "split", "rename", "estimate"),
    "Move": (
        *("next", "previous", "first", "last", "page_down", "page_up", "left", "right"),
        *("open", "back", "next_quote", "previous_quote"),
    ),
    "Look": ("find", "lens", "rerank", "source", "copy", "export", "digest"),
    "Work": ("analyze", "stop"),
    "Go": ("inbox", "board", "evidence", "runs", "health", "palette", "quit", "help"),
}
"""Every act that has a key, under the headings of the help."""

EVERYWHERE = ("inbox", "board", "evidence", "runs", "health", "analyze", "palette", "quit", "help")
"""Acts of the application itself: they work on every screen that is no dialog."""

MOVING = ("next", "previous", "first", "last", "page_down", "page_up")
DECIDING = (
    "accept",
    "accept_to",
    "dismiss",
    "snooze",
    "merge",
    "split",
    "rename",
    "estimate",
    "undo",
    "redo",
    "export",
)


_BOARD = ("card_left", "card_right", "card_up", "card_down")
_CHECKED = (
    *((name, access.Act.DECIDE) for name in (*DECIDING[:-1], "move", *_BOARD)),
    ("export", access.Act.FILE),
    ("analyze", access.Act.BRING),
)
NEEDS: Mapping[str, access.Act] = dict(_CHECKED)
"""What a person must be allowed for an act to be offered. Its key is refused by the use case behind it."""


def bindings(*names: str, words: Mapping[str, str] | None = None) -> list[BindingType]:
    """The bindings of these acts, in the order of the list; `words` of some may be others on one screen."""
    told = words or {}
    return [
        Binding(act.keys, act.action, told.get(act.id, act.words), show=act.in_footer, id=act.id)
        for act in ACTS
        if act.id in names and act.keys
    ]


def check_keys(keys: Mapping[str, str]) -> dict[str, str]:
    """Other keys by the id of their act, as settings have them. Raises InsightsError for an act or a key that there is
    not, and where one key would have two meanings on one screen."""
    unknown = sorted(set(keys) - set(BY_ID))
    if unknown:
        raise _refused(f"Nothing is called {unknown[0]!r} that has a key.", "`insights triage --keys` lists all.")
    meant: dict[str, str] = {}
    for act in ACTS:
        for key in _names(keys.get(act.id, act.keys)):
            if not _is_key(key):
                words = f"{key!r}, which {act.id} has in [triage] keys, is no key."
                raise _refused(words, "Write a letter, a sign, or a name such as f5, space or ctrl+t.")
            other = meant.setdefault(key, act.id)
            if other != act.id and frozenset((other, act.id)) not in _SHARED:
                words = f"The key {key!r} would mean both {other} and {act.id}."
                raise _refused(words, "Give one of them another key in [triage] keys of insights.toml.")
    return dict(keys)


_SHARED = frozenset((frozenset(("merge", "move")),))
"""Acts that share a key: they are never offered on one screen."""


def _names(keys: str) -> Iterable[str]:
    return (_name(key.strip()) for key in keys.split(",") if key.strip())


def _name(key: str) -> str:
    """One name for a sign, however it is written: } and right_curly_bracket."""
    return _SIGNS.get(key, key)


def _sign_name(sign: str) -> str:
    name = unicodedata.name(sign).lower().replace(" ", "_").replace("-", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


_SIGNS = {sign: _sign_name(sign) for sign in string.punctuation}
_KEYS = frozenset(key.value for key in Keys) | frozenset(_SIGNS.values())


def _is_key(key: str) -> bool:
    """Whether a keyboard has it; a terminal may still keep it to itself."""
    plain = key.rpartition("+")[2]
    return key in _KEYS or plain in _KEYS or (len(plain) == 1 and plain.isprintable())


def _refused(words: str, remedy: str) -> InsightsError:
    return InsightsError(words, remedy=remedy, exit_code=ExitCode.USAGE)
