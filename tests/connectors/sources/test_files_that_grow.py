"""A file to which rows are added yields what is new; whatever else became of it, it is read as a whole."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sources.files import PAGE_RECORDS, FileSource
from insights.ports import Record, Reject

HEAD = "id,text\n"
STORED = "1,slow\n2,down\n3,late\n"


@dataclass
class Read:
    """What one reading yielded."""

    records: list[Record] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unchanged: int = 0
    state: dict[str, Any] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        return [record.source_id for record in self.records]


def read(source: FileSource, state: dict[str, Any] | None = None) -> Read:
    found = Read()
    for page in source.fetch(state or {}):
        found.records += page.records
        found.rejects += page.rejects
        found.unchanged += page.unchanged
        found.state = page.state
    return found


def a_file(folder: Path, rows: str, *, head: str = HEAD, kind: str = "ticket", **fields: Any) -> FileSource:
    path = folder / "data.csv"
    path.write_bytes((head + rows).encode())
    return FileSource(name="mailbox", path=path, kind=kind, **fields)


def later(folder: Path, rows: str, then: str, **fields: Any) -> Read:
    """The second reading of a file, which held `rows` at the first."""
    state = read(a_file(folder, rows, **fields)).state
    return read(a_file(folder, then, **fields), state)


def test_only_added_rows_come_and_the_others_are_counted(tmp_path: Path) -> None:
    found = later(tmp_path, STORED, f"{STORED}4,gone\n5,back\n")

    assert found.ids == ["4", "5"]
    assert found.unchanged == 3


def test_it_goes_on_growing(tmp_path: Path) -> None:
    state = read(a_file(tmp_path, STORED)).state
    state = read(a_file(tmp_path, f"{STORED}4,gone\n"), state).state
    found = read(a_file(tmp_path, f"{STORED}4,gone\n5,back\n"), state)

    assert (found.ids, found.unchanged) == (["5"], 4)


@pytest.mark.parametrize(
    ("rows", "then"),
    [
        pytest.param(STORED, "1,slow\n2,up\n3,late\n4,gone\n", id="an older row changed"),
        pytest.param(STORED, f"0,new\n{STORED}", id="a row came in front"),
        pytest.param(STORED, "2,down\n3,late\n4,gone\n", id="a row went"),
        pytest.param(STORED.rstrip(), f"{STORED.rstrip()}st\n4,gone\n", id="the last row was not complete"),
    ],
)
def test_whatever_else_changed_all_of_it_comes(tmp_path: Path, rows: str, then: str) -> None:
    found = later(tmp_path, rows, then)

    assert found.unchanged == 0
    assert found.ids == read(a_file(tmp_path, then)).ids


def test_a_row_whose_quote_was_open_comes_once_it_is_closed(tmp_path: Path) -> None:
    found = later(tmp_path, f'{STORED}4,"gone\n', f'{STORED}4,"gone\nagain"\n5,back\n')

    assert (found.ids, found.unchanged) == (["4", "5"], 3)


def test_another_mapping_brings_all_of_it(tmp_path: Path) -> None:
    state = read(a_file(tmp_path, "1,a,b\n", head="id,text,body\n")).state
    found = read(a_file(tmp_path, "1,a,b\n2,c,d\n", head="id,text,body\n", overrides=["text=body"]), state)

    assert (found.ids, found.unchanged) == (["1", "2"], 0)


def test_a_row_that_changes_how_the_others_are_read_brings_all_of_it(tmp_path: Path) -> None:
    rows = "1,fine,4\n2,slow,5\n"
    found = later(tmp_path, rows, f"{rows}3,good,9\n", head="id,comment,score\n", kind="review")

    assert (found.ids, found.unchanged) == (["1", "2", "3"], 0)


def test_asked_for_all_of_it_comes(tmp_path: Path) -> None:
    state = read(a_file(tmp_path, STORED)).state

    assert read(a_file(tmp_path, f"{STORED}4,gone\n", full=True), state).ids == ["1", "2", "3", "4"]


def test_accounts_come_as_a_whole(tmp_path: Path) -> None:
    found = later(tmp_path, "A-1,Acme\n", "A-1,Acme\nA-2,Brill\n", head="id,name\n", kind="account")

    assert (found.ids, found.unchanged) == (["A-1", "A-2"], 0)


def test_what_is_refused_and_left_out_is_told_of_the_whole_file(tmp_path: Path) -> None:
    rows = f"{STORED}4,a,b\n5,\n"
    found = later(tmp_path, rows, f"{rows}6,c,d\n7,\n8,more\n")

    assert [reject.line for reject in found.rejects] == [5, 7]
    assert found.ids == ["8"]
    assert found.state["warnings"] == ["Rows without any text were left out. (2 times)"]


def test_an_id_that_stands_in_a_known_row_is_refused_as_ever(tmp_path: Path) -> None:
    found = later(tmp_path, STORED, f"{STORED}2,other\n")

    assert not found.ids
    assert [reject.reason for reject in found.rejects] == ["The id '2' stands in line 3 already, with other content."]


def test_where_very_many_rows_are_refused_the_file_is_read_in_pages_again(tmp_path: Path) -> None:
    rows = "x,y,z\n" * (PAGE_RECORDS + 1) + STORED
    found = later(tmp_path, rows, f"{rows}4,gone\n")

    assert len(found.rejects) == PAGE_RECORDS + 1
    assert (found.ids, found.unchanged) == (["1", "2", "3", "4"], 0)


@settings(deadline=None)
@given(st.lists(st.text(alphabet='ab,"\n ', max_size=12), max_size=8), st.text(alphabet='ab,"\n 1', max_size=12))
def test_known_and_new_together_are_the_whole_file(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], more: str
) -> None:
    folder = tmp_path_factory.mktemp("grows")
    stored = "".join(f"{number},{row}\n" for number, row in enumerate(rows)) + STORED.replace("1", "91")
    found, whole = later(folder, stored, stored + more), read(a_file(folder, stored + more, full=True))

    if more:
        assert found.unchanged + len(found.records) == len(whole.records)
        assert found.ids == whole.ids[found.unchanged :]
        assert found.rejects == whole.rejects
