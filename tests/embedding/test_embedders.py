import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from insights.config import Embedding
from insights.embedding.choose import embedder_for
from insights.embedding.onnx import OnnxEmbedder
from insights.embedding.openai_compatible import OpenAIEmbedder
from insights.embedding.rows import embed_sorted, unit_rows
from insights.embedding.static import StaticEmbedder
from insights.errors import InsightsError
from tests.embedding.onnx_files import write_model

STATIC = StaticEmbedder()


def test_static_vectors_are_256_floats_of_length_one() -> None:
    rows = STATIC.embed(["Labels are cropped", "SSO login loop"])

    assert rows.shape == (2, 256)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)


def test_texts_that_say_the_same_are_nearer_than_others() -> None:
    one, same, other = STATIC.embed(["printer crops labels", "labels cropped by the printer", "login loop after SSO"])

    assert one @ same > one @ other + 0.2


def test_a_text_has_one_vector_whatever_it_is_embedded_with() -> None:
    alone = STATIC.embed(["Labels are cropped"])[0]
    among = STATIC.embed(["x" * 5000, "Labels are cropped", "", *["other words"] * 100])[1]

    assert np.allclose(alone, among, atol=1e-6)


def test_blank_texts_share_a_fixed_vector_and_are_never_nan() -> None:
    rows = STATIC.embed(["", "  \n", "words"])

    assert np.isfinite(rows).all()
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0)
    assert np.array_equal(STATIC.embed(["words", ""])[1], rows[0])
    assert STATIC.embed([]).shape == (0, 256)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=300), max_size=5))
def test_any_text_gets_a_row_of_length_one(texts: list[str]) -> None:
    rows = STATIC.embed([text.encode("utf-8", "replace").decode() for text in texts])

    assert rows.shape == (len(texts), 256)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-4)


def test_a_static_fingerprint_names_the_version_of_the_weights() -> None:
    from importlib.metadata import version

    assert version("wordllama") in STATIC.fingerprint


def test_loading_the_static_weights_leaves_logging_as_it_was() -> None:
    code = (
        "import logging; from insights.embedding.static import StaticEmbedder\n"
        "StaticEmbedder().embed(['a'])\n"
        "print(logging.getLogger().handlers, logging.getLogger().level)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == f"[] {logging.WARNING}"


def test_choosing_an_embedder_imports_no_client() -> None:
    code = "import sys, insights.embedding.choose; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"openai", "langchain_core", "onnxruntime", "wordllama"} & set(done.stdout.split())


def test_rows_without_length_become_one_fixed_unit_vector() -> None:
    rows = unit_rows(np.array([[0.0, 0.0], [3.0, 4.0], [np.nan, 1.0], [np.inf, 0.0]]))

    assert np.allclose(rows, [[1.0, 0.0], [0.6, 0.8], [1.0, 0.0], [1.0, 0.0]])


def test_batches_are_sorted_by_length_and_come_back_in_order() -> None:
    seen: list[list[str]] = []

    def embed(texts: list[str]) -> NDArray[np.float64]:
        seen.append(texts)
        return np.array([[len(text), 1.0] for text in texts])

    rows = embed_sorted(["aaaa", " ", "a", "aaa", "aa"], embed, batch=2, dimensions=2)

    assert seen == [["a", "aa"], ["aaa", "aaaa"]]
    assert np.allclose(rows[:, 0] / np.maximum(rows[:, 1], 1e-9), [4, 1e9, 1, 3, 2])


def test_token_states_are_averaged_without_the_padding(tmp_path: Path) -> None:
    write_model(tmp_path)
    embedder = OnnxEmbedder(tmp_path)

    alone = embedder.embed(["label printer"])
    beside_longer = embedder.embed(["label printer", "label printer export login label printer"])

    assert embedder.dimensions == 4
    assert np.allclose(alone[0], beside_longer[0])
    assert np.allclose(np.linalg.norm(beside_longer, axis=1), 1.0)


def test_sentence_vectors_are_taken_as_they_are(tmp_path: Path) -> None:
    write_model(tmp_path / "tokens")
    write_model(tmp_path / "sentences", pooled=True)

    by_us, by_graph = (OnnxEmbedder(tmp_path / kind).embed(["label printer"]) for kind in ("tokens", "sentences"))

    assert np.allclose(by_us, by_graph, atol=1e-6)


def test_other_weights_have_another_fingerprint(tmp_path: Path) -> None:
    for name, dimensions in (("one", 4), ("same", 4), ("other", 5)):
        write_model(tmp_path / name, dimensions=dimensions)
    one, same, other = (OnnxEmbedder(tmp_path / name).fingerprint for name in ("one", "same", "other"))

    assert one == same != other


def test_a_very_long_text_is_cut_and_blank_ones_are_not_sent_to_the_model(tmp_path: Path) -> None:
    write_model(tmp_path)

    rows = OnnxEmbedder(tmp_path).embed(["label " * 100_000, "", "login"])

    assert np.isfinite(rows).all()
    assert np.allclose(rows[1], [1, 0, 0, 0])


def test_a_missing_folder_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(InsightsError, match=r"model\.onnx cannot be read") as caught:
        embedder_for(Embedding(embedder=f"onnx:{tmp_path / 'nowhere'}"))

    assert "onnx:FOLDER" in caught.value.remedy


@pytest.mark.parametrize("broken", ["model.onnx", "tokenizer.json"])
def test_a_broken_file_is_an_error_that_names_it(tmp_path: Path, broken: str) -> None:
    write_model(tmp_path)
    (tmp_path / broken).write_bytes(b"no model")

    with pytest.raises(InsightsError, match=broken):
        OnnxEmbedder(tmp_path).embed(["label"])


def test_the_settings_choose_the_embedder(tmp_path: Path) -> None:
    write_model(tmp_path / "weights")

    assert isinstance(embedder_for(Embedding()), StaticEmbedder)
    assert isinstance(embedder_for(Embedding(embedder="openai:small")), OpenAIEmbedder)
    assert isinstance(embedder_for(Embedding(embedder="onnx:weights"), folder=tmp_path), OnnxEmbedder)
