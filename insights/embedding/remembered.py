"""An embedder that costs, and never twice for a text: what it answered is kept with the workspace, by content.

Vectors are kept as 16-bit floats, half of the room, and are rounded so before anybody works with them: a run that was
stopped and went on gives the same vectors as one that was not. Rounding turns a vector of 1,536 numbers by a cosine of
about 5e-8 at most and the cosine of two by 3e-4 (measured on 2,000; a test holds 1e-3).
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from insights.embedding.openai_compatible import OpenAIEmbedder
from insights.embedding.rows import rows_in_order
from insights.embedding.sending import distinct
from insights.embedding.server import HARMLESS
from insights.ports import Vectors


class Memory(Protocol):
    """Where vectors are kept: `insights.storage.paid_vectors.PaidVectorStore`."""

    def key(self, fingerprint: str, text: str) -> str: ...

    def get(self, keys: Sequence[str]) -> dict[str, NDArray[np.float16]]: ...

    def put(self, vectors: Mapping[str, NDArray[np.float16]]) -> None: ...


class RememberedEmbedder:
    """Recalls what it can, asks for each other text once, and keeps every answer as it comes."""

    def __init__(self, embedder: OpenAIEmbedder, memory: Memory) -> None:
        self._embedder = embedder
        self._memory = memory
        self.fingerprint = embedder.fingerprint
        self.texts_recalled = 0
        """Texts that cost nothing, for they were paid before."""

    @property
    def tokens_used(self) -> int:
        """What the server counted since this was made; 0 where it does not tell."""
        return self._embedder.tokens_used

    @property
    def texts_refused(self) -> int:
        """Texts that the server did not take; they are not kept, and asked again when they are embedded again."""
        return self._embedder.texts_refused

    @cached_property
    def dimensions(self) -> int:
        """What the server answered once; it is asked if nothing was kept yet."""
        row = self._recalled([HARMLESS]).get(HARMLESS)
        if row is None:
            self._embedder.vectors_of([HARMLESS], keep=self._keep)
            return self._embedder.dimensions
        self._embedder.expect(len(row))
        return len(row)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, dimensions), rows of length 1, whatever the order of the texts. Raises InsightsError where the
        server refuses or is away; what it answered until then is kept."""
        dimensions = self.dimensions
        wanted = distinct(texts)
        found = self._recalled(wanted)
        self.texts_recalled += len(found)
        missing = [text for text in wanted if text not in found]
        if missing:
            asked = self._embedder.vectors_of(missing, keep=self._keep)
            found |= {text: _rounded(row).astype(np.float32) for text, row in asked.items()}
        return rows_in_order(texts, found, dimensions=dimensions)

    def _recalled(self, texts: Collection[str]) -> dict[str, Vectors]:
        keys = {self._key(text): text for text in texts}
        kept = self._memory.get(list(keys))
        return {keys[key]: row.astype(np.float32) for key, row in kept.items()}

    def _keep(self, found: Mapping[str, Vectors]) -> None:
        self._memory.put({self._key(text): _rounded(row) for text, row in found.items()})

    def _key(self, text: str) -> str:
        return self._memory.key(self.fingerprint, text)


def _rounded(row: Vectors) -> NDArray[np.float16]:
    return row.astype(np.float16)
