"""Write the list of problems as a table for spreadsheets and notebooks."""

from collections.abc import Sequence
from pathlib import Path

from insights.cli.chart_picture import PICTURES
from insights.domain.problem import Problem
from insights.errors import ExitCode, InsightsError
from insights.text.cells import inert_cell
from insights.text.clean import one_line

FORMS = (".csv", ".xlsx", ".parquet")


def save_problems(problems: Sequence[Problem], path: Path) -> None:
    """One row a problem; the form by the file's ending. Words in it are text for a spreadsheet, never formulas."""
    if path.suffix not in FORMS:
        raise InsightsError(
            f"{path.name} is not a kind of table that can be written.",
            remedy=f"End its name in {', '.join(FORMS)}, or for a chart in {' or '.join(PICTURES)}.",
            exit_code=ExitCode.USAGE,
        )
    import pandas as pd

    table = pd.DataFrame([_row(problem) for problem in problems])
    if path.suffix == ".csv":
        table.to_csv(path, index=False)
    elif path.suffix == ".xlsx":
        table.to_excel(path, index=False, sheet_name="problems")
    else:
        table.to_parquet(path, index=False)


def _row(problem: Problem) -> dict[str, object]:
    estimate = problem.estimate
    money = {
        f"{name}_{end}": getattr(getattr(estimate, name), end) if estimate else None
        for name in ("value", "cost", "roi")
        for end in ("low", "likely", "high")
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
        **money,
        "summary": inert_cell(one_line(problem.summary, 2000)),
    }
