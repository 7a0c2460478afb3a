"""Rows of a file with values between commas, semicolons, tabs or bars.

A row that cannot be read is refused and the next one is read; a quote that is opened and never closed costs
its own row, not the rest of the file.
"""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from connectors.files.decoding import Line
from connectors.files.rows import FIELD_LIMIT, LINE_LIMIT, Row, Table, checked, name_columns, refuse
from insights.errors import InsightsError
from insights.ports import Reject

SAMPLE_LINES = 100

_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_NO_DELIMITER = "\x1f"
_REWINDS = 200
"""How often lines after an open quote are read again. Each costs up to one record's limit, hence a bound."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What stands between values, and whether blanks after it belong to them."""

    delimiter: str
    skips_blanks: bool = False

    @property
    def name(self) -> str:
        return _NAMES.get(self.delimiter, "one column")

    def reader(self, lines: Iterator[str], *, is_strict: bool) -> Iterator[list[str]]:
        csv.field_size_limit(max(csv.field_size_limit(), 2 * LINE_LIMIT))
        return csv.reader(lines, delimiter=self.delimiter, skipinitialspace=self.skips_blanks, strict=is_strict)


class _TooLong(Exception):
    """The record goes on beyond the limit."""


class _Feed:
    """Hands lines to the csv module, remembers those of the present record, and can take them back."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._returned: deque[Line] = deque()
        self.taken: list[Line] = []
        self._size = 0

    def begin(self) -> None:
        self.taken, self._size = [], 0

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        if self._size > LINE_LIMIT:
            raise _TooLong
        line = self._returned.popleft() if self._returned else next(self._lines)
        self.taken.append(line)
        self._size += len(line.text)
        return line.text

    def keep_first(self) -> None:
        """Only the first line was this record; the others are read again."""
        self._returned.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


@dataclass(frozen=True, slots=True)
class _Record:
    lines: Sequence[Line]
    values: list[str]
    fault: str | None = None
    note: str | None = None

    @property
    def raw(self) -> str:
        return "".join(line.text for line in self.lines)


def read_delimited(lines: Iterator[Line], *, prefers: str | None = None) -> Table:
    """The table in these lines; `prefers` is the delimiter that the file's name speaks for. Raises
    InsightsError."""
    head = _take_head(lines)
    named, head = _named_delimiter(head)
    dialect = Dialect(named) if named else find_dialect([line.text for line in head], prefers=prefers)
    feed = _Feed(_chain(head, lines))
    header, notes = _header(feed, dialect)
    return Table(f"{dialect.name}-separated", header, _items(feed, dialect, header), notes)


def _take_head(lines: Iterator[Line]) -> list[Line]:
    """The first lines, fewer where they are long."""
    head, size = list[Line](), 0
    for line in islice(lines, SAMPLE_LINES):
        head.append(line)
        size += len(line.text)
        if size > FIELD_LIMIT:
            break
    return head


def _chain(head: list[Line], lines: Iterator[Line]) -> Iterator[Line]:
    yield from head
    yield from lines


def _named_delimiter(head: list[Line]) -> tuple[str | None, list[Line]]:
    """Spreadsheets write `sep=;` as a first line."""
    first = head[0].text.rstrip("\r\n").lower() if head else ""
    if len(first) == 5 and first.startswith("sep=") and first[4] in _NAMES:
        return first[4], head[1:]
    return None, head


def find_dialect(lines: Sequence[str], *, prefers: str | None = None) -> Dialect:
    """The delimiter under which most rows have as many values as the header."""
    candidates = [Dialect(d, blanks) for blanks in (False, True) for d in _NAMES]
    candidates.sort(key=lambda dialect: dialect.delimiter != prefers)
    best, best_score = Dialect(_NO_DELIMITER), (0.0, 0)
    for dialect in candidates:
        score = _agreement(lines, dialect)
        if score > best_score:
            best, best_score = dialect, score
    return best


def _agreement(lines: Sequence[str], dialect: Dialect) -> tuple[float, int]:
    """Share of rows as wide as the header, and its width; (0, 0) where the header has one column."""
    feed = _Feed(iter([Line(n, text) for n, text in enumerate(lines, start=1)]))
    widths = [len(r.values) for r in _records(feed, dialect, width=None) if r.values and not r.fault]
    if not widths or widths[0] < 2:
        return 0.0, 0
    return round(sum(width == widths[0] for width in widths) / len(widths), 2) or 0.001, widths[0]


def _header(feed: _Feed, dialect: Dialect) -> tuple[tuple[str, ...], tuple[str, ...]]:
    for record in _records(feed, dialect, width=None):
        if any(value.strip() for value in record.values):
            return name_columns(list(record.values))
        if record.fault:
            raise InsightsError(
                f"The first line cannot be read as column names: {record.fault}",
                remedy="Put one line with the columns' names first.",
            )
    raise InsightsError("The file is empty.", remedy="Export it again, with a line of column names first.")


def _items(feed: _Feed, dialect: Dialect, header: tuple[str, ...]) -> Iterator[Row | Reject]:
    for record in _records(feed, dialect, width=len(header)):
        item = _item(record, header)
        if item is not None:
            yield item


def _item(record: _Record, header: tuple[str, ...]) -> Row | Reject | None:
    start = record.lines[0].number
    if record.fault:
        return refuse(start, record.fault, raw=record.raw)
    if not any(record.values):
        return None
    if len(record.values) != len(header):
        return refuse(start, _ragged(len(record.values), len(header)), raw=record.raw)
    notes = tuple(dict.fromkeys(n for n in (record.note, *(line.note for line in record.lines)) if n))
    return checked(Row(start, {name: v or None for name, v in zip(header, record.values, strict=True)}, notes))


def _ragged(found: int, expected: int) -> str:
    return (
        f"The row has {found} values where the header names {expected} columns "
        "(a line break or delimiter in an unquoted value does this)."
    )


def _records(feed: _Feed, dialect: Dialect, *, width: int | None) -> Iterator[_Record]:
    """Records one by one. `width` is the header's, which tells a stray quote from a long text."""
    reader = dialect.reader(feed, is_strict=True)
    rewinds = 0
    while True:
        feed.begin()
        record = _next_record(reader, feed, dialect)
        if record is None:
            return
        if rewinds < _REWINDS and _opened_by_mistake(record, dialect, width):
            rewinds += 1
            feed.keep_first()
            record = _Record(feed.taken, [], "A quote is opened in this row and never closed.")
        yield record


