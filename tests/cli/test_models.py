"""`insights models quantize` as its users see it: without a workspace, in 80 columns, as JSON, and with its errors."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_start import ROOT, commands, run
from tests.embedding.small_transformer import texts_of_words, write_transformer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model, and a file of labelled texts beside it."""
    write_transformer(tmp_path / "small")
    rows = [(text, f"of {place % 3}") for place, text in enumerate(texts_of_words(150))]
    with (tmp_path / "data.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows, ("word1 without a label", "")])
    return tmp_path


def test_the_page_tells_size_speed_and_neighbours_in_eighty_columns(folder: Path) -> None:
    done = run("models", "quantize", "small", "--limit", "200", cwd=folder, COLUMNS="80")

    assert done.returncode == 0
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert lines[0] == "Int8 weights are in small-int8."
    for told in ("weights, MB", "texts per second", "CPU seconds", "10 nearest", "stay the same", "95% intervals"):
        assert told in done.stdout
    assert "their label" not in done.stdout
    assert max(map(len, lines)) <= 80
    assert f'"onnx:{folder.resolve() / "small-int8"}"' in done.stderr
    assert {file.name for file in folder.iterdir()} == {"small", "small-int8", "data.csv"}


def test_json_holds_the_sizes_and_the_comparison_on_a_labelled_file(folder: Path) -> None:
    columns = ("--data", "data.csv", "--text", "text", "--label", "label")

    done = run("models", "quantize", "small", "--out", "made", *columns, "--limit", "120", "--json", cwd=folder)

    found = json.loads(done.stdout)
    assert done.stderr == ""
    assert (found["source"], found["folder"]) == ("small", "made")
    assert found["megabytes_after"] < found["megabytes_before"]
    told = found["comparison"]
    assert told["texts"] == 120
    assert told["neighbours_kept"].keys() == {"value", "low", "high"}
    assert told["accuracy"].keys() == {"labels", "before", "after", "change"}
    assert told["accuracy"]["labels"] == 3
    assert (folder / "made" / "model.onnx").exists()


def test_labels_are_told_on_the_page_too(folder: Path) -> None:
    columns = ("--data", "data.csv", "--text", "text", "--label", "label")

    done = run("models", "quantize", "small", *columns, cwd=folder)

    assert "their label, of 3 labels" in done.stdout
    assert "Over 150 texts" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told", "code"),
    [
        (("nowhere",), "There is no folder nowhere", 1),
        (("/",), "/ has no model.onnx", 1),
        (("small", "--out", "small"), "small is not empty", 1),
        (("small", "--data", "data.csv"), "needs --data, --text and --label", 2),
        (("small", "--text", "text"), "needs --data, --text and --label", 2),
        (("small", "--data", "data.csv", "--text", "xyz", "--label", "label"), "The columns are: text, label", 2),
        (("small", "--data", "none.csv", "--text", "text", "--label", "label"), "There is no file none.csv", 1),
        (("small", "--data", "few.csv", "--text", "text", "--label", "label"), "too few", 1),
        (("small", "--limit", "9"), "--limit", 2),
        ((), "path", 2),
    ],
)
def test_what_a_user_can_mend_is_said_in_words(folder: Path, arguments: tuple[str, ...], told: str, code: int) -> None:
    (folder / "few.csv").write_text("text,label\nIt fails,a\nIt hangs,b\n", encoding="utf-8")

    done = run("models", "quantize", *arguments, cwd=folder)

    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "small-int8").exists()


def test_the_command_has_help_an_example_and_options_that_say_what_they_do() -> None:
    command = commands()["models"].commands["quantize"]  # type: ignore[attr-defined]

    assert "int8" in command.help
    assert "Example: insights models quantize" in command.epilog
    assert [option.name for option in command.params if not getattr(option, "help", None)] == []


def test_the_help_loads_no_model_library() -> None:
    code = "import sys, insights.cli.main; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert not {"onnx", "onnxruntime", "tokenizers", "numpy", "rich"} & set(done.stdout.split())
