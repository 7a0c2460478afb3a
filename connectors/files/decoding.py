"""Open a file that may be compressed, find its encoding, and hand out lines of bounded length.

Never raises for bad bytes: each is repaired by itself and the line says so, because one bad byte must not
change how the other million are read. Raises InsightsError for a file that cannot be opened or is no text.
"""

import codecs
import gzip
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from connectors.files.rows import LINE_LIMIT
from insights.errors import InsightsError

SAMPLE_BYTES = 256 * 1024

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ESCAPED = re.compile("[\udc80-\udcff]")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_CENTRAL_EUROPEAN = {"Polish", "Czech", "Slovak", "Hungarian", "Croatian", "Slovene", "Romanian"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its end; `note` says what was repaired, `is_cut` that it was longer than the limit."""

    number: int
    text: str
    note: str | None = None
    is_cut: bool = False


def open_bytes(path: Path) -> BinaryIO:
    """The file's bytes, unpacked where it is gzip. Raises InsightsError."""
    if path.is_dir():
        raise InsightsError(f"{path} is a folder.", remedy="Name a file in it.")
    if path.exists() and not path.is_file():
        raise InsightsError(f"{path} is no regular file.", remedy="Save the data to a file first.")
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        raise InsightsError(f"There is no file {path}.", remedy="Check the name and the folder.") from None
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    is_gzip = stream.read(2) == b"\x1f\x8b"
    stream.seek(0)
    if not is_gzip:
        return stream
    return cast("BinaryIO", io.BufferedReader(_Gunzip(stream), 1 << 16))


class _Gunzip(gzip.GzipFile):
    """A gzip stream that closes the file below it as well."""

    def __init__(self, below: BinaryIO) -> None:
        super().__init__(fileobj=below, mode="rb")
        self._below = below

    def close(self) -> None:
        super().close()
        self._below.close()


def unreadable(path: Path, error: Exception) -> InsightsError:
    """What to say of a file that the system will not let us read."""
    if isinstance(error, PermissionError):
        return InsightsError(f"{path} may not be read.", remedy="Give yourself read permission on it.")
    why = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return InsightsError(f"{path} cannot be read: {why}.", remedy="Check the file, or fetch or save it again.")


def find_encoding(sample: bytes, path: Path) -> str:
    """The encoding of a text that starts with `sample`. Raises InsightsError for what is no text."""
    for bom, encoding in _BOMS:
        if sample.startswith(bom):
            return encoding
    if wide := _wide_without_mark(sample):
        return wide
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample)
    bad = len(_ESCAPED.findall(text))
    _refuse_binary(sample, bad=bad, path=path)
    good = sum(character > "\x7f" for character in text) - bad
    if bad <= good:
        return "utf-8"
    return _guess(sample)


def _wide_without_mark(sample: bytes) -> str | None:
    """UTF-16 without a mark: zeros in nearly every second byte and hardly any in the others."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half < 4:
        return None
    if odd > half * 0.4 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.4 and odd < half * 0.05:
        return "utf-16-be"
    return None


def _refuse_binary(sample: bytes, *, bad: int, path: Path) -> None:
    controls = len(_CONTROL.findall(sample))
    garbled = bad > len(sample) * 0.05 and controls > len(sample) * 0.02
    if garbled or sample.count(0) > len(sample) * 0.1:
        raise InsightsError(
            f"{path} holds binary data, not text.",
            remedy="Save it as CSV (UTF-8), JSONL, Parquet or Excel (.xlsx) and name it accordingly.",
        )


def _guess(sample: bytes) -> str:
    """Not UTF-8: what charset-normalizer makes of it. Its guesses among the Western code pages are a toss-up
    on short texts, so those all become cp1252."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None or best.encoding in ("ascii", "utf_8", "utf_7"):
        return "cp1252"
    foreign = sum(character > "\u024f" and character.isalpha() for character in str(best))
    if foreign < len(str(best)) * 0.1:
        return "cp1250" if best.language in _CENTRAL_EUROPEAN else "cp1252"
    return best.encoding


def read_lines(stream: BinaryIO, encoding: str) -> Iterator[Line]:
    """Lines with their ends as they stand, none longer than the limit."""
    errors = "surrogateescape" if encoding in ("utf-8", "utf-8-sig", "cp1252", "cp1250") else "replace"
    text = io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")
    number = 0
    while piece := text.readline(LINE_LIMIT):
        number += 1
        is_cut = len(piece) >= LINE_LIMIT and not piece.endswith(("\n", "\r"))
        yield _repaired(Line(number, piece, is_cut=is_cut))
        while is_cut and (rest := text.readline(LINE_LIMIT)):
            is_cut = not rest.endswith(("\n", "\r"))


def _repaired(line: Line) -> Line:
    text, notes = line.text, []
    if not text.isascii() and _ESCAPED.search(text):
        text = _ESCAPED.sub(_as_western, text)
        notes.append("Bytes that are not valid in the file's encoding were read as cp1252.")
    if "\0" in text:
        text = text.replace("\0", "")
        notes.append("NUL characters were removed.")
    return Line(line.number, text, " ".join(notes), line.is_cut) if notes else line


def _as_western(match: re.Match[str]) -> str:
    return bytes([ord(match.group()) - 0xDC00]).decode("cp1252", "replace")
