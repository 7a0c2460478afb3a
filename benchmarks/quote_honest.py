"""Quote honestly: the words as they stand, with what models change of their looks. By a seed.

Quoted are whole texts, sentences, clauses and what begins with a clause. Words are left out within a sentence where no
negation is among them, or as whole sentences between whole sentences. Runs of words from anywhere are made as well, to
see what the check costs, but who begins in the middle of a clause is neither honest nor a forger.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.quote_texts import Text, is_condition, is_negation, sample_texts

Taker = Callable[[Text, random.Random], str | None]
Look = Callable[[str, random.Random], str]

_MARKS = ("…", " … ", "...", " [...] ", " […] ", " (...) ")
_LEAST_LETTERS = 8


@dataclass(frozen=True, slots=True)
class Honest:
    """What was quoted of `source`; `kind` is which words, `look` what was changed of their looks."""

    kind: str
    look: str
    source: str
    quoted: str


def honest_quotes(count: int, *, seed: int) -> Iterator[Honest]:
    """So many; kinds and looks in turn."""
    chance = random.Random(seed)
    texts = sample_texts()
    kinds, looks = list(TAKERS), list(LOOKS)
    yield from _taken(count, kinds, looks, texts, chance)


def runs_from_anywhere(count: int, *, seed: int) -> Iterator[Honest]:
    """Words cut out as they stand, wherever clauses begin and end, but not directly behind or before a negation."""
    chance = random.Random(seed)
    for _ in range(count):
        while True:
            text = chance.choice(sample_texts())
            quoted = _run(text, chance)
            if quoted is not None:
                yield Honest("from anywhere", "as it is", text.text, quoted)
                break


def _taken(
    count: int, kinds: Sequence[str], looks: Sequence[str], texts: Sequence[Text], chance: random.Random
) -> Iterator[Honest]:
    seen: set[tuple[str, str, str]] = set()
    for number in range(count):
        kind, look = kinds[number % len(kinds)], looks[number // len(kinds) % len(looks)]
        while True:
            text = chance.choice(texts)
            quoted = TAKERS[kind](text, chance)
            if quoted is None or (look, text.text, quoted) in seen:
                continue
            if sum(char.isalnum() for char in quoted) >= _LEAST_LETTERS:
                seen.add((look, text.text, quoted))
                yield Honest(kind, look, text.text, LOOKS[look](quoted, chance))
                break


# -- which words ------------------------------------------------------------------------------------------------------


def _whole(text: Text, _: random.Random) -> str | None:
    return text.text


def _sentence(text: Text, chance: random.Random) -> str | None:
    return text.run(*text.sentence_of(chance.randrange(text.size)))


def _clause(text: Text, chance: random.Random) -> str | None:
    """From one comma, dash or the like to another."""
    begin, end = text.sentence_of(chance.randrange(text.size))
    breaks = [place + 1 for place in range(begin, end - 1) if re.search(r"[,;:)]$|^[–—-]$", text.token(place))]
    edges = [begin, *breaks, end]
    one, two = sorted(chance.sample(range(len(edges)), 2)) if len(edges) > 2 else (0, 1)
    return text.run(edges[one], edges[two]) if edges[two] - edges[one] >= 3 else None


def _clause_begun(text: Text, chance: random.Random) -> str | None:
    """From the beginning of a clause five to fourteen words, but not up to a negation, which they would leave out."""
    begin, end = text.sentence_of(chance.randrange(text.size))
    begins = [begin, *(n + 1 for n in range(begin, end - 1) if re.search(r"[,;:)]$|^[–—-]$", text.token(n)))]
    first = chance.choice(begins)
    last = min(first + chance.randint(5, 14), end)
    if last - first < 5 or (
        last < text.size and any(is_negation(text.token(n)) for n in range(last, min(last + 2, end)))
    ):
        return None
    return text.run(first, last)


def _run(text: Text, chance: random.Random) -> str | None:
    """Any five to fourteen words, but not from behind or up to a negation, which they would leave out."""
    size = chance.randint(5, 14)
    first = chance.randint(0, max(text.size - size, 0))
    end = min(first + size, text.size)
    if (first and is_negation(text.token(first - 1))) or (end < text.size and is_negation(text.token(end))):
        return None
    return text.run(first, end)


def _with_words_left_out(text: Text, chance: random.Random) -> str | None:
    """One to ten words within a sentence, no negation or condition among them."""
    begin, end = text.sentence_of(chance.randrange(text.size))
    gap = chance.randint(1, 10)
    if end - begin < gap + 6:
        return None
    first = chance.randint(begin + 3, end - gap - 3)
    left_out = [text.token(place) for place in range(first, first + gap)]
    if any(is_negation(token) or is_condition(token) for token in left_out):
        return None
    return text.run(begin, first) + chance.choice(_MARKS) + text.run(first + gap, end)


def _with_sentences_left_out(text: Text, chance: random.Random) -> str | None:
    """Whole sentences between two whole sentences."""
    if len(text.sentences) < 3:
        return None
    one, two = sorted(chance.sample(range(len(text.sentences)), 2))
    if two - one < 2:
        return None
    parts = [text.run(*text.sentence_of(text.sentences[number])) for number in (one, two)]
    if any(len(part.split()) < 2 for part in parts):
        return None
    return chance.choice(_MARKS).join(parts)


# -- how it looks -----------------------------------------------------------------------------------------------------


def _as_it_is(quoted: str, _: random.Random) -> str:
    return quoted


def _spaced(quoted: str, chance: random.Random) -> str:
    return re.sub(r"\s+", lambda _: chance.choice([" ", "  ", "\n", "\t", "\u00a0", "\u202f", "\r\n"]), quoted)


_CURLY = str.maketrans({"'": "’", "-": "–"})
_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-"})


def _marked(quoted: str, chance: random.Random) -> str:
    """Typographic marks for plain ones, or the other way round."""
    if chance.random() < 0.5:
        return quoted.translate(_STRAIGHT)
    return re.sub(r'"', lambda _: chance.choice("“”„«»"), quoted.translate(_CURLY))


def _cased(quoted: str, chance: random.Random) -> str:
    how = chance.choice([str.lower, str.upper, str.casefold, lambda text: text[:1].upper() + text[1:]])
    return str(how(quoted))


def _with_soft_hyphens(quoted: str, chance: random.Random) -> str:
    mark = chance.choice(["\u00ad", "\u200b", "\u2060"])
    return re.sub(r"(?<=[^\W\d_]{2})(?=[^\W\d_]{3})", lambda _: mark if chance.random() < 0.2 else "", quoted)


def _composed(quoted: str, chance: random.Random) -> str:
    return unicodedata.normalize(chance.choice(["NFD", "NFC"]), quoted)


def _stopped(quoted: str, chance: random.Random) -> str:
    """With another mark at its end, or none."""
    return quoted.rstrip(".,;:!?… ") + chance.choice(["", ".", ",", "!", ";", " …", "..."])


def _in_quote_marks(quoted: str, chance: random.Random) -> str:
    opening, closing = chance.choice(['""', "''", "“”", "‘’", "„“", "«»", "‹›"])
    return f"{opening}{quoted}{closing}"


def _in_ellipses(quoted: str, chance: random.Random) -> str:
    return f"{chance.choice(['… ', '...', '[…] '])}{quoted}{chance.choice([' …', '...', ' [...]'])}"


def _changed_thrice(quoted: str, chance: random.Random) -> str:
    for look in chance.sample([_spaced, _marked, _cased, _with_soft_hyphens, _composed, _stopped, _in_quote_marks], 3):
        quoted = look(quoted, chance)
    return quoted


TAKERS: dict[str, Taker] = {
    "whole text": _whole,
    "sentence": _sentence,
    "clause": _clause,
    "a clause's beginning": _clause_begun,
    "words left out": _with_words_left_out,
    "sentences left out": _with_sentences_left_out,
}
LOOKS: dict[str, Look] = {
    "as it is": _as_it_is,
    "white space": _spaced,
    "typographic marks": _marked,
    "case": _cased,
    "soft hyphens": _with_soft_hyphens,
    "NFC or NFD": _composed,
    "its end": _stopped,
    "quote marks": _in_quote_marks,
    "ellipses around": _in_ellipses,
    "three of these": _changed_thrice,
}
