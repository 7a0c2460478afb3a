"""Rows whose true groups are known: directions with noise around them, and sentences of made-up words."""

import numpy as np
from numpy.typing import NDArray

from insights.grouping.space import unit
from insights.ports import Vectors
from tests.fakes import HashingEmbedder

SYLLABLES = ("ba", "de", "fi", "go", "ku", "la", "me", "ni")

Places = NDArray[np.int64]


def around(groups: int, *, rows_each: int, spread: float = 0.45, seed: int = 0) -> tuple[Vectors, Places]:
    """Unit rows around chance directions of 32, and the direction of each row."""
    random = np.random.default_rng(seed)
    true = np.repeat(np.arange(groups), rows_each)
    centres = unit(random.normal(size=(groups, 32)))
    noise = random.normal(size=(len(true), 32)) / np.sqrt(32)
    return unit(centres[true] + spread * noise), true


def word(number: int) -> str:
    """A word of letters alone: digits make no difference between texts."""
    return "".join(SYLLABLES[int(digit)] for digit in f"{number:04o}")


def sentences(topics: int, *, rows_each: int, seed: int = 0) -> tuple[Vectors, list[str], Places]:
    """Short texts with four of the six words of their topic, two words that all use and one that is nobody else's;
    vectors of their hashed words; the topic of each."""
    random = np.random.default_rng(seed)
    true = np.repeat(np.arange(topics), rows_each)
    texts = [
        " ".join(
            [word(64 + 8 * topic + int(own)) for own in random.permutation(6)[:4]]
            + [word(int(common)) for common in random.permutation(12)[:2]]
            + [word(1_000 + 1_000 * seed + row)]
        )
        for row, topic in enumerate(true.tolist())
    ]
    return HashingEmbedder(512).embed(texts), texts, true


def chance(rows: int, *, seed: int = 3) -> tuple[Vectors, list[str]]:
    """Rows with nothing in common, and words that nobody else uses."""
    random = np.random.default_rng(seed)
    texts = [" ".join(word(int(number)) for number in random.integers(4_096, size=3)) for _ in range(rows)]
    return unit(random.normal(size=(rows, 256))), texts


def pairs(labels: Places) -> NDArray[np.bool_]:
    """Which rows are together, whatever the groups are called; a row of no group is with nobody."""
    together: NDArray[np.bool_] = (labels[:, None] == labels[None, :]) & (labels >= 0)[:, None]
    return together
