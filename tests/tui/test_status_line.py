"""The line that says what happened: nothing that matters is cut off."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.pages.frame import Place, Status, stale_words, status_lines
from tui.pages.pieces import width_of

LONG = "Purchase prices have no currency and no exchange rate"


def told(status: Status, width: int = 80) -> list[str]:
    return ["".join(text for text, _ in line) for line in status_lines(status, width)]


def test_a_long_title_is_shortened_so_that_what_became_of_it_shows():
    (line,) = told(Status(f"accepted “{LONG}” to Now", hint="u undo"))

    assert line.startswith(" accepted “Purchase prices have")
    assert line.endswith("…” to Now  u undo ")


def test_of_two_titles_the_longer_one_is_shortened():
    (line,) = told(Status(f"merged “SSO login loop” into P-17 “{LONG}”", hint="u undo"))

    assert "merged “SSO login loop” into P-17 “Purchase" in line
    assert line.rstrip().endswith("u undo")
    assert "…” " in line


def test_what_does_not_fit_takes_a_second_line():
    words = "There is nothing of yours to do again. Only what was taken back can be done again: take it back with u."

    first, second = told(Status(words, hint="R looks again", is_error=True))

    assert first.startswith(" ! There is nothing of yours")
    assert f"{first[3:]} {second.strip().removesuffix('R looks again').rstrip()}" == words
    assert second.endswith(" R looks again ")


def test_what_fits_takes_one_line():
    assert len(told(Status("the database is away", is_error=True))) == 1


@given(st.text(max_size=300), st.sampled_from(["", "u undo"]), st.booleans(), st.integers(60, 140))
def test_whatever_is_said_takes_at_most_two_lines_as_wide_as_the_screen(text, hint, is_error, width):
    lines = status_lines(Status(text, hint=hint, is_error=is_error), width)

    assert len(lines) <= 2
    assert all(width_of(line) <= width for line in lines)
    assert cell_len("".join(told(Status(text, hint=hint, is_error=is_error), width))) == sum(map(width_of, lines))


def place(*failing: str, newest: date = date(2026, 11, 20)) -> Place:
    return Place(
        screen="inbox",
        workspace="acme",
        today=date(2026, 11, 21),
        counts={},
        newest_day=newest,
        done=0,
        waiting=3,
        failing=failing,
    )


def test_sources_that_could_not_be_read_are_named_at_the_start_with_the_way_to_them():
    status = stale_words(place("zendesk", "crm", "chat", "\x1b[31mmail"))

    assert status is not None
    assert status.text == "not read: zendesk, crm, chat …" and status.hint == "5: Health"
    assert stale_words(place()) is None
