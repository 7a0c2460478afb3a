"""What the screens and dialogs do with keys and pastes that is not told elsewhere."""

from textual import events
from textual.widgets import Input

from insights.errors import InsightsError
from tests.tui.sessions import at_work
from tests.tui.showroom import checks

HOSTILE = "Export \x1b]52;c;ZXZpbA==\x07[@click=app.quit]hangs[/]\u202e\x9b31m\nsecond line"


async def test_what_is_pasted_as_a_title_is_one_inert_line(triage):
    async with at_work(triage, size=(100, 30)) as session:
        await session.press("r")
        field = session.app.screen.query_one(Input)
        await session.press("ctrl+u")
        field.post_message(events.Paste(HOSTILE))
        await session.settle()
        assert field.value == "Export [@click=app.quit]hangs[/] second line"
        await session.press("enter")
    assert triage.problem(1).title == "Export [@click=app.quit]hangs[/] second line"


async def test_a_paste_is_no_longer_than_a_line_and_takes_the_place_of_what_is_selected(triage):
    async with at_work(triage, size=(100, 30)) as session:
        await session.press("r")
        field = session.app.screen.query_one(Input)
        field.select_all()
        field.post_message(events.Paste("x" * 300_000))
        await session.settle()
        assert len(field.value) <= 300
        assert field.value.startswith("xxx")


async def test_j_and_k_scroll_the_page_of_a_problem(triage):
    async with at_work(triage, size=(80, 24)) as session:
        await session.press("enter", "j", "j", "j")
        page = session.app.screen.query_one("#page")
        assert page.scroll_y == 3
        await session.press("k", "k")
        assert page.scroll_y == 1


async def test_a_problem_is_split_by_hand_where_no_parts_can_be_found(triage):
    def no_vectors():
        raise InsightsError("There are no vectors.", remedy="Make them.")

    before = len(triage.items(1))
    async with at_work(triage, size=(100, 30), parts={"vectors": no_vectors}) as session:
        await session.press("x", "space", "enter")
    assert len(triage.items(1)) == before - 1


async def test_what_is_copied_of_a_check_is_the_command_that_mends_it(triage):
    async with at_work(triage, parts={"examine": checks}) as session:
        copied: list[str] = []
        session.app.copy = copied.append
        await session.press("5", "j", "y")
    assert copied == ["insights auth zendesk"]
