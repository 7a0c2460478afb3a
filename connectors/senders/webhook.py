"""What incoming webhooks have in common: the address is the login, and a message is sent once.

The address is kept as other logins are. It is looked at before anything goes there: over TLS, at a server of the
service, and it is in no message, not even in part.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.addresses import LOCAL
from connectors.http import Answer, Service
from insights.errors import ExitCode, InsightsError
from insights.ports import Setup

_ATTEMPTS = 3
"""Where the service says that it has no time, or is not there: whoever sends digests tries again later."""
_TELLING = 10
"""Characters from which a part of the address is taken for a part of the secret."""


class Webhook:
    """The address that the secret of `setup` is. `hosts` are servers that it may be at, or domains of them."""

    def __init__(self, setup: Setup[Any], *, hosts: Sequence[str], timeout: float) -> None:
        self.name = setup.name
        self._setup = setup
        self._hosts = tuple(hosts)
        self._timeout = timeout
        self._made: tuple[Service, str] | None = None

    def post(self, payload: Mapping[str, Any]) -> Answer:
        """Send it; the answer's data is text. Raises Unanswered where it may have been taken, InsightsError where it
        was not: with exit code LOGIN where the address is not usable."""
        service, path = self._service()
        return service.write("POST", path, payload, is_text=True)

    def server(self) -> str:
        """Where the address leads. Raises InsightsError where it is not usable; nothing is sent."""
        service, _ = self._service()
        return urlsplit(service.base_url).hostname or ""

    def _service(self) -> tuple[Service, str]:
        if self._made is None:
            address = self._setup.secret().strip()
            base, path = split_address(address, name=self.name, hosts=self._hosts)
            # It logs each address that it asks, and here that is the secret.
            logging.getLogger("httpx2").setLevel(logging.WARNING)
            service = Service(
                name=self.name,
                base_url=base,
                secrets=lambda: _parts(address),
                timeout=self._timeout,
                sleep=self._setup.sleep,
                attempts=_ATTEMPTS,
                only_sends=True,
            )
            self._made = service, path
        return self._made


def split_address(address: str, *, name: str, hosts: Sequence[str]) -> tuple[str, str]:
    """Server, and path with query. Raises InsightsError with exit code LOGIN for what is no address of a webhook at one
    of `hosts`; it does not say what it is."""
    try:
        parts = urlsplit(address)
        is_whole = bool(parts.hostname) and parts.port != 0 and len(parts.path) > 1
    except ValueError:
        raise _unusable(name, "is no web address") from None
    if not is_whole or not address.isascii() or not address.isprintable() or " " in address:
        raise _unusable(name, "is no web address")
    if parts.username or parts.password or parts.fragment:
        raise _unusable(name, "is no address of a webhook")
    host = parts.hostname or ""
    if not any(host == one or host.endswith(f".{one}") for one in hosts):
        raise _unusable(name, f"does not lead to {' or '.join(hosts)}")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOCAL):
        raise _unusable(name, "does not begin with https://")
    return f"{parts.scheme}://{parts.netloc}", f"{parts.path}{'?' if parts.query else ''}{parts.query}"


def _unusable(name: str, why: str) -> InsightsError:
    return InsightsError(
        f"The login of {name} is to be the address of its webhook, but {why}.",
        remedy=f"Copy the whole address again, by itself: insights auth {name}",
        exit_code=ExitCode.LOGIN,
    )


def _parts(address: str) -> tuple[str, ...]:
    """The address, and what of it nobody may guess from the rest."""
    parts = urlsplit(address)
    pieces = [*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))]
    long = [one for one in pieces if len(one) >= _TELLING]
    return (address, f"{parts.path}?{parts.query}", parts.path, parts.query, *long)
