"""Severity told by a rule from words, measured on priorities, stars and our own labels.

    python -m benchmarks.severity --data DIR [--written]

DIR holds support_tickets_multilang and b2b_app_reviews_releases: data.csv.gz with text and priority, or content, title
and rating. Our labels are tests/data/severity_held_out.tsv. Each is halved: the rule was written with one half in view
(--written shows it), the other is measured. Stars were never in view. A ticket in which the stance model finds neither
a problem nor a request is taken for a problem: every ticket has a priority. Intervals are of the 95 % percentile
bootstrap over rows.
"""

import argparse
import csv
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom, rankdata

from insights.domain.feedback import Stance
from insights.text.severity import FEWEST_BLOCKING, MOST_SEVERE_FIRST, severity_of
from insights.text.stance import classify

LABELS = Path(__file__).parent.parent / "tests" / "data" / "severity_held_out.tsv"
DRAWS = 1000
LANGUAGES = ("en", "de", "es", "fr")
PRIORITY = {"blocks": "high", "hurts": "medium", "wish": "low", "none": "low"}
"""What a severity would say of a priority."""
LEVEL = {"none": 0, "wish": 0, "hurts": 1, "blocks": 2}

Strings = NDArray[np.str_]
Floats = NDArray[np.float64]


def told(texts: Sequence[str], stances: Sequence[Stance]) -> Strings:
    return np.array([severity_of(text, stance) or "none" for text, stance in zip(texts, stances, strict=True)])


def interval(measure: Callable[[NDArray[np.int64]], float], rows: int) -> str:
    """The measure of all rows, and the 95 % interval over rows drawn with replacement."""
    rng = np.random.default_rng(0)
    drawn = [measure(rng.integers(0, rows, size=rows)) for _ in range(DRAWS)]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return f"{measure(np.arange(rows)):.2f} ({low:.2f}-{high:.2f})"


def by_class(wanted: Strings, found: Strings, classes: Sequence[str]) -> None:
    """Precision, recall, F1 of each class; beside them the share that chance alone would give a precision of."""
    for name in classes:
        is_wanted, is_found = wanted == name, found == name
        hits = is_wanted & is_found
        print(
            f"  {name:7} {is_wanted.sum():5} of {len(wanted)}, told {is_found.sum():5}: "
            f"P {_share(hits, is_found)}  R {_share(hits, is_wanted)}  "
            f"F1 {_share(2 * hits, is_wanted * 1 + is_found)}  by chance P {is_wanted.mean():.2f}"
        )


def _share(above: ArrayLike, below: ArrayLike) -> str:
    """Sum over sum, with its interval."""
    over, under = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    return interval(lambda rows: float(over[rows].sum() / max(under[rows].sum(), 1.0)), len(over))


def auc(higher: Floats, lower: Floats) -> float:
    """Chance that one of the first is above one of the second, ties half (Mann and Whitney 1947)."""
    if not len(higher) or not len(lower):
        return float("nan")
    ranks = rankdata(np.concatenate([higher, lower]))[: len(higher)]
    return float((ranks.sum() - len(higher) * (len(higher) + 1) / 2) / (len(higher) * len(lower)))


def spearman(first: Floats, second: Floats) -> float:
    return float(np.corrcoef(rankdata(first), rankdata(second))[0, 1])


def association(level: Floats, other: Floats, *, high: float, low: float, names: tuple[str, str]) -> None:
    size = len(level)
    print(f"  Spearman of severity and {names[0]}: {interval(lambda rows: spearman(level[rows], other[rows]), size)}")

    def area(rows: NDArray[np.int64]) -> float:
        return auc(level[rows][other[rows] == high], level[rows][other[rows] == low])

    print(f"  AUC, {names[1]}: {interval(area, size)}")


def half_of(ids: Sequence[object], *, written: bool) -> NDArray[np.bool_]:
    return np.array([(zlib.crc32(str(one).encode()) % 2 == 0) is written for one in ids])


def tickets(folder: Path, *, written: bool) -> None:
    table = pd.read_csv(folder / "support_tickets_multilang" / "data.csv.gz")
    table = table[table.language.isin(LANGUAGES)]
    table = table[half_of(list(table.id), written=written)]
    texts = [str(text) for text in table.text]
    stances = [stance if stance.is_ranked else Stance.PROBLEM for stance, _ in classify(texts)]
    found = told(texts, stances)
    _ticket_figures(found, table.priority.to_numpy(str), "priority")
    for language in LANGUAGES:
        here = (table.language == language).to_numpy(bool)
        _ticket_figures(found[here], table.priority.to_numpy(str)[here], f"priority, {language}")


