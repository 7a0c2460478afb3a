"""Free a text of a person: their values become placeholders, their words <ERASED>, their pseudonyms ERASED00. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from insights.text.personal import Value, Values, apart
from insights.text.pieces import Pieces
from insights.text.placeholders import ERASED

WORDS = "<ERASED>"
"""In place of what somebody wrote, where a note or a file repeats it."""
_FILLER = "*"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is taken out: made once for an erasure, used for every text."""

    values: Values
    pieces: Pieces
    tokens: re.Pattern[str] | None

    @classmethod
    def of(cls, values: Iterable[Value], *, pieces: Iterable[str], tokens: Iterable[str]) -> "Cleaned":
        """`tokens` as in <EMAIL_7KQ2M4XA>, without < and >; `pieces` in small letters."""
        forms = sorted({re.escape(token) for token in tokens})
        pattern = re.compile(rf"\b(?:{'|'.join(forms)})\b") if forms else None
        return cls(Values(values), Pieces(frozenset(pieces)), pattern)

    def said(self, text: str) -> str:
        """What somebody else said: without the values."""
        found = self.values.spans(text)
        return _replaced(text, [(start, end, f"<{label}>") for start, end, label in found]) if found else text

    def copy(self, text: str) -> str:
        """A redacted copy, as long as it was."""
        text = self._without_tokens(text)
        found = self.values.spans(text)
        return _replaced(text, [(start, end, _FILLER * (end - start)) for start, end, _ in found]) if found else text

    def words(self, text: str) -> str:
        """Whatever else: without values, pseudonyms, and what they wrote."""
        text = self._without_tokens(text)
        named = self.values.spans(text)
        found = apart([*named, *((start, end, "") for start, end in self.pieces.spans(text))])
        spans = [(start, end, f"<{label}>" if label else WORDS) for start, end, label in found]
        return _replaced(text, spans) if spans else text

    def is_in(self, text: str) -> bool:
        return self.words(text) != text

    def _without_tokens(self, text: str) -> str:
        if self.tokens is None or "_" not in text:
            return text
        return self.tokens.sub(lambda found: f"{found[0].rpartition('_')[0]}_{ERASED}", text)


def _replaced(text: str, spans: list[tuple[int, int, str]]) -> str:
    parts, last = [], 0
    for start, end, other in spans:
        parts += [text[last:start], other]
        last = end
    return "".join([*parts, text[last:]])
