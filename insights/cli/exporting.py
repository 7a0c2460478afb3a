"""File problems in a backlog or tracker, bring up to date and close what was filed."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, console, progress_bar, say
from insights.domain.access import Act
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.table import Table

    from insights.bootstrap import Workspace
    from insights.domain.problem import ExportLink
    from insights.export import Exported, Preview
    from insights.filing import Once
    from insights.ports import Filed, Tracker

_TO = """Where: a tracker of the settings by its name, or file:backlog.md, .csv or .jsonl, of this folder. [default:
triage.export_to, of the workspace]"""
_ACCEPTED = "All that are accepted; a closed issue stays closed."
_UPDATE = "Only what is filed there already, these or all: bring it up to date; a closed issue stays closed."


@app.command(epilog="Example: insights export P-12 --to file:backlog.md, or: insights export --accepted")
def export(
    context: typer.Context,
    problems: Annotated[
        list[str] | None, typer.Argument(metavar="[PROBLEM]...", help="Ids of problems, such as P-12.")
    ] = None,
    to: Annotated[str | None, typer.Option(help=_TO)] = None,
    accepted: Annotated[bool, typer.Option("--accepted", help=_ACCEPTED)] = False,
    update: Annotated[bool, typer.Option("--update", help=_UPDATE)] = False,
    again: Annotated[bool, typer.Option("--again", help="File anew what was deleted there.")] = False,
    preview: Annotated[
        bool, typer.Option("--preview", "--dry-run", help="Show what would be filed; write nothing.")
    ] = False,
    close: Annotated[
        str | None, typer.Option(metavar="WHY", help="Close what was filed, with this comment, in place of filing.")
    ] = None,
    json: AsJson = False,
) -> None:
    """File problems in a backlog or tracker, each once: a second export brings the same issue up to date. Cut off at
    any point, run it again: it looks for what was sent before it sends anything."""
    from insights.domain.problem import parse_problem_ref

    named = [parse_problem_ref(text) for text in problems or []]
    _check_words(named, accepted=accepted, update=update, again=again, preview=preview, close=close)
    workspace = context.obj.open(Act.FILE)
    tracker = named_tracker(workspace, to)
    wanted = _wanted(context.obj, workspace, tracker, named, accepted=accepted, update=update)
    if close is not None:
        _close(context.obj, workspace, tracker, wanted, why=close, json=json)
    elif preview:
        _preview(context.obj, workspace, tracker, wanted, json=json)
    else:
        many = accepted or update
        once = _once(context.obj, workspace, again=again, reopens=not many, skips_unchanged=many)
        _file(context.obj, workspace, tracker, wanted, once=once, is_one=len(named) == 1 and not many, json=json)


def _check_words(
    named: "Sequence[int]", *, accepted: bool, update: bool, again: bool, preview: bool, close: str | None
) -> None:
    """Raises InsightsError for words that do not go together."""
    if preview and close is not None:
        raise _usage("Nothing can be shown of closing.", "Leave out --preview or --close.")
    if accepted and (update or named):
        raise _usage("--accepted names all that are accepted.", "Leave out --accepted, or the others.")
    if close is not None and (accepted or update or again):
        raise _usage("What is closed is not filed.", "Leave out --close, or the others.")
    if not (named or accepted or update):
        raise _usage("No problem is named.", "Name some, P-12, or use --accepted or --update.")


def _usage(message: str, remedy: str) -> InsightsError:
    return InsightsError(message, remedy=remedy, exit_code=ExitCode.USAGE)


def named_tracker(workspace: "Workspace", to: str | None) -> "Tracker":
    """What is named here is of the current folder, what the settings name of the workspace's."""
    target = workspace.settings.triage.export_to if to is None else to
    return workspace.tracker(target, folder=Path.cwd() if to is not None and to.startswith("file:") else None)


def _wanted(
    options: Globals,
    workspace: "Workspace",
    tracker: "Tracker",
    named: "Sequence[int]",
    *,
    accepted: bool,
    update: bool,
) -> list[int]:
    from insights.domain.problem import problem_ref
    from insights.export import accepted as all_accepted
    from insights.export import filed_in

    if accepted:
        return all_accepted(workspace.repository)
    if not update:
        return list(named)
    filed = filed_in(workspace.repository, tracker.name, named or None)
    heirs = workspace.repository.problems.heirs()
    missing = [number for number in named if heirs.get(number, number) not in filed]
    if missing:
        say(options, f"note: not filed there, so not updated: {', '.join(map(problem_ref, missing))}.")
    return filed


def _once(options: Globals, workspace: "Workspace", **how: Any) -> "Once":
    """With a word to the person before a long wait."""
    import time

    from insights.filing import FILING_LOCK, Once

    told: list[float] = []

    def wait(seconds: float) -> None:
        if not told:
            say(options, "An earlier export may have filed it: waiting until the tracker would show it…")
        told.append(seconds)
        time.sleep(seconds)

    return Once(lock_file=workspace.data / FILING_LOCK, sleep=wait, **how)


