"""Effort from similar finished work: give what was imported its vectors, and find what is near a problem."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from insights.domain.estimate import Range
from insights.domain.figures import counted
from insights.domain.finished_work import FinishedWork
from insights.ports import Embedder, Progress
from insights.storage.repository import Repository
from insights.text.clean import one_line
from insights.text.meaning import meaning_of
from insights.worth.effort import Effort, similar_efforts

BATCH = 500
_EMBEDDED = 1_000
"""Characters of an issue that are compared: what it is about stands at its start."""
_NAME = 60


def embed_waiting(repository: Repository, embedder: Embedder, progress: Progress) -> int:
    """Embed the finished work that has no vector by this embedder, a batch a transaction. Returns how many."""
    kept = repository.finished_work
    total, done, last = kept.count_waiting(embedder.fingerprint), 0, 0
    while works := kept.waiting(embedder.fingerprint, limit=BATCH, after=last):
        vectors = embedder.embed([compared_text(work) for work in works.values()])
        kept.keep_vectors(works, vectors, fingerprint=embedder.fingerprint)
        last, done = max(works), done + len(works)
        progress("embedding finished work", done, total)
    return done


def compared_text(work: FinishedWork) -> str:
    """What finished work is compared by."""
    return meaning_of(f"{work.title}\n{work.text}"[:_EMBEDDED])


def similar_effort(
    repository: Repository, embedder: Embedder, problem_vectors: Mapping[int, NDArray[np.floating]]
) -> dict[int, tuple[Range, str]]:
    """Weeks of each problem by what similar finished work took, and which work in words; problems without any that is
    near enough are left out. A problem's vector, of shape (dimensions,) and any length above 0, is the mean of its
    mentions', by the same embedder. Two significant digits."""
    finished = repository.finished_work.matrix(embedder.fingerprint)
    if not problem_vectors or not finished.ids:
        return {}
    rows = np.vstack([np.asarray(vector, dtype=np.float32) for vector in problem_vectors.values()])
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    efforts = similar_efforts(np.divide(rows, lengths, where=lengths > 0, out=rows), finished.vectors, finished.weeks)
    found = {problem: effort for problem, effort in zip(problem_vectors, efforts, strict=True) if effort is not None}
    nearest = {problem: finished.ids[effort.neighbours[0]] for problem, effort in found.items() if effort.neighbours}
    works = repository.finished_work.of(sorted(set(nearest.values())))
    every = f"all {counted(len(finished.ids), 'finished issue')}: similar ones told no more"
    words = {problem: _in_words(found[problem], works[number]) for problem, number in nearest.items()}
    return {problem: (_told(effort.weeks), words.get(problem, every)) for problem, effort in found.items()}


def _told(weeks: Range) -> Range:
    """Two significant digits: what similar work took supports no more, and people read it."""
    low, likely, high = (float(f"{end:.2g}") for end in (weeks.low, weeks.likely, weeks.high))
    return Range(low, likely, high)


def _in_words(effort: Effort, nearest: FinishedWork) -> str:
    """12 similar finished issues, nearest PROJ-12 (2 wk). No title: what is kept with an estimate holds no words."""
    number = counted(len(effort.neighbours), "similar finished issue")
    return f"{number}, nearest {one_line(nearest.source_id, _NAME)} ({nearest.weeks:.2g} wk)"
