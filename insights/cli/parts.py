"""Show the parts of problems: the finest level, beneath the problems."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, console, progress_bar, say
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from insights.parts import Part


@app.command(epilog="Example: insights parts P-12")
def parts(
    context: typer.Context,
    problem: Annotated[
        str | None, typer.Argument(metavar="[PROBLEM]", help="A problem's id, such as P-12; or --all.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Small parts of all problems, most revenue first.")] = False,
    min_accounts: Annotated[int, typer.Option(min=0, help="With --all: from at least so many accounts.")] = 2,
    limit: Annotated[int, typer.Option(min=1, help="With --all: how many.")] = 20,
    json: AsJson = False,
) -> None:
    """Show the parts of a problem: items that are more like each other than like the rest. Changes nothing."""
    if (problem is None) != everything:
        raise InsightsError(
            "Say whose parts: one problem's, or those of all.",
            remedy="Use `insights parts P-12`, or `insights parts --all`.",
            exit_code=ExitCode.USAGE,
        )
    if problem is None:
        _show_hidden(context.obj, min_accounts=min_accounts, limit=limit, json=json)
    else:
        _show_parts(context.obj, problem, json=json)


def _show_parts(options: Globals, problem: str, *, json: bool) -> None:
    from insights.domain.problem import parse_problem_ref
    from insights.parts import parts as find

    workspace = options.open()
    with progress_bar(options) as progress, workspace.vectors() as vectors:
        progress("looking for parts", 0, 0)
        found = find(parse_problem_ref(problem), repository=workspace.repository, vectors=vectors)
    if json:
        from insights.text.clean import sanitise

        data = {"problem": found.problem.ref, "parts": [_part(part) for part in found.parts]}
        as_json(
            {
                **data,
                "alone": [sanitise(name) for name in found.alone],
                "mentions": found.mentions,
                "of_mentions": found.of_mentions,
            }
        )
        return
    from insights.cli.pieces import parts_page

    screen = console()
    for line in parts_page(found, currency=workspace.settings.product.currency):
        screen.print(line)
    if found.is_split:
        ref = found.problem.ref
        say(options, f"Split one off with: insights split {ref} --part {found.parts[-1].name}")


def _show_hidden(options: Globals, *, min_accounts: int, limit: int, json: bool) -> None:
    from insights.parts import hidden_parts

    workspace = options.open()
    with progress_bar(options) as progress, workspace.vectors() as vectors:
        found = hidden_parts(
            repository=workspace.repository,
            vectors=vectors,
            min_accounts=min_accounts,
            limit=limit,
            progress=progress,
        )
    if json:
        as_json([{"problem": problem.ref, **_part(part)} for problem, part in found])
    elif found:
        from insights.cli.pieces import hidden_table

        screen = console()
        screen.print(hidden_table(found, currency=workspace.settings.product.currency, width=screen.width))
        say(options, f"See one with: insights parts {found[0][0].ref}")
    else:
        say(options, "No problem has such a part; --min-accounts 0 asks for less.")


def _part(part: "Part") -> dict[str, Any]:
    from insights.text.clean import one_line, sanitise

    return {
        "part": part.name,
        "items": [sanitise(name) for name in part.items],
        "accounts": part.accounts,
        "revenue": part.revenue,
        "accounts_of_unknown_revenue": part.unknown,
        "likeness": part.likeness,
        "likeness_to_rest": part.outside,
        "typical": one_line(part.typical.text, 300),
    }
