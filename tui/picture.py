"""A picture of the Inbox, drawn off-screen, for a README or a report."""

import asyncio

from insights.triage import Triage
from tui.app import InsightsApp


def screenshot_svg(
    triage: Triage,
    *,
    workspace: str = "demo",
    currency: str = "$",
    theme: str = "dark",
    size: tuple[int, int] = (120, 34),
    keys: tuple[str, ...] = (),
) -> str:
    """The Inbox as SVG, `size` in columns and rows, after `keys` were pressed. Writes what those keys decide."""
    return asyncio.run(_draw(InsightsApp(triage, workspace=workspace, currency=currency, theme=theme), size, keys))


async def _draw(app: InsightsApp, size: tuple[int, int], keys: tuple[str, ...]) -> str:
    async with app.run_test(size=size) as pilot:
        await app.workers.wait_for_complete()
        for key in keys:
            await pilot.press(key)
            await app.workers.wait_for_complete()
        await pilot.pause()
        return app.export_screenshot(title="insights triage")
