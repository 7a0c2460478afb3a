"""Ask the evidence a question."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, say
from insights.domain.access import Act

if TYPE_CHECKING:
    from insights.asking import Reply
    from insights.domain.feedback import Evidence


@app.command(epilog='Example: insights ask "why do trials fail?" --since 2026-05-01')
def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="What you want to know, in one sentence.")],
    kind: Annotated[str | None, typer.Option(help="ticket, nps, note or review.")] = None,
    source: Annotated[str | None, typer.Option(help="Name of a source.")] = None,
    account: Annotated[str | None, typer.Option(help="Name of an account.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day on: 2026-05-01.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many pieces of evidence to look at.")] = 24,
    json: AsJson = False,
) -> None:
    """Answer a question from the evidence, every sentence with the items it rests on; without a model, show the nearest
    evidence."""
    from insights.asking import ask as answered
    from insights.cli.replies import more_in_words, reply_page
    from insights.cli.tables import filters_of
    from insights.language.answering import Answerer

    workspace = context.obj.open(Act.ASK)
    desk = workspace.desk()
    reply = answered(
        question,
        repository=workspace.repository,
        embedder=workspace.embedder,
        vectors=workspace.vectors(),
        filters=filters_of(kind=kind, source=source, account=account, since=since),
        answerer=Answerer(desk) if desk else None,
        count=limit,
    )
    if json:
        as_json(_reply(reply))
        return
    screen = console()
    for part in reply_page(reply):
        screen.print(part)
    for line in more_in_words(reply):
        say(context.obj, line)


def _reply(reply: "Reply") -> dict[str, Any]:
    return {
        "question": reply.question,
        "mode": reply.mode,
        "answer": [{"words": one.words, "cites": one.cites} for one in reply.sentences],
        "note": reply.note,
        "dropped": reply.dropped,
        "evidence": [_cited(number, one) for number, one in enumerate(reply.evidence, 1)],
        "failures": reply.failures,
    }


def _cited(number: int, one: "Evidence") -> dict[str, Any]:
    from insights.domain.problem import problem_ref
    from insights.text.clean import one_line, sanitise

    return {
        "number": number,
        "ref": sanitise(one.ref),
        "problem": problem_ref(one.problem_id) if one.problem_id else None,
        "account": one_line(one.account_name, 120) if one.account_name else None,
        "day": one.created_at.date(),
        "words": one_line(one.text, 300),
        "gives_orders": one.is_order,
    }
