"""The words of a text that carry what it is about: what is compared, not what is shown."""

import re

from insights.domain.feedback import Mention
from insights.text.profanity import without_profanity

# Whom a message is addressed to and where it links glue together what has nothing in common.
_ADDRESSING = re.compile(
    r"@\w+|https?://\S+|<(?:EMAIL|PHONE|CARD|IBAN|IP|ID|URL|SECRET|ADDRESS|NAME)(?:_\w+)?>|[\w.]+@[\w.]+"
)
_HASHTAG = re.compile(r"#(\w)")

_SHOUTED = 0.6
"""The share of letters in capitals from which a text is shouted: names, abbreviations and NEVER come to less."""
_FEWEST_WORDS = 3


def words_of(mention: Mention) -> str:
    """What a mention is compared by: its statement in common words where it has one, else its own words."""
    return mention.statement or meaning_of(mention.text)


def meaning_of(text: str) -> str:
    """The text without handles, links, placeholders of redaction and swear words, in small letters where it is shouted;
    as it was where nothing else is in it."""
    plain = without_profanity(_HASHTAG.sub(r"\1", _ADDRESSING.sub(" ", text))).strip()
    if not any(char.isalnum() for char in plain):
        return text
    return plain.lower() if _is_shouted(plain) else plain


def _is_shouted(text: str) -> bool:
    """Word vectors know few words in capitals: the same sentence shouted would be as far away as another topic."""
    capitals = sum(map(str.isupper, text))
    small = sum(map(str.islower, text))
    return capitals > _SHOUTED * (capitals + small) and len(text.split()) >= _FEWEST_WORDS
