"""Int8 weights from a folder of float32 ones: a quarter of the size, and faster.

Matrices of weights and tables of word vectors become int8, activations when the model runs; the graph stays. The
folder of the float32 weights is only read. The new folder appears whole, after its model has run on the texts that it
is compared on, or not at all.

Of what the quantizer offers, one scale a column matters. Measured with all-MiniLM-L6-v2 on 1,000 texts of the sample
firm and 1,000 of banking77, it keeps 90 and 93 % of the ten nearest neighbours, one scale a matrix 79 and 86 %. Seven
bits keep up to one point less; float32 word vectors keep no more, at 59 instead of 23 MB. A processor without
instructions for int8, where sums of two products may saturate, cost 0.3 points (emulated, 400 texts).
"""

import logging
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insights.embedding.comparison import Comparison, Trial, compare
from insights.embedding.onnx import OnnxEmbedder
from insights.errors import InsightsError
from insights.ports import Progress

MODEL, TOKENIZER = "model.onnx", "tokenizer.json"

_BESIDE = (".json", ".txt", ".md")
_BESIDE_NAMES = ("LICENSE", "NOTICE")
_LARGEST_BESIDE = 1_000_000
"""Bytes. Settings and licences are smaller; what is larger is a vocabulary that tokenizer.json holds already."""

_MEGABYTE = 1_000_000
_LARGEST_FILE = 2_000_000_000
"""Bytes. A file of more than 2 GiB is no protobuf: larger weights stand beside their graph."""

_QUANTIZED_OPS = ("MatMul", "Attention", "Gather", "EmbedLayerNormalization")
"""Where the weights of a text model are. Convolutions, rare there and not measured, stay as they are."""

_SIGNS = frozenset({
    "DequantizeLinear", "DynamicQuantizeLinear", "DynamicQuantizeLSTM", "DynamicQuantizeMatMul", "GatherBlockQuantized",
    "ConvInteger", "MatMulInteger", "MatMulIntegerToFloat", "MatMulNBits", "QAttention", "QEmbedLayerNormalization",
    "QGemm", "QLinearConv", "QLinearMatMul",
})  # fmt: skip
"""Operators that only a quantized graph has."""

_OTHER_EXPORT = "Another export of the float32 model may do: standard operators, without optimisation."


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantized:
    """What was made of the weights in `source`, and how it compares with them. Sizes are those of the weights, in
    millions of bytes."""

    source: Path
    folder: Path
    megabytes_before: float
    megabytes_after: float
    comparison: Comparison


def default_folder(source: Path) -> Path:
    """The folder beside `source` whose name ends in -int8."""
    named = source if source.name not in ("", "..") else source.resolve()
    return named.parent / f"{named.name}-int8"


def quantize(source: Path, folder: Path, *, trial: Trial, progress: Progress) -> Quantized:
    """Make int8 weights of those in `source`, put them into `folder`, and compare both on a trial.

    Raises InsightsError where `source` holds no float32 model that runs, where `folder` is taken or cannot be written,
    and where the package that reads graphs is missing.
    """
    _require_files(source)
    with _told(folder):
        target = _free(folder)
    onnx = _reader()
    before = _running(source)
    with _told(folder), _made(target) as made:
        progress("quantizing", 0, 1)
        _write_int8(source, made, onnx=onnx)
        _copy_beside(source, made)
        progress("quantizing", 1, 1)
        sizes = (_megabytes(source), _megabytes(made))
        comparison = compare(before, _running_int8(made), trial, progress=progress)
    return Quantized(
        source=source,
        folder=folder,
        megabytes_before=sizes[0],
        megabytes_after=sizes[1],
        comparison=comparison,
    )


def _require_files(source: Path) -> None:
    remedy = f"Name a folder with {MODEL} and {TOKENIZER} in it."
    try:
        missing = [name for name in (MODEL, TOKENIZER) if not (source / name).is_file()]
        is_folder = source.is_dir()
    except OSError as error:
        raise InsightsError(f"{source} cannot be read ({error.strerror}).", remedy=remedy) from error
    if not is_folder:
        raise InsightsError(f"There is no folder {source}.", remedy=remedy)
    if missing:
        raise InsightsError(f"{source} has no {' and no '.join(missing)}.", remedy=remedy)


def _free(folder: Path) -> Path:
    """Where a link leads: the folder itself is replaced, and a link would stay."""
    target = folder.resolve()
    if target.is_dir() and not any(target.iterdir()):
        return target
    if target.exists():
        raise InsightsError(
            f"{folder} {'is not empty' if target.is_dir() else 'is a file'}.",
            remedy="Name another folder with --out, or remove it first.",
        )
    if not target.parent.is_dir():
        raise InsightsError(
            f"There is no folder {folder.parent} to put {target.name} in.",
            remedy="Make it first, or name another folder with --out.",
        )
    return target


def _reader() -> Any:
    try:
        import onnx
    except ImportError as error:
        raise InsightsError(
            "Making int8 weights needs the package onnx, which is not installed.",
            remedy='Run: pip install "feedback-insights[quantize]"',
        ) from error
    return onnx