def _file(
    options: Globals,
    workspace: "Workspace",
    tracker: "Tracker",
    wanted: "Sequence[int]",
    *,
    once: "Once",
    is_one: bool,
    json: bool,
) -> None:
    from insights.bootstrap import now
    from insights.export import export_all, export_problem

    common: dict[str, Any] = {
        "repository": workspace.repository,
        "tracker": tracker,
        "now": now(),
        "currency": workspace.settings.product.currency,
        "settings": workspace.settings,
        "folder": workspace.folder,
        "once": once,
    }
    if is_one:
        done = export_problem(wanted[0], **common)
        if json:
            as_json(_as_data(done))
        _say_filed(options, done)
        return
    with progress_bar(options) as progress:
        made = export_all(wanted, progress=progress, **common)
    if json:
        as_json([_as_data(one) for one in made.done])
    elif made.done and len(wanted) > 1:
        console().print(_table(made.done))
    for one in made.done:
        _say_filed(options, one)
    if not wanted:
        say(options, "There is nothing to file.")
    if made.failed:
        _fail_in_part(made.failed, of=len(made.done) + len(made.failed))


def _as_data(done: "Exported") -> dict[str, object]:
    from dataclasses import asdict

    return {**asdict(done.link), "did": done.did, "warnings": done.warnings}


def _table(done: "Iterable[Exported]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from insights.domain.problem import problem_ref
    from insights.text.clean import one_line

    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for name in ("id", "issue", "what was done"):
        table.add_column(name, no_wrap=True, overflow="ellipsis")
    for one in done:
        cells = (problem_ref(one.link.problem_id), one_line(one.link.external_id, 60), one.did.value)
        table.add_row(*map(Text, cells))
    return table


def _fail_in_part(failed: "dict[int, InsightsError]", *, of: int, what: str = "filed") -> None:
    from insights.domain.problem import problem_ref

    number, first = next(iter(failed.items()))
    raise InsightsError(
        f"{len(failed)} of {of} problems were not {what}; the first is {problem_ref(number)}: {first.message}",
        remedy=first.remedy,
        exit_code=ExitCode.PARTIAL if len(failed) < of else first.exit_code,
    )


def _say_filed(options: Globals, done: "Exported") -> None:
    from insights.filing import Did

    for warning in done.warnings:
        say(options, f"note: {warning}")
    place = _place(done.link)
    words: dict[Did, Callable[[], str]] = {
        Did.CREATED: lambda: f"Filed: {place}",
        Did.UPDATED: lambda: f"Updated: {place}",
        Did.REOPENED: lambda: f"Updated: {place}; it was closed and is open again",
        Did.UNCHANGED: lambda: f"As it was: {place}",
        Did.LEFT_CLOSED: lambda: f"Closed there, and left so: {place}. {_how_to_open(done)}",
    }
    say(options, words[done.did]())


def _place(issue: "ExportLink | Filed") -> str:
    """Where an issue is, in its tracker's words."""
    from insights.text.clean import one_line

    return one_line(issue.url or issue.external_id, 2000)


def _how_to_open(done: "Exported") -> str:
    """With the tracker, which need not be where the settings file by default."""
    from insights.domain.filed import export_command
    from insights.domain.problem import problem_ref

    export = export_command(done.link.problem_id, done.link.tracker)
    if not done.is_left_as_shipped:
        return f"Open it again with: {export}"
    ref = problem_ref(done.link.problem_id)
    return f"{ref} is shipped. Where that is not so: insights decide {ref} accept, then: {export}"


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
            folder=workspace.folder,
        )
        for number in wanted
    ]
    if json:
        as_json(found)
        return
    for one in found:
        typer.echo(sanitise(f"# {one.issue.title}\n\n{one.issue.body}\n"))
        say(options, _is_filed(one))
        for warning in one.warnings:
            say(options, f"note: {warning}")
    say(options, "Nothing was written.")


def _is_filed(one: "Preview") -> str:
    from insights.text.clean import one_line

    if one.is_gone:
        return f"{one.issue.problem} is filed in {one_line(one.tracker, 1000)} no more; --again files it anew."
    if one.found is None:
        return f"{one.issue.problem} is not filed in {one_line(one.tracker, 1000)}."
    closed = ", and closed there" if one.found.is_closed else ""
    return f"{one.issue.problem} is filed already{closed}: {_place(one.found)}"


def _close(
    options: Globals, workspace: "Workspace", tracker: "Tracker", wanted: "Sequence[int]", *, why: str, json: bool
) -> None:
    from dataclasses import asdict

    from insights.bootstrap import now
    from insights.export import close_issue

    if not why.strip():
        raise _usage("No reason is given.", 'Say why: --close "taken back"')
    once = _once(options, workspace)
    closed, failed = {}, {}
    for number in dict.fromkeys(wanted):
        try:
            closed[number] = close_issue(
                number, repository=workspace.repository, tracker=tracker, comment=why, now=now(), once=once
            )
        except InsightsError as error:
            if len(wanted) == 1:
                raise
            failed[number] = error
    if json:
        as_json([{"problem_id": number, **asdict(one), "is_closed": one.is_closed} for number, one in closed.items()])
    for one in closed.values():
        say(options, f"Closed: {_place(one)}. Exporting it again opens it.")
    if failed:
        _fail_in_part(failed, of=len(wanted), what="closed")
