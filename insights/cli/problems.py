"""Look at problems, decide on them, find evidence, export."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.analysis import say_troubles
from insights.cli.app import AsJson, Globals, app
from insights.cli.lenses import through_lens
from insights.cli.output import as_json, check_place, console, say
from insights.domain.measure import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from insights.bootstrap import Workspace
    from insights.cli.lenses import Looked
    from insights.domain.feedback import Evidence
    from insights.domain.problem import Problem

_SOUGHT = """What to look for, by meaning; and filters: kind:nps, source:, account:, segment:, since:3m, until:2026-05,
score:0-6, problem:P-12."""
_SAVE = "Write all of them to a .csv, .xlsx or .parquet file, or draw the first to a .png or .svg."
Ref = Annotated[str, typer.Argument(metavar="PROBLEM", help="A problem's id, such as P-12.")]


@app.command(epilog="Example: insights problems --lens rice")
def problems(  # noqa: PLR0913, PLR0917 - an argument is an option
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are decided.")] = False,
    theme: Annotated[str | None, typer.Option(help="Only those of this theme: its name or id.")] = None,
    lens: Annotated[str | None, typer.Option(help="Another order: one of `insights lenses`.")] = None,
    weights: Annotated[str | None, typer.Option(help='Of the lens custom: "growth=2,severity=1".')] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    chart: Annotated[bool, typer.Option("--chart", help="Draw their ranges in place of the table.")] = False,
    of: Annotated[Measure, typer.Option(help="What a chart shows.")] = Measure.VALUE,
    save: Annotated[Path | None, typer.Option(help=_SAVE)] = None,
    json: AsJson = False,
) -> None:
    """Show problems, best return first, or in the order of another lens."""
    workspace = context.obj.open()
    triage = workspace.triage()
    found = triage.problems() if everything else triage.inbox()
    if theme is not None:
        wanted = workspace.repository.themes.find(theme).id
        found = [problem for problem in found if problem.theme_id == wanted]
    looked = through_lens(workspace, found, name=lens, weights=weights)
    found = looked.problems if looked else found
    if save is not None:
        _save(context.obj, workspace, found, save, limit=limit, of=of)
        return
    names = {one.id: one.name for one in workspace.repository.themes.all()}
    if json:
        told = looked.as_data() if looked else {}
        as_json([{**_summary(problem, names), **told.get(problem.id, {})} for problem in found[:limit]])
        return
    from insights.domain.figures import counted

    if not found:
        _say_none(context.obj, workspace)
        return
    screen = console()
    currency = workspace.settings.product.currency
    if chart:
        from insights.cli.range_chart import range_chart

        for line in range_chart(found[:limit], width=screen.width, currency=currency, measure=of):
            typer.echo(line)
    else:
        _print_table(found[:limit], looked, currency=currency, themes=names)
    say(context.obj, f"{min(limit, len(found))} of {len(found)}. Open one with: insights show {found[0].ref}")
    waiting = workspace.repository.feedback.counts()["mentions.unassigned"]
    if waiting:
        say(context.obj, f"{counted(waiting, 'mention')} in no problem: insights unassigned")
    say_troubles(context.obj, workspace)


def _say_none(options: Globals, workspace: "Workspace") -> None:
    """With the sources that may be why."""
    say(options, "No problem waits. `insights analyze` looks for new ones; --all shows the decided.")
    say_troubles(options, workspace)


def _print_table(
    found: "Sequence[Problem]", looked: "Looked | None", *, currency: str, themes: "Mapping[int, str]"
) -> None:
    """In the order of a lens with what moves, else by return."""
    screen = console()
    if looked is not None and looked.is_other:
        from insights.cli.lens_page import lens_page

        for part in lens_page(looked.views, looked.lens, currency=currency, width=screen.width, most=len(found)):
            screen.print(part)
        return
    from insights.cli.tables import problem_table

    screen.print(problem_table(found, currency=currency, width=screen.width, themes=themes))


def _save(
    options: Globals, workspace: "Workspace", found: "Sequence[Problem]", path: Path, *, limit: int, of: Measure
) -> None:
    """All of them as a table, or the first as a chart, by the file's ending."""
    from insights.cli.chart_picture import MOST, PICTURES, save_chart
    from insights.domain.figures import counted

    check_place(path)
    if path.suffix.lower() not in PICTURES:
        from insights.cli.spreadsheet import save_problems

        save_problems(found, path)
        say(options, f"{counted(len(found), 'problem')} written to {path}.")
        return
    drawn = found[: min(limit, MOST)]
    unreadable = save_chart(drawn, path, currency=workspace.settings.product.currency, measure=of).unreadable
    say(options, f"{len(drawn)} of {counted(len(found), 'problem')} drawn to {path}.")
    if unreadable:
        say(options, f"note: letters of {', '.join(unreadable[:5])} are boxes in a .png; an .svg shows them.")


