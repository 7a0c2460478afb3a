"""The search finds every needle in bytes, over the ends of its blocks, and takes no part of a longer value for one."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.data_rights import proof
from insights.data_rights.proof import SEALED, VALUE, VECTOR, Needle, Search, text_needles, vector_needles


@given(
    st.binary(max_size=300),
    st.lists(st.binary(min_size=4, max_size=40), min_size=1, max_size=5, unique=True),
    st.lists(st.integers(0, 300), max_size=6),
)
def test_it_counts_what_a_plain_search_counts(content: bytes, needles: list[bytes], places: list[int]) -> None:
    for number, place in enumerate(places):
        content = content[:place] + needles[number % len(needles)] + content[place:]
    search = Search(Needle(SEALED, one, is_text=False) for one in needles)
    expected = sum(content.startswith(one, at) for one in needles for at in range(len(content)))
    assert search.text(content)[SEALED] == expected


@pytest.mark.parametrize("form", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_value_is_found_in_every_encoding_and_case(form: str) -> None:
    search = Search(text_needles(VALUE, "Lucía Ortega", is_word=True))
    for text in ("Lucía Ortega", "LUCÍA ORTEGA", "lucía ortega"):
        assert search.text(b"\0\0" + text.encode(form) + b"\0\0")[VALUE] >= 1, text


def test_a_value_is_found_escaped() -> None:
    search = Search(text_needles(VALUE, "ü.lee@acme.example", is_word=True))
    assert search.text(b'{"a": "\\u00fc.lee@acme.example"}')[VALUE] == 1
    assert search.text(b'{"a": "\\u00FC.lee@acme.example"}')[VALUE] == 1
    assert search.text(b"/?q=%c3%bc.lee%40acme.example&x")[VALUE] == 1


@pytest.mark.parametrize(
    "text", [b"joann@acme.example", b"x.ann@acme.example", b"ann@acme.example.org", b"ann@acme.examples"]
)
def test_a_longer_address_is_somebody_elses(text: bytes) -> None:
    assert not Search(text_needles(VALUE, "ann@acme.example", is_word=True)).text(text)


def test_nothing_is_lost_or_counted_twice_at_the_end_of_a_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "BLOCK", 64)
    search = Search([Needle(SEALED, b"0123456789abcdef", is_text=False), Needle(SEALED, b"wxyz", is_text=False)])
    for before in range(130):
        path = tmp_path / "file"
        path.write_bytes(b"." * before + b"0123456789abcdef" + b"." * 70 + b"wxyz")
        assert search.files([path], base=tmp_path).by_file == {"file": 2}, before


def test_a_vector_is_found_though_a_page_ends_in_it() -> None:
    rows = np.random.default_rng(1).normal(size=(1, 256)).astype(np.float32)
    content = rows.tobytes()
    search = Search(vector_needles(rows))
    assert search.text(content[:100] + b"page" + content[100:])[VECTOR] >= 2
    assert search.text((rows / np.linalg.norm(rows)).astype(np.float32).tobytes())[VECTOR] == 3
