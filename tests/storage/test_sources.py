"""How far a source was read, when, and what went wrong: each is written without touching the others."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from insights.domain.customers import AccountRecord, DealRecord, DealStage
from insights.storage.repository import Repository
from insights.storage.runs import SourceState
from tests.stored import KEY

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def repository(database_url: str) -> Iterator[Repository]:
    opened = Repository(database_url, key=KEY)
    yield opened
    opened.close()


def test_of_a_source_that_was_never_read_nothing_is_known(repository: Repository) -> None:
    assert repository.sources.get("desk") == SourceState(source="desk", state={})
    assert repository.sources.all() == []


def test_a_failure_leaves_how_far_it_was_read_and_a_reading_takes_the_failure_away(repository: Repository) -> None:
    sources = repository.sources
    with repository.writing() as connection:
        sources.put_state("desk", {"read_to": "x", "w": ["\u00e4 \ud800"]}, connection=connection)
    sources.note_read("desk", NOW)
    sources.note_swept("desk", NOW)
    sources.note_failed("desk", LATER, error="away", remedy="Wait.", needs_login=True)
    failed = sources.get("desk")

    assert failed == SourceState(
        source="desk",
        state={"read_to": "x", "w": ["\u00e4 \ud800"]},
        read_at=NOW,
        error="away",
        remedy="Wait.",
        failed_at=LATER,
        needs_login=True,
        swept_at=NOW,
    )
    with repository.writing() as connection:
        sources.put_state("desk", {"read_to": "y"}, connection=connection)
    assert sources.get("desk").error == "away" and sources.get("desk").swept_at == NOW

    sources.note_read("desk", LATER)
    assert sources.get("desk") == SourceState(source="desk", state={"read_to": "y"}, read_at=LATER, swept_at=NOW)


def test_the_first_that_is_known_of_a_source_may_be_its_failure(repository: Repository) -> None:
    repository.sources.note_failed("desk", NOW, error="no login")

    [known] = repository.sources.all()
    assert (known.state, known.read_at, known.error, known.needs_login) == ({}, None, "no login", False)


def test_a_login_takes_away_that_one_was_wanting_and_no_other_failure(repository: Repository) -> None:
    sources = repository.sources
    sources.note_failed("desk", NOW, error="refused", remedy="Log in.", needs_login=True)
    sources.note_failed("chat", NOW, error="away")
    for name in ("desk", "chat", "never read"):
        sources.note_login(name)

    assert sources.get("desk") == SourceState(source="desk", state={})
    assert sources.get("chat").error == "away"
    assert [known.source for known in sources.all()] == ["chat", "desk"]


def test_a_state_is_not_written_where_its_page_is_not(repository: Repository) -> None:
    def save() -> None:
        with repository.writing() as connection:
            repository.sources.put_state("desk", {"at": 1}, connection=connection)
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk"):
        save()
    assert repository.sources.all() == []


def test_what_is_gone_at_one_source_stays_at_another(repository: Repository) -> None:
    with repository.writing() as connection:
        for source in ("crm", "other"):
            deal = DealRecord(source=source, source_id="d1", stage=DealStage.OPEN, name="Renewal")
            account = AccountRecord(source=source, source_id="a1", name="Acme", annual_revenue=5.0)
            repository.customers.save_deals([deal], accounts={}, connection=connection)
            repository.customers.save_accounts([account], connection=connection)
    assert repository.source_ids("crm") == {"d1", "a1"}

    with repository.writing() as connection:
        removed = repository.remove("crm", ["d1", "a1", "unknown"], connection=connection)
        again = repository.remove("crm", ["d1", "a1"], connection=connection)

    assert (removed, again) == (2, 0)
    assert repository.source_ids("crm") == set() and repository.source_ids("other") == {"d1", "a1"}
