"""One open page: a process of the application, its output to the page and the page's keys to it.

The process and its packets are textual-serve's `AppService`. This one starts the program itself, not through a
shell; forwards to the page nothing but what is drawn and web addresses that the person asked to open; keeps reading
when the page is gone, so that the application can write what was decided; and says in the page why it ended badly.
"""

import asyncio
import json
import shlex
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from insights.text.clean import sanitise
from tui.entrance import PAGE_DRIVER
from tui.typed import Typed

_PRELUDE = b"__GANGLION__\n"
"""What Textual's driver writes before its first packet."""

_LEAVING_SECONDS = 20.0
"""A busy database is waited for about this long; then the process is ended."""

_MOST_LINES = 20
_MOST_CELLS = 1_000


class Session(AppService):
    """Runs `command` for one websocket."""

    def __init__(self, command: Sequence[str], page: web.WebSocketResponse) -> None:
        super().__init__(
            shlex.join(command),
            write_bytes=page.send_bytes,
            write_str=page.send_str,
            close=self._close,
            download_manager=DownloadManager(),
        )
        self._arguments = tuple(command)
        self._page = page
        self._typed = Typed()

    async def serve(self, *, width: int, height: int) -> None:
        """Run until the page is closed or the application ends."""
        await self.start(_cells(width), _cells(height))
        try:
            async for message in self._page:
                if message.type is WSMsgType.TEXT:
                    await self._take(message.data)
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Let the application leave, which it does once all is written; end it where it does not."""
        leaving = asyncio.ensure_future(super().stop())
        if not (await asyncio.wait({leaving}, timeout=_LEAVING_SECONDS))[0]:
            with suppress(ProcessLookupError):
                self._running.kill()
        await leaving

    async def run(self) -> None:
        """Hand on the application's packets until it ends. Started by `start`."""
        process = self._running
        assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018 (both are pipes)
        complaint = asyncio.create_task(process.stderr.read())
        # The application ended, or never began.
        with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await process.stdout.readuntil(_PRELUDE)
            while True:
                kind = await process.stdout.readexactly(1)
                size = int.from_bytes(await process.stdout.readexactly(4), "big")
                await self._hand_on(kind, await process.stdout.readexactly(size))
        words = await complaint
        self.stdin.close()
        with suppress(ConnectionError):
            await self.stdin.wait_closed()
        if await process.wait():
            await self._hand_on(b"D", _last_words(words.decode("utf-8", "replace")))
        await self._close()

    async def on_meta(self, data: bytes) -> None:
        """Of all that the application may ask of a page, only this: open a web address that the person chose."""
        meta: dict[str, Any] = json.loads(data)
        address = str(meta.get("url", ""))
        if meta.get("type") == "open_url" and address.startswith(("https://", "http://")):
            await self.remote_write_str(json.dumps(["open_url", {"url": address, "new_tab": True}]))

    @property
    def _running(self) -> Process:
        assert self._process is not None  # noqa: S101 (`start` came first)
        return self._process

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        return super()._build_environment(width, height) | {"TEXTUAL_DRIVER": PAGE_DRIVER}

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environment = self._build_environment(width, height)
        process = await asyncio.create_subprocess_exec(
            *self._arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment
        )
        self._process, self._stdin = process, process.stdin
        return process

    async def _hand_on(self, kind: bytes, payload: bytes) -> None:
        with suppress(ConnectionError):  # the page is gone; the application may still have something to write
            if kind == b"D":
                await self.on_data(payload)
            elif kind == b"M":
                await self.on_meta(payload)

    async def _take(self, message: str) -> None:
        """One message of the page: keys, a new size, whether it is looked at."""
        with suppress(json.JSONDecodeError):
            await self._act_on(json.loads(message))

    async def _act_on(self, said: object) -> None:
        match said:
            case ["stdin", str(keys)]:
                typed = self._typed.feed(keys.encode("utf-8", "replace"))
                if typed:  # nothing would mean the end of all keys
                    await self.send_bytes(typed.encode())
            case ["resize", {"width": int(width), "height": int(height)}]:
                await self.set_terminal_size(_cells(width), _cells(height))
            case ["ping", str(sent)]:
                await self._page.send_json(["pong", sent])
            case ["blur"]:
                await self.blur()
            case ["focus"]:
                await self.focus()

    async def _close(self) -> None:
        await self._page.close()


def _cells(wanted: int) -> int:
    """A width or height that a screen can have."""
    return min(max(wanted, 1), _MOST_CELLS)


def _last_words(complaint: str) -> bytes:
    """Why the application ended, as the terminal of the page draws it: inert text on a cleared screen."""
    lines = sanitise(complaint).splitlines()[-_MOST_LINES:]
    return ("\x1b[?1049l\x1b[2J\x1b[H" + "\r\n".join(lines)).encode()
