"""Who uses a workspace: the operating system's user, with the roles that its settings give.

A variable of the environment gives nobody a role: whoever starts a program chooses it. Where `[roles]` names nobody,
the owner of the workspace's data holds every role and nobody else any, root neither.
"""

import os
from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path

from insights.config.sections import Roles
from insights.domain.access import EVERY_ROLE, Act, Actor, Forbidden, Role
from insights.errors import ExitCode

ROOT = "root"


def login_name() -> str:
    """The user that this process acts for; the number of one without a name."""
    return os.getlogin() if not hasattr(os, "geteuid") else _name_of(os.geteuid())


def owner_of(path: Path) -> str:
    """Whose folder it is. Where the system tells no owners, it is of whoever may use it."""
    return login_name() if not hasattr(os, "geteuid") else _name_of(path.stat().st_uid)


def _name_of(uid: int) -> str:
    import pwd

    if uid == 0:
        return ROOT
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def holders(roles: Roles) -> dict[Role, list[str]]:
    """Who is named for each role, in the order of the settings."""
    named: dict[Role, list[str]] = {role: getattr(roles, role.value) for role in Role}
    return {role: [name.strip() for name in names if name.strip()] for role, names in named.items()}


def unknown_names(roles: Roles) -> list[str]:
    """Those named that are no user of this machine; none where the system cannot tell."""
    return [name for name in dict.fromkeys(chain(*holders(roles).values())) if not _is_user(name)]


def _is_user(name: str) -> bool:
    if not hasattr(os, "geteuid"):
        return True
    import pwd

    try:
        return bool(pwd.getpwnam(name))
    except (KeyError, ValueError):  # a name with a null byte
        return name.isdecimal()


def roles_of(login: str, roles: Roles, *, owner: str) -> frozenset[Role]:
    """What this user is: by the settings alone, as soon as they name anybody."""
    named = holders(roles)
    if not any(named.values()):
        return EVERY_ROLE if login == owner else frozenset()
    return frozenset(role for role, names in named.items() if login in names)


def admitted(data: Path, roles: Roles, *, who: str) -> Actor:
    """Whoever uses this workspace now, by the name `who` where they decide; `data` is its folder of data, or where that
    is to be. Raises Forbidden for somebody without any role."""
    login, owner = login_name(), owner_of(data if data.is_dir() else data.parent)
    actor = Actor.of(who, roles_of(login, roles, owner=owner), login=login)
    if not actor.may(Act.LOOK):
        raise _refusal(login, owner, data.parent, is_named=any(holders(roles).values()))
    return actor


def _refusal(login: str, owner: str, folder: Path, *, is_named: bool) -> Forbidden:
    refused: Callable[..., Forbidden] = partial(Forbidden, exit_code=ExitCode.FORBIDDEN)
    if is_named:
        return refused(
            f"{login} has no role in {folder}.",
            remedy=f'Have an admin name you under [roles] in insights.toml: viewer = ["{login}"].',
        )
    return refused(
        f"{folder} belongs to {owner}; {login} has no role there.",
        remedy=f"Have {owner} name both under [roles] in insights.toml, as soon as anybody is named only those count: "
        f'admin = ["{owner}"], viewer = ["{login}"].',
    )
