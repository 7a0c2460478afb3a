"""Texts and labels are read as they were written."""

import json
from pathlib import Path

import pandas as pd
import pytest

from connectors.sources.labelled import LabelledFile, LabelledText
from insights.errors import ExitCode, InsightsError

ROWS = [
    {"words": "It fails", "topic": "None"},
    {"words": "It hangs", "topic": "n/a|slow"},
    {"words": "It stops", "topic": None},
]
READ = [
    LabelledText("It fails", ("None",)),
    LabelledText("It hangs", ("n/a", "slow")),
    LabelledText("It stops", ()),
]


def written(folder: Path, ending: str) -> Path:
    path = folder / f"data.{ending}"
    table = pd.DataFrame(ROWS)
    if ending in ("csv", "tsv"):
        table.to_csv(path, index=False, sep="\t" if ending == "tsv" else ",")
    elif ending == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in ROWS), encoding="utf-8")
    elif ending == "xlsx":
        table.to_excel(path, index=False)
    else:
        table.to_parquet(path, index=False)
    return path


def csv_of(folder: Path, *lines: str) -> Path:
    path = folder / "data.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet", "xlsx"])
def test_every_form_says_the_same_and_none_is_a_label(tmp_path: Path, ending: str) -> None:
    assert list(LabelledFile(written(tmp_path, ending), "words", "topic").read()) == READ


def test_a_row_without_text_and_a_broken_row_are_told_from_the_others(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "text,label", "It fails,a", ",b", "too,many,values", "It hangs,c")

    read = list(LabelledFile(path, "text", "label").read())

    assert [row and row.labels for row in read] == [("a",), None, None, ("c",)]


@pytest.mark.parametrize(
    ("separator", "labels"),
    [("|", ("a;b", "c")), (";", ("a", "b| c |c")), ("", ("a;b| c |c",)), ("| c |", ("a;b", "c"))],
)
def test_labels_are_cut_at_the_separator_and_stand_once(
    tmp_path: Path, separator: str, labels: tuple[str, ...]
) -> None:
    path = csv_of(tmp_path, "text,label", "It fails,a;b| c |c")

    assert list(LabelledFile(path, "text", "label", separator).read()) == [LabelledText("It fails", labels)]


def test_a_list_of_labels_in_json_is_cut_at_its_commas(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"text": "It fails", "labels": ["login", "slow"]}\n', encoding="utf-8")

    assert [row and row.labels for row in LabelledFile(path, "text", "labels", ",").read()] == [("login", "slow")]


def test_numbers_are_labels(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    pd.DataFrame({"text": ["It fails", "It hangs"], "label": [3.0, 12.0]}).to_parquet(path)

    assert [row and row.labels for row in LabelledFile(path, "text", "label").read()] == [("3",), ("12",)]


def test_a_column_is_found_whatever_its_case(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "Text,Label", "It fails,a")

    assert list(LabelledFile(path, "text", "label").read()) == [LabelledText("It fails", ("a",))]


def test_a_missing_column_is_an_error_that_names_those_that_exist(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "body,topic", "It fails,a")

    with pytest.raises(InsightsError, match="'xyz'") as caught:
        list(LabelledFile(path, "body", "xyz").read())
    assert "body, topic" in caught.value.remedy
    assert caught.value.exit_code == ExitCode.USAGE


def test_text_and_label_cannot_be_one_column(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "body,topic", "It fails,a")

    with pytest.raises(InsightsError, match="text and as the label"):
        list(LabelledFile(path, "body", "Body").read())


def test_rows_are_drawn_at_random_from_those_with_a_label_and_are_the_same_each_time(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "text,label", *(f"It fails {row},{'a' if row % 2 else ''}" for row in range(100)))
    file = LabelledFile(path, "text", "label")

    drawn = [file.drawn(10, progress=lambda *_: None) for _ in range(2)]

    numbers = [int(row.text.split()[-1]) for row in drawn[0]]
    assert drawn[0] == drawn[1]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 10
    assert all(number % 2 for number in numbers)
    assert numbers != list(range(1, 21, 2))


def test_no_more_rows_are_drawn_than_there_are(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "text,label", "It fails,a", "It hangs,b", "It stops,")

    drawn = LabelledFile(path, "text", "label").drawn(10, progress=lambda *_: None)

    assert [row.labels for row in drawn] == [("a",), ("b",)]
