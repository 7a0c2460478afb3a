"""`insights eval groups` as its users see it: without a workspace, in 80 columns, as JSON, and with its errors."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.test_start import commands, run
from tests.test_evaluation import texts_and_labels

COLUMNS = ("--text", "text", "--label", "label")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *texts_and_labels()])
    return path


def test_a_file_is_scored_without_a_workspace_in_eighty_columns(data: Path) -> None:
    done = run("eval", "groups", "--data", str(data), *COLUMNS, cwd=data.parent, COLUMNS="80")

    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert lines[0] == "48 items, 48 mentions, 4 true labels."
    for told in ("AMI", "ARI", "V-measure", "B-cubed", "item-problem pairs", "95% interval", "wall s", "together"):
        assert told in done.stdout
    assert max(map(len, lines)) <= 80
    assert not (data.parent / ".insights").exists()


def test_json_holds_every_score_with_its_interval(data: Path) -> None:
    done = run("eval", "groups", "--data", str(data), *COLUMNS, "--limit", "40", "--json", cwd=data.parent)

    found = json.loads(done.stdout)
    assert found["items"] == 40
    for name in ("left_out", "ami", "ari", "v_measure", "gain"):
        assert found["scores"][name].keys() == {"value", "low", "high"}
    for name in ("bcubed", "pairs", "one_each"):
        assert found["scores"][name].keys() == {"precision", "recall", "f1"}
    assert [step["name"] for step in found["steps"]] == ["read", "clean", "split", "embed", "group", "score"]


def test_the_workspaces_embedder_is_taken_unless_another_is_named(data: Path) -> None:
    folder = data.parent / "acme"
    folder.mkdir()
    (folder / "insights.toml").write_text('[embedding]\nembedder = "onnx:nowhere"\n', encoding="utf-8")

    theirs = run("-C", "acme", "eval", "groups", "--data", str(data), *COLUMNS, cwd=data.parent)
    named = run("-C", "acme", "eval", "groups", "--data", str(data), *COLUMNS, "--embedder", "static", cwd=data.parent)
    by_variable = run(
        "eval", "groups", "--data", str(data), *COLUMNS, cwd=data.parent, INSIGHTS_EMBEDDING_EMBEDDER="onnx:elsewhere"
    )

    assert "acme/nowhere is no embedding model" in theirs.stderr
    assert named.returncode == 0
    assert "elsewhere is no embedding model" in by_variable.stderr


@pytest.mark.parametrize(
    ("arguments", "told", "code"),
    [
        (("--data", "data.csv", "--text", "xyz", "--label", "label"), "The columns are: text, label", 2),
        (("--data", "data.csv", "--text", "text", "--label", "lable"), "Did you mean label?", 2),
        (("--data", "data.csv", "--text", "text", "--label", "text"), "Name two columns", 2),
        (("--data", "none.csv", *COLUMNS), "There is no file none.csv", 1),
        (("--data", "empty.csv", *COLUMNS), "empty.csv is empty", 1),
        (("--data", "one.csv", *COLUMNS), "Every label in 'label' is 'a'", 1),
        (("--data", "data.csv", *COLUMNS, "--embedder", "word2vec"), "Use static, onnx:FOLDER or openai:MODEL", 2),
        (("--data", "data.csv", *COLUMNS, "--limit", "1"), "--limit", 2),
    ],
)
def test_what_a_user_can_mend_is_said_in_words(data: Path, arguments: tuple[str, ...], told: str, code: int) -> None:
    (data.parent / "empty.csv").touch()
    (data.parent / "one.csv").write_text("text,label\nIt fails,a\nIt hangs,a\n", encoding="utf-8")

    done = run("eval", "groups", *arguments, cwd=data.parent)

    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_has_help_an_example_and_options_that_say_what_they_do() -> None:
    command = commands()["eval"].commands["groups"]  # type: ignore[attr-defined]

    assert "agree" in command.help
    assert "Example: insights eval groups" in command.epilog
    assert [option.name for option in command.params if not getattr(option, "help", None)] == []
