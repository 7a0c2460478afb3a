"""What a source delivers is cleaned, matched to its account and saved with the source's state; the refused is kept."""

import csv
import errno
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.customers import AccountRecord, DealRecord, DealStage, DepartureRecord, SubscriptionRecord
from insights.domain.feedback import AccountMatch, Feedback, FeedbackKind, FeedbackRecord
from insights.errors import InsightsError
from insights.ports import Page, Record, Reject
from insights.stages.collect import Collected, collect, rematch
from insights.stages.rejects import keep_rejects
from insights.storage.feedback import Saved
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.fakes import ListSource, quiet
from tests.stored import KEY, NOW

ACME = AccountRecord(source="crm", source_id="A-1", name="Acme GmbH", domain="acme.example")


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    yield opened
    opened.close()


def a_record(text: str = "The export hangs.", *, number: int = 1, **fields: Any) -> FeedbackRecord:
    record = FeedbackRecord(
        source="tickets", source_id=f"T-{number}", kind=FeedbackKind.TICKET, text=text, created_at=NOW
    )
    return replace(record, **fields)


def read(repository: Repository, folder: Path, *pages: Page, now: datetime = NOW, full: bool = False) -> Collected:
    source = ListSource(pages)
    return collect(source, repository=repository, rejects_folder=folder, now=now, progress=quiet, full=full)


def read_records(repository: Repository, folder: Path, *records: Record) -> Collected:
    return read(repository, folder, Page(records))


def items(repository: Repository) -> list[Feedback]:
    return repository.feedback.unprotected(1000)


def test_what_a_source_leaves_out_as_unchanged_is_counted(repository: Repository, tmp_path: Path) -> None:
    told: list[int] = []
    pages = [Page((), unchanged=7), Page([a_record()], unchanged=1)]
    source = ListSource(pages)
    found = collect(
        source,
        repository=repository,
        rejects_folder=tmp_path,
        now=NOW,
        progress=lambda _, done, __: told.append(done),
    )

    assert found.saved == Saved(new=1, unchanged=8)
    assert told == [7, 9]


def test_refused_rows_are_kept_with_line_and_reason(repository: Repository, tmp_path: Path) -> None:
    first = Page([a_record()], rejects=[Reject(3, "no text", "T-3;;")])
    second = Page([], rejects=[Reject(9, "bad date", "=cmd|x"), Reject(10, "no text", 'a,"b"\nc')])

    done = read(repository, tmp_path / "rejects", first, second)

    assert done.rejects_file is not None
    with done.rejects_file.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [
            ["line", "reason", "row"],
            ["3", "no text", "T-3;;"],
            ["9", "bad date", "'=cmd|x"],
            ["10", "no text", 'a,"b"\nc'],
        ]
    assert stat.S_IMODE(done.rejects_file.stat().st_mode) == 0o600
    assert (done.refused, done.reasons, done.saved.new) == (3, ("no text", "bad date"), 1)


def test_the_next_reading_starts_the_rejects_anew(repository: Repository, tmp_path: Path) -> None:
    for line in (1, 2):
        done = read(repository, tmp_path / "rejects", Page([], rejects=[Reject(line, "no text", "x")]))

    assert done.rejects_file is not None
    assert done.rejects_file.read_text().splitlines() == ["line,reason,row", "2,no text,x"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "ünï cödé", ".."])
def test_a_source_s_name_cannot_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    path = keep_rejects(tmp_path / "rejects", source=name, rejects=[Reject(1, "r", "x")], is_first=True)

    assert path is not None
    assert path.parent == tmp_path / "rejects"
    assert [found.name for found in tmp_path.iterdir()] == ["rejects"]


@given(st.text(alphabet=st.characters(codec=None), max_size=30))
def test_any_refused_row_can_be_written(tmp_path_factory: pytest.TempPathFactory, raw: str) -> None:
    path = keep_rejects(tmp_path_factory.mktemp("r"), source="s", rejects=[Reject(1, "r", raw)], is_first=True)

    assert path is not None
    assert path.stat().st_size > len("line,reason,row")


def test_state_and_records_of_a_page_are_saved_together(repository: Repository, tmp_path: Path) -> None:
    class Breaking(ListSource):
        def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
            yield from super().fetch(state)
            raise ConnectionError("gone")

    pages = [Page([a_record(number=n)], state={"page": n}) for n in (1, 2)]
    with pytest.raises(InsightsError, match="ConnectionError"):
        collect(Breaking(pages), repository=repository, rejects_folder=tmp_path, now=NOW, progress=quiet)

    assert repository.sources.get("tickets").state == {"page": 2}
    assert [item.source_id for item in items(repository)] == ["T-1", "T-2"]


