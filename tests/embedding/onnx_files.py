"""Make tiny ONNX models, byte by byte: the project does not need the library that writes them. Not a test.

The format is protobuf: each field is its number and wire type, then a varint or a length and bytes.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

WORDS = ("[PAD]", "[UNK]", "label", "printer", "export", "login")
_FLOAT, _INT64 = 1, 7


def write_model(folder: Path, *, pooled: bool = False, dimensions: int = 4) -> None:
    """A table of word vectors: token states (n, tokens, d), or with `pooled` their plain mean (n, d)."""
    folder.mkdir(parents=True, exist_ok=True)
    table = np.arange(1, len(WORDS) * dimensions + 1, dtype=np.float32).reshape(len(WORDS), dimensions) % 7 - 3
    table[0] = 100.0  # padding shows when it is counted
    nodes = _field(1, _node("Gather", ("table", "input_ids"), "states"))
    if pooled:
        nodes += _field(1, _node("ReduceMean", ("states",), "embedding", _ints("axes", 1) + _int("keepdims", 0)))
    output = _value("embedding", _FLOAT, "n", dimensions) if pooled else _value("states", _FLOAT, "n", "s", dimensions)
    graph = nodes + _text(2, "g") + _field(5, _tensor("table", table))
    graph += _field(11, _value("input_ids", _INT64, "n", "s")) + _field(12, output)
    opset = _text(1, "") + _number(2, 13)
    (folder / "model.onnx").write_bytes(_number(1, 8) + _field(7, graph) + _field(8, opset))
    tokenizer = Tokenizer(WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))


def _varint(number: int) -> bytes:
    found = b""
    while number > 0x7F:
        found += bytes([number & 0x7F | 0x80])
        number >>= 7
    return found + bytes([number])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, content: str) -> bytes:
    return _field(field, content.encode())


def _node(kind: str, inputs: tuple[str, ...], output: str, attributes: bytes = b"") -> bytes:
    return b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(4, kind) + attributes


def _int(name: str, value: int) -> bytes:
    return _field(5, _text(1, name) + _number(3, value) + _number(20, 2))


def _ints(name: str, *values: int) -> bytes:
    return _field(5, _text(1, name) + b"".join(_number(8, value) for value in values) + _number(20, 7))


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    sizes = b"".join(_number(1, size) for size in values.shape)
    return sizes + _number(2, _FLOAT) + _text(8, name) + _field(9, values.tobytes())


def _value(name: str, kind: int, *sizes: int | str) -> bytes:
    parts = (_number(1, size) if isinstance(size, int) else _text(2, size) for size in sizes)
    shape = b"".join(_field(1, part) for part in parts)
    return _text(1, name) + _field(2, _field(1, _number(1, kind) + _field(2, shape)))
