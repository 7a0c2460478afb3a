"""Take what a source delivers into the database: cleaned, matched to accounts, each page in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from insights.domain.customers import AccountRecord, DealRecord
from insights.domain.feedback import AccountMatch, FeedbackRecord
from insights.domain.matching import AccountIndex
from insights.ports import Page, Progress, Source
from insights.stages.rejects import keep_rejects
from insights.storage.feedback import Draft, Saved
from insights.storage.repository import Repository
from insights.storage.runs import SourceState
from insights.text.clean import analysed_body, one_line, sanitise


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
    """Read a source to its end. State and records of a page are saved together, so a kill loses and doubles nothing."""
    known = repository.sources.get(source.name)
    state = {} if full else known.state
    total = Collected(source=source.name, saved=Saved())
    accounts = AccountIndex.of(repository.customers.accounts())
    for page in source.fetch(state):
        rejects_file = keep_rejects(
            rejects_folder, source=source.name, rejects=page.rejects, is_first=not total.refused
        )
        saved, removed = _save(page, source.name, repository=repository, accounts=accounts, now=now)
        if any(isinstance(record, AccountRecord) for record in page.records):
            accounts = AccountIndex.of(repository.customers.accounts())
        state = page.state or state
        total = _added(total, page, saved, removed, rejects_file)
        done = total.saved.new + total.saved.changed + total.saved.unchanged
        progress(f"reading {source.name}", done, 0)
    return replace(total, warnings=tuple(str(warning) for warning in state.get("warnings", ())))


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
    drafts = _last_of_each(_draft(record, accounts, now) for record in feedback)
    with repository.writing() as connection:
        saved = repository.feedback.save(drafts, connection=connection, received_at=now)
        saved += repository.customers.save_accounts(customers, connection=connection)
        saved += repository.customers.save_deals(deals, accounts=_of_deals(deals, accounts), connection=connection)
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
        account_hint=_short(record.account),
        author_name=_short(record.author_name),
        author_email=_short(record.author_email),
        score=record.score,
        url=_short(record.url, 2000),
        is_dated=record.created_at is not None,
    )


def rematch(repository: Repository) -> int:
    """Match items and deals that found no account to accounts that came later. Returns how many items did."""
    accounts = AccountIndex.of(repository.customers.accounts())
    found = {}
    for number, hint, email in repository.feedback.without_account():
        account_id, match = accounts.find(hint, email)
        if account_id is not None and match is not AccountMatch.NONE:
            found[number] = (account_id, match)
    repository.feedback.set_accounts(found)
    deals = {number: accounts.find(hint, None) for number, hint in repository.customers.without_account()}
    sure = {number: account for number, (account, match) in deals.items() if account is not None and match.is_certain}
    repository.customers.set_accounts(sure)
    return len(found)


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


def _of_deals(deals: Sequence[DealRecord], accounts: AccountIndex) -> dict[str, int]:
    """Only certain matches: a deal's money must not land on a guess."""
    found = {}
    for deal in deals:
        account_id, match = accounts.find(deal.account, None)
        if account_id is not None and match.is_certain:
            found[deal.account or ""] = account_id
    return found


def _short(text: str | None, limit: int = 200) -> str | None:
    return one_line(text, limit) if text else None
