"""What a terminal sends, made fit for Textual's parser: text, of which only keys act.

Textual 8.2 takes an escape sequence in pasted text, and an answer to a question that it did not ask, for keys: a pasted
quote could decide on problems.
"""

import codecs
import re

_BEGIN, _END = "\x1b[200~", "\x1b[201~"
"""Around pasted text (bracketed paste, as in xterm)."""

_ACTING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ANSWER = re.compile("\x1b[P\\]X^_][^\x07\x1b]*(?:\x07|\x1b\\\\)")
"""A string that a terminal sends of itself: its name, a colour, its clipboard. They come whole; a key is never one."""


class Typed:
    """Takes bytes in pieces of any size. A key is never held back; of a paste, what may be the beginning of its end."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._is_paste = False
        self._passed = ""
        self._held = ""

    def feed(self, sent: bytes) -> str:
        """What the parser may have of it."""
        text, made = self._decoder.decode(sent), ""
        while text:
            piece, text = self._of_paste(text) if self._is_paste else self._of_keys(text)
            made += piece
        return made

    def _of_keys(self, text: str) -> tuple[str, str]:
        """What may pass up to where a paste begins, and the rest. The beginning may have come in two pieces."""
        seen = self._passed + text
        place = seen.find(_BEGIN)
        if place < 0:
            self._passed = seen[1 - len(_BEGIN) :]
            return _ANSWER.sub("", text), ""
        begun = place + len(_BEGIN) - len(self._passed)
        self._is_paste, self._passed = True, ""
        return _ANSWER.sub("", text[:begun]), text[begun:]

    def _of_paste(self, text: str) -> tuple[str, str]:
        text, self._held = self._held + text, ""
        pasted, end, rest = text.partition(_END)
        if end:
            self._is_paste = False
        else:
            kept = next((n for n in range(len(_END) - 1, 0, -1) if pasted.endswith(_END[:n])), 0)
            pasted, self._held = pasted[: len(pasted) - kept], _END[:kept]
        return _ACTING.sub("", pasted) + end, rest
