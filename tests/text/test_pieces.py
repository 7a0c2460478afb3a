"""Pieces of six words are found wherever somebody's words are repeated."""

from hypothesis import given
from hypothesis import strategies as st

from insights.text.pieces import Pieces, pieces_of, without_shared


def test_every_six_words_are_a_piece_as_they_stand_in_the_text() -> None:
    assert pieces_of("The export, it hangs at half\nof it") == {
        "the export it hangs at half": "The export, it hangs at half",
        "export it hangs at half of": "export, it hangs at half\nof",
        "it hangs at half of it": "it hangs at half\nof it",
    }


def test_a_short_text_is_one_piece_and_two_words_are_none() -> None:
    assert list(pieces_of("Labels print cropped")) == ["labels print cropped"]
    assert pieces_of("Thank you") == {}


def test_what_others_wrote_too_is_nobodys() -> None:
    pieces = pieces_of("Kind regards from all of us here")
    assert list(without_shared(pieces, ["kind regards from all of us, Bob"])) == ["regards from all of us here"]


def test_stretches_are_found_whole_with_other_marks_and_case() -> None:
    pieces = Pieces(frozenset(pieces_of("the export hangs at half of the rows again")))
    text = "He said: THE EXPORT hangs — at half of the rows again! Then he left."
    assert [text[start:end] for start, end in pieces.spans(text)] == ["THE EXPORT hangs — at half of the rows again"]


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=3, max_size=30))
def test_a_text_is_found_in_itself(words: list[str]) -> None:
    text = " ".join(words)
    assert Pieces(frozenset(pieces_of(text))).spans(text) == [(0, len(text))]
