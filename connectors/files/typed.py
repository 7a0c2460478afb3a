"""Rows of files whose values have types: Parquet and Excel. Read in batches, never as a whole."""

import math
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from connectors.files.json_rows import flatten, plain
from connectors.files.rows import Cell, Row, Table, checked, name_columns
from insights.errors import InsightsError
from insights.ports import Reject

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 1_000
UNPACKED_LIMIT = 1 << 30
"""Bytes that one part of a workbook may unpack to. Its shared words are held in memory."""

_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}


def read_parquet(stream: BinaryIO) -> Table:
    """Rows of a Parquet file; nested columns get dotted names. Errors of pyarrow are the caller's to
    explain."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(stream)
    return Table("Parquet", tuple(_leaf_names(file.schema_arrow)), _parquet_rows(file))


def _leaf_names(schema: "pa.Schema") -> list[str]:
    import pyarrow as pa

    names = list[str]()
    for field in schema:
        if pa.types.is_struct(field.type):
            names += [f"{field.name}.{inner.name}" for inner in field.type.fields]
        else:
            names.append(field.name)
    return names


def _parquet_rows(file: Any) -> Iterator[Row | Reject]:
    number = 0
    for batch in file.iter_batches(batch_size=BATCH_ROWS):
        columns = [_python_values(column) for column in batch.columns]
        names = batch.schema.names
        for values in zip(*columns, strict=True):
            number += 1
            yield checked(Row(number, flatten(_ready(dict(zip(names, values, strict=True))))))


def _python_values(column: "pa.Array") -> list[Any]:
    """A column as Python values: instants in UTC to the microsecond, as text where Python has no such
    date."""
    import pyarrow as pa

    try:
        if pa.types.is_timestamp(column.type):
            zone = "UTC" if column.type.tz else None
            column = column.cast(pa.timestamp("us", zone), safe=False)
        return list(column.to_pylist())
    except (ValueError, OverflowError):
        return list(column.cast(pa.string()).to_pylist())


def _ready(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _ready(v) if isinstance(v, dict) else to_cell(v) for name, v in values.items()}


def to_cell(value: Any) -> Any:
    """A typed value as a cell. Whole numbers become strings: an id does not fit a float."""
    if isinstance(value, datetime) or value is None:
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, bool | float | list):
        return _listed(value) if isinstance(value, list) else plain(value)
    if isinstance(value, int | Decimal | time):
        return str(value)
    return None if value in _ERRORS else plain(str(value))


def _listed(values: list[Any]) -> Cell:
    return plain([v if isinstance(v, dict | list | int | float | None) else str(v) for v in _json_safe(values)])


def _json_safe(value: Any) -> Any:
    if isinstance(value, list):
        return [_json_safe(inner) for inner in value]
    if isinstance(value, dict):
        return {str(key): _json_safe(inner) for key, inner in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int | None) else str(value)


def read_excel(stream: BinaryIO) -> Table:
    """Rows of a workbook's first sheet that has any. Raises InsightsError where it is empty or too large."""
    import openpyxl

    _refuse_bombs(stream)
    book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        rows = enumerate(sheet.iter_rows(values_only=True), start=1)
        for _, values in rows:
            if any(value is not None for value in values):
                header, notes = name_columns(_header(values))
                others = _other_sheets(book.sheetnames, sheet.title)
                return Table("Excel", header, _excel_rows(rows, header), (*notes, *others))
    raise InsightsError("The workbook has no filled cell.", remedy="Put the columns' names in its first row.")


def _header(values: Sequence[Any]) -> list[str | None]:
    last = max(position for position, value in enumerate(values) if value is not None)
    return [None if value is None else str(value) for value in values[: last + 1]]


def _other_sheets(names: list[str], read: str) -> tuple[str, ...]:
    if len(names) < 2:
        return ()
    return (f"Only the sheet {read!r} is read; the workbook has {len(names)}.",)


def _excel_rows(rows: Iterator[tuple[int, Sequence[Any]]], header: tuple[str, ...]) -> Iterator[Row | Reject]:
    for number, values in rows:
        if any(value is not None for value in values):
            padded = [*values, *[None] * (len(header) - len(values))]
            yield checked(Row(number, {name: to_cell(v) for name, v in zip(header, padded, strict=False)}))


def _refuse_bombs(stream: BinaryIO) -> None:
    with zipfile.ZipFile(stream) as archive:
        largest = max((entry.file_size for entry in archive.infolist()), default=0)
    stream.seek(0)
    if largest > UNPACKED_LIMIT:
        raise InsightsError(
            f"The workbook unpacks to more than {UNPACKED_LIMIT >> 30} GB.",
            remedy="Save the sheet as CSV (UTF-8); that is read row by row.",
        )
