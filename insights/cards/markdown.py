"""A card as Markdown in which nothing acts. Pure."""

import re

from insights.cards.facts import Card
from insights.text.clean import one_line

_MARKS = re.compile(r"([\\`*_\[\]<>|#!])")
_CODE = re.compile(r"(`[^`]*`)")
_LONGEST = 500


def card_markdown(card: Card, *, made: str) -> str:
    """`made` says when and of what."""
    lines = [f"# {card.title}", "", made]
    for part in card.parts:
        lines += ["", f"## {part.title}", ""]
        lines += [f"- {_plain(line.name)}: {_value(line.value)}" for line in part.lines] or ["- nothing yet"]
    return "\n".join(lines) + "\n"


def _value(text: str) -> str:
    """Commands of our own stay as they are."""
    pieces = _CODE.split(one_line(text, _LONGEST))
    return "".join(piece if _CODE.fullmatch(piece) else _plain(piece) for piece in pieces)


def _plain(text: str) -> str:
    return _MARKS.sub(r"\\\1", one_line(text, _LONGEST))
