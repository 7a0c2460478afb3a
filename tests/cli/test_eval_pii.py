"""`insights eval pii` as its users see it: without a workspace, in 80 columns, as JSON, and with its errors."""

import json
from pathlib import Path

import pytest

from tests.cli.test_start import commands, run

ROWS = [
    {
        "text": "write to ann.lee@firm.example or call +49 30 1234567",
        "spans": [
            {"start": 9, "end": 29, "type": "EMAIL_ADDRESS"},
            {"start": 38, "end": 52, "type": "PHONE_NUMBER"},
        ],
    },
    {"full_text": "Zoltan called", "spans": [{"start_position": 0, "end_position": 6, "entity_type": "PERSON"}]},
    {"text": "in 2026", "spans": [{"start": 3, "end": 7, "label": "DATE_TIME\u001b[31m"}]},
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "marked.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


def test_a_file_is_scored_without_a_workspace_in_eighty_columns(data: Path) -> None:
    done = run("eval", "pii", "--data", str(data), cwd=data.parent, COLUMNS="80")

    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    rows = {line.split()[0]: line.split() for line in lines if line}
    assert rows["structured"][1:] == ["2", "1.000", "2", "1.000", "1.000", "0.0%"]
    assert rows["NAME"][1:3] == ["1", "0.000"]
    for told in ("CPU seconds per 1,000 texts", "not looked for: DATE_TIME 1", "half of its characters", "Wilson"):
        assert told in " ".join(lines)
    assert "\x1b" not in done.stdout
    assert max(map(len, lines)) <= 80
    assert not (data.parent / ".insights").exists()


def test_json_holds_every_figure_with_its_interval_and_the_rule(data: Path) -> None:
    done = run("eval", "pii", "--data", str(data), "--json", "--regions", "de", cwd=data.parent)

    found = json.loads(done.stdout)
    assert (found["engine"], found["regions"], found["texts"]) == ("rules", ["DE"], 3)
    assert found["structured"]["recall"] == {"value": 1.0, "low": pytest.approx(0.342, abs=0.001), "high": 1.0} | {
        "hits": 2,
        "of": 2,
    }
    assert found["structured"]["f1"].keys() == {"value", "low", "high"}
    assert {kind["kind"] for kind in found["kinds"]} == {"EMAIL", "PHONE", "NAME"}
    assert "covers" in found["rule"] or "cover" in found["rule"]


def test_the_workspaces_settings_are_taken_unless_others_are_named(data: Path) -> None:
    folder = data.parent / "acme"
    folder.mkdir()
    (folder / "insights.toml").write_text('[privacy]\nphone_regions = ["CH"]\n', encoding="utf-8")

    theirs = run("-C", "acme", "eval", "pii", "--data", str(data), "--json", cwd=data.parent)
    named = run("-C", "acme", "eval", "pii", "--data", str(data), "--json", "--regions", "US,DE", cwd=data.parent)

    assert json.loads(theirs.stdout)["regions"] == ["CH"]
    assert json.loads(named.stdout)["regions"] == ["US", "DE"]


@pytest.mark.parametrize(
    ("arguments", "told", "code"),
    [
        (("--data", "none.jsonl"), "There is no file none.jsonl", 1),
        (("--data", "broken.jsonl"), "line 1: this is no JSON", 1),
        (("--data", "marked.jsonl", "--regions", "Germany"), "are no countries", 2),
        (("--data", "marked.jsonl", "--engine", "magic"), "--engine", 2),
    ],
)
def test_what_a_user_can_mend_is_said_in_words(data: Path, arguments: tuple[str, ...], told: str, code: int) -> None:
    (data.parent / "broken.jsonl").write_text("{", encoding="utf-8")

    done = run("eval", "pii", *arguments, cwd=data.parent)

    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_has_help_with_its_rule_an_example_and_options_that_say_what_they_do() -> None:
    command = commands()["eval"].commands["pii"]  # type: ignore[attr-defined]

    assert "half of its characters" in " ".join(command.help.split())
    assert "Example: insights eval pii" in command.epilog
    assert [option.name for option in command.params if not getattr(option, "help", None)] == []
