"""Draft messages to those who asked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, console, say
from insights.cli.problems import Ref
from insights.domain.access import Act
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from insights.notifying import Draft, Notice


@app.command(epilog="Example: insights notify P-12 --draft --eml drafts")
def notify(
    context: typer.Context,
    problem: Ref,
    draft: Annotated[bool, typer.Option("--draft", help="Write drafts; nothing is ever sent.")] = False,
    eml: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Save them there as .eml files, which mail programs open.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Draft a message to each customer who asked for it, in their own words: that it was shipped and when, or that it
    is worked on. Who has no address is listed with account and link."""
    from dataclasses import asdict

    from insights.domain.problem import parse_problem_ref
    from insights.notifying import draft_notice, save_drafts

    wanted = parse_problem_ref(problem)
    if not draft:
        raise InsightsError(
            "insights sends nothing to customers; it only drafts.",
            remedy=f"Ask for the drafts: insights notify P-{wanted} --draft",
            exit_code=ExitCode.USAGE,
        )
    workspace = context.obj.open(Act.FILE)
    notice = draft_notice(wanted, repository=workspace.repository, settings=workspace.settings, folder=workspace.folder)
    paths = save_drafts(notice, eml) if eml is not None else []
    if json:
        as_json({**asdict(notice), "files": paths})
    else:
        _show(notice, with_texts=eml is None)
    _say_what(context.obj, notice, paths)


def _show(notice: "Notice", *, with_texts: bool) -> None:
    from insights.text.clean import sanitise

    for one in notice.drafts if with_texts else ():
        typer.echo(sanitise(f"To: {one.email}\nSubject: {one.subject}\n\n{one.text}\n\n{'─' * 40}"))
    if notice.unreachable:
        console().print(_table(notice.unreachable))


def _table(unreachable: "Sequence[Draft]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from insights.text.clean import one_line

    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for name in ("no address: account", "name", "said", "where"):
        table.add_column(name)
    for one in unreachable:
        last = one.said[-1]
        cells = (one.account or "unknown", one.name or "–", f"{last.day}: {last.words}", last.url or last.ref)
        table.add_row(*(Text(one_line(cell, 160)) for cell in cells))
    return table


def _say_what(options: Globals, notice: "Notice", paths: "Sequence[Path]") -> None:
    from insights.domain.figures import counted

    stands = f"was shipped on {notice.shipped_on}" if notice.shipped_on else "is not shipped yet"
    drafts = counted(len(notice.drafts), "draft")
    where = f" in {paths[0].parent}" if paths else ""
    others = f"; {len(notice.unreachable):,} without an address" if notice.unreachable else ""
    say(options, f"{notice.ref} {stands}: {drafts}{where}{others}. Nothing was sent.")
