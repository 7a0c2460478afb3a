"""Read the labelled rows: those of this folder, and the sample firm's items."""

import csv
import zlib
from dataclasses import dataclass
from pathlib import Path

from insights.text.clean import analysed_body

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
FIRM = ROOT / "insights" / "demo" / "data"
TRUTH = ROOT / "tests" / "data" / "demo_truth.csv"
HELD_OUT = ROOT / "tests" / "data" / "kinds_held_out.tsv"
FOLDS = 10
_COLUMNS = {
    "tickets.csv": ("id", "description", "company"),
    "nps.csv": ("response_id", "comment", "account_id"),
    "notes.csv": ("note_id", "note", "account"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """`group` is whose voice it is: rows of one group are trained on together or held out together."""

    kind: str
    group: str
    text: str

    @property
    def fold(self) -> int:
        """By the group's name: adding a group moves no other."""
        return zlib.crc32(self.group.encode()) % FOLDS


def sample_rows() -> list[Row]:
    """Everything in this folder; no text twice."""
    rows = [row for file in sorted(FOLDER.glob("*.tsv")) for row in read_rows(file)]
    return list({row.text.casefold(): row for row in reversed(rows)}.values())[::-1]


def read_rows(file: Path) -> list[Row]:
    """Lines "kind<tab>text" under headings "# group"."""
    rows, group = [], file.stem
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("# "):
            group = f"{file.stem}: {line[2:]}"
        else:
            kind, text = line.split("\t", 1)
            rows.append(Row(kind, group, text))
    return rows


def firm_rows() -> list[Row]:
    """The sample firm's items, whole; grouped by what they are about, or by customer where that is nothing."""
    with TRUTH.open(encoding="utf-8") as file:
        truth = {(row["file"], row["id"]): row for row in csv.DictReader(file)}
    return [row for name in _COLUMNS for row in _items(name, truth)]


def _items(name: str, truth: dict[tuple[str, str], dict[str, str]]) -> list[Row]:
    number, words, customer = _COLUMNS[name]
    rows = []
    with (FIRM / name).open(encoding="utf-8") as file:
        for item in csv.DictReader(file):
            told = truth[name, item[number]]
            about = told["problems"].split("|")[0] or item[customer]
            text = analysed_body(item[words], subject=item.get("subject"))
            rows.append(Row(told["type"], f"sample firm: {about}", text))
    return rows
