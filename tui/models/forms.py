"""A small form: a few fields in a column, one of which is typed into. Pure: keys in, what became of it out.

A field that nothing was typed into keeps what it has, so that a form is only ever as much work as what changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from insights.errors import InsightsError
from tui.cells import shown
from tui.models.typed_line import edited

MOST_TYPED = 60
"""Characters of one field; a figure takes far fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`name` is what reads it, `words` what it is called; `current` is what it has now, where that is from stands in
    `source`; `form` says how it is written. `is_set` where a person gave it what it has."""

    name: str
    words: str
    current: str = ""
    source: str = ""
    form: str = ""
    is_set: bool = False


class Outcome(StrEnum):
    """What a key did."""

    TYPED = "typed"
    MOVED = "moved"
    SAVE = "save"
    REFUSED = "refused"
    LEAVE = "leave"
    IGNORED = "ignored"


@dataclass
class Form:
    """`read` is called with a field's name and text, and raises InsightsError for what it does not understand."""

    fields: Sequence[Field]
    read: Callable[[str, str], object]
    cursor: int = 0
    typed: dict[str, str] = field(default_factory=dict)
    is_refused: bool = False
    """Whether somebody wanted to save what cannot be: from then on errors show also in fields that were left."""

    # -- looking ----------------------------------------------------------------------------------------------

    @property
    def current(self) -> Field:
        """The field that is typed into."""
        return self.fields[self.cursor]

    @property
    def said(self) -> dict[str, str]:
        """name -> what was typed, without fields that are empty."""
        return {name: text.strip() for name, text in self.typed.items() if text.strip()}

    def text(self, one: Field) -> str:
        """What was typed into a field so far."""
        return self.typed.get(one.name, "")

    def error(self, one: Field) -> InsightsError | None:
        """Why what was typed into it is not understood."""
        text = self.said.get(one.name)
        if text is None:
            return None
        try:
            self.read(one.name, text)
        except InsightsError as error:
            return error
        return None

    @property
    def first_wrong(self) -> int | None:
        """The place of the first field that is not understood."""
        return next((place for place, one in enumerate(self.fields) if self.error(one) is not None), None)

    @property
    def understood(self) -> dict[str, str]:
        """name -> what was typed, of those that are understood: what a preview shows while the others are typed."""
        return {one.name: self.said[one.name] for one in self.fields if one.name in self.said and not self.error(one)}

    # -- typing -----------------------------------------------------------------------------------------------

    def take_key(self, key: str, character: str | None = None) -> Outcome:
        """`key` is its name, `character` what it types, as terminals report them. `SAVE` is given only where everything
        typed is understood and something is; else the cursor goes to what is not."""
        if key in _STEPS:
            self.move(_STEPS[key])
            return Outcome.MOVED
        if key == "enter":
            return self._save()
        if key == "escape":
            return Outcome.LEAVE
        typed = edited(self.text(self.current), key, character)
        if typed is None:
            return Outcome.IGNORED
        self._put(typed)
        return Outcome.TYPED

    def move(self, step: int) -> None:
        """To the next field or the one before, and around the ends."""
        self.cursor = (self.cursor + step) % len(self.fields)

    def go_to(self, place: int) -> None:
        """To a field that was clicked; nowhere where there is none."""
        if 0 <= place < len(self.fields):
            self.cursor = place

    def type(self, text: str) -> None:
        """Add to the field, also what is pasted: one line, inert, no longer than a field may be."""
        self._put(self.text(self.current) + (shown(text, MOST_TYPED) if text.strip() else text[:1]))

    def _put(self, text: str) -> None:
        self.typed[self.current.name] = text.lstrip()[:MOST_TYPED]
        self.is_refused = False

    def _save(self) -> Outcome:
        wrong = self.first_wrong
        if wrong is None:
            return Outcome.SAVE if self.said else Outcome.LEAVE
        self.cursor, self.is_refused = wrong, True
        return Outcome.REFUSED


_STEPS = {"down": 1, "tab": 1, "up": -1, "shift+tab": -1}
