"""Reading rows from files of every form, whole and damaged."""

import csv
import gzip
import io
import json
import tracemalloc
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.files.readers import read_rows
from connectors.files.rows import Row
from insights.errors import InsightsError
from insights.ports import Reject

ANY_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
IN_ONE_FOLDER = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def a_file(folder: Path, content: bytes | str, *, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows_of(path: Path) -> list[dict[str, object]]:
    return [dict(item.cells) for item in read_rows(path) if isinstance(item, Row)]


def rejects_of(path: Path) -> list[Reject]:
    return [item for item in read_rows(path) if isinstance(item, Reject)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_looking(tmp_path, delimiter):
    lines = [["id", "text"], ["1", "slow, very slow; really"], ["2", "fine"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(lines)

    assert rows_of(a_file(tmp_path, out.getvalue())) == [
        {"id": "1", "text": "slow, very slow; really"},
        {"id": "2", "text": "fine"},
    ]


def test_a_single_column_keeps_its_commas(tmp_path):
    assert rows_of(a_file(tmp_path, "text\nhello, world\na; b\n")) == [
        {"text": "hello, world"},
        {"text": "a; b"},
    ]


def test_a_separator_line_of_a_spreadsheet_is_obeyed(tmp_path):
    assert rows_of(a_file(tmp_path, "sep=;\nid;text\n1;a,b\n")) == [{"id": "1", "text": "a,b"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_text_arrives_in_whatever_encoding_it_was_saved(tmp_path, encoding):
    text = "id,text\n1,Größe geändert, señor\n".replace(", señor", " señor")

    assert rows_of(a_file(tmp_path, text.encode(encoding))) == [{"id": "1", "text": "Größe geändert señor"}]


def test_cyrillic_and_japanese_code_pages_are_recognised(tmp_path):
    russian = "id,text\n1,Приложение постоянно зависает когда я пытаюсь добавить заказ\n"
    japanese = "id,text\n1,注文を追加しようとするとアプリが固まります。至急対応してください。\n"

    assert "зависает" in str(rows_of(a_file(tmp_path, russian.encode("cp1251")))[0]["text"])
    assert "注文" in str(rows_of(a_file(tmp_path, japanese.encode("shift_jis")))[0]["text"])


def test_one_bad_byte_does_not_change_how_the_other_rows_are_read(tmp_path):
    content = "id,text\n1,Größe\n2,caf".encode() + b"\xe9\n" + "3,naïve\n".encode()

    items = list(read_rows(a_file(tmp_path, content)))

    assert [item.cells["text"] for item in items if isinstance(item, Row)] == ["Größe", "café", "naïve"]
    assert [bool(item.notes) for item in items if isinstance(item, Row)] == [False, True, False]


def test_quoted_values_may_hold_line_breaks_and_rows_keep_their_line_numbers(tmp_path):
    path = a_file(tmp_path, 'id,text\n1,"first\nsecond"\n2,third\n')

    assert [(item.line, item.cells["text"]) for item in read_rows(path) if isinstance(item, Row)] == [
        (2, "first\nsecond"),
        (4, "third"),
    ]


def test_a_quote_that_is_never_closed_costs_its_own_row_only(tmp_path):
    lines = ["id,text", '1,"open', *[f"{n},fine {n}" for n in range(2, 50)]]
    path = a_file(tmp_path, "\n".join(lines))

    assert [reject.line for reject in rejects_of(path)] == [2]
    assert len(rows_of(path)) == 48


def test_a_quote_in_the_wrong_place_is_read_as_it_stands_and_said(tmp_path):
    items = list(read_rows(a_file(tmp_path, 'id,text\n1,"big" box\n2,ok\n')))

    assert isinstance(items[0], Row) and items[0].cells["text"] == "big box" and items[0].notes


def test_a_row_with_too_many_or_too_few_values_is_refused_with_its_words(tmp_path):
    rejects = rejects_of(a_file(tmp_path, "id,text,score\n1,a,2\n2,a,b,3\n3\n4,d,5\n"))

    assert [(reject.line, reject.raw) for reject in rejects] == [(3, "2,a,b,3"), (4, "3")]
    assert "4 values where the header names 3" in rejects[0].reason


def test_blank_lines_are_no_rows(tmp_path):
    assert len(list(read_rows(a_file(tmp_path, "\n\nid,text\n\n1,a\n,\n\n2,b\n")))) == 2


def test_a_value_beyond_a_megabyte_is_refused_and_the_next_row_is_read(tmp_path):
    path = a_file(tmp_path, f"id,text\n1,{'x' * 1_500_000}\n2,fine\n")

    assert rows_of(path) == [{"id": "2", "text": "fine"}]
    assert len(rejects_of(path)[0].raw) < 25_000


def test_a_line_of_thirty_megabytes_is_refused_in_little_memory(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("wb") as stream:
        stream.write(b"id,text\n1,")
        for _ in range(30):
            stream.write(b"y" * 1_000_000)
        stream.write(b"\n2,fine\n")

    tracemalloc.start()
    items = list(read_rows(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [type(item) for item in items] == [Reject, Row]
    assert peak < 100_000_000


def test_columns_of_the_same_name_are_kept_apart(tmp_path):
    assert rows_of(a_file(tmp_path, "id,note,note,\n1,a,b,c\n")) == [
        {"id": "1", "note": "a", "note_2": "b", "column_4": "c"}
    ]


def test_ten_thousand_columns_are_read(tmp_path):
    header = ",".join(f"c{n}" for n in range(10_000))
    path = a_file(tmp_path, f"{header}\n{','.join('v' for _ in range(10_000))}\n")

    assert len(rows_of(path)[0]) == 10_000


def test_nul_characters_are_removed_and_said(tmp_path):
    item = next(read_rows(a_file(tmp_path, "id,text\n1,a\0b and then some more words so that it is text\n")))

    assert isinstance(item, Row) and str(item.cells["text"]).startswith("ab and") and item.notes


def test_lines_of_json_are_flattened_and_broken_ones_refused(tmp_path):
    lines = [
        json.dumps({"id": 570306133677760513, "user": {"email": "a@b.example", "org": {"id": 7}}, "tags": ["x", "y"]}),
        "{broken",
        "[1, 2]",
        '{"id": 2, "score": NaN, "ok": true, "far": 1e999}',
        "[" * 5_000,
    ]
    path = a_file(tmp_path, "\n".join(lines), name="data.jsonl")

    assert rows_of(path) == [
        {"id": "570306133677760513", "user.email": "a@b.example", "user.org.id": "7", "tags": "x, y"},
        {"id": "2", "score": None, "ok": "true", "far": None},
    ]
    assert [reject.line for reject in rejects_of(path)] == [2, 3, 5]


def test_an_array_or_a_wrapped_list_of_objects_gives_a_row_each(tmp_path):
    objects = [{"id": n, "text": "word " * 50} for n in range(2_000)]
    array = a_file(tmp_path, json.dumps(objects), name="array.json")
    wrapped = a_file(tmp_path, json.dumps({"count": 2, "tickets": objects[:2]}, indent=1), name="wrapped.json")

    assert len(rows_of(array)) == 2_000
    assert [row["id"] for row in rows_of(wrapped)] == ["0", "1"]


def test_an_array_that_was_cut_off_gives_what_came_before_and_says_so(tmp_path):
    path = a_file(tmp_path, '[{"id": 1}, {"id": 2}, {"id"', name="cut.json")

    assert len(rows_of(path)) == 2
    assert "cannot be read from here on" in rejects_of(path)[0].reason


def test_half_a_character_in_json_does_no_harm(tmp_path):
    text = rows_of(a_file(tmp_path, '{"text": "a\\ud83d b"}\n', name="data.jsonl"))[0]["text"]

    assert str(text).encode()


def test_parquet_rows_keep_long_ids_and_instants(tmp_path):
    path = tmp_path / "data.parquet"
    table = pa.table(
        {
            "id": [570306133677760513, 2],
            "at": pa.array([datetime(2026, 3, 1), None], pa.timestamp("ns")),
            "user": [{"name": "Ann"}, {"name": None}],
            "score": [float("nan"), 4.5],
        }
    )
    pq.write_table(table, path)
    packed = a_file(tmp_path, gzip.compress(path.read_bytes()), name="data.parquet.gz")

    expected = [
        {"id": "570306133677760513", "at": datetime(2026, 3, 1), "user.name": "Ann", "score": None},
        {"id": "2", "at": None, "user.name": None, "score": 4.5},
    ]
    assert rows_of(path) == rows_of(packed) == expected


def test_a_workbook_is_read_from_its_first_filled_sheet(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Data")
    for row in [[None, None], ["id", "text", "at"], [1, "hello", datetime(2026, 3, 1)], [2, "#N/A", None]]:
        sheet.append(row)
    book.save(tmp_path / "data.xlsx")

    assert rows_of(tmp_path / "data.xlsx") == [
        {"id": "1", "text": "hello", "at": datetime(2026, 3, 1)},
        {"id": "2", "text": None, "at": None},
    ]


def test_gzip_is_unpacked_on_the_way(tmp_path):
    assert rows_of(a_file(tmp_path, gzip.compress(b"id,text\n1,a\n"), name="d.csv.gz")) == [{"id": "1", "text": "a"}]


def a_workbook() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for n in range(200):
        book.worksheets[0].append([f"id{n}", f"some words {n}"])
    book.save(out)
    return out.getvalue()


def a_parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"id": [str(n) for n in range(5_000)]}), out)
    return out.getvalue()


CSV_BYTES = "".join(f"{n},{n * 7919 % 10007}\n" for n in range(20_000)).encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("blank.csv", b"\n \n"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("binary.csv", bytes(range(256)) * 40),
        ("old.xls", b"\xd0\xcf\x11\xe0" + bytes(500)),
        ("text.xlsx", b"id,text\n1,a\n"),
        ("text.parquet", b"id,text\n1,a\n"),
        ("cut.csv.gz", gzip.compress(b"id,text\n" + CSV_BYTES)[:-200]),
        ("cut.xlsx", a_workbook()[:-100]),
        ("holed.xlsx", a_workbook()[:900] + bytes(300) + a_workbook()[1200:]),
        ("cut.parquet", a_parquet()[:-50]),
        ("holed.parquet", a_parquet()[:200] + b"\xff" * 300 + a_parquet()[500:]),
        ("other.csv", b"PK\x03\x04" + bytes(100)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_read_is_explained(tmp_path, name, content):
    with pytest.raises(InsightsError) as caught:
        list(read_rows(a_file(tmp_path, content, name=name)))

    assert caught.value.remedy and len(caught.value.message) < 500


def test_rows_before_a_cut_in_a_gzip_file_are_delivered_first(tmp_path):
    rows = read_rows(a_file(tmp_path, gzip.compress(b"id,text\n" + CSV_BYTES)[:-200], name="cut.csv.gz"))

    assert isinstance(next(rows), Row)


def test_a_folder_and_a_missing_file_are_named(tmp_path):
    with pytest.raises(InsightsError, match="is a folder"):
        list(read_rows(tmp_path))
    with pytest.raises(InsightsError, match="There is no file"):
        list(read_rows(tmp_path / "none.csv"))


@IN_ONE_FOLDER
@given(rows=st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=1, max_size=8))
def test_whatever_the_csv_module_writes_comes_back(tmp_path, rows):
    out = io.StringIO()
    csv.writer(out).writerows([("id", "text"), *rows])

    read = [(row["id"] or "", row["text"] or "") for row in rows_of(a_file(tmp_path, out.getvalue()))]

    assert read == [row for row in rows if any(row)]


@IN_ONE_FOLDER
@given(
    content=st.one_of(
        st.binary(max_size=400),
        st.binary(max_size=200).map(lambda tail: b'id,text\n1,"a' + tail),
        st.binary(max_size=200).map(lambda tail: b'[{"id":1},' + tail),
        st.binary(max_size=200).map(lambda tail: gzip.compress(b"id,text\n")[:-8] + tail),
        st.binary(max_size=200).map(lambda tail: b"PAR1" + tail + b"PAR1"),
        st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail),
    ),
    name=st.sampled_from(["a.csv", "a.tsv", "a.json", "a.jsonl", "a.xlsx", "a.parquet", "a", "a.csv.gz"]),
)
def test_arbitrary_bytes_raise_nothing_but_an_explained_error(tmp_path, content, name):
    try:
        items = list(read_rows(a_file(tmp_path, content, name=name)))
    except InsightsError as error:
        assert error.remedy
    else:
        assert all(isinstance(item, Row | Reject) for item in items)
