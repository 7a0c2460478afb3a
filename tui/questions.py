"""What the application asks in its status line: a few keys answer, all others keep their meaning."""

from collections.abc import Callable
from dataclasses import dataclass

from tui.keys import KeyHelp


@dataclass(frozen=True, slots=True)
class Answer:
    """A key, what it does in words, and what it runs."""

    key: str
    words: str
    run: Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One that `lasts` stays until it is answered; another goes with the next thing that happens."""

    words: str
    answers: tuple[Answer, ...]
    lasts: bool = False

    def answer(self, key: str) -> Answer | None:
        return next((answer for answer in self.answers if answer.key == key), None)

    @property
    def hint(self) -> str:
        return " · ".join(f"{answer.key} {answer.words}" for answer in self.answers)

    def keys(self) -> list[KeyHelp]:
        """As the bottom line offers them."""
        return [KeyHelp((answer.key,), answer.words, f"app.answer('{answer.key}')") for answer in self.answers]
