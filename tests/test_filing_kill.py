"""Exports that are killed with `kill -9` at any moment, and started again, file every problem once: no issue twice, no
link lost. Ten kills by default; INSIGHTS_KILLS=200 makes it as many."""

import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

from insights.storage.repository import Repository
from tests.hostile.loopback_tracker import TrackerServer
from tests.ready import Process, started
from tests.stored import a_stored_problem, a_workspace, an_estimate

pytestmark = pytest.mark.kill

KILLS = int(os.environ.get("INSIGHTS_KILLS", "10"))
PROBLEMS = 5
LONGEST_SECONDS = 0.4
"""That a process lives on after it was started or its first question; all of an export takes about as long."""

EXPORT = """
import sys
from pathlib import Path
from insights import filing
filing.IN_FLIGHT_SECONDS = 1.0
filing._FIRST_PAUSE = 0.05
from insights.export import export_all
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.hostile.loopback_tracker import LoopbackTracker
from tests.stored import KEY, NOW
folder, name, port, problems = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
made = export_all(
    range(1, problems + 1),
    repository=Repository(f"sqlite:///{folder / 'insights.db'}", key=KEY, actor=ADA),
    tracker=LoopbackTracker(name, port),
    now=NOW,
    currency="$",
    progress=lambda *_: None,
    once=filing.Once(lock_file=folder / filing.FILING_LOCK),
)
for error in made.failed.values():
    print(error.message, file=sys.stderr)
sys.exit(len(made.failed))
"""


@pytest.fixture
def repository(tmp_path: Path):
    problems = [a_stored_problem(f"Problem {number}", estimate=an_estimate()) for number in range(PROBLEMS)]
    opened = a_workspace(tmp_path, problems=problems)
    yield opened
    opened.close()


@pytest.fixture
def server():
    made = TrackerServer()
    yield made
    made.stop()


def export(folder: Path, project: str, server: TrackerServer) -> Process:
    told = folder / "told"
    told.touch()
    streams = (os.devnull, os.devnull, str(told))
    return started(EXPORT, str(folder), project, str(server.port), str(PROBLEMS), streams=streams)


def killed(process: Process, server: TrackerServer, *, after: float, asks: bool) -> bool:
    """Kill it so long after it was started, or after the tracker was asked next; False where it came to its end."""
    before = server.asked
    while asks and process.poll() is None and server.asked == before:
        time.sleep(0.001)
    end = time.monotonic() + after
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.001)
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    code = process.wait()
    assert code in (0, -signal.SIGKILL)
    return code != 0


def test_exports_killed_at_any_moment_file_every_problem_once(tmp_path, repository, server) -> None:
    chance = random.Random(7)
    kills = unknown = 0
    projects = ["first"]
    while kills < KILLS:
        several = [export(tmp_path, projects[-1], server) for _ in range(chance.choice([1, 1, 1, 2]))]
        fates = [
            killed(one, server, after=chance.uniform(0, LONGEST_SECONDS), asks=chance.random() < 0.8) for one in several
        ]
        kills += sum(fates)
        unknown += len(repository.filings.open(projects[-1]))
        if not all(fates):
            projects.append(f"project {len(projects)}")
    assert export(tmp_path, projects[-1], server).wait() == 0, (tmp_path / "told").read_text()

    sys.stderr.write(f"\n{kills} kills of {len(projects)} exports of {PROBLEMS}, {unknown} with one on its way\n")
    for project in projects:
        assert_once(repository, server, project)
    assert repository.filings.open() == []


def test_two_processes_that_export_the_same_at_once_file_it_once(tmp_path, repository, server) -> None:
    several = [export(tmp_path, "both", server) for _ in range(3)]

    assert [one.wait() for one in several] == [0, 0, 0], (tmp_path / "told").read_text()
    assert_once(repository, server, "both")


def assert_once(repository: Repository, server: TrackerServer, project: str) -> None:
    issues = server.issues_of(project)
    links = repository.filings.links(project)
    assert [len(names) for names in issues.values()] == [1] * PROBLEMS, (project, issues)
    assert [link.problem_id for link in links] == list(range(1, PROBLEMS + 1))
    assert [link.external_id for link in links] == [
        issues[f"insights-{repository.filings.workspace_marker()}-P-{link.problem_id}"][0] for link in links
    ]
