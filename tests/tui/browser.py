"""Headless Chromium through DevTools: enough to open one page, type, see what it asked for and what it drew."""

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = shutil.which("chromium")

_FLAGS = [
    "--headless=new",
    "--no-sandbox",  # it runs as root in a container
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
]


_NAMED: dict[str, tuple[int, dict[str, str]]] = {
    "Tab": (9, {}),
    "Enter": (13, {"text": "\r"}),
    "Escape": (27, {}),
    "End": (35, {}),
    "Home": (36, {}),
    "ArrowLeft": (37, {}),
    "ArrowUp": (38, {}),
    "ArrowRight": (39, {}),
    "ArrowDown": (40, {}),
}
"""Keys with their numbers, and what they write."""


class Page:
    """One page, all that it asked for and all that its websockets received."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._changed = asyncio.Event()
        self.asked_for: list[str] = []
        self.received = b""
        self.complaints: list[str] = []
        self.listening = asyncio.create_task(self._listen())

    async def do(self, method: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._connection.send_json({"id": number, "method": method, "params": parameters})
        return await asyncio.wait_for(self._answers[number], 30)

    async def open(self, address: str, *, width: int, height: int) -> None:
        for domain in ("Page", "Network", "Runtime", "Log", "DOM", "CSS"):
            await self.do(f"{domain}.enable")
        await self.do(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        await self.do("Page.navigate", url=address)

    async def evaluate(self, script: str) -> Any:
        answer = await self.do("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        return answer["result"].get("value")

    async def type(self, keys: str) -> None:
        for key in keys:
            for kind in ("keyDown", "keyUp"):
                text = {"text": key} if kind == "keyDown" else {}
                await self.do("Input.dispatchKeyEvent", type=kind, key=key, **text)

    async def press(self, *keys: str) -> None:
        """Keys that write nothing, by their names: Tab, Enter, ArrowDown, Escape …"""
        for key in keys:
            number, text = _NAMED[key]
            said = {"key": key, "code": key, "windowsVirtualKeyCode": number}
            await self.do("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **said, **text)
            await self.do("Input.dispatchKeyEvent", type="keyUp", **said)

    async def until(self, condition: str) -> None:
        """Wait until the script is true."""
        async with asyncio.timeout(30):
            while not await self.evaluate(condition):
                await asyncio.sleep(0.05)

    async def until_received(self, is_enough: Callable[[], Any]) -> None:
        async with asyncio.timeout(30):
            while not is_enough():
                self._changed.clear()
                await self._changed.wait()

    async def screenshot(self) -> bytes:
        return base64.b64decode((await self.do("Page.captureScreenshot", format="png"))["data"])

    async def _listen(self) -> None:
        async for message in self._connection:
            said = message.json()
            if "id" in said:
                self._answers[said["id"]].set_result(said.get("result", said.get("error")))
            else:
                self._take(said["method"], said["params"])
                self._changed.set()

    def _take(self, method: str, told: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.asked_for.append(told["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.asked_for.append(told["url"])
        elif method == "Network.webSocketFrameReceived" and told["response"]["opcode"] == 2:
            self.received += base64.b64decode(told["response"]["payloadData"])
        elif method == "Log.entryAdded":
            self.complaints.append(told["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(told["exceptionDetails"]["text"])


@asynccontextmanager
async def a_page(folder: Path, *flags: str) -> AsyncIterator[Page]:
    """A page of a browser with a profile of its own in the folder."""
    assert CHROMIUM
    profile = folder / "profile"
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        *_FLAGS,
        *flags,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as http:
            root = f"http://127.0.0.1:{await _port(profile / 'DevToolsActivePort')}"
            async with http.get(f"{root}/json/list") as answer:
                targets = await answer.json()
            address = next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page")
            async with http.ws_connect(address, max_msg_size=0) as connection:
                page = Page(connection)
                yield page
                page.listening.cancel()
    finally:
        process.terminate()
        await process.wait()


async def _port(file: Path) -> int:
    """Chromium writes the port that it took into its profile."""
    async with asyncio.timeout(30):
        while not (file.exists() and file.read_text().strip()):
            await asyncio.sleep(0.05)
    return int(file.read_text().splitlines()[0])
