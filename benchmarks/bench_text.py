"""How well personal data is found, and problems are told from praise, on labelled data that you have.

    PYTHONPATH=. python benchmarks/bench_text.py --pii data.jsonl --stance tweets.csv text sentiment negative positive

--pii: JSON lines with `text` and `spans` (start_position, end_position, entity_type).
--stance: a CSV, its text column, its label column, the label that is to be ranked and the one that is praise.
"""

import argparse
import csv
import json
import time
from collections import Counter
from pathlib import Path

from insights.domain.feedback import Stance
from insights.privacy.redaction import Redactor
from insights.text.stance import classify

KINDS = {
    "EMAIL_ADDRESS": "<EMAIL>",
    "PHONE_NUMBER": "<PHONE>",
    "CREDIT_CARD": "<CARD>",
    "IBAN_CODE": "<IBAN>",
    "IP_ADDRESS": "<IP>",
}


def redaction(path: Path) -> None:
    """Recall: the words of a marked span are gone. Precision: placeholders beside marked spans of that kind."""
    rows = [json.loads(line) for line in path.open(encoding="utf-8")]
    redactor = Redactor()
    start = time.process_time()
    redacted = [redactor.redact(row["text"]).text for row in rows]
    seconds = (time.process_time() - start) / len(rows) * 1000
    marked, gone, placed = Counter[str](), Counter[str](), Counter[str]()
    for row, text in zip(rows, redacted, strict=True):
        for span in row["spans"]:
            kind = KINDS.get(span["entity_type"])
            if kind:
                words = row["text"][span["start_position"] : span["end_position"]]
                marked[kind] += 1
                gone[kind] += words not in text
        placed.update({kind: text.count(kind) for kind in KINDS.values()})
    print(f"{path.name}: {len(rows)} texts, {seconds:.2f} CPU s per 1,000")
    for kind in KINDS.values():
        print(f"  {kind:<9} marked {marked[kind]:>5}  gone {gone[kind]:>5}  placeholders {placed[kind]:>5}")
    print(
        f"  recall {sum(gone.values()) / sum(marked.values()):.3f}, "
        f"precision at least {min(1.0, sum(gone.values()) / sum(placed.values())):.3f}"
    )


def stance(path: Path, text: str, label: str, ranked: str, praise: str) -> None:
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    start = time.process_time()
    found = [stance for stance, _ in classify([row[text] for row in rows])]
    seconds = time.process_time() - start
    pairs = Counter((row[label], one.is_ranked, one is Stance.PRAISE) for row, one in zip(rows, found, strict=True))

    def total(wanted: str | None = None, *, is_ranked: bool | None = None, is_praise: bool | None = None) -> int:
        return sum(
            count
            for (name, one, other), count in pairs.items()
            if wanted in (None, name) and is_ranked in (None, one) and is_praise in (None, other)
        )

    hit, thanks = total(ranked, is_ranked=True), total(praise, is_praise=True)
    print(f"{path.name}: {len(rows):,} texts in {seconds:.1f} CPU s")
    print(f"  ranked against {ranked}: P {hit / total(is_ranked=True):.3f}, R {hit / total(ranked):.3f}")
    print(f"  praise against {praise}: P {thanks / total(is_praise=True):.3f}, R {thanks / total(praise):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pii", type=Path, nargs="*", default=[])
    parser.add_argument("--stance", nargs=5, metavar=("CSV", "TEXT", "LABEL", "RANKED", "PRAISE"))
    arguments = parser.parse_args()
    for path in arguments.pii:
        redaction(path)
    if arguments.stance:
        path, *rest = arguments.stance
        stance(Path(path), *rest)


if __name__ == "__main__":
    main()
