"""What every screen says, in every state, at two sizes: the texts in `looks/`. `test_triage_looks` has the colours."""

from contextlib import asynccontextmanager, closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from insights.domain.problem import Action
from insights.domain.step import Step, step_line
from insights.errors import InsightsError, Unreachable
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.actors import ADA
from tests.builders import MORNING
from tests.stored import KEY
from tests.tui.looks import FOLDER, SIZES, Looks
from tests.tui.sessions import at_work
from tests.tui.showroom import Finder, a_showroom, checks, decide_some, last_run_stopped, save_runs
from tui.models.following import WorkState

pytestmark = pytest.mark.parametrize("size", SIZES)


@pytest.fixture(scope="module")
def showroom(tmp_path_factory):
    """A database to copy: made once."""
    folder = tmp_path_factory.mktemp("showroom")
    a_showroom(folder).close()
    return folder / "insights.db"


@pytest.fixture
def repository(showroom, tmp_path):
    (tmp_path / "insights.db").write_bytes(showroom.read_bytes())
    stored = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    yield stored
    stored.close()


@asynccontextmanager
async def looking(triage, size, *, parts=None, **settings):
    """A session, and what keeps its looks."""
    async with at_work(triage, size=SIZES[size], parts=parts, **settings) as session:
        looks = Looks(session, size)
        yield session, looks.keep
        looks.check()


# -- the five screens ----------------------------------------------------------------------------------------------


async def test_the_inbox(triage, size):
    async with looking(triage, size) as (session, keep):
        await keep("inbox")
        await session.press("d")
        await keep("inbox-waiting-prefix")
        await session.press("escape", "slash", *"exp")
        await keep("inbox-search")
        await session.press(*"qqq")
        await keep("inbox-search-nothing")
        await session.press("escape", "space", "j", "space")
        await keep("inbox-selection")


async def test_the_page_of_a_problem(triage, size):
    async with looking(triage, size) as (session, keep):
        await session.press("enter")
        await keep("problem")
        await session.press("J")
        await keep("problem-below")


async def test_the_board(triage, size):
    async with looking(triage, size) as (session, keep):
        await session.press("2")
        await keep("board-empty")
    decide_some(triage)
    async with looking(triage, size) as (session, keep):
        await session.press("2")
        await keep("board")
        await session.press("right", "right", "right")
        await keep("board-dismissed")


async def test_a_board_over_its_limit(triage, size):
    decide_some(triage)
    async with looking(triage, size, now_limit=1) as (session, keep):
        await session.press("2", "right", "H")
        await keep("board-over-limit")


async def test_the_evidence(triage, size):
    async with looking(triage, size) as (session, keep):
        session.app.finder = Finder()
        await session.press("3")
        await keep("evidence")
        await session.press(*"export", "space", *"kind:tic", "enter")
        await keep("evidence-found")
        await session.press("slash", *" zebra")
        await keep("evidence-nothing")


async def test_the_runs(triage, size):
    save_runs(triage.repository)
    async with looking(triage, size) as (session, keep):
        await session.press("4")
        await keep("runs")
        await session.press("j", "j")
        await keep("runs-stopped")


async def test_the_health(triage, size):
    async with looking(triage, size, parts={"examine": checks}) as (session, keep):
        await session.press("5", "j")
        await keep("health")


# -- dialogs -------------------------------------------------------------------------------------------------------


async def test_dialogs_that_correct(triage, size):
    async with looking(triage, size) as (session, keep):
        await session.press("m")
        await keep("merge")
        await session.press("escape", "x", "space")
        await keep("split")
        await session.press("escape", "r")
        await keep("rename")


async def test_the_estimate(triage, size):
    async with looking(triage, size) as (session, keep):
        await session.press("e", "2")
        await session.pilot.pause(0.2)
        await session.settle()
        await keep("estimate")


async def test_dialogs_that_only_show(triage, size):
    async with looking(triage, size, export_to="file:/srv/backlog.md") as (session, keep):
        await session.press("E")
        await keep("export")
        await session.press("escape", "colon")
        await keep("palette")
        await session.press(*"snoo")
        await keep("palette-search")
        await session.press("escape", "question_mark")
        await keep("help")
        await session.press("escape", "D")
        await keep("digest")
        await session.press("escape", "O")
        await keep("lens")


# -- states --------------------------------------------------------------------------------------------------------


async def test_nothing_waits(triage, size):
    decide_some(triage)
    for number in (2, 3, 4, 5):
        triage.decide(number, Action.DISMISS)
    async with looking(triage, size) as (session, keep):
        await session.press("a")
        await keep("inbox-zero")


async def test_no_data_yet(tmp_path, size):
    with closing(Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)) as empty:
        async with looking(Triage(empty, "ana", lambda: MORNING), size) as (session, keep):
            await keep("first")
            await session.press("4")
            await keep("runs-none")


async def test_an_analysis_under_way(triage, size):
    async with looking(triage, size) as (session, keep):
        state = WorkState(name="analyze", began=0.0)
        for at, done in ((0.0, 400), (20.0, 1_240)):
            step = Step(stage=6, stages=12, name="group", what="mentions", done=done, of=4_900, spent_usd=0.21)
            state = state.heard(step_line(step), at=at)
        session.app._work = SimpleNamespace(state=state, clock=lambda: 20.0, stop=lambda: None)
        session.app.show()
        await session.settle()
        await keep("loading")
        session.app._work = None


class Broken(Triage):
    """A database that cannot be read."""

    __slots__ = ()

    def problems(self):
        raise InsightsError("The database is locked by another program.", remedy="Close it, or wait a moment.")


async def test_an_error(triage, size):
    async with looking(Broken(triage.repository, "ana", triage.now), size) as (_, keep):
        await keep("error")


class Away(Triage):
    """A database that takes nothing."""

    __slots__ = ()

    def decide_all(self, intents):
        raise Unreachable("The database cannot be reached.", remedy="Is it running?")


async def test_a_database_that_is_away(triage, size, tmp_path):
    away = Away(triage.repository, "ana", triage.now)
    async with looking(away, size, parts={"outbox": tmp_path / "outbox.jsonl"}) as (session, keep):
        await session.press("a", "d", "2")
        await keep("offline")


async def test_data_that_is_old(triage, size):
    last_run_stopped(triage.repository)
    async with looking(triage, size) as (_, keep):
        await keep("stale")


async def test_somebody_else_was_faster(triage, size):
    async with looking(triage, size) as (session, keep):
        Triage(triage.repository, "ben", triage.now).decide(1, Action.DISMISS, why="too small")
        await session.press("a")
        await keep("conflict")


async def test_too_small_a_terminal(triage, size):
    async with at_work(triage, size=(52, 12)) as session:
        looks = Looks(session, "52x12")
        await looks.keep("small")
        looks.check()


def test_every_text_that_is_kept_is_compared(size):
    kept = {path.stem.removesuffix(f"-{size}") for path in FOLDER.glob(f"*-{size}.txt")}
    source = Path(__file__).read_text(encoding="utf-8")
    assert {name for name in kept if f'"{name}"' not in source} == set()
