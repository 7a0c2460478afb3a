"""A stored workspace for tests: items, problems and accounts in a real SQLite database.

`a_workspace(tmp_path, problems=[a_stored_problem("Export hangs", items=[an_item("It hangs")])])` gives the
Repository. Problems get the ids 1, 2, … and their ranks in the order given.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from insights.domain.customers import AccountRecord
from insights.domain.estimate import Assumption, Estimate, Part, Range
from insights.domain.feedback import AccountMatch, FeedbackKind, Quote, Stance
from insights.domain.run import Run
from insights.storage.feedback import Draft
from insights.storage.groupings import NewProblem
from insights.storage.mentions import Span
from insights.storage.problems import Words
from insights.storage.repository import Repository
from tests.actors import ADA

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEY = bytes(range(32))

_MOST_COPIES = 16
_COPIES: dict[str, bytes] = {}
"""Databases by what was asked for; none yet where it was asked for once."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One feedback with one mention, all of its text; `weeks_ago` 0 is the week that ends with NOW."""

    text: str
    kind: FeedbackKind = FeedbackKind.TICKET
    stance: Stance = Stance.PROBLEM
    days_ago: int = 0
    source: str = "tickets"
    account: str | None = None
    account_match: AccountMatch = AccountMatch.NAME
    score: float | None = None
    redacted: int = 0
    url: str | None = None
    author: str | None = None
    email: str | None = None


@dataclass(frozen=True, kw_only=True)
class StoredProblem:
    """A problem to store; `quotes` of its first items are kept as verified."""

    title: str
    summary: str
    items: Sequence[Item]
    estimate: Estimate | None
    quotes: int = 2


def an_item(
    text: str,
    *,
    days_ago: int = 0,
    account: str | None = None,
    kind: FeedbackKind = FeedbackKind.TICKET,
    stance: Stance = Stance.PROBLEM,
    source: str = "tickets",
    score: float | None = None,
    match: AccountMatch = AccountMatch.NAME,
    redacted: int = 0,
    url: str | None = None,
    author: str | None = None,
    email: str | None = None,
) -> Item:
    return Item(
        text=text,
        days_ago=days_ago,
        account=account,
        kind=kind,
        stance=stance,
        source=source,
        score=score,
        account_match=match,
        redacted=redacted,
        url=url,
        author=author,
        email=email,
    )


def items_by_week(counts: Sequence[int], *, text: str = "The export hangs", account: str | None = None) -> list[Item]:
    """Items so that `weekly` of their problem is `counts`, the last week ending with NOW's day; that day needs an
    item (of this problem or another)."""
    weeks = len(counts)
    return [
        an_item(f"{text} ({week}.{number})", days_ago=7 * (weeks - 1 - week), account=account)
        for week, count in enumerate(counts)
        for number in range(count)
    ]


def an_estimate(*, value: float = 400_000, cost: float = 12_000, unknown_revenue_accounts: int = 0) -> Estimate:
    """Ranges around the likely figures, with one part and one assumption."""
    values = Range(value / 4, value, value * 2.5)
    costs = Range(cost / 3, cost, cost * 2.5)
    roi = Range(
        *((v - c) / c for v, c in zip((value / 4, value, value * 2.5), (cost * 2.5, cost, cost / 3), strict=True))
    )
    return Estimate(
        value=values,
        cost=costs,
        weeks=Range(1, 3, 8),
        roi=roi,
        parts=(Part(name="kept revenue", value=values, words="3 accounts, $13.3M a year x .03"),),
        assumptions=(
            Assumption(name="added chance to leave", value=".03", source="default", setting="worth.loss_likely"),
        ),
        unknown_revenue_accounts=unknown_revenue_accounts,
    )


def a_stored_problem(
    title: str = "Export hangs",
    *,
    items: Sequence[Item] = (),
    summary: str = "The export stops at half of the rows.",
    estimate: Estimate | None = None,
    quotes: int = 2,
) -> StoredProblem:
    """With one item of today where none are given; without an estimate where that is None."""
    return StoredProblem(
        title=title,
        summary=summary,
        items=list(items) or [an_item("The export hangs at half of the rows.")],
        estimate=estimate,
        quotes=quotes,
    )


def an_account_record(name: str, *, revenue: float | None = None, segment: str | None = None) -> AccountRecord:
    return AccountRecord(source="crm", source_id=name.lower(), name=name, annual_revenue=revenue, segment=segment)


