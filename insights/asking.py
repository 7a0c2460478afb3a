"""Answer a question from the evidence: the nearest of it by meaning, and a model's answer where the settings name one.

Without a model the nearest evidence is all there is, and that is said. Writes nothing but the answer that was paid for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from insights.domain.access import Act, use_case
from insights.domain.feedback import Evidence
from insights.domain.query import Filters
from insights.domain.run import OFFLINE
from insights.language.answering import Answer, Answerer, Sentence, question_line
from insights.ports import Embedder
from insights.search import search
from insights.storage.repository import Repository
from insights.storage.vectors import VectorStore

SHOWN = 24
"""Pieces of evidence that are looked at, where nobody says how many."""

SILENT = "The evidence does not say."
NO_MODEL = "Without a language model only the nearest evidence can be shown."
NO_ANSWER = "The model gave no usable answer; only the nearest evidence can be shown."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Sentences that cite `evidence` by its place, from 1; it stands in the order in which it is first cited. Without a
    sentence, `note` says why there is none, and `evidence` is the nearest there is, nearest first. `mode` is "offline"
    or "openai:MODEL"; `dropped` counts sentences that the evidence did not bear out, `failures` are for people."""

    question: str
    mode: str
    sentences: tuple[Sentence, ...] = ()
    note: str = ""
    evidence: tuple[Evidence, ...] = ()
    dropped: int = 0
    failures: tuple[str, ...] = ()


@use_case(Act.ASK)
def ask(
    question: str,
    *,
    repository: Repository,
    embedder: Embedder,
    vectors: VectorStore,
    filters: Filters,
    answerer: Answerer | None,
    count: int = SHOWN,
) -> Reply:
    """From `count` pieces of evidence. `vectors` is opened for as long as it is searched. Raises InsightsError for a
    question that is none, for filters as `search` does, and for a refused key."""
    asked = question_line(question)
    with vectors:
        nearest = search(asked, repository=repository, embedder=embedder, vectors=vectors, filters=filters, count=count)
    if answerer is None:
        return Reply(question=asked, mode=OFFLINE, note=NO_MODEL, evidence=tuple(nearest))
    return _answered(asked, nearest, answerer)


def _answered(question: str, nearest: Sequence[Evidence], answerer: Answerer) -> Reply:
    """What the model says of what it may be shown: an item that gives orders to a machine is shown to none."""
    shown = [one for one in nearest if not one.is_order]
    if not shown:
        return Reply(question=question, mode=OFFLINE, note=SILENT, evidence=tuple(nearest))
    answer = answerer.answer(question, [one.text for one in shown])
    if answer is None:
        return Reply(
            question=question, mode=OFFLINE, note=NO_ANSWER, evidence=tuple(nearest), failures=answerer.failures
        )
    if not answer.sentences:
        return Reply(question=question, mode=answer.by, note=SILENT, evidence=tuple(nearest), dropped=answer.dropped)
    return _cited(question, shown, answer)


def _cited(question: str, shown: Sequence[Evidence], answer: Answer) -> Reply:
    order = list(dict.fromkeys(number for sentence in answer.sentences for number in sentence.cites))
    places = {number: place for place, number in enumerate(order, 1)}
    return Reply(
        question=question,
        mode=answer.by,
        sentences=tuple(Sentence(one.words, tuple(places[number] for number in one.cites)) for one in answer.sentences),
        evidence=tuple(shown[number - 1] for number in order),
        dropped=answer.dropped,
    )
