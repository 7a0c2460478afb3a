"""Near-duplicates: texts that say the same with hardly another word.

Exact copies but for case, spaces, digits and marks are found by their text, near ones by MinHash over pieces of four
letters (Broder 1997) with banding. Each set of copies is grouped as one row, and counts as many.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

HASHES = 32
BANDS = 8
"""Of four hashes each: texts that share 85 % of their pieces meet in at least one band with a chance of 99.7 %."""

LEAST_SHARED = 0.87
"""Of the hashes; estimates the share of pieces that two texts have in common (Jaccard)."""

PIECE = 4
SHORTEST = 40
"""Letters. In a shorter text one other word is another meaning: such copies must be exact."""

BLOCK_ROWS = 20_000
_PRIME = np.uint64(4_294_967_291)

Places = NDArray[np.int64]


def collapse(texts: Sequence[str]) -> tuple[Places, Places]:
    """The rows that stand for their copies, and for every row the place of its stand-in among those.

    Ordered by what texts say, not where they stand, so that everything after is the same for any order of the rows.
    """
    keys = [_key(text) for text in texts]
    order = sorted(range(len(keys)), key=lambda row: (keys[row], texts[row]))
    exact, first = _runs([keys[row] for row in order])
    merged = _near([keys[order[row]] for row in first])
    stands, place = np.unique(merged, return_inverse=True)
    places = np.empty(len(keys), dtype=np.int64)
    places[np.asarray(order, dtype=np.int64)] = place[exact]
    return np.asarray(order, dtype=np.int64)[first[stands]], places


def _key(text: str) -> str:
    """Letters alone: case, digits, marks and spaces do not make another complaint."""
    return re.sub(r"[\W\d_]+", " ", text.casefold()).strip() or re.sub(r"\s+", " ", text.casefold()).strip()


def _runs(keys: Sequence[str]) -> tuple[Places, Places]:
    """Sorted keys: the number of each key's run of equals, and where each run starts."""
    starts = [row for row, key in enumerate(keys) if row == 0 or key != keys[row - 1]]
    is_start = np.zeros(len(keys), dtype=np.int64)
    is_start[starts] = 1
    return np.cumsum(is_start) - 1, np.asarray(starts, dtype=np.int64)


def _near(keys: Sequence[str]) -> Places:
    """For each of the distinct keys the first key it is a near copy of (itself, where none)."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    long = np.asarray([row for row, key in enumerate(keys) if len(key) >= SHORTEST], dtype=np.int64)
    stand = np.arange(len(keys))
    if len(long) < 2:
        return stand
    signatures = np.vstack(
        [_signatures(keys, long[start : start + BLOCK_ROWS]) for start in range(0, len(long), BLOCK_ROWS)]
    )
    left, right = _alike(signatures)
    linked = csr_matrix((np.ones(len(left), np.int8), (left, right)), shape=(len(long), len(long)))
    component = connected_components(linked, directed=False)[1]
    first = np.full(component.max() + 1, len(keys))
    np.minimum.at(first, component, long)
    stand[long] = first[component]
    return stand


def _signatures(keys: Sequence[str], rows: Places) -> NDArray[np.uint32]:
    """MinHash of each key's pieces, shape (rows, HASHES)."""
    pieces = [_pieces(keys[row]) for row in rows.tolist()]
    starts = np.cumsum([0, *[len(some) for some in pieces[:-1]]])
    flat = np.concatenate(pieces).astype(np.uint64)
    chance = np.random.default_rng(7)
    factors, shifts = chance.integers(1, 2**31, HASHES, np.uint64), chance.integers(0, 2**31, HASHES, np.uint64)
    least = [np.minimum.reduceat((flat * a + b) % _PRIME, starts) for a, b in zip(factors, shifts, strict=True)]
    return np.stack(least, axis=1).astype(np.uint32)


def _pieces(key: str) -> NDArray[np.uint32]:
    """Hashes of all runs of four letters; words count by their letters, not their order in the file."""
    letters = np.frombuffer(key.encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32).astype(np.uint64)
    hashed = np.zeros(max(len(letters) - PIECE + 1, 1), dtype=np.uint64)
    for step in range(min(PIECE, len(letters))):
        hashed = hashed * np.uint64(1_000_003) + letters[step : step + len(hashed)]
    return np.unique(hashed & np.uint64(0x7FFFFFFF)).astype(np.uint32)


def _alike(signatures: NDArray[np.uint32]) -> tuple[Places, Places]:
    """Pairs that share a band and enough hashes: each row with the first of its band."""
    width = HASHES // BANDS
    pairs: list[tuple[Places, Places]] = []
    for band in range(BANDS):
        part = np.ascontiguousarray(signatures[:, band * width : (band + 1) * width])
        _, first, place = np.unique(part.view(f"V{4 * width}").ravel(), return_index=True, return_inverse=True)
        other = np.flatnonzero(first[place] != np.arange(len(part)))
        stand = first[place[other]]
        shared = (signatures[other] == signatures[stand]).mean(axis=1)
        pairs.append((stand[shared >= LEAST_SHARED], other[shared >= LEAST_SHARED]))
    return np.concatenate([a for a, _ in pairs]), np.concatenate([b for _, b in pairs])
