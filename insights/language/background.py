"""How common words are in all feedback, so that what is special to one problem stands out.

Pure. Words are compared by stems that see through plurals and simple endings; two neighbouring words that carry a
topic count as a pair.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from insights.language.small_words import FUNCTION, VAGUE

WORD = re.compile(r"<[A-Z]+>|\w+(?:['’&./-]\w+)*")
_ENDING = re.compile(
    r"(?:ings|ing|edly|ed|ies|ements|ement|ments|ment|ations|ation|ers|er|ens|en|em|es|e|s|os|as|a|o|n)$"
)
_LEAST_STEM = 4
_MOST_LIFT = 5.0
_LONGEST_WORD = 40
_MANY = 6


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The word's beginning that its forms share: exports, exported, exporting -> export. Rough on purpose."""
    plain = word.replace("’", "'").casefold().removesuffix("'s")[:_LONGEST_WORD]
    cut = _ENDING.sub("", plain)
    if len(cut) < _LEAST_STEM:
        return plain.removesuffix("s") if len(plain) > 3 else plain
    return cut[:-1] if len(cut) > _LEAST_STEM and cut[-1] == cut[-2] else cut


@lru_cache(maxsize=200_000)
def is_topical(word: str) -> bool:
    """Whether the word can say what a text is about."""
    plain = word.replace("’", "'").casefold()
    return len(plain) > 1 and plain not in FUNCTION and plain not in VAGUE and not word.startswith("<")


def terms(text: str) -> set[str]:
    """Stems of the text's topical words and pairs of those that stand side by side but for small words."""
    stems = [stem(word) for word in WORD.findall(text) if is_topical(word)]
    return {*stems, *pairs(stems)}


def pairs(stems: Sequence[str]) -> Iterable[str]:
    return (f"{one} {two}" for one, two in pairwise(stems) if one != two)


@dataclass(frozen=True, slots=True)
class Background:
    """In how many of `size` mentions each term occurs."""

    counts: Mapping[str, int]
    size: int

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Background":
        """From all mentions, those of the problem to be described among them."""
        counts: Counter[str] = Counter()
        size = 0
        for text in texts:
            counts.update(terms(text))
            size += 1
        return cls(counts, size)

    def weights(self, texts: Sequence[str]) -> dict[str, float]:
        """How telling each term is of these texts: the square root of the share of them that has it, times the
        logarithm of how much more often it occurs here than elsewhere. Terms that are no more common here are left
        out."""
        here: Counter[str] = Counter()
        for text in texts:
            here.update(terms(text))
        elsewhere = max(self.size - len(texts), 0) + 1
        found = {}
        for term, count in here.items():
            if count == 1 and len(texts) >= _MANY and self.counts.get(term, 0) <= 1:
                continue  # a typing error, or one customer's affair
            share = count / len(texts)
            other = (max(self.counts.get(term, 0) - count, 0) + 0.5) / elsewhere
            lift = min(math.log(share / other), _MOST_LIFT)
            if lift > 0:
                found[term] = math.sqrt(share) * lift * (1.0 if count > 1 or len(texts) < 3 else 0.4)
        return found
