"""The embedder that is always there: static word vectors from the wordllama wheel.

Works without a network and never asks for one. 256 floats a text, about 10,000 texts a second.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from insights.embedding.rows import embed_sorted
from insights.ports import Vectors

DIMENSIONS = 256
_BATCH = 64
_LONGEST = 4_000
"""Characters of a text that count. wordllama pads a batch to its longest text: without an end, 64 texts beside one of
100,000 characters would take 2 GB."""


class StaticEmbedder:
    """Mean of word vectors. The weights (16 MB) are read at the first text."""

    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self.fingerprint = f"wordllama-{version('wordllama')}-l2_supercat-{DIMENSIONS}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, 256), rows of length 1."""
        cut = [text[:_LONGEST] for text in texts]
        return embed_sorted(cut, self._model.embed, batch=_BATCH, dimensions=DIMENSIONS)

    @cached_property
    def _model(self) -> Any:
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
