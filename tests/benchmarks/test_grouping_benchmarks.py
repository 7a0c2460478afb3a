"""What the grouping benchmarks compute by themselves: sets, changed words, pairs, kept problems, the ledger."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.grouping.agreement import agreement, with_own_groups
from benchmarks.grouping.keeping import Keeper
from benchmarks.grouping.ledger import Ledger
from benchmarks.grouping.levels import in_one_area
from benchmarks.grouping.long_tail import LABELS, long_tail
from benchmarks.grouping.markdown import Table
from benchmarks.grouping.measuring import Cost, Measured, timed
from benchmarks.grouping.new_class import order_of, share_in_new_groups
from benchmarks.grouping.nights import share_kept
from benchmarks.grouping.refit import matched_share
from benchmarks.grouping.rewording import reword
from benchmarks.grouping.sets import Labelled, with_one_label
from benchmarks.grouping.stability import differing_pairs

TEXT = "Why can't I download the quarterly report from the dashboard?"


def labels_of(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def a_set(labels: list[str]) -> Labelled:
    return Labelled("made", [f"text {number}" for number in range(len(labels))], labels, [""] * len(labels))


def test_most_labels_of_a_long_tail_are_rare():
    plenty = a_set([f"label {number % 250}" for number in range(250 * 60)])
    chosen = long_tail([plenty], seed=1)
    sizes = np.unique([plenty.labels[row] for _, row in chosen], return_counts=True)[1]
    assert len(sizes) == LABELS
    assert 700 <= len(chosen) <= 800
    assert 30 <= sizes.max() <= 60
    assert np.median(sizes) <= 3
    assert len(set(chosen)) == len(chosen)


def test_another_seed_draws_other_labels():
    plenty = a_set([f"label {number % 250}" for number in range(250 * 60)])
    assert set(long_tail([plenty], seed=1)) != set(long_tail([plenty], seed=2))


def test_a_long_tail_has_every_label_of_the_sets_before_the_last():
    first, last = (
        a_set([f"label {number % 90}" for number in range(90 * 60)]),
        a_set([str(n % 300) for n in range(900)]),
    )
    chosen = long_tail([first, last], seed=1)
    assert {first.labels[row] for number, row in chosen if number == 0} == set(first.labels)


def test_a_long_tail_says_when_labels_run_out():
    with pytest.raises(ValueError, match="No label has"):
        long_tail([a_set(["one", "two"])], seed=1)


def test_rows_without_or_with_several_labels_are_no_single_ones():
    assert with_one_label(a_set(["pin", "", "pin|card", "None"])).tolist() == [0, 3]


def test_rewording_changes_the_text_and_keeps_most_of_its_words():
    random = np.random.default_rng(0)
    words = set(TEXT.lower().split())
    for _ in range(50):
        changed = reword(TEXT, random)
        assert changed != TEXT
        assert len(words & set(changed.lower().split())) >= len(words) - 4


@given(st.text(), st.integers(0, 10))
def test_any_text_can_be_reworded(text: str, seed: int):
    assert isinstance(reword(text, np.random.default_rng(seed)), str)


partitions = arrays(np.int64, 8, elements=st.integers(-1, 3))


@given(partitions, partitions)
def test_differing_pairs_are_those_together_on_one_side_only(left: np.ndarray, right: np.ndarray):
    def together(labels: np.ndarray, pair: tuple[int, int]) -> bool:
        return bool(labels[pair[0]] >= 0 and labels[pair[0]] == labels[pair[1]])

    expected = sum(together(left, pair) != together(right, pair) for pair in combinations(range(8), 2))
    assert differing_pairs(left, right) == expected


def test_rows_of_no_group_are_compared_as_groups_of_their_own():
    assert with_own_groups(labels_of(0, -1, 0, -1)).tolist() == [0, 2, 0, 4]
    scores = agreement(["a", "a", "b", "b"], labels_of(-1, -1, -1, -1))
    assert scores.groups == 0
    assert scores.left_out == 1.0
    assert scores.ami == pytest.approx(0.0)


def test_groups_like_the_labels_score_one():
    scores = agreement(["a", "b", "a", "b"], labels_of(1, 0, 1, 0))
    assert (scores.ami, scores.ari, scores.v_measure, scores.bcubed_f1) == pytest.approx((1, 1, 1, 1))
    assert (scores.labels, scores.groups, scores.large) == (2, 2, 0)


def test_a_problem_that_is_renamed_is_not_kept_but_matched():
    before, after = labels_of(1, 1, 2, 2, -1), labels_of(3, 3, 2, 2, 3)
    assert share_kept(before, after) == 0.5
    assert matched_share(before, after) == 1.0


def test_a_problem_that_is_split_keeps_its_larger_part():
    assert matched_share(labels_of(1, 1, 1, 1), labels_of(1, 1, 1, 2)) == 0.75


def test_late_labels_come_last_with_all_their_rows():
    labels = [f"label {number % 20}" for number in range(400)]
    order, before, late = order_of(labels, seed=1)
    assert sorted(order.tolist()) == list(range(400))
    assert before == 280
    assert len(late) == 2
    assert not late & {labels[row] for row in order[:before]}


def test_only_new_groups_with_a_majority_of_a_late_label_count_as_found():
    names = ["old", "old", "late", "late", "late", "late"]
    first = labels_of(1, 1)
    assert share_in_new_groups(names, labels_of(1, 1, 2, 2, 1, -1), first=first, late={"late"}) == 0.5
    assert share_in_new_groups(names, labels_of(1, 2, 2, 1, 1, 1), first=first, late={"late"}) == 0.0


def test_rows_in_mixed_groups_are_not_in_one_area():
    assert in_one_area(["bank", "bank", "hotel", "bank"], labels_of(0, 0, 1, 1)) == 0.5


def test_what_was_measured_is_recalled_after_a_run_that_died(tmp_path: Path):
    key = {"method": "insights", "seed": 0}
    Ledger(tmp_path).keep(key, Measured(Cost(1.5, 2.0, 100.0), {"labels": labels_of(0, -1)}, {"rows": 2}))
    with (tmp_path / "results.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"name": "cut o')
    ledger = Ledger(tmp_path)
    recalled = ledger.recall(key)
    assert recalled is not None
    assert (recalled.cost, recalled.facts) == (Cost(1.5, 2.0, 100.0), {"rows": 2})
    assert recalled.labels.tolist() == [0, -1]
    assert ledger.recall({"method": "insights", "seed": 1}) is None
    ledger.keep({"method": "other"}, Measured(Cost(0, 0, 0)))
    assert Ledger(tmp_path).recall({"method": "other"}) is not None


def test_cost_counts_the_work_of_the_call():
    result, cost = timed(lambda: sum(number * number for number in range(300_000)))
    assert result == sum(number * number for number in range(300_000))
    assert 0 < cost.wall_seconds < 60
    assert cost.peak_megabytes > 1


def test_tables_align_figures_and_show_gaps_as_dashes():
    table = Table(["set", "rows", "CPU s"], decimals={"CPU s": 1})
    table.add("banking|77", 13_083, None)
    table.add("tail", 736, 0.25)
    assert str(table).splitlines() == [
        "| set | rows | CPU s |",
        "| --- | ---: | ---: |",
        r"| banking\|77 | 13,083 | – |",
        "| tail | 736 | 0.2 |",
    ]


def test_a_night_keeps_old_items_where_they_were():
    random = np.random.default_rng(0)
    axes = np.eye(8, 32, dtype=np.float32)
    kinds = np.repeat(np.arange(8), 12)
    rows = axes[kinds] + 0.02 * random.standard_normal((96, 32)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    texts = [f"{'abcdefgh'[kind] * 6} number {number}" for number, kind in enumerate(kinds)]
    order = random.permutation(96)
    rows, texts = rows[order], [texts[row] for row in order]
    first = Keeper().fit(rows[:90], texts[:90])
    later = Keeper().night(first, rows[90:], texts[90:])
    assert len(later.labels) == 96
    assert share_kept(first.labels, later.labels) == 1.0
    assert (first.labels >= 0).any()
