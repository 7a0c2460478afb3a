"""Workspaces of so many problems for measuring the triage application: made-up titles, estimates as long as real ones.

Every problem has five items in two accounts, three quotes, three similar ones, and an estimate with all its parts,
factors and assumptions, about 5 KB as it is kept, as an analysis of the demo makes them.
"""

import os
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from insights.bootstrap import DATA_FOLDER, make_workspace
from insights.domain.estimate import Assumption, Estimate, Factor, Part, Range
from insights.storage.keys import find_key
from insights.storage.repository import Repository
from tests.stored import StoredProblem, a_stored_problem, an_account_record, an_item, fill

ITEMS = 5
_ACCOUNTS = 500
_WHAT = (
    "CSV export", "SSO login", "Dashboard", "Slack sync", "Invoice", "Mobile push", "Webhook", "Audit log", "Search",
    "Bulk import", "Report builder", "Calendar", "Permission", "Billing page", "Custom field", "Time zone",
)  # fmt: skip
_HOW = (
    "times out", "loops", "loads slowly", "drops rows", "shows stale figures", "sends twice", "retries for ever",
    "is empty", "ignores the filter", "loses its order", "fails in silence", "forgets its settings",
)  # fmt: skip
_WHEN = (
    "over 50k rows", "after the certificate was rotated", "with more than 20 widgets", "on Mondays", "for guests",
    "in Safari", "behind a proxy", "since the last release", "on the free plan", "with umlauts in names",
)  # fmt: skip


def code_of(number: int) -> str:
    """The word that its title begins with and no other has; it says at which rank a problem stands."""
    return f"N{number:05d}"


def title_of(number: int) -> str:
    return f"{code_of(number)} {_of(_WHAT, number)} {_of(_HOW, number // 3)} {_of(_WHEN, number // 7)}"


def make(folder: Path, problems: int, *, environment: Mapping[str, str]) -> None:
    """A workspace with so many problems, ranked by their numbers from 1 on. Its key lies where `environment` says in
    INSIGHTS_KEY_DIR, as `insights init` leaves it on a machine without a keyring."""
    os.environ.update(environment)
    make_workspace(folder)
    data = folder / DATA_FOLDER
    repository = Repository(f"sqlite:///{data / 'insights.db'}", key=find_key((data / "id").read_text().strip()))
    chance = random.Random(1)
    accounts = [an_account_record(f"Account {n}", revenue=10_000 * (n % 90 + 1)) for n in range(_ACCOUNTS)]
    fill(repository, [_problem(number, problems, chance) for number in range(1, problems + 1)], accounts=accounts)
    near = (((n + step) % problems + 1, 0.95 - step / 50) for n in range(problems) for step in (1, 2, 3))
    repository.problems.save_similar({n + 1: [next(near) for _ in range(3)] for n in range(problems)})
    repository.close()


def _problem(number: int, problems: int, chance: random.Random) -> StoredProblem:
    title = title_of(number)
    items = [
        an_item(
            f"{title}: it cost us {chance.randrange(2, 9)} hours this week, and the customer asked why. ({number}.{n})",
            days_ago=chance.randrange(180),
            account=f"Account {chance.randrange(_ACCOUNTS)}",
            source="zendesk",
        )
        for n in range(ITEMS)
    ]
    summary = f"People say that {title.lower()}, and look for ways around it; some ask when it will be mended."
    value = 420_000.0 * (1 - number / (problems + 1)) + 1_000
    return a_stored_problem(title, items=items, summary=summary, estimate=_estimate(value), quotes=3)


def _estimate(value: float) -> Estimate:
    """All that the estimates of an analysis have, at the same length."""
    around, effort = Range(value / 3, value, value * 2.4), Range(1, 3, 8)
    cost = effort.scaled(4_000)
    likely = (value - cost.likely) / cost.likely
    return replace(_LIKE, value=around, cost=cost, weeks=effort, roi=Range(likely / 4, likely, likely * 3))


def _of(words: tuple[str, ...], number: int) -> str:
    return words[number % len(words)]


def _part(name: str) -> Part:
    words = (
        "7 accounts paying $610k a year × 7.3% added chance to leave (blocks, 3 detractors, 1 renews within 90 days)"
    )
    return Part(name=name, value=Range(54537.279304302065, 155553.22981404996, 372322.7686022702), words=words)


def _assumption(number: int) -> Assumption:
    quantiles = Range(0.01, 0.03, 0.08) if number % 4 == 0 else None
    return Assumption(
        name=f"odds of one that renews soon, {number}",
        value="1% – 3% – 8%" if quantiles else "× 1.5",
        source="settings",
        setting=f"worth.setting_{number}",
        quantiles=quantiles,
    )


_LIKE = Estimate(
    value=Range(1, 2, 3),
    cost=Range(1, 2, 3),
    weeks=Range(1, 2, 3),
    roi=Range(1, 2, 3),
    parts=tuple(_part(name) for name in ("revenue kept", "revenue won", "support saved")),
    assumptions=tuple(_assumption(number) for number in range(22)),
    reason="revenue kept $160k (7 accounts paying $610k a year) against $12k of work",
    unknown_revenue_accounts=1,
    chance_positive=0.9928,
    chance_top=0.88,
    outranks_next=0.625,
    factors=tuple(
        Factor(name=name, share=5.444357995136431, words="7 accounts paying $610k a year")
        for name in ("revenue at stake", "chance to leave", "deals", "support load", "effort")
    ),
    flip="effort above 4.3 weeks (now 3) drops it to #2",
    worth_knowing="worth finding out: effort (up to $3.7k): it decides whether this belongs in the first ten",
    capped=39551.459347816264,
    beyond=_part("beyond those heard"),
    notes=(
        "$40k is left out: the problems of its accounts together lose them only once",
        "severity: blocks, told by a rule from the words of 7 of 32 customers",
    ),
)
