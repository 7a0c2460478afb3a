"""A conversation as one item: its subject and what the customer's side said in it, in order.

What our own people answered is no feedback; what a mail repeats of earlier ones is not said twice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from insights.text import mail
from insights.text.clean import html_to_text, looks_like_html, sanitise


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message. `text` is plain or HTML."""

    text: str | None
    is_customer: bool = True
    is_html: bool | None = None
    """None: by its looks."""


def thread_text(messages: Iterable[Said], *, once: bool = False) -> str:
    """The customer's messages with an empty line between; of a mail only its own words. Empty where there are none.
    `once`: the same words are not said again, as where a ticket made of a mail holds its words and so does the mail."""
    texts = (_own(message) for message in messages if message.is_customer and message.text)
    own = [text for text in texts if text]
    return "\n\n".join(_once(own) if once else own)


def _once(texts: Iterable[str]) -> Iterator[str]:
    before: set[str] = set()
    for text in texts:
        words = " ".join(text.split())
        if words not in before:
            yield text
            before.add(words)


def _own(message: Said) -> str:
    text = message.text or ""
    is_html = looks_like_html(text) if message.is_html is None else message.is_html
    plain = sanitise(html_to_text(text) if is_html else text)
    return mail.own_words(plain) or plain.strip()
