"""What the server answers: one page, its files and its websocket, under a secret path, to this machine alone.

The application has no login, so whoever reaches it decides under this person's name. Three things keep other
people's pages out: a path nobody can guess, a `Host` that must be this machine by name (DNS rebinding), and for the
websocket an `Origin` that must be the page itself (browsers let any page open a websocket to any address).
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from tui.web.session import Session

_HERE = Path(__file__).parent
_TERMINAL = Path(str(files("textual_serve"))) / "static"

_FILES = {
    "page.css": (_HERE / "static/page.css", "text/css"),
    "page.js": (_HERE / "static/page.js", "text/javascript"),
    "icon.svg": (_HERE / "static/icon.svg", "image/svg+xml"),
    "regular.woff2": (_HERE / "static/DejaVuSansMono.woff2", "font/woff2"),
    "bold.woff2": (_HERE / "static/DejaVuSansMono-Bold.woff2", "font/woff2"),
    "terminal.css": (_TERMINAL / "css/xterm.css", "text/css"),
    "terminal.js": (_TERMINAL / "js/textual.js", "text/javascript"),
}
"""All that the page may ask for, and what it is."""

_HEADERS = {
    # Styles inline: the terminal writes its own as it measures its cells.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # the address is the key
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), clipboard-read=(), display-capture=(), geolocation=(), microphone=()",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

_THIS_MACHINE = re.compile(r"(?:127\.0\.0\.1|localhost)(?::\d{1,5})?", re.ASCII)
_MOST_PAGES = 8
"""Each open page is a process of 90 MB or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is served, and the secrets under which it is.

    `token` is the path of the page for as long as the server runs. `ticket` opens it once: it is for the browser that
    we start, because a program's arguments can be read by others on this machine.
    """

    name: str
    command: tuple[str, ...]
    background: str
    token: str = field(default_factory=secrets.token_urlsafe)
    ticket: str = field(default_factory=secrets.token_urlsafe)


def build_site(site: Site) -> web.Application:
    """The answers of the server."""
    desk = _Desk(site)
    application = web.Application(middlewares=[_for_this_machine])
    application.on_response_prepare.append(_add_headers)
    application.on_shutdown.append(desk.close)
    application.add_routes(
        [
            web.get(f"/{site.token}/", desk.page),
            web.get(f"/{site.token}/session", desk.session),
            web.get(f"/{site.token}/static/{{name}}", _file),
            web.get(f"/open/{site.ticket}", desk.open_once),
        ]
    )
    return application


class _Desk:
    """The pages that are open."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._open: dict[web.WebSocketResponse, asyncio.Task[None]] = {}
        self._is_ticket_used = False

    async def page(self, _: web.Request) -> web.Response:
        return web.Response(text=_render(self._site), content_type="text/html")

    async def open_once(self, _: web.Request) -> web.Response:
        if self._is_ticket_used:
            raise web.HTTPNotFound(text="This link opens once. Use the address that `insights triage --web` printed.")
        self._is_ticket_used = True
        raise web.HTTPSeeOther(f"/{self._site.token}/")

    async def session(self, request: web.Request) -> web.WebSocketResponse:
        """The websocket of one page: drawn text out, keys in."""
        if request.headers.get("Origin") != f"http://{request.host}":
            raise web.HTTPForbidden(text="Only the page itself may connect.")
        if len(self._open) >= _MOST_PAGES:
            raise web.HTTPServiceUnavailable(text="Too many pages are open: close one.")
        page = web.WebSocketResponse(heartbeat=15)
        await page.prepare(request)
        width, height = (_number(request.query.get(name, "")) for name in ("width", "height"))
        # A task of its own: it goes on, until the application has written all, when the request is over.
        serving = asyncio.create_task(Session(self._site.command, page).serve(width=width, height=height))
        self._open[page] = serving
        serving.add_done_callback(lambda _: self._open.pop(page))
        await asyncio.shield(serving)
        return page

    async def close(self, _: web.Application) -> None:
        """Close every page, and wait until the applications have left: they may have something to write."""
        sessions = list(self._open.values())
        await asyncio.gather(*(page.close() for page in self._open))
        await asyncio.gather(*sessions, return_exceptions=True)


@web.middleware
async def _for_this_machine(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer only who calls this machine by its own name; any port, for it may come through a tunnel."""
    if not _THIS_MACHINE.fullmatch(request.host):
        raise web.HTTPForbidden(text="This server answers to 127.0.0.1 and localhost only.")
    return await handler(request)


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


async def _file(request: web.Request) -> web.StreamResponse:
    known = _FILES.get(request.match_info["name"])
    if known is None:
        raise web.HTTPNotFound
    path, kind = known
    return web.FileResponse(path, headers={"Content-Type": kind})


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _render(site: Site) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined, loader=PackageLoader("tui.web"))
    return environment.get_template("page.html").render(name=site.name, background=site.background)
