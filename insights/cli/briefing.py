"""Show the discovery brief of a problem."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, say

if TYPE_CHECKING:
    from insights.briefing import Discovery


@app.command(epilog="Example: insights brief P-12")
def brief(
    context: typer.Context,
    problem: Annotated[str, typer.Argument(metavar="PROBLEM", help="A problem's id, such as P-12.")],
    anew: Annotated[bool, typer.Option("--anew", help="Write it anew, also where the one that is kept holds.")] = False,
    json: AsJson = False,
) -> None:
    """Show what to know of a problem before deciding: whom it hurts, what it costs them, risks, what nobody said."""
    from insights.bootstrap import now
    from insights.briefing import discover
    from insights.domain.problem import parse_problem_ref
    from insights.language.briefs import Briefer

    workspace = context.obj.open()
    desk = workspace.desk()
    currency = workspace.settings.product.currency
    found = discover(
        parse_problem_ref(problem),
        repository=workspace.repository,
        briefer=Briefer(desk) if desk else None,
        currency=currency,
        now=now(),
        anew=anew,
    )
    if json:
        as_json(_discovery(found, currency))
        return
    from insights.cli.brief_page import brief_page

    screen = console()
    for part in brief_page(found, currency=currency):
        screen.print(part)
    for line in (*([found.note] if found.note else []), *(f"note: {failure}" for failure in found.failures)):
        say(context.obj, line)


def _discovery(found: "Discovery", currency: str) -> dict[str, Any]:
    from insights.briefing import facts_of
    from insights.text.clean import one_line, sanitise

    problem, known = found.problem, found.known
    return {
        "problem": problem.ref,
        "title": one_line(problem.title),
        "mode": found.mode,
        "at": found.at,
        "told_from": found.told_from,
        "facts": facts_of(problem, known, currency=currency),
        "accounts": [
            {
                "account": one_line(payer.name, 120),
                "revenue": payer.revenue,
                "segment": one_line(payer.segment, 60) if payer.segment else None,
                "items": payer.items,
            }
            for payer in known.payers
        ],
        "weekly": problem.weekly,
        "quotes": [
            {
                "ref": sanitise(one.ref),
                "account": one_line(one.account_name, 120) if one.account_name else None,
                "day": one.created_at.date(),
                "words": one_line(one.text, 300),
                "gives_orders": one.is_order,
            }
            for one in known.quotes
        ],
        "brief": found.brief.fields(),
        "dropped": found.brief.dropped,
        "note": found.note,
        "failures": found.failures,
    }
