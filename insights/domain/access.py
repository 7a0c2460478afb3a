"""Who may do what. Use cases check it, not screens: whoever has no role may do nothing.

On one machine the role guards against mistakes, not against somebody who can read the key and the database. A server
with logins makes its own `Actor` and is held to the same checks.
"""

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
    """File problems in a tracker, send digests, write drafts to customers."""
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


class Forbidden(InsightsError):
    """Somebody lacks the role for what they asked for; nothing was done."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who uses a workspace."""

    who: str
    roles: frozenset[Role] = field(default_factory=frozenset)

    @classmethod
    def of(cls, who: str, roles: Iterable[Role]) -> "Actor":
        return cls(who, frozenset(roles))

    def may(self, act: Act) -> bool:
        return any(act in ALLOWED[role] for role in self.roles)

    def require(self, act: Act) -> None:
        """Raises Forbidden where none of the roles allows it."""
        if self.may(act):
            return
        able = " or ".join(role.value for role in Role if act in ALLOWED[role])
        held = ", ".join(sorted(self.roles)) or "none"
        raise Forbidden(
            f"{self.who} may not do this: it needs the role {able}; {self.who} has {held}.",
            remedy="Ask an admin of this workspace to add you under [roles] in insights.toml.",
            exit_code=ExitCode.FORBIDDEN,
        )


P = ParamSpec("P")
R = TypeVar("R")

NOBODY = Actor("nobody")
EVERY_ROLE = frozenset(Role)

USE_CASES: dict[str, Act] = {}
"""Every checked use case by its full name, filled as modules are imported."""


def use_case(act: Act) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Check the role before anything else. The first argument is what holds an `actor`: a repository, or an object that
    has one as `repository`."""

    def checked(function: Callable[P, R]) -> Callable[P, R]:
        USE_CASES[f"{function.__module__}.{function.__qualname__}"] = act

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            _actor_of(args, kwargs).require(act)
            return function(*args, **kwargs)

        return call

    return checked


def _actor_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Actor:
    """That of the first argument, or of one given as `repository`."""
    holder = args[0] if args else kwargs.get("repository")
    actor = getattr(holder, "actor", None) or getattr(getattr(holder, "repository", None), "actor", None)
    return actor if isinstance(actor, Actor) else NOBODY
