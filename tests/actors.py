"""Who uses the workspaces of tests: somebody who may do everything, where a test is not about that."""

from collections.abc import Iterable

from insights.domain.access import EVERY_ROLE, Actor, Role

ADA = Actor.of("ada", EVERY_ROLE)


def an_actor(*roles: Role, who: str = "ben") -> Actor:
    return Actor.of(who, roles)


def each_role() -> Iterable[Actor]:
    """Somebody with each role alone, and somebody with none."""
    return [*(an_actor(role, who=role.value) for role in Role), an_actor(who="nobody")]
