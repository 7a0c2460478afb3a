"""Put problems into themes that keep their id and, while most of their problems stay, their name."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from insights.domain.run import OFFLINE
from insights.domain.theme import Theme, needs_name
from insights.grouping.centres import centres_of, stratified
from insights.grouping.space import Space
from insights.grouping.themes import named, themes_of
from insights.language.background import WORD
from insights.language.theme_namer import Named, ThemeNamer
from insights.language.theme_names import Words, name_of
from insights.ports import Vectors
from insights.storage.groupings import Place
from insights.storage.repository import Repository
from insights.storage.vectors import VECTORS_BY, VectorStore
from insights.text.meaning import words_of

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


def find_themes(repository: Repository, *, vectors: VectorStore, run_id: int, namer: ThemeNamer | None = None) -> int:
    """Renew the themes where problems came or went; `namer`, where given, names those that need it or were named
    offline, and what it cannot name is named offline. Returns how many themes there are. Raises InsightsError for a
    refused key."""
    themes = repository.themes.all()
    places = [place for place in repository.groupings.places() if place.problem_id]
    if {place.problem_id for place in places} == {problem for theme in themes for problem in theme.problems}:
        renamed = _told(themes, repository, namer=namer, run_id=run_id)
        if renamed != themes:
            repository.themes.save(renamed, run_id=run_id)
        return len(themes)
    stored = repository.spaces.latest(repository.get_meta(VECTORS_BY) or "")
    if stored is None:
        return len(themes)
    worded = [place for place in places if place.has_words]
    if not worded:
        return len(themes)
    found = _found(repository, vectors, places=worded, space=Space.from_bytes(stored[1]))
    wordless = {place.problem_id for place in places} - {place.problem_id for place in worded}
    grouped = _with_wordless(_grouped(found, themes), themes, wordless)
    repository.themes.save(_renamed(grouped, found, repository, namer=namer, run_id=run_id), run_id=run_id)
    return len(grouped)


def _found(repository: Repository, vectors: VectorStore, *, places: Sequence[Place], space: Space) -> _Found:
    problems, labels = np.unique([place.problem_id for place in places], return_inverse=True)
    some = stratified(labels.astype(np.int64), count=SAMPLED_ROWS)
    ids = [places[row].mention_id for row in some.tolist()]
    found = {mention.id: mention for mention in repository.mentions.get(ids)}
    combined = space.place(vectors.matrix(ids), [words_of(found[number]) for number in ids])
    texts: dict[int, list[str]] = {int(problem): [] for problem in problems}
    for row, number in zip(some.tolist(), ids, strict=True):
        texts[places[row].problem_id].append(found[number].text)
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


def _with_wordless(grouped: Sequence[Theme], before: Sequence[Theme], wordless: Set[int]) -> list[Theme]:
    """Problems whose words all went by rule stay in the theme that they were in."""
    stay = {theme.id: theme.problems & wordless for theme in before if theme.problems & wordless}
    kept = [replace(one, problems=one.problems | stay.pop(one.id, frozenset())) for one in grouped]
    return kept + [replace(one, problems=stay[one.id]) for one in before if one.id in stay]


def _renamed(
    themes: Sequence[Theme], found: _Found, repository: Repository, *, namer: ThemeNamer | None, run_id: int
) -> list[Theme]:
    """Those that need a name get one, the largest first: it takes the best words."""
    ordered = sorted(themes, key=lambda theme: (-len(theme.problems), min(theme.problems)))
    renamed = _told(ordered, repository, namer=namer, run_id=run_id)
    return _named_offline(renamed, found, repository) if any(map(needs_name, renamed)) else renamed


def _named_offline(themes: Sequence[Theme], found: _Found, repository: Repository) -> list[Theme]:
    titles = {problem.id: problem.title for problem in repository.problems.all()}
    words = Words.of(found.texts, titles, customers=_customers(repository))
    taken = {theme.name.casefold() for theme in themes if not needs_name(theme)}
    result = []
    for theme in themes:
        if needs_name(theme):
            name = name_of(theme.problems, words, taken=taken)
            taken.add(name.casefold())
            result.append(replace(theme, name=name, named_from=theme.problems, named_by=OFFLINE))
        else:
            result.append(theme)
    return result


def _told(themes: Sequence[Theme], repository: Repository, *, namer: ThemeNamer | None, run_id: int) -> list[Theme]:
    """The themes, those that need a name or were named offline with the name that a model gives, if it gives a usable
    one."""
    waiting = [place for place, theme in enumerate(themes) if needs_name(theme) or theme.named_by == OFFLINE]
    if namer is None or not waiting:
        return list(themes)
    largest_first = sorted(repository.problems.all(), key=lambda problem: -problem.items)
    titles = [[p.title for p in largest_first if p.id in themes[place].problems] for place in waiting]
    taken = {theme.name.casefold() for theme in themes if not needs_name(theme)}
    told = namer.names(titles, customers=_customers(repository), taken=taken, run_id=run_id)
    given = {waiting[place]: name for place, name in told.items()}
    return [_given(theme, given[place]) if place in given else theme for place, theme in enumerate(themes)]


def _given(theme: Theme, told: Named) -> Theme:
    return replace(theme, name=told.name, named_from=theme.problems, named_by=told.by)


def _customers(repository: Repository) -> frozenset[str]:
    names = (account.name for account in repository.customers.accounts())
    return frozenset(word.casefold() for name in names for word in WORD.findall(name) if len(word) >= _LEAST_OF_NAME)
