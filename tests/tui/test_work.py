"""Work in a process of its own: followed to its end, stopped in order, and never trusted."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from insights.bootstrap import open_workspace
from insights.domain.run import RunStatus
from tests.cli.calling import caller, made
from tui import work
from tui.models.following import Phase, WorkState
from tui.work import Work, insights_program

FAKE = """
import json, os, signal, sys, time
def step(done, of=4):
    whole = {"stage": 2, "stages": 3, "name": "group", "what": "group", "done": done, "of": of, "spent_usd": 0.5}
    print(json.dumps(whole), file=sys.stderr, flush=True)
"""


@pytest.fixture
def program(tmp_path: Path):
    """Writes a fake program and gives the words that run it."""

    def write(code: str) -> Sequence[str]:
        path = tmp_path / "fake.py"
        path.write_text(FAKE + code)
        return [sys.executable, "-S", str(path)]

    return write


async def test_it_is_followed_step_by_step_to_its_end(program):
    seen: list[WorkState] = []
    made = Work(
        program("step(1)\nstep(4)\nprint('[7]')\nprint('2 done', file=sys.stderr)"), name="x", changed=seen.append
    )
    state = await made.run()

    assert state.phase is Phase.DONE
    assert state.step is not None
    assert (state.step.name, state.step.done, state.step.of, state.spent_usd) == ("group", 4, 4, 0.5)
    assert state.messages == ("2 done",)
    assert json.loads(made.output) == [7]
    assert seen[-1] is made.state


async def test_a_failure_is_told_with_its_remedy(program):
    code = "print('insights: The disk is full.\\n  Free some space.', file=sys.stderr)\nsys.exit(1)"
    state = await Work(program(code), name="x").run()

    assert (state.phase, state.fault, state.remedy) == (Phase.FAILED, "The disk is full.", "Free some space.")


async def test_a_program_that_is_not_there_is_a_failure_in_words():
    state = await Work(["/nowhere/insights"], name="x").run()

    assert (state.phase, state.fault) == (Phase.FAILED, "It could not be started: No such file or directory.")


async def test_its_output_is_never_more_than_words(program):
    code = r"""
sys.stderr.write("\x1b]52;c;ZXZpbA==\x07\x1b[2J" * 9000)
sys.stderr.flush()
os.write(2, b"\xff\x9b31m\0" * 9000)
print("y" * 3_000_000)
"""
    made = Work(program(code), name="x")
    state = await made.run()

    assert state.phase is Phase.DONE
    assert all(message.isprintable() and len(message) <= 500 for message in state.messages)
    assert len(made.output) == 1_000_000


class Stopper:
    """Stops work, so many times, once it has told a step."""

    def __init__(self, program: Sequence[str], *, times: int) -> None:
        self._times = times
        self.work = Work(program, name="x", changed=self._heard)

    def _heard(self, state: WorkState) -> None:
        if state.step is not None and state.phase is Phase.RUNNING:
            for _ in range(self._times):
                self.work.stop()


async def stopped(program: Sequence[str], *, times: int = 1) -> WorkState:
    return await Stopper(program, times=times).work.run()


async def test_stopped_it_ends_in_order(program):
    code = "try:\n    step(1)\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    step(2)\n    sys.exit(130)"
    state = await stopped(program(code))

    assert state.phase is Phase.STOPPED
    assert state.step is not None
    assert state.step.done == 2


async def test_one_that_heeds_no_interrupt_is_told_more_firmly(program, monkeypatch):
    monkeypatch.setattr(work, "_PATIENCE_SECONDS", 0.05)

    ignoring = program("signal.signal(signal.SIGINT, signal.SIG_IGN)\nstep(1)\ntime.sleep(60)")
    assert (await stopped(ignoring)).phase is Phase.STOPPED


async def test_asked_twice_it_is_told_more_firmly_at_once(program):
    ignoring = program("signal.signal(signal.SIGINT, signal.SIG_IGN)\nstep(1)\ntime.sleep(60)")

    assert (await stopped(ignoring, times=2)).phase is Phase.STOPPED


async def test_what_is_stopped_before_it_began_ends_all_the_same(program):
    made = Work(program("time.sleep(60)"), name="x")
    made.stop()

    assert (await made.run()).phase is Phase.STOPPED


async def test_one_that_was_killed_is_told_in_words(program):
    state = await Work(program("step(1)\nos.kill(os.getpid(), signal.SIGKILL)"), name="x").run()

    assert (state.phase, state.step.done if state.step else None) == (Phase.FAILED, 1)
    assert "SIGKILL" in state.fault


async def test_it_ends_with_the_application(program, tmp_path):
    note = tmp_path / "note"
    code = (
        f"try:\n    step(1)\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    open({str(note)!r}, 'w').write('kept')"
    )
    begun = asyncio.Event()
    task = asyncio.create_task(Work(program(code), name="x", changed=lambda _: begun.set()).run())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert note.read_text() == "kept"


async def test_one_that_never_ends_does_not_outlive_the_application(program, monkeypatch):
    monkeypatch.setattr(work, "_PATIENCE_SECONDS", 0.05)
    deaf = (
        "for number in (signal.SIGINT, signal.SIGTERM):\n    signal.signal(number, signal.SIG_IGN)\nstep(os.getpid())"
    )
    begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def heard(state: WorkState) -> None:
        if state.step is not None and not begun.done():
            begun.set_result(state.step.done)

    task = asyncio.create_task(Work(program(f"{deaf}\ntime.sleep(60)"), name="x", changed=heard).run())
    process = await begun
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


async def test_the_terminals_own_interrupt_does_not_reach_it(program):
    state = await Work(program("step(os.getpgid(0))"), name="x").run()

    assert state.step is not None
    assert state.step.done != os.getpgid(0)


# -- a real analysis ----------------------------------------------------------------------------------------------

TOPICS = ("CSV export times out", "labels print cropped", "the SSO login loops")
ROWS = [f"{topic} {when}" for topic in TOPICS for when in ("since Monday", "every day", "again", "for two of us")]


async def test_an_analysis_that_is_stopped_keeps_what_is_done_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = made(tmp_path, monkeypatch)
    (tmp_path / "t.csv").write_text("\n".join(["id,text", *(f"{n},{text}" for n, text in enumerate(ROWS)), ""]))
    caller(folder)("import", str(tmp_path / "t.csv"), "--kind", "ticket", "-y")
    steps: list[tuple[int, int, str]] = []

    def follow(state: WorkState) -> None:
        if state.step is not None:
            steps.append((state.step.stage, state.step.stages, state.step.name))

    first = await stopped(insights_program(folder, "analyze"))
    second = await Work(insights_program(folder, "analyze"), name="analyze", changed=follow).run()

    workspace = open_workspace(folder)
    newest, before = workspace.repository.runs.recent(2)
    workspace.close()
    assert (first.phase, second.phase) == (Phase.STOPPED, Phase.DONE)
    assert (before.status, before.reasons) == (RunStatus.STOPPED, ("It was stopped by hand.",))
    assert newest.status is RunStatus.DONE
    assert list(dict.fromkeys(name for _, _, name in steps))[-2:] == ["estimate", "compare"]
    assert {stage for stage, stages, _ in steps} == set(range(1, steps[-1][1] + 1))
    assert any("problems ranked" in message for message in second.messages)
