"""Write the list of problems as a table for spreadsheets and notebooks."""

from collections.abc import Sequence
from pathlib import Path

from insights.cli.chart_picture import PICTURES
from insights.domain.problem import Problem
from insights.errors import ExitCode, InsightsError
from insights.text.cells import inert_cell
from insights.text.clean import one_line

FORMS = (".csv", ".xlsx", ".parquet")

_AMOUNTS = {f"{name}_{end}": (name, end) for name in ("value", "cost", "roi") for end in ("low", "likely", "high")}
_COLUMNS = [
    *("problem", "rank", "title", "kind", "state", "movement", "items", "accounts", "first_seen", "last_seen"),
    *_AMOUNTS,
    "summary",
]
_CENTS = 2
"""Decimals; more would look as if somebody knew them."""


def save_problems(problems: Sequence[Problem], path: Path) -> None:
    """One row a problem; the form by the file's ending. Words in it are text for a spreadsheet, never formulas."""
    form = path.suffix.lower()
    if form not in FORMS:
        raise InsightsError(
            f"{path.name} is not a kind of table that can be written.",
            remedy=f"End its name in {', '.join(FORMS)}, or for a chart in {' or '.join(PICTURES)}.",
            exit_code=ExitCode.USAGE,
        )
    import pandas as pd

    table = pd.DataFrame([_row(problem) for problem in problems], columns=_COLUMNS)
    if form == ".csv":
        table.to_csv(path, index=False)
    elif form == ".xlsx":
        with path.open("wb") as file:
            table.to_excel(file, index=False, sheet_name="problems", engine="openpyxl")
    else:
        table.to_parquet(path, index=False)


def _row(problem: Problem) -> dict[str, object]:
    estimate = problem.estimate
    amounts = {
        column: round(float(getattr(getattr(estimate, name), end)), _CENTS) if estimate else None
        for column, (name, end) in _AMOUNTS.items()
    }
    return {
        "problem": problem.ref,
        "rank": estimate.rank if estimate else None,
        "title": inert_cell(one_line(problem.title)),
        "kind": problem.stance.value,
        "state": problem.state.value,
        "movement": problem.movement.value,
        "items": problem.items,
        "accounts": problem.accounts,
        "first_seen": problem.first_seen.date().isoformat(),
        "last_seen": problem.last_seen.date().isoformat(),
        **amounts,
        "summary": inert_cell(one_line(problem.summary, 2000)),
    }
