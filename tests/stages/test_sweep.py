"""What a source no longer has is removed here, each item asked for once more; a lost permission removes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from insights.domain.customers import AccountRecord, DealRecord, DealStage
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import InsightsError
from insights.ports import Page, Record
from insights.stages.collect import collect
from insights.stages.sweep import FEW, sweep
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.fakes import ListSource, quiet
from tests.stored import KEY, NOW


@dataclass
class Shelf:
    """`there` is listed; of the others those in `hidden` are there all the same. Every question by id is kept."""

    there: set[str]
    hidden: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def living(self) -> Iterator[Sequence[str]]:
        yield sorted(self.there)[:2]
        yield sorted(self.there)[2:]

    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        self.asked += source_ids
        return [one for one in source_ids if one not in self.hidden]


class TicketsAlone(Shelf):
    def is_covered(self, source_id: str) -> bool:
        return source_id.startswith("T")


class Broken(Shelf):
    def living(self) -> Iterator[Sequence[str]]:
        yield ["T000"]
        raise KeyError("canary-5d0c")


class BrokenLater(Shelf):
    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        raise TypeError("canary-5d0c")


def ticket(number: int, source: str = "desk") -> FeedbackRecord:
    return FeedbackRecord(
        source=source, source_id=f"T{number:03}", kind=FeedbackKind.TICKET, text=f"It stops {number}."
    )


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    yield opened
    opened.close()


def keep(repository: Repository, folder: Path, *records: Record) -> None:
    collect(
        ListSource([Page(records)]), repository=repository, rejects_folder=folder, now=NOW, progress=quiet, full=True
    )


def swept(repository: Repository, shelf: Shelf, *, is_expected: bool = False) -> int:
    return sweep(shelf, name="desk", repository=repository, progress=quiet, is_expected=is_expected).removed


def test_what_is_not_listed_and_not_there_goes_and_the_rest_stays(repository: Repository, tmp_path: Path) -> None:
    keep(repository, tmp_path, *map(ticket, range(5)), ticket(9, "other"))
    shelf = Shelf({"T000", "T002", "T003", "T777"}, hidden={"T004"})

    told: list[tuple[int, int]] = []
    found = sweep(shelf, name="desk", repository=repository, progress=lambda _, done, total: told.append((done, total)))

    assert (found.living, found.removed, told) == (4, 1, [(2, 0), (4, 0)])
    assert repository.source_ids("desk") == {"T000", "T002", "T003", "T004"}
    assert repository.source_ids("other") == {"T009"}
    assert sorted(shelf.asked) == ["T001", "T004"]


def test_nothing_is_asked_for_where_nothing_is_missing(repository: Repository, tmp_path: Path) -> None:
    keep(repository, tmp_path, ticket(1))
    shelf = Shelf({"T001"})

    assert swept(repository, shelf) == 0 and shelf.asked == []


@pytest.mark.parametrize(
    ("kept", "missing", "is_refused"), [(21, 20, False), (21, 21, True), (60, 30, False), (60, 31, True)]
)
def test_more_than_half_and_more_than_a_few_are_taken_for_a_lost_permission(
    repository: Repository, tmp_path: Path, kept: int, missing: int, is_refused: bool
) -> None:
    assert FEW == 20
    keep(repository, tmp_path, *map(ticket, range(kept)))
    shelf = Shelf({f"T{number:03}" for number in range(missing, kept)})

    if is_refused:
        with pytest.raises(InsightsError, match=f"{missing} items of {kept}") as caught:
            swept(repository, shelf)
        assert "insights pull desk --sweep --expect-deletions" in caught.value.remedy
        assert len(repository.source_ids("desk")) == kept and shelf.asked == []
    assert swept(repository, shelf, is_expected=True) == missing


def test_items_that_it_cannot_tell_of_stay(repository: Repository, tmp_path: Path) -> None:
    note = FeedbackRecord(source="desk", source_id="note-1", kind=FeedbackKind.NOTE, text="They want exports.")
    keep(repository, tmp_path, ticket(1), ticket(2), note)
    shelf = TicketsAlone({"T001"})

    assert swept(repository, shelf) == 1
    assert repository.source_ids("desk") == {"T001", "note-1"} and shelf.asked == ["T002"]


def test_many_are_asked_for_some_at_a_time(repository: Repository, tmp_path: Path) -> None:
    keep(repository, tmp_path, *map(ticket, range(300)))
    sizes: list[int] = []

    class Counting(Shelf):
        def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
            sizes.append(len(source_ids))
            return super().are_gone(source_ids)

    assert swept(repository, Counting({f"T{number:03}" for number in range(120, 300)})) == 120
    assert sizes == [50, 50, 20]


def test_a_source_that_says_more_is_gone_than_it_was_asked_of_removes_no_more(
    repository: Repository, tmp_path: Path
) -> None:
    class Talkative(Shelf):
        def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
            return [*source_ids, "T001"]

    keep(repository, tmp_path, ticket(1), ticket(2))

    assert swept(repository, Talkative({"T001"})) == 1
    assert repository.source_ids("desk") == {"T001"}


@pytest.mark.parametrize("shelf", [Broken(set()), BrokenLater(set())])
def test_a_defect_of_the_source_is_told_without_its_words_and_removes_nothing(
    repository: Repository, tmp_path: Path, shelf: Shelf
) -> None:
    keep(repository, tmp_path, *map(ticket, range(3)))

    with pytest.raises(InsightsError, match=r"desk has a defect: \w+Error in test_sweep.py") as caught:
        swept(repository, shelf)
    assert "canary" not in f"{caught.value.message}{caught.value.remedy}"
    assert len(repository.source_ids("desk")) == 3


def test_a_deal_that_is_gone_goes_and_an_account_that_is_gone_pays_nothing(
    repository: Repository, tmp_path: Path
) -> None:
    account = AccountRecord(source="desk", source_id="company-1", name="Acme", annual_revenue=5000.0)
    deal = DealRecord(source="desk", source_id="deal-1", name="Renewal", stage=DealStage.OPEN, account="company-1")
    keep(repository, tmp_path, account, deal)

    assert swept(repository, Shelf(set())) == 2
    assert repository.customers.deals() == []
    assert [one.annual_revenue for one in repository.customers.accounts()] == [None]
    assert swept(repository, Shelf(set())) == 0
