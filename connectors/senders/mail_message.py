"""A digest as a mail: plain text first, HTML beside it, pictures inside it.

All of it is ASCII in lines of at most 78 characters, so that every server takes it as it is. The same digest has the
same Message-ID whenever it is made.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from connectors.senders.mail_addresses import Mailbox
from insights.ports import Image, Message
from insights.text.clean import one_line

_LONGEST_SUBJECT = 200
_JOINER = "\u2060"
"""Inside of what a reader would take for encoded words."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_BROKEN = re.compile(r"[^A-Za-z0-9_.-]|^\.|\.(?=\.|$)")
"""What an identifier may not hold, or not there (RFC 5322, dot-atom)."""


def mail(
    message: Message, *, sender: Mailbox, to: Sequence[Mailbox], reply_to: Mailbox | None, now: datetime
) -> EmailMessage:
    """What goes to the server. Raises ValueError for a picture's name that is none."""
    made = EmailMessage(policy=SMTP)
    made["From"] = sender.header
    made["To"] = [one.header for one in to]
    if reply_to is not None:
        made["Reply-To"] = reply_to.header
    made["Subject"] = one_line(message.subject, _LONGEST_SUBJECT).replace("=?", f"={_JOINER}?")
    made["Date"] = format_datetime(now)
    made["Message-ID"] = message_id(message.key, sender.domain)
    # Who is away does not answer it (RFC 3834; the second is Exchange's), and filters may sort it (RFC 2919).
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    made["List-Id"] = f"<insights-digest.{sender.domain}>"
    made.set_content(_encodable(message.text), cte="quoted-printable")
    if message.html:
        made.add_alternative(_encodable(message.html), subtype="html", cte="quoted-printable")
        html = list(made.iter_parts())[-1]
        for image in message.images:
            _add(html, image)
    return made


def message_id(key: str, domain: str) -> str:
    """<KEY@domain>; what may not stand in one is written as its code."""
    return f"<{_BROKEN.sub(lambda found: f'={ord(found[0]):x}=', key) or '='}@{domain}>"


def _add(html: Any, image: Image) -> None:
    """Beside the HTML, which names it."""
    if not _NAME.fullmatch(image.name):
        raise ValueError(f"not a picture's name: {image.name!r}")
    named = {"cid": f"<{image.name}>", "filename": f"{image.name}.png", "disposition": "inline"}
    html.add_related(image.content, "image", "png", **named)
    list(html.iter_parts())[-1]["Content-Description"] = one_line(image.alt, _LONGEST_SUBJECT)


def _encodable(text: str) -> str:
    """Half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")
