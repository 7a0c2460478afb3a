"""The board by command: what is in its columns, and putting a problem somewhere else on it."""

from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, say
from insights.cli.problems import Ref
from insights.domain.access import Act
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from insights.domain.problem import Column, Problem


@app.command(epilog="Example: insights board")
def board(context: typer.Context, json: AsJson = False) -> None:
    """Show what was accepted, in the columns Now, Next and Later; Now beside its limit of work in progress."""
    from insights.domain.board import on_board
    from insights.domain.problem import Column, State

    workspace = context.obj.open()
    problems = workspace.triage().problems()
    limit = workspace.settings.triage.now_limit
    columns = {column: on_board(problems, column) for column in Column}
    wont = [problem for problem in problems if problem.state is State.DISMISSED]
    if json:
        told = [
            {"column": column, "count": len(inside), "limit": limit if column is Column.NOW and limit else None}
            | {"problems": [_as_data(one) for one in inside]}
            for column, inside in columns.items()
        ]
        as_json({"columns": told, "wont": {"count": len(wont), "problems": [_as_data(one) for one in wont]}})
        return
    screen = console()
    for column, inside in columns.items():
        screen.print(_heading(column, len(inside), limit), style="bold")
        for line in _lines(inside, currency=workspace.settings.product.currency, width=screen.width):
            screen.print(line)
    screen.print(f"Won't {len(wont)}", style="bold")
    say(context.obj, "Move one with: insights place P-12 --to now. `insights problems --all` lists the dismissed.")


def _heading(column: "Column", count: int, limit: int) -> str:
    from insights.domain.problem import COLUMN_TITLES, Column

    limited = f"/{limit}" if column is Column.NOW and limit else ""
    more = f", {count - limit} over the limit" if limited and count > limit else ""
    return f"{COLUMN_TITLES[column]} {count}{limited}{more}"


def _lines(problems: "Sequence[Problem]", *, currency: str, width: int) -> "Iterator[str]":
    """One a problem: id, value a year, title."""
    from insights.domain.figures import likely
    from insights.text.clean import one_line

    for problem in problems:
        value = likely(problem.estimate.value, currency) if problem.estimate else "-"
        yield f"  {problem.ref:<7}{value:>8}  {one_line(problem.title, max(width - 19, 20))}"


def _as_data(problem: "Problem") -> dict[str, object]:
    from insights.text.clean import one_line

    return {
        "ref": problem.ref,
        "title": one_line(problem.title),
        "value": problem.estimate.value if problem.estimate else None,
        "rank": problem.estimate.rank if problem.estimate else None,
        "place": problem.place,
        "exported": problem.exported,
    }


@app.command(epilog="Example: insights place P-12 --to now --before P-7")
def place(
    context: typer.Context,
    problem: Ref,
    to: Annotated[str | None, typer.Option(help="The column: now, next or later; without it, its own.")] = None,
    before: Annotated[str | None, typer.Option(metavar="PROBLEM", help="Just above this one.")] = None,
    first: Annotated[bool, typer.Option("--first", help="At the top of the column.")] = False,
    last: Annotated[bool, typer.Option("--last", help="At its end.")] = False,
    json: AsJson = False,
) -> None:
    """Put an accepted problem somewhere else on the board; without a place it stands by its rank."""
    from insights.domain.board import on_board, places_for
    from insights.domain.intent import Intent
    from insights.domain.problem import COLUMN_TITLES, Action, Column, parse_problem_ref

    if (before is not None) + first + last > 1:
        raise _usage("--before, --first and --last say different things.", "Use one of them.")
    workspace = context.obj.open(Act.DECIDE)
    triage = workspace.triage()
    found = triage.problem(parse_problem_ref(problem))
    other = triage.problem(parse_problem_ref(before)) if before is not None else None
    column = _column_for(found, other, to)
    others = [one for one in on_board(triage.problems(), column) if one.id != found.id]
    row = _row(others, other, column, first=first, last=last)
    places = {found.id: None} if row is None else places_for(found.id, others, row)
    intents = [
        Intent(problem_id=number, action=Action.PLACE, column=column, place=spot) for number, spot in places.items()
    ]
    made = triage.decide_all(intents)
    if json:
        as_json(made)
    inside = [one.id for one in on_board(triage.problems(), Column(column))]
    say(
        context.obj,
        f"{found.ref} is {inside.index(found.id) + 1} of {len(inside)} in {COLUMN_TITLES[column]}. "
        "Take it back with: insights undo",
    )


def _column_for(found: "Problem", other: "Problem | None", to: str | None) -> "Column":
    """The column that is named, else that of the other problem, else the problem's own."""
    from insights.domain.problem import Column

    if to is not None:
        return read_column(to)
    return (other.column if other else found.column) or Column.NEXT


def _row(
    others: "Sequence[Problem]", other: "Problem | None", column: "Column", *, first: bool, last: bool
) -> int | None:
    """Where among the others of the column, from 0; None for a place by its rank. Raises InsightsError."""
    from insights.domain.problem import COLUMN_TITLES

    if other is None:
        return 0 if first else len(others) if last else None
    row = next((row for row, one in enumerate(others) if one.id == other.id), None)
    if row is None:
        raise _usage(f"{other.ref} is not another problem in {COLUMN_TITLES[column]}.", "`insights board` shows it.")
    return row


def read_column(text: str) -> "Column":
    """now, next or later. Raises InsightsError for anything else."""
    from insights.domain.problem import Column

    word = text.strip().casefold()
    if word not in list(Column):
        raise _usage(f"{text!r} is not a column of the board.", "Use now, next or later.")
    return Column(word)


def _usage(words: str, remedy: str) -> InsightsError:
    return InsightsError(words, remedy=remedy, exit_code=ExitCode.USAGE)
