"""Reach servers on this machine by no proxy: it would be given what must stay here."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from urllib.parse import urlsplit

from insights.config.leaving import is_local

_NAMES = ("no_proxy", "NO_PROXY")
_LOCK = RLock()


@contextmanager
def unproxied(address: str) -> Iterator[None]:
    """Around the making of a client for this address: clients read then from the environment which proxy they go by.
    Nothing changes where the address is elsewhere."""
    if not is_local(address):
        yield
        return
    host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    with _LOCK:
        before = {name: os.environ.get(name) for name in _NAMES}
        known = next((text for text in before.values() if text), "")
        os.environ.update(dict.fromkeys(_NAMES, f"{known},{host}".strip(",")))
        try:
            yield
        finally:
            _restore(before)


def _restore(before: dict[str, str | None]) -> None:
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
