"""Whether text may leave this machine: with `[privacy] text_may_leave = false`, only servers on it may be named."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlsplit

OLLAMA = "ollama:"
OPENAI = "openai:"
_ADDRESS_KEYS = ("url", "base_url", "server", "host", "webhook", "api_url", "site", "address", "endpoint")


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def own(self) -> dict[str, Any]: ...


def is_local(address: str) -> bool:
    """Whether a URL or host is this machine by its own words: localhost or a loopback address. Nothing is looked up:
    any other name may lead elsewhere."""
    text = address.strip()
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname
    except ValueError:
        return False
    if not host:
        return False
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def model_leaves(model: str, base_url: str) -> bool:
    """Whether asking this model sends text away; an empty address is the provider's own."""
    if not model.strip():
        return False
    if base_url.strip():
        return not is_local(base_url)
    return not model.startswith(OLLAMA)


def embedder_leaves(embedder: str, base_url: str) -> bool:
    """The same of an embedder: only one with a server sends anything."""
    return embedder.startswith(OPENAI) and not (base_url.strip() and is_local(base_url))


def block_leaves(block: _Named) -> bool:
    """Whether a tracker or sender is elsewhere, as far as its settings tell: one that names no address has its
    service's own, or one in its login."""
    addresses = [str(value) for value in _addresses(block.own)]
    return not addresses or not all(map(is_local, addresses))


def _addresses(own: Mapping[str, Any]) -> Iterator[Any]:
    for key, value in own.items():
        if key.casefold() in _ADDRESS_KEYS or "://" in str(value):
            yield value
