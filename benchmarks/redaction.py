"""How well personal data is found, on marked texts that you have: all rows, even ones and odd ones.

    python -m benchmarks.redaction FILE… [--engine presidio] [--out FILE.json]

The format is that of `insights eval pii`. Halves show how much a figure owes to its rows; neither is held out where
somebody changed the rules after looking at what was missed.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from insights.privacy.marked import MarkedText, read_marked
from insights.privacy.presidio import finders_of
from insights.privacy.redaction import REGIONS, Redactor
from insights.privacy.scoring import KindScore, PiiScores, score


def told(name: str, done: PiiScores) -> None:
    print(f"{name}: {done.texts:,} texts, {done.cpu_seconds_per_1000:.2f} CPU s per 1,000")
    for kind in (done.structured, *done.kinds):
        print(f"  {kind.kind:<10} {line(kind)}")


def line(kind: KindScore) -> str:
    figures = " ".join(
        f"{name} {rate.value:.3f} ({rate.low:.3f}–{rate.high:.3f}, {rate.hits:,} of {rate.of:,})"
        for name, rate in (("P", kind.precision), ("R", kind.recall))
        if rate.value is not None
    )
    return figures + (f" left {kind.left:.1%}" if kind.left is not None else "")


def parts(texts: list[MarkedText]) -> dict[str, list[MarkedText]]:
    return {"all": texts, "even rows": texts[::2], "odd rows": texts[1::2]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--engine", choices=("rules", "presidio"), default="rules")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    find = Redactor(finders=finders_of(arguments.engine, regions=REGIONS)).spans
    found: dict[str, object] = {}
    for path in arguments.files:
        for part, texts in parts(read_marked(path)).items():
            done = score(texts, find, engine=arguments.engine, regions=REGIONS)
            told(f"{path.name}, {part}", done)
            found[f"{path.name}, {part}"] = asdict(done)
    if arguments.out:
        arguments.out.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
