"""Search the bytes of every file for what must be gone: values, words, pseudonyms, sealed rows and vectors of a person.

One pass over each file, some at a time, so that memory does not grow with it. Each thing that is looked for is told by
its first eight bytes: these are compared with all places of a block at once (multiplicative hashing, then a search in
the sorted values), and only where they agree the whole is.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from insights.ports import Progress

VALUE, WORDS, PSEUDONYM, SEALED, VECTOR = "values", "words", "pseudonyms", "sealed rows", "vectors"
KINDS = (VALUE, WORDS, PSEUDONYM, SEALED, VECTOR)

BLOCK = 1 << 20
_KEY = 8
"""Bytes by which a needle is told."""
_LEAST = 4
"""A shorter needle is in every file by chance."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_FEW = 5_000
_WORD_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_")


@dataclass(frozen=True, slots=True)
class Needle:
    """Bytes to look for. Text is looked for in small letters (ASCII's), `is_word` not as a part of a longer word."""

    kind: str
    content: bytes
    is_text: bool = True
    is_word: bool = False


def text_needles(kind: str, text: str, *, is_word: bool = False) -> Iterator[Needle]:
    """A text in all the ways that a file may hold it: UTF-8, UTF-16, escaped as JSON and for URLs, in other cases."""
    forms = {text, text.lower(), text.upper(), text.casefold()}
    found: set[bytes] = set()
    for form in forms:
        found |= {form.encode("utf-8", "surrogatepass"), json.dumps(form)[1:-1].encode()}
        found |= {form.encode(code, "surrogatepass") for code in ("utf-16-le", "utf-16-be")}
        if kind == VALUE:
            found.add(quote(form, safe="", errors="replace").encode())
    for content in sorted({one.lower() for one in found}):
        if len(content) >= _LEAST:
            yield Needle(kind, content, is_word=is_word)


def vector_needles(vectors: NDArray[np.float32]) -> Iterator[Needle]:
    """Three parts of every row, as it is and at length 1: one of them is whole where a page of a file ends in a row."""
    rows = np.ascontiguousarray(vectors, dtype="<f4")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    for matrix in (rows, (rows / np.where(lengths > 0, lengths, 1)).astype("<f4")):
        for row in matrix:
            content = row.tobytes()
            for start in {0, len(content) // 3 // 4 * 4, len(content) * 2 // 3 // 4 * 4}:
                part = content[start : start + 32]
                if len(part) == 32 and len(set(part)) > 8:
                    yield Needle(VECTOR, part, is_text=False)


@dataclass(frozen=True, slots=True)
class Hits:
    """How often anything was found: by kind, and by file."""

    by_kind: Mapping[str, int] = field(default_factory=dict)
    by_file: Mapping[str, int] = field(default_factory=dict)
    files: int = 0
    bytes: int = 0

    @property
    def total(self) -> int:
        return sum(self.by_kind.values())


class Search:
    """Needles, made ready once. Memory: theirs, and some tens of megabytes for a block."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        distinct = set(needles)
        self.needles = len(distinct)
        self._longest = max((len(one.content) for one in distinct), default=1)
        self._sides = [_Side([one for one in distinct if one.is_text is is_text]) for is_text in (True, False)]

    def files(self, paths: Sequence[Path], *, base: Path, progress: "Progress" = lambda *_: None) -> Hits:
        """Look through these files; one that goes meanwhile holds nothing."""
        kinds: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
        by_file: dict[str, int] = {}
        size = 0
        for done, path in enumerate(paths, 1):
            found, length = self._file(path)
            size += length
            if found:
                by_file[str(path.relative_to(base))] = sum(found.values())
                kinds += found
            progress("searching bytes", done, len(paths))
        return Hits({kind: kinds[kind] for kind in KINDS}, by_file, len(paths), size)

    def _file(self, path: Path) -> tuple[Counter[str], int]:
        found: Counter[str] = Counter()
        size = 0
        try:
            with path.open("rb") as file:
                tail = b""
                while block := file.read(BLOCK):
                    size += len(block)
                    found += self._block(tail + block, seen=len(tail))
                    tail = (tail + block)[-self._longest :]
        except FileNotFoundError:
            pass
        return found, size

    def _block(self, block: bytes, *, seen: int) -> Counter[str]:
        """Hits that end after the first `seen` bytes, which an earlier block ended with."""
        text, binary = self._sides
        return text.count(block.lower(), seen=seen) + binary.count(block, seen=seen)

    def text(self, content: bytes) -> Counter[str]:
        """In bytes at hand."""
        return self._block(content, seen=0)


class _Side:
    """Needles of one sort: those of eight bytes and more by their beginning, the few shorter ones by themselves."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        self._short = [one for one in needles if len(one.content) < _KEY]
        self._by_key: dict[int, list[Needle]] = defaultdict(list)
        for one in needles:
            if len(one.content) >= _KEY:
                self._by_key[int.from_bytes(one.content[:_KEY], "little")].append(one)
        self._keys = np.array(sorted(self._by_key), dtype=np.uint64)
        self._bits = 20 if len(self._keys) < _FEW else 24
        self._table = np.zeros(1 << self._bits, dtype=np.bool_)
        self._table[self._hashed(self._keys)] = True

    def _hashed(self, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
        hashed: NDArray[np.uint64] = (keys * _MULTIPLIER) >> np.uint64(64 - self._bits)
        return hashed

    def count(self, block: bytes, *, seen: int) -> Counter[str]:
        found: Counter[str] = Counter()
        for one in self._short:
            at = block.find(one.content)
            while at >= 0:
                found[one.kind] += _counts(one, block, at, seen=seen)
                at = block.find(one.content, at + 1)
        if len(self._keys) and len(block) >= _KEY:
            for at in self._candidates(block):
                for one in self._by_key.get(int.from_bytes(block[at : at + _KEY], "little"), ()):
                    if block.startswith(one.content, at):
                        found[one.kind] += _counts(one, block, at, seen=seen)
        return found

    def _candidates(self, block: bytes) -> Iterator[int]:
        """Places where eight bytes stand that a needle begins with."""
        for shift in range(_KEY):
            windows = np.frombuffer(block, dtype="<u8", count=(len(block) - shift) // _KEY, offset=shift)
            maybe = np.flatnonzero(self._table[self._hashed(windows)])
            if len(maybe):
                values = windows[maybe]
                places = np.minimum(np.searchsorted(self._keys, values), len(self._keys) - 1)
                yield from (maybe[self._keys[places] == values] * _KEY + shift).tolist()


def _counts(needle: Needle, block: bytes, at: int, *, seen: int) -> int:
    """1, or 0 where it was counted with the block before, or is a part of another value."""
    end = at + len(needle.content)
    if end <= seen:
        return 0
    return int(
        not needle.is_word or _is_whole(needle.content, before=block[max(at - 1, 0) : at], after=block[end : end + 2])
    )


def _is_whole(content: bytes, *, before: bytes, after: bytes) -> bool:
    """Whether neither side goes on: joann@acme.example and ann@acme.example.org are not ann@acme.example."""
    is_address = b"@" in content or b"%40" in content
    if before and (before[0] in _WORD_BYTES or (is_address and before in b".%+-")):
        return False
    goes_on = after[:1] == b"." and after[1:2] and after[1] in _WORD_BYTES
    return not (after and after[0] in _WORD_BYTES) and not (is_address and goes_on)


def files_in(folder: Path) -> list[Path]:
    """Every file, by name; what a link leads to is elsewhere."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
