"""Problems and estimates for tests: name the fields that matter, the rest is filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from insights.domain.customers import AccountRecord
from insights.domain.estimate import Assumption, Estimate, Part, Range
from insights.domain.feedback import AccountMatch, FeedbackKind, Quote, Stance
from insights.domain.problem import Movement, Problem, State
from insights.storage.feedback import Draft, Span
from insights.storage.problems import NewProblem, Words
from insights.storage.repository import Repository

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EFFORT_COST = 4000.0


def an_estimate(value: float = 420_000, **fields: Any) -> Estimate:
    """Half to double the value, three weeks of work, one part."""
    worth = Range(value / 2, value, value * 2)
    cost = Range(EFFORT_COST, 3 * EFFORT_COST, 8 * EFFORT_COST)
    defaults: dict[str, Any] = {
        "value": worth,
        "cost": cost,
        "weeks": Range(1, 3, 8),
        "roi": Range(worth.low / cost.high - 1, worth.likely / cost.likely - 1, worth.high / cost.low - 1),
        "parts": (Part(name="renewals at risk", value=worth, words="7 accounts, $610k a year × .03"),),
        "assumptions": (Assumption(name="loss", value=".03", source="default", setting="worth.loss_likely"),),
        "reason": "Seven accounts that pay $610k a year name it; the chance that they leave moves it most.",
        "rank": 1,
    }
    return Estimate(**{**defaults, **fields})


def a_problem(title: str = "CSV export times out", **fields: Any) -> Problem:
    """A problem that waits in the inbox."""
    defaults: dict[str, Any] = {
        "id": 1,
        "title": title,
        "summary": "Exports of more than 50,000 rows end with a time-out, and people build workarounds.",
        "described_by": "offline",
        "stance": Stance.PROBLEM,
        "state": State.INBOX,
        "version": 1,
        "first_seen": MORNING - timedelta(days=60),
        "last_seen": MORNING - timedelta(days=3),
        "items": 18,
        "accounts": 7,
        "mentions": 18,
        "weekly": (1, 1, 2, 2, 3, 5, 6, 8),
        "weeks_end": date(2026, 11, 20),
        "movement": Movement.GROWING,
        "estimate": an_estimate(),
    }
    return Problem(**{**defaults, **fields})


@dataclass(frozen=True, kw_only=True)
class Told:
    """One item of feedback that becomes a quote."""

    text: str
    account: str | None = "Acme"
    revenue: float | None = 120_000
    days_ago: int = 3
    source: str = "zendesk"


def a_repository(path: Any) -> Repository:
    """An empty one on SQLite."""
    return Repository(f"sqlite:///{path}", key=b"0" * 32)


def store_problem(
    repository: Repository,
    title: str,
    *,
    told: Sequence[Told] = (Told(text="We gave up exporting and hired a temp."),),
    summary: str = "Exports of more than 50,000 rows end with a time-out.",
    estimate: Estimate | None = None,
) -> int:
    """A problem with its feedback, mentions, words, quotes and estimate, as a run leaves it. Its id."""
    feedback_ids = _store_feedback(repository, told)
    repository.feedback.save_redactions({n: (t.text, 0) for n, t in zip(feedback_ids, told, strict=True)})
    spans = {n: [Span(0, len(t.text), Stance.PROBLEM, 1.0)] for n, t in zip(feedback_ids, told, strict=True)}
    repository.feedback.save_mentions(spans)
    mentions = _mentions_of(repository, set(feedback_ids))
    new = NewProblem(stance=Stance.PROBLEM, mentions=tuple(mentions))
    (number,) = repository.problems.save_grouping(1, joined={}, born=[(new, [0.9] * len(mentions))])
    quotes = tuple(Quote(feedback_id=n, start=0, end=len(t.text)) for n, t in zip(feedback_ids, told, strict=True))
    words = Words(title=title, summary=summary, described_by="offline", described_from="x", quotes=quotes)
    repository.problems.save_words(number, words)
    if estimate is not None:
        repository.problems.save_estimates({number: estimate})
    return number


def _store_feedback(repository: Repository, told: Sequence[Told]) -> list[int]:
    accounts = {account.name: account.id for account in repository.customers.accounts()}
    fresh = {t.account: t for t in told if t.account and t.account not in accounts}
    records = [
        AccountRecord(source="crm", source_id=name, name=name, annual_revenue=t.revenue) for name, t in fresh.items()
    ]
    with repository.writing() as connection:
        repository.customers.save_accounts(records, connection=connection)
    accounts = {account.name: account.id for account in repository.customers.accounts()}
    before = repository.feedback.counts()["items"]
    drafts = [_draft(t, f"{before + n}", accounts.get(t.account or "")) for n, t in enumerate(told, 1)]
    with repository.writing() as connection:
        repository.feedback.save(drafts, connection=connection, received_at=MORNING)
    return list(range(before + 1, before + len(told) + 1))


def _draft(told: Told, source_id: str, account_id: int | None) -> Draft:
    return Draft(
        source=told.source,
        source_id=source_id,
        kind=FeedbackKind.TICKET,
        text=told.text,
        body=told.text,
        created_at=MORNING - timedelta(days=told.days_ago),
        account_id=account_id,
        account_match=AccountMatch.ID if account_id else AccountMatch.NONE,
        account_hint=told.account,
        author_name=None,
        author_email=None,
        score=None,
        url=None,
    )


def _mentions_of(repository: Repository, feedback_ids: set[int]) -> list[int]:
    found = repository.feedback.unembedded("none", limit=1_000_000)
    mine = [mention.id for mention in found if mention.feedback_id in feedback_ids]
    repository.feedback.mark_embedded(mine, fingerprint="none")
    return mine
