"""An archive gives back what was put in, or nothing: whatever is changed, cut off, moved or opened with another key."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.backup import archive
from insights.backup.archive import Opener, Sealer, read_header
from insights.errors import InsightsError
from insights.storage.encryption import fingerprint_of
from tests.stored import KEY, NOW
from tests.thorough import THOROUGH

_CHUNK = 64


def sealed(path: Path, content: bytes, *, key: bytes = KEY, at: datetime = NOW) -> bytes:
    with path.open("wb") as file:
        sealer = Sealer(file, key, workspace="ab" * 8, made_at=at, schema="0011", kind="sqlite")
        for start in range(0, len(content), 50):
            sealer.write(content[start : start + 50])
        sealer.close()
    whole = path.read_bytes()
    assert sealer.size == len(whole)
    return whole


def opened(path: Path, *, key: bytes = KEY) -> bytes:
    with Opener(path, key) as opener:
        found = opener.read(1 << 20)
        opener.finish()
    return found


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "CHUNK", _CHUNK)


def noise(count: int) -> bytes:
    """Bytes that do not become fewer by compression."""
    import hashlib

    return b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(count // 32 + 1))[:count]


@given(content=st.binary(max_size=2000))
@settings(max_examples=40, deadline=None)
def test_it_gives_back_what_was_put_in(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("a") / "a.backup"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(archive, "CHUNK", _CHUNK)
        sealed(path, content)
        assert opened(path) == content


def some(count: int) -> Iterable[int]:
    """Every place in a file of that many bytes where it is thorough, else some of them, others each time."""
    return range(count) if THOROUGH else random.sample(range(count), min(120, count))


def test_a_change_of_any_single_bit_is_refused(tmp_path: Path, small_chunks: None) -> None:
    path = tmp_path / "a.backup"
    whole = sealed(path, noise(700))

    for position in some(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1 << (position % 8)
        path.write_bytes(changed)
        with pytest.raises(InsightsError):
            opened(path)


def test_a_file_that_was_cut_off_anywhere_is_refused(tmp_path: Path, small_chunks: None) -> None:
    path = tmp_path / "a.backup"
    whole = sealed(path, noise(700))

    for length in some(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(InsightsError):
            opened(path)


@given(first=st.integers(0, 8), second=st.integers(0, 8))
@settings(max_examples=30, deadline=None)
def test_chunks_that_changed_places_or_came_twice_are_refused(
    tmp_path_factory: pytest.TempPathFactory, first: int, second: int
) -> None:
    path = tmp_path_factory.mktemp("a") / "a.backup"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(archive, "CHUNK", _CHUNK)
        whole = sealed(path, noise(700))
        size = _CHUNK + 16
        head = (
            len(whole)
            - (len(whole) - _header_length(whole)) % size
            - (len(whole) - _header_length(whole)) // size * size
        )
        chunks = [whole[start : start + size] for start in range(head, len(whole), size)]
        assert len(chunks) > 8
        moved = list(chunks)
        moved[first], moved[second] = chunks[second], chunks[first]
        for order in ([*chunks, chunks[first]], chunks[:first] + chunks[first + 1 :], moved):
            path.write_bytes(whole[:head] + b"".join(order))
            if order == chunks:
                assert opened(path)
                continue
            with pytest.raises(InsightsError):
                opened(path)


def _header_length(whole: bytes) -> int:
    start = len(archive.MAGIC) + 4
    return start + int.from_bytes(whole[start - 4 : start], "big")


def test_chunks_of_another_archive_are_refused(tmp_path: Path, small_chunks: None) -> None:
    one, other = sealed(tmp_path / "a", noise(700)), sealed(tmp_path / "b", noise(700))
    path = tmp_path / "c"
    path.write_bytes(one[: _header_length(one)] + other[_header_length(other) :])

    with pytest.raises(InsightsError, match="damaged"):
        opened(path)


def test_another_key_is_told_with_both_fingerprints(tmp_path: Path) -> None:
    path = tmp_path / "a"
    sealed(path, b"words", at=datetime(2026, 5, 4, 3, 2, tzinfo=UTC))
    other = bytes(reversed(KEY))

    with pytest.raises(InsightsError, match="of 2026-05-04 03:02 UTC needs another key") as caught:
        opened(path, key=other)

    assert fingerprint_of(KEY) in caught.value.message
    assert fingerprint_of(other) in caught.value.message
    assert "INSIGHTS_KEY" in caught.value.remedy


def test_the_header_tells_without_the_key_and_holds_no_key(tmp_path: Path) -> None:
    whole = sealed(tmp_path / "a", b"words of a customer")

    header = read_header(tmp_path / "a")

    assert (header.workspace, header.schema, header.moment) == ("ab" * 8, "0011", NOW)
    assert KEY not in whole
    assert b"customer" not in whole


@pytest.mark.parametrize("content", [b"", b"no backup", archive.MAGIC, archive.MAGIC + b"\0\0\0\4null", b"\0" * 5000])
def test_what_is_no_backup_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)

    with pytest.raises(InsightsError):
        read_header(tmp_path / "a")


def test_one_of_a_newer_program_says_so(tmp_path: Path) -> None:
    whole = sealed(tmp_path / "a", b"")
    (tmp_path / "a").write_bytes(whole.replace(b'"format": 1', b'"format": 2'))

    with pytest.raises(InsightsError, match="newer version"):
        read_header(tmp_path / "a")
