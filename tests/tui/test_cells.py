"""Text in terminal cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.cells import cut, fit, shown, shown_whole, wrapped


@given(st.text(max_size=200), st.integers(0, 60), st.booleans())
def test_a_fitted_text_fills_its_cells_exactly(text, width, right):
    assert cell_len(fit(shown(text), width, right=right)) == width


@given(st.text(max_size=300), st.integers(2, 40), st.integers(1, 4))
def test_wrapped_lines_are_never_too_wide_nor_too_many(text, width, most):
    lines = wrapped(shown(text), width, most=most)

    assert len(lines) <= most
    assert all(cell_len(line) <= width for line in lines)


@given(st.text(alphabet=st.characters(), max_size=100))
def test_what_is_shown_holds_no_control_character(text):
    assert not [char for char in shown_whole(text) if char != "\n" and (ord(char) < 32 or 127 <= ord(char) < 160)]


def test_wrapping_loses_no_word():
    text = "the quick brown fox jumps over the lazy dog"

    assert " ".join(wrapped(text, 11)).split() == text.split()


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("👨\u200d👩\u200d👧 family", "👨 family"),
        ("flag 🇩🇪", "flag DE"),
        ("thumb 👍🏽", "thumb 👍"),
        ("heart ❤\ufe0f", "heart ❤"),
    ],
)
def test_emoji_that_terminals_measure_differently_are_shown_plainly(text, seen):
    assert shown(text) == seen


def test_a_cut_title_ends_with_an_ellipsis_even_between_wide_characters():
    assert cut("日本語のタイトル", 8) == "日本語…"
