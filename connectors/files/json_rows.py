"""Rows of a JSON file: one object a line, an array of objects, or one object that holds such an array.

Read piece by piece: an array of any length needs the memory of its largest element. Numbers that are no
numbers (NaN, Infinity) are unknown values, whole numbers stay strings.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any

from connectors.files.decoding import Line
from connectors.files.rows import COLUMN_LIMIT, LINE_LIMIT, Cell, Row, Table, checked, refuse
from insights.ports import Reject

DEPTH = 4
"""Levels of nesting that become dotted names; what lies deeper stays JSON. Review sites nest four deep."""

_DECODER = json.JSONDecoder(parse_int=str, parse_constant=lambda _: None)
_BLANK = " \t\r\n"


class _Unfinished(Exception):
    """More text is needed before this value can be read."""


def read_json(lines: Iterator[Line]) -> Table:
    """The table in these lines, by line where the first line is an object of its own, else as one
    document."""
    head, first = list[Line](), ""
    for line in lines:
        head.append(line)
        if first := line.text.strip(_BLANK):
            break
    everything = chain(head, lines)
    if first.startswith("{") and isinstance(_value_or_none(first), dict):
        return Table("JSON lines", (), _by_line(everything))
    if first.startswith(("{", "[")) and not _is_broken_line(first):
        return Table("JSON", (), _by_element(everything))
    return Table("JSON lines", (), _by_line(everything))


def _is_broken_line(first: str) -> bool:
    """Whether the first line is an object of JSON lines that was damaged, not the start of a document."""
    return first.startswith("{") and first.endswith("}") and first != "{}"


def _by_line(lines: Iterator[Line]) -> Iterator[Row | Reject]:
    for line in lines:
        text = line.text.strip(_BLANK)
        if line.is_cut:
            yield refuse(line.number, "The line is longer than 8 MB.", raw=text)
        elif text:
            try:
                yield _row(_DECODER.decode(text), line.number, raw=text, note=line.note)
            except (ValueError, RecursionError) as error:
                yield refuse(line.number, f"The line is not valid JSON: {_why(error)}.", raw=text)


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1}"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _value_or_none(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def _by_element(lines: Iterator[Line]) -> Iterator[Row | Reject]:
    """Rows of a document. An element that is broken ends the reading: there is no telling where the next
    begins."""
    buffer = _Buffer(lines)
    opens_array = buffer.skip("[")
    while not buffer.at_end():
        start = buffer.line
        try:
            value = buffer.take()
        except (ValueError, RecursionError, _Unfinished) as error:
            why = _why(error) if not isinstance(error, _Unfinished) else "an element is longer than 8 MB"
            yield refuse(start, f"The file cannot be read from here on: {why}.", raw=buffer.rest())
            return
        for element in [value] if opens_array else _records_within(value):
            yield _row(element, start, raw=json.dumps(element)[:LINE_LIMIT])
        buffer.skip(",")
        if opens_array and buffer.skip("]"):
            return
    if opens_array:
        yield refuse(buffer.line, "The file ends in the middle of its list: it was cut off.", raw="")


def _records_within(value: Any) -> list[Any]:
    """The list of objects that an answer of a service wraps ({"tickets": [...], "count": 2}), else the
    object."""
    if isinstance(value, dict):
        lists = [v for v in value.values() if isinstance(v, list) and v and all(isinstance(e, dict) for e in v)]
        if len(lists) == 1:
            return list(lists[0])
    return [value]


class _Buffer:
    """A window on the text that grows until one more JSON value can be read from it."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._text = ""
        self._position = 0
        self.line = 1

    def _grow(self, size: int) -> bool:
        """Add lines of at least `size` characters; False at the end of the file."""
        pieces, added = [self._text[self._position :]], 0
        for line in self._lines:
            pieces.append(line.text)
            added += len(line.text)
            if added >= size:
                break
        self._text, self._position = "".join(pieces), 0
        return added > 0

    def _advance(self, to: int) -> None:
        self.line += self._text.count("\n", self._position, to)
        self._position = to

    def at_end(self) -> bool:
        """Skip blanks; True where nothing is left."""
        while True:
            position = self._position
            while position < len(self._text) and self._text[position] in _BLANK:
                position += 1
            self._advance(position)
            if position < len(self._text):
                return False
            if not self._grow(1 << 16):
                return True

    def skip(self, mark: str) -> bool:
        """Step over `mark` where it comes next."""
        if self.at_end() or self._text[self._position] != mark:
            return False
        self._advance(self._position + 1)
        return True

    def take(self) -> Any:
        """The next value. Raises ValueError where it is not JSON, _Unfinished where it is too long."""
        size = 1 << 16
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._position)
                self._advance(end)
                return value
            except ValueError:
                if len(self._text) - self._position > LINE_LIMIT:
                    raise _Unfinished from None
                if not self._grow(size):
                    raise
                size *= 2

    def rest(self) -> str:
        return self._text[self._position :]


def _row(value: Any, line: int, *, raw: str, note: str | None = None) -> Row | Reject:
    if not isinstance(value, dict):
        return refuse(line, "This is not an object with named values.", raw=raw)
    cells = flatten(value)
    if len(cells) > COLUMN_LIMIT:
        return refuse(line, f"The object has {len(cells)} values; {COLUMN_LIMIT} are the limit.", raw=raw)
    return checked(Row(line, cells, (note,) if note else ()))


def flatten(value: dict[str, Any]) -> dict[str, Cell]:
    """Nested objects as dotted names; lists of plain values joined by commas, other lists as JSON."""
    cells: dict[str, Cell] = {}
    _flatten_into(cells, value, prefix="", depth=0)
    return cells


def _flatten_into(cells: dict[str, Cell], value: dict[str, Any], *, prefix: str, depth: int) -> None:
    for key, inner in value.items():
        name = f"{prefix}{_without_surrogates(key)}"
        if isinstance(inner, dict) and depth < DEPTH:
            _flatten_into(cells, inner, prefix=f"{name}.", depth=depth + 1)
        else:
            cells[name] = plain(inner)


def plain(value: Any) -> Cell:
    """One JSON value as a cell."""
    if value is None or value == "" or isinstance(value, datetime):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, list) and not any(isinstance(element, dict | list) for element in value):
        words = ", ".join(str(element) for element in value if element is not None)
        return _without_surrogates(words) or None
    if isinstance(value, dict | list):
        return _without_surrogates(json.dumps(value, ensure_ascii=False)) if value else None
    return _without_surrogates(str(value))


def _without_surrogates(text: str) -> str:
    """JSON can spell half a character, which no file or database takes."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
