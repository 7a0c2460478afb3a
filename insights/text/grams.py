"""Hashed n-grams of many texts at once: single words and pairs, and pieces of 3 to 5 characters.

Pure and repeatable: buckets depend on the text alone, on every machine, so that weights can be kept by bucket. What is
hashed is the list of a text's words, in lower case; a text without words has the pair of its two ends alone.
"""

import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 14
PIECE_SIZES = (3, 4, 5)
_MASK = np.uint64(BUCKETS - 1)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(32)

Run = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Rows, rising, and buckets, aligned: which text has which bucket at each of its places."""


def word_runs(texts: Sequence[Sequence[str]]) -> list[Run]:
    """Single words and neighbouring pairs of each text, its beginning and end among them."""
    padded = [("^", *words, "$") for words in texts]
    rows = _rows([len(words) for words in padded])
    hashes = np.fromiter((_word_hash(word) for words in padded for word in words), np.uint64, len(rows))
    return _runs(hashes, rows, sizes=(1, 2))


def piece_runs(texts: Sequence[Sequence[str]]) -> list[Run]:
    """Pieces of each text by size, spaces between its words included."""
    padded = [f" {' '.join(words)} " for words in texts]
    rows = _rows([len(text) for text in padded])
    letters = np.frombuffer("".join(padded).encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32)
    return _runs(letters.astype(np.uint64), rows, sizes=PIECE_SIZES)


def _rows(lengths: Sequence[int]) -> NDArray[np.int64]:
    """To which text each unit belongs."""
    return np.repeat(np.arange(len(lengths)), np.array(lengths, dtype=np.int64))


@lru_cache(maxsize=100_000)
def _word_hash(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", errors="surrogatepass"))


def _runs(units: NDArray[np.uint64], rows: NDArray[np.int64], *, sizes: Sequence[int]) -> list[Run]:
    """For each size, every stretch of so many units that lies in one text."""
    found = []
    mixed = np.zeros_like(units)
    for size in range(1, max(sizes) + 1):
        last = len(units) - size + 1
        if last <= 0:
            break
        # A multiplicative hash (Knuth, TAOCP 3, 6.4) of the stretch so far and its next unit; it wraps on purpose.
        mixed = (mixed[:last] + units[size - 1 :] + np.uint64(size)) * _STEP
        mixed ^= mixed >> _SHIFT
        if size in sizes:
            inside = rows[:last] == rows[size - 1 :]
            found.append((rows[:last][inside], (mixed[inside] & _MASK).astype(np.int64)))
    return found
