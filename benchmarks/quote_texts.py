"""The texts of the sample firm, and words in them: what quotes are forged from and honestly taken from. Pure but for
reading the files."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[1] / "insights" / "demo" / "data"
_COLUMNS = {"tickets.csv": "description", "notes.csv": "note", "nps.csv": "comment"}
_LEAST_WORDS = 8
_TOKEN = re.compile(r"\S+")
_SENTENCE = re.compile(
    r"(?<!\b[A-Z])(?<!\b(?:Mr|Dr|No|Nr|Ms|St|no|nr|ca))(?<!\bMrs)(?<!Dept)[.!?]+[\"'”’)\]]*\s+(?=[\"'“(-]*[¿¡]?[A-ZÄÖÜÉÁÍÓÚÑ0-9])"
    r"|(?<=[a-zäöüéáíóúñß)\"]{3})(?<!incl)(?<!approx)[.!?]+[\"'”’)\]]*\s+|[!?]+\s+|\n\s*(?:\n|(?=[-*•] ))"
)
_WORD = re.compile(r"\w+(?:[.,:'’‘/&-]\w+)*")
NEGATIONS = frozenset(
    [
        "not",
        "no",
        "never",
        "none",
        "nobody",
        "nothing",
        "without",
        "cannot",
        "cant",
        "dont",
        "doesnt",
        "didnt",
        "isnt",
        "wasnt",
        "wont",
        "nor",
        "neither",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "nie",
        "niemand",
        "nichts",
        "ohne",
        "nunca",
        "nada",
        "nadie",
        "sin",
        "pas",
        "jamais",
        "rien",
        "aucun",
        "aucune",
        "sans",
        "ne",
    ]
)
"""The plain ones, for telling which edits turn a sentence; not the list that the check itself goes by."""
CONDITIONS = frozenset(["if", "unless", "wish", "wenn", "si"])


@dataclass(frozen=True, slots=True)
class Text:
    """A text; its tokens (what blanks part) and where its sentences begin, as places among the tokens."""

    text: str
    spans: tuple[tuple[int, int], ...]
    sentences: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.spans)

    def token(self, place: int) -> str:
        return self.text[slice(*self.spans[place])]

    def run(self, first: int, end: int) -> str:
        """The text from one token to before another, as it stands."""
        return self.text[self.spans[first][0] : self.spans[end - 1][1]]

    def sentence_of(self, place: int) -> tuple[int, int]:
        """First token of the sentence that the token is in, and of the next one."""
        begins = [*self.sentences, self.size]
        number = max(n for n, first in enumerate(self.sentences) if first <= place)
        return begins[number], begins[number + 1]


@cache
def sample_texts() -> tuple[Text, ...]:
    """Those of at least eight words, each once."""
    found: dict[str, None] = {}
    for name, column in _COLUMNS.items():
        with (DATA / name).open(encoding="utf-8", newline="") as file:
            found.update(dict.fromkeys(row[column] for row in csv.DictReader(file)))
    texts = [text_of(words) for words in found]
    return tuple(text for text in texts if text.size >= _LEAST_WORDS)


def text_of(words: str) -> Text:
    spans = tuple(found.span() for found in _TOKEN.finditer(words))
    ends = [0, *(found.end() for found in _SENTENCE.finditer(words))]
    begins = sorted({next((n for n, span in enumerate(spans) if span[0] >= end), len(spans)) for end in ends})
    return Text(words, spans, tuple(begin for begin in begins if begin < len(spans)))


def words_of(text: str) -> list[str]:
    """Its words in folded case; numbers and joined words are one."""
    return [word.replace("’", "'").replace("‘", "'").casefold() for word in _WORD.findall(text)]


def is_condition(token: str) -> bool:
    return any(word in CONDITIONS for word in words_of(token))


def is_negation(token: str) -> bool:
    return any(word in NEGATIONS or word.endswith("n't") for word in words_of(token))


def stands_in(words: Sequence[str], text: str) -> bool:
    """Whether these very words stand there in a row."""
    whole = words_of(text)
    return any(whole[place : place + len(words)] == list(words) for place in range(len(whole) - len(words) + 1))
