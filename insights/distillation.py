"""Distil what language models answered into small classifiers, which from then on answer the sure cases for nothing.

Learned from is what a model told and no person overruled: an item about which somebody's rule stands teaches nothing,
nor does a problem that somebody dismissed. Where copies of a text got several answers, those of the large model count,
then the most. A classifier is kept only where, on answers held out, it agrees with the model better than what is told
without it; otherwise an earlier one goes, too.

Which problem a mention belongs to is not distilled: `benchmarks/README.md` says why, with figures.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

import numpy as np

from insights.domain.access import Act, use_case
from insights.domain.assessed import assessed_of
from insights.domain.feedback import Mention
from insights.domain.figures import counted
from insights.domain.problem import State
from insights.grouping.copies import collapse
from insights.language.distilled import (
    KINDS,
    SEVERITY,
    URGENCY,
    made_for,
    mention_features,
    problem_features,
    scores_of,
)
from insights.language.distilling import Features, Rows, Trained, told_apart, train
from insights.language.distilling_figures import Figures, figures_of, refusal
from insights.ports import Embedder, Progress
from insights.storage.assessments import ASSESSED
from insights.storage.distilled import Kept
from insights.storage.repository import Repository
from insights.text.clean import one_line
from insights.text.stance import classify

NEEDED = {KINDS: 200, SEVERITY: 80, URGENCY: 80}
"""Answers below which nothing is learned: texts that differ, problems."""

MOST_ANSWERS = 10_000
"""The newest so many kinds are learned from: more take memory and bring little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one classifier: from how many `answers`, of how many `needed`, of which models; `refused` says why
    it is not used, and is empty where it is."""

    name: str
    answers: int
    needed: int
    models: tuple[str, ...]
    figures: Figures | None
    refused: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A classifier that is in use, since when, and what it did on the answers held out."""

    name: str
    made_from: str
    at: datetime
    figures: Figures


@dataclass(frozen=True, slots=True, eq=False)
class _Lesson:
    """Answers to learn one thing from, their `groups` as in `Rows`, and what is told of the same `before` there is a
    classifier, if anything. Features are made when there is enough to learn from."""

    name: str
    answers: Sequence[str]
    groups: Sequence[int]
    models: tuple[str, ...]
    features: Callable[[], Features]
    before: Sequence[str] | None = None


@use_case(Act.MANAGE)
def distil(
    repository: Repository, *, embedder: Embedder, large: str, precision: float, at: datetime, progress: Progress
) -> list[Outcome]:
    """Learn, measure, and keep what is of use. `embedder` works on this machine; `large` is the name of the large
    model, whose answers outrank others'."""
    lessons = [_kinds(repository, embedder, large=large), *_problems(repository, embedder)]
    found: list[tuple[Outcome, Trained | None]] = []
    for done, lesson in enumerate(lessons):
        progress("learning from answers", done, len(lessons))
        found.append(_learned(lesson, precision=precision, made_for=made_for(embedder)))
    found = _both_or_none(found)
    made = [(outcome, trained) for outcome, trained in found if trained is not None and not outcome.refused]
    repository.distilled.replace([_kept(outcome, trained, at=at) for outcome, trained in made])
    return [outcome for outcome, _ in found]


def _kept(outcome: Outcome, trained: Trained, *, at: datetime) -> tuple[Kept, bytes]:
    words = f"{counted(outcome.answers, 'answer')} of {', '.join(outcome.models)}"
    kept = Kept(name=outcome.name, made_from=one_line(words, 200), figures=trained.figures.to_json(), at=at)
    return kept, trained.classifier.to_bytes()


@use_case(Act.LOOK)
def standing(repository: Repository) -> list[Standing]:
    """What is in use, by name."""
    return [
        Standing(name=kept.name, made_from=kept.made_from, at=kept.at, figures=figures_of(kept.figures))
        for kept in repository.distilled.all()
    ]


@use_case(Act.MANAGE)
def forget(repository: Repository) -> list[Standing]:
    """Remove all classifiers; what they told stays. Returns those there were."""
    there = standing(repository)
    repository.distilled.replace([])
    return there


