"""Serve the triage application to a browser on this machine until Ctrl-C.

Only on the loopback address, and no option changes that: there is no login. A session behind `ssh -L` is the way in
from elsewhere.
"""

import asyncio
import errno
import os
import sys
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from insights.errors import ExitCode, InsightsError
from tui.cells import shown
from tui.themes import known_theme
from tui.web.site import Site, build_site

HOST = "127.0.0.1"


def serve(
    *,
    workspace: Path,
    port: int,
    open_browser: bool,
    on_ready: Callable[[str], None],
    theme: str = "dark",
    options: Sequence[str] = (),
) -> None:
    """Serve `insights triage` of this workspace until Ctrl-C or SIGTERM; `port` 0 is any free one.

    `options` go to each `insights triage`. `on_ready` gets the address, which is the key to it. Raises InsightsError
    where the port is taken or the theme unknown.
    """
    site = Site(
        name=shown(workspace.name, 80),
        command=triage_command(workspace, options),
        background=known_theme(theme).background or "#000000",
    )
    with suppress(KeyboardInterrupt):  # how it ends
        asyncio.run(_serve(site, port=port, open_browser=open_browser, on_ready=on_ready))


def triage_command(workspace: Path, options: Sequence[str] = ()) -> tuple[str, ...]:
    """The program of one page, as arguments: no shell reads them, and modules of the current folder are not run."""
    return (sys.executable, "-P", "-m", "insights", "--workspace", str(workspace), "triage", *options)


def has_display(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a browser could show itself here: in a remote shell it would take the terminal instead."""
    return platform in ("darwin", "win32") or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


async def _serve(site: Site, *, port: int, open_browser: bool, on_ready: Callable[[str], None]) -> None:
    runner = web.AppRunner(build_site(site), access_log=None, shutdown_timeout=30)
    await runner.setup()
    try:
        root = await _listen(runner, port)
        on_ready(f"{root}/{site.token}/")
        if open_browser:
            await asyncio.to_thread(webbrowser.open, f"{root}/open/{site.ticket}")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, port: int) -> str:
    """Start to listen; returns the address. Raises InsightsError where that port cannot be had."""
    try:
        await web.TCPSite(runner, HOST, port).start()
    except OSError as error:
        raise _refused(error, port) from None
    return f"http://{HOST}:{runner.addresses[0][1]}"


def _refused(error: OSError, port: int) -> Exception:
    if error.errno == errno.EADDRINUSE:
        message = f"Port {port} is taken by another program."
    elif error.errno == errno.EACCES:
        message = f"Port {port} is one that only an administrator may take."
    else:
        return error
    return InsightsError(
        message, remedy="Leave --port out to take a free one, or name another.", exit_code=ExitCode.ERROR
    )
