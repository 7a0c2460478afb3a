"""Who is at work here, and which roles there are."""

from typing import TYPE_CHECKING, Any

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

    from insights.domain.access import Actor, Role


@app.command(epilog="Example: insights roles, or: insights roles --json")
def roles(context: typer.Context, json: AsJson = False) -> None:
    """Say as whom you use this workspace, which roles you have, what each role may do, and who has it. Roles hang on
    the operating system's user and on [roles] in insights.toml; no variable of the environment changes them."""
    from insights.bootstrap import DATA_FOLDER, find_workspace, user
    from insights.config import SETTINGS_FILE, load_settings
    from insights.config.actors import holders, login_name, owner_of, roles_of
    from insights.domain.access import Actor, Role

    folder = find_workspace(context.obj.folder)
    settings = load_settings(folder / SETTINGS_FILE)
    data = folder / DATA_FOLDER
    owner, named = owner_of(data if data.is_dir() else folder), holders(settings.roles)
    is_named = any(named.values())
    actor = Actor.of(user(), roles_of(login_name(), settings.roles, owner=owner), login=login_name())
    having = named if is_named else {role: [owner] for role in Role}
    if json:
        as_json(_as_data(actor, having, owner=owner, is_named=is_named))
        return
    for line in _lines(actor, owner=owner, is_named=is_named):
        typer.echo(line)
    console().print(_table(having))
    if is_named and not named[Role.ADMIN]:
        say(context.obj, "note: [roles] names nobody as admin.")


def _as_data(actor: "Actor", having: "Mapping[Role, Sequence[str]]", *, owner: str, is_named: bool) -> dict[str, Any]:
    from insights.domain.access import ALLOWED, Act, Role

    return {
        "who": actor.who,
        "login": actor.login,
        "roles": [role for role in Role if role in actor.roles],
        "may": [act for act in Act if actor.may(act)],
        "owner": owner,
        "settings_name_somebody": is_named,
        "all": [
            {"role": role, "may": [act for act in Act if act in ALLOWED[role]], "held_by": having[role]}
            for role in Role
        ],
    }


def _lines(actor: "Actor", *, owner: str, is_named: bool) -> list[str]:
    from insights.domain.access import Role
    from insights.text.clean import one_line

    held = ", ".join(role.value for role in Role if role in actor.roles) or "no role"
    decides = f"; decisions are signed {one_line(actor.who, 120)}" if actor.who != actor.login else ""
    why = (
        "" if is_named else f" [roles] names nobody, so {one_line(owner, 120)}, who owns the workspace, has every role."
    )
    return [f"You are {one_line(actor.login, 120)}: {held}{decides}.{why}"]


def _table(having: "Mapping[Role, Sequence[str]]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from insights.domain.access import ALLOWED, IN_WORDS, Act, Role
    from insights.text.clean import one_line

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for name in ("role", "may", "who"):
        table.add_column(name)
    for role in Role:
        may = ", ".join(IN_WORDS[act] for act in Act if act in ALLOWED[role])
        cells = (role.value, may, ", ".join(one_line(name, 60) for name in having[role]) or "–")
        table.add_row(*(Text(cell) for cell in cells))
    return table
