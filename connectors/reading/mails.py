"""Mails as what a customer said: which are theirs, which belong together, and their words, whatever a mail program made
of them. Pure: bytes in, words out.
"""

import codecs
import email.utils
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from connectors.reading.threads import Said, thread_text
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.ports import Reject
from insights.text.clean import html_to_text
from insights.text.mail import has_words

HEADERS = (
    "MESSAGE-ID", "REFERENCES", "IN-REPLY-TO", "FROM", "REPLY-TO", "SUBJECT", "DATE", "RETURN-PATH", "AUTO-SUBMITTED",
    "PRECEDENCE", "X-AUTOREPLY", "X-AUTORESPOND", "CONTENT-TYPE",
)  # fmt: skip
"""What `read_head` looks at."""
LARGEST_MAIL = 4_000_000
"""Bytes read of a mail: its text comes before what is attached."""
_LONGEST_TEXT = 1_000_000
_LONGEST_RAW = 2_000
_LONGEST_ID = 200
_MOST_PARTS = 200
_DEEPEST = 20
_MOST_HOPS = 100
_ID = re.compile(r"<\s*([^<>\s]{1,900})\s*>")
_BARE_ID = re.compile(r"[^<>\s,;]+@[^<>\s,;]+")
_ROBOTS = re.compile(r"^(?:mailer-daemon|postmaster|bounces?)(?:[+=-].*)?@", re.IGNORECASE)
_NO_CHARSETS = ("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "unicode-escape")
_LATIN = re.compile(
    r"^(?:us-)?ascii$|^ansi|^iso-?8859|^latin|^l\d$|^windows-?125|^cp-?125|^unknown|^x-unknown|^default"
)


@dataclass(frozen=True, slots=True)
class Head:
    """Of a mail, what tells where it belongs: its own id, the ids of those it answers (the oldest first), who sent it,
    and whether a machine did. Address in lower case, empty where there is none."""

    id: str
    parents: tuple[str, ...]
    name: str
    address: str
    reply_to: str
    subject: str
    is_automatic: bool
    arrived: datetime | None = None
    """When it reached us, as the last server on its way wrote."""


@dataclass(frozen=True, slots=True)
class Ours:
    """Our own addresses and domains: what comes from them is no customer's."""

    names: frozenset[str]

    @classmethod
    def of(cls, names: Iterable[str]) -> "Ours":
        return cls(frozenset(name.strip().casefold().removeprefix("@") for name in names if name.strip()))

    def has(self, address: str) -> bool:
        domain = address.rpartition("@")[2]
        parts = domain.split(".")
        return address in self.names or any(".".join(parts[at:]) in self.names for at in range(len(parts)))

    def customer(self, head: Head) -> tuple[str, str] | None:
        """Name and address of the customer who wrote it; None where it was ours or a machine. A form of ours names the
        customer in Reply-To."""
        if head.is_automatic or _ROBOTS.match(head.address):
            return None
        if head.address and not self.has(head.address):
            return head.name, head.address
        if head.address and head.reply_to and not self.has(head.reply_to):
            return "", head.reply_to
        return None


def read_head(raw: bytes) -> Head:
    """Of a mail's bytes, or of its first lines alone."""
    message = BytesParser(policy=compat32).parsebytes(raw, headersonly=True)
    name, address = _sender(message, "From")
    parents = [*_ids(message, "References"), *_ids(message, "In-Reply-To")[:1]]
    own = _ids(message, "Message-ID")
    return Head(
        id=own[0] if own else _made_id(message),
        parents=tuple(dict.fromkeys(parents)),
        name=name,
        address=address,
        reply_to=_sender(message, "Reply-To")[1],
        subject=_words(_raw(message, "Subject")),
        is_automatic=_is_automatic(message),
        arrived=_received(message),
    )


def read_text(raw: bytes) -> str:
    """The words of a mail's body, plain, without what is attached."""
    message = BytesParser(policy=compat32).parsebytes(raw)
    return _text(message, budget=[_MOST_PARTS], depth=0)[:_LONGEST_TEXT]


# -- threads ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Threads:
    """Which mails belong together: each knows those it answers. A thread is called by its first mail's id, whether or
    not that mail is here. About 300 bytes a mail."""

    _root: dict[str, str] = field(default_factory=dict)

    def add(self, head: Head) -> None:
        if head.parents and head.parents[0] != head.id:
            self._root[head.id] = head.parents[0]

    def key(self, head: Head) -> str:
        """The id of the thread's first mail, as far back as is known."""
        found = head.parents[0] if head.parents else head.id
        seen = {head.id}
        while found not in seen and len(seen) < _MOST_HOPS and (above := self._root.get(found)) is not None:
            seen.add(found)
            found = above
        return found


@dataclass(frozen=True, slots=True)
class Mail:
    """A customer's mail: who wrote it, when it came, and its words."""

    head: Head
    customer: tuple[str, str]
    arrived: datetime
    text: str


def read_mail(head: Head, customer: tuple[str, str], arrived: datetime, raw: bytes) -> Mail | Reject:
    """The mail, or its refusal where its bytes make none."""
    try:
        return Mail(head, customer, arrived, read_text(raw))
    except Exception as error:  # the standard library raises nearly any type for a hostile mail
        return refused_mail(raw, error)


def source_id_of(key: str) -> str:
    """A thread's id as an item's: as it is where that is short and plain."""
    if 0 < len(key) <= _LONGEST_ID and key.isascii() and key.isprintable():
        return key
    return f"mail-{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:32]}"


def made_item(key: str, mails: Sequence[Mail], *, source: str) -> FeedbackRecord | None:
    """One item of a thread's customers' mails, the oldest first; None where they say nothing."""
    said = sorted(mails, key=lambda one: (one.arrived, one.head.id))
    text = thread_text(Said(text=one.text, is_html=False) for one in said)[:_LONGEST_TEXT]
    if not said or not (has_words(text) or has_words(said[0].head.subject)):
        return None
    first = said[0]
    return FeedbackRecord(
        source=source,
        source_id=source_id_of(key),
        kind=FeedbackKind.TICKET,
        subject=first.head.subject or None,
        text=text or first.head.subject,
        created_at=first.arrived,
        author_name=first.customer[0] or None,
        author_email=first.customer[1] or None,
    )


def refused_mail(raw: bytes, error: Exception) -> Reject:
    return Reject(
        0, f"The mail cannot be read ({type(error).__name__}).", raw[:_LONGEST_RAW].decode("utf-8", "replace")
    )


# -- headers ----------------------------------------------------------------------------------------------------------


def _raw(message: "Message", name: str) -> str:
    """A header on one line, its bytes as UTF-8, else as Western text."""
    value = next((str(value) for key, value in message.raw_items() if key.casefold() == name.casefold()), "")
    return " ".join(_decoded(value.encode("utf-8", "surrogateescape"), "utf-8").split())


def _words(text: str) -> str:
    """A header with its encoded words read (RFC 2047), whatever is wrong with them."""
    try:
        pieces = decode_header(text)
    except (MessageError, ValueError, AssertionError, TypeError):
        return text
    words = (piece if isinstance(piece, str) else _decoded(piece, charset or "utf-8") for piece, charset in pieces)
    return " ".join("".join(words).replace("\0", "").split()) or text


def _sender(message: "Message", name: str) -> tuple[str, str]:
    """Name and address; the name is read after the header is taken apart, for it may hold a comma."""
    header = _raw(message, name)
    shown, address = email.utils.parseaddr(header)
    if "@" not in address:
        found = re.search(r"[^\s<>,;\"']+@[^\s<>,;\"']+", header)
        address = found[0] if found else ""
    return _words(shown), address.casefold()[:320]


def _ids(message: "Message", name: str) -> list[str]:
    value = _raw(message, name)
    return _ID.findall(value) or _BARE_ID.findall(value)


def _made_id(message: "Message") -> str:
    """For a mail without an id: from what does not change when it is moved."""
    words = "\n".join(_raw(message, name) for name in ("Date", "From", "Subject"))
    return f"mail-{hashlib.sha256(words.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _is_automatic(message: "Message") -> bool:
    """Auto-replies (RFC 3834), bulk mail and bounces."""
    submitted = _raw(message, "Auto-Submitted").partition(";")[0].strip().casefold()
    return bool(
        submitted not in ("", "no")
        or _raw(message, "Precedence").casefold() in ("bulk", "junk", "auto_reply")
        or message.get("X-Autoreply") is not None
        or message.get("X-Autorespond") is not None
        or _raw(message, "Return-Path") == "<>"
        or message.get_content_type() == "multipart/report"
    )


def _received(message: "Message") -> datetime | None:
    """By the server that took it last, which wrote the topmost Received; else by the sender's own clock."""
    received = _raw(message, "Received").rpartition(";")[2]
    return read_mail_time(received) or read_mail_time(_raw(message, "Date"))


def read_mail_time(text: str) -> datetime | None:
    """A time as mails write it (RFC 5322), in UTC; one without a zone is UTC."""
    try:
        moment = email.utils.parsedate_to_datetime(text.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if 1971 <= moment.year <= 2100 else None


# -- bodies -----------------------------------------------------------------------------------------------------------


def _text(part: "Message", *, budget: list[int], depth: int) -> str:
    budget[0] -= 1
    if budget[0] < 0 or depth > _DEEPEST or _is_attached(part):
        return ""
    if part.is_multipart():
        if part.get_content_maintype() != "multipart":
            return ""  # a mail in the mail is attached
        inner = (_text(one, budget=budget, depth=depth + 1) for one in _parts(part))
        if part.get_content_subtype() == "alternative":
            return _best(part, list(inner))
        return "\n\n".join(filter(has_words, inner))
    if part.get_content_maintype() != "text":
        return ""
    words = _decoded(_payload(part), str(part.get_content_charset() or ""))
    return html_to_text(words) if part.get_content_subtype() == "html" else words


def _parts(part: "Message") -> Iterator["Message"]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (one for one in payload if isinstance(one, Message))


def _best(part: "Message", texts: list[str]) -> str:
    """Of the same in several forms, the plain one where it says anything."""
    kinds = [one.get_content_type() for one in _parts(part)]
    plain = [text for kind, text in zip(kinds, texts, strict=True) if kind == "text/plain" and has_words(text)]
    return next(iter([*plain, *filter(has_words, reversed(texts))]), "")


def _is_attached(part: "Message") -> bool:
    return part.get_content_disposition() == "attachment" or (
        part.get_filename() is not None and part.get_content_maintype() != "multipart"
    )


def _payload(part: "Message") -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        payload = None
    if isinstance(payload, bytes):
        return payload
    return str(part.get_payload()).encode("utf-8", "surrogateescape")


def _decoded(data: bytes, charset: str) -> str:
    """By what it says it is, where that can be; a Western charset is not believed where the bytes are UTF-8, which no
    other text is by chance."""
    for name in (*(("utf-8",) if not charset or _LATIN.match(charset) else ()), _known(charset), "utf-8", "cp1252"):
        try:
            return data.decode(name)
        except (UnicodeError, LookupError, ValueError):
            continue
    return data.decode("latin-1")


def _known(charset: str) -> str:
    """Western charsets are read as the Windows page that contains them: it is what is meant. UTF-8 for what is none."""
    name = charset.strip().strip("\"'").casefold()
    if name in ("", "us-ascii", "ascii", "iso-8859-1", "latin1", "latin-1"):
        return "cp1252"
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if found in _NO_CHARSETS else found
