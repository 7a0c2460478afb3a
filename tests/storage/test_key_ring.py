"""Data keys are kept wrapped in the database; a program that runs follows when they are changed."""

import base64
import json
import time
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from insights.errors import InsightsError
from insights.storage import tables
from insights.storage.database import Database
from insights.storage.encryption import Cipher, Ring, fingerprint_of
from insights.storage.repository import Repository
from tests.drafts import a_draft, save
from tests.stored import KEY, NOW

OTHER = bytes(range(1, 33))


def as_before_data_keys(repository: Repository) -> None:
    """The database as a version left it that derived everything from the workspace's key."""
    with repository._database.write() as connection:
        connection.execute(delete(tables.data_key))
        connection.execute(delete(tables.meta).where(tables.meta.c.key.like("keys.%")))
        check = Cipher(KEY).seal("insights", column="meta.value", row="key").hex()
        connection.execute(update(tables.meta).where(tables.meta.c.key == "key_check").values(value=check))


def rotated(repository: Repository, key: bytes | None = None) -> None:
    rotation = repository.rotation
    with rotation.alone() as connection:
        if key is not None:
            rotation.rewrap(connection, key)
        rotation.begin(connection, NOW)


def retired_and_deleted(repository: Repository) -> None:
    rotation = repository.rotation
    rotation.reseal(progress=lambda *_: None)
    with rotation.alone() as connection:
        rotation.retire(connection, NOW)
    with rotation.alone() as connection:
        rotation.delete(connection, [key.id for key in rotation.keys().retired])


def test_an_existing_workspace_gets_data_keys_and_no_sealed_value_changes(
    repository: Repository, database_url: str
) -> None:
    save(repository, a_draft("The export hangs.", number=1))
    as_before_data_keys(repository)
    former = Cipher(KEY)
    with repository.writing() as connection:
        number = connection.execute(select(tables.feedback.c.id)).scalar_one()
        sealed = former.seal(json.dumps({"text": "Sealed long ago."}), column="feedback.sealed", row=number)
        connection.execute(update(tables.feedback).values(sealed=sealed))

    upgraded = Repository(database_url, key=KEY)

    with upgraded.writing() as connection:
        assert connection.execute(select(tables.feedback.c.sealed)).scalar_one() == sealed
        purposes = connection.execute(select(tables.data_key.c.purpose).order_by(tables.data_key.c.id)).scalars().all()
    assert purposes == ["digests", "columns"]
    cipher = upgraded._database.cipher
    assert json.loads(cipher.open(sealed, column="feedback.sealed", row=number)) == {"text": "Sealed long ago."}
    assert cipher.digest("ann@acme.example") == former.digest("ann@acme.example")
    assert cipher.pseudonym("ann@acme.example") == former.pseudonym("ann@acme.example")
    upgraded.close()


@pytest.mark.usefixtures("databases_as_shipped")
def test_a_new_workspace_s_data_keys_do_not_follow_from_its_key(tmp_path: Path) -> None:
    one, two = (Repository(f"sqlite:///{tmp_path / name}", key=KEY) for name in ("a.db", "b.db"))

    digests = {one._database.cipher.digest("x"), two._database.cipher.digest("x"), Cipher(KEY).digest("x")}

    assert len(digests) == 3
    one.close()
    two.close()


def test_no_key_stands_plainly_in_the_database(tmp_path: Path) -> None:
    repository = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY)
    rotated(repository)
    repository.close()

    known = [KEY, *Ring.of(KEY).columns, Ring.of(KEY).digests]
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    forms = [form for key in known for form in (key, key.hex().encode(), base64.urlsafe_b64encode(key))]
    assert [form for form in forms if form in content] == []


@pytest.mark.parametrize("change", ["lost", "moved", "damaged", "of two keys"])
def test_data_keys_that_were_tampered_with_are_refused(repository: Repository, database_url: str, change: str) -> None:
    rotated(repository)
    column = tables.data_key.c
    with repository._database.engine.begin() as connection:
        rows = connection.execute(select(column.id, column.wrapped).order_by(column.id)).all()
        if change == "lost":
            connection.execute(delete(tables.data_key).where(column.purpose == "digests"))
        elif change == "moved":
            connection.execute(update(tables.data_key).where(column.id == rows[1].id).values(wrapped=rows[2].wrapped))
        elif change == "damaged":
            connection.execute(update(tables.data_key).where(column.id == rows[0].id).values(wrapped=b"\x00" * 60))
        else:
            connection.execute(update(tables.data_key).where(column.id == rows[0].id).values(wrapped_by="0" * 16))

    with pytest.raises(InsightsError, match="keys in the database are damaged or not its own"):
        Repository(database_url, key=KEY)


