"""Pieces of somebody's texts that are nobody else's: runs of words by which their words are found elsewhere. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

WORDS = 6
"""Words of a piece; of a text that is shorter, down to `FEWEST`, the whole."""
FEWEST = 3
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def words_in(text: str) -> list[tuple[int, int, str]]:
    """Start, end and the word in small letters."""
    return [(found.start(), found.end(), found[0].casefold()) for found in _WORD.finditer(text)]


def _runs(words: Sequence[str], length: int) -> Iterator[str]:
    for start in range(len(words) - length + 1):
        yield " ".join(words[start : start + length])


def pieces_of(text: str) -> dict[str, str]:
    """Every piece: its words in small letters, and as it stands in the text."""
    words = words_in(text)
    length = min(WORDS, len(words))
    if length < FEWEST:
        return {}
    return {
        " ".join(word for _, _, word in words[start : start + length]): text[
            words[start][0] : words[start + length - 1][1]
        ]
        for start in range(len(words) - length + 1)
    }


def without_shared(pieces: dict[str, str], others: Iterable[str]) -> dict[str, str]:
    """Those that stand in none of the other texts."""
    left = dict(pieces)
    lengths = {key.count(" ") + 1 for key in pieces}
    for text in others:
        words = [word for _, _, word in words_in(text)]
        for length in lengths:
            for run in _runs(words, length):
                left.pop(run, None)
        if not left:
            break
    return left


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces to look for."""

    keys: frozenset[str]
    _lengths: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lengths", tuple(sorted({key.count(" ") + 1 for key in self.keys})))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where any of them stands; those that touch are one."""
        words = words_in(text) if self.keys else []
        marked = [False] * len(words)
        for length in self._lengths:
            for start, run in enumerate(_runs([word for _, _, word in words], length)):
                if run in self.keys:
                    marked[start : start + length] = [True] * length
        return list(_stretches(words, marked))


def _stretches(words: Sequence[tuple[int, int, str]], marked: Sequence[bool]) -> Iterator[tuple[int, int]]:
    begin: int | None = None
    for place, is_marked in enumerate([*marked, False]):
        if is_marked and begin is None:
            begin = place
        elif not is_marked and begin is not None:
            yield words[begin][0], words[place - 1][1]
            begin = None
