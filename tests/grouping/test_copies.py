"""Copies are grouped as one row; what stands for them depends on what texts say, not on where they stand."""

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from insights.grouping.copies import SHORTEST, collapse
from tests.grouping.planted import sentences

LONG = "the export of all invoices of last year has been stuck at the last step since monday morning"
ANY_TEXT = st.text(st.characters(), max_size=60)
"""Also single surrogates, which a file of JSON can hold."""


def stand_ins(texts: list[str]) -> list[str]:
    """The text that stands for each text."""
    stands, places = collapse(texts)
    return [texts[row] for row in stands[places].tolist()]


def are_copies(left: str, right: str) -> bool:
    return len(collapse([left, right])[0]) == 1


def test_exact_copies_have_one_stand_in() -> None:
    stands, places = collapse(["it broke", "it works", "it broke"])

    assert len(stands) == 2
    assert places[0] == places[2] != places[1]


def test_case_digits_marks_and_spaces_make_no_other_text() -> None:
    assert are_copies("Order 4711 is late", "order 12 is  LATE!!\n")
    assert are_copies("Straße gesperrt", "STRASSE gesperrt")


def test_texts_of_digits_and_marks_alone_are_told_apart() -> None:
    assert not are_copies("4711", "4712")
    assert not are_copies("?!", "!!")
    assert are_copies("! !", " !  ! ")


def test_long_texts_with_hardly_another_word_are_copies() -> None:
    assert are_copies(LONG, f"{LONG} again")
    assert are_copies(LONG, LONG.replace("invoices", "invoice"))


def test_long_texts_about_something_else_are_not() -> None:
    assert not are_copies(LONG, "the import of all customers of this month was refused in the first step on friday")


def test_short_texts_must_be_exact() -> None:
    left, right = "the import is broken here today now", "the export is broken here today now"

    assert len(left) < SHORTEST
    assert not are_copies(left, right)
    assert are_copies(left, left.upper())


def test_texts_without_a_letter_can_be_compared_whatever_they_hold() -> None:
    marks = "!\ud800" * SHORTEST

    assert are_copies(marks, f"{marks}!")
    assert not are_copies(marks, "?\udfff" * SHORTEST)


def test_a_long_text_is_no_copy_of_a_short_one() -> None:
    short = LONG[: SHORTEST - 1].strip()

    assert not are_copies(short, LONG)


def test_copies_of_copies_share_a_stand_in() -> None:
    _, places = collapse([LONG, f"{LONG} again", f"{LONG} again today", "another complaint"])

    assert len(set(places[:3].tolist())) == 1
    assert places[3] != places[0]


def test_a_stand_in_stands_for_itself() -> None:
    _, texts, _ = sentences(4, rows_each=20)
    stands, places = collapse([*texts, *texts[::3]])

    assert np.array_equal(places[stands], np.arange(len(stands)))


def test_no_texts_have_no_copies() -> None:
    stands, places = collapse([])

    assert (stands.tolist(), places.tolist()) == ([], [])


def test_near_copies_have_the_same_stand_ins_in_any_order_of_rows() -> None:
    _, texts, _ = sentences(5, rows_each=20)
    every = [*texts, *(f"{text} please" for text in texts), LONG, f"{LONG} again"]
    straight = dict(zip(every, stand_ins(every), strict=True))

    for seed in range(5):
        mixed = [every[row] for row in np.random.default_rng(seed).permutation(len(every)).tolist()]
        assert dict(zip(mixed, stand_ins(mixed), strict=True)) == straight


def test_stand_ins_come_in_the_same_order_for_any_order_of_rows() -> None:
    _, texts, _ = sentences(3, rows_each=10)
    mixed = [texts[row] for row in np.random.default_rng(1).permutation(len(texts)).tolist()]

    assert [texts[row] for row in collapse(texts)[0].tolist()] == [mixed[row] for row in collapse(mixed)[0].tolist()]


@given(st.lists(ANY_TEXT, max_size=12), st.randoms(use_true_random=False))
def test_any_texts_have_stand_ins_that_do_not_depend_on_their_order(texts: list[str], random: Random) -> None:
    mixed = texts.copy()
    random.shuffle(mixed)

    assert dict(zip(mixed, stand_ins(mixed), strict=True)) == dict(zip(texts, stand_ins(texts), strict=True))


@given(st.lists(ANY_TEXT, max_size=12))
def test_equal_texts_of_any_kind_share_a_stand_in_of_their_own(texts: list[str]) -> None:
    stands, places = collapse([*texts, *texts])

    assert np.array_equal(places[: len(texts)], places[len(texts) :])
    assert np.array_equal(np.unique(places), np.arange(len(stands)))


@given(st.lists(st.text(st.characters(), min_size=SHORTEST, max_size=90), max_size=6))
def test_long_texts_of_any_letters_can_be_compared(texts: list[str]) -> None:
    stands, places = collapse(texts)

    assert len(places) == len(texts)
    assert len(stands) <= len(set(texts))
