"""Read the audit log: who did what, and whether the log is the one that was written."""

from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, say
from insights.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from insights.domain.audit import Entry, Verdict

audit = typer.Typer(
    help="Who did what, in a log that shows whether it was changed.",
    epilog="Example: insights audit verify",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(audit, name="audit")


@audit.command(epilog="Example: insights audit log --action decision --subject P-12 --since 2026-06-01")
def log(
    context: typer.Context,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Only what was done from then on.")] = None,
    who: Annotated[str, typer.Option(help="Only what this person did.")] = "",
    action: Annotated[str, typer.Option(help="Only this: decision, or decision.accept.")] = "",
    subject: Annotated[str, typer.Option(help="Only what was done to this: P-12, a source, a pseudonym.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    json: AsJson = False,
) -> None:
    """List what was done, the newest first: decisions, settings, logins, imports, analyses, issues filed, keys, and
    what was seen, exported and erased of persons. No customer's words are in it."""
    from insights.auditing import log as entries_of
    from insights.bootstrap import moment_in
    from insights.domain.access import Act

    workspace = context.obj.open(Act.AUDIT)
    moment = moment_in(since, said_by="--since", starts=True) if since else None
    found = entries_of(
        workspace.repository, since=moment, who=who, action=action, subject=subject.strip("<>"), limit=limit
    )
    if json:
        as_json(found)
    elif found:
        console().print(_table(found))
    else:
        say(context.obj, "Nothing of that kind is in the log.")


@audit.command(epilog="Example: insights audit verify --anchor /mnt/else/insights.audit")
def verify(
    context: typer.Context,
    anchor: Annotated[
        str,
        typer.Option(
            metavar="FILE|NUMBER:MAC",
            help="A head that was kept elsewhere, as `insights audit head` prints it, besides those kept here.",
        ),
    ] = "",
    json: AsJson = False,
) -> None:
    """Look whether any entry was edited, deleted, put in or moved, and by the anchors, whether the end was cut off or
    the whole replaced. Exit code 1 where it was."""
    from insights.auditing import verify as verdict_on
    from insights.domain.access import Act

    verdict = verdict_on(context.obj.open(Act.AUDIT).repository, given=anchor)
    if json:
        as_json(_as_data(verdict))
    else:
        for line in _lines(verdict):
            typer.echo(line)
    raise typer.Exit(ExitCode.OK if verdict.is_whole else ExitCode.ERROR)


@audit.command(epilog="Example: insights audit head >> /mnt/else/insights.audit-heads")
def head(
    context: typer.Context,
    anew: Annotated[
        bool,
        typer.Option(
            "--anew", help="Take the log as it is for the right one, as after a backup was restored; it says so itself."
        ),
    ] = False,
    json: AsJson = False,
) -> None:
    """Print the newest entry's number and seal as NUMBER:MAC. Kept where nobody changes it, it shows later that nothing
    before it was changed or cut off."""
    from insights.auditing import anchor_anew
    from insights.auditing import head as head_of
    from insights.domain.access import Act

    workspace = context.obj.open(Act.AUDIT)
    newest = anchor_anew(workspace.repository) if anew else head_of(workspace.repository)
    if json:
        as_json(newest)
    else:
        typer.echo(newest.text)


def _as_data(verdict: "Verdict") -> dict[str, object]:
    return {
        "whole": verdict.is_whole,
        "entries": verdict.entries,
        "head": verdict.head,
        "count": verdict.count,
        "troubles": verdict.troubles,
        "notes": verdict.notes,
    }


def _lines(verdict: "Verdict") -> list[str]:
    from insights.domain.figures import counted
    from insights.text.clean import one_line

    notes = [f"note: {one_line(note, 500)}" for note in verdict.notes]
    if verdict.is_whole:
        entries = f"{verdict.entries:,} {'entry' if verdict.entries == 1 else 'entries'}"
        which = f", the newest is {verdict.head.text}" if verdict.entries else ""
        return [f"The audit log is whole: {entries}{which}.", *notes]
    lines = [
        "The audit log is not the one that was written.",
        f"First place: {one_line(verdict.troubles[0].words, 500)}",
    ]
    lines += [f"also: {one_line(one.words, 500)}" for one in verdict.troubles[1:]]
    rest = verdict.count - len(verdict.troubles)
    lines += [f"and {counted(rest, 'more place')}"] if rest else []
    return [*lines, *notes]


def _table(entries: "Sequence[Entry]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from insights.text.clean import one_line

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for name in ("no.", "when (UTC)", "who", "what", "to what", "facts"):
        table.add_column(name)
    for one in entries:
        facts = ", ".join(f"{name} {value}" for name, value in one.facts.items())
        cells = (str(one.number), f"{one.at:%Y-%m-%d %H:%M:%S}", one.who, one.action, one.subject, facts)
        table.add_row(*(Text(one_line(cell, 200)) for cell in cells))
    return table
