"""File problems in a backlog or tracker, and close what was filed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, progress_bar, say
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights.bootstrap import Workspace
    from insights.export import Exported
    from insights.ports import Tracker

_TO = "Where: file:backlog.md, .csv or .jsonl, of this folder. [default: triage.export_to, of the workspace]"


@app.command(epilog="Example: insights export P-12 --to file:backlog.md")
def export(
    context: typer.Context,
    problems: Annotated[list[str], typer.Argument(metavar="PROBLEM...", help="Ids of problems, such as P-12.")],
    to: Annotated[str | None, typer.Option(help=_TO)] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would be filed; write nothing.")] = False,
    close: Annotated[
        str | None, typer.Option(metavar="WHY", help="Close what was filed, with this comment, in place of filing.")
    ] = None,
    json: AsJson = False,
) -> None:
    """File problems in the backlog, once: a second export updates the same entry."""
    from insights.domain.problem import parse_problem_ref

    wanted = [parse_problem_ref(text) for text in problems]
    if preview and close is not None:
        raise InsightsError(
            "Nothing can be shown of closing.", remedy="Leave out --preview or --close.", exit_code=ExitCode.USAGE
        )
    workspace = context.obj.open()
    tracker = _tracker(workspace, to)
    if close is not None:
        _close(context.obj, workspace, tracker, wanted, why=close, json=json)
    elif preview:
        _preview(context.obj, workspace, tracker, wanted, json=json)
    else:
        _file(context.obj, workspace, tracker, wanted, json=json)


def _tracker(workspace: "Workspace", to: str | None) -> "Tracker":
    """What is named here is of the current folder, what the settings name of the workspace's."""
    from insights.export import tracker_for

    if to is not None:
        return tracker_for(to, folder=Path.cwd())
    return tracker_for(workspace.settings.triage.export_to, folder=workspace.folder.absolute())


def _file(options: Globals, workspace: "Workspace", tracker: "Tracker", wanted: "Sequence[int]", *, json: bool) -> None:
    from insights.bootstrap import now
    from insights.export import export_all, export_problem

    common: dict[str, Any] = {
        "repository": workspace.repository,
        "tracker": tracker,
        "now": now(),
        "currency": workspace.settings.product.currency,
        "settings": workspace.settings,
    }
    if len(wanted) == 1:
        done = export_problem(wanted[0], **common)
        if json:
            as_json(done.link)
        _say_filed(options, done)
        return
    with progress_bar(options) as progress:
        made = export_all(wanted, progress=progress, **common)
    if json:
        as_json([one.link for one in made.done])
    for one in made.done:
        _say_filed(options, one)
    if made.failed:
        _fail_in_part(made.failed, of=len(made.done) + len(made.failed))


def _fail_in_part(failed: "dict[int, InsightsError]", *, of: int) -> None:
    from insights.domain.problem import problem_ref

    number, first = next(iter(failed.items()))
    raise InsightsError(
        f"{len(failed)} of {of} problems were not filed; the first is {problem_ref(number)}: {first.message}",
        remedy=first.remedy,
        exit_code=ExitCode.PARTIAL if len(failed) < of else first.exit_code,
    )


def _say_filed(options: Globals, done: "Exported") -> None:
    for warning in done.warnings:
        say(options, f"note: {warning}")
    say(options, f"{'Filed' if done.created else 'Updated'}: {done.link.url or done.link.external_id}")


def _preview(
    options: Globals, workspace: "Workspace", tracker: "Tracker", wanted: "Sequence[int]", *, json: bool
) -> None:
    from insights.bootstrap import now
    from insights.export import preview
    from insights.text.clean import sanitise

    found = [
        preview(
            number,
            repository=workspace.repository,
            tracker=tracker,
            now=now(),
            currency=workspace.settings.product.currency,
            settings=workspace.settings,
        )
        for number in wanted
    ]
    if json:
        as_json(found)
        return
    for one in found:
        typer.echo(sanitise(f"# {one.issue.title}\n\n{one.issue.body}\n"))
        for warning in one.warnings:
            say(options, f"note: {warning}")
    say(options, "Nothing was written.")


def _close(
    options: Globals, workspace: "Workspace", tracker: "Tracker", wanted: "Sequence[int]", *, why: str, json: bool
) -> None:
    from insights.export import close_issue

    if not why.strip():
        raise InsightsError("No reason is given.", remedy='Say why: --close "taken back"', exit_code=ExitCode.USAGE)
    closed = [close_issue(number, repository=workspace.repository, tracker=tracker, comment=why) for number in wanted]
    if json:
        as_json(closed)
    for one in closed:
        say(options, f"Closed: {one.url or one.external_id}. Exporting it again opens it.")