def test_a_page_that_cannot_be_saved_moves_no_state(repository: Repository, tmp_path: Path) -> None:
    unserialisable = Page([a_record()], state={"page": object()})

    with pytest.raises(TypeError):
        read(repository, tmp_path, unserialisable)

    assert repository.sources.get("tickets").state == {}
    assert items(repository) == []


def test_the_next_reading_goes_on_from_the_state_unless_all_is_wanted(repository: Repository, tmp_path: Path) -> None:
    source = ListSource([Page([a_record()], state={"page": 1})])
    for full in (False, False, True):
        collect(source, repository=repository, rejects_folder=tmp_path, now=NOW, progress=quiet, full=full)

    assert source.asked_from == [{}, {"page": 1}, {}]


def test_reading_twice_changes_nothing(repository: Repository, tmp_path: Path) -> None:
    read_records(repository, tmp_path, a_record(), a_record("Login fails.", number=2))

    again = read_records(repository, tmp_path, a_record(), a_record("Login fails.", number=2))

    assert again.saved == Saved(unchanged=2)


def test_an_item_without_a_date_keeps_that_of_its_first_reading(repository: Repository, tmp_path: Path) -> None:
    page = Page([a_record(created_at=None)])
    read(repository, tmp_path, page)

    again = read(repository, tmp_path, page, now=NOW + timedelta(days=1))

    assert again.saved == Saved(unchanged=1)
    assert items(repository)[0].created_at == NOW


def test_an_item_that_a_page_brings_twice_is_kept_once_with_its_later_words(
    repository: Repository, tmp_path: Path
) -> None:
    done = read_records(repository, tmp_path, a_record("old"), a_record("new"))

    assert done.saved == Saved(new=1, unchanged=1)
    assert [item.text for item in items(repository)] == ["new"]


def test_what_is_gone_at_the_source_goes_here(repository: Repository, tmp_path: Path) -> None:
    read_records(repository, tmp_path, a_record(number=1), a_record(number=2))

    done = read(repository, tmp_path, Page([], tombstones=["T-1", "T-7"]))

    assert done.removed == 1
    assert [item.source_id for item in items(repository)] == ["T-2"]


def test_text_is_cleaned_and_quoted_replies_are_not_analysed(repository: Repository, tmp_path: Path) -> None:
    text = "\x1b[31mThe export hangs.\x00\n\nOn Monday Ada wrote:\n> What hangs?\n"

    read_records(repository, tmp_path, a_record(text, subject="Export\u202e hangs"))

    [item] = items(repository)
    assert "\x1b" not in item.text + item.body
    assert item.text.startswith("Export hangs\n\nThe export hangs.")
    assert "What hangs?" in item.text
    assert "What hangs?" not in item.body


def test_items_find_accounts_that_came_earlier_in_the_same_reading(repository: Repository, tmp_path: Path) -> None:
    read(repository, tmp_path, Page([ACME]), Page([a_record(author_email="ada@acme.example")]))

    assert [(i.account_id, i.account_match) for i in items(repository)] == [(1, AccountMatch.DOMAIN)]


def test_items_find_accounts_that_came_later(repository: Repository, tmp_path: Path) -> None:
    read_records(
        repository,
        tmp_path,
        a_record(account="Acme"),
        a_record(number=2, author_email="ada@acme.example"),
        a_record(number=3, account="Gamma"),
    )
    assert rematch(repository) == 0
    read_records(repository, tmp_path, ACME)

    assert rematch(repository) == 2
    assert rematch(repository) == 0

    assert [i.account_match for i in items(repository)] == [
        AccountMatch.NAME_LIKE,
        AccountMatch.DOMAIN,
        AccountMatch.NONE,
    ]


def test_a_deal_belongs_to_an_account_only_where_that_is_certain(repository: Repository, tmp_path: Path) -> None:
    deal = DealRecord(source="crm", source_id="D-1", stage=DealStage.OPEN, amount=1e4, account="A-1")
    read_records(repository, tmp_path, ACME)

    read_records(
        repository,
        tmp_path,
        deal,
        replace(deal, source_id="D-2", account="ACME GMBH"),
        replace(deal, source_id="D-3", account="Acme"),
        replace(deal, source_id="D-4", account=None),
    )

    assert [found.account_id for found in repository.customers.deals()] == [1, 1, None, None]


def test_deals_find_accounts_that_came_later(repository: Repository, tmp_path: Path) -> None:
    deal = DealRecord(source="crm", source_id="D-1", stage=DealStage.OPEN, amount=1e4, account="A-1")
    read_records(repository, tmp_path, deal)
    read_records(repository, tmp_path, ACME)

    rematch(repository)

    assert [found.account_id for found in repository.customers.deals()] == [1]


