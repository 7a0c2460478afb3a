"""Who may do what, and that a use case asks before anything else."""

from dataclasses import dataclass
from typing import Any

import pytest

from insights.domain.access import (
    ALLOWED,
    EVERY_ROLE,
    IN_WORDS,
    NOBODY,
    USE_CASES,
    Act,
    Actor,
    Forbidden,
    Role,
    use_case,
)
from insights.errors import ExitCode


@dataclass
class Holder:
    """What has an actor, or a repository that has one."""

    actor: Any = None
    repository: Any = None


@pytest.fixture(autouse=True)
def no_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The use cases of these tests are no use cases of the program."""
    monkeypatch.setattr("insights.domain.access.USE_CASES", {})


def an_actor(*roles: Role) -> Actor:
    return Actor.of("ben", roles)


@pytest.mark.parametrize("act", Act)
def test_nobody_may_do_anything(act):
    assert not NOBODY.may(act)
    with pytest.raises(Forbidden):
        NOBODY.require(act)


@pytest.mark.parametrize("act", Act)
def test_every_act_is_allowed_to_some_role_and_has_words(act):
    assert any(act in acts for acts in ALLOWED.values())
    assert IN_WORDS[act]
    Actor.of("ada", EVERY_ROLE).require(act)


def test_every_role_may_look():
    assert all(Act.LOOK in ALLOWED[role] for role in Role)


def test_an_admin_sees_nobody_behind_a_pseudonym_and_erases_nobody():
    assert not {Act.PERSONS, Act.ERASE} & ALLOWED[Role.ADMIN]


def test_privacy_decides_and_sets_up_nothing():
    assert not {Act.DECIDE, Act.FILE, Act.BRING, Act.MANAGE, Act.ASK} & ALLOWED[Role.PRIVACY]


def test_several_roles_add_up():
    both = an_actor(Role.VIEWER, Role.PRIVACY)

    assert both.may(Act.ERASE) and not both.may(Act.DECIDE)


def test_a_refusal_says_what_is_needed_what_is_there_and_what_to_write():
    with pytest.raises(Forbidden) as refused:
        Actor.of("Ann", [Role.VIEWER], login="ann1").require(Act.DECIDE)

    assert refused.value.message == "ann1 may not do this: it needs the role triager or admin; ann1 has viewer."
    assert 'triager = ["ann1"]' in refused.value.remedy
    assert refused.value.exit_code is ExitCode.FORBIDDEN


def test_the_first_argument_says_who_it_is_itself_or_by_its_repository():
    done = []

    @use_case(Act.DECIDE)
    def decide(holder: Holder) -> None:
        done.append(holder)

    decide(Holder(actor=an_actor(Role.TRIAGER)))
    decide(holder=Holder(repository=Holder(actor=an_actor(Role.ADMIN))))
    assert len(done) == 2

    for refused in (Holder(actor=an_actor(Role.VIEWER)), Holder(), Holder(actor="ada"), None):
        with pytest.raises(Forbidden):
            decide(refused)  # type: ignore[arg-type]
    assert len(done) == 2


def test_a_repository_further_back_says_it_however_it_is_given():
    @use_case(Act.LOOK)
    def find(wanted: object, repository: Holder, count: int = 3) -> object:
        return wanted

    somebody = Holder(actor=an_actor(Role.VIEWER))
    assert find(5, somebody) == find(wanted=5, repository=somebody) == find(5, repository=somebody, count=1) == 5
    with pytest.raises(Forbidden):
        find(somebody, Holder())


def test_a_repository_that_is_missing_is_nobodys():
    @use_case(Act.LOOK)
    def find(*, repository: Holder) -> None: ...

    with pytest.raises(Forbidden):
        find()  # type: ignore[call-arg]


def test_what_needs_two_acts_is_refused_where_one_is_missing():
    @use_case(Act.FILE, Act.PERSONS)
    def write(holder: Holder) -> str:
        return "written"

    for roles in ([Role.TRIAGER], [Role.PRIVACY], [Role.ADMIN]):
        with pytest.raises(Forbidden):
            write(Holder(actor=an_actor(*roles)))
    assert write(Holder(actor=an_actor(Role.TRIAGER, Role.PRIVACY))) == "written"


async def test_what_runs_later_is_refused_at_the_call():
    @use_case(Act.BRING)
    async def pull(holder: Holder) -> str:
        return "pulled"

    with pytest.raises(Forbidden):
        _ = pull(Holder())
    assert await pull(Holder(actor=an_actor(Role.TRIAGER))) == "pulled"


def test_a_use_case_is_known_by_its_full_name():
    from insights.domain import access

    class Desk:
        actor = an_actor(Role.VIEWER)

        @use_case(Act.LOOK)
        def look(self) -> str:
            return "seen"

    assert Desk().look() == "seen"
    assert [name.rpartition(".")[2] for name in access.USE_CASES] == ["look"]
    assert USE_CASES is not access.USE_CASES
