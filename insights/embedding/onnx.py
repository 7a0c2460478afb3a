"""An embedder from a folder of ONNX weights: `model.onnx` and `tokenizer.json`.

Reads these two files and nothing else. The graph takes `input_ids` and `attention_mask` (`token_type_ids` too where it
asks for them) and answers sentence vectors (n, d) or token states (n, tokens, d), which are averaged over the tokens.
With int8 weights a vector depends, in the third decimal, on the texts it shares a batch with.
"""

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.embedding.rows import embed_sorted
from insights.errors import InsightsError
from insights.ports import Vectors

_BATCH = 32
_LONGEST = 8_000
"""Characters handed to the tokenizer; 256 tokens are never more, and a hostile text may have millions."""
_TOKENS = 256
_FILES = ("model.onnx", "tokenizer.json")
_PAD_TOKENS = ("[PAD]", "<pad>")
_SENTENCE_OUTPUTS = ("embedding", "sentence_embedding", "embeddings", "pooled")


class OnnxEmbedder:
    """Sentence vectors from a transformer on the processor. Raises InsightsError where the folder is no such model."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.fingerprint = f"onnx-{_hash_of(folder)}"

    @cached_property
    def dimensions(self) -> int:
        return int(self._pooled(["size"]).shape[1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, dimensions), rows of length 1."""
        cut = [text[:_LONGEST] for text in texts]
        return embed_sorted(cut, self._pooled, batch=_BATCH, dimensions=self.dimensions)

    def _pooled(self, texts: list[str]) -> NDArray[np.floating[Any]]:
        inputs = self._inputs(texts)
        asked = {given.name for given in self._session.get_inputs()}
        try:
            answer = self._session.run([self._output], {name: inputs[name] for name in inputs.keys() & asked})[0]
        except Exception as error:
            raise _bad_folder(self._folder, f"the model does not run: {_first_line(error)}") from error
        return _mean_of_tokens(np.asarray(answer), inputs["attention_mask"], folder=self._folder)

    def _inputs(self, texts: list[str]) -> dict[str, NDArray[np.int64]]:
        encoded = self._tokenizer.encode_batch(texts)
        # At least one column: a tokenizer may find no token in a text, and graphs fail without any.
        inputs = {
            "input_ids": [row.ids or [0] for row in encoded],
            "attention_mask": [row.attention_mask or [0] for row in encoded],
            "token_type_ids": [row.type_ids or [0] for row in encoded],
        }
        return {name: np.array(rows, dtype=np.int64) for name, rows in inputs.items()}

    @cached_property
    def _output(self) -> str:
        """Sentence vectors where the graph has them, else its first output."""
        names: list[str] = [given.name for given in self._session.get_outputs()]
        return next((name for name in names if name in _SENTENCE_OUTPUTS), names[0])

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # More threads than cores slow it down, and onnxruntime counts the machine's, not a container's.
        options.intra_op_num_threads = min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)
        options.log_severity_level = 4
        path = str(self._folder / "model.onnx")
        try:
            return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own errors share no parent
            raise _bad_folder(self._folder, f"model.onnx cannot be loaded: {_first_line(error)}") from error

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        except Exception as error:  # the binding raises plain Exception
            raise _bad_folder(self._folder, f"tokenizer.json cannot be read: {_first_line(error)}") from error
        pad = next((token for token in _PAD_TOKENS if tokenizer.token_to_id(token) is not None), None)
        tokenizer.enable_truncation(_TOKENS)
        tokenizer.enable_padding(pad_id=tokenizer.token_to_id(pad) if pad else 0, pad_token=pad or "[PAD]")
        return tokenizer


def _mean_of_tokens(
    answer: NDArray[np.floating[Any]], mask: NDArray[np.int64], *, folder: Path
) -> NDArray[np.floating[Any]]:
    """Shape (n, d) from (n, d) as it is, or from (n, tokens, d) over the tokens that are no padding."""
    if answer.ndim == 2 and len(answer) == len(mask):
        return answer
    if answer.ndim != 3 or answer.shape[:2] != mask.shape:
        raise _bad_folder(folder, f"the model answers an array of shape {answer.shape}")
    weights = mask[:, :, None].astype(answer.dtype)
    mean: NDArray[np.floating[Any]] = (answer * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
    return mean


def _hash_of(folder: Path) -> str:
    """Sixteen hexadecimal digits over both files; large weights are often beside the graph, their sizes count too."""
    found = hashlib.sha256()
    for name in _FILES:
        try:
            with (folder / name).open("rb") as file:
                found.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise _bad_folder(folder, f"{name} cannot be read ({error.strerror})") from error
    for beside in sorted(folder.glob("*.onnx*data*")):
        found.update(f"{beside.name} {beside.stat().st_size}".encode())
    return found.hexdigest()[:16]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["unknown error"])[0][:200]


def _bad_folder(folder: Path, what: str) -> InsightsError:
    return InsightsError(
        f"{folder} is no embedding model: {what}.",
        remedy="Set embedding.embedder to onnx:FOLDER with model.onnx and tokenizer.json in it, or to static.",
    )