def _running(source: Path) -> OnnxEmbedder:
    """The embedder of a folder, after it embedded a word."""
    try:
        embedder = OnnxEmbedder(source)
        embedder.embed(["size"])
    except InsightsError as error:
        raise InsightsError(error.message, remedy=f"Name a folder with a whole {MODEL} and {TOKENIZER}.") from error
    return embedder


def _running_int8(made: Path) -> OnnxEmbedder:
    try:
        return _running(made)
    except InsightsError as error:
        raise InsightsError(
            f"The int8 weights do not run, and were not kept: {error.message.partition(': ')[2]}", remedy=_OTHER_EXPORT
        ) from error


@contextmanager
def _made(target: Path) -> Iterator[Path]:
    """An empty folder beside `target` that takes its place at the end; after any error or interrupt nothing is left."""
    made = target.with_name(f".{target.name}-{uuid.uuid4().hex[:8]}.partial")
    try:
        made.mkdir()
        yield made
        if target.is_dir():  # empty, but not every system replaces a folder by a folder
            target.rmdir()
        made.rename(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """A full or read-only destination, in words."""
    try:
        yield
    except OSError as error:
        raise InsightsError(
            f"{folder} cannot be written ({error.strerror or error}).",
            remedy="Name another folder with --out, or see to permissions and free space, there and in the system's "
            "temporary folder. Nothing was left.",
        ) from error


def _write_int8(source: Path, made: Path, *, onnx: Any) -> None:
    graph = _read(source, onnx=onnx)
    _require_float32(graph, source=source, onnx=onnx)
    is_large = _bytes(source) > _LARGEST_FILE
    from onnxruntime.quantization import QuantType, quantize_dynamic

    try:
        with _without_advice():
            quantize_dynamic(
                graph,
                made / MODEL,
                op_types_to_quantize=list(_QUANTIZED_OPS),
                per_channel=True,
                weight_type=QuantType.QInt8,
                use_external_data_format=is_large,
                # Shapes are not inferred behind onnxruntime's own operators; what is there is float32, as required.
                extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
            )
    except OSError:
        raise
    except Exception as error:  # the quantizer raises whatever it stumbles over
        raise InsightsError(
            f"The weights in {source} cannot be quantized: {_first_line(error)}.",
            remedy=_OTHER_EXPORT,
        ) from error
    _require_quantized(made, source=source, onnx=onnx)


def _read(source: Path, *, onnx: Any) -> Any:
    """The graph with all its weights."""
    try:
        return onnx.load(source / MODEL)
    except Exception as error:  # protobuf's errors and those of weights beside the graph share no parent
        raise InsightsError(
            f"{source / MODEL} cannot be read: {_first_line(error)}.",
            remedy="Copy or export the model again: its weights may be incomplete, or links to elsewhere.",
        ) from error


def _require_float32(graph: Any, *, source: Path, onnx: Any) -> None:
    if _signs(graph):
        raise InsightsError(
            f"The weights in {source} are quantized already: there is nothing to gain.",
            remedy="Use the folder as it is, or name one with float32 weights.",
        )
    kinds, weights = onnx.TensorProto, graph.graph.initializer
    halves = sum(_values(tensor) for tensor in weights if tensor.data_type in (kinds.FLOAT16, kinds.BFLOAT16))
    if halves > sum(_values(tensor) for tensor in weights if tensor.data_type == kinds.FLOAT):
        raise InsightsError(
            f"The weights in {source} are 16-bit floats, and only float32 ones can be quantized.",
            remedy="Export the model with float32 weights and name that folder.",
        )


def _signs(graph: Any) -> set[str]:
    return {node.op_type for node in graph.graph.node} & _SIGNS


def _values(tensor: Any) -> int:
    count = 1
    for size in tensor.dims:
        count *= size
    return count


def _require_quantized(made: Path, *, source: Path, onnx: Any) -> None:
    if _signs(onnx.load(made / MODEL, load_external_data=False)):
        return
    raise InsightsError(
        f"Nothing in {source / MODEL} can be quantized: no product or table has constant float32 weights.",
        remedy=_OTHER_EXPORT,
    )


def _copy_beside(source: Path, made: Path) -> None:
    """The tokenizer, and what else is small and tells about the model. Permissions are not copied: a folder that may
    only be read would make one that cannot be removed."""
    for file in sorted(source.iterdir()):
        if file.name == TOKENIZER or _belongs(file):
            shutil.copyfile(file, made / file.name)


def _belongs(file: Path) -> bool:
    is_told = file.suffix in _BESIDE or file.name in _BESIDE_NAMES
    return is_told and not file.name.startswith(".") and file.is_file() and file.stat().st_size <= _LARGEST_BESIDE


def _megabytes(folder: Path) -> float:
    return _bytes(folder) / _MEGABYTE


def _bytes(folder: Path) -> int:
    """The graph and the weights beside it, as the embedder looks for them."""
    return sum(file.stat().st_size for file in {folder / MODEL, *folder.glob("*.onnx*data*")})


@contextmanager
def _without_advice() -> Iterator[None]:
    """The quantizer recommends a preparation that is no use here, by a call that sets logging up where nobody did."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["unknown error"])[0][:200].rstrip(".")