def a_workspace(
    folder: Path,
    *,
    problems: Sequence[StoredProblem] = (),
    others: Sequence[Item] = (),
    accounts: Sequence[AccountRecord] = (),
    now: datetime = NOW,
) -> Repository:
    """Store all of it, through protect, split, embed (marked only, no vectors), group, describe, estimate and rank.
    `others` are items in no problem. The same asked for again and again is stored twice, then copied."""
    path = folder / "insights.db"
    asked = repr((problems, others, accounts, now))
    if not path.exists() and (copy := _COPIES.get(asked)):
        path.write_bytes(copy)
        return Repository(f"sqlite:///{path}", key=KEY, actor=ADA)
    is_new = not path.exists()
    repository = Repository(f"sqlite:///{path}", key=KEY, actor=ADA)
    fill(repository, problems, others=others, accounts=accounts, now=now)
    if is_new:
        _keep(asked, path)
    return repository


def _keep(asked: str, path: Path) -> None:
    """A copy of what is asked for the second time; only few, for they are of one test's module."""
    if asked in _COPIES:
        with closing(sqlite3.connect(path)) as connection:
            _COPIES[asked] = connection.serialize()
        return
    _COPIES[asked] = b""
    while len(_COPIES) > _MOST_COPIES:
        del _COPIES[next(iter(_COPIES))]


def fill(
    repository: Repository,
    problems: Sequence[StoredProblem],
    *,
    others: Sequence[Item] = (),
    accounts: Sequence[AccountRecord] = (),
    now: datetime = NOW,
) -> None:
    """The same, into an empty database."""
    with repository.writing() as connection:
        repository.customers.save_accounts(accounts, connection=connection)
    ids = {account.name: account.id for account in repository.customers.accounts()}
    every = [item for problem in problems for item in problem.items] + list(others)
    drafts = [_draft(item, number, ids, now) for number, item in enumerate(every, 1)]
    with repository.writing() as connection:
        repository.feedback.save(drafts, connection=connection, received_at=now)
    repository.feedback.save_redactions({n: (item.text, item.redacted) for n, item in enumerate(every, 1)})
    repository.mentions.save({n: [Span(0, len(item.text), item.stance, 1.0)] for n, item in enumerate(every, 1)})
    repository.mentions.mark_embedded(range(1, len(every) + 1), fingerprint="test")
    run = repository.runs.start(mode="offline", at=now - timedelta(days=30))
    _store_problems(repository, problems, others=len(others), run=run)


def _draft(item: Item, number: int, ids: dict[str, int], now: datetime) -> Draft:
    account_id = ids.get(item.account or "")
    return Draft(
        source=item.source,
        source_id=f"T-{number}",
        kind=item.kind,
        text=item.text,
        body=item.text,
        created_at=now - timedelta(days=item.days_ago),
        account_id=account_id,
        account_match=item.account_match if account_id else AccountMatch.NONE,
        account_hint=item.account,
        author_name=item.author,
        author_email=item.email,
        score=item.score,
        url=item.url,
    )


def _store_problems(repository: Repository, problems: Sequence[StoredProblem], *, others: int, run: Run) -> None:
    """Mentions have the ids of their items: each item has one."""
    born, first = [], 1
    for problem in problems:
        mentions = tuple(range(first, first + len(problem.items)))
        born.append((NewProblem(stance=Stance.PROBLEM, mentions=mentions), [0.9] * len(mentions)))
        first += len(mentions)
    alone: dict[int, tuple[int | None, float]] = dict.fromkeys(range(first, first + others), (None, 0.1))
    numbers = repository.groupings.save(run.id, joined=alone, born=born, at=run.started_at)
    for number, problem, (new, _) in zip(numbers, problems, born, strict=True):
        chosen = list(zip(new.mentions, problem.items, strict=True))[: problem.quotes]
        quotes = tuple(Quote(feedback_id=mention, start=0, end=len(item.text)) for mention, item in chosen)
        words = Words(
            title=problem.title,
            summary=problem.summary,
            described_by="offline",
            described_from="test",
            quotes=quotes,
        )
        repository.problems.save_words(number, words)
    estimates = {n: problem.estimate for n, problem in zip(numbers, problems, strict=True) if problem.estimate}
    repository.problems.save_estimates(estimates)
    repository.problems.save_ranks(list(estimates))
