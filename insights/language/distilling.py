"""Learn a small classifier from the answers of a language model, and tell how far it can stand in for it.

Pure: arrays in, classifier and figures out; the same rows give the same. A fifth of the rows, by whole groups, is held
out for the figures. On the others a logistic regression is fitted whose strength is chosen by cross-validation; the
classifier that was measured is the one that is used.

**Sure** is an answer whose chance reaches the threshold of that answer: the lowest chance from which on, in
cross-validation, the answers were right as often as asked for, less one standard error. One threshold an answer: on
2,000 airline tweets a third is sure where one threshold for all leaves a tenth, at the same precision. Without the
standard error, the best of many thresholds is good by luck: of 400 tweets told .95 sure, .93 were right.
"""

import io
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.language.distilling_figures import (
    ONE_ERROR,
    AnswerFigures,
    Figures,
    qualities,
    share,
    wilson,
)

PRECISION = 0.95
FEWEST_OF_ANSWER = 10
"""Groups of rows that have an answer, from which on it is learned; rarer ones are never told and count as errors."""

_FOLDS = 5
"""One is held out, the others are cross-validated."""
_STRENGTHS = (0.3, 1.0, 3.0, 10.0)
"""C: how little weights are held down."""
_NEVER = 2.0
_ROUNDS = 500

Features = Any
"""A sparse matrix of rows (scipy's csr), shape (n, features)."""

Chances = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What is learned from: `features` of n rows, the answer to each, and `groups`, shape (n,): rows of one group are
    never on both sides."""

    features: Features
    answers: Sequence[str]
    groups: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Classifier:
    """Chances of `answers` by a linear model. `weights`: shape (features, answers); `intercept` and `thresholds`: shape
    (answers,). `made_for` names what the features are: on others it says nothing."""

    answers: tuple[str, ...]
    weights: Chances
    intercept: Chances
    thresholds: Chances
    made_for: str

    def chances(self, features: Features) -> Chances:
        """Shape (n, answers)."""
        return _softmax(features @ self.weights + self.intercept)

    def sure(self, features: Features) -> list[str | None]:
        """The answer to each row; None where it is not sure."""
        chances = self.chances(features)
        best = chances.argmax(axis=1)
        is_sure = chances.max(axis=1, initial=0) >= self.thresholds[best]
        return [self.answers[number] if sure else None for number, sure in zip(best, is_sure, strict=True)]

    def to_bytes(self) -> bytes:
        """Arrays and names; nothing in it is run when it is read."""
        file = io.BytesIO()
        np.savez_compressed(
            file,
            answers=np.array(self.answers),
            weights=self.weights.astype(np.float32),
            intercept=self.intercept,
            thresholds=self.thresholds,
            made_for=np.array(self.made_for),
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Classifier":
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return cls(
                answers=tuple(map(str, stored["answers"])),
                weights=stored["weights"],
                intercept=stored["intercept"],
                thresholds=stored["thresholds"],
                made_for=str(stored["made_for"]),
            )


@dataclass(frozen=True, slots=True)
class Trained:
    """A classifier and what it does on rows that it was not trained on."""

    classifier: Classifier
    figures: Figures


def told_apart(answers: Sequence[str], groups: Numbers) -> tuple[str, ...]:
    """The answers that are given often enough to be learned, by name. Of fewer than two, nothing can be."""
    pairs = set(zip(answers, groups.tolist(), strict=True))
    counts = Counter(answer for answer, _ in pairs)
    return tuple(sorted(answer for answer, count in counts.items() if count >= FEWEST_OF_ANSWER))


def train(
    rows: Rows, *, before: Sequence[str] | None = None, precision: float = PRECISION, made_for: str, seed: int = 0
) -> Trained:
    """Learn from rows of which at least two answers can be told apart. `before` is what is told of each row without a
    classifier: the commonest answer where that is nothing."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings():  # one thread: idle ones spin
        warnings.simplefilter("ignore")  # a rare answer is not in every fold; a fit that takes long is as good
        return _train(rows, before=before, precision=precision, made_for=made_for, seed=seed)


def _train(rows: Rows, *, before: Sequence[str] | None, precision: float, made_for: str, seed: int) -> Trained:
    answers = told_apart(rows.answers, rows.groups)
    truth = _numbered(rows.answers, answers)
    held, *parts = _folds(truth, rows.groups, seed=seed)
    learned = np.concatenate(parts)
    # Columns that say nothing about any row keep a weight of 0: of few texts most hashed words are such.
    used = np.flatnonzero(rows.features[learned].getnnz(axis=0))
    features = rows.features[:, used]
    strength, chances = _validated(features, truth, parts, answers=len(answers))
    weights = np.zeros((rows.features.shape[1], len(answers)))
    weights[used], intercept = _fit(features[learned], truth[learned], strength=strength, answers=len(answers))
    thresholds = _thresholds(chances[learned], truth[learned], precision=precision)
    classifier = Classifier(answers, weights, intercept, thresholds, made_for)
    commonest = Counter(rows.answers[row] for row in learned.tolist()).most_common(1)[0][0]
    told_before = [before[row] if before is not None else commonest for row in held.tolist()]
    figures = _figures(classifier, rows, held, told_before=told_before, precision=precision, strength=strength)
    return Trained(classifier, figures)


