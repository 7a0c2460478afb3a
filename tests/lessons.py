"""Texts whose kind and severity hang on words that no other program knows: what a model told of them can be learned.

Not a test.
"""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from insights.domain.assessed import Assessed
from insights.domain.estimate import Range
from insights.domain.feedback import Stance
from insights.storage.assessments import ASSESSED, Assessment
from insights.storage.mentions import Span
from insights.storage.repository import Repository
from tests.drafts import a_draft, save
from tests.stored import NOW, StoredProblem, a_stored_problem, an_item

WORDS = {
    Stance.PROBLEM: "amber birch cobalt dune ember fjord garnet heron iris jasper kelp larch",
    Stance.PRAISE: "marble nectar onyx pollen quartz raven saffron tundra umber violet willow zephyr",
    Stance.NOISE: "anchor barrel candle drum easel funnel goblet hammer inkwell jug kettle ladle",
}
_OTHERS = "paper table order shelf window corner number letter market garden engine bridge river castle"
MODEL = "openai:small"


def a_text(kind: Stance, number: int) -> str:
    """The same for the same number; no two are copies."""
    draw = Random(f"{kind} {number}")
    words = draw.sample(WORDS[kind].split(), 5) + draw.sample(_OTHERS.split(), 4)
    draw.shuffle(words)
    return f"{' '.join(words)}."


def texts(count: int, *, first: int = 1, kinds: Sequence[Stance] = tuple(WORDS)) -> list[tuple[str, Stance]]:
    """Text and kind, the kinds in turn."""
    return [(a_text(kinds[n % len(kinds)], n), kinds[n % len(kinds)]) for n in range(first, first + count)]


def kind_of(text: str) -> Stance:
    """What a model that knows the words says."""
    found = {word: kind for kind, words in WORDS.items() for word in words.split()}
    return next((found[word] for word in text.strip(".").split() if word in found), Stance.NOISE)


def hear(repository: Repository, some: Sequence[str], *, first: int, confidence: float = 0.5) -> list[int]:
    """Items of one mention each, of which the offline classifier is not sure. Returns the mentions' ids."""
    save(repository, *(a_draft(text, number=first + n) for n, text in enumerate(some)))
    items = repository.feedback.unprotected(10_000)
    repository.feedback.save_redactions({item.id: (item.body, 0) for item in items})
    waiting = repository.feedback.unsplit(10_000)
    repository.mentions.save({i.id: [Span(0, len(i.body), Stance.QUESTION, confidence)] for i in waiting})
    return [mention.id for mention in repository.mentions.unsure(1.0)]


def teach(repository: Repository, count: int, *, first: int = 1, by: str = MODEL) -> list[int]:
    """Mentions whose kind a model has told. Returns their ids."""
    given = texts(count, first=first)
    ids = hear(repository, [text for text, _ in given], first=first)
    kinds = dict(zip(ids, [kind for _, kind in given], strict=True))
    repository.mentions.save_opinions(kinds, told_by=by)
    return ids


SEVERITY = {Stance.PROBLEM: ("blocks", "now"), Stance.NOISE: ("wish", "later")}


def problems(count: int) -> list[StoredProblem]:
    """Of two severities in turn, two items each."""
    kinds = tuple(SEVERITY)
    return [
        a_stored_problem(
            f"Problem {n}", items=[an_item(a_text(kinds[n % 2], 2 * n)), an_item(a_text(kinds[n % 2], 2 * n + 1))]
        )
        for n in range(1, count + 1)
    ]


def severity_of(problem: int) -> tuple[str, str]:
    """Severity and urgency of a problem of `problems`, as a model tells them."""
    return SEVERITY[tuple(SEVERITY)[problem % 2]]


def assess(repository: Repository, ids: Sequence[int], *, by: str = MODEL, **changes: Any) -> None:
    """A model has said how severe and urgent they are."""
    repository.assessments.put([_assessment(number, by=by, **changes) for number in ids])


def _assessment(problem: int, *, by: str, **changes: Any) -> Assessment:
    severity, urgency = severity_of(problem)
    said = Assessed(problem, severity, urgency, "Work stops.", Range(1, 2, 4), "Nobody knows.", True, by)
    text = json.dumps(json.loads(said.to_json()) | changes)
    return Assessment(problem_id=problem, what=ASSESSED, told_by=by, told_from="2", text=text, at=NOW)
