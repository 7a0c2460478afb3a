"""What every source must keep, ours and those of others, as one call for a test.

    from connectors.contract import check_source

    def test_the_source_keeps_its_contract(server):
        check_source(make_source(server), secret="canary")

Needs no test framework. The service behind the source must not change meanwhile, and should have several pages.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from insights.domain.customers import AccountRecord, DealRecord, DepartureRecord, SubscriptionRecord
from insights.domain.feedback import FeedbackRecord
from insights.ports import Page, Record, Source, Sweepable

MOST_RESUMED = 25
"""From so many pages' states, spread over the reading, it is tried to go on."""
_NOUNS = (FeedbackRecord, AccountRecord, DealRecord, SubscriptionRecord, DepartureRecord)
_SHORTEST_SECRET = 4


class ContractBroken(AssertionError):
    """What a source does not keep, a line each."""

    def __init__(self, found: Sequence[str]) -> None:
        super().__init__("\n".join(["The source does not keep its contract:", *(f"- {one}" for one in found)]))
        self.found = tuple(found)


def check_source(source: Source, *, secret: str = "") -> None:
    """Read a source from the start, from every page's state and once more, and compare. `secret` is what it logs in
    with, which must be found nowhere. Raises ContractBroken; whatever the source itself raises is passed on."""
    pages = list(source.fetch({}))
    found = [
        *_pages_faults(source, pages),
        *_state_faults(pages),
        *_resume_faults(source, pages),
        *_second_reading_faults(source, pages),
        *_sweep_faults(source, _kept(pages)),
        *_secret_faults(source, pages, secret),
    ]
    if found:
        raise ContractBroken(list(dict.fromkeys(found)))


def _kept(pages: Iterable[Page], before: Mapping[str, Record] | None = None) -> dict[str, Record]:
    """What is stored when these pages were taken in, in order: an id has one record, and a page's deletions come after
    its records."""
    kept = dict(before or {})
    for page in pages:
        kept |= {record.source_id: record for record in page.records}
        for name in page.tombstones:
            kept.pop(name, None)
    return kept


def _pages_faults(source: Source, pages: Sequence[Page]) -> Iterator[str]:
    if not isinstance(source.name, str) or not source.name:
        yield "Its name is empty."
    nouns: dict[str, type] = {}
    for page in pages:
        for record in page.records:
            yield from _record_faults(source, record)
            if nouns.setdefault(str(record.source_id), type(record)) is not type(record):
                yield f"Two nouns share the id {record.source_id!r}: prefix ids with their noun, as ticket-12."
        yield from _deletion_faults(page)
        if any(not reject.reason.strip() for reject in page.rejects):
            yield "A refused row gives no reason."


def _deletion_faults(page: Page) -> Iterator[str]:
    names = {record.source_id for record in page.records}
    for name in page.tombstones:
        if not isinstance(name, str) or not name:
            yield f"A deletion names no id: {name!r}."
        elif name in names:
            yield f"One page brings {name!r} and deletes it."


def _record_faults(source: Source, record: Record) -> Iterator[str]:
    if not isinstance(record, _NOUNS):
        yield f"{type(record).__name__} is none of the records that insights knows."
        return
    if not isinstance(record.source_id, str) or not record.source_id.strip():
        yield f"An id is no text, or empty: {record.source_id!r}."
    if record.source != source.name:
        yield f"{record.source_id!r} names the source {record.source!r}, not {source.name!r}."
    if isinstance(record, FeedbackRecord):
        if record.created_at is not None and not _is_utc(record.created_at):
            yield f"The time of {record.source_id!r} is not in UTC: {record.created_at!r}."
        if not (record.text.strip() or (record.subject or "").strip()):
            yield f"{record.source_id!r} says nothing."
        if record.score is not None and not 0 <= record.score <= 10:
            yield f"The score of {record.source_id!r} is not within 0 and 10: {record.score}."


def _is_utc(moment: datetime) -> bool:
    return moment.tzinfo is not None and moment.utcoffset() == timedelta(0) and moment == moment.astimezone(UTC)


def _state_faults(pages: Sequence[Page]) -> Iterator[str]:
    for page in pages:
        try:
            again = json.loads(json.dumps(page.state, allow_nan=False))
        except (TypeError, ValueError) as error:
            yield f"A state is not plain JSON: {error}."
            continue
        if again != page.state:
            yield "A state is not the same after it was kept as JSON: use texts, numbers, lists and objects alone."


def _resume_faults(source: Source, pages: Sequence[Page]) -> Iterator[str]:
    whole = _kept(pages)
    step = max(1, len(pages) // MOST_RESUMED)
    for count in range(1, len(pages) + 1, step):
        state = json.loads(json.dumps(pages[count - 1].state, default=str))
        given = json.dumps(state, sort_keys=True)
        rest = _kept(source.fetch(state), _kept(pages[:count]))
        if json.dumps(state, sort_keys=True) != given:
            yield "It changes the state that it is given: make a new one."
        yield from _differences(whole, rest, f"Whoever goes on from the state of page {count}")


def _second_reading_faults(source: Source, pages: Sequence[Page]) -> Iterator[str]:
    """From the last state, and from the start: what is there already may come again, but as it was."""
    whole = _kept(pages)
    if pages:
        again = _kept(source.fetch(pages[-1].state), whole)
        yield from _differences(whole, again, "A second reading")
    yield from _differences(whole, _kept(source.fetch({})), "A reading from the start")


def _differences(wanted: Mapping[str, Record], found: Mapping[str, Record], who: str) -> Iterator[str]:
    lost = [name for name in wanted if name not in found]
    new = [name for name in found if name not in wanted]
    other = [name for name in wanted if name in found and wanted[name] != found[name]]
    for names, what in ((lost, "loses"), (new, "brings anew"), (other, "brings otherwise")):
        if names:
            yield f"{who} {what} {', '.join(map(repr, names[:3]))}{' and others' if len(names) > 3 else ''}."


def _sweep_faults(source: Source, kept: Mapping[str, Record]) -> Iterator[str]:
    if not isinstance(source, Sweepable):
        return
    living = {name for page in source.living() for name in page}
    is_covered = getattr(source, "is_covered", lambda _: True)
    missing = [name for name in kept if is_covered(name) and name not in living]
    if missing:
        yield f"living() leaves out {missing[0]!r}, which fetch() brought."
    some = list(kept)[:5]
    if gone := list(source.are_gone(some)):
        yield f"are_gone() says of {gone[0]!r} that it is gone; fetch() brought it."


def _secret_faults(source: Source, pages: Sequence[Page], secret: str) -> Iterator[str]:
    if len(secret) < _SHORTEST_SECRET:
        return
    if secret in repr(source) or any(secret in repr(value) for value in getattr(source, "__dict__", {}).values()):
        yield "The secret shows in the source's repr: keep the function that gives it, or repr=False."
    for page in pages:
        if secret in json.dumps(page.state, default=repr, ensure_ascii=False) or secret in repr(page):
            yield "The secret is in a page."
