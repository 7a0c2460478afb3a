"""The command line starts fast, explains itself and shows no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from tests import ready

HEAVY = {
    "textual",
    "pandas",
    "numpy",
    "matplotlib",
    "chromadb",
    "openai",
    "langchain",
    "pydantic",
    "sqlalchemy",
    "httpx",
    "rich",
}
ROOT = Path(__file__).parents[2]


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return ready.done(ready.COMMAND, *arguments, cwd=cwd, environment=around(cwd, **environment))


def around(cwd: Path, **environment: str) -> dict[str, str]:
    """The environment of a command that runs there."""
    return {**os.environ, "INSIGHTS_KEY_DIR": str(cwd / "keys"), "PYTHONPATH": str(ROOT), **environment}


def commands() -> dict[str, typer.core.TyperCommand]:
    from insights.cli.main import app

    group = typer.main.get_command(app)
    return dict(group.commands)  # type: ignore[attr-defined]


def test_the_help_loads_no_heavy_package(tmp_path: Path) -> None:
    script = "import sys, insights.cli.main; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not HEAVY & set(loaded)


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_help_an_example_and_a_place_in_the_readme(name: str) -> None:
    command = commands()[name]
    assert command.help
    assert "Example: insights" in (command.epilog or "")
    assert f"`{name}`" in (ROOT / "README.md").read_text() or f"insights {name}" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_option_says_what_it_does(name: str) -> None:
    unexplained = [p.name for p in commands()[name].params if not getattr(p, "help", None)]
    assert unexplained == []


def test_without_a_workspace_a_command_says_how_to_make_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "insights", "problems"],
        cwd=tmp_path,
        env=around(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "insights init" in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_usage_ends_with_2(tmp_path: Path) -> None:
    run("init", cwd=tmp_path)
    for words in (["show", "P-x"], ["nonsense"], ["decide", "P-1", "perhaps"], ["import"]):
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 2, words
        assert "Traceback" not in done.stderr


def test_a_second_init_leaves_the_workspace_as_it_is(tmp_path: Path) -> None:
    run("init", cwd=tmp_path)
    before = (tmp_path / "insights.toml").read_text()
    done = run("init", cwd=tmp_path)
    assert done.returncode == 1
    assert (tmp_path / "insights.toml").read_text() == before


def test_a_wrong_setting_is_named_with_its_line(tmp_path: Path) -> None:
    run("init", cwd=tmp_path)
    settings = tmp_path / "insights.toml"
    settings.write_text("[worth]\nhourly_cost = 50\nweek_cots = 9\n")
    done = run("problems", cwd=tmp_path)
    assert done.returncode == 1
    assert "line 3" in done.stderr
    assert "worth.week_cost" in done.stderr


def test_importing_prints_counts_and_keeps_refused_rows(tmp_path: Path) -> None:
    run("init", cwd=tmp_path)
    (tmp_path / "t.csv").write_text("id,text\n1,It fails\n1,It hangs\n")
    first = run("import", "t.csv", "--kind", "ticket", "--json", cwd=tmp_path)
    again = run("import", "t.csv", "--kind", "ticket", "--json", cwd=tmp_path)
    report = json.loads(first.stdout)[0]
    assert (report["saved"]["new"], report["refused"]) == (1, 1)
    assert json.loads(again.stdout)[0]["saved"] == {"new": 0, "changed": 0, "unchanged": 1}
    assert "It hangs" in Path(report["rejects_file"]).read_text()


def test_files_of_one_name_in_two_folders_do_not_overwrite_each_other(tmp_path: Path) -> None:
    run("init", cwd=tmp_path)
    for folder in ("support", "survey"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "data.csv").write_text(f"id,text\n1,It fails in {folder}\n")
    done = run("import", "support/data.csv", "survey/data.csv", "--kind", "ticket", "--json", cwd=tmp_path)
    assert [report["saved"]["new"] for report in json.loads(done.stdout)] == [1, 1]


def test_the_workspace_is_chosen_from_elsewhere(tmp_path: Path) -> None:
    run("init", "here", cwd=tmp_path)
    for arguments, environment in (
        (["-C", "here", "runs", "--json"], {}),
        (["runs", "--json"], {"INSIGHTS_WORKSPACE": "here"}),
    ):
        done = run(*arguments, cwd=tmp_path, **environment)
        assert (done.returncode, json.loads(done.stdout)) == (0, [])


def test_completion_knows_the_commands(tmp_path: Path) -> None:
    insights = Path(sys.executable).with_name("insights")
    done = subprocess.run(
        [insights],
        env={
            "PATH": "/usr/bin",
            "_INSIGHTS_COMPLETE": "complete_bash",
            "COMP_WORDS": "insights dec",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["decide"]
