"""Scores say what the papers say, do not care for names or order, and carry intervals of the right width."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, v_measure_score

from insights.grouping import scores as scores_module
from insights.grouping.bcubed import Pairs, bcubed, kinds_of
from insights.grouping.scores import Figure, Labels, Scores, names_of, score

Sets = Sequence[set[int]]

PAPER = [{0, 1}, {0, 1}, {0}, {1}, {1}, {2}, {2}]
"""Labels of the seven items in figures 16 to 18 of Amigó et al. (2009)."""


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of scores, not of their intervals, which take most of the time."""
    monkeypatch.setattr(scores_module, "MOST_DRAWS", 4)
    monkeypatch.setattr(scores_module, "FEWEST_DRAWS", 4)


def pairs(sets: Sets) -> Pairs:
    both = [(item, name) for item, names in enumerate(sets) for name in sorted(names)]
    rows = np.array(both, dtype=np.int64).reshape(-1, 2)
    return Pairs(rows[:, 0], rows[:, 1])


def singles(names: Sequence[int] | Labels) -> list[set[int]]:
    return [{name} if name >= 0 else set() for name in np.asarray(names).tolist()]


def scored(labels: Sets, groups: Sets, *, best: Sequence[int] | None = None, seed: int = 0) -> Scores:
    foremost = [min(names, default=-1) for names in groups] if best is None else best
    return score(pairs(labels), pairs(groups), best=np.array(foremost, dtype=np.int64), seed=seed)


def bcubed_of(labels: Sets, groups: Sets) -> tuple[float, float]:
    everything = np.ones((1, len(labels)), dtype=bool)
    precision, recall = bcubed(kinds_of(pairs(labels), pairs(groups), items=len(labels)), everything)[0]
    return float(precision), float(recall)


def by_definition(labels: Sets, groups: Sets) -> tuple[Fraction, Fraction]:
    """Extended B-cubed as the paper writes it, item by item; an item of no group gets one of its own."""
    own = [names or {1000 + item} for item, names in enumerate(groups)]
    return _mean_of_means(own, labels, over=own), _mean_of_means(own, labels, over=labels)


def _mean_of_means(groups: Sets, labels: Sets, *, over: Sets) -> Fraction:
    means = []
    for one in range(len(labels)):
        terms = [
            Fraction(min(len(groups[one] & groups[other]), len(labels[one] & labels[other])), len(shared))
            for other in range(len(labels))
            if (shared := over[one] & over[other])
        ]
        means.append(sum(terms, Fraction()) / len(terms))
    return sum(means, Fraction()) / len(means)


def planted(items: int, *, seed: int, noise: float = 0.35) -> tuple[Labels, Labels]:
    """Labels of twelve sizes, and groups that follow most of them."""
    random = np.random.default_rng(seed)
    chances = 1 / np.arange(1, 13)
    label = random.choice(12, size=items, p=chances / chances.sum())
    return label, np.where(random.random(items) < noise, random.integers(15, size=items), label)


def width(figure: Figure) -> float:
    assert figure.low is not None
    assert figure.high is not None
    return figure.high - figure.low


def values(scores: Scores) -> list[float | None]:
    triples = (scores.bcubed, scores.pairs, scores.one_each)
    parts = [part.value for triple in triples for part in (triple.precision, triple.recall, triple.f1)]
    return [scores.left_out.value, scores.ami.value, scores.ari.value, scores.v_measure.value, *parts]


def test_bcubed_of_a_mixed_group_is_what_one_counts_by_hand() -> None:
    # Groups aab | b: precision (2/3 + 2/3 + 1/3 + 1) / 4, recall (1 + 1 + 1/2 + 1/2) / 4.
    assert bcubed_of(singles([0, 0, 1, 1]), singles([0, 0, 0, 1])) == pytest.approx((2 / 3, 3 / 4))


def test_overlapping_groups_that_equal_the_labels_are_perfect() -> None:
    assert bcubed_of(PAPER, [{5, 6}, {5, 6}, {5}, {6}, {6}, {7}, {7}]) == pytest.approx((1, 1))


def test_a_group_that_stands_twice_costs_precision_as_in_the_paper() -> None:
    # Items 1 and 2: (2/3 + 2/3 + 1/2 + 1 + 1) / 5 = 23/30; item 3: 1/2; the others 1.
    twice = [{0, 1, 3}, {0, 1, 3}, {0, 3}, {1}, {1}, {2}, {2}]

    assert bcubed_of(PAPER, twice) == pytest.approx(((23 / 30 * 2 + 1 / 2 + 4) / 7, 1))


def test_a_group_that_stands_three_times_costs_more() -> None:
    # Items 1 and 2: (1/2 + 1/2 + 1/3 + 1 + 1) / 5 = 2/3; item 3: 1/3; the others 1.
    thrice = [{0, 1, 3, 4}, {0, 1, 3, 4}, {0, 3, 4}, {1}, {1}, {2}, {2}]

    assert bcubed_of(PAPER, thrice) == pytest.approx((17 / 21, 1))


