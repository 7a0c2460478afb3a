"""The strings inside what is JSON, where letters may be escaped. Pure."""

import json
from collections.abc import Callable
from typing import Any


def each_string(value: Any, change: Callable[[str], str]) -> Any:
    """The same with every string changed, names of fields, too."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [each_string(one, change) for one in value]
    if isinstance(value, dict):
        return {change(name): each_string(one, change) for name, one in value.items()}
    return value


def in_text(text: str, change: Callable[[str], str]) -> str:
    """A text, or the strings in it where it is JSON; byte for byte as it was where nothing changes."""
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return change(text)
    try:
        content = json.loads(text)
    except ValueError:
        return change(text)
    changed = each_string(content, change)
    if changed == content:
        return text
    indent = 2 if "\n" in text.strip() else None
    return json.dumps(changed, indent=indent) + ("\n" if text.endswith("\n") else "")
