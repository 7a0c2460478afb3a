"""What stands in a redacted copy where personal data was: <EMAIL>, or <EMAIL_7KQ2M4XA> where it is always the same one.

Pure. The eight letters are a pseudonym (`insights.privacy.pseudonyms`), of no use without the workspace's key.
"""

import re
from collections.abc import Mapping

LABELS = ("SECRET", "URL", "EMAIL", "IBAN", "CARD", "IP", "ID", "PHONE", "ADDRESS", "NAME")
"""Strongest first: of two that overlap, the earlier one names the whole."""

TOKEN_LETTERS = 8
ERASED = "ERASED00"
"""In place of the letters once the person was erased: as long, so that spans stay; base32 has no 0."""

_LABEL = "|".join(LABELS)
PLACEHOLDER = re.compile(rf"<(?P<label>{_LABEL})(?:_(?P<token>[A-Z0-9]{{{TOKEN_LETTERS}}}))?>")


def plain(text: str) -> str:
    """The text with <EMAIL> for <EMAIL_7KQ2M4XA>: its reader need not know who is who."""
    return PLACEHOLDER.sub(lambda found: f"<{found['label']}>", text) if "<" in text else text


def with_pseudonyms(text: str, places: Mapping[int, str]) -> str:
    """The other way round. `places`: where a placeholder starts -> what stands there, such as EMAIL_7KQ2M4XA."""
    if not places:
        return text
    return PLACEHOLDER.sub(lambda found: _told(found, places.get(found.start(), "")), text)


def _told(found: re.Match[str], token: str) -> str:
    return f"<{token}>" if token.partition("_")[0] == found["label"] else found[0]
