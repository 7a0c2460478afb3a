"""Having the night run by itself: what is written, that it is shown first, and that others' lines stay."""

import re
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from insights.errors import InsightsError
from insights.nightly.schedule import Scheduler, Scheduling
from tests.actors import ADA

OTHERS = "MAILTO=me\n0 3 * * * backup --all  # mine\n"


@dataclass
class Machine:
    """Programs of a machine: a crontab, and a systemd that works or not."""

    crontab: str = ""
    has_systemd: bool = True
    called: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, command: Sequence[str], stdin: str | None) -> str:
        self.called.append(tuple(command))
        if tuple(command) == ("crontab", "-l"):
            if not self.crontab:
                raise InsightsError("crontab -l failed: no crontab for ann", remedy="")
            return self.crontab
        if tuple(command) == ("crontab", "-"):
            self.crontab = stdin or ""
        elif not self.has_systemd:
            raise InsightsError("Failed to connect to bus", remedy="")
        return ""


@pytest.fixture
def cron(monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    return Machine(crontab=OTHERS)


def scheduling(tmp_path: Path, *, folder: str = "acme", at: str = "05:30") -> Scheduling:
    (tmp_path / ".git").mkdir(exist_ok=True)
    workspace = tmp_path / folder
    workspace.mkdir(exist_ok=True)
    return Scheduling(
        actor=ADA,
        folder=workspace,
        program=Path("/opt/venv/bin/insights"),
        home=tmp_path / "home",
        at=at,
        repository=tmp_path,
    )


def test_a_line_is_added_to_the_crontab_and_others_stay(tmp_path: Path, cron: Machine) -> None:
    planned = scheduling(tmp_path)
    planned.install(planned.plan(Scheduler.CRON, run=cron.run), run=cron.run)
    assert cron.crontab.startswith(OTHERS)
    line = cron.crontab.removeprefix(OTHERS)
    assert line.startswith("30 5 * * * /opt/venv/bin/insights -C ")
    assert line.endswith(f" nightly  # {planned.name}\n")


def test_to_install_again_replaces_the_line(tmp_path: Path, cron: Machine) -> None:
    for at in ("05:30", "6:15"):
        planned = scheduling(tmp_path, at=at)
        planned.install(planned.plan(Scheduler.CRON, run=cron.run), run=cron.run)
    assert next(line for line in cron.crontab.splitlines() if "insights" in line).startswith("15 6 ")
    assert cron.crontab.count(planned.name) == 1


def test_to_plan_changes_nothing(tmp_path: Path, cron: Machine) -> None:
    for scheduler in Scheduler:
        scheduling(tmp_path).plan(scheduler, run=cron.run)
    assert cron.crontab == OTHERS
    assert not (tmp_path / "home").exists()
    assert not (tmp_path / ".github").exists()


def test_to_remove_takes_its_own_away_and_nothing_else(tmp_path: Path, cron: Machine) -> None:
    one, other = scheduling(tmp_path), scheduling(tmp_path, folder="other")
    for planned in (one, other):
        for scheduler in (Scheduler.CRON, Scheduler.SYSTEMD):
            planned.install(planned.plan(scheduler, run=cron.run), run=cron.run)
    assert len(one.installed(run=cron.run)) == 3
    gone = one.remove(run=cron.run)
    assert len(gone) == 3
    assert one.installed(run=cron.run) == []
    assert len(other.installed(run=cron.run)) == 3
    assert cron.crontab.startswith(OTHERS)
    assert one.remove(run=cron.run) == []


def test_a_timer_that_cannot_be_started_is_written_and_told_how(tmp_path: Path, cron: Machine) -> None:
    cron.has_systemd = False
    planned = scheduling(tmp_path)
    left = planned.install(planned.plan(Scheduler.SYSTEMD, run=cron.run), run=cron.run)
    assert left == ["systemctl --user daemon-reload", f"systemctl --user enable --now {planned.name}.timer"]
    timer = tmp_path / f"home/.config/systemd/user/{planned.name}.timer"
    assert "OnCalendar=*-*-* 05:30:00" in timer.read_text()


@pytest.mark.parametrize(
    "folder", ["two words", 'quo"te', "per%cent", "do$lar", "ü", "back\\slash", "semi;colon", "a'b"]
)
def test_any_folder_is_named_so_that_the_scheduler_reads_the_same(tmp_path: Path, cron: Machine, folder: str) -> None:
    planned = scheduling(tmp_path, folder=folder)
    planned.install(planned.plan(Scheduler.CRON, run=cron.run), run=cron.run)
    line = cron.crontab.splitlines()[-1].split(" ", 5)[5]
    assert shlex.split(line.replace("\\%", "%"), comments=True)[2] == str(tmp_path / folder)
    assert re.search(r"(?<!\\)%", line) is None
    unit = dict(planned.plan(Scheduler.SYSTEMD).files)[tmp_path / f"home/.config/systemd/user/{planned.name}.service"]
    called = re.search("^ExecStart=(.*)$", unit, re.MULTILINE)
    assert called is not None
    words = re.findall(r'"((?:[^"\\]|\\.)*)"', called[1])
    read = re.sub(r"\\(.)", r"\1", words[2]).replace("$$", "$").replace("%%", "%")
    assert read == str(tmp_path / folder)


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path, cron: Machine) -> None:
    checker = Path("/usr/bin/systemd-analyze")
    if not checker.exists():
        pytest.skip("systemd-analyze is not here")
    (tmp_path / "insights").write_text("#!/bin/sh\n")
    (tmp_path / "insights").chmod(0o755)
    planned = Scheduling(actor=ADA, folder=tmp_path, program=tmp_path / "insights", home=tmp_path)
    planned.install(planned.plan(Scheduler.SYSTEMD, run=cron.run), run=cron.run)
    units = [str(path) for path, _ in planned.plan(Scheduler.SYSTEMD).files]
    done = subprocess.run([checker, "--user", "verify", *units], capture_output=True, text=True, check=False)
    assert tmp_path.name not in done.stderr, done.stderr


