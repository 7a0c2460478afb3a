"""The logins of sources, trackers and senders: kept in the workspace, sealed, and tried at once; never printed."""

from typing import TYPE_CHECKING, Any

import typer

from insights.cli.app import Globals
from insights.cli.output import as_json, say, secret
from insights.domain.access import Act
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from insights.bootstrap import Workspace


def is_service(options: Globals, name: str) -> bool:
    """Whether a source, tracker or sender of the settings here is called so."""
    from insights.bootstrap import settings_here

    settings = settings_here(options.folder)
    return name in settings.services or any(one.name == name for one in settings.sources)


def refuse_nearly(options: Globals, name: str) -> None:
    """Raises InsightsError for what is nearly the name of a source, tracker or sender, and no known provider of models:
    its secret is not to be kept as something else."""
    import difflib

    from insights.bootstrap import settings_here
    from insights.embedding.credentials import PROVIDERS

    near = difflib.get_close_matches(name, settings_here(options.folder).services, n=1, cutoff=0.7)
    if near and name not in PROVIDERS:
        raise InsightsError(
            f"No source, tracker or sender is called {name!r}.",
            remedy=f"Did you mean {near[0]}?",
            exit_code=ExitCode.USAGE,
        )


def _here(workspace: "Workspace") -> dict[str, Any]:
    return {"settings": workspace.settings, "folder": workspace.folder, "logins": workspace.credentials}


def keep_login(options: Globals, name: str) -> None:
    """Ask for it, keep it, and see that it is taken; one that is refused is not kept."""
    from insights.config import variable_of
    from insights.connecting import login_of
    from insights.logins import checked_secret, made_of

    workspace = options.open(Act.MANAGE)
    wanted = login_of(name, workspace.settings)
    if not wanted:
        is_sender = any(one.name == name for one in workspace.settings.senders)
        remedy = f"Try it: insights senders test {name}" if is_sender else "Read it: insights pull"
        raise InsightsError(f"{name} needs no login.", remedy=remedy, exit_code=ExitCode.USAGE)
    made_of(name, **_here(workspace))  # says what is wrong in its settings before anybody looks for the secret
    remedy = f"Give it on standard input: insights auth {name} < secret.txt"
    say(options, f"{name} logs in with: {wanted}.")
    given = checked_secret(secret(options, f"Secret for {name} (not shown): ", remedy=remedy))
    who = workspace.keep_login(name, given)
    say(options, f"The login of {name} is kept in the workspace, encrypted.{f' Logged in as {who}.' if who else ''}")
    if workspace.credentials.place(name) == variable_of(name):
        say(options, f"note: {variable_of(name)} is set in the environment and comes first.")


def forget_login(options: Globals, name: str) -> None:
    if not options.open(Act.MANAGE).forget_login(name):
        raise InsightsError(
            f"The workspace keeps no login of {name}.", remedy="One in the environment is removed there."
        )
    say(options, f"The login of {name} is no longer kept.")


def show_login(options: Globals, name: str, *, json: bool) -> None:
    """Where it comes from, and as whom it is taken. Exit code 4 where there is none or it is refused."""
    workspace: Workspace = options.open(Act.MANAGE)
    place = workspace.credentials.place(name)
    if json:
        as_json({"name": name, "place": place})
        raise typer.Exit(ExitCode.OK if place else ExitCode.LOGIN)
    if place is None:
        workspace.credentials.get(name)  # says what to do
    who = workspace.logged_in_as(name)
    typer.echo(f"The login of {name} comes from {place}{f': logged in as {who}' if who else ''}.")
