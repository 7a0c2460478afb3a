"""Show the discovery brief of a problem."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, say

if TYPE_CHECKING:
    from insights.briefing import Discovery
    from insights.domain.brief import Entry
    from insights.domain.feedback import Evidence
    from insights.grounds.known import Payer


@app.command(epilog="Example: insights brief P-12")
def brief(
    context: typer.Context,
    problem: Annotated[str, typer.Argument(metavar="PROBLEM", help="A problem's id, such as P-12.")],
    anew: Annotated[bool, typer.Option("--anew", help="Write it anew, also where the one that is kept holds.")] = False,
    markdown: Annotated[
        bool | None,
        typer.Option("--markdown/--plain", help="As Markdown, or as a page; else Markdown where it is piped."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Show what to know of a problem before deciding: whom it hurts, what it costs them, risks, what nobody said."""
    from insights.bootstrap import now
    from insights.briefing import discover
    from insights.domain.problem import parse_problem_ref
    from insights.language.briefs import Briefer

    workspace = context.obj.open()
    desk = workspace.desk()
    settings = workspace.settings
    found = discover(
        parse_problem_ref(problem),
        repository=workspace.repository,
        briefer=Briefer(desk) if desk else None,
        settings=settings,
        now=now(),
        anew=anew,
    )
    if json:
        as_json(_discovery(found, settings.product.currency))
        return
    _show(found, settings.product.currency, as_markdown=not sys.stdout.isatty() if markdown is None else markdown)
    for line in (*([found.note] if found.note else []), *(f"note: {failure}" for failure in found.failures)):
        say(context.obj, line)


def _show(found: "Discovery", currency: str, *, as_markdown: bool) -> None:
    if as_markdown:
        from insights.cli.brief_markdown import brief_markdown

        typer.echo(brief_markdown(found, currency=currency), nl=False)
        return
    from insights.cli.brief_page import brief_page

    screen = console()
    for part in brief_page(found, currency=currency):
        screen.print(part)


def _discovery(found: "Discovery", currency: str) -> dict[str, Any]:
    from insights.briefing import facts_of
    from insights.text.clean import one_line

    problem, known = found.problem, found.known
    return {
        "problem": problem.ref,
        "title": one_line(problem.title),
        "mode": found.mode,
        "at": found.at,
        "told_from": found.told_from,
        "facts": facts_of(problem, known, currency=currency),
        "fields": [_field(entry) for entry in found.entries],
        "evidence": {"enough": known.gate.is_enough, "checks": known.gate.checks},
        "accounts": [_account(payer) for payer in known.payers],
        "weekly": problem.weekly,
        "quotes": [_quote(one) for one in known.quotes],
        "brief": found.brief.fields(),
        "dropped": found.brief.dropped,
        "note": found.note,
        "failures": found.failures,
    }


def _field(entry: "Entry") -> dict[str, Any]:
    """`asks` is None where nothing is left to ask."""
    from insights.text.clean import one_line

    return {
        "field": entry.key,
        "name": entry.name,
        "from": entry.origins,
        "told": [
            {"words": one_line(told.words), "from": told.origin, "items": [one_line(ref, 300) for ref in told.refs]}
            for told in entry.told
        ],
        "asks": entry.asks or None,
    }


def _account(payer: "Payer") -> dict[str, Any]:
    from insights.text.clean import one_line

    groups = {"segment": payer.segment, "plan": payer.plan, "region": payer.region}
    return {
        "account": one_line(payer.name, 120),
        "revenue": payer.revenue,
        **{name: one_line(group, 60) if group else None for name, group in groups.items()},
        "renewal": payer.renewal,
        "left": payer.left,
        "items": payer.items,
    }


def _quote(one: "Evidence") -> dict[str, Any]:
    from insights.text.clean import one_line, sanitise

    return {
        "ref": sanitise(one.ref),
        "account": one_line(one.account_name, 120) if one.account_name else None,
        "day": one.created_at.date(),
        "words": one_line(one.text, 300),
        "gives_orders": one.is_order,
    }
