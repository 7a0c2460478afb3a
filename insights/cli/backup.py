"""Copies of the workspace: make, list and verify them, and put one back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, can_ask, offer, progress_bar, say
from insights.domain.access import Act
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from insights.backup.make import Listed, Made
    from insights.backup.restore import Restored

backups = typer.Typer(
    help="Make an encrypted copy of the workspace while it is used, and prove it by a restore; list and verify them.",
    epilog="Example: insights backup --to /mnt/disk, or: insights backup list",
    invoke_without_command=True,
    rich_markup_mode=None,
)
app.add_typer(backups, name="backup")


@backups.callback()
def backup(
    context: typer.Context,
    to: Annotated[Path | None, typer.Option("--to", help="Folder; default: [backups] folder.")] = None,
    json: AsJson = False,
) -> None:
    """Make an encrypted copy of the workspace while it is used, and prove it by restoring it on trial.

    The key is never in it: keep it apart. Older ones in the same folder go once [backups] keep newer ones are there.
    """
    if context.invoked_subcommand is not None:
        return
    from insights.backup.make import backup as make

    workspace = context.obj.open(Act.MANAGE)
    folder = to.absolute() if to else workspace.backups_folder
    if folder is None:
        raise InsightsError(
            "Nothing says where backups go.",
            remedy="insights backup --to FOLDER, or set folder under [backups] in insights.toml; another disk is best.",
            exit_code=ExitCode.USAGE,
        )
    with progress_bar(context.obj) as progress:
        made = make(workspace.backup_bench(progress=progress), folder)
    workspace.close()
    _show_made(context.obj, made, json=json)


@backups.command("list", epilog="Example: insights backup list --json")
def list_backups(context: typer.Context, json: AsJson = False) -> None:
    """List the backups that were made here, oldest first, and whether they are there."""
    from insights.backup.make import listed

    found = listed(context.obj.open(Act.MANAGE).repository)
    if json:
        as_json(found)
        return
    if not found:
        say(context.obj, "There is none yet. Make one: insights backup --to FOLDER")
        return
    for one in found:
        typer.echo(_line(one))


@backups.command(epilog="Example: insights backup verify /mnt/disk/insights-1a2b3c-20261126T220000Z.backup")
def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What `insights backup` wrote.")],
    json: AsJson = False,
) -> None:
    """Restore a backup on trial, compare every row with what it was made of, and throw the trial away."""
    from insights.backup.make import verify as prove

    workspace = context.obj.open(Act.MANAGE)
    with progress_bar(context.obj) as progress:
        found = prove(workspace.backup_bench(progress=progress), file.absolute())
    workspace.close()
    if json:
        as_json(found)
        return
    typer.echo(
        f"The backup of {found.made_at:%Y-%m-%d %H:%M} UTC is whole: {found.rows:,} rows of {found.tables} tables are "
        f"as they were, {found.opened:,} sealed values were opened."
    )


@app.command(epilog="Example: insights restore insights-1a2b3c-20261126T220000Z.backup --to acme")
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What `insights backup` wrote.")],
    to: Annotated[Path | None, typer.Option("--to", help="Folder; default: the workspace that is named.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Replace a workspace that is there without asking.")] = False,
    json: AsJson = False,
) -> None:
    """Put a backup back, into a folder of its own or in place of the workspace that is there.

    What is there is moved aside, never deleted. Whoever was erased since the backup is erased from it again.
    """
    from insights.backup.restore import restore as put_back
    from insights.bootstrap import DATA_FOLDER, find_workspace, restore_target
    from insights.config import SETTINGS_FILE

    folder = to or find_workspace(context.obj.folder)
    is_there = (folder / DATA_FOLDER).exists() or (folder / SETTINGS_FILE).exists()
    if is_there and not yes and not (can_ask(context.obj) and offer(f"Replace the workspace in {folder.absolute()}?")):
        raise InsightsError(
            f"There is a workspace in {folder.absolute()}.",
            remedy="Add --yes to move it aside and put the backup in its place, or name another folder with --to.",
            exit_code=ExitCode.USAGE,
        )
    with progress_bar(context.obj) as progress:
        done = put_back(restore_target(folder, progress=progress), file.absolute())
    _show_restored(context.obj, done, json=json)


def _show_made(options: Globals, made: "Made", *, json: bool) -> None:
    if json:
        as_json(made)
        return
    typer.echo(made.backup.place)
    say(
        options,
        f"{made.backup.bytes / 1e6:,.1f} MB, restored on trial: {made.rows:,} rows of {made.tables} tables are as they "
        "were. The key is not in it: keep it as long as this backup, and apart from it.",
    )
    if made.vectors not in ("", "there are none"):
        say(options, f"Vectors are not in it, {made.vectors}: insights reindex makes them after a restore.")
    for name in made.deleted:
        say(options, f"Deleted, for newer ones are there: {name}")


def _line(one: "Listed") -> str:
    from insights.text.clean import one_line

    made = one.backup
    state = "" if one.is_there else "   is not there, or has another size"
    proved = f"proved {made.checked_at:%Y-%m-%d}" if made.checked_at else "not proved"
    return (
        f"{made.made_at:%Y-%m-%d %H:%M} UTC   {made.bytes / 1e6:>9,.1f} MB   {proved}   "
        f"{one_line(made.place, 300)}{state}"
    )


def _show_restored(options: Globals, done: "Restored", *, json: bool) -> None:
    if json:
        as_json(done)
        return
    typer.echo(f"Restored into {done.folder}: the state of {done.made_at:%Y-%m-%d %H:%M} UTC, {done.rows:,} rows.")
    if done.aside is not None:
        say(options, f"What was there is in {done.aside}; delete it when you no longer need it: it is not erased from.")
    if done.migrated_from:
        say(options, f"Its tables were of version {done.migrated_from}, and are of this program's now.")
    if done.erased:
        say(options, f"{done.erased} erased since the backup were erased from it again.")
    if done.unread:
        say(
            options,
            f"note: the former database could not be asked who was erased since ({done.unread}): only receipts were.",
        )
    if not done.has_vectors:
        say(options, "Vectors are not in it. Make them: insights reindex")
    if done.aside is None:
        say(options, "Where it takes the place of a lost workspace: insights audit head --anew anchors its log.")
    say(options, "See that all is well: insights doctor --deep")
