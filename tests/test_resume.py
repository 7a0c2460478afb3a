"""A run that is killed with `kill -9` goes on where it was: nothing lost, nothing done twice."""

import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from insights.storage.lock import OwnerLock
from tests.ready import COMMAND, done

pytestmark = pytest.mark.kill

SHOWN = 20
"""Runs that `insights runs` lists."""

TOPICS = {
    "export": ["CSV export times out", "export of the stock list hangs", "cannot export orders to CSV", "export spins"],
    "labels": [
        "labels print cropped",
        "label printer cuts the barcode",
        "shipping label comes out blank",
        "label tiny",
    ],
    "login": ["SSO login loops", "login redirects in circles", "SAML login broken", "cannot log in through SSO"],
}

# Runs the analysis and kills itself right after (or right before) the n-th commit to the database.
KILLED_RUN = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from insights.bootstrap import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
left, before = int(sys.argv[2]), sys.argv[3] == "before"
def die(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
if before:
    event.listen(Engine, "commit", die)
    workspace.analyze(progress=lambda *_: None)
else:
    def in_progress(*_):
        die()
    workspace.analyze(progress=in_progress)
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace, w, that has something to analyse."""
    folder = tmp_path_factory.mktemp("imported")
    rows = ["id,text,created_at"]
    for number in range(12):
        for topic, texts in TOPICS.items():
            text = f"{texts[number % 4]} {['since Monday', 'every day', 'again', 'on all our machines'][number // 3]}"
            rows.append(f"{topic}-{number},{text},2026-03-{number + 1:02d}")
    (folder / "t.csv").write_text("\n".join(rows) + "\n")
    done(COMMAND, "init", str(folder / "w"), environment=environment(folder))
    insights(folder, "import", str(folder / "t.csv"), "--kind", "ticket", "--json")
    return folder


@pytest.fixture(scope="module")
def whole(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after an analysis that nothing stopped."""
    folder = copied(imported, tmp_path_factory.mktemp("whole"))
    insights(folder, "analyze", "--json")
    return folder


def copied(folder: Path, to: Path) -> Path:
    return shutil.copytree(folder, to, dirs_exist_ok=True)


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "INSIGHTS_KEY_DIR": str(folder / "keys")}


def insights(folder: Path, *arguments: str) -> Any:
    ended = done(COMMAND, "-C", str(folder / "w"), *arguments, environment=environment(folder))
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout) if ended.stdout.strip().startswith(("[", "{")) else ended.stdout


def killed(folder: Path, *, after: int, before_commit: bool) -> bool:
    """Run the analysis with a kill in it; False where it came to its end."""
    how = "before" if before_commit else "progress"
    ended = done(KILLED_RUN, str(folder / "w"), str(after), how, environment=environment(folder))
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode != 0


def outcome(folder: Path) -> tuple[Any, ...]:
    problems = insights(folder, "problems", "--all", "--json")
    seen = [(p["ref"], p["title"], p["items"], p["estimate"]["value"]["likely"]) for p in problems]
    return (sorted(seen), [p["estimate"]["rank"] for p in problems])


@pytest.mark.parametrize("before_commit", [True, False])
def test_a_run_killed_again_and_again_ends_as_one_that_was_not(
    imported: Path, whole: Path, tmp_path: Path, before_commit: bool
) -> None:
    broken = copied(imported, tmp_path)

    kills = 0
    for after in range(4, 400, 13) if before_commit else range(2, 60, 2):
        if not killed(broken, after=after, before_commit=before_commit):
            break
        kills += 1

    assert kills >= 3
    assert outcome(broken) == outcome(whole)
    statuses = [run["status"] for run in insights(broken, "runs", "--json")]
    assert statuses == ["done", *["stopped"] * kills][: len(statuses)]
    assert len(statuses) == min(kills + 1, SHOWN)


def test_a_second_run_at_the_same_time_is_told_who_is_at_work(imported: Path, tmp_path: Path) -> None:
    folder = copied(imported, tmp_path)
    with OwnerLock(folder / "w/.insights/run.lock", what="this workspace for an analysis"):
        ended = done(COMMAND, "-C", str(folder / "w"), "analyze", environment=environment(folder))
    assert ended.returncode == 1
    assert f"process {os.getpid()}" in ended.stderr
