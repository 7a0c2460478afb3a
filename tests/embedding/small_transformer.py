"""A small float32 model with what matters in a transformer: a table, products with constant weights, and one without.
Not a test.
"""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

WORDS = tuple(f"word{number}" for number in range(200))
_WIDTH, _INNER = 32, 64
_WEIGHTS = {
    "table": (len(WORDS) + 2, _WIDTH),
    "query": (_WIDTH, _WIDTH),
    "key": (_WIDTH, _WIDTH),
    "wide": (_WIDTH, _INNER),
    "narrow": (_INNER, _WIDTH),
}
_NODES = (
    ("Gather", ("table", "input_ids"), "words"),
    ("MatMul", ("words", "query"), "asked"),
    ("MatMul", ("words", "key"), "keys"),
    ("Transpose", ("keys",), "turned"),
    ("MatMul", ("asked", "turned"), "alike"),
    ("Softmax", ("alike",), "attention"),
    ("MatMul", ("attention", "words"), "seen"),
    ("MatMul", ("seen", "wide"), "inner"),
    ("Relu", ("inner",), "active"),
    ("MatMul", ("active", "narrow"), "outer"),
    ("Add", ("outer", "words"), "states"),
)


def write_transformer(folder: Path, *, weights: type[np.floating] = np.float32, beside: bool = False) -> Path:
    """Token states (n, tokens, 32) of 200 words, always the same; with `beside`, weights in a file of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(weights))
    graph = helper.make_graph(
        [_node(*parts) for parts in _NODES],
        "small",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["n", "s"])],
        [helper.make_tensor_value_info("states", kind, ["n", "s", _WIDTH])],
        [numpy_helper.from_array(values.astype(weights), name) for name, values in _weights().items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(
        model, folder / "model.onnx", save_as_external_data=beside, location="model.onnx_data", size_threshold=1024
    )
    _write_tokenizer(folder)
    return folder


def _node(kind: str, inputs: tuple[str, ...], output: str) -> onnx.NodeProto:
    node = helper.make_node(kind, inputs, [output], name=output)
    if kind == "Transpose":
        node.attribute.append(helper.make_attribute("perm", [0, 2, 1]))
    return node


def _weights() -> dict[str, NDArray[np.float64]]:
    draw = np.random.default_rng(0)
    return {name: draw.normal(scale=shape[0] ** -0.5, size=shape) for name, shape in _WEIGHTS.items()}


def _write_tokenizer(folder: Path) -> None:
    known = {word: place for place, word in enumerate(("[PAD]", "[UNK]", *WORDS))}
    tokenizer = Tokenizer(WordLevel(known, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))


def texts_of_words(number: int = 120) -> list[str]:
    """Distinct texts of three to eight words."""
    draw = np.random.default_rng(1)
    return [" ".join(draw.choice(WORDS, size=3 + place % 6, replace=False)) for place in range(number)]
