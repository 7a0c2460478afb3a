"""Put words from outside into Markdown so that they show as written and do nothing.

No HTML, links, images, emphasis, mentions, references to issues or addresses made active: neither by CommonMark nor
by what GitHub and GitLab add to it. Pure; linear in the length of the text.
"""

import re

from insights.text.clean import one_line

_JOINER = "&#8288;"
"""An invisible word joiner. A character reference alone is not enough: GitHub looks for mentions and references in
the text as rendered."""

_SPECIAL = re.compile(
    r"(?P<markup>[\\`*~|<\[\]]|(?<!\w)_|_(?!\w)|&(?=[\w#])|^[>+=/-])"
    r"|(?P<active>@|#(?=\w)|!(?=\d)|(?<=\w):(?=//)|(?i:(?<=mailto):|(?<=\bwww)\.|(?<=\bGH)-(?=\d)))"
    r"|(?P<heading>^#)"
    r"|(?P<number>(?<=^\d)[.)]|(?<=^\d\d)[.)]|(?<=^\d\d\d)[.)])"
)


def literal(text: str, *, limit: int = 1000) -> str:
    """One line of Markdown that shows the words and nothing else; cut at `limit` characters of the text."""
    return _SPECIAL.sub(_harmless, one_line(text, limit))


def _harmless(found: re.Match[str]) -> str:
    reference = f"&#{ord(found[0])};"
    return reference + _JOINER if found["active"] else reference
