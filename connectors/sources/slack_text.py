"""Slack's mark-up as plain text: https://docs.slack.dev/messaging/formatting-message-text. Pure."""

import re
from collections.abc import Callable

_REFERENCE = re.compile(r"<([^<>|\n]*)(?:\|([^<>\n]*))?>")
_STYLED = re.compile(r"(?<![\w*_~`])([*_~])(?=\S)([^\n]*?\S)\1(?![\w*_~`])")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_MOST_NESTED = 3


def plain_text(text: str, name_of: Callable[[str], str | None]) -> str:
    """People and channels by name, links by their words, no marks of style. `name_of` gives a user's name, None where
    it is not known."""
    text = _REFERENCE.sub(lambda found: _referred(found[1], found[2], name_of), text)
    for _ in range(_MOST_NESTED):
        text = _STYLED.sub(r"\2", text)
    for entity, char in _ENTITIES:
        text = text.replace(entity, char)
    return text


def named_in(text: str) -> list[str]:
    """The ids of users whose names `plain_text` will ask for."""
    return [found[1][1:] for found in _REFERENCE.finditer(text) if found[1].startswith("@") and not found[2]]


def _referred(target: str, label: str | None, name_of: Callable[[str], str | None]) -> str:
    if target.startswith("@"):
        return f"@{label or name_of(target[1:]) or target[1:]}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    return label or target.removeprefix("mailto:")
