"""The embedder that is always there: static word vectors from the wordllama wheel.

Works without a network and never asks for one. 256 floats a text, about 10,000 texts a second.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.embedding.rows import unit_rows
from insights.ports import Vectors

DIMENSIONS = 256
_BATCH = 64
_LONGEST = 4_000
"""Characters of a text that count. wordllama pads a batch to its longest text: without an end, 64 texts beside one of
100,000 characters would take 2 GB."""


class StaticEmbedder:
    """Weighted mean of word vectors. The weights (16 MB) are read at the first text.

    A token weighs the root of the logarithm of its place in the vocabulary, which stands in order of frequency, so
    that "the" counts less (Model2Vec weighs likewise; after SIF, Arora et al. 2017). AMI of groups against labels with
    the plain mean, this, and the logarithm itself: banking77 (4,000 rows) .67, .70, .68; nlu_saas_questions .64, .68,
    .67; nlupp .44, .45, .46. The power was chosen on these sets.
    """

    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self.fingerprint = f"wordllama-{version('wordllama')}-l2_supercat-{DIMENSIONS}-rootlog"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, 256), rows of length 1."""
        sums = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = [text[:_LONGEST] for text in texts[start : start + _BATCH]]
            encoded = _model().tokenizer.encode_batch_fast(batch, add_special_tokens=False)
            for row, one in enumerate(encoded, start):
                sums[row] = self._sum(np.asarray(one.ids, dtype=np.int64))
        return unit_rows(sums)

    def _sum(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        table = _model().embedding
        known = ids[ids < len(table)]
        weights = np.sqrt(np.log1p(known)).astype(np.float32)
        return np.asarray(weights @ table[known], dtype=np.float32)


@cache
def _model() -> Any:
    """Tokenizer and table of vectors; one copy (32 MB) for all who embed in this process."""
    with _root_logging_untouched():
        import wordllama
    # The wheel has its tokenizer in a folder where load() looks only as a cache.
    folder = Path(wordllama.__file__).parent
    return wordllama.WordLlama.load(cache_dir=folder, dim=DIMENSIONS, disable_download=True)


@contextmanager
def _root_logging_untouched() -> Iterator[None]:
    """wordllama sets up the root logger as it is imported, and everyone's messages would reach the terminal."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
