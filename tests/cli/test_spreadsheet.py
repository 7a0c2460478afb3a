"""The list of problems goes into a spreadsheet without anything in it running there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from insights.cli.spreadsheet import save_problems
from insights.domain.estimate import Range
from insights.errors import InsightsError
from tests.builders import a_problem, an_estimate


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_each_form_holds_the_same_rows(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"problems.{ending}"
    save_problems([a_problem(title="Export hangs"), a_problem(title="Login loops")], path)

    read: Callable[[Path], pd.DataFrame] = getattr(
        pd, {"csv": "read_csv", "xlsx": "read_excel"}.get(ending, "read_parquet")
    )
    table = read(path)

    assert list(table["title"]) == ["Export hangs", "Login loops"]
    assert {"value_low", "value_likely", "value_high", "roi_likely", "accounts"} <= set(table.columns)


@pytest.mark.parametrize("title", ["=1+1", "+SUM(A1)", "@cmd", "-2+3", "\t=1", "＝1＋1"])
def test_a_title_that_a_spreadsheet_would_run_is_text(tmp_path: Path, title: str) -> None:
    save_problems([a_problem(title=title)], tmp_path / "p.csv")
    assert pd.read_csv(tmp_path / "p.csv")["title"][0].startswith("'")


def test_an_ending_may_be_in_capitals_and_no_problem_is_a_table_of_columns_alone(tmp_path: Path) -> None:
    save_problems([a_problem(title="Export hangs")], tmp_path / "P.XLSX")
    save_problems([], tmp_path / "none.CSV")

    assert list(pd.read_excel((tmp_path / "P.XLSX").open("rb"))["title"]) == ["Export hangs"]
    empty = pd.read_csv(tmp_path / "none.CSV")
    assert len(empty) == 0
    assert {"problem", "value_likely", "summary"} <= set(empty.columns)


def test_amounts_have_cents_and_no_more(tmp_path: Path) -> None:
    estimate = replace(an_estimate(), value=Range(1.23456, 7.891011, 20))
    save_problems([a_problem(estimate=estimate)], tmp_path / "p.csv")
    row = pd.read_csv(tmp_path / "p.csv").iloc[0]
    assert (row["value_low"], row["value_likely"], row["value_high"]) == (1.23, 7.89, 20.0)


def test_another_ending_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(InsightsError) as caught:
        save_problems([], tmp_path / "p.pdf")
    assert ".xlsx" in caught.value.remedy
    assert ".svg" in caught.value.remedy
