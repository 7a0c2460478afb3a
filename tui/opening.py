"""Open a quote's own page in the browser, and copy it: what leaves the application for other programs.

Only http and https are opened, by a browser with a window: one that draws in the terminal would draw over this
application. Neither the address nor the text ever passes through a shell.
"""

import shutil
import subprocess
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import PurePath
from threading import Thread
from urllib.parse import urlsplit

from insights.domain.feedback import Evidence
from insights.text.clean import one_line, sanitise
from tui.cells import cut, shown

LONGEST_ADDRESS = 2000
LONGEST_COPY = 20_000
"""Characters; some terminals drop a longer OSC 52."""
LONGEST_WAIT = 2.0
"""Seconds that one clipboard command may take."""

CLIPBOARDS: Sequence[tuple[str, ...]] = (
    ("wl-copy",),
    ("xclip", "-selection", "clipboard"),
    ("xsel", "--clipboard", "--input"),
    ("pbcopy",),
    ("clip.exe",),
)
"""In the order in which they are tried; one for a display that is not there fails at once."""

_IN_TERMINAL = frozenset(("www-browser", "lynx", "links", "links2", "elinks", "w3m", "browsh", "carbonyl"))
_SHOWN_ADDRESS = 60


def open_source(quote: Evidence, open_address: Callable[[str], bool] | None = None) -> str:
    """Open its page, by `open_address` where one is given, and say what happened. Where it has none, where to look
    for it instead."""
    where = f"look for {one_line(quote.source_id, 80)} in {one_line(quote.source, 40)}"
    if not quote.url:
        return f"The source gave no web address: {where}"
    address = safe_address(quote.url)
    if address is None:
        return f"Its address is none that a browser should open: {where}"
    if not (open_address or _open_in_window)(address):
        return f"No browser with a window was found: {cut(shown(address), 2 * _SHOWN_ADDRESS)}"
    return f"Opened {cut(shown(address), _SHOWN_ADDRESS)} in the browser"


def safe_address(url: str) -> str | None:
    """The address, if it is a plain http or https one: without a name before the host, which may pass for the host,
    and without anything that hides or acts."""
    if len(url) > LONGEST_ADDRESS or url != one_line(url, LONGEST_ADDRESS) or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        is_plain = bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return None
    return url if is_plain and parts.scheme in ("http", "https") else None


def _open_in_window(address: str) -> bool:
    """False where there is no browser, or only one in the terminal."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if not isinstance(browser, webbrowser.GenericBrowser):
        is_drawn_here = isinstance(browser, webbrowser.UnixBrowser) and not browser.background
        return not is_drawn_here and browser.open(address)
    if PurePath(browser.name).name in _IN_TERMINAL:
        return False
    return _start([browser.name, *(part.replace("%s", address) for part in browser.args)])


def _start(command: Sequence[str]) -> bool:
    """In a session of its own, and silent: what it prints would stand on the screen."""
    nowhere = subprocess.DEVNULL
    try:
        started = subprocess.Popen(  # noqa: S603 (the person's own browser; the address is one argument)
            command, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
        )
    except OSError:
        return False
    Thread(target=started.wait, daemon=True).start()
    return True


def copy_quote(
    quote: Evidence, by_terminal: Callable[[str], None], *, commands: Sequence[tuple[str, ...]] = CLIPBOARDS
) -> str:
    """Copy the words with their origin, and say how: as `copy_text` does."""
    how = copy_text(quotation(quote), by_terminal, commands=commands)
    return f"{how}: “{cut(shown(quote.text).strip(), _SHOWN_ADDRESS)}”"


def quotation(quote: Evidence) -> str:
    """The words in quotation marks; below them account, item and day, and its page."""
    account = [one_line(quote.account_name, 120)] if quote.account_name else []
    origin = " · ".join([*account, one_line(quote.ref, 200), f"{quote.created_at:%Y-%m-%d}"])
    address = safe_address(quote.url) if quote.url else None
    return "\n".join(filter(None, (f"“{sanitise(quote.text).strip()}”", origin, address)))


def copy_text(
    text: str, by_terminal: Callable[[str], None], *, commands: Sequence[tuple[str, ...]] = CLIPBOARDS
) -> str:
    """Copy by the system's clipboard command, else by `by_terminal` (OSC 52), which cannot tell whether it worked.
    Returns how, in words."""
    clean = sanitise(text)[:LONGEST_COPY]
    for name, *arguments in commands:
        program = shutil.which(name)
        if program is not None and _pipe([program, *arguments], _encoded(clean, name)):
            return f"Copied by {name}"
    by_terminal(clean)
    return "Handed to the terminal to copy"


def _encoded(text: str, name: str) -> bytes:
    """Windows takes UTF-16 alone for what it is."""
    return text.encode("utf-16" if name == "clip.exe" else "utf-8")


def _pipe(command: Sequence[str], text: bytes) -> bool:
    """Whether the command took the text. It may go on in the background: some hold what was copied until it is
    pasted."""
    nowhere = subprocess.DEVNULL
    try:
        done = subprocess.run(  # noqa: S603 (one of CLIPBOARDS)
            command,
            input=text,
            stdout=nowhere,
            stderr=nowhere,
            timeout=LONGEST_WAIT,
            start_new_session=True,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
