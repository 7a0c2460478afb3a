"""Addresses of mail, as people write them into settings: looked at before they stand in a header or go to a server."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address

from insights.errors import ExitCode, InsightsError
from insights.text.clean import one_line

LONGEST = 254
"""Characters of an address (RFC 5321)."""
_WRITTEN = re.compile(r"(?:(?P<name>\"(?:[^\"\\]|\\.)*\"|[^<>\"@,;:]*?) *<(?P<named>[^<> ]+)>|(?P<bare>[^<>\" ,;:]+))")
_PARTING = re.compile(r"[()<>\[\]:;@\\,\"=?]")
"""`=?` begins what is encoded."""
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Whom a mail is to or from: `address` is ASCII, as it goes to the server; `name` may be of any script."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def header(self) -> Address:
        """Without what would part addresses: where a line is folded, Python loses the quotes around a name."""
        return Address(display_name=one_line(_PARTING.sub(" ", self.name), 100), addr_spec=self.address)


def mailbox(text: str) -> Mailbox:
    """ann@acme.example, or Ann <ann@acme.example>. A domain of another script becomes its ASCII form. Raises
    InsightsError for anything else, above all for what has a line break or a second address in it."""
    found = _WRITTEN.fullmatch(text.strip(" ")) if text.isprintable() else None
    address = (found["named"] or found["bare"]) if found else ""
    name = (found["name"] or "") if found else ""
    name = re.sub(r"\\(.)", r"\1", name[1:-1]) if name.startswith('"') else name
    local, _, domain = address.rpartition("@")
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    is_whole = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) and len(local) <= 64
    if not is_whole or len(local) + len(domain) >= LONGEST:
        raise InsightsError(
            f"{one_line(text, 100)!r} is no address of one mailbox.",
            remedy="Write it as ann@acme.example or Ann <ann@acme.example>; before the @ no other letters than a to z.",
            exit_code=ExitCode.USAGE,
        )
    return Mailbox(f"{local}@{domain.lower()}", one_line(name, 100))


def mailboxes(texts: Sequence[str]) -> list[Mailbox]:
    """Each once. Raises InsightsError as above, and where there is none."""
    found = {one.address.lower(): one for one in map(mailbox, texts)}
    if not found:
        raise InsightsError(
            "The mail has nobody to go to.",
            remedy='Write whom it goes to: to = ["ann@acme.example"] in its [[digests]] block; a test: --to ADDRESS.',
            exit_code=ExitCode.USAGE,
        )
    return list(found.values())
