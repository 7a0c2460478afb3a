"""See it work on a sample firm."""

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import Globals, app
from insights.cli.output import console, progress_bar, say

if TYPE_CHECKING:
    from insights.bootstrap import Workspace
    from insights.domain.run import Run


@app.command(epilog="Example: insights demo --triage")
def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where the sample workspace is made.")] = Path("demo-workspace"),
    open_triage: Annotated[bool, typer.Option("--triage", help="Open the triage application at the end.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew if the folder holds an older demo.")] = False,
) -> None:
    """Make a workspace with half a year of a sample firm's feedback, and take it through every step. Needs no key
    and no network."""
    from insights.demo.sample import make_demo

    options: Globals = context.obj
    with progress_bar(options) as progress:
        workspace, run = make_demo(folder, fresh=fresh, progress=progress)
    _show(options, workspace, run)
    if open_triage:
        from insights.cli.triage import run_triage

        run_triage(lambda: workspace)
    workspace.close()


def _show(options: Globals, workspace: "Workspace", run: "Run") -> None:
    from insights.bootstrap import now
    from insights.cli.analysis import told
    from insights.cli.tables import problem_table
    from insights.digest.changes import changes
    from insights.digest.story_of import story_of
    from insights.digest.terminal import to_terminal

    for line in told(run, workspace.repository.feedback.counts()):
        say(options, line)
    screen = console()
    currency = workspace.settings.product.currency
    inbox = workspace.triage().inbox()
    screen.print(problem_table(inbox[:10], currency=currency, width=screen.width))
    digest = changes(workspace.repository, workspace.settings, now=now(), standing=workspace.standing(now()))
    screen.print(to_terminal(story_of(digest), width=screen.width))
    for line in _next_steps(f"{_command()} -C {workspace.folder}", inbox[0].ref):
        say(options, line)


def _command() -> str:
    """How this program was called, so that the lines can be copied: `.venv/bin/insights` after `make demo`."""
    called = Path(sys.argv[0])
    return "insights" if shutil.which("insights") or called.name != "insights" else os.path.relpath(called)


def _next_steps(insights: str, best: str) -> list[str]:
    steps = {
        f"show {best}": "the problem, its quotes and its estimate",
        "triage": "decide in the terminal; ? helps, q quits",
        f"decide {best} accept": "or decide by command; undo takes it back",
        "digest": "what changed; insights nightly sends it",
        "report": "all of it as a page with charts",
        f"export {best} --to file:backlog.md": "file it",
    }
    return ["", "Now try it yourself:"] + [f"  {insights} {step:<34}  # {what}" for step, what in steps.items()]