def _ticket_figures(found: Strings, priority: Strings, title: str) -> None:
    print(f"Tickets, {title}")
    by_class(priority, np.array([PRIORITY[one] for one in found]), ("high", "medium", "low"))
    level = np.array([LEVEL[one] for one in found], dtype=np.float64)
    rank = np.array([("low", "medium", "high").index(one) for one in priority], dtype=np.float64)
    association(level, rank, high=2, low=0, names=("priority", "high above low"))
    _shares(found, priority, ("high", "medium", "low"))


def _shares(found: Strings, by: Strings, groups: Sequence[str]) -> None:
    for name in MOST_SEVERE_FIRST:
        among = Counter(by[found == name].tolist())
        total = sum(among.values())
        if total:
            print(f"  told {name:7} {total:6}: " + ", ".join(f"{group} {among[group] / total:.2f}" for group in groups))


def reviews(folder: Path) -> None:
    table = pd.read_csv(folder / "b2b_app_reviews_releases" / "data.csv.gz")
    texts = [f"{title}. {content}" for title, content in zip(table.title, table.content, strict=True)]
    stances = [stance for stance, _ in classify(texts)]
    is_ranked = np.array([stance.is_ranked for stance in stances])
    texts = [text for text, is_so in zip(texts, is_ranked, strict=True) if is_so]
    found = told(texts, [stance for stance in stances if stance.is_ranked])
    stars = table.rating.to_numpy(np.float64)[is_ranked]
    level = np.array([LEVEL[one] for one in found], dtype=np.float64)
    print(f"Reviews that state a problem or request, stars ({len(stars)} of {len(table)})")
    association(level, -stars, high=-1, low=-3, names=("few stars", "1 star above 3"))
    no_wish = found != "wish"
    print("  without wishes:")
    association(level[no_wish], -stars[no_wish], high=-1, low=-3, names=("few stars", "1 star above 3"))
    _shares(found, stars.astype(np.int64).astype(str), ("1", "2", "3", "4", "5"))


def read_labels(*, written: bool) -> tuple[list[str], list[Stance], Strings]:
    """Texts, stances and our labels of one half."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    chosen = [row for row in rows if (row["half"] == "written") is written]
    stances = [Stance(row["stance"]) for row in chosen]
    return [row["text"] for row in chosen], stances, np.array([row["severity"] for row in chosen])


def labels(*, written: bool) -> None:
    texts, stances, wanted = read_labels(written=written)
    found = told(texts, stances)
    print(f"Our labels ({len(texts)} mentions of the sample firm)")
    by_class(wanted, found, MOST_SEVERE_FIRST)


def thresholds(*, written: bool) -> None:
    """From which share of voices a problem should be told to block. A voice that does block is told to with the rule's
    recall, another with its false alarms, of what our labels call problems; voices are independent."""
    texts, stances, wanted = read_labels(written=written)
    found = told(texts, stances)
    counts = np.array([stance is Stance.PROBLEM for stance in stances]) & (wanted != "none")
    recall = float((found[counts & (wanted == "blocks")] == "blocks").mean())
    alarms = float((found[counts & (wanted != "blocks")] == "blocks").mean())
    print(f"Problems told to block, of 5, 10, 20, 40 voices; recall {recall:.2f}, false alarms {alarms:.2f}")
    for fewest, share in ((1, 0.2), (3, 0.2), *((FEWEST_BLOCKING, one) for one in (0.1, 0.15, 0.2, 0.25, 0.3, 0.4))):
        chances = {true: true * recall + (1 - true) * alarms for true in (0.0, 0.2, 0.5, 0.8)}
        truly = {true: _told_blocking(share, chance, fewest=fewest) for true, chance in chances.items()}
        cells = "   ".join(f"{true:.0%}: " + " ".join(f"{one:.2f}" for one in some) for true, some in truly.items())
        gap = np.mean(truly[0.5] - truly[0.2])
        print(f"  from {share:.0%} and {fewest}, where of the voices block  {cells}   gap {gap:.2f}")


def _told_blocking(share: float, chance: float, *, fewest: int) -> Floats:
    """The chance that at least that share of 5, 10, 20, 40 voices, and that many, are told to block."""
    voices = np.array([5, 10, 20, 40])
    enough = np.maximum(np.ceil(share * voices - 1e-9), fewest)
    return np.asarray(binom.sf(enough - 1, voices, chance), dtype=np.float64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--written", action="store_true", help="Measure what the rule was written with.")
    asked = parser.parse_args()
    labels(written=asked.written)
    thresholds(written=asked.written)
    tickets(asked.data, written=asked.written)
    if not asked.written:
        reviews(asked.data)


if __name__ == "__main__":
    main()
