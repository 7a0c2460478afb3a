"""Name a group of mentions in words of its own: the clause that a person would write into a tracker.

Pure, no model. Candidates are short stretches of the members' texts, cut where language breaks; the best has the words
that are special to the group, reads as a whole, and states a problem rather than a person's day.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from insights.language import small_words as small
from insights.language.background import WORD, is_topical, pairs, stem
from insights.language.tidy import tidy
from insights.text.cues import word_cues

LONGEST = 60
_MOST_WORDS = 9
_LEAST_WORDS = 3
_CLAUSES_READ = 30
_COMPARED = 25
_LEAST_LIKENESS = 0.2
_BREAK = re.compile(
    r"(?<!\w)[@#]\w+|https?:\S+"
    r"|[.!?;:…]+(?=\s|$|[\"'”»)\]])|[\n()\[\]{}<>|\"“”„«»*•]+|,\s|\s[-–—/]+\s|—|\.{2,}|->|=>"
)
_POSITION_DISCOUNTS = (1.0, 0.9, 0.7, 0.5, 0.3)
_STATES = frozenset(("FAIL", "DOUBT", "WISH"))
_FEELS = frozenset(("BAD", "PRAISE", "THANKS", "EMPTY"))


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a text between two breaks. `closeness`: of its mention to the group's centre, 0 to 1;
    `is_headline`: it is a line of its own, as a subject is; `asks`: a question mark follows."""

    words: tuple[str, ...]
    text: str
    starts: tuple[int, ...]
    closeness: float
    is_headline: bool
    asks: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible title and how good it is; higher is better."""

    title: str
    score: float


Likeness = Callable[[Sequence[str]], list[float]]
"""How near each of some titles is to what the group means, -1 to 1."""


def best_title(
    clauses: Sequence[Clause],
    weights: Mapping[str, float],
    *,
    taken: AbstractSet[str],
    likeness: Likeness | None = None,
) -> str:
    """The best candidate whose title is not taken (compared without case); else two key phrases, never nothing."""
    ranked = sorted(candidates(clauses, weights), key=lambda found: (-found.score, found.title))
    ranked = [found for found in ranked if found.title.casefold() not in taken][:_COMPARED]
    if ranked and likeness is not None:
        near = likeness([found.title for found in ranked])
        scores = [found.score * max(_LEAST_LIKENESS + one, 0.0) for found, one in zip(ranked, near, strict=True)]
        return ranked[scores.index(max(scores))].title
    return ranked[0].title if ranked else _unlike(_joined(clauses, weights, taken=taken), taken)


def _unlike(title: str, taken: AbstractSet[str]) -> str:
    """The title, numbered where another problem has it."""
    wanted, number = title or "Unclear feedback", 1
    found = wanted
    while found.casefold() in taken:
        number += 1
        found = f"{wanted} ({number})"
    return found


def clauses_of(text: str, closeness: float) -> Iterator[Clause]:
    """The clauses of a mention, in order."""
    start = 0
    for found in [*_BREAK.finditer(text), None]:
        end = found.start() if found else len(text)
        words = list(WORD.finditer(text, start, end))
        if words:
            line_start = text.rfind("\n", 0, start) + 1
            before, after = text[line_start:start].strip(), text[end : end + 2]
            yield Clause(
                words=tuple(word[0] for word in words),
                text=text[start:end],
                starts=tuple(word.start() - start for word in words),
                closeness=closeness,
                is_headline=not before and ("\n" in after or (end == len(text) and line_start == 0)),
                asks="?" in after,
            )
        start = found.end() if found else end


def candidates(clauses: Sequence[Clause], weights: Mapping[str, float]) -> list[Candidate]:
    """Titles out of the most telling clauses, each with its best score."""
    telling = sorted(clauses, key=lambda clause: -_richness(clause, weights))[:_CLAUSES_READ]
    found: dict[str, float] = {}
    for clause in telling:
        for first, last in _stretches(clause):
            title = tidy(_slice(clause, first, last))
            cut = (first > 0) + (last < len(clause.words))
            score = _score(title, clause, weights=weights, cut=cut) if title else 0.0
            if score > found.get(title, 0.0):
                found[title] = score
    return [Candidate(title, score) for title, score in found.items()]


def _richness(clause: Clause, weights: Mapping[str, float]) -> float:
    stems = {stem(word) for word in clause.words if is_topical(word)}
    return sum(weights.get(term, 0.0) for term in stems) * (0.5 + clause.closeness) * (1.2 if clause.is_headline else 1)


def _stretches(clause: Clause) -> Iterator[tuple[int, int]]:
    """Pairs (first, end) of word places where a title could begin and end."""
    words = [word.replace("’", "'").casefold() for word in clause.words]
    size = len(words)
    begins = [0] + [place for place in range(1, size) if words[place - 1] in small.BOUNDARIES | small.ARTICLES]
    ends = [size] + [place for place in range(2, size) if words[place] in small.BOUNDARIES]
    for first in begins:
        for end in ends:
            if 2 <= end - first <= _MOST_WORDS + 4:
                yield first, end


def _slice(clause: Clause, first: int, end: int) -> str:
    last = end - 1
    return clause.text[clause.starts[first] : clause.starts[last] + len(clause.words[last])]


def _score(title: str, clause: Clause, *, weights: Mapping[str, float], cut: int) -> float:
    """0 for what cannot be a title."""
    words = WORD.findall(title)
    plain = [word.replace("’", "'").casefold() for word in words]
    if not _LEAST_WORDS <= len(words) <= _MOST_WORDS or len(title) > LONGEST or not _is_readable(title, plain):
        return 0.0
    stems = [stem(word) for word in words if is_topical(word)]
    known = _known(stems, weights)
    if len({term for term in stems if term in weights}) < 2:
        return 0.0
    score = known * (0.6 + 0.4 * clause.closeness) / (1 + 0.18 * sum(term not in weights for term in stems))
    return score * _shape(plain, clause, cut=cut) * _form(title, words)


def _known(stems: Sequence[str], weights: Mapping[str, float]) -> float:
    """What the stretch says of the group: its best terms count in full, further ones less and less."""
    best = sorted((weights[term] for term in {*stems} if term in weights), reverse=True)
    words = sum(weight * share for weight, share in zip(best, _POSITION_DISCOUNTS, strict=False))
    return words + 0.6 * sum(sorted((weights.get(pair, 0.0) for pair in pairs(stems)), reverse=True)[:2])


def _is_readable(title: str, plain: Sequence[str]) -> bool:
    if plain[0] in small.NOT_FIRST or plain[-1] in small.NOT_LAST:
        return False
    return "<" not in title and "@" not in title and "http" not in title and not small.PROFANITY.search(title)


def _shape(plain: Sequence[str], clause: Clause, *, cut: int) -> float:
    """How well the stretch stands alone."""
    cues = {cue for word in plain for cue in word_cues(word)}
    factor = 1.25 if cues & _STATES or "not" in plain else 1.0
    factor *= 0.7 if cues & _FEELS else 1.0
    factor *= 0.85**cut
    factor *= 1.25 if clause.is_headline and not cut else 1.0
    factor *= 0.7 if clause.asks else 1.0
    factor *= 0.7 ** min(2, sum(word in small.PERSONAL for word in plain))
    factor *= 0.5 if plain[1] in small.COUPLING else 1.0  # the first half of a pair is only its last word
    factor *= 0.6 if plain[0] in small.WEAK_FIRST or plain[0].endswith("ed") else 1.0
    return factor


def _form(title: str, words: Sequence[str]) -> float:
    """Digits, shouting and names belong to one customer, not to a problem."""
    factor = 0.75 ** min(3, sum(any(char.isdigit() for char in word) for word in words))
    if sum(word.isupper() and len(word) > 3 for word in words) > len(words) / 2:
        factor *= 0.5
    return factor * (0.9 if "," in title or "'" in title else 1.0)


def _joined(clauses: Sequence[Clause], weights: Mapping[str, float], *, taken: AbstractSet[str]) -> str:
    """The best phrases of two or three words side by side: "Label printing – cropped on Zebra"."""
    phrases = _phrases(clauses, weights)
    for one in range(len(phrases)):
        for two in range(one + 1, len(phrases)):
            if not {stem(w) for w in WORD.findall(phrases[one])} & {stem(w) for w in WORD.findall(phrases[two])}:
                title = tidy(f"{phrases[one]} – {phrases[two].lower()}")
                if title.casefold() not in taken and len(title) <= LONGEST:
                    return title
    return next((tidy(phrase) for phrase in phrases if tidy(phrase).casefold() not in taken), "")


def _phrases(clauses: Sequence[Clause], weights: Mapping[str, float]) -> list[str]:
    """Topical words that stand together, best first; single words where none do."""
    found: dict[str, float] = {}
    for clause in clauses:
        for place, word in enumerate(clause.words):
            for size in (1, 2):
                part = clause.words[place : place + size]
                if len(part) == size and all(map(is_topical, part)) and not any(w.isdigit() for w in part):
                    stems = [stem(w) for w in part]
                    phrase = _slice(clause, place, place + size)
                    if not small.PROFANITY.search(phrase) and "\n" not in phrase and word:
                        found[phrase] = _known(stems, weights)
    return sorted(found, key=lambda phrase: (-found[phrase], phrase))[:12]