SEATS = SubscriptionRecord(source="crm", source_id="S-1", annual_revenue=1e3, account="A-1")
GONE = DepartureRecord(source="crm", source_id="C-1", left_on=date(2026, 10, 1), account="A-1")


def test_a_contract_belongs_to_an_account_only_where_that_is_certain(repository: Repository, tmp_path: Path) -> None:
    read_records(repository, tmp_path, ACME)

    for hint, number in (("A-1", 1), ("77\nACME GMBH", 2), ("Acme", 3), (None, 4)):
        subscription = replace(SEATS, source_id=f"S-{number}", account=hint)
        read_records(repository, tmp_path, subscription, replace(GONE, source_id=f"C-{number}", account=hint))

    assert [one.account_id for one in repository.subscriptions.subscriptions()] == [1, 1, None, None]
    assert [one.account_id for one in repository.subscriptions.departures()] == [1, 1, None, None]


def test_contracts_find_accounts_that_came_later(repository: Repository, tmp_path: Path) -> None:
    read_records(repository, tmp_path, SEATS, GONE, replace(SEATS, source_id="S-2", account="Acme"))
    read_records(repository, tmp_path, ACME)

    rematch(repository)

    assert [one.account_id for one in repository.subscriptions.subscriptions()] == [1, None]
    assert [one.account_id for one in repository.subscriptions.departures()] == [1]
    assert [(one.annual_revenue, one.left_on) for one in repository.customers.accounts()] == [(1e3, date(2026, 10, 1))]


def test_a_second_reading_of_contracts_changes_nothing(repository: Repository, tmp_path: Path) -> None:
    read_records(repository, tmp_path, ACME)

    for _ in range(2):
        done = read_records(repository, tmp_path, SEATS, GONE)

    assert done.saved == Saved(unchanged=2)


def test_the_reason_of_a_departure_is_cleaned(repository: Repository, tmp_path: Path) -> None:
    read_records(repository, tmp_path, replace(GONE, reason="Too\x1b[2J dear\u202e"))

    assert [one.reason for one in repository.subscriptions.departures()] == ["Too dear"]


def test_an_item_is_matched_by_its_account_s_name_where_the_id_is_unknown(
    repository: Repository, tmp_path: Path
) -> None:
    read_records(repository, tmp_path, ACME, a_record(account="1000\n Acme\x07 GmbH"))

    item = items(repository)[0]
    assert (item.account_match, item.account_hint) == (AccountMatch.NONE, "1000\nAcme GmbH")
    assert rematch(repository) == 1
    assert items(repository)[0].account_match is AccountMatch.NAME


def test_account_names_are_cleaned(repository: Repository, tmp_path: Path) -> None:
    read_records(repository, tmp_path, replace(ACME, name=" Acme\x1b[2J\n GmbH ", plan="Pro\x07"))

    [account] = repository.customers.accounts()
    assert (account.name, account.plan) == ("Acme GmbH", "Pro")


def test_times_become_utc(repository: Repository, tmp_path: Path) -> None:
    from datetime import timezone

    written = datetime(2026, 11, 2, 1, 0, tzinfo=timezone(timedelta(hours=2)))

    read_records(repository, tmp_path, a_record(created_at=written))

    assert items(repository)[0].created_at == datetime(2026, 11, 1, 23, 0, tzinfo=UTC)


def told(repository: Repository, folder: Path, *pages: Page) -> list[tuple[int, int]]:
    """(done, total) after each page."""
    found: list[tuple[int, int]] = []
    collect(
        ListSource(pages),
        repository=repository,
        rejects_folder=folder,
        now=NOW,
        progress=lambda _, done, total: found.append((done, total)),
    )
    return found


def test_progress_counts_all_rows_towards_what_its_list_will_bring(repository: Repository, tmp_path: Path) -> None:
    pages = [
        Page([a_record(number=1), a_record(number=1)], total=5),
        Page([], rejects=[Reject(1, "no", "x")], tombstones=["T-9"], total=5),
        Page([a_record(number=2)], total=4),
    ]

    assert told(repository, tmp_path, *pages) == [(2, 5), (4, 5), (5, 5)]


def test_progress_over_several_lists_adds_them_up(repository: Repository, tmp_path: Path) -> None:
    tickets = [Page([a_record(number=number)], total=2, stream="tickets") for number in (1, 2)]
    notes = [Page([a_record(number=number)], total=3, stream="notes") for number in (3, 4, 5)]

    assert told(repository, tmp_path, *tickets, *notes) == [(1, 2), (2, 2), (3, 5), (4, 5), (5, 5)]


