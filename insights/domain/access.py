"""Who may do what. Use cases check it, not screens: whoever has no role may do nothing.

On one machine the role guards against mistakes, not against somebody who can read the key and the database. A server
with logins makes its own `Actor` and is held to the same checks.
"""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from insights.errors import ExitCode, InsightsError


class Role(StrEnum):
    """What somebody is to a workspace. One may hold several."""

    VIEWER = "viewer"
    TRIAGER = "triager"
    PRIVACY = "privacy"
    ADMIN = "admin"


class Act(StrEnum):
    """What a use case does, as far as it matters who does it."""

    LOOK = "look"
    """Read problems, figures, redacted words, digests and reports."""
    ASK = "ask"
    """Put something to a model or an embedding server: it costs, and redacted words leave the machine."""
    DECIDE = "decide"
    """Triage, correct, set figures, say what shipped."""
    FILE = "file"
    """File problems in a tracker, send digests; with PERSONS, write drafts to customers, who are named there."""
    BRING = "bring"
    """Bring feedback in and analyse it: import, pull, analyse, the night."""
    MANAGE = "manage"
    """Settings, logins, senders, schedule, keys, backups."""
    AUDIT = "audit"
    """Read and verify the audit log."""
    PERSONS = "persons"
    """See who is behind a pseudonym, and all that is kept about a person."""
    ERASE = "erase"
    """Erase a person or an account, and let old words go by rule."""


ALLOWED: dict[Role, frozenset[Act]] = {
    Role.VIEWER: frozenset({Act.LOOK}),
    Role.TRIAGER: frozenset({Act.LOOK, Act.ASK, Act.DECIDE, Act.FILE, Act.BRING}),
    Role.PRIVACY: frozenset({Act.LOOK, Act.AUDIT, Act.PERSONS, Act.ERASE}),
    Role.ADMIN: frozenset({Act.LOOK, Act.ASK, Act.DECIDE, Act.FILE, Act.BRING, Act.MANAGE, Act.AUDIT}),
}
"""An admin sees nobody behind a pseudonym and erases nobody, unless they hold `privacy`, too."""


IN_WORDS: dict[Act, str] = {
    Act.LOOK: "look",
    Act.ASK: "ask models",
    Act.DECIDE: "decide",
    Act.FILE: "file and send",
    Act.BRING: "bring feedback in, analyse",
    Act.MANAGE: "set up",
    Act.AUDIT: "read the audit log",
    Act.PERSONS: "see persons",
    Act.ERASE: "erase",
}


class Forbidden(InsightsError):
    """Somebody lacks the role for what they asked for; nothing was done."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who uses a workspace. `who` is the name that decisions carry, which may be chosen; `login` is whose
    roles these are, as the operating system or a server's login says; empty: the same."""

    who: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    login: str = ""

    @classmethod
    def of(cls, who: str, roles: Iterable[Role], *, login: str = "") -> "Actor":
        return cls(who, frozenset(roles), login)

    @property
    def name(self) -> str:
        """Whom the roles are given to."""
        return self.login or self.who

    def may(self, act: Act) -> bool:
        return any(act in ALLOWED[role] for role in self.roles)

    def require(self, act: Act) -> None:
        """Raises Forbidden where none of the roles allows it."""
        if self.may(act):
            return
        able = " or ".join(role.value for role in Role if act in ALLOWED[role])
        held = ", ".join(role.value for role in Role if role in self.roles) or "none"
        raise Forbidden(
            f"{self.name} may not do this: it needs the role {able}; {self.name} has {held}.",
            remedy=f"Whoever looks after insights.toml gives roles there, under [roles]: {able.split()[0]} = "
            f'["{self.name}"]. See: insights roles',
            exit_code=ExitCode.FORBIDDEN,
        )


P = ParamSpec("P")
R = TypeVar("R")

NOBODY = Actor("nobody")
EVERY_ROLE = frozenset(Role)

USE_CASES: dict[str, tuple[Act, ...]] = {}
"""Every checked use case by its full name with all that it needs, filled as modules are imported."""


def use_case(*acts: Act) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Check that somebody may do all of these, before anything else. Who it is, the parameter `repository` says, else
    the first one: by its `actor`, or by its `repository`'s. Whoever is not known is nobody."""

    def checked(function: Callable[P, R]) -> Callable[P, R]:
        USE_CASES[f"{function.__module__}.{function.__qualname__}"] = acts
        names = list(inspect.signature(function).parameters)
        place = names.index("repository") if "repository" in names else 0
        holder = names[place]

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            actor = actor_of(kwargs[holder] if holder in kwargs else args[place] if place < len(args) else None)
            for act in acts:
                actor.require(act)
            return function(*args, **kwargs)

        return call

    return checked


def actor_of(holder: Any) -> Actor:
    """Who uses it; nobody where it does not say so."""
    actor = getattr(holder, "actor", None) or getattr(getattr(holder, "repository", None), "actor", None)
    return actor if isinstance(actor, Actor) else NOBODY
