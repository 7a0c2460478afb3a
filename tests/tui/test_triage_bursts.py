"""Keys typed faster than the screens open: each acts on what the ones before it led to."""

import asyncio
from contextlib import suppress
from random import Random

import pytest
from textual import events
from textual.worker import WorkerCancelled

from insights.domain.problem import State
from tests.tui.sessions import at_work


async def typed_at_once(session, *keys):
    """All of them before the first is looked at, as a paste of keys or a slow line brings them."""
    app = session.app
    for key in keys:
        app._driver.send_message(_event(key))
    for _ in range(4):
        await asyncio.sleep(0.05)
        with suppress(WorkerCancelled):  # what was read for a problem that the cursor left
            await session.settle()


def _event(key):
    names = {"enter": "\r", "escape": "\x1b", "space": " "}
    return events.Key(key, names.get(key, key if len(key) == 1 else None))


async def test_merge_and_enter_at_once_merge_into_the_nearest(triage):
    async with at_work(triage) as session:
        await typed_at_once(session, "m", "enter")
        assert session.listed == [2, 3, 4, 5, 6]
    assert triage.problem(1).id == 3


async def test_the_nearest_is_known_although_the_cursor_only_just_came(triage, repository):
    repository.problems.save_similar({3: [(5, 0.9)]})
    async with at_work(triage) as session:
        await typed_at_once(session, "j", "j", "m", "enter")
        assert session.listed == [1, 2, 4, 5, 6]
    assert triage.problem(3).id == 5


async def test_what_is_typed_after_a_dialog_is_for_the_screen_below(triage):
    async with at_work(triage) as session:
        await typed_at_once(session, "m", "enter", "a")
        assert session.listed == [3, 4, 5, 6]
    assert triage.problem(2).state is State.ACCEPTED


async def test_a_new_title_typed_at_once(triage):
    async with at_work(triage) as session:
        await typed_at_once(session, "r", "ctrl+u", *"Exports", "enter", "j", "a")
        assert session.app.desk.problems[1].title == "Exports"
    assert [triage.problem(n).state for n in (1, 2)] == [State.INBOX, State.ACCEPTED]


async def test_a_decision_on_what_was_just_renamed_is_no_conflict(triage):
    async with at_work(triage) as session:
        await typed_at_once(session, "r", *"!", "enter", "a")
        assert session.app.question is None
    assert triage.problem(1).state is State.ACCEPTED


async def test_a_decision_on_what_others_just_went_into_is_no_conflict(triage):
    async with at_work(triage) as session:
        await typed_at_once(session, "m", "enter", "j", "a")
        assert session.app.question is None
    assert triage.problem(3).state is State.ACCEPTED


async def test_letters_for_a_list_that_opens_decide_nothing(triage):
    async with at_work(triage) as session:
        await typed_at_once(session, "O", *"accounts", "enter")
        assert session.app.lens == "accounts"
    assert {p.state for p in triage.problems()} == {State.INBOX}


async def test_letters_for_the_palette_decide_nothing(triage):
    async with at_work(triage) as session:
        await typed_at_once(session, "colon", *"next", "space", *"theme", "enter")
        assert session.app.theme == "light"
    assert {p.state for p in triage.problems()} == {State.INBOX}


@pytest.mark.parametrize("more", [(), ("enter",), ("escape",)])
async def test_a_figure_typed_at_once(triage, more):
    async with at_work(triage) as session:
        await typed_at_once(session, "e", *"L", "enter", *more)
        assert session.app.question is None


async def test_a_problem_opened_and_left_at_once(triage):
    async with at_work(triage) as session:
        await typed_at_once(session, "enter", "a", "d", "4", "h", "j", "s", "w")
        assert session.listed == [3, 5, 6]


DECIDING = [("a",), ("A", "x"), ("d", "2"), ("d", "d"), ("s", "w"), ("space",), ("v",), ("u",), ("U",), ("m", "enter")]
LOOKING = [("j",), ("k",), ("G",), ("R",), ("enter",), ("h",), ("e", "escape"), ("r", "!", "enter"), ("2",), ("1",)]


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_is_typed_storage_ends_as_the_screen_shows_it(triage, seed):
    chance = Random(seed)
    async with at_work(triage) as session:
        for _ in range(4):
            strokes = [chance.choice(DECIDING + LOOKING) for _ in range(8)]
            await typed_at_once(session, *(key for stroke in strokes for key in stroke))
            await typed_at_once(session, "escape")
        assert session.app.question is None
        shown = dict(session.app.desk.problems)
    stored = {problem.id: problem for problem in triage.problems()}
    standing = {number: problem for number, problem in shown.items() if problem.state is not State.MERGED}
    assert {n: (p.state, p.column, p.version, p.title) for n, p in standing.items()} == {
        n: (p.state, p.column, p.version, p.title) for n, p in stored.items()
    }
