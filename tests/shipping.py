"""A stored workspace with releases to watch: problems with items a week, an estimate, and others beside them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from insights.domain.customers import AccountRecord
from insights.domain.estimate import Assumption, Estimate, Part, Range
from insights.domain.problem import Action
from insights.outcomes import ship
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.stored import NOW, Item, a_stored_problem, a_workspace, an_estimate, an_item

TODAY = NOW.date()
BEFORE, AFTER = 26, 18
"""Weeks before and after the release."""

RELEASED = TODAY - timedelta(days=7 * AFTER - 1)

AVOIDED = Range(0.4, 0.7, 0.9)


def a_prediction(*, avoided: Range = AVOIDED, source: str = "settings", cost_source: str = "default") -> Estimate:
    """An estimate as the analysis makes them: 40 to 90 % of the items avoided, $1,000 to $3,000 of support saved."""
    made = an_estimate()
    said = (
        ("share of items that a fix avoids", avoided, "share_avoided_*", source),
        ("effort in weeks", Range(1, 3, 8), "weeks_*", "settings" if cost_source == "default" else cost_source),
        ("added chance that an affected account leaves in a year", Range(0.01, 0.03, 0.08), "loss_*", "settings"),
        ("usual chance to leave in a year", Range(0.1, 0.1, 0.1), "usual_loss", "settings"),
    )
    support = Part(name="support saved", value=Range(1_000, 2_000, 3_000), words="…")
    assumed = tuple(
        Assumption(name=n, value=f"{v}", source=by, setting=f"worth.{key}", quantiles=v) for n, v, key, by in said
    )
    return replace(made, parts=(support,), assumptions=assumed, cost_source=cost_source)


def weekly(before: int, after: int, *, text: str = "The export hangs", account: str | None = None) -> list[Item]:
    """So many items each week before the release, and so many after; the first week has one more, by which the problem
    became known."""
    weeks = BEFORE + AFTER
    counts = [before] * BEFORE + [after] * AFTER
    first = an_item(f"{text} (first)", days_ago=7 * weeks, account=account)
    return [
        first,
        *(
            an_item(f"{text} ({week}.{number})", days_ago=7 * (weeks - 1 - week) + number % 7, account=account)
            for week, count in enumerate(counts)
            for number in range(count)
        ),
    ]


def a_watched_workspace(
    folder: Path,
    *,
    problems: Sequence[Sequence[Item]],
    estimate: Estimate | None = None,
    accounts: Sequence[AccountRecord] = (),
    steady: int = 6,
) -> Repository:
    """Problems P-1, P-2, … with these items, and a last one with `steady` items every week."""
    made = estimate or a_prediction()
    stored = [a_stored_problem(f"Problem {n}", items=items, estimate=made) for n, items in enumerate(problems, 1)]
    beside = a_stored_problem("Beside", items=weekly(steady, steady, text="The label is cut"), estimate=made)
    return a_workspace(folder, problems=[*stored, beside], accounts=accounts)


def accept(repository: Repository, *problems: int, days_before: int = 200) -> None:
    for problem in problems:
        Triage(repository, who="ada", now=lambda: NOW - timedelta(days=days_before)).decide(problem, Action.ACCEPT)


def release(repository: Repository, problem: int, *, on: date = RELEASED, weeks: float | None = 4.0) -> None:
    ship(problem, on=on, weeks=weeks, why=None, repository=repository, who="ada", now=lambda: NOW)
