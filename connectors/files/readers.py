"""Read rows from CSV, TSV, JSON lines, JSON, Parquet and Excel files, each also gzipped.

Rows come one by one, so the size of the file does not matter. What cannot be read at all is an InsightsError
with its remedy; a row that cannot be read is a Reject, and the next one is read.
"""

import gzip
import io
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import BinaryIO, cast

from connectors.files.decoding import SAMPLE_BYTES, find_encoding, open_bytes, read_lines, unreadable
from connectors.files.delimited import read_delimited
from connectors.files.json_rows import read_json
from connectors.files.rows import Row, Table
from connectors.files.typed import read_excel, read_parquet
from insights.errors import InsightsError
from insights.ports import Reject

_MAGIC = (
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "excel"),
    (b"\xd0\xcf\x11\xe0", "old Excel"),
    (b"%PDF", "PDF"),
    (b"BZh", "bzip2"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"\xfd7zXZ", "xz"),
    (b"SQLite format 3", "SQLite"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)
_SUFFIXES = {
    ".csv": "text", ".tsv": "tab text", ".tab": "tab text", ".jsonl": "json", ".ndjson": "json", ".json":
    "json", ".parquet": "parquet", ".xlsx": "excel", ".xlsm": "excel",
}  # fmt: skip


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """The file as a table. Whatever goes wrong with the file as a whole, now or later, is an
    InsightsError."""
    with _explained(path), open_bytes(path) as stream:
        sample = _sample(stream)
    with _explained(path), open_bytes(path) as stream:
        table = _read(stream, sample, path)
        yield Table(table.form, table.header, _guarded(table.items, path), table.notes)


def read_rows(path: Path) -> Iterator[Row | Reject]:
    """Every row of the file, and every refused one. Raises InsightsError."""
    with open_table(path) as table:
        yield from table.items


def _sample(stream: BinaryIO) -> bytes:
    """The first bytes, fewer where the file was cut off: its rows up to there can still be read."""
    sample = bytearray()
    with suppress(EOFError, zlib.error, gzip.BadGzipFile):
        while len(sample) < SAMPLE_BYTES and (piece := cast("io.BufferedReader", stream).read1(1 << 16)):
            sample += piece
        return bytes(sample)
    return bytes(sample or stream.read(1))


def _guarded(items: Iterator[Row | Reject], path: Path) -> Iterator[Row | Reject]:
    with _explained(path):
        yield from items


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turns what a damaged or forbidden file raises into words."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise InsightsError(
            f"{path} is damaged or was cut off: {error}.",
            remedy="Fetch or export the file again; it did not arrive whole.",
        ) from error
    except (OSError, UnicodeError) as error:
        raise unreadable(path, error) from error


def _read(stream: BinaryIO, sample: bytes, path: Path) -> Table:
    if not sample.strip():
        raise InsightsError(f"{path} is empty.", remedy="Export it again; it holds nothing.")
    kind = find_format(path, sample)
    if kind in ("parquet", "excel"):
        return _read_typed(stream, kind, path)
    encoding = find_encoding(sample, path)
    lines = read_lines(stream, encoding)
    if kind == "json":
        table = read_json(lines)
    else:
        table = read_delimited(lines, prefers="\t" if kind == "tab text" else None)
    return Table(f"{table.form}, {encoding}", table.header, table.items, table.notes)


def find_format(path: Path, sample: bytes) -> str:
    """text, tab text, json, parquet or excel, by content first and name second. Raises InsightsError."""
    magic = next((kind for start, kind in _MAGIC if sample.startswith(start)), None)
    if magic in ("parquet", "excel"):
        return magic
    if magic:
        raise InsightsError(
            f"{path} is a file of the kind {magic}, which is not read.",
            remedy="Unpack it, or save it as CSV (UTF-8), JSONL, Parquet or Excel (.xlsx).",
        )
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes if suffix.lower() != ".gz"]
    named = _SUFFIXES.get(suffixes[-1]) if suffixes else None
    if named in ("parquet", "excel"):
        raise InsightsError(
            f"{path} is named like {named.title()}, but its content is something else.",
            remedy="Export it again, or give it the ending of what it is.",
        )
    if named:
        return named
    return "json" if sample.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"[") else "text"


def _read_typed(stream: BinaryIO, kind: str, path: Path) -> Table:
    """Parquet and Excel jump about in the file, so a gzipped one is unpacked to disk first."""
    if isinstance(getattr(stream, "raw", None), gzip.GzipFile):
        unpacked = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - closed when the table is dropped
        shutil.copyfileobj(stream, unpacked)
        unpacked.seek(0)
        stream = unpacked
    table = _whole(kind, stream, path)
    return Table(table.form, table.header, _damaged_later(table.items, kind, path), table.notes)


def _whole(kind: str, stream: BinaryIO, path: Path) -> Table:
    try:
        return read_parquet(stream) if kind == "parquet" else read_excel(stream)
    except InsightsError:
        raise
    except Exception as error:  # pyarrow and openpyxl raise nearly any type for a damaged file
        raise _broken(kind, path, error) from error


def _damaged_later(items: Iterator[Row | Reject], kind: str, path: Path) -> Iterator[Row | Reject]:
    while True:
        try:
            item = next(items)
        except StopIteration:
            return
        except InsightsError:
            raise
        except Exception as error:  # as above
            raise _broken(kind, path, error) from error
        yield item


def _broken(kind: str, path: Path, error: Exception) -> InsightsError:
    why = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return InsightsError(
        f"{path} is no readable {kind.title()} file: {why}",
        remedy="Export it again; if that fails, save it as CSV (UTF-8).",
    )
