"""Do the accounts, deals, subscriptions and departures that insights keeps equal pandas on the raw tables, to the cent?

    python -m benchmarks.reconcile --data ../shared/data

Brings both firms in by the command line, each into a new workspace, and compares totals and each account's figures with
what pandas makes of the same files. Two firms, two kinds of traps:

- `crm_maven`: deals without an account, open ones without an amount, accounts that have no ids while deals and notes
  name ids, month-first dates, and a column `revenue` that is the accounts' own turnover in millions.
- `saas_ravenstack`: day-first dates, overlapping subscriptions, trials, ends on the last day, accounts that left and
  came back, flags that contradict events, tickets without words. Tickets are given the last words of their account
  about leaving, where there are any.

What each account pays and whether it left is told by pandas a second time, from `insights.domain.contracts`' words and
not its code. Exits with 1 where anything differs.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.compared import Compared
from benchmarks.crm_figures import bring_crm, crm_figures, left_out_figures, turnover_figures
from benchmarks.saas_figures import Saas, bring_saas, saas_figures, with_words
from insights.bootstrap import make_workspace, open_workspace
from tests.cli.calling import caller


def reconcile(data: Path, folder: Path) -> dict[str, list[Compared]]:
    """Both firms; the newest day of the second is that of its data."""
    crm = _workspace(folder / "crm")
    bring_crm(data / "crm_maven", caller(crm))
    with_crm = open_workspace(crm).repository
    found = crm_figures(data / "crm_maven", with_crm) + left_out_figures(data / "crm_maven", with_crm)
    bring_crm(data / "crm_maven", caller(crm), turnover=True)
    found += turnover_figures(data / "crm_maven", with_crm)
    saas = _workspace(folder / "saas")
    tickets = with_words(data / "saas_ravenstack", folder)
    bring_saas(data / "saas_ravenstack", caller(saas), tickets=tickets)
    raw = Saas.of(data / "saas_ravenstack", tickets)
    return {"crm_maven": found, "saas_ravenstack": saas_figures(raw, open_workspace(saas).repository)}


def _workspace(folder: Path) -> Path:
    make_workspace(folder)
    return folder


def table(firms: Mapping[str, list[Compared]]) -> str:
    """As Markdown. Where a figure is by account, its sum is shown and each account was compared."""
    lines = [
        "| Firm | Figure | Names | insights | pandas | Difference | Names that differ |",
        "| --- | --- | --: | --: | --: | --: | --: |",
    ]
    for firm, figures in firms.items():
        for one in figures:
            sums = f"{_plain(one.ours)} | {_plain(one.theirs)} | {_plain(one.cents / 100)}"
            lines.append(f"| {firm} | {one.what} | {one.names} | {sums} | {len(one.differing)} |")
    return "\n".join(lines)


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:,.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="The folder of crm_maven and saas_ravenstack.")
    with tempfile.TemporaryDirectory() as name:
        os.environ["INSIGHTS_KEY_DIR"] = str(Path(name) / "keys")
        firms = reconcile(parser.parse_args().data, Path(name))
    print(table(firms))
    sys.exit(not all(one.agrees for figures in firms.values() for one in figures))


if __name__ == "__main__":
    main()
