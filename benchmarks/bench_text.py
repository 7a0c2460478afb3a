"""How well problems are told from praise, on labelled data that you have.

    PYTHONPATH=. python benchmarks/bench_text.py --stance tweets.csv text sentiment negative positive

--stance: a CSV (or CSV.GZ), its text column, its label column, the labels that are to be ranked and those that are
praise, each joined by commas; nothing ("") where there are none. May be given several times.
--left-out: labels of rows that are not looked at.
--kinds: a CSV and its text column: how many rows are of which kind.
"""

import argparse
import csv
import gzip
import io
import time
from collections import Counter
from pathlib import Path

from insights.domain.feedback import Stance
from insights.text.stance import classify


def read(path: Path) -> list[dict[str, str]]:
    packed = path.read_bytes()
    text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def stance(path: Path, text: str, label: str, ranked: str, praise: str, *, left_out: set[str]) -> None:
    """Precision counts every row that is looked at, recall those of the label."""
    rows = [row for row in read(path) if row[label] not in left_out]
    wanted, glad = set(ranked.split(",")), set(praise.split(","))
    start = time.process_time()
    found = [stance for stance, _ in classify([row[text] for row in rows])]
    milliseconds = (time.process_time() - start) / len(rows) * 1000
    told = [(row[label], one) for row, one in zip(rows, found, strict=True)]
    print(f"{path.name}: {len(rows):,} texts, {milliseconds:.3f} CPU ms each")
    for name, labels, said in (
        ("ranked", wanted, [one.is_ranked for _, one in told]),
        ("praise", glad, [one is Stance.PRAISE for _, one in told]),
    ):
        if labels == {""}:
            continue
        hits = sum(is_said and kind in labels for (kind, _), is_said in zip(told, said, strict=True))
        real = sum(kind in labels for kind, _ in told)
        precision, recall = hits / sum(said), hits / real
        print(f"  {name} against {', '.join(sorted(labels))}: P {precision:.3f}, R {recall:.3f} ({real:,} rows)")


def kinds(path: Path, text: str) -> None:
    counts = Counter(stance.value for stance, _ in classify([row[text] for row in read(path)]))
    shares = ", ".join(f"{kind} {count / counts.total():.1%}" for kind, count in counts.most_common())
    print(f"{path.name}: {shares}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--stance", nargs=5, metavar=("CSV", "TEXT", "LABEL", "RANKED", "PRAISE"), action="append", default=[]
    )
    parser.add_argument("--left-out", nargs="*", default=[], metavar="LABEL")
    parser.add_argument("--kinds", nargs=2, metavar=("CSV", "TEXT"), action="append", default=[])
    arguments = parser.parse_args()
    for path, *rest in arguments.stance:
        stance(Path(path), *rest, left_out=set(arguments.left_out))
    for path, text in arguments.kinds:
        kinds(Path(path), text)


if __name__ == "__main__":
    main()
