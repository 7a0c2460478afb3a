"""The firm of the nightly benchmark: the same in every run, and its files grow as those of a firm do."""

import csv
from pathlib import Path

from benchmarks.nightly_firm import ACCOUNTS, KINDS, LAST_DAY, add_items, row_of, write_firm
from connectors.sources.files import FileSource
from insights.ports import Page

ITEMS = 60


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_added_items_stand_behind_those_that_were_there(tmp_path: Path) -> None:
    write_firm(tmp_path, items=ITEMS)
    before = {name: (tmp_path / f"{name}.csv").read_bytes() for name in KINDS}
    add_items(tmp_path, range(ITEMS, ITEMS + 20), items=ITEMS)

    for name, content in before.items():
        assert (tmp_path / f"{name}.csv").read_bytes().startswith(content)
    assert len(rows(tmp_path / "tickets.csv")) == 1 + (ITEMS + 20) * 16 // 20


def test_stored_items_end_with_the_last_day_and_new_ones_are_of_the_next() -> None:
    days = [row_of(number, items=1_000)[1][1] for number in (999, 1_000)]

    assert [str(day)[:10] for day in days] == [f"{LAST_DAY}", "2026-06-01"]


def test_every_file_is_read_without_a_refusal(tmp_path: Path) -> None:
    write_firm(tmp_path, items=ITEMS)

    for name, kind in KINDS.items():
        pages: list[Page] = list(FileSource(name=name, path=tmp_path / f"{name}.csv", kind=kind).fetch({}))
        assert not any(page.rejects for page in pages)
        if name == "accounts":
            assert sum(len(page.records) for page in pages) == ACCOUNTS
