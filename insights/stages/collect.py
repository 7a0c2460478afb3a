"""Take what a source delivers into the database: cleaned, matched to accounts, each page in one transaction."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from insights.domain.customers import AccountRecord, DealRecord, DepartureRecord, SubscriptionRecord
from insights.domain.feedback import AccountMatch, FeedbackRecord
from insights.domain.matching import AccountIndex
from insights.errors import InsightsError
from insights.ports import Page, Progress, Source
from insights.stages.rejects import keep_rejects
from insights.storage.feedback import Draft, Saved
from insights.storage.repository import Repository
from insights.storage.runs import SourceState
from insights.text.clean import analysed_body, one_line, sanitise

_LONGEST_ERROR = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What came of one source: counts, warnings, and where the refused rows are kept."""

    source: str
    saved: Saved
    refused: int = 0
    removed: int = 0
    rejects_file: Path | None = None
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def collect(
    source: Source,
    *,
    repository: Repository,
    rejects_folder: Path,
    now: datetime,
    progress: Progress,
    full: bool = False,
) -> Collected:
    """Read a source to its end. State and records of a page are saved together, so a kill loses and doubles nothing.
    When it was read, or why it could not be, is kept with its name."""
    known = repository.sources.get(source.name)
    state = {} if full else known.state
    total = Collected(source=source.name, saved=Saved())
    accounts = AccountIndex.of(repository.customers.delivered_accounts())
    for page in _noted(source, state, repository=repository, now=now):
        rejects_file = keep_rejects(
            rejects_folder, source=source.name, rejects=page.rejects, is_first=not total.refused
        )
        saved, removed = _save(page, source.name, repository=repository, accounts=accounts, now=now)
        if any(isinstance(record, AccountRecord) for record in page.records):
            accounts = AccountIndex.of(repository.customers.delivered_accounts())
        state = page.state or state
        total = _added(total, page, saved, removed, rejects_file)
        done = total.saved.new + total.saved.changed + total.saved.unchanged
        progress(f"reading {source.name}", done, 0)
    return replace(total, warnings=tuple(str(warning) for warning in state.get("warnings", ())))


def _noted(source: Source, state: dict[str, Any], *, repository: Repository, now: datetime) -> Iterator[Page]:
    """The pages of a source; at their end when it was read, or what went wrong."""
    try:
        yield from source.fetch(state)
    except InsightsError as error:
        repository.sources.note(source.name, error=one_line(error.message, _LONGEST_ERROR))
        raise
    repository.sources.note(source.name, read_at=now)


def _added(total: Collected, page: Page, saved: Saved, removed: int, rejects_file: Path | None) -> Collected:
    reasons = dict.fromkeys([*total.reasons, *(reject.reason for reject in page.rejects)])
    return replace(
        total,
        saved=total.saved + saved,
        refused=total.refused + len(page.rejects),
        removed=total.removed + removed,
        rejects_file=rejects_file or total.rejects_file,
        reasons=tuple(reasons)[:5],
    )


def _save(
    page: Page, source: str, *, repository: Repository, accounts: AccountIndex, now: datetime
) -> tuple[Saved, int]:
    feedback = [record for record in page.records if isinstance(record, FeedbackRecord)]
    customers = [_clean_account(record) for record in page.records if isinstance(record, AccountRecord)]
    deals = [record for record in page.records if isinstance(record, DealRecord)]
    subscriptions = [record for record in page.records if isinstance(record, SubscriptionRecord)]
    departures = [_clean_departure(record) for record in page.records if isinstance(record, DepartureRecord)]
    sure = _certain([*deals, *subscriptions, *departures], accounts)
    drafts = _last_of_each(_draft(record, accounts, now) for record in feedback)
    with repository.writing() as connection:
        saved = repository.feedback.save(drafts, connection=connection, received_at=now)
        saved += repository.customers.save_accounts(customers, connection=connection)
        saved += repository.customers.save_deals(deals, accounts=sure, connection=connection)
        saved += repository.subscriptions.save_subscriptions(subscriptions, accounts=sure, connection=connection)
        saved += repository.subscriptions.save_departures(departures, accounts=sure, connection=connection)
        removed = repository.feedback.remove(source, page.tombstones, connection=connection)
        if page.state:
            repository.sources.put(SourceState(source=source, state=page.state, read_at=now), connection=connection)
    return saved + Saved(unchanged=len(feedback) - len(drafts)), removed


def _draft(record: FeedbackRecord, accounts: AccountIndex, now: datetime) -> Draft:
    account_id, match = accounts.find(record.account, record.author_email)
    text = sanitise(record.text)
    subject = one_line(record.subject) if record.subject else None
    return Draft(
        source=record.source,
        source_id=record.source_id,
        kind=record.kind,
        text=f"{subject}\n\n{text}" if subject and subject not in text else text,
        body=analysed_body(text, subject=subject),
        created_at=(record.created_at or now).astimezone(UTC),
        account_id=account_id,
        account_match=match,
        account_hint=_hint(record.account),
        author_name=_short(record.author_name),
        author_email=_short(record.author_email),
        score=record.score,
        url=_short(record.url, 2000),
        is_dated=record.created_at is not None,
    )


def rematch(repository: Repository) -> int:
    """Match what found no account (items, deals, subscriptions, departures) to accounts that came later. Returns how
    many items did."""
    accounts = AccountIndex.of(repository.customers.delivered_accounts())
    found = {}
    for number, hint, email in repository.feedback.without_account():
        account_id, match = accounts.find(hint, email)
        if account_id is not None and match is not AccountMatch.NONE:
            found[number] = (account_id, match)
    repository.feedback.set_accounts(found)
    repository.customers.set_accounts(_surely_found(repository.customers.without_account(), accounts))
    subscriptions, departures = repository.subscriptions.without_account()
    repository.subscriptions.set_accounts(
        subscriptions=_surely_found(subscriptions, accounts), departures=_surely_found(departures, accounts)
    )
    return len(found)


def _surely_found(waiting: Iterable[tuple[int, str]], accounts: AccountIndex) -> dict[int, int]:
    """Row id -> account id, from (row id, account hint)."""
    found = {number: accounts.find(hint, None) for number, hint in waiting}
    return {number: account for number, (account, match) in found.items() if account is not None and match.is_certain}


def _last_of_each(drafts: Iterable[Draft]) -> list[Draft]:
    """A page may bring the same item twice; its later words count."""
    return list({draft.source_id: draft for draft in drafts}.values())


def _clean_account(record: AccountRecord) -> AccountRecord:
    return replace(
        record,
        name=one_line(record.name),
        segment=_short(record.segment),
        plan=_short(record.plan),
        region=_short(record.region),
    )


def _clean_departure(record: DepartureRecord) -> DepartureRecord:
    return replace(record, reason=sanitise(record.reason) if record.reason else None)


def _certain(
    records: Iterable[DealRecord | SubscriptionRecord | DepartureRecord], accounts: AccountIndex
) -> dict[str, int]:
    """Account hint -> account id. Only certain matches: money must not land on a guess."""
    found = {}
    for hint in {record.account for record in records if record.account}:
        account_id, match = accounts.find(hint, None)
        if account_id is not None and match.is_certain:
            found[hint] = account_id
    return found


def _hint(text: str | None) -> str | None:
    """Each of its lines is an id or a name."""
    lines = (_short(line) for line in (text or "").splitlines())
    return "\n".join(line for line in lines if line) or None


def _short(text: str | None, limit: int = 200) -> str | None:
    return one_line(text, limit) if text else None
