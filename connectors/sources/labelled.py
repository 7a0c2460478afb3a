"""Read texts and the labels that people gave them from a file of any form that an import reads.

A label is taken as it is written: "None" and "n/a" are labels, an empty cell is none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from connectors.files.columns import find_column
from connectors.files.readers import open_table
from connectors.files.rows import Row
from connectors.files.values import read_text
from connectors.sources.files import SAMPLE_ROWS
from insights.errors import ExitCode, InsightsError
from insights.ports import Progress

SEPARATOR = "|"
_TOLD_EVERY = 500


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One row: its text, and its labels, each once; none where nobody gave one."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """A file, the columns of its texts and labels, and what stands between the labels of one cell (empty: a cell is one
    label)."""

    path: Path
    text: str
    label: str
    separator: str = SEPARATOR

    def read(self) -> "Iterator[LabelledText | None]":
        """Every row in order, None for one that is broken or has no text. Raises InsightsError where the file cannot be
        read or lacks a column."""
        text, label = self._columns()
        with open_table(self.path) as table:
            for row in table.items:
                words = read_text(row.cells.get(text)) if isinstance(row, Row) else None
                if words is None or not isinstance(row, Row):
                    yield None
                    continue
                yield LabelledText(words, self._split(read_text(row.cells.get(label)) or ""))

    def drawn(self, limit: int, *, progress: Progress, seed: int = 0) -> list[LabelledText]:
        """At most `limit` of the rows that have a text and a label, at random: a file often stands in the order of its
        labels. The same rows for the same seed, in the order of the file. Raises InsightsError as `read` does."""
        rows: list[LabelledText] = []
        for number, row in enumerate(self.read()):
            if row is not None and row.labels:
                rows.append(row)
            if number % _TOLD_EVERY == 0:
                progress("reading", number, 0)
        if limit >= len(rows):
            return rows
        chosen = np.random.default_rng(seed).choice(len(rows), size=limit, replace=False)
        return [rows[place] for place in np.sort(chosen).tolist()]

    def _columns(self) -> tuple[str, str]:
        header = _header(self.path)
        text, label = find_column(self.text, header), find_column(self.label, header)
        if text == label:
            raise InsightsError(
                f"{text!r} is named as the text and as the label.",
                remedy=f"Name two columns. The columns are: {', '.join(header)}.",
                exit_code=ExitCode.USAGE,
            )
        return text, label

    def _split(self, cell: str) -> tuple[str, ...]:
        parts = cell.split(self.separator) if self.separator else [cell]
        return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _header(path: Path) -> tuple[str, ...]:
    """The columns' names; of JSON, whose rows bring their own, those of the first rows."""
    with open_table(path) as table:
        if table.header:
            return table.header
        rows = [row for row in islice(table.items, SAMPLE_ROWS) if isinstance(row, Row)]
        return tuple(dict.fromkeys(name for row in rows for name in row.cells))
