"""Whose the first ten problems of the sample firm are, for each lens.

    python -m benchmarks.fairness [--workspace FOLDER] [--by segment]

Without a folder the sample firm is made and analysed. Each cell is a group's share of the first ten over its share of
all problems, and over its share of accounts; bold is below 0.8, – too few to say.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from insights.bootstrap import Workspace, open_workspace
from insights.demo.sample import make_demo
from insights.fairness import ATTRIBUTES, Fairness, fairness, standing_order
from insights.lenses import chosen_lens, look
from insights.worth.fairness import TOP, Ratio
from insights.worth.lenses import CUSTOM, LENSES


def through_each_lens(workspace: Workspace, *, by: str) -> Iterator[tuple[str, Fairness]]:
    """Every lens with its figures, of the problems it knows something of first."""
    standing = set(standing_order(workspace.repository))
    for name in (*LENSES, CUSTOM):
        lens = chosen_lens(workspace.settings, name=name)
        views = [
            view
            for view in look(workspace.repository, lens, settings=workspace.settings)
            if view.problem.id in standing
        ]
        known = sum(view.is_known for view in views)
        order = [view.problem.id for view in views]
        if known:
            [found] = fairness(workspace.repository, order=order, by=[by], top=min(TOP, known))
            yield name, found


def table(found: Sequence[tuple[str, Fairness]]) -> str:
    names = [group.name for group in found[0][1].shares.groups]
    lines = [f"| lens | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for lens, one in found:
        groups = {group.name: group for group in one.shares.groups}
        cells = [f"{cell(groups[name].to_problems)}, {cell(groups[name].to_accounts)}" for name in names]
        lines.append(f"| {lens} | {' | '.join(cells)} |")
    first = {group.name: group for group in found[0][1].shares.groups}
    shares = [f"{first[name].problems:.0%}, {first[name].accounts:.0%}" for name in names]
    return "\n".join([*lines, f"| share of problems, accounts | {' | '.join(shares)} |"])


def cell(ratio: Ratio) -> str:
    """As in `0.86 (0.6–1.2)`."""
    if ratio.value is None or ratio.low is None or ratio.high is None or ratio.verdict == "too few to say":
        return "–"
    value = f"**{ratio.value:.2f}**" if ratio.is_below else f"{ratio.value:.2f}"
    return f"{value} ({ratio.low:.1f}–{ratio.high:.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path, help="an analysed workspace; without it, the sample firm")
    parser.add_argument("--by", choices=ATTRIBUTES, action="append", help="only this attribute; may be said again")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.workspace is None:
            os.environ["INSIGHTS_KEY_DIR"] = f"{folder}/keys"
            workspace, _ = make_demo(Path(folder) / "w", fresh=False, progress=lambda *_: None)
        else:
            workspace = open_workspace(asked.workspace)
        for by in asked.by or ATTRIBUTES:
            print(f"\n{by}: ratio to problems, ratio to accounts (95 %)\n")
            print(table(list(through_each_lens(workspace, by=by))), flush=True)
        workspace.close()


if __name__ == "__main__":
    main()
