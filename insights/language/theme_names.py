"""Name a theme in two or three words: those that its problems share and others do not have.

Pure, no model: class-based TF-IDF (Grootendorst 2022) with a problem as one document, in which a word counts by the
share of mentions that have it. Customers' names and figures are left out, and words that say how it went, not what
it is about.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from insights.language import small_words as small
from insights.language.background import WORD, is_topical, stem
from insights.text.cues import word_cues

LONGEST = 40
NAMELESS = "Theme"

_LEAST_SHARE = 0.04
"""Of a problem's mentions; a rarer word is one customer's."""
_NOWHERE = 0.01
"""Added to the share elsewhere, so that a word that nobody else has does not outweigh all others."""
_PAIR_BONUS = 1.25
_IN_TITLE = 1.4
"""A title has been chosen from all words already."""
_NAME_LIKE = 0.4
"""A word with a capital may be a person's name; German nouns all have one and stay in their order."""
_MOST_TRIED = 8


@dataclass(frozen=True, slots=True)
class Words:
    """What the problems are about. `shares`: problem -> term -> share of its mentions that have it; a term is a stem,
    or two that stand side by side. `forms`: term -> how it is mostly written. `titles`: problem -> terms of its title.
    """

    shares: Mapping[int, Mapping[str, float]]
    forms: Mapping[str, str]
    titles: Mapping[int, AbstractSet[str]]

    @classmethod
    def of(
        cls,
        texts: Mapping[int, Sequence[str]],
        titles: Mapping[int, str],
        *,
        customers: AbstractSet[str] = frozenset(),
    ) -> "Words":
        """From some mentions of each problem. `customers` are words of customers' names, in folded case."""
        shares: dict[int, dict[str, float]] = {}
        forms: dict[str, Counter[str]] = defaultdict(Counter)
        for problem, some in texts.items():
            counts: Counter[str] = Counter()
            for text in some:
                found = _terms(text, customers)
                counts.update(found.keys())
                for term, form in found.items():
                    forms[term][form] += 1
            least = max(_LEAST_SHARE * len(some), min(2, len(some)))
            shares[problem] = {term: count / len(some) for term, count in counts.items() if count >= least}
        return cls(
            shares,
            {term: min(some, key=lambda form: (-some[form], form)) for term, some in forms.items()},
            {problem: set(_terms(title, customers)) for problem, title in titles.items()},
        )

    def weights(self, problems: AbstractSet[int]) -> dict[str, float]:
        """How telling each term is of these problems: its mean share in them times the logarithm of how much larger
        that is than in all others."""
        here, elsewhere = self._mean(problems), self._mean(self.shares.keys() - problems)
        found = {}
        for term, share in here.items():
            lift = math.log((share + _NOWHERE) / (elsewhere.get(term, 0.0) + _NOWHERE))
            in_title = any(term in self.titles.get(problem, ()) for problem in problems)
            if lift > 0:
                bonus = (_IN_TITLE if in_title else 1) * (_PAIR_BONUS if " " in term else 1)
                found[term] = share * lift * bonus * (_NAME_LIKE if self.forms[term].istitle() else 1)
        return found

    def _mean(self, problems: Iterable[int]) -> dict[str, float]:
        sums: dict[str, float] = defaultdict(float)
        chosen = list(problems)
        for problem in chosen:
            for term, share in self.shares.get(problem, {}).items():
                sums[term] += share / len(chosen)
        return sums


def name_of(problems: AbstractSet[int], words: Words, *, taken: AbstractSet[str] = frozenset()) -> str:
    """The name of the theme of these problems; `taken` are other themes' names in folded case."""
    weights = words.weights(problems)
    best = sorted(weights, key=lambda term: (-weights[term], term))[:_MOST_TRIED]
    phrases = [(words.forms[term], frozenset(term.split())) for term in best]
    names = [*_joined(phrases), *(phrase for phrase, _ in phrases)]
    fitting = (_capital(name) for name in names if len(name) <= LONGEST)
    return next((name for name in fitting if name.casefold() not in taken), _numbered(taken))


def _numbered(taken: AbstractSet[str]) -> str:
    number = 1
    while f"{NAMELESS} {number}".casefold() in taken:
        number += 1
    return f"{NAMELESS} {number}"


def _joined(phrases: Sequence[tuple[str, frozenset[str]]]) -> list[str]:
    """The best phrase with the best other that shares no word with it, three words at most: "Reorder points & kits"."""
    return [
        f"{first} & {second}"
        for place, (first, stems) in enumerate(phrases)
        for second, others in phrases[place + 1 :]
        if not stems & others and len(stems) + len(others) <= 3
    ]


def _terms(text: str, customers: AbstractSet[str]) -> dict[str, str]:
    """Term -> its form in a text."""
    words = [(found.start(), found.end(), _plain(text, found.start(), found[0])) for found in WORD.finditer(text)]
    named = [_is_nameable(word) and word.casefold() not in customers for _, _, word in words]
    found: dict[str, str] = {}
    for place, (_, end, word) in enumerate(words):
        if not named[place]:
            continue
        found.setdefault(stem(word), word)
        if place + 1 < len(words) and named[place + 1]:
            start, _, other = words[place + 1]
            if text[end:start] == " " and stem(word) != stem(other):
                found.setdefault(f"{stem(word)} {stem(other)}", f"{word} {other}")
    return found


def _plain(text: str, start: int, word: str) -> str:
    """The word without the capital that opens a sentence."""
    opens = not text[:start].strip() or text[:start].rstrip()[-1] in ".!?:\n"
    return word.lower() if opens and word[1:].islower() else word


def _is_nameable(word: str) -> bool:
    is_known = is_topical(word) and len(word) > 2 and not any(char.isdigit() for char in word)
    return is_known and not word_cues(word) and not small.PROFANITY.search(word)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:] if name.split(maxsplit=1)[0].islower() else name
