"""Work in a process of its own, so that the screen never waits: started, followed, stopped.

The process says how far it is by lines of JSON on its stderr (`insights --progress json`). It is no child of the
terminal: keys and a closed window reach the application, and the application stops it in order.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tui.models.following import LineCutter, Phase, WorkState

_CHUNK = 65_536
_MOST_OUTPUT = 1_000_000
"""Bytes of stdout that are kept; the rest is read and dropped."""
_PATIENCE_SECONDS = 10.0
"""Until a process that was interrupted is told again, by a signal that it cannot have been started without."""


def insights_program(folder: Path, *words: str) -> list[str]:
    """The command line of `insights` with these words, for this workspace, told by steps. It is this program, whatever
    the search path or the current folder hold."""
    return [sys.executable, "-P", "-m", "insights", "-C", str(folder), "--no-input", "--progress", "json", *words]


class Work:
    """One process. `run` takes it from start to end; `changed` is called whenever `state` is another."""

    def __init__(
        self,
        program: Sequence[str],
        *,
        name: str,
        changed: Callable[[WorkState], None] = lambda _: None,
        environment: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._program = program
        self._changed = changed
        self._environment = environment
        self.clock = clock
        self.state = WorkState(name=name, began=clock())
        self.output = b""
        self._process: asyncio.subprocess.Process | None = None
        self._urging: asyncio.TimerHandle | None = None

    async def run(self) -> WorkState:
        """Until it has ended, whatever way. A task that is cancelled stops it first."""
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._program,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=self._environment,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            self._become(self.state.not_started(getattr(error, "strerror", None) or str(error), at=self.clock()))
            return self.state
        if self._is_stopping:  # asked before there was anybody to tell
            self._interrupt()
        try:
            code = await self._followed(self._process)
        except asyncio.CancelledError:
            await self._left(self._process)
            raise
        finally:
            self._calm()
        self._become(self.state.over(code, at=self.clock()))
        return self.state

    def stop(self) -> None:
        """Ask it to end in order; what it has done is kept. Asked again, it is told more firmly."""
        was_asked = self._is_stopping
        self._become(self.state.asked_to_stop())
        if self._process is None or self.state.is_over:
            return
        if was_asked:
            self._signal(signal.SIGTERM)
        else:
            self._interrupt()

    @property
    def _is_stopping(self) -> bool:
        return self.state.phase is Phase.STOPPING

    async def _followed(self, process: asyncio.subprocess.Process) -> int:
        await asyncio.gather(self._read_steps(process.stderr), self._keep_output(process.stdout))
        return await process.wait()

    async def _read_steps(self, stream: asyncio.StreamReader | None) -> None:
        cutter = LineCutter()
        while stream is not None and (some := await stream.read(_CHUNK)):
            self._hear(cutter.feed(some))
        self._hear([cutter.rest()])

    async def _keep_output(self, stream: asyncio.StreamReader | None) -> None:
        kept = bytearray()
        while stream is not None and (some := await stream.read(_CHUNK)):
            kept += some[: max(_MOST_OUTPUT - len(kept), 0)]
        self.output = bytes(kept)

    def _hear(self, lines: Sequence[str]) -> None:
        state = self.state
        for line in lines:
            state = state.heard(line, at=self.clock())
        self._become(state)

    def _become(self, state: WorkState) -> None:
        if state is not self.state:
            self.state = state
            self._changed(state)

    # -- stopping -------------------------------------------------------------------------------------------------

    def _interrupt(self) -> None:
        """As Ctrl-C does. Where that is ignored, which a process inherits, SIGTERM means the same to `insights`."""
        self._signal(signal.SIGINT)
        loop = asyncio.get_running_loop()
        self._urging = loop.call_later(_PATIENCE_SECONDS, self._signal, signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        """To the process and those that it started: it leads a group of its own."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)

    def _calm(self) -> None:
        if self._urging is not None:
            self._urging.cancel()

    async def _left(self, process: asyncio.subprocess.Process) -> None:
        """The application ends: so does this, in order if it does not take too long."""
        self._signal(signal.SIGINT)
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE_SECONDS)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await process.wait()
