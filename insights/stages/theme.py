"""Put problems into themes that keep their id and, while most of their problems stay, their name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from insights.domain.theme import Theme, needs_name
from insights.grouping.centres import centres_of, stratified
from insights.grouping.space import Space
from insights.grouping.themes import named, themes_of
from insights.language.background import WORD
from insights.language.theme_names import Words, name_of
from insights.ports import Vectors
from insights.storage.groupings import Place
from insights.storage.repository import Repository
from insights.storage.vectors import VECTORS_BY, VectorStore
from insights.text.meaning import meaning_of

SAMPLED_ROWS = 4_000
"""Mentions, of every problem some, from which its centroid and its words are taken."""

_LEAST_OF_NAME = 3
"""Letters of a word that can be a customer's name."""


@dataclass(frozen=True, slots=True)
class _Found:
    """The problems' ids, ascending; their centroids, shape (problems, dimensions); and some mentions' words of each."""

    problems: NDArray[np.int64]
    centroids: Vectors
    texts: Mapping[int, Sequence[str]]


def find_themes(repository: Repository, *, vectors: VectorStore, run_id: int) -> int:
    """Renew the themes where problems came or went. Returns how many themes there are."""
    themes = repository.themes.all()
    places = [place for place in repository.groupings.places() if place.problem_id]
    if {place.problem_id for place in places} == {problem for theme in themes for problem in theme.problems}:
        return len(themes)
    stored = repository.spaces.latest(repository.get_meta(VECTORS_BY) or "")
    if stored is None:
        return len(themes)
    found = _found(repository, vectors, places=places, space=Space.from_bytes(stored[1]))
    grouped = _grouped(found, themes)
    repository.themes.save(_renamed(grouped, found, repository), run_id=run_id)
    return len(grouped)


def _found(repository: Repository, vectors: VectorStore, *, places: Sequence[Place], space: Space) -> _Found:
    problems, labels = np.unique([place.problem_id for place in places], return_inverse=True)
    some = stratified(labels.astype(np.int64), count=SAMPLED_ROWS)
    ids = [places[row].mention_id for row in some.tolist()]
    words = {mention.id: mention.text for mention in repository.mentions.get(ids)}
    combined = space.place(vectors.matrix(ids), [meaning_of(words[number]) for number in ids])
    texts: dict[int, list[str]] = {int(problem): [] for problem in problems}
    for row, number in zip(some.tolist(), ids, strict=True):
        texts[places[row].problem_id].append(words[number])
    centroids = centres_of(combined, labels[some].astype(np.int64), groups=len(problems)).centroids
    return _Found(problems.astype(np.int64), centroids, texts)


def _grouped(found: _Found, themes: Sequence[Theme]) -> list[Theme]:
    """Tonight's themes, those that continue one under its id and name."""
    before = {problem: theme.id for theme in themes for problem in theme.problems}
    known = np.array([before.get(int(problem), 0) for problem in found.problems], dtype=np.int64)
    labels = themes_of(found.centroids, known)
    ids = named(labels, known)
    old = {theme.id: theme for theme in themes}
    result = []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        theme = old.get(int(ids[rows[0]]), Theme(id=0, name=""))
        result.append(replace(theme, problems=frozenset(int(found.problems[row]) for row in rows)))
    return result


def _renamed(themes: Sequence[Theme], found: _Found, repository: Repository) -> list[Theme]:
    """Those that need a name get one, the largest first: it takes the best words."""
    if not any(map(needs_name, themes)):
        return list(themes)
    titles = {problem.id: problem.title for problem in repository.problems.all()}
    words = Words.of(found.texts, titles, customers=_customers(repository))
    taken = {theme.name.casefold() for theme in themes if not needs_name(theme)}
    result = []
    for theme in sorted(themes, key=lambda theme: (-len(theme.problems), min(theme.problems))):
        if needs_name(theme):
            name = name_of(theme.problems, words, taken=taken)
            taken.add(name.casefold())
            result.append(replace(theme, name=name, named_from=theme.problems))
        else:
            result.append(theme)
    return result


def _customers(repository: Repository) -> frozenset[str]:
    names = (account.name for account in repository.customers.accounts())
    return frozenset(word.casefold() for name in names for word in WORD.findall(name) if len(word) >= _LEAST_OF_NAME)
