"""A workspace of a few problems on a real database, and a person who triages it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual import _wait
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from insights.storage.repository import Repository
from insights.triage import Triage
from tests.builders import MORNING, an_estimate
from tests.stored import a_stored_problem, a_workspace, an_account_record, an_item
from tests.tui.offices import an_office
from tui.office import Office

TITLES = (
    "CSV export times out over 50k rows",
    "SSO login loops after the SAML certificate was rotated and nobody can get in",
    "Dashboard loads slowly",
    "日本語のレポートのタイトルが正しく表示されない問題があります",
    "Invoices show stale seats 🚀",
    "Webhooks retry forever",
)


@pytest.fixture(autouse=True)
def soon_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each key, Textual's tests look every 20 ms, twice, whether the process has come to rest: most of a test
    was that. Here they look every 4 ms, for the same share of idle time."""
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", 0.004)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", 0.0002)


@pytest.fixture(scope="session", autouse=True)
def styles_read_once() -> Iterator[None]:
    """Each application reads its styles three times as it starts, a fifth of a test's time; for the same variables they
    mean the same."""
    known: dict[object, list[RuleSet]] = {}
    read = Stylesheet._parse_rules

    def recalled(self: Stylesheet, *asked: Any, **named: Any) -> list[RuleSet]:
        key = (asked, tuple(named.items()), tuple(self._variables.items()))
        if key not in known:
            known[key] = read(self, *asked, **named)
        return known[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Stylesheet, "_parse_rules", recalled)
        yield


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    """Six problems in rank order; the last has no estimate yet, and one account's revenue is unknown."""
    problems = [
        a_stored_problem(
            title,
            summary=f"People say: {title.lower()}; they found ways around it.",
            items=[
                an_item(
                    f"{title}: it cost us an hour this week. ({number})",
                    account=("Acme", "Globex", "Initech")[(rank + number) % 3],
                    days_ago=3 + number * (5 + rank),
                    source="zendesk",
                )
                for number in range(3 + rank % 3 * 4)
            ],
            estimate=None if rank == 5 else an_estimate(420_000 / (rank + 1) ** 2, unknown_revenue_accounts=rank),
            quotes=3,
        )
        for rank, title in enumerate(TITLES)
    ]
    accounts = [
        an_account_record("Acme", revenue=120_000),
        an_account_record("Globex", revenue=1_300_000),
        an_account_record("Initech"),
    ]
    stored = a_workspace(tmp_path, problems=problems, accounts=accounts)
    stored.problems.save_similar({1: [(3, 0.91), (6, 0.84)]})
    yield stored
    stored.close()


@pytest.fixture
def office(triage: Triage) -> Office:
    """What the application is opened with."""
    return an_office(triage)


@pytest.fixture
def triage(repository: Repository) -> Triage:
    return Triage(repository, "ana", lambda: MORNING)
