"""Web addresses that may stand in a link. Pure."""

import re
from urllib.parse import quote, urlsplit

LONGEST_ADDRESS = 2000
"""Characters; browsers and trackers differ beyond it."""

_KEPT = "-._~:/?#!$&,;=%+"
"""What stays as it is beside letters and digits: nothing of it ends a link or is mark-up inside one in any tracker."""
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ud800-\udfff]")
_HOST = re.compile(r"[^\W_](?:[\w.-]*[^\W_])?|\[[0-9a-fA-F:.]+\]")


def web_address(text: str) -> str:
    """The address, percent-encoded, where it is one of http or https with a host and without a password in it; else
    empty."""
    address = text.strip()
    if len(address) > LONGEST_ADDRESS or _UNSEEN.search(address) or not address.lower().startswith(_SCHEMES):
        return ""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    if "@" in parts.netloc or not _HOST.fullmatch(shown):
        return ""
    rest = f"{parts.path}{'?' if parts.query else ''}{parts.query}{'#' if parts.fragment else ''}{parts.fragment}"
    encoded = f"{parts.scheme}://{_ascii_host(shown)}{port}{quote(_whole(rest), safe=_KEPT)}"
    return encoded if len(encoded) <= LONGEST_ADDRESS else ""


_SCHEMES = ("http://", "https://")
_FILE = re.compile(r"file:///[\w./:~%+,;=&()!'@$-]*", re.ASCII)


def issue_address(text: str) -> str:
    """The same, or the address of a file here, where backlogs stand."""
    return text if len(text) <= LONGEST_ADDRESS and _FILE.fullmatch(text) else web_address(text)


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return quote(host)


def _whole(text: str) -> str:
    """Without per cent signs that encode nothing."""
    return re.sub(r"%(?![0-9a-fA-F]{2})", "%25", text)
