"""Markdown that the program wrote, as lines: what a reader of it sees. Pure.

Customers' words in it were escaped when it was written; whatever they turn into here is made inert after that.
"""

import re
from html import unescape

from tui.cells import shown_whole, wrapped
from tui.pages.pieces import Line, Role

_STRONG = re.compile(r"\*\*([^*\n]{1,200})\*\*")
_EMPHASIS = re.compile(r"_([^_\n]{1,400})_")
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\(https?://[^()\s]{1,2000}\)")
"""Ours: a bracket in a customer's words stands there as its number."""
_HEADING = re.compile(r"#{1,6} ")
_ITEM = re.compile(r" *- ")


def markdown_lines(markdown: str, width: int) -> list[Line]:
    """Headings and strong words strong, quotations with a bar, list items set in, links as their words, characters that
    stand there as numbers as themselves."""
    return [line for paragraph in markdown.split("\n") for line in _paragraph(paragraph, width)]


def _paragraph(markdown: str, width: int) -> list[Line]:
    if heading := _HEADING.match(markdown):
        return [[(line, Role.STRONG)] for line in wrapped(_read(markdown[heading.end() :]), width)]
    if quoted := re.match(r"> ?", markdown):
        return _told(markdown[quoted.end() :], [("▏ ", Role.MUTED)], Role.QUOTE, width)
    if item := _ITEM.match(markdown):
        before = " " * (item.end() - 2)
        lines = _told(markdown[item.end() :], [(f"{before}  ", Role.PLAIN)], Role.PLAIN, width)
        return [[(f"{before}- ", Role.MUTED), *lines[0][1:]], *lines[1:]]
    inset = len(markdown) - len(markdown.lstrip())
    if emphasised := _EMPHASIS.fullmatch(markdown.strip()):
        return _told(emphasised[1], [(" " * inset, Role.MUTED)], Role.MUTED, width)
    return _told(markdown, [(" " * inset, Role.PLAIN)], Role.PLAIN, width)


def _told(markdown: str, before: Line, role: Role, width: int) -> list[Line]:
    """Its lines, each with `before` in front of it."""
    strong = [_read(found[1]) for found in _STRONG.finditer(markdown)]
    plain = _read(_STRONG.sub(lambda found: found[1], markdown))
    room = max(width - sum(len(text) for text, _ in before), 2)
    return [[*before, *_with_strong(line, strong, role)] for line in wrapped(plain, room)]


def _with_strong(line: str, strong: list[str], role: Role) -> Line:
    """The words at the line's start that were strong stand out."""
    start = next((words for words in strong if words and line.startswith(words)), "")
    return [piece for piece in ((start, Role.STRONG), (line[len(start) :], role)) if piece[0]]


def _read(markdown: str) -> str:
    text = unescape(re.sub(r"\\(?=[^\w\s])", "", _LINK.sub(r"\1", markdown)))
    return shown_whole(text.replace("\u2060", "")).strip()
