"""A small classifier learns a model's answers, says how well on rows it never saw, and is sure only where it may be."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.metrics import precision_recall_fscore_support

from insights.grouping.scores import Figure
from insights.language.distilling import Classifier, Rows, Trained, told_apart, train
from insights.language.distilling_figures import Figures, Quality, figures_of, qualities, refusal, share

ANSWERS = ("noise", "praise", "problem")
NOTHING = Figure(None, None, None)
MOSTLY_RIGHT = Figure(0.96, 0.9, 0.99)


def rows(count: int, *, blur: float = 0.3, seed: int = 1, answers: tuple[str, ...] = ANSWERS) -> Rows:
    """Each answer has a corner of the space; `blur` spreads them."""
    draw = np.random.default_rng(seed)
    numbers = np.arange(count) % len(answers)
    features = np.eye(len(answers), 8)[numbers] + draw.normal(scale=blur, size=(count, 8))
    return Rows(csr_matrix(features), [answers[number] for number in numbers], np.arange(count))


def learned(given: Rows, **options: object) -> Trained:
    return train(given, made_for="test", **options)  # type: ignore[arg-type]


def told(found: Figures) -> float:
    assert found.mean.f1.value is not None
    return found.mean.f1.value


def test_what_is_easy_is_learned_and_nearly_all_is_sure() -> None:
    found = learned(rows(600, blur=0.1)).figures

    assert told(found) > 0.99
    assert (found.rows, found.held_out) == (600, 120)
    assert (found.sure.value or 0) > 0.9
    assert refusal(found) == ""


def test_what_cannot_be_told_apart_is_of_no_use() -> None:
    given = rows(600, blur=0.1)
    mixed = Rows(given.features, list(np.random.default_rng(2).permutation(given.answers)), given.groups)

    found = learned(mixed).figures

    assert found.sure.value == 0
    assert found.sure_precision == NOTHING
    assert "sure of no answer" in refusal(found) or "no better" in refusal(found)


def test_rows_of_one_group_are_never_on_both_sides() -> None:
    draw = np.random.default_rng(3)
    corners, labels = draw.normal(size=(60, 64)), draw.integers(0, 2, size=60)
    groups = np.repeat(np.arange(60), 10)
    features = csr_matrix(corners[groups] + draw.normal(scale=0.01, size=(600, 64)))
    answers = [("no", "yes")[labels[group]] for group in groups]

    by_group, alone = learned(Rows(features, answers, groups)), learned(Rows(features, answers, np.arange(600)))

    assert told(by_group.figures) < 0.75
    assert told(alone.figures) > 0.99


def test_a_rare_answer_is_never_told_and_counts_as_an_error() -> None:
    given = rows(600, blur=0.1)
    answers = ["seldom" if row % 100 == 0 else answer for row, answer in enumerate(given.answers)]

    trained = learned(Rows(given.features, answers, given.groups))

    assert trained.classifier.answers == ANSWERS
    seldom = next(one for one in trained.figures.answers if one.answer == "seldom")
    assert (seldom.quality.recall.value, seldom.sure_from) == (0, None)
    assert told(trained.figures) < 0.8


def test_an_answer_has_to_come_from_ten_groups_to_be_learned() -> None:
    answers = ["no"] * 10 + ["yes"] * 10

    assert told_apart(answers, np.arange(20)) == ("no", "yes")
    assert told_apart(answers, np.array([*range(10), *[10] * 10])) == ("no",)


def test_sure_answers_are_as_often_right_as_asked_for_on_rows_that_come_later() -> None:
    sure = right = 0
    for seed in range(12):
        trained = learned(rows(400, blur=0.6, seed=seed))
        later = rows(2_000, blur=0.6, seed=100 + seed)
        for answer, truth in zip(trained.classifier.sure(later.features), later.answers, strict=True):
            sure += answer is not None
            right += answer == truth

    assert 0.3 < sure / 24_000 < 0.95
    assert right / sure > 0.945


def test_a_higher_precision_leaves_fewer_sure() -> None:
    given = rows(900, blur=0.6)

    shares = [learned(given, precision=precision).figures.sure.value or 0 for precision in (0.8, 0.95, 0.99)]

    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[2]


def test_what_is_told_without_it_is_measured_on_the_same_rows() -> None:
    given = rows(600, blur=0.6)

    perfect = learned(given, before=given.answers).figures
    commonest = learned(given).figures

    assert perfect.before.value == 1
    assert "no better than what is told without it" in refusal(perfect)
    assert (commonest.before.value or 1) < 0.34


def test_the_same_rows_give_the_same_classifier() -> None:
    given = rows(300)

    first, second = learned(given), learned(given)

    assert first.figures == second.figures
    assert first.classifier.to_bytes() == second.classifier.to_bytes()


@pytest.mark.parametrize("answers", [ANSWERS, ("no", "yes")], ids=["three", "two"])
def test_a_classifier_comes_back_from_its_bytes(answers: tuple[str, ...]) -> None:
    given = rows(300, answers=answers)
    classifier = learned(given).classifier

    again = Classifier.from_bytes(classifier.to_bytes())

    assert (again.answers, again.made_for) == (answers, "test")
    assert again.sure(given.features) == classifier.sure(given.features)
    assert np.allclose(again.chances(given.features), classifier.chances(given.features), atol=1e-5)
    assert np.allclose(again.chances(given.features).sum(axis=1), 1)


def test_bytes_hold_numbers_and_names_alone() -> None:
    content = learned(rows(300)).classifier.to_bytes()

    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        assert all(stored[name].dtype.kind in "fU" for name in stored.files)


def test_figures_come_back_from_json() -> None:
    found = learned(rows(300, blur=0.6)).figures

    assert figures_of(found.to_json()) == found


def test_scores_are_those_of_a_library_and_lie_within_their_intervals() -> None:
    draw = np.random.default_rng(4)
    truth = draw.integers(0, 3, size=300)
    answer: NDArray[np.int64] = np.where(draw.random(300) < 0.7, truth, draw.integers(0, 3, size=300))

    each, mean = qualities(truth, answer, np.arange(300), answers=3)

    precision, recall, f1, _ = precision_recall_fscore_support(truth, answer)
    assert [one.precision.value for one in each] == pytest.approx(precision)
    assert [one.recall.value for one in each] == pytest.approx(recall)
    assert mean.f1.value == pytest.approx(f1.mean())
    assert (mean.f1.low or 1) < (mean.f1.value or 0) < (mean.f1.high or 0)


def test_an_interval_is_wider_where_rows_come_in_groups() -> None:
    draw = np.random.default_rng(5)
    right = np.repeat(draw.random(30) < 0.7, 10)
    truth = np.tile([0, 1], 150)
    answer = np.where(right, truth, 1 - truth)

    _, alone = qualities(truth, answer, np.arange(300), answers=2)
    _, together = qualities(truth, answer, np.repeat(np.arange(30), 10), answers=2)

    assert _width(together.f1) > 1.5 * _width(alone.f1)


def _width(figure: Figure) -> float:
    return (figure.high or 0) - (figure.low or 0)


def test_ten_right_of_ten_are_no_certainty() -> None:
    found = share(10, 10)

    assert (found.value, found.low, found.high) == pytest.approx((1, 0.722, 1), abs=1e-3)
    assert share(0, 0) == NOTHING


def some_figures(
    *, f1: float = 0.8, before: float = 0.6, sure: float | None = 0.4, right: Figure = MOSTLY_RIGHT
) -> Figures:
    return Figures(
        rows=500,
        held_out=100,
        answers=(),
        mean=Quality(NOTHING, NOTHING, Figure(f1, f1 - 0.1, f1 + 0.1)),
        before=Figure(before, before - 0.1, before + 0.1),
        sure=Figure(sure, 0.3, 0.5),
        sure_precision=right,
        precision=0.95,
        strength=1.0,
    )


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (some_figures(), ""),
        (some_figures(f1=0.6), "it agrees with the model no better than what is told without it"),
        (some_figures(sure=0.0, right=NOTHING), "it is 95% sure of no answer"),
        (
            some_figures(right=Figure(0.8, 0.7, 0.88)),
            "of what it is sure of, less than 95% is right on the answers held out",
        ),
        (some_figures(right=Figure(0.9, 0.8, 0.96)), ""),
    ],
    ids=["of use", "not better", "never sure", "surely less right", "perhaps less right"],
)
def test_a_classifier_is_refused_in_words(found: Figures, why: str) -> None:
    assert refusal(found) == why
