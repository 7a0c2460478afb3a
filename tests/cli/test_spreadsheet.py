"""The list of problems goes into a spreadsheet without anything in it running there."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from insights.cli.spreadsheet import save_problems
from insights.errors import InsightsError
from tests.builders import a_problem


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


def test_another_ending_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(InsightsError) as caught:
        save_problems([], tmp_path / "p.pdf")
    assert ".xlsx" in caught.value.remedy
    assert ".svg" in caught.value.remedy
