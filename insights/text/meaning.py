"""The words of a text that carry what it is about: what is compared, not what is shown."""

import re

from insights.domain.feedback import Mention

# Whom a message is addressed to and where it links glue together what has nothing in common.
_ADDRESSING = re.compile(
    r"@\w+|https?://\S+|<(?:EMAIL|PHONE|CARD|IBAN|IP|ID|URL|SECRET|ADDRESS|NAME)(?:_\w+)?>|[\w.]+@[\w.]+"
)
_HASHTAG = re.compile(r"#(\w)")


def words_of(mention: Mention) -> str:
    """What a mention is compared by: its statement in common words where it has one, else its own words."""
    return mention.statement or meaning_of(mention.text)


def meaning_of(text: str) -> str:
    """The text without handles, links and placeholders of redaction; as it was where nothing else is in it."""
    plain = _HASHTAG.sub(r"\1", _ADDRESSING.sub(" ", text)).strip()
    return plain if any(char.isalnum() for char in plain) else text
