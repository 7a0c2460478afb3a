"""Words of which nothing acts in a tracker: neither a mention, nor a reference, a command or an address.

GitHub, GitLab, Azure DevOps, Linear and Redmine look for these in the text as a reader sees it, so that escaping the
mark-up does not help: an invisible joiner stands inside of what they look for. Linear in the length of the text.
"""

import re

from insights.text.clean import one_line

JOINER = "\u2060"
"""WORD JOINER: it has no width, allows no line to break, and is no letter."""
LONGEST_TITLE = 250
"""Characters; Jira's and Redmine's titles hold 255."""

_ADDRESS = r"(?<=\w):(?=//)|(?i:(?<=mailto)|(?<=xmpp)):|(?i:(?<=www))\.|(?<=\w)\.(?=[^\W\d_]{2})"
_KEY = r"(?<![A-Za-z0-9_])[A-Za-z][A-Za-z0-9_]{1,9}-(?=[0-9])"
"""As of GH-1, ENG-12 and PROJ-7, in any case."""
_ACTIVE = re.compile(
    "@"
    r"|#(?=[\w#])"
    r"|[!$&](?=\d)"
    r'|[%~](?=[\w"{])'
    r"|\*(?=iteration)|\^(?=alert)"
    r"|\[(?=\[|[A-Za-z_]+[:\]]|[ xX]\])"
    r"|[{\[](?=[+-])|\{(?=\{)"
    r"|:(?=[\w+-]+:)"
    rf"|{_ADDRESS}|{_KEY}"
)
_AT_START = re.compile(r"/(?=\w)|\+(?=\+\+)")
"""Commands, and what folds in Linear."""
_REDMINE = re.compile(
    r"(?<![A-Za-z0-9_])(?:r(?=\d)"
    r"|(?:attachment|document|version|forum|news|message|project|commit|source|export|user)(?=:\S))"
)


def inert(text: str, is_start: bool) -> str:
    """The words with a joiner inside of whatever a tracker would make act; `is_start`: they begin a line."""
    found = _AT_START.match(text) if is_start else None
    if found is not None:
        text = f"{_joined(found)}{text[found.end() :]}"
    return _ACTIVE.sub(_joined, text)


def inert_in_redmine(text: str, is_start: bool) -> str:
    """The same, and of what Redmine alone looks for: r12, commit:abc, version:1.0, user:ann."""
    return _REDMINE.sub(_joined, inert(text, is_start))


def _joined(found: re.Match[str]) -> str:
    """Before a dot: GitHub reads `www.` before it decodes what follows."""
    return JOINER + found[0] if found[0] == "." else found[0] + JOINER


def title(text: str, *, limit: int = LONGEST_TITLE) -> str:
    """One line of plain words, never empty, at most `limit` characters: no mention, reference or address that acts,
    not after a word that closes what it names either, and no command at its start."""
    for room in range(limit, 0, -max(limit // 8, 1)):
        line = inert(one_line(text, room) or "Untitled", True)
        if len(line) <= limit:
            return line
    return "Untitled"[:limit]
