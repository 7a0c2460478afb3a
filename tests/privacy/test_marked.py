"""Marked texts are read in the forms people keep them; what is wrong with a file is said with its row."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.errors import InsightsError
from insights.privacy.marked import Mark, label_of, read_marked

ROW = {"text": "to a@b.example", "spans": [{"start": 3, "end": 14, "type": "EMAIL_ADDRESS"}]}
OTHER = {
    "full_text": "to a@b.example",
    "spans": [{"start_position": 3, "end_position": 14, "entity_type": "EMAIL_ADDRESS"}],
}
LABELLED = {"text": "to a@b.example", "spans": [{"start": 3, "end": 14, "label": "EMAIL_ADDRESS"}]}


@pytest.mark.parametrize("row", [ROW, OTHER, LABELLED])
@pytest.mark.parametrize("form", ["lines", "list"])
def test_each_form_gives_the_same_marks(row: dict[str, object], form: str, tmp_path: Path) -> None:
    path = tmp_path / "marked.json"
    path.write_text(json.dumps([row], indent=1) if form == "list" else json.dumps(row) + "\n\n", encoding="utf-8")

    (one,) = read_marked(path)

    assert one.marks == (Mark(3, 14, "EMAIL_ADDRESS"),)
    assert one.text == "to a@b.example"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "holds no text"),
        ("{", "line 1: this is no JSON"),
        ("[" * 100_000, "this is no JSON"),
        ('"a"', 'row 1: there is no "text"'),
        ('{"text": 3}', 'row 1: there is no "text"'),
        ('{"text": "a", "spans": {}}', '"spans" is no list'),
        ('{"text": "a", "spans": [1]}', "a span is no object"),
        ('{"text": "a", "spans": [{"start": 0, "end": 1}]}', "a span has no type"),
        (
            '{"text": "a", "spans": [{"start": 0, "end": 2, "type": "X\\u001b[31m"}]}',
            "a span of X does not lie in its text",
        ),
        ('{"text": "a", "spans": [{"start": true, "end": 1, "type": "X"}]}', "does not lie in its text"),
        ('{"text": "a"}', "No text of"),
    ],
)
def test_a_bad_file_is_a_plain_error(content: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(InsightsError) as raised:
        read_marked(path)

    assert told in raised.value.message
    assert "\x1b" not in raised.value.message
    assert raised.value.remedy


def test_a_file_that_is_missing_or_no_text_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b'{"text": "\xe9"}')

    for name, told in (("none", "no file"), ("latin", "UTF-8"), ("", "cannot be read")):
        with pytest.raises(InsightsError, match=told):
            read_marked(tmp_path / name)


@given(st.binary(max_size=60))
def test_no_file_makes_it_fail_otherwise(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any"
        path.write_bytes(content)
        try:
            assert read_marked(path)
        except InsightsError as error:
            assert error.remedy


def test_types_are_mapped_whatever_their_case() -> None:
    assert [label_of(name) for name in ("us-ssn", "Phone Number", "PERSON", "AGE")] == ["ID", "PHONE", "NAME", None]
