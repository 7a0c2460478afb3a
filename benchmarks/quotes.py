"""How many forged quotes does the check accept, and how many honest ones? From the texts of the sample firm, by a seed.

python -m benchmarks.quotes --forged 1000 --honest 3000
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterable

from benchmarks.quote_forgeries import forgeries
from benchmarks.quote_honest import honest_quotes, runs_from_anywhere
from insights.language.quotes import find_span
from insights.worth.intervals import wilson

Counts = dict[str, list[bool]]


def counted(rows: Iterable[tuple[str, str, str]], *, unwanted: bool | None = None) -> Counts:
    """Kind -> whether each of its quotes was accepted. Rows are (kind, source, quoted); those with the unwanted outcome
    are printed."""
    found: Counts = defaultdict(list)
    for kind, source, quoted in rows:
        is_accepted = find_span(source, quoted) is not None
        found[kind].append(is_accepted)
        if is_accepted is unwanted:
            print(f"  {kind}: {quoted!r}\n    of {source!r}")
    return found


def table(counts: Counts) -> str:
    """A row a kind, and one of all."""
    rows = [*counts.items(), ("all", [one for some in counts.values() for one in some])]
    lines = ["| Kind | quotes | accepted | share | 95 % interval |", "| --- | ---: | ---: | ---: | --- |"]
    for kind, accepted in rows:
        hits, total = sum(accepted), len(accepted)
        low, high = wilson(hits, total)
        lines.append(f"| {kind} | {total} | {hits} | {hits / total:.3%} | {low:.2%} to {high:.2%} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forged", type=int, default=1000)
    parser.add_argument("--honest", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print each forged quote accepted and honest one refused")
    arguments = parser.parse_args()
    begun = time.process_time()
    forged = [(one.kind, one.source, one.quoted) for one in forgeries(arguments.forged, seed=arguments.seed)]
    honest = list(honest_quotes(arguments.honest, seed=arguments.seed))
    print("Forged\n\n" + table(counted(forged, unwanted=True if arguments.show else None)))
    by_kind = [(one.kind, one.source, one.quoted) for one in honest]
    by_look = [(one.look, one.source, one.quoted) for one in honest]
    print("\nHonest, by what is quoted\n\n" + table(counted(by_kind, unwanted=False if arguments.show else None)))
    print("\nHonest, by what is changed\n\n" + table(counted(by_look)))
    runs = runs_from_anywhere(arguments.honest // 3, seed=arguments.seed)
    print("\nNeither: cut from anywhere\n\n" + table(counted((one.kind, one.source, one.quoted) for one in runs)))
    print(f"\n{time.process_time() - begun:.1f} CPU s")


if __name__ == "__main__":
    main()