def _learned(lesson: _Lesson, *, precision: float, made_for: str) -> tuple[Outcome, Trained | None]:
    count, needed = len(lesson.answers), NEEDED[lesson.name]
    outcome = Outcome(name=lesson.name, answers=count, needed=needed, models=lesson.models, figures=None, refused="")
    if count < needed:
        return replace(outcome, refused=f"there are {count:,} answers to learn from, and {needed:,} are needed"), None
    groups = np.array(lesson.groups, dtype=np.int64)
    if len(told_apart(lesson.answers, groups)) < 2:
        return replace(outcome, refused="nearly all answers are the same: there is nothing to tell apart"), None
    rows = Rows(lesson.features(), lesson.answers, groups)
    trained = train(rows, before=lesson.before, precision=precision, made_for=made_for)
    return replace(outcome, figures=trained.figures, refused=refusal(trained.figures)), trained


def _both_or_none(found: Sequence[tuple[Outcome, Trained | None]]) -> list[tuple[Outcome, Trained | None]]:
    """Severity and urgency are told together: where one is refused, so is the other."""
    refused = {outcome.name for outcome, _ in found if outcome.refused}
    partner = {SEVERITY: URGENCY, URGENCY: SEVERITY}
    return [
        (
            replace(outcome, refused=f"{partner[outcome.name]} is not told, and neither is told without the other"),
            trained,
        )
        if not outcome.refused and partner.get(outcome.name) in refused
        else (outcome, trained)
        for outcome, trained in found
    ]


# -- what is learned from -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Overruled:
    """Items and problems of which a person said otherwise than a model."""

    items: frozenset[int]
    problems: frozenset[int]


def _overruled(repository: Repository) -> _Overruled:
    people = {decision.id for decision in repository.decisions.since(None) if ":" not in decision.who}
    rules = [rule for rule in repository.rules.standing() if rule.decision_id in people]
    states = repository.problems.states()
    return _Overruled(
        items=frozenset(rule.feedback_id for rule in rules if rule.feedback_id is not None),
        problems=frozenset(problem for problem, state in states.items() if state is State.DISMISSED),
    )


def _kinds(repository: Repository, embedder: Embedder, *, large: str) -> _Lesson:
    """Texts that differ, with what a model says that they do."""
    told_by = repository.distilled.told_by_models(most=MOST_ANSWERS)
    overruled, problems = _overruled(repository), repository.groupings.memberships()
    taught = [
        mention
        for mention in repository.mentions.get(list(told_by))
        if mention.feedback_id not in overruled.items and problems.get(mention.id) not in overruled.problems
    ]
    stands, copies = collapse([mention.text for mention in taught])
    shown = [taught[row] for row in stands.tolist()]
    return _Lesson(
        name=KINDS,
        answers=_said(taught, copies.tolist(), told_by, large=large),
        groups=[mention.feedback_id for mention in shown],
        models=_names(told_by[mention.id] for mention in taught),
        features=lambda: mention_features(shown, embedder),
        before=[stance.value for stance, _ in classify([one.text for one in shown], scores=scores_of(shown))],
    )


def _said(mentions: Sequence[Mention], copies: Sequence[int], told_by: dict[int, str], *, large: str) -> list[str]:
    """The answer about each text, of which `copies` tells which mentions it is said in."""
    by_large: dict[int, Counter[str]] = {}
    by_any: dict[int, Counter[str]] = {}
    for mention, text in zip(mentions, copies, strict=True):
        by_any.setdefault(text, Counter())[mention.stance.value] += 1
        if told_by[mention.id] == large:
            by_large.setdefault(text, Counter())[mention.stance.value] += 1
    return [by_large.get(text, by_any[text]).most_common(1)[0][0] for text in range(len(by_any))]


def _problems(repository: Repository, embedder: Embedder) -> list[_Lesson]:
    """Problems with how severe and how urgent a model says that they are."""
    members, overruled = repository.mentions.by_problem(), _overruled(repository)
    said = {
        problem: assessed_of(one.text, problem_id=problem, by=one.told_by)
        for problem, one in sorted(repository.assessments.all(ASSESSED).items())
        if ":" in one.told_by and problem in members and problem not in overruled.problems
    }
    models = _names(one.by for one in said.values())
    features = cache(lambda: problem_features([members[problem] for problem in said], embedder))
    return [
        _Lesson(SEVERITY, [one.severity for one in said.values()], list(said), models, features),
        _Lesson(URGENCY, [one.urgency for one in said.values()], list(said), models, features),
    ]


def _names(models: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(models)))
