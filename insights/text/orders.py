"""Tell whether a text gives orders to a language model (prompt injection), so that a person sees it.

Pure: rules over words, written by us; no model, nothing learnt from anybody's texts. It hides and changes nothing, and
what it does not flag is no safer: customers' words stay evidence, never instruction. Linear in the length of the text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from insights.text.folding import ASKED, STOP, fold, meant, words_of
from insights.text.order_disguises import disguised_in
from insights.text.order_rules import ALONE, TOGETHER
from insights.text.order_words import LISTS

RULES_VERSION = "1"
"""Another one for every change of the rules: items are looked at again."""

_NEAR = 60
"""Words within which weak signs count together."""
_MOST_TOLD = 80
_LONGEST_WORD = 40
_SHORTEST_STEM = 2


def is_order(text: str) -> bool:
    """Whether the text tries to give orders to a language model. Never raises."""
    return order_in(text) is not None


def order_in(text: str) -> str | None:
    """What gives an order away: words of the text in small letters without accents, or what is hidden in it. None where
    nothing does."""
    folded = fold(text)
    words = words_of(folded)
    return _by_words(words) or disguised_in(text, folded=folded, words=words)


# -- rules ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Step:
    """One word of a rule: the bit of its alternatives, and how many words may stand before it."""

    bit: int
    gap: int


@dataclass(frozen=True, slots=True)
class _Rule:
    """`kind` is empty where the rule alone suffices, else what it is a weak sign of. `head` is "", "^" or "^^"."""

    kind: str
    head: str
    steps: tuple[_Step, ...]
    ends_clause: bool


class _Book:
    """The rules, and which alternatives a word belongs to: each list of alternatives is one bit."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self._bits: dict[str, int] = {}
        self.starting: dict[int, list[_Rule]] = {}
        for kind, line in _lines():
            rule = self._rule(kind, line.split())
            self.starting.setdefault(rule.steps[0].bit, []).append(rule)
        self.starts = sum(self.starting)
        self.leads = self._bit("LEAD")
        self._longest_stem = max(map(len, self._stems))

    def bits_of(self, word: str) -> int:
        found = self._words.get(word, 0)
        for size in range(_SHORTEST_STEM, min(len(word), self._longest_stem) + 1):
            found |= self._stems.get(word[:size], 0)
        return found

    def _rule(self, kind: str, parts: Sequence[str]) -> _Rule:
        steps: list[_Step] = []
        gap = 0
        for part in parts:
            if part.startswith("~"):
                gap = int(part[1:])
            elif part not in ("^", "^^", "$"):
                steps.append(_Step(self._bit(part), gap))
                gap = 0
        head = parts[0] if parts[0].startswith("^") else ""
        return _Rule(kind, head, tuple(steps), ends_clause=parts[-1] == "$")

    def _bit(self, alternatives: str) -> int:
        if alternatives not in self._bits:
            bit = self._bits[alternatives] = 1 << len(self._bits)
            for word in _spelt_out(alternatives):
                known, key = (self._stems, word[:-1]) if word.endswith("*") else (self._words, word)
                known[key] = known.get(key, 0) | bit
        return self._bits[alternatives]


def _spelt_out(alternatives: str) -> Iterator[str]:
    for one in alternatives.split("|"):
        yield from (fold(word) for word in LISTS[one].split()) if one in LISTS else (fold(one),)


def _lines() -> Iterator[tuple[str, str]]:
    for kind, listing in (("", ALONE), *TOGETHER.items()):
        yield from ((kind, line) for line in listing.splitlines() if line.strip())


@cache
def _book() -> _Book:
    return _Book()


@lru_cache(maxsize=50_000)
def _known_bits(word: str) -> int:
    book = _book()
    return book.bits_of(word) | book.bits_of(word.removesuffix("'s")) | book.bits_of(meant(word))


def _bits(word: str) -> int:
    """Which alternatives a word belongs to, as it stands or as it is meant."""
    return _known_bits(word) if len(word) <= _LONGEST_WORD else 0


@lru_cache(maxsize=10_000)
def _beginning(starts: int) -> tuple[_Rule, ...]:
    """The rules that may begin at a word, by its bits."""
    return tuple(rule for bit, rules in _book().starting.items() if starts & bit for rule in rules)


# -- a text -----------------------------------------------------------------------------------------------------


def _by_words(words: Sequence[str]) -> str | None:
    starts = _book().starts
    bits = [_bits(word) for word in words]
    seen: dict[str, int] = {}
    for place, here in enumerate(bits):
        for rule in _beginning(here & starts) if here & starts else ():
            end = _end(rule, words, bits, place)
            if end is None:
                continue
            if not rule.kind or _is_near(seen, rule.kind, place):
                return " ".join(words[place : end + 1])[:_MOST_TOLD]
            seen[rule.kind] = place
    return None


def _is_near(seen: dict[str, int], kind: str, place: int) -> bool:
    """Whether a weak sign of another kind stands shortly before."""
    return any(other != kind and place - last < _NEAR for other, last in seen.items())


def _end(rule: _Rule, words: Sequence[str], bits: Sequence[int], place: int) -> int | None:
    """Where the rule ends if it begins at a place; None where it does not hold there."""
    if rule.head and not _heads_clause(rule.head, words, bits, place):
        return None
    places = {place}
    for step in rule.steps[1:]:
        places = {there for here in places for there in _reach(words, here, step.gap) if bits[there] & step.bit}
        if not places:
            return None
    ends = [end for end in places if not rule.ends_clause or _ends_clause(words, end)]
    return max(ends, default=None)


def _reach(words: Sequence[str], here: int, gap: int) -> Iterator[int]:
    """The places after one, over a gap of some words that holds no end of a sentence."""
    for there in range(here + 1, min(here + 2 + gap, len(words))):
        yield there
        if words[there] in (STOP, ASKED):
            return


def _heads_clause(head: str, words: Sequence[str], bits: Sequence[int], place: int) -> bool:
    if place == 0 or not words[place - 1][0].isalnum():
        return True
    return head == "^" and bool(bits[place - 1] & _book().leads)


def _ends_clause(words: Sequence[str], place: int) -> bool:
    return place + 1 == len(words) or not words[place + 1][0].isalnum()
