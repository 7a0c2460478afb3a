"""Two embedders side by side: figures that can be worked out by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from insights.embedding.comparison import (
    FEWEST_TEXTS,
    NEIGHBOURS,
    ROUNDS,
    Comparison,
    Trial,
    compare,
    kept_neighbours,
    nearest,
    trial_of,
)
from insights.embedding.rows import unit_rows
from insights.errors import InsightsError
from insights.ports import Vectors

TEXTS = [f"Text number {number}" for number in range(FEWEST_TEXTS)]


class OfNumbers:
    """Embeds a text by the number at its end: on a circle, `step` numbers apart; keeps what it was asked."""

    fingerprint = "numbers"
    dimensions = 2

    def __init__(self, step: int = 1) -> None:
        self._step = step
        self.asked: list[list[str]] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked.append(list(texts))
        places = np.array([int(text.split()[-1]) * self._step % FEWEST_TEXTS for text in texts])
        angles = 2 * np.pi * places / FEWEST_TEXTS
        return unit_rows(np.column_stack((np.cos(angles), np.sin(angles))))


def compared(before: OfNumbers, after: OfNumbers, trial: Trial) -> Comparison:
    return compare(before, after, trial, progress=lambda *_: None)


def tens(number: int) -> tuple[str, ...]:
    return (f"of {number // 25}",)


def test_the_same_vectors_keep_every_neighbour_and_every_label() -> None:
    labels = [tens(number) for number in range(FEWEST_TEXTS)]

    found = compared(OfNumbers(), OfNumbers(), trial_of(TEXTS, labels))

    assert (found.neighbours_kept.value, found.neighbours_kept.low, found.neighbours_kept.high) == (1, 1, 1)
    assert found.accuracy is not None
    assert found.accuracy.before == found.accuracy.after
    assert (found.accuracy.change.value, found.accuracy.change.low, found.accuracy.change.high) == (0, 0, 0)
    assert found.accuracy.labels == 4


def test_other_neighbours_lose_labels_and_the_interval_says_how_surely() -> None:
    labels = [tens(number) for number in range(FEWEST_TEXTS)]

    found = compared(OfNumbers(), OfNumbers(step=37), trial_of(TEXTS, labels))

    assert found.neighbours_kept.value < 0.3
    told = found.accuracy
    assert told is not None
    assert told.before.value > 0.9
    assert told.after.value < 0.5
    assert told.change.value == pytest.approx(told.after.value - told.before.value)
    assert told.change.low < told.change.value < told.change.high < 0


def test_an_interval_of_a_share_is_wilsons() -> None:
    labels = [("odd",) if number in {3, 40, 77} else ("even",) for number in range(FEWEST_TEXTS)]

    found = compared(OfNumbers(), OfNumbers(), trial_of(TEXTS, labels))

    assert found.accuracy is not None
    assert found.accuracy.before.value == 0.97
    assert found.accuracy.before.low == pytest.approx(0.9155, abs=1e-4)
    assert found.accuracy.before.high == pytest.approx(0.9897, abs=1e-4)


def test_a_text_with_several_labels_is_right_with_any_of_them() -> None:
    labels = [("all", f"own {number}") for number in range(FEWEST_TEXTS)]

    found = compared(OfNumbers(), OfNumbers(), trial_of(TEXTS, labels))

    assert found.accuracy is not None
    assert found.accuracy.before.value == 1


def test_nearest_rows_are_those_of_the_whole_matrix_nearest_first_and_never_a_row_itself() -> None:
    vectors = unit_rows(np.random.default_rng(0).normal(size=(1_300, 8)))
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -2)

    assert np.array_equal(nearest(vectors), np.argsort(-alike, axis=1, kind="stable")[:, :NEIGHBOURS])


def test_kept_neighbours_do_not_depend_on_their_order() -> None:
    before, after = np.array([[1, 2], [0, 2], [0, 1]]), np.array([[2, 1], [2, 3], [3, 4]])

    assert kept_neighbours(before, after).tolist() == [1.0, 0.5, 0.0]


def test_the_two_take_turns_on_the_same_texts_and_who_begins_changes() -> None:
    order: list[str] = []

    class Noted(OfNumbers):
        def __init__(self, name: str) -> None:
            super().__init__()
            self._name = name

        def embed(self, texts: Sequence[str]) -> Vectors:
            order.append(self._name)
            return super().embed(texts)

    before, after = Noted("before"), Noted("after")
    found = compared(before, after, trial_of(TEXTS))

    assert before.asked == after.asked
    assert sorted(text for texts in before.asked[1:] for text in texts) == sorted(TEXTS)
    assert order[2:6] == ["before", "after", "after", "before"]
    assert found.rounds == ROUNDS
    assert found.times_as_fast > 0
    assert min(found.before.texts_per_second, found.after.texts_per_second) > 0


def test_texts_are_cleaned_and_blank_or_equal_ones_left_out_with_their_labels() -> None:
    texts = ["<p>Text number 5</p>", "", *TEXTS]
    labels = [("first",), ("blank",), *[("other",)] * len(TEXTS)]

    trial = trial_of(texts, labels)

    assert trial.texts[0] == "Text number 5"
    assert len(trial.texts) == len(set(trial.texts)) == len(TEXTS)
    assert trial.labels is not None
    assert trial.labels[:2] == (("first",), ("other",))


@pytest.mark.parametrize(
    ("texts", "labels", "told"),
    [
        (TEXTS[1:], None, "too few"),
        ([*TEXTS[1:], TEXTS[1]], None, "99 different texts"),
        (TEXTS, [("same",)] * len(TEXTS), "Every text has the same label"),
        (TEXTS, [(text,) for text in TEXTS], "No two texts share a label"),
    ],
)
def test_what_leaves_nothing_to_compare_is_an_error_with_a_remedy(
    texts: list[str], labels: list[tuple[str, ...]] | None, told: str
) -> None:
    with pytest.raises(InsightsError, match=told):
        trial_of(texts, labels)
