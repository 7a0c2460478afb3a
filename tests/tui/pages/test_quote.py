"""A quote inside its item: found again, its words stand out, and it fits."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from insights.domain.feedback import Evidence, FeedbackKind
from tui.pages.pieces import Line, Role
from tui.pages.quote import in_context

QUOTED = "the export stops at half of the rows"


def cut_from(context: str, start: int, end: int) -> Evidence:
    return Evidence(
        feedback_id=1,
        text=context[start:end],
        context=context,
        start=start,
        end=end,
        kind=FeedbackKind.TICKET,
        source="zendesk",
        source_id="1",
        created_at=datetime(2026, 11, 19, tzinfo=UTC),
    )


def quoting(before: str, after: str) -> Evidence:
    return cut_from(before + QUOTED + after, len(before), len(before + QUOTED))


def said(lines: list[Line], role: Role | None = None) -> str:
    return " ".join("".join(text for text, its in line if role in (None, its)).strip() for line in lines).strip()


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("", "", f"“{QUOTED}”"),
        ("Hello,\n\n", " Bye", f"Hello, “{QUOTED}” Bye"),
        ("Since today ", ", and so on.", f"Since today “{QUOTED}”, and so on."),
        ("(", ")", f"(“{QUOTED}”)"),
    ],
)
def test_the_item_reads_as_it_was_written_with_the_quote_in_marks(before, after, whole):
    lines = in_context(quoting(before, after), 60, 8)

    assert said(lines) == whole
    assert said(lines, Role.QUOTE) == f"“{QUOTED}”"


def test_of_a_long_item_the_lines_around_the_quote_are_shown_with_ellipses():
    lines = in_context(quoting("before " * 300, " after" * 300), 40, 5)

    assert len(lines) == 5
    assert said(lines, Role.QUOTE) == f"“{QUOTED}”"
    assert said(lines).startswith("… before")
    assert said(lines).endswith("after …")


def test_a_quote_longer_than_the_room_begins_on_the_first_line():
    lines = in_context(cut_from("so " + "word " * 400, 3, 1900), 40, 3)

    assert len(lines) == 3
    assert "“word" in said(lines[:1], Role.QUOTE)


@given(st.text(max_size=400), st.integers(0, 400), st.integers(0, 400), st.integers(8, 90), st.integers(1, 9))
def test_whatever_was_written_it_fits_and_is_inert(context, one, other, width, most):
    start, end = sorted((min(one, len(context)), min(other, len(context))))
    lines = in_context(cut_from(context, start, end), width, most)

    assert 1 <= len(lines) <= most
    for line in lines:
        words = "".join(text for text, _ in line)
        assert cell_len(words) <= width
        assert not set(words) & {"\x1b", "\x9b", "\x00", "\r", "\n", "\u202e"}


@given(st.text("ab \n", max_size=200), st.text("ab \n", max_size=200), st.integers(20, 60))
def test_the_quote_stands_out_whole_where_it_fits(before, after, width):
    lines = in_context(quoting(before, after), width, 6)

    assert said(lines, Role.QUOTE).split() == f"“{QUOTED}”".split()
