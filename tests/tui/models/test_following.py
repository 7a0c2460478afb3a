"""What a process tells of itself becomes a state, and the state one line."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from insights.domain.step import Step, step_line
from tui.models.following import LineCutter, Pace, Phase, WorkState
from tui.pages.work import work_words

HOSTILE = "\x1b]52;c;ZXZpbA==\x07 [@click=app.quit]x[/] \x9b31m \u202e evil\x00"


def a_state(**fields):
    return WorkState(**{"name": "analyze", "began": 0.0, **fields})


def a_step(**fields):
    defaults = {"stage": 3, "stages": 5, "name": "group", "what": "group", "done": 0, "of": 4900}
    return Step(**{**defaults, **fields})


def after(*steps, state=None):
    """The state after (seconds, step)."""
    state = state or a_state()
    for at, step in steps:
        state = state.heard(step_line(step), at=at)
    return state


# -- how long -----------------------------------------------------------------------------------------------------


def left(*seen, of=100, at):
    pace = Pace()
    for moment, done in seen:
        pace = pace.after(a_step(done=done, of=of), at=moment)
    return pace.seconds_left(at=at)


def test_what_is_left_follows_from_the_rate_so_far():
    assert left((0, 0), (5, 25), at=5) == pytest.approx(15)


def test_the_rate_is_that_of_the_last_twenty_seconds():
    assert left((0, 0), (100, 10), (110, 20), (120, 30), at=120) == pytest.approx(70)


def test_a_pause_makes_it_longer():
    assert left((0, 0), (5, 25), at=10) == pytest.approx(30)


@pytest.mark.parametrize(
    ("seen", "of", "at"),
    [
        ([(0, 0)], 100, 9),
        ([(0, 0), (0.2, 50)], 100, 0.2),
        ([(0, 7), (9, 7)], 100, 9),
        ([(0, 0), (9, 7)], None, 9),
        ([(0, 0), (9, 1)], 10**12, 9),
    ],
    ids=["one step", "too soon", "no progress", "no end known", "beyond all sense"],
)
def test_nothing_is_guessed_where_nothing_can_be_known(seen, of, at):
    assert left(*seen, of=of, at=at) is None


def test_another_stage_or_fewer_pieces_begin_anew():
    first = Pace().after(a_step(done=0), at=0).after(a_step(done=900), at=9)

    assert first.after(a_step(stage=4, done=950), at=10).seen == ((10, 950),)
    assert first.after(a_step(done=3), at=10).seen == ((10, 3),)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 10**12)), max_size=30), st.floats(0, 1e7))
def test_the_time_left_is_none_or_a_length_of_time(seen, at):
    found = left(*sorted(seen), of=10**12, at=max([at, *(moment for moment, _ in seen)]))

    assert found is None or 0 <= found <= 360_000


# -- lines --------------------------------------------------------------------------------------------------------


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=40)))
def test_lines_are_whole_however_their_bytes_arrive(lines):
    cutter = LineCutter()
    sent = "".join(f"{line}\n" for line in lines).encode()
    cut = [line for byte in range(len(sent)) for line in cutter.feed(sent[byte : byte + 1])]

    assert cut == lines
    assert LineCutter().feed(sent) == lines


def test_a_line_without_end_fills_no_memory():
    cutter = LineCutter()
    for _ in range(100):
        assert cutter.feed(b"x" * 65_536) == []

    assert len(cutter.rest()) == 8_000


def test_messages_are_bounded_and_inert():
    state = a_state()
    for _ in range(50):
        state = state.heard(HOSTILE + "y" * 10_000, at=0)

    assert len(state.messages) == 20
    assert all(len(message) <= 500 and message.isprintable() for message in state.messages)


# -- how it ended -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "code", "ended"),
    [
        (Phase.RUNNING, 0, Phase.DONE),
        (Phase.STOPPING, 0, Phase.DONE),
        (Phase.RUNNING, 130, Phase.STOPPED),
        (Phase.STOPPING, 130, Phase.STOPPED),
        (Phase.STOPPING, -15, Phase.STOPPED),
        (Phase.RUNNING, 1, Phase.FAILED),
        (Phase.RUNNING, -9, Phase.FAILED),
    ],
)
def test_the_exit_code_and_what_was_asked_say_how_it_ended(phase, code, ended):
    assert a_state(phase=phase).over(code, at=1).phase is ended


def test_a_failure_says_what_the_program_said_with_its_remedy():
    state = a_state().heard("note: slow", at=0)
    for line in ("insights: Another process uses this workspace.", "  Wait until it is done."):
        state = state.heard(line, at=0)
    failed = state.over(1, at=1)

    assert failed.fault == "Another process uses this workspace."
    assert failed.remedy == "Wait until it is done."


def test_a_defect_ends_with_its_last_words():
    failed = a_state().heard("Traceback (most recent call last):", at=0).heard("ZeroDivisionError: x", at=0)

    assert failed.over(1, at=1).fault == "It ended with code 1. ZeroDivisionError: x"


def test_a_kill_is_told_in_words():
    assert "SIGKILL. Perhaps the memory did not suffice." in a_state().over(-9, at=1).fault
    assert "signal 250" in a_state().over(-250, at=1).fault


# -- the line -----------------------------------------------------------------------------------------------------


def test_the_line_says_stage_pieces_time_money_and_the_way_out():
    state = after((0, a_step()), (14.23, a_step(done=1240, spent_usd=0.213)))

    said = work_words(state, at=14.23, width=80)
    assert said == "analyze 3/5 group · 1,240/4,900 · 0:42 left · $0.21 · ^C keeps what is done"


def test_what_matters_least_is_left_out_first():
    state = after((0, a_step()), (14.23, a_step(done=1240, spent_usd=0.213)))

    assert work_words(state, at=14.23, width=60) == "analyze 3/5 group · 1,240/4,900 · 0:42 left · $0.21"
    assert work_words(state, at=14.23, width=32) == "analyze 3/5 group · 1,240/4,900"


def test_work_of_one_stage_is_told_by_its_pieces():
    state = after((0, a_step(stage=1, stages=1, name="exporting", done=3, of=20)), state=a_state(name="export"))

    assert work_words(state, at=0, width=80) == "export · 3/20 · ^C keeps what is done"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (a_state(), "analyze is starting · ^C stops it"),
        (a_state(phase=Phase.STOPPING), "analyze: stopping; what is done is kept"),
        (a_state(phase=Phase.DONE, ended=62.0), "analyze is done, in 1:02"),
        (
            replace(after((0, a_step(spent_usd=0.2))), phase=Phase.STOPPED, ended=3.0),
            "analyze was stopped at 3/5 group, $0.20. What was done is kept; started again, it goes on where it was.",
        ),
        (a_state(phase=Phase.FAILED, fault="Full.", remedy="Free some."), "analyze failed. Full. Free some."),
    ],
)
def test_every_other_phase_has_its_words(state, words):
    assert work_words(state, at=0, width=140) == words


@given(st.text(max_size=80), st.text(max_size=80), st.integers(10, 140), st.sampled_from(Phase))
def test_the_line_never_outgrows_its_room_and_is_inert(name, stage, width, phase):
    state = after((0, a_step(name=stage + HOSTILE)), state=a_state(name=name + HOSTILE))
    said = work_words(replace(state, phase=phase, fault="x" * 200), at=9, width=width)

    assert cell_len(said) <= width
    assert not [char for char in said if ord(char) < 32 or 127 <= ord(char) < 160]