@app.command(epilog="Example: insights show P-12")
def show(
    context: typer.Context,
    problem: Ref,
    items: Annotated[
        bool, typer.Option("--items", help="List all its items with their names, and those elsewhere that state it.")
    ] = False,
    assumptions: Annotated[bool, typer.Option("--assumptions", help="List all that its estimate assumes.")] = False,
    json: AsJson = False,
) -> None:
    """Show one problem: summary, quotes, estimate with its assumptions, trend by week, history."""
    from insights.domain.problem import parse_problem_ref, problem_ref

    workspace = context.obj.open()
    triage = workspace.triage()
    wanted = parse_problem_ref(problem)
    found = workspace.repository.problems.get(wanted, weeks=26)
    if found.id != wanted:
        say(context.obj, f"{problem_ref(wanted)} was merged into {found.ref}.")
    if items:
        _show_items(context.obj, triage.items(found.id), triage.items_elsewhere(found.id), json=json)
        return
    quotes, history = triage.quotes(found.id), triage.history(found.id)
    elsewhere = triage.count_elsewhere(found.id)
    names = {one.id: one.name for one in workspace.repository.themes.all()}
    if json:
        more = {
            "assessed": triage.assessed(found.id),
            "items_elsewhere": elsewhere,
            "quotes": [_evidence(one) for one in quotes],
            "history": history,
        }
        as_json({**_summary(found, names), "summary": found.summary, **more})
        return
    from insights.bootstrap import now
    from insights.cli.tables import filed_section, problem_page

    similar = [(triage.problem(number), cosine) for number, cosine in triage.similar(found.id)]
    page = problem_page(
        found,
        quotes,
        history,
        similar,
        currency=workspace.settings.product.currency,
        theme=names.get(found.theme_id or 0),
        elsewhere=elsewhere,
        assessed=triage.assessed(found.id),
        assumptions=assumptions,
    )
    for part in (*page, *filed_section(found.exported, now=now())):
        console().print(part)


def _show_items(options: Globals, found: "Sequence[Evidence]", elsewhere: "Sequence[Evidence]", *, json: bool) -> None:
    from insights.domain.figures import counted

    if json:
        as_json([_item(one) for one in (*found, *elsewhere)])
        return
    from insights.cli.books import item_table
    from insights.cli.tables import elsewhere_in_words

    screen = console()
    screen.print(item_table(found, width=screen.width))
    say(options, f"{counted(len(found), 'item')}, newest first.")
    if elsewhere:
        screen.print(f"\n{elsewhere_in_words(len(elsewhere))}", style="bold")
        screen.print(item_table(elsewhere, width=screen.width, elsewhere=True))


def _item(one: "Evidence") -> dict[str, object]:
    from insights.domain.problem import problem_ref
    from insights.text.clean import one_line, sanitise

    return {
        "ref": sanitise(one.ref),
        "problem": problem_ref(one.problem_id or 0),
        "feedback_id": one.feedback_id,
        "day": one.created_at.date(),
        "account": one_line(one.account_name, 120) if one.account_name else None,
        "words": one_line(one.text, 300),
        "gives_orders": one.is_order,
    }


def _evidence(one: "Evidence") -> dict[str, object]:
    from dataclasses import asdict

    data = asdict(one)
    data["gives_orders"] = data.pop("is_order")
    return data


@app.command(epilog='Example: insights search export times out kind:ticket since:3m "score:<=3"')
def search(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help=_SOUGHT)],
    kind: Annotated[str | None, typer.Option(help="ticket, nps, note or review.")] = None,
    source: Annotated[str | None, typer.Option(help="Name of a source.")] = None,
    account: Annotated[str | None, typer.Option(help="Name of an account.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day on: 2026-05-01.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 10,
    json: AsJson = False,
) -> None:
    """Find evidence by meaning, with filters; by filters alone, the newest."""
    from insights.bootstrap import now
    from insights.cli.tables import evidence_table, filters_of
    from insights.domain.query import read_query
    from insights.search import search as find

    given = filters_of(kind=kind, source=source, account=account, since=since)
    query = read_query(_one_line(words), today=now().date(), filters=given)
    workspace = context.obj.open()
    with workspace.vectors() as vectors:
        found = find(
            query.words,
            repository=workspace.repository,
            embedder=workspace.embedder,
            vectors=vectors,
            filters=query.filters,
            count=limit,
        )
    if json:
        as_json([_evidence(one) for one in found])
    elif found:
        console().print(evidence_table(found, currency=workspace.settings.product.currency))
    else:
        say(context.obj, "Nothing found. Fewer filters or other words may help.")


def _one_line(words: "Sequence[str]") -> str:
    """As it was typed: of several words, the shell took the quotes from a filter's value (account:"Acme Corp")."""
    from insights.domain.query import HELP

    if len(words) == 1:
        return words[0]
    parts = []
    for word in words:
        name, colon, value = word.partition(":")
        has_lost_quotes = colon and name in HELP and " " in value and not value.startswith('"')
        parts.append(f'{name}:"{value}"' if has_lost_quotes else word)
    return " ".join(parts)


def _summary(problem: "Problem", themes: "Mapping[int, str]") -> dict[str, object]:
    from dataclasses import asdict

    return {"ref": problem.ref, "theme": themes.get(problem.theme_id or 0), **asdict(problem)}
