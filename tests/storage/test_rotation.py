"""Every sealed value gets the new key while others write, nothing newer is overwritten, nothing is lost."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import MetaData, insert, select, update

from insights.errors import InsightsError
from insights.storage import rotation as module
from insights.storage import tables
from insights.storage.repository import Repository
from insights.storage.sealed_columns import SEALED_COLUMNS, SealedColumn
from tests.drafts import a_draft, save
from tests.storage.test_upgrade import an_old_row
from tests.stored import KEY, NOW

WRITE_FOR_EVER = """
import sys
from tests.drafts import RECEIVED, a_draft
from insights.storage.repository import Repository
from tests.stored import KEY, NOW
repository = Repository(sys.argv[1], key=KEY)
number = 0
while True:
    number += 1
    repository.credentials.keep(f"login-{number % 7}", f"secret {number}", NOW)
    with repository.writing() as connection:
        draft = a_draft(f"Export {number} hangs.", number=1000 + number)
        repository.feedback.save([draft], connection=connection, received_at=RECEIVED)
    assert repository.credentials.get(f"login-{number % 7}") == f"secret {number}"
    print(number, flush=True)
"""


def silent(*_: object) -> None:
    return


def begun(repository: Repository) -> int:
    with repository.rotation.alone() as connection:
        return repository.rotation.begin(connection, NOW)


def ended(repository: Repository) -> module.Resealed:
    done = repository.rotation.reseal(progress=silent)
    with repository.rotation.alone() as connection:
        repository.rotation.retire(connection, NOW)
    return done


def deleted(repository: Repository) -> None:
    with repository.rotation.alone() as connection:
        repository.rotation.delete(connection, repository.rotation.due(NOW, timedelta(0)))


def logins(repository: Repository, count: int) -> dict[str, str]:
    kept = {f"login-{number:03}": f"secret {number}" for number in range(count)}
    for name, secret in kept.items():
        repository.credentials.keep(name, secret, NOW)
    return kept


def in_every_column(repository: Repository) -> None:
    """One row in every table, its sealed values the names of their columns."""
    plain = MetaData()
    with repository.writing() as connection:
        plain.reflect(connection)
        for table in plain.sorted_tables:
            if table.name not in ("alembic_version", "meta", "data_key"):
                row = an_old_row(table)
                key = [row[column.name] for column in table.primary_key.columns]
                own = [one for one in SEALED_COLUMNS if one.table.name == table.name]
                connection.execute(
                    insert(table).values(row | {one.column.name: sealed(repository, one, key) for one in own})
                )


def sealed(repository: Repository, column: SealedColumn, key: Sequence[Any]) -> bytes:
    return repository._database.cipher.seal(column.name, column=column.name, row=column.row_of(key))


def bytes_of(repository: Repository) -> dict[tuple[Any, ...], bytes]:
    """Every sealed value by its column and row."""
    with repository.writing() as connection:
        return {
            (one.name, *row[:-1]): row[-1]
            for one in SEALED_COLUMNS
            for row in connection.execute(select(*one.table.primary_key.columns, one.column))
            if row[-1] is not None
        }


def test_the_values_of_every_sealed_column_get_the_new_key_and_say_the_same(repository: Repository) -> None:
    in_every_column(repository)
    before = bytes_of(repository)

    begun(repository)
    waiting = repository.rotation.waiting()
    done = ended(repository)
    deleted(repository)

    after = bytes_of(repository)
    assert len(before) == waiting == len(SEALED_COLUMNS)
    assert done == module.Resealed(values=len(SEALED_COLUMNS) + 1)  # and what the key is checked by
    assert before.keys() == after.keys()
    assert [place for place in before if before[place] == after[place]] == []
    cipher = repository._database.cipher
    for one in SEALED_COLUMNS:
        [key] = [place[1:] for place in after if place[0] == one.name]
        assert cipher.open(after[(one.name, *key)], column=one.name, row=one.row_of(key)) == one.name


def test_an_erasure_that_is_under_way_can_go_on_after_a_rotation(repository: Repository, database_url: str) -> None:
    repository.erasures.keep({"step": "begun"})

    begun(repository)
    ended(repository)
    deleted(repository)

    again = Repository(database_url, key=KEY)
    assert again.erasures.under_way() == {"step": "begun"}
    again.close()


def test_after_the_former_key_is_deleted_a_copy_from_before_does_not_open(repository: Repository) -> None:
    repository.credentials.keep("zendesk", "secret", NOW)
    before = bytes_of(repository)["credential.sealed", "zendesk"]
    cipher = repository._database.cipher

    begun(repository)
    ended(repository)
    assert cipher.open(before, column="credential.sealed", row="zendesk") == "secret"
    deleted(repository)

    with pytest.raises(InsightsError, match="cannot be decrypted"):
        cipher.open(before, column="credential.sealed", row="zendesk")
    assert repository.credentials.get("zendesk") == "secret"


def test_the_key_in_use_is_never_deleted(repository: Repository) -> None:
    repository.credentials.keep("zendesk", "secret", NOW)
    keys = repository.rotation.keys()

    with repository.rotation.alone() as connection:
        repository.rotation.delete(connection, [key.id for key in keys.columns])

    assert repository.rotation.keys() == keys
    assert repository.credentials.get("zendesk") == "secret"


def test_a_value_that_was_written_meanwhile_is_not_overwritten(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody writes between the moment when a value is read and the one when it would be replaced."""
    kept = logins(repository, 3)
    begun(repository)
    free = module._free

    def written_meanwhile(connection: Any, column: SealedColumn, keys: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        if column.name == "credential.sealed":
            seal = repository._database.cipher.seal
            newer = seal("newer", column="credential.sealed", row="login-001")
            own = tables.credential.c.name == "login-001"
            connection.execute(update(tables.credential).where(own).values(sealed=newer))
        return free(connection, column, keys)

    monkeypatch.setattr(module, "_free", written_meanwhile)
    ended(repository)

    now = {name: repository.credentials.get(name) for name in kept}
    assert now == {**kept, "login-001": "newer"}


def test_a_rotation_that_stopped_goes_on_where_it_was(
    repository: Repository, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = logins(repository, 30)
    number = begun(repository)
    monkeypatch.setattr(module, "_BATCH", 10)
    batches = 0

    def stopped(*_: object) -> None:
        nonlocal batches
        batches += 1
        if batches == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        repository.rotation.reseal(progress=stopped)

    again = Repository(database_url, key=KEY)
    assert again.rotation.keys().is_under_way
    assert begun(again) == number
    assert again.rotation.waiting() == 10
    seen: list[int] = []
    again.rotation.reseal(progress=lambda _, done, __: seen.append(done))
    assert seen[0] == 30
    assert again.rotation.waiting() == 0
    assert {name: again.credentials.get(name) for name in kept} == kept
    again.close()


def test_what_is_damaged_stays_as_it_was_and_is_told(repository: Repository) -> None:
    logins(repository, 3)
    with repository.writing() as connection:
        own = tables.credential.c.name == "login-001"
        connection.execute(update(tables.credential).where(own).values(sealed=b"\x00" * 40))

    begun(repository)
    done = ended(repository)

    assert done.unreadable == 1
    assert bytes_of(repository)["credential.sealed", "login-001"] == b"\x00" * 40
    assert repository.credentials.get("login-002") == "secret 2"


@pytest.mark.parametrize("when", ["before", "after"])
def test_swapped_rows_are_refused_before_and_after_a_rotation(repository: Repository, when: str) -> None:
    """A rotation does not make a moved value one of its new place."""
    logins(repository, 2)
    if when == "after":
        begun(repository)
        ended(repository)
    values = bytes_of(repository)
    with repository.writing() as connection:
        for name, other in (("login-000", "login-001"), ("login-001", "login-000")):
            own = tables.credential.c.name == name
            moved = values["credential.sealed", other]
            connection.execute(update(tables.credential).where(own).values(sealed=moved))
    if when == "before":
        begun(repository)
        assert ended(repository).unreadable == 2

    for name in ("login-000", "login-001"):
        with pytest.raises(InsightsError, match=f"Row {name} of credential.sealed cannot be decrypted"):
            repository.credentials.get(name)


def test_another_process_writes_all_the_while_and_nothing_is_lost(repository: Repository, database_url: str) -> None:
    save(repository, *[a_draft(f"Before {number}.", number=number) for number in range(600)])
    process = subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, database_url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert int(process.stdout.readline()) == 1
        for _ in range(3):
            begun(repository)
            ended(repository)
        written = int(process.stdout.readline())
        while written < 12:
            written = int(process.stdout.readline())
    finally:
        process.kill()
        rest, _ = process.communicate()
    acknowledged = max([written, *map(int, rest.split())])

    assert process.returncode == -9, "the writer failed by itself"
    repository.rotation.reseal(progress=silent)
    assert repository.rotation.waiting() == 0
    deleted(repository)
    texts = {item.text for item in repository.feedback.unprotected(100_000)}
    wanted = {f"Before {n}." for n in range(600)} | {f"Export {n} hangs." for n in range(1, acknowledged + 1)}
    assert wanted - texts == set()
    assert all(repository.credentials.get(name) for name in repository.credentials.names())
    assert len(repository.rotation.keys().columns) == 1
