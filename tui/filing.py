"""File problems in the tracker from inside the application: in the background, one after the other, and stopped without
losing what was filed."""

import asyncio
from collections.abc import Sequence
from threading import Event
from typing import TYPE_CHECKING, cast

from insights.domain.figures import counted
from insights.domain.problem import problem_ref
from insights.errors import InsightsError
from tui.cells import shown
from tui.pages.frame import Status
from tui.questions import Answer, Question

if TYPE_CHECKING:
    from insights.export import ExportedAll
    from insights.filing import Once
    from tui.app import InsightsApp


class _Stopped(Exception):
    """The person stopped it."""


class Filing:
    """Part of the application. An export cannot be taken back: what is offered instead is to close the issue."""

    _filing: Status | None = None
    _is_to_stop = Event()
    _is_left = False
    _filed: tuple[int, ...] = ()

    @property
    def _app(self) -> "InsightsApp":
        return cast("InsightsApp", self)

    @property
    def filing_status(self) -> Status | None:
        """How far an export is; None where none runs."""
        return self._filing

    def export(self, numbers: Sequence[int], *, again: bool = False) -> None:
        """File these, or bring their issues up to date; what is gone there only `again`."""
        if self._filing is not None:
            self._app.say(Status("An export runs already.", hint="^C stops it"))
            return
        self._filing = Status("exporting…", hint="^C stops, keeps what is filed")
        self._is_to_stop.clear()
        self._app.run_worker(self._file(list(numbers), again=again), group="filing")

    async def _file(self, numbers: list[int], *, again: bool) -> None:
        done: list[int] = []
        try:
            found = await asyncio.to_thread(self._export, numbers, again)
        except _Stopped:
            self._app.say(Status("The export was stopped; what was filed is kept.", hint="E exports the rest"))
        except InsightsError as error:
            self._app.complain(error)
        else:
            done = [one.link.problem_id for one in found.done]
            self._say_filed(found)
        finally:
            self._filing = None
            self._filed = tuple(done)
            if not self._is_left:
                await self._app.read_again(numbers)

    def _export(self, numbers: list[int], again: bool) -> "ExportedAll":
        from insights.export import export_all  # with it comes all that estimates: half a second

        office = self._app.office
        return export_all(
            numbers,
            repository=office.repository,
            tracker=office.tracker(),
            now=office.now(),
            currency=office.settings.product.currency,
            progress=self._went_on,
            settings=office.settings,
            folder=office.place,
            once=self._once(again=again),
        )

    def _went_on(self, _words: str, done: int, of: int | None) -> None:
        """In the thread that files."""
        if self._is_to_stop.is_set() and done != of:
            raise _Stopped
        if of and of > 1:
            self._filing = Status(f"exporting {done:,}/{of:,}", hint="^C stops, keeps what is filed")
            self._app.call_from_thread(self._app.show)

    def _wait(self, seconds: float) -> None:
        """For a tracker that may show later what was sent; in the thread that files."""
        self._filing = Status("waiting until the tracker shows what was sent…", hint="^C stops, loses nothing")
        self._app.call_from_thread(self._app.show)
        if self._is_to_stop.wait(seconds):
            raise _Stopped

    def _stop_if_wanted(self) -> None:
        if self._is_to_stop.is_set():
            raise _Stopped

    def _say_filed(self, found: "ExportedAll") -> None:
        if found.failed:
            number, error = next(iter(found.failed.items()))
            words = (
                f"{counted(len(found.done), 'problem')} filed, {len(found.failed):,} not: P-{number}: {error.message}"
            )
            self._app.say(Status(f"{words} {error.remedy}", is_error=True))
            return
        what = counted(len(found.done), "problem")
        if len(found.done) == 1:
            link = found.done[0].link
            what = f"{problem_ref(link.problem_id)} as {shown(link.external_id, 60)}"
        where = shown(self._app.office.settings.triage.export_to, 200)
        self._app.say(Status(f"filed {what} in {where}"))

    def stop_filing(self, *, leaves: bool = False) -> bool:
        """Whether there was anything to stop. Once the application `leaves`, nothing is read again for it."""
        self._is_left = self._is_left or leaves
        if self._filing is None:
            return False
        self._is_to_stop.set()
        return True

    def forget_filed(self) -> None:
        """Something else was done since."""
        self._filed = ()

    def ask_about_filed(self) -> bool:
        """Where the latest that was done was an export, say that it stays, and offer what can be done."""
        filed = self._filed
        if not filed:
            return False
        self._filed = ()
        what = "the issue" if len(filed) == 1 else f"the {len(filed):,} issues"
        close = Answer("c", f"close {what}", lambda: self._close(filed))
        words = "An export stays; u again undoes the decision before it."
        self._app.ask(Question(words=words, answers=(close,)))
        return True

    async def _close(self, numbers: Sequence[int]) -> None:
        self._is_to_stop.clear()
        try:
            await asyncio.to_thread(self._close_issues, numbers)
        except InsightsError as error:
            self._app.complain(error)
        else:
            self._app.say(Status(f"closed {counted(len(numbers), 'issue')} with a comment; E opens again"))
        await self._app.read_again(numbers)

    def _close_issues(self, numbers: Sequence[int]) -> None:
        from insights.export import close_issue

        office = self._app.office
        comment = f"Taken back by {office.who} in insights."
        for number in numbers:
            close_issue(
                number,
                repository=office.repository,
                tracker=office.tracker(),
                comment=comment,
                now=office.now(),
                once=self._once(),
            )

    def _once(self, *, again: bool = False) -> "Once":
        from insights.filing import FILING_LOCK, Once

        outbox = self._app.office.outbox
        lock = outbox.parent / FILING_LOCK if outbox else None
        return Once(lock_file=lock, again=again, sleep=self._wait, meanwhile=self._stop_if_wanted)