def test_an_item_of_no_group_is_a_group_of_its_own() -> None:
    labels = [{0}, {0}, {0, 1}, {1}]

    assert bcubed_of(labels, [{0}, {0}, set(), set()]) == bcubed_of(labels, [{0}, {0}, {1}, {2}])


@settings(deadline=None)
@given(st.data())
def test_bcubed_is_the_mean_that_the_paper_defines(data: st.DataObject) -> None:
    items = data.draw(st.integers(1, 9))
    labels = data.draw(st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=items, max_size=items))
    groups = data.draw(st.lists(st.sets(st.integers(0, 3)), min_size=items, max_size=items))

    assert bcubed_of(labels, groups) == pytest.approx([float(part) for part in by_definition(labels, groups)], abs=1e-6)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 3), st.booleans()), min_size=1, max_size=12))
def test_bcubed_of_a_sample_is_that_of_its_items_alone(rows: list[tuple[int, int, bool]]) -> None:
    labels, groups = singles([row[0] for row in rows]), singles([row[1] for row in rows])
    chosen = np.array([row[2] for row in rows])
    sampled = bcubed(kinds_of(pairs(labels), pairs(groups), items=len(rows)), chosen[None])[0]
    kept = np.flatnonzero(chosen).tolist()

    if kept:
        assert sampled == pytest.approx(bcubed_of([labels[i] for i in kept], [groups[i] for i in kept]), abs=1e-6)
    else:
        assert np.isnan(sampled).all()


@pytest.mark.usefixtures("few_draws")
def test_single_label_scores_are_those_of_scikit_learn() -> None:
    label, group = planted(200, seed=1)
    scores = scored(singles(label), singles(group))

    assert scores.ami.value == pytest.approx(adjusted_mutual_info_score(label, group))
    assert scores.ari.value == pytest.approx(adjusted_rand_score(label, group))
    assert scores.v_measure.value == pytest.approx(v_measure_score(label, group))


@pytest.mark.usefixtures("few_draws")
def test_items_left_out_count_as_groups_of_one() -> None:
    label, group = planted(200, seed=2)
    without = np.where(np.arange(200) % 10 == 0, -1, group)
    alone = np.where(np.arange(200) % 10 == 0, 100 + np.arange(200), group)

    found = scored(singles(label), singles(without))

    assert found.left_out.value == pytest.approx(0.1)
    assert found.ami.value == pytest.approx(adjusted_mutual_info_score(label, alone))
    assert found.bcubed.f1.value == pytest.approx(scored(singles(label), singles(alone)).bcubed.f1.value)


@pytest.mark.usefixtures("few_draws")
def test_items_with_several_labels_take_no_part_in_single_label_scores() -> None:
    label, group = planted(100, seed=3)
    several = [{name, (name + 1) % 12} for name in label[:40].tolist()]

    mixed = scored([*several, *singles(label[40:])], singles(group))

    assert (mixed.items, mixed.single, mixed.is_overlapping) == (100, 60, True)
    assert mixed.ami.value == pytest.approx(adjusted_mutual_info_score(label[40:], group[40:]))


@pytest.mark.usefixtures("few_draws")
def test_a_perfect_grouping_has_ones_and_nothing_to_doubt() -> None:
    labels = singles([item % 7 for item in range(140)])
    perfect = scored(labels, labels)

    for figure in (perfect.ami, perfect.ari, perfect.v_measure, perfect.bcubed.f1, perfect.pairs.f1):
        assert (figure.value, figure.low, figure.high) == pytest.approx((1, 1, 1))
    assert (perfect.left_out.value, perfect.gain.value) == (0, 0)


def test_groups_by_chance_agree_no_more_than_chance() -> None:
    random = np.random.default_rng(4)
    scores = scored(singles(random.integers(6, size=300)), singles(random.integers(9, size=300)))

    for figure in (scores.ami, scores.ari):
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= 0 <= figure.high


@pytest.mark.usefixtures("few_draws")
def test_names_of_groups_and_labels_and_the_order_of_items_do_not_matter() -> None:
    label, group = planted(120, seed=5)
    random = np.random.default_rng(0)
    order = random.permutation(120)
    renamed_label, renamed_group = random.permutation(12)[label], random.permutation(15)[group]

    straight = scored(singles(label), singles(group))
    mixed = scored(singles(renamed_label[order]), singles(renamed_group[order]))

    assert values(mixed) == pytest.approx(values(straight))


def test_a_group_is_named_by_the_label_of_highest_f1_not_by_the_most_frequent_one() -> None:
    # Of the group's five items three have label 0 (F1 2·3 / (5 + 9)), two label 1 (F1 2·2 / (5 + 2)).
    truth = pairs(singles([0] * 9 + [1] * 2))
    found = pairs([{0}] * 3 + [set()] * 6 + [{0}] * 2)

    assert names_of(truth, found).tolist() == [1]


