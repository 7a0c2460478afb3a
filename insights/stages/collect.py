"""Take what a source delivers into the database: cleaned, matched to accounts, each page in one transaction."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from insights.domain.access import Act, use_case
from insights.domain.customers import AccountRecord, DealRecord, DepartureRecord, SubscriptionRecord
from insights.domain.feedback import AccountMatch, FeedbackRecord
from insights.domain.matching import AccountIndex
from insights.errors import ExitCode, InsightsError
from insights.ports import Page, Progress, Source, contained
from insights.stages.incoming import clean_hint, fit, short
from insights.stages.minimise import Keep, minimised, without_rows
from insights.stages.rejects import keep_rejects
from insights.stages.suppress import Suppression
from insights.storage.feedback import Draft, Saved
from insights.storage.repository import Repository
from insights.text.clean import analysed_body, one_line, sanitise

TOLD = ("warnings", "left_out")
"""What a state says in words, which is no position."""
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
    erased: int = 0
    """Records left out, since whoever they are of was erased."""


@use_case(Act.BRING)
def collect(
    source: Source,
    *,
    repository: Repository,
    rejects_folder: Path,
    now: datetime,
    progress: Progress,
    full: bool = False,
    before: Collected | None = None,
    keep: Keep = None,
) -> Collected:
    """Read a source to its end. State and records of a page are saved together, so a kill loses and doubles nothing.
    When it was read, or why it could not be, is kept with its name. What came `before` in the same reading counts.
    Of an item only the fields in `keep` are kept; None: all that are used."""
    known = repository.sources.get(source.name)
    state = {} if full else known.state
    total = before or Collected(source=source.name, saved=Saved())
    bar = _Bar(progress, f"reading {source.name}")
    accounts = AccountIndex.of(repository.customers.delivered_accounts())
    is_known = True
    suppression = Suppression.of(repository.erasures)
    for delivered in map(fit, _noted(source, state, repository=repository, now=now)):
        page, erased = suppression.kept(without_rows(delivered, keep))
        if not is_known and any(not isinstance(record, AccountRecord) for record in page.records):
            # Not after each page of accounts: that would take the square of their number.
            accounts, is_known = AccountIndex.of(repository.customers.delivered_accounts()), True
        rejects_file = keep_rejects(
            rejects_folder, source=source.name, rejects=page.rejects, is_first=not total.refused
        )
        saved, removed = _save(page, source.name, repository=repository, accounts=accounts, now=now, keep=keep)
        is_known = is_known and not any(isinstance(record, AccountRecord) for record in page.records)
        state = page.state or state
        total = replace(_added(total, page, saved, removed, rejects_file), erased=total.erased + erased)
        bar.tell(delivered)
    return replace(total, warnings=tuple(str(warning) for warning in state.get("warnings", ())))


class _Bar:
    """How far a reading is: rows of all its streams so far, and how many they will be with the rest of this stream."""

    def __init__(self, progress: Progress, what: str) -> None:
        self._progress, self._what = progress, what
        self._done = self._before = 0
        self._stream = ""

    def tell(self, page: Page) -> None:
        if page.stream != self._stream:
            self._stream, self._before = page.stream, self._done
        self._done += len(page.records) + len(page.tombstones) + len(page.rejects) + page.unchanged
        self._progress(self._what, self._done, max(self._before + page.total, self._done) if page.total else 0)


def _noted(source: Source, state: dict[str, Any], *, repository: Repository, now: datetime) -> Iterator[Page]:
    """The pages of a source; at their end when it was read, or what went wrong."""
    try:
        yield from _fetched(source, state)
    except InsightsError as error:
        note_failure(repository, source.name, error, now)
        raise
    repository.sources.note_read(source.name, now)


def note_failure(repository: Repository, source: str, error: InsightsError, now: datetime) -> None:
    """Keep with a source why it could not be read, and what to do."""
    repository.sources.note_failed(
        source,
        now,
        error=one_line(error.message, _LONGEST_ERROR),
        remedy=one_line(error.remedy, _LONGEST_ERROR),
        needs_login=error.exit_code is ExitCode.LOGIN,
    )


def _fetched(source: Source, state: dict[str, Any]) -> Iterator[Page]:
    """Whatever a source does, it ends no other."""
    with contained(source.name):
        yield from source.fetch(state)


def _added(total: Collected, page: Page, saved: Saved, removed: int, rejects_file: Path | None) -> Collected:
    reasons = dict.fromkeys([*total.reasons, *(reject.reason for reject in page.rejects)])
    return replace(
        total,
        saved=total.saved + saved + Saved(unchanged=page.unchanged),
        refused=total.refused + len(page.rejects),
        removed=total.removed + removed,
        rejects_file=rejects_file or total.rejects_file,
        reasons=tuple(reasons)[:5],
    )


def _save(
    page: Page, source: str, *, repository: Repository, accounts: AccountIndex, now: datetime, keep: Keep
) -> tuple[Saved, int]:
    feedback = [record for record in page.records if isinstance(record, FeedbackRecord)]
    customers = [record for record in page.records if isinstance(record, AccountRecord)]
    deals = [record for record in page.records if isinstance(record, DealRecord)]
    subscriptions = [record for record in page.records if isinstance(record, SubscriptionRecord)]
    departures = [record for record in page.records if isinstance(record, DepartureRecord)]
    sure = _certain([*deals, *subscriptions, *departures], accounts)
    drafts = _last_of_each(minimised(_draft(record, accounts, now), keep) for record in feedback)
    with repository.writing() as connection:
        saved = repository.feedback.save(drafts, connection=connection, received_at=now)
        saved += repository.customers.save_accounts(customers, connection=connection)
        saved += repository.customers.save_deals(deals, accounts=sure, connection=connection)
        saved += repository.subscriptions.save_subscriptions(subscriptions, accounts=sure, connection=connection)
        saved += repository.subscriptions.save_departures(departures, accounts=sure, connection=connection)
        removed = repository.remove(source, page.tombstones, connection=connection)
        if page.state:
            repository.sources.put_state(source, page.state, connection=connection)
        if saved.new or saved.changed or removed:
            facts = {"new": saved.new, "changed": saved.changed, "removed": removed}
            repository.audit.record("feedback.bring", source, facts=facts, connection=connection)
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
        account_hint=clean_hint(record.account),
        author_name=short(record.author_name),
        author_email=short(record.author_email),
        score=record.score,
        url=short(record.url, 2000),
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
