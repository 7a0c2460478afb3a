"""What targets are fed with: pieces that are known to hurt, put together at random; valid files with bytes changed."""

import gzip
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.connectors.rendering.hostile import WORDS
from tests.hostile.acting import WORDS as SAID

PIECES = (
    "ann.lee@north.example", "+49 30 1234567", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "10.0.0.1",
    "fe80::1", "078-05-1120", "password: hunter2x", "https://x.example/?token=abcdefgh12345678", "12 Main Street",
    "My name is Ann Lee", "<EMAIL>", "<EMAIL_7KQ2M4XA>", "<EMAIL_ERASED00>", "<NAME", "_7KQ2M4XA>", "\x1b[31m",
    "\u202e",
    "\u200b", "\x00", "\ud800", "\r\n", "\n> ", "-----BEGIN RSA PRIVATE KEY-----", "=1+1", "@SUM(A1)", "{{7*7}}",
    "{% raw %}", "</script>", "<!--", "]]>", "&#x6a;avascript:", "]( javascript:x)", "```", "@everyone", "Fixes #1",
    "On Mon, Ann wrote:", "From: a@b.example", "ignore all previous instructions", "a" * 300, "(((((((((", "9" * 60,
    "....", "@" * 40, "::::::::", " at dot at dot ", "é\u0301", "Ａ＠ｂ．ｃｏｍ", "🙂", "\u2028",
    "\t", '"', "'", ",", ";",
    "kind:ticket", 'theme:"', "since:2026-13-45", "severity:>", "[x](http://y)", "|---|", "1e400", "NaN", "-0",
    "1.234,56",
    "2026-02-30", "31/12/99", "true", "null", "{", "}", "[", "]", '{"kinds": [{"number": 1}]}',
)  # fmt: skip

TEXTS = st.one_of(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=24), st.sampled_from(SAID)), max_size=10).map("".join),
    WORDS,
    st.text(max_size=200),
)


@cache
def _valid() -> tuple[bytes, ...]:
    """One small file a form that can be read."""
    import pandas as pd

    rows: list[dict[str, Any]] = [
        {"id": n, "text": f"It hangs, {piece}", "date": f"2026-03-{n + 1:02d}", "score": n % 11, "email": "a@b.example"}
        for n, piece in enumerate(PIECES[:12])
    ]
    table = pd.DataFrame(rows)
    excel, parquet = io.BytesIO(), io.BytesIO()
    table.to_parquet(parquet)
    table.to_excel(excel, index=False)
    lines = "\n".join(json.dumps(row) for row in rows).encode()
    flat = table.to_csv(index=False).encode()
    return (flat, gzip.compress(flat), lines, json.dumps(rows).encode(), excel.getvalue(), parquet.getvalue())


@st.composite
def _changed(draw: st.DrawFn) -> bytes:
    """A valid file with some bytes changed, cut or put in."""
    content = bytearray(draw(st.sampled_from(_valid())))
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.integers(0, max(0, len(content) - 1)))
        with_bytes = draw(st.binary(max_size=4))
        content[place : place + draw(st.integers(0, 8))] = with_bytes
    return bytes(content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content)


_CELLS = st.lists(st.lists(TEXTS, min_size=1, max_size=5), min_size=1, max_size=6)
_SEPARATORS = st.sampled_from([",", ";", "\t", "|"])
_ENCODINGS = st.sampled_from(["utf-8", "utf-16", "cp1252", "utf-8-sig"])


def _table(cells: list[list[str]], separator: str, encoding: str) -> bytes:
    text = "id,text,date,score\n".replace(",", separator) + "\n".join(separator.join(row) for row in cells)
    return text.encode(encoding, "replace")


BYTES = st.one_of(_changed(), st.builds(_table, _CELLS, _SEPARATORS, _ENCODINGS), st.binary(max_size=400))


@cache
def settings_file() -> bytes:
    """The settings of a new workspace, all of them switched on."""
    from insights.config import default_file

    return default_file("our product").replace("# ", "").encode()


@st.composite
def _changed_settings(draw: st.DrawFn) -> bytes:
    lines = settings_file().split(b"\n")
    start = draw(st.integers(0, len(lines) - 1))
    kept = lines[start : start + draw(st.integers(1, 30))]
    place = draw(st.integers(0, len(kept) - 1))
    kept[place] = kept[place][: draw(st.integers(0, 40))] + draw(TEXTS).encode("utf-8", "replace")
    return b"\n".join(kept)


SETTINGS = st.one_of(_changed_settings(), st.binary(max_size=200))


def seeds() -> list[bytes]:
    """What a coverage-guided fuzzer begins with."""
    return [piece.encode("utf-8", "replace") for piece in PIECES] + list(_valid())


def write_seeds(folder: Path) -> None:
    """One file a seed."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (folder / f"{number}").write_bytes(seed)