def _numbered(said: Sequence[str], answers: Sequence[str]) -> Numbers:
    """The place of each in `answers`; their number for any other."""
    places = {answer: number for number, answer in enumerate(answers)}
    return np.array([places.get(answer, len(answers)) for answer in said], dtype=np.int64)


def _folds(truth: Numbers, groups: Numbers, *, seed: int) -> list[Numbers]:
    """The rows in parts of whole groups, each with about the same share of every answer."""
    from sklearn.model_selection import StratifiedGroupKFold

    parts = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=seed).split(truth, truth, groups)
    return [np.asarray(part, dtype=np.int64) for _, part in parts]


def _validated(features: Features, truth: Numbers, parts: Sequence[Numbers], *, answers: int) -> tuple[float, Chances]:
    """The strength of the highest mean F1, of equal ones the lowest, and the chances that it gives to each part when
    fitted on the others; shape (n, answers)."""
    best: tuple[float, float, Chances] = (-1.0, _STRENGTHS[0], np.zeros((len(truth), answers)))
    learned = np.concatenate(parts)
    for strength in _STRENGTHS:
        chances = np.zeros((len(truth), answers))
        for part in parts:
            others = np.setdiff1d(learned, part)
            weights, intercept = _fit(features[others], truth[others], strength=strength, answers=answers)
            chances[part] = _softmax(features[part] @ weights + intercept)
        score = _mean_f1(truth[learned], chances[learned].argmax(axis=1), answers=answers)
        best = max(best, (score, strength, chances), key=lambda one: one[0])
    return best[1], best[2]


def _mean_f1(truth: Numbers, told: Numbers, *, answers: int) -> float:
    right = np.bincount(truth[truth == told], minlength=answers)[:answers]
    both = np.bincount(truth, minlength=answers)[:answers] + np.bincount(told, minlength=answers)[:answers]
    return float((2 * right / np.maximum(both, 1)).mean())


def _fit(features: Features, truth: Numbers, *, strength: float, answers: int) -> tuple[Chances, Chances]:
    """Weights, shape (features, answers), and intercept. An answer that does not occur has no chance."""
    from sklearn.linear_model import LogisticRegression

    known = truth < answers
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=_ROUNDS)
    model.fit(features[known], truth[known])
    weights, intercept = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:  # two answers have one column: how much likelier the second is
        weights, intercept = np.hstack([np.zeros_like(weights), weights]), np.array([0.0, intercept[0]])
    every, start = np.zeros((features.shape[1], answers)), np.full(answers, -np.inf)
    every[:, model.classes_], start[model.classes_] = weights, intercept
    return every, start


def _softmax(logits: Chances) -> Chances:
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float64)


def _thresholds(chances: Chances, truth: Numbers, *, precision: float) -> Chances:
    """Shape (answers,)."""
    told, chance = chances.argmax(axis=1), chances.max(axis=1)
    found = np.full(chances.shape[1], _NEVER)
    for answer in np.unique(told):
        mine = told == answer
        found[answer] = _threshold(chance[mine], truth[mine] == answer, precision=precision)
    return found


def _threshold(chance: Chances, is_right: NDArray[np.bool_], *, precision: float) -> float:
    """The lowest chance from which on the rows are right often enough, cautiously reckoned."""
    order = np.argsort(-chance, kind="stable")
    hits, counts = np.cumsum(is_right[order], dtype=np.int64), np.arange(1, len(order) + 1)
    cautious, _ = wilson(hits, counts, errors=ONE_ERROR)
    enough = np.flatnonzero(cautious >= precision)
    return float(chance[order[enough[-1]]]) if len(enough) else _NEVER


def _figures(
    classifier: Classifier, rows: Rows, held: Numbers, *, told_before: Sequence[str], precision: float, strength: float
) -> Figures:
    """What the classifier does on the rows held out, beside what is told without it."""
    names = (*classifier.answers, *sorted({*rows.answers, *told_before} - {*classifier.answers}))
    truth = _numbered([rows.answers[row] for row in held.tolist()], names)
    told = classifier.chances(rows.features[held]).argmax(axis=1)
    each, mean = qualities(truth, told, rows.groups[held], answers=len(names))
    _, before = qualities(truth, _numbered(told_before, names), rows.groups[held], answers=len(names))
    sure = [name is not None for name in classifier.sure(rows.features[held])]
    is_right = truth == told
    counts = np.bincount(truth, minlength=len(names))
    return Figures(
        rows=len(rows.answers),
        held_out=len(held),
        answers=tuple(
            AnswerFigures(name, int(counts[number]), each[number], _sure_from(classifier, number))
            for number, name in enumerate(names)
            if counts[number]
        ),
        mean=mean,
        before=before.f1,
        sure=share(sum(sure), len(held)),
        sure_precision=share(int(is_right[sure].sum()), sum(sure)),
        precision=precision,
        strength=strength,
    )


def _sure_from(classifier: Classifier, number: int) -> float | None:
    known = number < len(classifier.answers) and classifier.thresholds[number] < _NEVER
    return float(classifier.thresholds[number]) if known else None
