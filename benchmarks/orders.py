"""How well `insights.text.orders` finds texts that give orders to a language model, and how often it takes ordinary
feedback for one.

    python -m benchmarks.orders --data DIR
    python -m benchmarks.orders --data DIR --misses

DIR holds `prompt_injection/data.csv` (columns id, text, label, source; 1 is an attack) and, for false alarms, a folder
with `data.csv` or `data.csv.gz` for each set of `ORDINARY`; what is missing is left out. Rules may be written while
reading one half of the rows, by a hash of their id; figures of the other half are held out. --misses prints what is not
found, and what is wrongly found, in the half that may be read.
"""

import argparse
import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.grouping.markdown import Table
from benchmarks.kinds.rows import firm_rows
from insights.text.orders import order_in
from insights.worth.intervals import wilson

ATTACKS = "prompt_injection"
FIRM = "sample firm"
PLANTED = "previous instructions"
"""Words of the firm's own hostile items."""
ORDINARY = {
    "airline_tweets": ("id", "text"),
    "b2b_app_reviews_releases": ("id", "text"),
    "support_tickets_multilang": ("id", "text"),
    "jira_storypoints": ("issuekey", "text"),
    "spotifycares_tweets": ("tweet_id", "text"),
    "banking77": ("id", "text"),
}
"""Folder -> columns of the name and the words of a row."""
MIXED = "purplellama_cyberseceval_multi"
"""Attacks and plain questions by machine translation into some 20 languages, all labelled attacks."""
_TOLD = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One text; `found` is what gave an order away, None where nothing did."""

    source: str
    text: str
    is_attack: bool
    is_held_out: bool
    found: str | None


def is_held_out(name: object) -> bool:
    return hashlib.sha256(str(name).encode()).digest()[0] % 2 == 1


def attacks(folder: Path) -> list[Row]:
    """Sources of one collection count as one: garak_Dan_7_0.json is garak."""
    data = pd.read_csv(folder / ATTACKS / "data.csv", keep_default_na=False)
    planted = ((number, row.text) for number, row in enumerate(firm_rows()) if PLANTED in row.text)
    return _rows(f"{FIRM}, planted", planted, is_attack=True) + [
        Row("garak" if source.startswith("garak") else source, text, label == 1, is_held_out(name), order_in(text))
        for name, text, label, source in zip(data["id"], data["text"], data["label"], data["source"], strict=True)
    ]


def ordinary(folder: Path) -> dict[str, list[Row]]:
    """By set, those that are there."""
    firm = ((number, row.text) for number, row in enumerate(firm_rows()) if PLANTED not in row.text)
    found = {FIRM: _rows(FIRM, firm)}
    for name, (key, words) in ORDINARY.items():
        file = next(iter(sorted((folder / name).glob("data.csv*"))), None)
        if file is not None:
            data = pd.read_csv(file, usecols=[key, words], keep_default_na=False, dtype=str)
            found[name] = _rows(name, zip(data[key], data[words], strict=True))
    return found


def _rows(source: str, texts: Iterable[tuple[object, str]], *, is_attack: bool = False) -> list[Row]:
    return [Row(source, text, is_attack, is_held_out(name), order_in(text)) for name, text in texts]


def attack_table(rows: Sequence[Row]) -> Table:
    """Recall by source, and precision within the file."""
    table = Table(["source", "rows", "found", "recall", "held out", "found", "held-out recall"])
    real = [row for row in rows if row.is_attack]
    groups = {source: [row for row in real if row.source == source] for source in sorted({row.source for row in real})}
    groups["all attacks"] = real
    groups[f"all but {MIXED}"] = [row for row in real if row.source != MIXED]
    for name, group in groups.items():
        table.add(name, *_share(group), *_share([row for row in group if row.is_held_out]))
    harmless = [row for row in rows if not row.is_attack]
    table.add("harmless, found wrongly", *_share(harmless), *_share([row for row in harmless if row.is_held_out]))
    for name, some in (("precision", rows), ("precision, held out", [row for row in rows if row.is_held_out])):
        said = [row for row in some if row.found is not None]
        print(f"{name}: {_cell(sum(row.is_attack for row in said), len(said))} of {len(said)}")
    return table


def ordinary_table(sets: dict[str, list[Row]]) -> Table:
    table = Table(["set", "rows", "found", "share", "held out", "found", "held-out share"])
    for name, rows in sets.items():
        table.add(name, *_share(rows, digits=3), *_share([row for row in rows if row.is_held_out], digits=3))
    return table


def _share(rows: Sequence[Row], *, digits: int = 1) -> tuple[int, int, str]:
    hits = sum(row.found is not None for row in rows)
    return len(rows), hits, _cell(hits, len(rows), digits=digits)


def _cell(hits: int, total: int, *, digits: int = 1) -> str:
    low, high = wilson(hits, total)
    return f"{hits / max(total, 1):.{digits}%} ({low:.{digits}%}–{high:.{digits}%})"


def print_misses(rows: Iterable[Row]) -> None:
    for row in rows:
        if not row.is_held_out and row.is_attack != (row.found is not None):
            print(f"{row.source}: {row.found or 'not found'}: {' '.join(row.text.split())[:_TOLD]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=f"holds {ATTACKS}/ and sets of ordinary feedback")
    parser.add_argument("--misses", action="store_true", help="print what goes wrong in the half that may be read")
    options = parser.parse_args()
    rows = attacks(options.data)
    started = time.process_time()
    sets = ordinary(options.data)
    texts = sum(map(len, sets.values()))
    milliseconds = (time.process_time() - started) / texts * 1000
    if options.misses:
        print_misses([*rows, *(row for some in sets.values() for row in some)])
        return
    print(f"{attack_table(rows)}\n\n{ordinary_table(sets)}\n")
    print(f"{texts:,} ordinary texts, {milliseconds:.2f} CPU ms each, reading them included")


if __name__ == "__main__":
    main()
