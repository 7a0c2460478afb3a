"""What a source delivers, made fit to be kept: no id that a database refuses, no text with control characters in it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from insights.domain.customers import AccountRecord, DealRecord, DepartureRecord, SubscriptionRecord
from insights.ports import Page, Record, Reject
from insights.text.clean import one_line, sanitise

_LONGEST_ID = 200
_LONGEST_WORD = 120
_LONGEST_RAW = 2_000


def fit(page: Page) -> Page:
    """The page with its text cleaned but for feedback's; records whose id cannot be kept are among its rejects."""
    unfit = [record for record in page.records if not _is_id(record.source_id)]
    rejects = [Reject(0, "Its id cannot be kept.", f"{record!r}"[:_LONGEST_RAW]) for record in unfit]
    return replace(
        page,
        records=list(_cleaned(record for record in page.records if _is_id(record.source_id))),
        tombstones=[source_id for source_id in page.tombstones if _is_id(source_id)],
        rejects=[*page.rejects, *rejects],
    )


def clean_hint(text: str | None) -> str | None:
    """Each of its lines is an id or a name."""
    lines = (short(line) for line in (text or "").splitlines())
    return "\n".join(line for line in lines if line) or None


def short(text: str | None, limit: int = 200) -> str | None:
    return one_line(text, limit) if text else None


def _is_id(value: object) -> bool:
    """Whether every database takes it: no half of a surrogate pair, no NUL, not too long."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID or "\x00" in value:
        return False
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _cleaned(records: Iterable[Record]) -> Iterator[Record]:
    for record in records:
        if isinstance(record, AccountRecord):
            yield _account(record)
        elif isinstance(record, DealRecord):
            reason = sanitise(record.reason_lost) if record.reason_lost else None
            yield replace(record, name=short(record.name), reason_lost=reason, account=clean_hint(record.account))
        elif isinstance(record, DepartureRecord):
            reason = sanitise(record.reason) if record.reason else None
            yield replace(record, reason=reason, account=clean_hint(record.account))
        elif isinstance(record, SubscriptionRecord):
            yield replace(record, account=clean_hint(record.account))
        else:
            yield record


def _account(record: AccountRecord) -> AccountRecord:
    return replace(
        record,
        name=one_line(record.name),
        domain=short(record.domain),
        segment=short(record.segment, _LONGEST_WORD),
        plan=short(record.plan, _LONGEST_WORD),
        region=short(record.region, _LONGEST_WORD),
    )
