"""`insights triage --keys` tells everything that the application does, for scripts and screen readers."""

import json
from pathlib import Path

import pytest

from insights.errors import ExitCode, InsightsError
from tests.cli.calling import Run, caller, made
from tui.actions import ACTS
from tui.keys import printed


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return caller(made(tmp_path, monkeypatch, columns=160))


def test_keys_lists_every_act_with_its_keys_and_its_plain_command(run: Run) -> None:
    title, *lines = run("triage", "--keys").splitlines()

    assert title.split() == ["name", "keys", "does", "command"]
    assert len(lines) == len(ACTS)
    for act, line in zip(ACTS, lines, strict=True):
        assert " ".join(line.split()) == " ".join(f"{act.id} {printed(act.keys)} {act.words} {act.command}".split())


def test_keys_as_json_has_the_same(run: Run) -> None:
    rows = json.loads(run("triage", "--keys", "--json"))

    assert [row["name"] for row in rows] == [act.id for act in ACTS]
    assert all(set(row) == {"name", "keys", "does", "command"} for row in rows)
    accept = next(row for row in rows if row["name"] == "accept")
    assert (accept["keys"], accept["command"]) == ("a", "insights decide P-12 accept")


def test_options_of_the_page_without_a_page_are_refused(run: Run) -> None:
    assert "--port and --open go with --web" in run("triage", "--port", "8000", everything=True)


def test_without_a_terminal_it_names_the_commands(run: Run) -> None:
    with pytest.raises(InsightsError, match="needs a terminal") as refused:
        run("triage")

    assert refused.value.exit_code is ExitCode.USAGE
    assert "insights decide" in refused.value.remedy
