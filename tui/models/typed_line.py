"""One line that is typed into, where a whole field would be too much: keys in, the new line out. Pure."""

from collections.abc import Callable

_ERASES: dict[str, Callable[[str], str]] = {
    "backspace": lambda text: text[:-1],
    "ctrl+h": lambda text: text[:-1],
    "ctrl+u": lambda _: "",
    "ctrl+w": lambda text: text.rstrip().rpartition(" ")[0],
}


def edited(text: str, key: str, character: str | None) -> str | None:
    """The line after a key, by its name and what it types, as terminals report them; None for keys that do not type."""
    if key in _ERASES:
        return _ERASES[key](text)
    return text + character if character is not None and character.isprintable() else None
