"""What keys mean, for the bottom line and the help; and the choices that follow `A`, `d` and `s`.

A key means one thing on every screen. Ids let a person remap a key; the help shows the key that works.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding

from insights.domain.problem import Action, Column
from tui.models.board import NAMES

_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "escape": "esc",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "home": "home",
    "end": "end",
    "pagedown": "pgdn",
    "pageup": "pgup",
}


@dataclass(frozen=True, slots=True)
class KeyHelp:
    """Keys that do one thing, in words; `action` is what a click on it runs."""

    keys: tuple[str, ...]
    words: str
    action: str
    is_prominent: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """What a second key chooses: a reason, how long, or a column."""

    key: str
    words: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Prefix:
    """A first key that waits for a second."""

    name: str
    question: str
    action: Action
    choices: tuple[Choice, ...]

    def choice(self, key: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.key == key), None)


ACCEPT_TO = Prefix(
    "accept",
    "Where?",
    Action.ACCEPT,
    tuple(Choice(key, NAMES[name], name.value) for key, name in zip("nxl", Column, strict=True)),
)
"""Now, neXt, Later; `w` for Won't is a dismissal, and asks for the reason."""

DISMISS = Prefix(
    "dismiss",
    "Why?",
    Action.DISMISS,
    (
        Choice("1", "won't fix", "won't fix: out of strategy"),
        Choice("2", "duplicate", "duplicate"),
        Choice("3", "not a problem", "not a problem"),
        Choice("4", "too small", "too small"),
        Choice("d", "no reason", None),
    ),
)

SNOOZE = Prefix(
    "snooze",
    "How long?",
    Action.SNOOZE,
    (
        Choice("d", "a day", "day"),
        Choice("w", "a week", "week"),
        Choice("m", "a month", "month"),
        Choice("g", "until it grows", "growth"),
    ),
)

PREFIXES = {prefix.name: prefix for prefix in (ACCEPT_TO, DISMISS, SNOOZE)}


def key_name(key: str) -> str:
    """The key as it is printed: ? for question_mark, J for J."""
    return _NAMES.get(key, key.removeprefix("upper_").replace("ctrl+", "^"))


def printed(keys: str) -> str:
    """Names of keys, separated by commas, as they are printed: j ↓."""
    return " ".join(key_name(key.strip()) for key in keys.split(",") if key.strip())


def described(bindings: Iterable[tuple[str, Binding]]) -> list[KeyHelp]:
    """One entry for each action, in the order given, with all its keys; each binding comes with its namespace."""
    found: dict[str, list[Binding]] = {}
    for namespace, binding in bindings:
        if binding.id and binding.description:  # those of textual itself have no id
            action = binding.action if binding.action.startswith("app.") else f"{namespace}.{binding.action}"
            found.setdefault(action, []).append(binding)
    return [
        KeyHelp(
            tuple(binding.key_display or key_name(binding.key) for binding in same),
            same[0].description,
            action,
            is_prominent=same[0].show,
        )
        for action, same in found.items()
    ]


def described_choices(prefix: Prefix) -> list[KeyHelp]:
    """The second keys, and the way out."""
    choices = [KeyHelp((c.key,), c.words, f"screen.choose('{c.key}')") for c in prefix.choices]
    return [*choices, KeyHelp(("esc",), "no", "screen.choose('escape')")]