def _next_record(reader: Iterator[list[str]], feed: _Feed, dialect: Dialect) -> _Record | None:
    try:
        values = next(reader)
    except StopIteration:
        return None
    except _TooLong:
        return _Record(feed.taken, [], "The row is longer than 8 MB.")
    except csv.Error as error:
        return _mended(feed.taken, dialect, error)
    if any(line.is_cut for line in feed.taken):
        return _Record(feed.taken, [], "The row is longer than 8 MB.")
    return _Record(feed.taken, values)


def _mended(lines: Sequence[Line], dialect: Dialect, error: csv.Error) -> _Record:
    """A row with quotes in the wrong place, read leniently where it is one line and whole."""
    if any(line.is_cut for line in lines):
        return _Record(lines, [], f"A value is longer than {FIELD_LIMIT // 1_000_000} MB.")
    if "end of data" in str(error):
        return _Record(lines, [], "A quote is opened in this row and never closed.")
    if len(lines) > 1:
        return _Record(lines, [], "A quote stands inside a quoted value.")
    try:
        values = next(dialect.reader(iter([lines[0].text]), is_strict=False), [])
    except csv.Error as second:
        return _Record(lines, [], f"The row cannot be read: {second}.")
    return _Record(lines, values, note="A quote inside a quoted value was read as it stands.")


def _opened_by_mistake(record: _Record, dialect: Dialect, width: int | None) -> bool:
    """Whether the lines that a quote swallowed are rows of their own: most are as wide as the header."""
    if width is None or width < 2 or len(record.lines) < 2:
        return False
    if not record.fault and len(record.values) == width:
        return False
    swallowed = [line.text for line in record.lines[1:6]]
    return sum(_width(text, dialect) == width for text in swallowed) * 2 >= len(swallowed)


def _width(text: str, dialect: Dialect) -> int:
    try:
        return len(next(dialect.reader(iter([text]), is_strict=False), []))
    except csv.Error:
        return 0
