"""`insights schedule` as it is called: nothing is written unasked, and what there is besides is said."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from insights.errors import ExitCode, InsightsError
from tests.cli.calling import Run, caller, made


@pytest.fixture
def crontab(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the crontab of the machine holds, last version last; it has no systemd that would start anything."""
    kept: list[str] = []

    def called(command: Sequence[str], stdin: str | None) -> str:
        if tuple(command) == ("crontab", "-"):
            kept.append(stdin or "")
        elif tuple(command) != ("crontab", "-l"):
            raise InsightsError("Failed to connect to bus", remedy="")
        return kept[-1] if kept else ""

    monkeypatch.setattr("insights.nightly.schedule.call", called)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    return kept


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crontab: list[str]) -> Run:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return caller(made(tmp_path, monkeypatch))


def test_where_nobody_can_say_yes_nothing_is_written(call: Run, crontab: list[str]) -> None:
    with pytest.raises(InsightsError, match="nothing was written") as refused:
        call("schedule", "install", "--with", "cron")

    assert refused.value.exit_code is ExitCode.USAGE and "--yes" in refused.value.remedy
    assert crontab == []


def test_said_in_the_command_it_is_written_shown_and_taken_away(call: Run, crontab: list[str]) -> None:
    assert "30 5 * * *" in call("schedule", "install", "--with", "cron", "--at", "05:30", "--yes")
    assert "30 5 * * *" in crontab[-1]
    assert "30 5 * * *" in call("schedule", "show")

    assert "Removed: the line of the crontab" in call("schedule", "remove", everything=True)
    assert crontab[-1] == ""


def test_a_second_scheduler_is_said(call: Run) -> None:
    assert "as well" not in call("schedule", "install", "--with", "cron", "--yes", everything=True)

    said = call("schedule", "install", "--with", "systemd", "--yes", everything=True)

    assert "It is scheduled with cron as well." in said
