"""Logins are kept sealed, one for each name, and a row that was moved to another name is no login."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from insights.errors import InsightsError
from insights.storage.repository import Repository
from tests.stored import KEY

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SECRET = "canary-8e21 \u00e9\nsecond line"


@pytest.fixture
def repository(database_url: str) -> Iterator[Repository]:
    opened = Repository(database_url, key=KEY)
    yield opened
    opened.close()


def test_a_login_is_kept_until_another_takes_its_place_or_it_is_forgotten(repository: Repository) -> None:
    logins = repository.credentials
    assert logins.get("desk") is None and logins.names() == frozenset()

    logins.keep("desk", "first", NOW)
    logins.keep("other", "x", NOW)
    logins.keep("desk", SECRET, NOW + timedelta(days=1))
    assert (logins.get("desk"), logins.names()) == (SECRET, frozenset({"desk", "other"}))

    assert logins.forget("desk") and not logins.forget("desk")
    assert logins.get("desk") is None and logins.get("other") == "x"


def test_the_database_holds_it_sealed_for_its_name_alone(repository: Repository, database_url: str) -> None:
    repository.credentials.keep("desk", SECRET, NOW)
    repository.credentials.keep("evil", "x", NOW)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        [row] = connection.execute(text("SELECT * FROM credential WHERE name = 'desk'")).all()
        assert "canary" not in f"{row}" and b"canary" not in bytes(row.sealed)
        moved = text("UPDATE credential SET sealed = (SELECT sealed FROM credential WHERE name = 'desk')")
        connection.execute(moved)
    engine.dispose()

    with pytest.raises(InsightsError) as caught:
        repository.credentials.get("evil")
    assert "canary" not in f"{caught.value.message}{caught.value.remedy}"
    assert repository.credentials.get("desk") == SECRET


def test_another_key_opens_none(repository: Repository, database_url: str) -> None:
    repository.credentials.keep("desk", SECRET, NOW)

    with pytest.raises(InsightsError):
        Repository(database_url, key=bytes(32)).credentials.get("desk")
