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
    r"(?P<active>@|#(?=\w)|!(?=\d)|(?<=\w):(?=//)|(?i:(?<=mailto):|(?<=\bwww)\.|(?<=\bGH)-(?=\d))"
    r"|&(?=\d)|[%~](?=[\w\"])|\[(?=[a-z_]+:)|\{(?=[{%]))"  # GitLab's epics, milestones, labels; templates of sites
    r"|(?P<markup>[\\`*~|<\[\]]|(?<![^\W_])_|_(?![^\W_])|&(?=[\w#])|^[>#+=/-]|(?<=\S)\$(?!\d))"
    r"|(?P<number>^\d{1,9}[.)](?=\s|$))"
)
"""A dollar sign before a digit ends no formula, and opens none where nothing ends it."""
_HOST = re.compile(
    r"(?i)(?<=[\w-])\.(?=(?:[a-z]{2}|com|net|org|info|biz|edu|gov|pro|web|shop|name|xn--[\w-]+|рф)(?![\w-]))"
)
"""Before what linkifiers take for the end of a host's name without a scheme."""


def literal(text: str, *, limit: int = 1000, hosts: bool = False) -> str:
    """One line of Markdown that shows the words and nothing else; cut at `limit` characters of the text. With `hosts`
    not even a bare evil.com becomes a link where a program makes some of them, as forges do not."""
    escaped = _SPECIAL.sub(_harmless, one_line(text, limit))
    return _HOST.sub(f".{_JOINER}", escaped) if hosts else escaped


def _harmless(found: re.Match[str]) -> str:
    before, mark = found[0][:-1], found[0][-1]
    return f"{before}&#{ord(mark)};{_JOINER if found['active'] else ''}"
