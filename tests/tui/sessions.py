"""A person at the keys of the application, on a real database."""

import asyncio
from contextlib import asynccontextmanager, suppress

from textual.constants import MAX_FPS
from textual.worker import WorkerCancelled

from tests.tui.offices import an_office
from tui.app import InsightsApp
from tui.widgets.lines import Lines


class Session:
    """A person at the keys."""

    def __init__(self, app, pilot):
        self.app, self.pilot = app, pilot

    async def press(self, *keys):
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self):
        """Until nothing is in work any more, nor what that led to."""
        await self._work_done()
        while [worker for worker in self.app.workers if not worker.is_finished]:
            await self._work_done()

    async def _work_done(self):
        with suppress(WorkerCancelled):  # what was read for a problem that the cursor left meanwhile
            await self.app.workers.wait_for_complete()
        for _ in range(2):  # what a key asked for until after the next frame, and the frame of that
            await self.pilot.pause()
            await asyncio.sleep(1 / MAX_FPS)

    @property
    def on_cursor(self):
        return self.app.desk.current and self.app.desk.current.id

    @property
    def listed(self):
        return [problem.id for problem in self.app.desk.visible]

    def words(self, selector):
        return self.app.screen.query_one(selector, Lines).render().plain


@asynccontextmanager
async def at_work(triage, *, size=(80, 24), parts=None, **options):
    app = InsightsApp(an_office(triage, parts=parts, **options))
    app.animation_level = "none"  # where a page has got to is no matter of how long it was waited for
    async with app.run_test(size=size) as pilot:
        session = Session(app, pilot)
        await session.settle()
        yield session
