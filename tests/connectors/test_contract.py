"""The contract kit finds what each kind of faulty source does wrong, and nothing in a good one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import ContractBroken, check_source
from insights.domain.customers import AccountRecord
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.ports import Page, Reject, Source
from tests.hostile.dialects.every import EVERY
from tests.hostile.reading import reading
from tests.hostile.server import SECRET, Dialect

AT = datetime(2026, 3, 1, tzinfo=UTC)


def a_record(number: int, **changes: Any) -> FeedbackRecord:
    made = FeedbackRecord(
        source="desk", source_id=f"ticket-{number}", kind=FeedbackKind.TICKET, text=f"Words {number}", created_at=AT
    )
    return replace(made, **changes)


@dataclass
class Numbers:
    """Six items in pages of two; `change` makes a fault of a page."""

    name: str = "desk"
    change: Callable[[Page], Page] = field(default=lambda page: page, repr=False)
    position: Callable[[int], dict[str, Any]] = field(default=lambda to: {"to": to}, repr=False)

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        for first in range(int(state.get("to", 0)), 6, 2):
            page = Page([a_record(first), a_record(first + 1)], state=self.position(first + 2))
            yield self.change(page)


def faults(source: Source, secret: str = "") -> str:
    with pytest.raises(ContractBroken) as caught:
        check_source(source, secret=secret)
    return str(caught.value)


def test_a_good_source_passes() -> None:
    check_source(Numbers(), secret="canary")


@pytest.mark.parametrize("dialect", EVERY, ids=lambda dialect: dialect.__name__)
def test_our_own_sources_pass(dialect: type[Dialect], tmp_path: Path) -> None:
    with reading(dialect, tmp_path) as reader:
        reader.world.add(3 * reader.hostile.dialect.page)
        reader.world.pass_time(minutes=1)
        reader.world.reply(2)
        check_source(reader.source(), secret=SECRET)


def with_record(**changes: Any) -> Callable[[Page], Page]:
    return lambda page: replace(page, records=[replace(record, **changes) for record in page.records])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (with_record(created_at=AT.replace(tzinfo=None)), "not in UTC"),
        (with_record(created_at=AT.astimezone(timezone(timedelta(hours=2)))), "not in UTC"),
        (with_record(source_id=""), "empty"),
        (with_record(source_id=12), "no text"),
        (with_record(source="other"), "names the source 'other'"),
        (with_record(text=" "), "says nothing"),
        (with_record(score=11.0), "within 0 and 10"),
        (
            lambda page: replace(page, tombstones=["ticket-0", "ticket-2", "ticket-4"]),
            "brings 'ticket-0' and deletes it",
        ),
        (lambda page: replace(page, tombstones=[""]), "names no id"),
        (lambda page: replace(page, rejects=[Reject(1, "", "x")]), "no reason"),
        (
            lambda page: replace(
                page, records=[*page.records, AccountRecord(source="desk", source_id="ticket-1", name="A")]
            ),
            "share the id",
        ),
    ],
)
def test_what_is_wrong_with_a_page_is_said(change: Callable[[Page], Page], words: str) -> None:
    assert words in faults(Numbers(change=change))


def test_a_state_that_is_no_json_is_found() -> None:
    assert "not plain JSON" in faults(Numbers(position=lambda to: {"to": to, "seen": {to}}))
    assert "not the same" in faults(Numbers(position=lambda to: {"to": to, "pair": (1, 2)}))


def test_a_position_that_is_ahead_of_its_records_is_found() -> None:
    found = faults(Numbers(position=lambda to: {"to": to + 2}))

    assert "goes on from the state of page 1 loses 'ticket-2', 'ticket-3'" in found


def test_ids_that_differ_from_reading_to_reading_are_found() -> None:
    count = iter(range(10_000))

    found = faults(Numbers(change=lambda page: replace(page, records=[a_record(next(count) + 100)])))

    assert "A reading from the start" in found


def test_a_secret_that_shows_is_found() -> None:
    assert "in a page" in faults(Numbers(position=lambda to: {"to": to, "key": "canary"}), secret="canary")

    @dataclass
    class Telling(Numbers):
        key: str = "canary"

    assert "repr" in faults(Telling(), secret="canary")


def test_a_state_that_is_written_into_is_found() -> None:
    class Careless(Numbers):
        def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
            state["to"] = state.get("to", 0)
            state["calls"] = state.get("calls", 0) + 1
            yield from super().fetch(state)

    assert "changes the state" in faults(Careless())


def test_a_sweep_that_forgets_what_is_there_is_found() -> None:
    class Forgetful(Numbers):
        def living(self) -> Iterator[Sequence[str]]:
            yield ["ticket-0"]

        def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
            return source_ids

    found = faults(Forgetful())

    assert "living() leaves out 'ticket-1'" in found and "are_gone() says of 'ticket-0'" in found