def test_a_data_key_of_another_workspace_with_the_same_key_is_refused(
    repository: Repository, database_url: str, tmp_path: Path
) -> None:
    other = Repository(f"sqlite:///{tmp_path / 'other.db'}", key=KEY)
    with other.writing() as connection:
        stolen = connection.execute(select(tables.data_key.c.id, tables.data_key.c.wrapped)).all()
    other.close()
    with repository._database.engine.begin() as connection:
        for row in stolen:
            same = tables.data_key.c.id == row.id
            connection.execute(update(tables.data_key).where(same).values(wrapped=row.wrapped))

    with pytest.raises(InsightsError, match="damaged or not its own"):
        Repository(database_url, key=KEY)


def test_a_wrong_key_is_said_plainly(repository: Repository, database_url: str) -> None:
    for state in ("kept", "as before"):
        if state == "as before":
            as_before_data_keys(repository)
        with pytest.raises(InsightsError, match="The key does not fit this database") as caught:
            Repository(database_url, key=OTHER)
        assert "Nothing was changed" in caught.value.remedy


def test_a_reader_learns_of_a_new_key_where_it_meets_one(repository: Repository, database_url: str) -> None:
    reader = Repository(database_url, key=KEY)
    rotated(repository)
    repository.credentials.keep("zendesk", "secret", NOW)

    assert reader.credentials.get("zendesk") == "secret"
    reader.close()


def test_a_writer_seals_with_the_newest_key_from_the_begin_of_its_transaction_on(
    repository: Repository, database_url: str
) -> None:
    writer = Repository(database_url, key=KEY)
    rotated(repository)

    with writer.writing():
        sealed = writer._database.cipher.seal("x", column="t.c", row=1)

    assert repository._database.cipher.is_newest(sealed, column="t.c", row=1)
    writer.close()


def test_a_program_that_was_idle_for_long_seals_nothing_with_a_key_that_is_gone(
    repository: Repository, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = Repository(database_url, key=KEY)
    rotated(repository)
    retired_and_deleted(repository)
    later = time.time() + 3 * 24 * 3600
    monkeypatch.setattr("insights.storage.encryption.time.time", lambda: later)

    idle.credentials.keep("zendesk", "sealed before its transaction begins", NOW)

    assert repository.credentials.get("zendesk") == "sealed before its transaction begins"
    idle.close()


def test_a_running_program_finds_the_workspace_s_new_key(repository: Repository, database_url: str) -> None:
    asked: list[str] = []

    def others(fingerprint: str) -> list[bytes]:
        asked.append(fingerprint)
        return [KEY, OTHER]

    running, lost = Repository(database_url, key=KEY, other_keys=others), Repository(database_url, key=KEY)
    rotated(repository, OTHER)
    repository.credentials.keep("zendesk", "secret", NOW)

    assert running.credentials.get("zendesk") == "secret"
    assert asked == [fingerprint_of(OTHER)]
    with pytest.raises(InsightsError, match="key does not fit"):
        lost.credentials.get("zendesk")
    Repository(database_url, key=OTHER).close()
    running.close()
    lost.close()


def test_a_value_that_nothing_opens_is_refused_as_before(repository: Repository) -> None:
    repository.credentials.keep("zendesk", "secret", NOW)
    with repository.writing() as connection:
        connection.execute(update(tables.credential).values(sealed=b"\x00" * 40))

    with pytest.raises(InsightsError, match=r"Row zendesk of credential.sealed cannot be decrypted"):
        repository.credentials.get("zendesk")


def test_two_programs_that_give_a_database_its_first_keys_agree_on_them(database_url: str) -> None:
    first, second = Database(database_url, Cipher(KEY)), Database(database_url, Cipher(KEY))
    first.prepare()

    second.keys._make(Ring.new())  # as where it saw none, before the first one kept them

    assert second.cipher.digest("x") == first.cipher.digest("x")
    first.close()
    second.close()