def test_several_groups_may_have_one_name() -> None:
    assert names_of(pairs(singles([1, 1, 1, 1])), pairs(singles([0, 0, 1, 1]))).tolist() == [1, 1]


@pytest.mark.usefixtures("few_draws")
def test_pairs_are_counted_once_however_many_groups_of_that_name_an_item_has() -> None:
    # Groups 0 and 1 are both named 0; predicted: (0, 0), (1, 0), (2, 0), (3, 0); the last is wrong.
    scores = scored([{0}, {0}, {0}, {1}], [{0, 1}, {0}, {1}, {1}])

    assert (scores.pairs.precision.value, scores.pairs.recall.value) == (3 / 4, 3 / 4)


@pytest.mark.usefixtures("few_draws")
def test_several_mentions_of_an_item_gain_what_one_label_cannot_say() -> None:
    labels = [{0}] * 5 + [{1}] * 5 + [{0, 1}] * 4
    scores = scored(labels, labels, best=[0] * 5 + [1] * 5 + [0] * 4)

    assert scores.pairs.f1.value == 1
    assert scores.one_each.precision.value == 1
    assert scores.one_each.recall.value == pytest.approx(14 / 18)
    assert scores.gain.value == pytest.approx(1 - 2 * 14 / (14 + 18))
    assert scores.in_several == 4


@pytest.mark.usefixtures("few_draws")
def test_a_false_second_group_shows_as_a_loss() -> None:
    scores = scored([{0}] * 6 + [{1}] * 6, [{0, 1}] * 2 + [{0}] * 4 + [{1}] * 6, best=[0] * 6 + [1] * 6)

    assert scores.gain.value is not None
    assert scores.gain.value < 0


@pytest.mark.usefixtures("few_draws")
def test_with_one_label_per_item_groups_are_named_by_the_items_that_stay() -> None:
    # All its items: label 0. Only the last two have it as their best group: label 1.
    labels = [{0}] * 4 + [{1}] * 2
    scores = scored(labels, [{0, 1}] * 4 + [{1}] * 2, best=[0] * 4 + [1] * 2)

    assert scores.one_each.f1.value == 1


@pytest.mark.usefixtures("few_draws")
def test_where_nothing_is_grouped_no_pair_is_found() -> None:
    scores = scored(singles([0, 1] * 20), [set()] * 40)

    assert (scores.left_out.value, scores.pairs.f1.value, scores.bcubed.precision.value) == (1, 0, 1)
    assert scores.bcubed.recall.value == pytest.approx(1 / 20)


def test_without_an_item_of_one_label_there_is_no_ami() -> None:
    scores = scored([{0, 1}, {1, 2}] * 20, singles([0, 1] * 20))

    assert (scores.ami.value, scores.ari.low, scores.single) == (None, None, 0)
    assert scores.pairs.f1.value is not None


def test_a_few_items_get_no_interval() -> None:
    few = scored(singles([0, 1] * 5), singles([0, 1] * 5))

    assert (few.ami.value, few.ami.low, few.draws) == (1, None, 0)


def test_intervals_hold_the_score_and_shrink_with_the_root_of_the_items() -> None:
    label, group = planted(1_600, seed=6)
    few, many = scored(singles(label[:400]), singles(group[:400])), scored(singles(label), singles(group))

    for scores in (few, many):
        for figure in (scores.ami, scores.ari, scores.v_measure, scores.bcubed.f1, scores.pairs.f1):
            assert figure.low is not None
            assert figure.high is not None
            assert figure.low < (figure.value or 0) < figure.high
    assert width(many.ari) / width(few.ari) == pytest.approx(0.5, abs=0.15)


def test_an_interval_is_as_wide_as_that_of_a_share() -> None:
    groups = singles([-1 if item % 5 == 0 else 0 for item in range(1_000)])
    found = scored(singles([item % 2 for item in range(1_000)]), groups)

    assert width(found.left_out) == pytest.approx(2 * 1.96 * (0.2 * 0.8 / 1_000) ** 0.5, rel=0.2)


def test_an_interval_is_as_wide_as_files_differ() -> None:
    files = [planted(300, seed=seed) for seed in range(300)]
    spread = np.std([adjusted_rand_score(*file) for file in files])

    widths = [width(scored(singles(label), singles(group)).ari) for label, group in files[:3]]

    assert np.mean(widths) == pytest.approx(2 * 1.96 * spread, rel=0.2)


@pytest.mark.usefixtures("few_draws")
def test_the_same_seed_gives_the_same_intervals() -> None:
    label, group = planted(100, seed=8)

    first, again, other = (scored(singles(label), singles(group), seed=seed) for seed in (0, 0, 1))

    assert first == again
    assert first.ami != other.ami
