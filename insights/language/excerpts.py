"""Choose sentences that speak for a group: its quotes and its summary. Pure; every sentence is a span of a mention."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from insights.domain.feedback import Mention
from insights.language import small_words as small
from insights.language.background import WORD, is_topical, stem
from insights.text.clean import one_line
from insights.text.cues import word_cues
from insights.text.openings import carries_on, is_pleasantry

MOST_QUOTES = 3
_SUMMARY_SENTENCES = 2
_SUMMARY_LENGTH = 360
_LEAST_WORDS, _MOST_WORDS = 5, 40
_MOST_ALIKE = 0.5
"""Share of topical words that two chosen sentences may have in common."""
_NEARLY_SAME = 0.85
_SENTENCE = re.compile(r"[^\n.!?…]+(?:[.!?…](?!\s|$|[\"'”»)])[^\n.!?…]*)*[.!?…]*[\"'”»)\]]*")
_STATES = frozenset(("FAIL", "DOUBT", "WISH"))


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A span of the mention at place `mention` of the group."""

    mention: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Rated:
    excerpt: Excerpt
    words: frozenset[str]
    score: float


def quotes_of(
    mentions: Sequence[Mention], closeness: Sequence[float], *, weights: Mapping[str, float]
) -> tuple[Excerpt, ...]:
    """Up to three excerpts, best first, from different feedback and where possible different accounts."""
    rated = _rated(mentions, closeness, weights=weights, whole=True)
    chosen = _different(rated, mentions, most=MOST_QUOTES, by_account=True)
    chosen += _different(rated, mentions, most=MOST_QUOTES - len(chosen), chosen=chosen)
    chosen += _different(rated, mentions, most=MOST_QUOTES - len(chosen), chosen=chosen, alike=_NEARLY_SAME)
    if chosen:
        return tuple(one.excerpt for one in chosen)
    nearest = max(range(len(mentions)), key=closeness.__getitem__, default=None)
    return () if nearest is None else (Excerpt(nearest, 0, len(mentions[nearest].text)),)


def summary_of(mentions: Sequence[Mention], closeness: Sequence[float], *, weights: Mapping[str, float]) -> str:
    """Two or three sentences of customers, each telling something else."""
    rated = _rated(mentions, closeness, weights=weights, whole=False)
    chosen = _different(rated, mentions, most=_SUMMARY_SENTENCES + 1, by_account=True)
    sentences = [_finished(_words_of(mentions, one.excerpt)) for one in chosen]
    if not sentences and mentions:
        nearest = max(range(len(mentions)), key=closeness.__getitem__)
        sentences = [_finished(mentions[nearest].text)]
    while len(sentences) > _SUMMARY_SENTENCES and len(" ".join(sentences)) > _SUMMARY_LENGTH:
        sentences.pop()
    return one_line(" ".join(sentences), _SUMMARY_LENGTH * 2)


def _words_of(mentions: Sequence[Mention], excerpt: Excerpt) -> str:
    return mentions[excerpt.mention].text[excerpt.start : excerpt.end]


def _finished(sentence: str) -> str:
    line = one_line(sentence, _SUMMARY_LENGTH).strip("-–—•*> \"'“”„«»")
    line = line[:1].upper() + line[1:]
    return line if line.endswith((".", "!", "?", "…")) else line.rstrip(",;:") + "."


def _rated(
    mentions: Sequence[Mention], closeness: Sequence[float], *, weights: Mapping[str, float], whole: bool
) -> list[_Rated]:
    """Excerpts that could be shown, best first."""
    found = []
    for place, mention in enumerate(mentions):
        for start, end in _spans(mention.text, whole=whole):
            one = _rate(Excerpt(place, start, end), mention.text[start:end], closeness[place], weights=weights)
            if one is not None:
                found.append(one)
    return sorted(found, key=lambda one: (-one.score, one.excerpt.mention, one.excerpt.start))


def _spans(text: str, *, whole: bool) -> Iterator[tuple[int, int]]:
    """The whole text where it is short enough to be a quote, and its sentences."""
    if whole and len(WORD.findall(text)) <= _MOST_WORDS:
        yield 0, len(text)
        return
    for found in _SENTENCE.finditer(text):
        start = found.start() + len(found[0]) - len(found[0].lstrip())
        if found[0].strip():
            yield start, start + len(found[0].strip())


def _rate(excerpt: Excerpt, text: str, closeness: float, *, weights: Mapping[str, float]) -> _Rated | None:
    """None for what should not be shown: too short, too long, courtesy only, or shouting abuse."""
    words = WORD.findall(text)
    if not _LEAST_WORDS <= len(words) <= _MOST_WORDS or is_pleasantry(text) or small.PROFANITY.search(text):
        return None
    stems = frozenset(stem(word) for word in words if is_topical(word))
    telling = sorted((weights.get(term, 0.0) for term in stems), reverse=True)[:6]
    score = (0.5 + sum(telling) / (4 + 0.15 * len(words))) * (0.3 + closeness) * _manner(text, words)
    return _Rated(excerpt, stems, score)


def _manner(text: str, words: Sequence[str]) -> float:
    cues = {cue for word in words for cue in word_cues(word.casefold())}
    factor = 1.2 if cues & _STATES else 1.0
    factor *= 0.7 if "THANKS" in cues else 1.0
    factor *= 0.7 if text.rstrip().endswith("?") else 1.0
    factor *= 0.75 if carries_on(text) else 1.0
    factor *= 0.8 ** min(3, text.count("<"))
    letters = [char for char in text if char.isalpha()]
    is_shouting = sum(char.isupper() for char in letters) > 0.5 * len(letters) or "!!" in text
    return factor * (0.5 if is_shouting else 1.0)


def _different(
    rated: Sequence[_Rated],
    mentions: Sequence[Mention],
    *,
    most: int,
    by_account: bool = False,
    chosen: Sequence[_Rated] = (),
    alike: float = _MOST_ALIKE,
) -> list[_Rated]:
    """The best that are from other feedback, and tell something else, than those chosen before."""
    kept: list[_Rated] = []
    for one in rated:
        if len(kept) >= most:
            break
        before = [*chosen, *kept]
        if all(_differs(one, other, mentions=mentions, by_account=by_account, alike=alike) for other in before):
            kept.append(one)
    return kept


def _differs(one: _Rated, other: _Rated, *, mentions: Sequence[Mention], by_account: bool, alike: float) -> bool:
    first, second = mentions[one.excerpt.mention], mentions[other.excerpt.mention]
    if first.feedback_id == second.feedback_id:
        return False
    if by_account and first.account_id is not None and first.account_id == second.account_id:
        return False
    shared = len(one.words & other.words) / max(1, min(len(one.words), len(other.words)))
    return shared <= alike
