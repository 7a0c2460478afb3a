"""Stand-ins that keep their port's contract and remember what they were asked."""

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from insights.ports import Page, Vectors


@dataclass
class HashingEmbedder:
    """Counts the words of a text into a few floats: texts that share words are alike, today and tomorrow."""

    dimensions: int = 32
    name: str = "hashing"
    asked: list[str] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        return f"{self.name}-{self.dimensions}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.casefold()):
                rows[row, zlib.crc32(f"{self.name}{word}".encode()) % self.dimensions] += 1
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.divide(rows, lengths, out=rows, where=lengths > 0)


@dataclass
class ListSource:
    """Delivers the pages it was given, and remembers from which states it was asked to go on."""

    pages: Sequence[Page]
    name: str = "tickets"
    asked_from: list[dict[str, Any]] = field(default_factory=list)

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        self.asked_from.append(state)
        yield from self.pages


def quiet(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