def test_progress_claims_no_end_where_a_list_does_not_say_it(repository: Repository, tmp_path: Path) -> None:
    tickets = [Page([a_record(number=number)], stream="tickets") for number in (1, 2)]
    notes = [Page([a_record(number=3)], total=3, stream="notes")]

    assert told(repository, tmp_path, *tickets, *notes) == [(1, 0), (2, 0), (3, 5)]


def test_accounts_are_not_read_anew_after_every_page_of_them(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings: list[int] = []
    given_ = type(repository.customers).delivered_accounts

    def counted(store: Any) -> Any:
        readings.append(1)
        return given_(store)

    monkeypatch.setattr(type(repository.customers), "delivered_accounts", counted)
    accounts = [Page([replace(ACME, source_id=f"A-{number}")]) for number in range(20)]

    read(repository, tmp_path, *accounts, Page([a_record(account="A-7")]), Page([a_record(number=2, account="A-19")]))

    assert len(readings) == 2
    assert [item.account_match for item in items(repository)] == [AccountMatch.ID] * 2


@pytest.mark.parametrize("error", [KeyError("canary"), TypeError("canary"), OSError("canary")])
def test_a_defect_of_a_source_is_told_by_its_place_and_noted_and_what_came_before_is_kept(
    repository: Repository, tmp_path: Path, error: Exception
) -> None:
    class Breaking(ListSource):
        def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
            yield from super().fetch(state)
            raise error

    with pytest.raises(InsightsError, match=rf"has a defect: {type(error).__name__} in test_collect.py, line \d+"):
        collect(
            Breaking([Page([a_record()], state={"at": 1})]),
            repository=repository,
            rejects_folder=tmp_path,
            now=NOW,
            progress=quiet,
        )

    [known] = repository.sources.all()
    assert known.state == {"at": 1} and known.read_at is None
    assert "defect" in (known.error or "") and "canary" not in f"{known.error}{known.remedy}"
    assert len(items(repository)) == 1


@pytest.mark.parametrize("source_id", ["a\ud800", "a\x00b", "x" * 201, "", 5])
def test_a_record_whose_id_no_database_keeps_is_refused_and_the_rest_of_its_page_comes(
    repository: Repository, tmp_path: Path, source_id: Any
) -> None:
    deal = DealRecord(source="tickets", source_id=source_id, stage=DealStage.OPEN)
    done = read(repository, tmp_path, Page([a_record(source_id=source_id), a_record(number=2), deal], state={"at": 1}))

    assert (done.saved.new, done.refused, done.reasons) == (1, 2, ("Its id cannot be kept.",))
    assert [item.source_id for item in items(repository)] == ["T-2"]
    assert read(repository, tmp_path, Page([], tombstones=[source_id, "T-2"])).removed == 1


def test_half_letters_and_control_characters_end_no_reading(repository: Repository, tmp_path: Path) -> None:
    bad = "x\ud800\x00\x1b[31m"
    read_records(
        repository,
        tmp_path,
        replace(ACME, name=bad, domain=bad * 99, segment=bad * 99, plan=bad, region=bad),
        DealRecord(source="crm", source_id="D", stage=DealStage.LOST, name=bad, reason_lost=bad, account=bad),
        SubscriptionRecord(source="crm", source_id="S", account=f"{bad}\nAcme"),
        DepartureRecord(source="crm", source_id="L", account=bad, reason=bad),
        a_record(bad, subject=bad, author_name=bad, author_email=bad, account=bad, url=bad),
    )

    [account] = repository.customers.accounts()
    [deal] = repository.customers.deals()
    kept = f"{account.name}{account.segment}{account.domain}{deal.name}{deal.reason_lost}{items(repository)[0].text}"
    assert not {"\ud800", "\x00", "\x1b"} & set(kept)
    assert len(account.segment or "") <= 120 and len(account.domain or "") <= 255


def test_a_full_disk_is_no_defect_of_the_source(repository: Repository, tmp_path: Path) -> None:
    class Filling(ListSource):
        def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        collect(Filling([]), repository=repository, rejects_folder=tmp_path, now=NOW, progress=quiet)


def test_a_reading_in_two_parts_counts_and_keeps_what_the_first_part_refused(
    repository: Repository, tmp_path: Path
) -> None:
    how: dict[str, Any] = {"repository": repository, "rejects_folder": tmp_path, "now": NOW, "progress": quiet}
    first = collect(ListSource([Page([a_record()], rejects=[Reject(1, "no text", "a")])]), **how)

    both = collect(ListSource([Page([a_record(number=2)], rejects=[Reject(2, "no id", "b")])]), before=first, **how)

    assert (both.saved.new, both.refused, both.reasons) == (2, 2, ("no text", "no id"))
    assert both.rejects_file is not None and len(both.rejects_file.read_text().splitlines()) == 3
