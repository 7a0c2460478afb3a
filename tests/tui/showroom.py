"""A workspace in which everything occurs that a screen can show: all marks, links, wide letters, every state."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from insights.domain.facts import Affected, Facts, Firm
from insights.domain.health import Check, CheckState
from insights.domain.intent import Intent
from insights.domain.problem import Action, Column, ExportLink
from insights.domain.query import Found, parse_query
from insights.domain.run import Run, RunStatus
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.builders import MORNING
from tests.stored import StoredProblem, a_stored_problem, a_workspace, an_account_record, an_estimate, an_item
from tests.tui.parts_builders import an_evidence

_ACCOUNTS = {"Acme": 120_000.0, "Globex": 1_300_000.0, "Initech": None, "Hooli": 84_000.0, "Umbrella Corp": 610_000.0}
_NAMES = tuple(_ACCOUNTS)

_PROBLEMS: Sequence[tuple[str, float | None, Sequence[int], str]] = (
    ("CSV export times out over 50k rows", 420_000, (1, 1, 2, 2, 2, 5, 6, 8), "We gave up exporting and hired a temp."),
    (
        "SSO login loops after the SAML certificate was rotated and nobody can get in",
        310_000,
        (1,) * 8,
        "I am locked out.",
    ),
    ("Dashboard loads slowly", 265_000, (4, 3, 4, 3, 1, 1, 0, 0), "Twenty widgets take half a minute."),
    ("Slack sync drops threads", 180_000, (0, 0, 0, 1, 0, 0, 0, 7), "Half of our threads never arrive."),
    (
        "日本語のレポートのタイトルが正しく表示されない問題があります",
        144_000,
        (1, 2, 1, 2, 1, 2, 1, 2),
        "文字化けします。",
    ),
    ("Mobile push notifications arrive twice", 120_000, (0, 0, 0, 0, 0, 0, 1, 1), "Two of each, day and night."),
    ("Invoices show stale seats 🚀", 96_000, (0, 0, 0, 0, 0, 2, 3, 4), "We pay for people who left in May."),
    ("Webhooks retry forever", None, (1, 0, 1, 1, 0, 1, 0, 0), "Our endpoint was called 4,000 times."),
    ("Audit log has gaps", 88_000, (1, 1, 1, 1, 2, 1, 1, 1), "The auditor asked where Tuesday went."),
    ("Search ignores accents", 61_000, (0, 1, 1, 0, 1, 1, 0, 1), "Müller is not Muller."),
    ("Two-factor codes by text message come late", 43_000, (1, 1, 0, 1, 1, 0, 1, 1), "The code had expired."),
    ("Purchase prices have no currency and no exchange rate", 30_000, (1, 0, 1, 0, 1, 0, 1, 0), "Dollars or euros?"),
    ("Exported PDF cuts the last column", 21_000, (0, 1, 0, 1, 0, 1, 0, 1), "The totals are not on the page."),
    ("Dark mode hides the cursor", 9_000, (0, 0, 1, 0, 1, 0, 0, 1), "I type blind."),
)


def a_showroom(folder: Path) -> Repository:
    """Fourteen problems in rank order, all in the Inbox; the eighth has no estimate."""
    accounts = [an_account_record(name, revenue=revenue) for name, revenue in _ACCOUNTS.items()]
    stored = a_workspace(folder, problems=[_problem(*one) for one in _PROBLEMS], accounts=accounts)
    stored.problems.save_similar({1: [(13, 0.91), (12, 0.84)], 2: [(11, 0.79)], 13: [(1, 0.91)]})
    first = stored.runs.get()
    stored.runs.save(replace(first, status=RunStatus.DONE, finished_at=first.started_at + timedelta(seconds=31)))
    affected = tuple(
        Affected(account=account.id, revenue=account.annual_revenue) for account in stored.customers.accounts()
    )
    stored.problems.save_facts({1: Facts(items=27, days=49, accounts=affected)}, Firm())
    return stored


def _problem(title: str, value: float | None, weekly: Sequence[int], words: str) -> StoredProblem:
    weeks = len(weekly)
    items = [
        an_item(
            f"{words} ({week + 1}.{number + 1})",
            days_ago=7 * (weeks - 1 - week) + number,
            account=_NAMES[(week + number) % len(_NAMES)],
            source="zendesk",
            url=f"https://acme.example/tickets/{week}{number}" if number == 0 else None,
        )
        for week in reversed(range(weeks))
        for number in range(weekly[week])
    ]
    return a_stored_problem(
        title,
        summary=f"{title}; people found ways around it.",
        items=items,
        estimate=None if value is None else an_estimate(value=value),
        quotes=3,
    )


def decide_some(triage: Triage) -> None:
    """Five accepted, one of them filed; two dismissed with a reason and one without, one snoozed."""
    in_column = {9: Column.NOW, 10: Column.NOW, 11: Column.NEXT, 12: Column.LATER, 13: Column.NEXT}
    triage.decide_all([Intent(problem_id=n, action=Action.ACCEPT, column=column) for n, column in in_column.items()])
    for number, why in ((14, "too small"), (7, "won't fix: out of strategy"), (8, None)):
        triage.decide(number, Action.DISMISS, why=why)
    triage.decide(6, Action.SNOOZE, until=date(2026, 11, 30))
    link = ExportLink(
        problem_id=9, tracker="file:backlog.md", external_id="ISS-482", url=None, exported_at=triage.now()
    )
    triage.repository.problems.save_link(link)


def save_runs(repository: Repository) -> None:
    """Three more nights: one stopped by hand, one that failed, one that is done and cost something."""
    counts = {"joined": 1_288, "born": 51, "described": 51, "ranked": 14}
    nights: Sequence[dict[str, Any]] = (
        {"status": RunStatus.DONE, "counts": counts, "mode": "offline"},
        {"status": RunStatus.STOPPED, "stage": "group", "failures": ("KeyboardInterrupt",), "mode": "offline"},
        {"status": RunStatus.STOPPED, "stage": "describe", "failures": ("Zendesk 401: the token has expired.",)},
        {"status": RunStatus.DONE, "counts": {"joined": 12, "settled": 3}, "spend_usd": 0.38},
    )
    for ago, fields in zip((4, 3, 2, 1), nights, strict=True):
        began = MORNING - timedelta(days=ago, hours=7)
        run = repository.runs.start(mode=str(fields.get("mode", "openai:gpt-5-mini")), at=began)
        is_done = fields["status"] is RunStatus.DONE
        repository.runs.save(
            replace(
                run, **{**fields, "mode": run.mode}, finished_at=began + timedelta(seconds=252) if is_done else None
            )
        )


def last_run_stopped(repository: Repository) -> Run:
    """The newest night failed while it collected."""
    run = repository.runs.start(mode="offline", at=MORNING - timedelta(hours=7))
    stopped = replace(run, status=RunStatus.STOPPED, stage="collect", failures=("Zendesk 401: the token has expired.",))
    repository.runs.save(stopped)
    return stopped


def checks(_asks: bool) -> list[Check]:
    """One of each state."""
    return [
        Check(name="database", state=CheckState.OK, words="14 problems, 118 items, 3.1 MB"),
        Check(
            name="source",
            state=CheckState.WRONG,
            words="zendesk: the token has expired",
            remedy="Log in again.",
            command="insights auth zendesk",
        ),
        Check(name="source", state=CheckState.NOTE, words="nps: nothing new for 9 days, usual are 2"),
        Check(
            name="backup", state=CheckState.NOTE, words="there is none yet", command="insights backup ~/insights.zip"
        ),
        Check(name="model", state=CheckState.SKIPPED, words="no model is asked: offline"),
    ]


class Finder:
    """Finds the same two items by every word but one, and nothing by that."""

    def prepare(self) -> None:
        pass

    def find(self, typed: str, _most: int) -> Found:
        query = parse_query(typed, today=MORNING.date())
        if not query.words or "zebra" in query.words:
            return Found(query=query, hints=query.hints)
        hits = (
            an_evidence(1, "We gave up exporting and hired a temp.", problem_id=1, similarity=0.71, mention_id=1),
            an_evidence(
                9, "The export stops at half of the rows, every Monday at nine.", similarity=0.64, mention_id=9
            ),
        )
        return Found(query=query, hits=hits, hints=query.hints)
