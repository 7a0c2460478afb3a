"""What a session looked like is kept for each person, and no word of it lies open."""

from datetime import timedelta

from insights.storage.database import Database
from insights.storage.encryption import Cipher
from insights.storage.repository import Repository
from tests.stored import KEY, NOW


def test_before_the_first_session_there_is_none(repository: Repository) -> None:
    assert repository.sessions.get("ada") is None


def test_the_last_session_of_each_person_is_kept(repository: Repository) -> None:
    repository.sessions.save("ada", {"screen": "board"}, NOW)
    repository.sessions.save("bob", {"screen": "runs"}, NOW)
    repository.sessions.save("ada", {"screen": "inbox", "filter": "Zoë", "cursor": 12}, NOW + timedelta(days=1))

    assert repository.sessions.get("ada") == {"screen": "inbox", "filter": "Zoë", "cursor": 12}
    assert repository.sessions.get("bob") == {"screen": "runs"}


def test_a_filter_is_sealed(repository: Repository, database_url: str) -> None:
    repository.sessions.save("ada", {"filter": "Jane Doe"}, NOW)

    database = Database(database_url, Cipher(KEY))
    with database.read() as connection:
        [(sealed,)] = connection.exec_driver_sql("SELECT sealed FROM session").all()
    database.close()
    assert b"Jane" not in bytes(sealed)
