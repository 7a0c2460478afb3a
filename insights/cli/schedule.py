"""Have the night run by itself."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, can_ask, confirm, say
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from insights.nightly.schedule import Plan, Scheduling

schedule = typer.Typer(
    help="Have the night run by itself: systemd, cron or GitHub Actions.",
    epilog="Example: insights schedule install --at 05:30",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(schedule, name="schedule")


class With(StrEnum):
    """What calls us."""

    SYSTEMD = "systemd"
    CRON = "cron"
    GITHUB = "github"


@schedule.callback()
def common() -> None:
    """Have the night run by itself: systemd, cron or GitHub Actions."""


@schedule.command(epilog="Example: insights schedule install --with cron --at 05:30")
def install(
    context: typer.Context,
    at: Annotated[str, typer.Option(help="Local time of day; UTC with github.")] = "05:00",
    scheduler: Annotated[
        With | None, typer.Option("--with", help="What calls it. [default: systemd where it is, else cron]")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write it without asking.")] = False,
) -> None:
    """Show what would be written, ask, and write it. Again replaces what was there."""
    from insights.nightly.schedule import Scheduler, usable

    planned = _scheduling(context.obj, at=at)
    plan = planned.plan(Scheduler(scheduler.value) if scheduler else usable())
    _show(plan)
    if not yes and not _is_wanted(context.obj):
        say(context.obj, "Nothing was written.")
        return
    for other in dict.fromkeys(found for found, _ in planned.installed() if found is not plan.scheduler):
        say(context.obj, f"note: It is scheduled with {other.value} as well. Take all away: insights schedule remove")
    for command in planned.install(plan):
        say(context.obj, f"It is written, but could not be started here. Run: {command}")
    for note in plan.notes:
        say(context.obj, f"note: {note}")
    say(
        context.obj,
        "Its key and logins must be there at night: insights doctor. Take it away: insights schedule remove",
    )


def _is_wanted(options: Globals) -> bool:
    """Raises InsightsError where nobody can be asked: what runs every night from now on is not written unasked."""
    if not can_ask(options):
        raise InsightsError(
            "Nobody is here to say yes: nothing was written.",
            remedy="Say it in the command: insights schedule install --yes",
            exit_code=ExitCode.USAGE,
        )
    return confirm(options, "Write this?")


def _show(plan: "Plan") -> None:
    for path, text in plan.files:
        typer.echo(f"# {path}\n{text}")
    if plan.crontab is not None:
        typer.echo(f"# one line of your crontab\n{plan.line}")
    for command in plan.commands:
        typer.echo(f"# then: {' '.join(command)}")


@schedule.command(epilog="Example: insights schedule show")
def show(context: typer.Context, json: AsJson = False) -> None:
    """What is scheduled for this workspace."""
    found = _scheduling(context.obj).installed()
    if json:
        as_json([{"scheduler": scheduler, "text": text} for scheduler, text in found])
        return
    for scheduler, text in found:
        typer.echo(f"# {scheduler.value}\n{text}")
    if not found:
        say(context.obj, "Nothing is scheduled here: insights schedule install")


@schedule.command(epilog="Example: insights schedule remove")
def remove(context: typer.Context) -> None:
    """Take away what `install` wrote for this workspace; nothing else is touched."""
    gone = _scheduling(context.obj).remove()
    for what in gone:
        say(context.obj, f"Removed: {what}")
    if not gone:
        say(context.obj, "Nothing was scheduled here.")


def _scheduling(options: Globals, *, at: str = "05:00") -> "Scheduling":
    """Of the workspace, which must be there."""
    from insights.bootstrap import find_workspace
    from insights.nightly.schedule import Scheduling, program

    here = Path.cwd()
    workspace = options.open()
    workspace.close()
    return Scheduling(
        actor=workspace.repository.actor,
        folder=find_workspace(options.folder).absolute(),
        program=program(sys.argv[0]),
        home=Path.home(),
        at=at,
        repository=next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here),
    )