def test_a_workflow_is_yaml_that_names_the_workspace(tmp_path: Path) -> None:
    planned = scheduling(tmp_path, folder="a 'b' workspace")
    (path, text), *_ = planned.plan(Scheduler.GITHUB).files
    assert re.fullmatch("insights-nightly-a-b-workspace-[0-9a-f]{6}.yml", path.name)
    assert path.parent == tmp_path / ".github/workflows"
    job = yaml.safe_load(text)["jobs"]["nightly"]
    assert job["env"]["WORKSPACE"] == "a 'b' workspace"
    assert [step["run"] for step in job["steps"] if "run" in step][-1] == 'insights -C "$WORKSPACE" nightly'


def test_two_workspaces_of_one_repository_have_a_workflow_each(tmp_path: Path, cron: Machine) -> None:
    one, other = scheduling(tmp_path), scheduling(tmp_path, folder="other")
    for planned in (one, other):
        planned.install(planned.plan(Scheduler.GITHUB))
    one.remove(run=cron.run)
    assert [scheduler for scheduler, _ in other.installed(run=cron.run)] == [Scheduler.GITHUB]


def test_what_a_night_sent_is_kept_there_also_where_something_failed(tmp_path: Path) -> None:
    (_, text), *_ = scheduling(tmp_path).plan(Scheduler.GITHUB).files
    *_, ran, saved = yaml.safe_load(text)["jobs"]["nightly"]["steps"]
    assert ran["run"].endswith(" nightly")
    assert (saved["uses"], saved["if"]) == ("actions/cache/save@v4", "always()")


def test_a_folder_with_a_line_break_in_its_name_is_refused(tmp_path: Path, cron: Machine) -> None:
    planned = scheduling(tmp_path, folder="a\n* * * * * rm b")
    for scheduler in Scheduler:
        with pytest.raises(InsightsError, match="line break"):
            planned.plan(scheduler, run=cron.run)


def test_a_workspace_outside_of_the_repository_cannot_be_scheduled_there(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    planned = Scheduling(actor=ADA, folder=tmp_path, program=Path("i"), home=tmp_path, repository=repository)
    with pytest.raises(InsightsError, match="no git repository"):
        planned.plan(Scheduler.GITHUB)
    (tmp_path / "repository/.git").mkdir(parents=True)
    with pytest.raises(InsightsError, match="not inside"):
        planned.plan(Scheduler.GITHUB)


@given(at=st.text(max_size=6))
def test_only_a_time_of_day_is_taken(at: str) -> None:
    planned = Scheduling(actor=ADA, folder=Path("/w"), program=Path("i"), home=Path("/h"), at=at)
    if re.fullmatch("([01]?[0-9]|2[0-3]):[0-5][0-9]", at):
        assert planned.plan(Scheduler.SYSTEMD).files
    else:
        with pytest.raises(InsightsError, match="no time of day"):
            planned.plan(Scheduler.SYSTEMD)
