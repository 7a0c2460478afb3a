"""What a person means to decide, and what came of taking a decision back."""

from dataclasses import dataclass
from datetime import date

from insights.domain.problem import Action, Column, Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A decision before it is made. `until` is the last day of a snooze (None: until it grows), `column` and `place`
    say where on the board. `seen_version` is the version of the problem that the person looked at; None: whichever it
    has by now."""

    problem_id: int
    action: Action
    why: str | None = None
    until: date | None = None
    column: Column | None = None
    place: float | None = None
    seen_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """An undo or a redo: `decisions` that were written, the decisions that they are `about`, and all problems that
    changed. An undo's are about what it took back, a redo's about the undos that it took back."""

    decisions: tuple[Decision, ...]
    about: tuple[Decision, ...]
    problem_ids: tuple[int, ...]
