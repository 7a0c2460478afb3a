"""Read how filed issues stand."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.exporting import named_tracker
from insights.cli.output import as_json, console, progress_bar, say
from insights.domain.access import Act
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights.bootstrap import Workspace
    from insights.syncing import Synced

_WHICH = "Which: a tracker of the settings by its name, or file:backlog.md. [default: all that hold an issue]"


@app.command(epilog="Example: insights sync, or: insights sync linear")
def sync(
    context: typer.Context,
    tracker: Annotated[str | None, typer.Argument(metavar="[TRACKER]", help=_WHICH)] = None,
    json: AsJson = False,
) -> None:
    """Read how the filed issues stand: state, assignee, estimate, when they were closed. A problem whose issue is done
    is shipped on that day, and no longer so where it is opened again; what a person decided since stays. A tracker that
    fails does not keep the others from being read."""
    workspace = context.obj.open(Act.FILE)
    chosen, left = _chosen(workspace, tracker)
    done: list[Synced] = []
    failures: dict[str, InsightsError] = {}
    for name in chosen:
        try:
            told = _sync(context.obj, workspace, name)
        except InsightsError as error:
            failures[name] = error
            continue
        done.append(told)
        if told.failed is not None:
            failures[name] = told.failed
    if json:
        as_json({"trackers": [_as_data(one) for one in done], "failed": _told(failures), "left_out": left})
    else:
        _show(context.obj, done)
    for name in left:
        say(context.obj, f"note: {name} holds issues and is no tracker of insights.toml any more: it was not read.")
    if not chosen and not left:
        say(context.obj, "Nothing is filed yet: insights export P-12")
    if failures:
        _fail(failures, of=len(chosen))


def _chosen(workspace: "Workspace", tracker: str | None) -> tuple[list[str], list[str]]:
    """Those to be read, and those that the settings do not name any more."""
    if tracker is not None:
        return [named_tracker(workspace, tracker).name], []
    from insights.syncing import trackers_to_read

    return trackers_to_read(workspace.repository, {one.name for one in workspace.settings.trackers})


def _sync(options: Globals, workspace: "Workspace", name: str) -> "Synced":
    from insights.bootstrap import now
    from insights.syncing import sync as read

    with progress_bar(options) as progress:
        return read(named_tracker(workspace, name), repository=workspace.repository, now=now(), progress=progress)


def _as_data(one: "Synced") -> dict[str, Any]:
    from insights.domain.problem import problem_ref

    return {
        "tracker": one.tracker,
        "read": one.read,
        "of": one.of,
        "changes": [{"ref": problem_ref(change.problem_id), **_fields(change)} for change in one.changes],
        "unknown": [problem_ref(number) for number in one.unknown],
    }


def _fields(change: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(change)


def _told(failures: "dict[str, InsightsError]") -> list[dict[str, str]]:
    return [{"tracker": name, "error": one.message, "remedy": one.remedy} for name, one in failures.items()]


def _show(options: Globals, done: "Sequence[Synced]") -> None:
    """What changed as a table, and what a person may want to do about it."""
    from insights.domain.figures import counted
    from insights.domain.filed import export_command
    from insights.domain.problem import problem_ref
    from insights.text.clean import one_line

    changes = [change for one in done for change in one.changes]
    if changes:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
        for name in ("id", "what happened", ""):
            table.add_column(name, no_wrap=name == "id", overflow="fold")
        for change in changes:
            words = one_line(change.words, 1000)
            table.add_row(*map(Text, (problem_ref(change.problem_id), change.happened.value, words)))
        console().print(table)
        for change in changes:
            if change.command:
                say(options, f"{problem_ref(change.problem_id)}: {one_line(change.command, 1000)}")
    for one in done:
        for number in one.unknown:
            command = export_command(number, one.tracker)
            say(options, f"note: it is not known whether {problem_ref(number)} was filed: {command}")
        say(options, f"{one.tracker}: {counted(one.read, 'issue')} read, {counted(len(one.changes), 'change')}.")


def _fail(failures: "dict[str, InsightsError]", *, of: int) -> None:
    name, first = next(iter(failures.items()))
    others = f"; {len(failures) - 1} more failed" if len(failures) > 1 else ""
    raise InsightsError(
        f"{name} could not be read as a whole: {first.message}{others}",
        remedy=first.remedy,
        exit_code=ExitCode.PARTIAL if len(failures) < of else first.exit_code,
    )
