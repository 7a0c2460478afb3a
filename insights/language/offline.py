"""Describe a problem without a model: title, summary and quotes out of the customers' own words.

Pure but for the word vectors it may be given. Nothing is written that no customer wrote, but for a capital and a stop.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from insights.domain.feedback import Mention
from insights.grouping.languages import languages
from insights.language.background import Background
from insights.language.excerpts import Excerpt, quotes_of, summary_of
from insights.language.titles import best_title, clauses_of
from insights.ports import Vectors

NAME = "offline"
_MOST_READ = 80
"""Mentions that are read for words; those nearest the centre."""
_MOST_WEIGHED = 200
_LONGEST_READ = 1_500
"""Characters of a mention; mentions are shorter, but for those of other splitters."""

Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a problem is called, in short, and the excerpts that prove it; they name places in the mentions given."""

    title: str
    summary: str
    quotes: tuple[Excerpt, ...]


def describe(
    mentions: Sequence[Mention],
    vectors: Vectors,
    *,
    background: Background,
    taken: AbstractSet[str] = frozenset(),
    embed: Embed | None = None,
) -> Draft:
    """Describe the mentions of one problem; `vectors` has a row for each, shape (n, dimensions).

    `taken` are titles in folded case that other problems have. `embed`, where given, tells how near a possible title
    is to the group's meaning. Raises ValueError without mentions.
    """
    if not mentions:
        raise ValueError("a problem without mentions has no words")
    mentions = [_cut(mention) for mention in mentions]
    order, closeness = nearest(vectors)
    read = _of_one_language(mentions, order[:_MOST_WEIGHED])
    weights = background.weights([mentions[place].text for place in read])
    read = read[:_MOST_READ]
    chosen, near = [mentions[place] for place in read], [float(closeness[place]) for place in read]
    clauses = [
        clause for mention, close in zip(chosen, near, strict=True) for clause in clauses_of(mention.text, close)
    ]
    title = best_title(clauses, weights, taken=taken, likeness=_likeness_to([m.text for m in chosen], embed))
    quotes = quotes_of(chosen, near, weights=weights)
    return Draft(
        title=title,
        summary=summary_of(chosen, near, weights=weights),
        quotes=tuple(Excerpt(read[quote.mention], quote.start, quote.end) for quote in quotes),
    )


def _cut(mention: Mention) -> Mention:
    is_long = len(mention.text) > _LONGEST_READ
    return replace(mention, text=mention.text[:_LONGEST_READ]) if is_long else mention


def nearest(vectors: Vectors) -> tuple[list[int], NDArray[np.float32]]:
    """Rows by cosine to the centre, nearest first, and the cosines in row order, not below 0."""
    centre = vectors.mean(axis=0)
    length = float(np.linalg.norm(centre))
    cosines = vectors @ (centre / length) if length > 1e-6 else np.zeros(len(vectors))
    closeness: NDArray[np.float32] = np.clip(np.nan_to_num(cosines), 0.0, 1.0).astype(np.float32)
    order: list[int] = np.argsort(-closeness, kind="stable").tolist()
    return order, closeness


def _of_one_language(mentions: Sequence[Mention], order: Sequence[int]) -> list[int]:
    """Those in the language that most are written in, and those too short to tell."""
    spoken = languages([mentions[place].text for place in order]).tolist()
    counted = Counter(language for language in spoken if language >= 0)
    if not counted:
        return list(order)
    main = counted.most_common(1)[0][0]
    return [place for place, language in zip(order, spoken, strict=True) if language in (main, -1)]


def _likeness_to(texts: Sequence[str], embed: Embed | None) -> Callable[[Sequence[str]], list[float]] | None:
    """A function that tells how near each of some titles is to what the texts mean."""
    if embed is None:
        return None

    def likeness(titles: Sequence[str]) -> list[float]:
        rows = embed([*texts, *titles])
        centre = rows[: len(texts)].mean(axis=0)
        length = float(np.linalg.norm(centre)) or 1.0
        return [float(value) for value in rows[len(texts) :] @ (centre / length)]

    return likeness
