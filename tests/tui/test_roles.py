"""The triage application in the hands of somebody whose roles do not allow everything."""

import pytest

from insights.domain.access import Forbidden, Role
from insights.domain.intent import Intent
from insights.domain.problem import Action
from insights.errors import Unreachable
from insights.triage import Triage
from tests.actors import an_actor
from tests.builders import MORNING
from tests.tui.sessions import at_work
from tui import entrance
from tui.models.outbox import Outbox


class Away(Triage):
    """Its database cannot be written."""

    __slots__ = ()

    def decide_all(self, intents):
        super().decide_all([])
        raise Unreachable("The database cannot be reached.", remedy="Is it running?")


@pytest.fixture
def viewing(repository):
    """Those of somebody who may look."""
    repository.actor = an_actor(Role.VIEWER, who="vic")
    return Triage(repository, "vic", lambda: MORNING)


def everything(triage):
    return [(one.id, one.state, one.version, one.title) for one in triage.problems()]


async def test_a_viewer_looks_around(viewing):
    async with at_work(viewing) as session:
        assert session.listed == [1, 2, 3, 4, 5, 6]
        await session.press("j", "enter")
        assert session.app.screen.looked_at.id == 2


@pytest.mark.parametrize("keys", [("a",), ("d", "1"), ("s", "w"), ("space", "j", "space", "a"), ("u",), ("U",)])
async def test_a_decision_of_a_viewer_is_refused_in_plain_words_and_shows_no_more(viewing, tmp_path, keys):
    before = everything(viewing)
    outbox = tmp_path / "outbox.jsonl"
    async with at_work(viewing, size=(200, 24), parts={"outbox": outbox}) as session:
        await session.press(*keys)

        said = session.words("#status")
        assert "vic may not do this: it needs the role triager or admin; vic has viewer." in said
        assert session.listed == [1, 2, 3, 4, 5, 6]
        assert not session.app.is_offline
        assert session.app.writer.kept == []
    assert not Outbox(outbox).waiting()
    assert everything(viewing) == before


async def test_a_refusal_is_no_database_that_is_away(viewing, tmp_path):
    outbox = tmp_path / "outbox.jsonl"
    away = Away(viewing.repository, "vic", viewing.now)
    async with at_work(away, size=(200, 24), parts={"outbox": outbox}) as session:
        await session.press("a", "a")
        assert "may not do this" in session.words("#status")
        assert not session.app.is_offline
    assert not Outbox(outbox).waiting()


async def test_a_correction_of_a_viewer_is_refused(viewing):
    before = everything(viewing)
    async with at_work(viewing, size=(200, 24)) as session:
        await session.press("r", "x", "enter")
        assert "may not do this" in session.words("#status")
    assert everything(viewing) == before


async def test_neither_an_export_nor_an_analysis_of_a_viewer_begins(viewing):
    async with at_work(viewing, size=(200, 24)) as session:
        await session.press("E", "enter")
        assert session.app.work_status is None
        await session.press("escape", "N")
        assert "it needs the role triager or admin; vic has viewer." in session.words("#status")
        assert session.app.work_status is None


async def test_keys_that_one_may_not_use_are_not_offered(viewing):
    async with at_work(viewing, size=(200, 24)) as session:
        offered = {one.words for one in session.app.screen.help()}
        palette = {pick.words for pick in session.app.screen.offers()}

    assert not {"accept", "dismiss", "merge", "undo", "export", "analyze"} & (offered | palette)
    assert {"find", "copy"} <= offered & palette


async def test_whoever_may_decide_is_offered_all_of_them(triage):
    async with at_work(triage, size=(200, 24)) as session:
        offered = {one.words for one in session.app.screen.help()}

    assert {"accept", "dismiss", "merge", "undo", "export", "analyze"} <= offered


async def test_what_waits_of_somebody_who_lost_the_role_is_told_and_not_written(viewing, tmp_path):
    outbox = tmp_path / "outbox.jsonl"
    Outbox(outbox).add([Intent(problem_id=1, action=Action.ACCEPT, seen_version=viewing.problem(1).version)])
    before = everything(viewing)
    async with at_work(viewing, size=(200, 24), parts={"outbox": outbox}) as session:
        assert "may not do this" in session.words("#status")
        assert not session.app.is_offline
    assert everything(viewing) == before


def test_whoever_has_no_role_sees_the_refusal_and_a_whole_terminal(monkeypatch, capsys):
    monkeypatch.setattr(entrance, "check_terminal", lambda *_: None)
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)

    def refused():
        raise Forbidden("eve has no role in acme.", remedy="Ask.")

    with pytest.raises(Forbidden):
        entrance.run(refused)
    assert capsys.readouterr().err.endswith("\x1b[?25h\x1b[?1049l")
