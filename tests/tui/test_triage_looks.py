"""What every screen looks like, at a fixed size, clock and theme. Look at the difference before accepting it."""

import pytest

from insights.domain.problem import Action
from insights.triage import Triage
from tests.builders import MORNING
from tests.stored import a_workspace
from tests.tui.offices import an_office
from tui.app import InsightsApp

NARROW, WIDE = (80, 24), (140, 40)
SIZES = [pytest.param(NARROW, id="narrow"), pytest.param(WIDE, id="wide")]


@pytest.fixture
def looks(snap_compare):
    """Compare the application after some keys; it waits until everything is read."""

    def compare(triage, *keys, size=NARROW, theme="dark"):
        async def use(pilot):
            await pilot.app.workers.wait_for_complete()
            for key in keys:
                await pilot.press(key)
                await pilot.app.workers.wait_for_complete()
            await pilot.pause()

        app = InsightsApp(an_office(triage, workspace="acme-prod", theme=theme))
        return snap_compare(app, terminal_size=size, run_before=use)

    return compare


@pytest.mark.parametrize("size", SIZES)
def test_the_inbox(triage, looks, size):
    assert looks(triage, "j", size=size)


@pytest.mark.parametrize("size", SIZES)
def test_the_page_of_a_problem(triage, looks, size):
    assert looks(triage, "enter", "J", size=size)


@pytest.mark.parametrize("size", SIZES)
def test_the_help(triage, looks, size):
    assert looks(triage, "question_mark", size=size)


@pytest.mark.parametrize("size", SIZES)
def test_inbox_zero(triage, looks, size):
    for number in range(2, 7):
        triage.decide(number, Action.DISMISS)
    assert looks(triage, "a", size=size)


@pytest.mark.parametrize("size", SIZES)
def test_no_data_yet(tmp_path, looks, size):
    assert looks(Triage(a_workspace(tmp_path), "ana", lambda: MORNING), size=size)


def test_too_small(triage, looks):
    assert looks(triage, size=(52, 12))


def test_a_prefix_that_waits(triage, looks):
    assert looks(triage, "a", "d")


@pytest.mark.parametrize("theme", ["light", "high-contrast"])
def test_the_other_themes(triage, looks, theme):
    assert looks(triage, theme=theme)
