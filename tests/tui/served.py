"""What tests of the served application share: a workspace that other processes can open, and a server with clients."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pyte
import pytest
from aiohttp.test_utils import TestClient, TestServer

from insights.bootstrap import open_workspace
from insights.domain.problem import State
from tests.cli.calling import made
from tests.stored import StoredProblem, fill
from tests.tui.terminal import ROOT
from tui.web.site import Site, build_site


def a_served_workspace(folder: Path, monkeypatch: pytest.MonkeyPatch, problems: Sequence[StoredProblem]) -> Path:
    """With its key where the processes of the server find it."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    workspace = made(folder, monkeypatch)
    opened = open_workspace(workspace)
    fill(opened.repository, problems)
    opened.close()
    return workspace


def states(workspace: Path) -> dict[str, State]:
    """The state of each problem, by its title, as it is in the database."""
    opened = open_workspace(workspace)
    try:
        return {problem.title: problem.state for problem in opened.triage().problems()}
    finally:
        opened.close()


@asynccontextmanager
async def serving(*command: str, name: str = "acme") -> AsyncIterator[tuple[Site, TestClient[Any, Any]]]:
    """A server that starts this program for each page, and a client of it."""
    site = Site(name=name, command=command, background="#14171c")
    async with TestClient(TestServer(build_site(site))) as client:
        yield site, client


def origin(client: TestClient[Any, Any]) -> dict[str, str]:
    """What a browser says of the page that connects."""
    return {"Origin": f"http://{client.host}:{client.port}"}


class Drawn:
    """The screen that the packets of a websocket draw."""

    def __init__(self, page: aiohttp.ClientWebSocketResponse, *, columns: int = 100, rows: int = 30) -> None:
        self.page = page
        self.words: list[str] = []
        self.raw = b""
        self.is_over = False
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    async def type(self, keys: str) -> None:
        await self.page.send_json(["stdin", keys])

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    async def until(self, words: str) -> None:
        """Read until the words are on the screen; at most half a minute."""
        try:
            async with asyncio.timeout(30):
                while words not in self.text:
                    assert not self.is_over, self.text
                    await self._read()
        except TimeoutError:
            raise AssertionError(f"{words!r} is not on the screen:\n{self.text}") from None

    async def until_closed(self) -> None:
        async with asyncio.timeout(30):
            while not self.is_over:
                await self._read()

    async def _read(self) -> None:
        message = await self.page.receive()
        if message.type is aiohttp.WSMsgType.BINARY:
            self.raw += message.data
            self._stream.feed(message.data)
        elif message.type is aiohttp.WSMsgType.TEXT:
            self.words.append(message.data)
        else:
            self.is_over = True


@asynccontextmanager
async def a_session(
    *command: str, columns: int = 100, rows: int = 30, asked: str | None = None
) -> AsyncIterator[Drawn]:
    """A page of a server for this program, with a screen of this size; `asked` says the size as the page would."""
    size = f"?width={columns}&height={rows}" if asked is None else asked
    async with serving(*command) as (site, client):
        page = await client.ws_connect(f"/{site.token}/session{size}", headers=origin(client))
        yield Drawn(page, columns=columns, rows=rows)
        await page.close()


@asynccontextmanager
async def a_server(workspace: Path, *options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """`insights triage --web` as a process of its own, and the address that it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "insights", "-C", str(workspace), "triage", "--web", "--no-open", *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            yield process, (await process.stdout.readline()).decode().strip()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await asyncio.wait_for(process.wait(), 60)
