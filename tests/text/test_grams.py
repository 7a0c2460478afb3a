"""Buckets of n-grams depend on a text alone, today and tomorrow, here and on another machine."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from insights.text.grams import BUCKETS, Run, piece_runs, word_runs

WORDS = st.lists(st.text(st.characters(), max_size=8), max_size=6)


def of_row(runs: list[Run], row: int) -> list[list[int]]:
    return [buckets[rows == row].tolist() for rows, buckets in runs]


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_a_text_has_the_same_buckets_whatever_stands_beside_it(texts: list[list[str]]) -> None:
    for runs_of in (word_runs, piece_runs):
        together = runs_of(texts)
        for row, text in enumerate(texts):
            alone = of_row(runs_of([text]), 0)
            assert of_row(together, row)[: len(alone)] == alone
            assert all(not some for some in of_row(together, row)[len(alone) :])


@given(st.lists(WORDS, max_size=4))
def test_rows_rise_and_buckets_are_in_range(texts: list[list[str]]) -> None:
    for rows, buckets in (*word_runs(texts), *piece_runs(texts)):
        assert (np.diff(rows) >= 0).all()
        assert ((buckets >= 0) & (buckets < BUCKETS)).all()


def test_words_and_pairs_are_counted_with_the_ends_of_the_text() -> None:
    singles, pairs = of_row(word_runs([["export", "fails"]]), 0)

    assert (len(singles), len(pairs)) == (4, 3)


def test_pieces_reach_over_the_space_between_words_and_no_further() -> None:
    assert [len(some) for some in of_row(piece_runs([["ab", "c"], ["d"]]), 0)] == [4, 3, 2]


def test_weights_that_are_kept_by_bucket_stay_true() -> None:
    """Another hash would need another training: these are the buckets of today's weights."""
    assert of_row(word_runs([["export"]]), 0)[0] == [12567, 7321, 5408]
    assert of_row(piece_runs([["up"]]), 0)[0] == [9504, 9818]
