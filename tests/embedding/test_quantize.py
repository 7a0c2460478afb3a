"""Int8 weights: what is made, what is refused, and that nothing half-made is left."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from insights.embedding.comparison import Trial, trial_of
from insights.embedding.onnx import OnnxEmbedder
from insights.embedding.quantize import Quantized, default_folder, quantize
from insights.errors import InsightsError
from tests.embedding.onnx_files import write_model
from tests.embedding.small_transformer import texts_of_words, write_transformer

ROOT = Path(__file__).parents[2]
TRIAL = trial_of(texts_of_words())


def made_of(source: Path, folder: Path | None = None, *, trial: Trial = TRIAL) -> Quantized:
    return quantize(source, folder or default_folder(source), trial=trial, progress=lambda *_: None)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_transformer(tmp_path / "weights")


def test_the_new_folder_is_an_embedder_whose_vectors_are_nearly_the_same(source: Path) -> None:
    done = made_of(source)

    before, after = (OnnxEmbedder(folder).embed(TRIAL.texts) for folder in (source, done.folder))
    assert done.folder == source.with_name("weights-int8")
    assert (before * after).sum(axis=1).min() > 0.98
    assert not np.array_equal(before, after)


def test_the_report_tells_size_speed_and_neighbours_as_they_are(source: Path) -> None:
    done = made_of(source)

    sizes = [(folder / "model.onnx").stat().st_size / 1e6 for folder in (source, done.folder)]
    assert [done.megabytes_before, done.megabytes_after] == pytest.approx(sizes)
    assert done.megabytes_after < done.megabytes_before / 2
    found = done.comparison
    assert found.texts == len(TRIAL.texts)
    assert min(found.before.texts_per_second, found.after.texts_per_second) > 0
    assert found.neighbours_kept.low <= found.neighbours_kept.value <= found.neighbours_kept.high
    assert found.neighbours_kept.value > 0.8
    assert found.accuracy is None


def test_products_and_tables_are_int8_with_a_scale_a_column(source: Path) -> None:
    graph = onnx.load(made_of(source).folder / "model.onnx").graph

    operators = [node.op_type for node in graph.node]
    scales = {tensor.name: list(tensor.dims) for tensor in graph.initializer if tensor.name.endswith("_scale")}
    assert operators.count("MatMulInteger") == 4
    assert operators.count("MatMul") == 2  # attention has no constant weights
    assert scales["wide_scale"] == [64]
    assert "table_quantized" in {tensor.name for tensor in graph.initializer}


def test_small_files_come_along_and_large_or_hidden_ones_stay(source: Path) -> None:
    for name in ("config.json", "LICENSE", "notes.md", "weights.bin", ".hidden.json"):
        (source / name).write_text("{}", encoding="utf-8")
    (source / "vocab.json").write_text(" " * 1_000_001, encoding="utf-8")
    (source / "1_Pooling.json").mkdir()
    (source / "tokenizer.json").chmod(0o444)

    folder = made_of(source).folder

    assert {file.name for file in folder.iterdir()} == {
        "model.onnx", "tokenizer.json", "config.json", "LICENSE", "notes.md",
    }  # fmt: skip
    assert os.access(folder / "tokenizer.json", os.W_OK)


def test_weights_beside_the_graph_count_and_are_read(tmp_path: Path) -> None:
    source = write_transformer(tmp_path / "weights", beside=True)

    done = made_of(source)

    assert (source / "model.onnx_data").exists()
    assert done.megabytes_before > (source / "model.onnx").stat().st_size / 1e6 + 0.02
    assert OnnxEmbedder(done.folder).embed(["word1"]).shape == (1, 32)


def test_the_source_is_only_read(source: Path) -> None:
    before = {file.name: file.read_bytes() for file in source.iterdir()}

    made_of(source)

    assert {file.name: file.read_bytes() for file in source.iterdir()} == before


def test_logging_is_as_it_was(source: Path) -> None:
    before = (logging.root.manager.disable, list(logging.getLogger().handlers))

    made_of(source)

    assert (logging.root.manager.disable, list(logging.getLogger().handlers)) == before


def test_an_empty_folder_and_a_link_to_one_are_filled(source: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")

    made_of(source, tmp_path / "link")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "empty" / "model.onnx").exists()


@pytest.mark.parametrize(
    ("source", "name"), [("models/minilm", "minilm-int8"), (".", "here-int8"), ("models/..", "here-int8")]
)
def test_the_default_folder_stands_beside_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, name: str
) -> None:
    (tmp_path / "here" / "models").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")

    found = default_folder(Path(source))

    assert found.name == name
    assert found.parent.resolve() == Path(source).resolve().parent


def no_folder(source: Path) -> Path:
    return source / "nowhere"


def no_model(source: Path) -> Path:
    (source / "model.onnx").unlink()
    return source


def no_tokenizer(source: Path) -> Path:
    (source / "tokenizer.json").unlink()
    return source


def cut_model(source: Path) -> Path:
    whole = (source / "model.onnx").read_bytes()
    (source / "model.onnx").write_bytes(whole[: len(whole) // 2])
    return source


def broken_tokenizer(source: Path) -> Path:
    (source / "tokenizer.json").write_text("{", encoding="utf-8")
    return source


def no_weights_beside(source: Path) -> Path:
    (write_transformer(source, beside=True) / "model.onnx_data").unlink()
    return source


def linked_weights(source: Path) -> Path:
    write_transformer(source, beside=True)
    (source / "model.onnx_data").rename(source.parent / "elsewhere")
    (source / "model.onnx_data").symlink_to(source.parent / "elsewhere")
    return source


def quantized_already(source: Path) -> Path:
    return made_of(source, source.parent / "once").folder


def halves(source: Path) -> Path:
    return write_transformer(source, weights=np.float16)


def nothing_to_quantize(source: Path) -> Path:
    model = onnx.load(source / "model.onnx")
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    constants = [
        onnx.helper.make_node("Identity", [f"{name}_given"], [name], name=f"{name}_copied") for name in tensors
    ]
    for name, tensor in tensors.items():
        tensor.name = f"{name}_given"
    nodes = [*constants, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, source / "model.onnx")
    return source


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (no_folder, "There is no folder"),
        (no_model, r"has no model\.onnx"),
        (no_tokenizer, r"has no tokenizer\.json"),
        (cut_model, r"model\.onnx cannot be loaded"),
        (broken_tokenizer, r"tokenizer\.json cannot be read"),
        (no_weights_beside, r"cannot be loaded"),
        (linked_weights, r"cannot be (read|loaded)"),
        (quantized_already, "quantized already: there is nothing to gain"),
        (halves, "16-bit floats"),
        (nothing_to_quantize, "can be quantized"),
    ],
)
def test_what_cannot_be_quantized_is_said_in_words_and_leaves_nothing(
    source: Path, spoil: Callable[[Path], Path], told: str
) -> None:
    spoilt = spoil(source)

    with pytest.raises(InsightsError, match=told) as caught:
        made_of(spoilt, source.parent / "out")

    assert caught.value.remedy.endswith(".")
    assert "embedding.embedder" not in caught.value.remedy
    assert not {file.name for file in source.parent.iterdir()} - {"weights", "once", "elsewhere"}


def test_a_table_alone_is_quantized(tmp_path: Path) -> None:
    write_model(tmp_path / "table")

    done = made_of(tmp_path / "table", trial=trial_of([f"label {number}" for number in range(120)]))

    assert (done.folder / "model.onnx").exists()


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("weights", "is not empty"),
        ("weights/model.onnx", "is a file"),
        ("no/where", "There is no folder"),
        ("a" * 300, "cannot be written"),
    ],
)
def test_a_destination_that_cannot_be_is_said_before_the_work(source: Path, out: str, told: str) -> None:
    with pytest.raises(InsightsError, match=told):
        made_of(source, source.parent / out)

    assert {file.name for file in source.parent.iterdir()} == {"weights"}


def test_a_disk_that_is_full_ends_in_words_and_leaves_nothing(source: Path) -> None:
    code = (
        "import resource, sys; from tests.embedding.test_quantize import *\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "try: made_of(Path(sys.argv[1]))\n"
        "except InsightsError as error: print(error.message, error.remedy)"
    )
    pytest.importorskip("resource")

    done = subprocess.run(
        [sys.executable, "-c", code, str(source)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "cannot be written (File too large)" in done.stdout
    assert {file.name for file in source.parent.iterdir()} == {"weights"}


def test_an_interrupt_leaves_nothing(source: Path) -> None:
    def stop(what: str, *_: int) -> None:
        if what == "comparing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        quantize(source, source.parent / "out", trial=TRIAL, progress=stop)

    assert {file.name for file in source.parent.iterdir()} == {"weights"}


def test_progress_is_told_from_the_first_step_to_the_last(source: Path) -> None:
    told: list[tuple[str, int, int]] = []

    quantize(source, source.parent / "out", trial=TRIAL, progress=lambda *step: told.append(step))

    assert list(dict.fromkeys(what for what, _, _ in told)) == ["quantizing", "comparing"]
    assert told[-1] == ("comparing", 10, 10)


def test_a_missing_package_is_told_with_the_way_to_get_it(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)

    with pytest.raises(InsightsError, match="package onnx") as caught:
        made_of(source)

    assert 'pip install "feedback-insights[quantize]"' in caught.value.remedy


def test_importing_loads_neither_onnx_nor_its_runtime() -> None:
    code = "import sys, insights.embedding.quantize; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert not {"onnx", "onnxruntime", "tokenizers"} & set(done.stdout.split())
