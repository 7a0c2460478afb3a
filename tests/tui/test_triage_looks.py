"""The colours: the Inbox in each theme, and one dialog. What every screen says is told in `test_looks`. Look at the
difference before accepting it."""

import pytest

from tests.tui.offices import an_office
from tui.app import InsightsApp

NARROW, WIDE = (80, 24), (140, 40)


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


@pytest.mark.parametrize("theme", ["dark", "light", "high-contrast"])
def test_the_inbox_in_each_theme(triage, looks, theme):
    assert looks(triage, "j", "space", size=WIDE, theme=theme)


def test_a_dialog(triage, looks):
    assert looks(triage, "m")
