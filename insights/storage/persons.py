"""Who is behind a pseudonym: values by pseudonym, each sealed with the key of its own person.

Redacted copies hold <EMAIL> alone; which <EMAIL> is whose stands beside them, by place. So every reader of a copy reads
the same as without pseudonyms, and an erasure has rows to delete and no text to write anew.
"""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Row, delete, func, insert, select

from insights.errors import InsightsError
from insights.storage import tables
from insights.storage.database import Database, take_ids
from insights.storage.encryption import KEY_BYTES, NONCE_BYTES
from insights.storage.feedback import chunks
from insights.text.personal import normal

WRAPPED = "person.wrapped"
_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A pseudonym without < and >, such as EMAIL_7KQ2M4XA; what it stands for; whose that is, as `digest_of` says."""

    token: str
    value: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many items name a pseudonym, of how many accounts, in how many problems."""

    token: str
    items: int
    accounts: int
    problems: int


class PersonStore:
    """Each address, name and number is a person of its own here: that a name and an address are one person's is told
    by all items together when somebody asks (`insights.data_rights.whose`), not by the item that came first.

    A person has a random key, wrapped with the workspace's. Once the row is deleted, nobody opens what it sealed, in
    no older copy of the other rows either. Whoever holds the workspace's key can still make the pseudonym of a guess
    and compare: a keyed digest hides a value from others, not from them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def digest_of(self, identity: str) -> str:
        """Of an e-mail address, a name or a number, however it is written (`insights.text.personal.normal`)."""
        return self._cipher.digest(f"person\n{normal(identity)}")

    def pseudonym(self, label: str, value: str) -> str:
        """The eight letters of a normalised value."""
        return self._cipher.pseudonym(f"{label}:{value}")

    # -- learning ---------------------------------------------------------------------------------------------------

    def learn(self, values: Iterable[Known], *, connection: Connection) -> int:
        """Keep those whose pseudonym is new; how many. Part of the caller's transaction."""
        wanted = {one.token: one for one in values}
        for some in chunks(sorted(wanted)):
            query = select(tables.pseudonym.c.token).where(tables.pseudonym.c.token.in_(some))
            for token in connection.execute(query).scalars():
                del wanted[token]
        if not wanted:
            return 0
        keys = self._keys({one.person for one in wanted.values()}, connection)
        rows = []
        for token, one in wanted.items():
            number, key = keys[one.person]
            rows.append({"token": token, "person_id": number, "sealed": _seal(key, one.value, token)})
        connection.execute(insert(tables.pseudonym), rows)
        return len(rows)

    def place(self, places: Mapping[int, Mapping[int, str]], *, connection: Connection) -> None:
        """feedback id -> where in its redacted copy -> pseudonym, instead of what is kept of these items. An item
        without a copy is skipped. Part of the caller's transaction, which learnt them."""
        column, copy = tables.pseudonym_place.c, tables.redaction.c.feedback_id
        present: set[int] = set()
        for some in chunks(sorted(places)):
            connection.execute(delete(tables.pseudonym_place).where(column.feedback_id.in_(some)))
            present |= set(connection.execute(select(copy).where(copy.in_(some))).scalars())
        rows = [
            {"feedback_id": number, "start": start, "token": token}
            for number, of_item in places.items()
            if number in present
            for start, token in of_item.items()
        ]
        if rows:
            connection.execute(insert(tables.pseudonym_place), rows)

    def _keys(self, digests: Collection[str], connection: Connection) -> dict[str, tuple[int, bytes]]:
        """Person -> id and key; who is new gets them."""
        found = self._known_keys(digests, connection)
        new = sorted(set(digests) - set(found))
        if not new:
            return found
        rows = []
        for digest, number in zip(new, take_ids(connection, "person", count=len(new)), strict=True):
            key = os.urandom(KEY_BYTES)
            found[digest] = (number, key)
            wrapped = self._cipher.seal_bytes(key, column=WRAPPED, row=number)
            rows.append({"id": number, "digest": digest, "wrapped": wrapped})
        connection.execute(insert(tables.person), rows)
        return found

    def _known_keys(self, digests: Collection[str], connection: Connection) -> dict[str, tuple[int, bytes]]:
        found: dict[str, tuple[int, bytes]] = {}
        for some in chunks(sorted(digests)):
            query = select(tables.person).where(tables.person.c.digest.in_(some))
            for row in connection.execute(query):
                found[row.digest] = (row.id, self._cipher.open_bytes(row.wrapped, column=WRAPPED, row=row.id))
        return found

    # -- turning back -----------------------------------------------------------------------------------------------

    def reveal(self, token: str) -> str | None:
        """What a pseudonym stands for; None where nobody is behind it, or not any more."""
        query = select(tables.person.c.digest).join(tables.pseudonym).where(tables.pseudonym.c.token == token)
        with self._database.read() as connection:
            person = connection.execute(query).scalar()
        return self.values(person).get(token) if person else None

    def tokens(self, person: str) -> set[str]:
        """The pseudonyms of a person."""
        column = tables.pseudonym.c
        query = select(column.token).join(tables.person).where(tables.person.c.digest == person)
        with self._database.read() as connection:
            return set(connection.execute(query).scalars())

    def values(self, person: str) -> dict[str, str]:
        """Pseudonym -> what it stands for, of a person."""
        column = tables.pseudonym.c
        query = select(column.token, column.sealed).join(tables.person).where(tables.person.c.digest == person)
        with self._database.read() as connection:
            keys = self._known_keys([person], connection)
            rows = connection.execute(query).all()
        return {row.token: _open(keys[person][1], row.sealed, row.token) for row in rows}

    def sealed(self, persons: Collection[str]) -> list[bytes]:
        """Whatever is kept sealed of these persons, keys and values, as it stands."""
        person, own = tables.person.c, tables.pseudonym.c
        found: list[bytes] = []
        with self._database.read() as connection:
            for some in chunks(sorted(persons)):
                known = person.digest.in_(some)
                found += connection.execute(select(person.wrapped).where(known)).scalars()
                found += connection.execute(select(own.sealed).join(tables.person).where(known)).scalars()
        return found

    def unopened(self) -> tuple[int, list[str]]:
        """How many pseudonyms open to the value of the person they are of, and those that do not. Memory: a person's
        values."""
        own, opened, closed = tables.pseudonym.c, 0, []
        query = select(own.token, own.sealed, tables.person).select_from(tables.pseudonym).outerjoin(tables.person)
        with self._database.read() as connection:
            for row in connection.execution_options(stream_results=True).execute(query).yield_per(_ROWS):
                if self._is_whole(row):
                    opened += 1
                else:
                    closed.append(row.token)
        return opened, closed

    def _is_whole(self, row: Row[Any]) -> bool:
        try:
            key = self._cipher.open_bytes(row.wrapped, column=WRAPPED, row=row.id)
            return self.digest_of(_open(key, row.sealed, row.token)) == str(row.digest)
        except (InsightsError, ValueError, TypeError):
            return False

    # -- reading with pseudonyms ------------------------------------------------------------------------------------

    def places(self, items: Sequence[int]) -> dict[int, dict[int, str]]:
        """feedback id -> where in its redacted copy -> pseudonym, of the items that have any."""
        column = tables.pseudonym_place.c
        found: dict[int, dict[int, str]] = {}
        with self._database.read() as connection:
            for some in chunks(items):
                for row in connection.execute(select(tables.pseudonym_place).where(column.feedback_id.in_(some))):
                    found.setdefault(row.feedback_id, {})[row.start] = row.token
        return found

    def items_of(self, token: str, *, limit: int) -> list[int]:
        """Ids of items whose copy names it, by id."""
        column = tables.pseudonym_place.c
        query = select(column.feedback_id).where(column.token == token).distinct()
        with self._database.read() as connection:
            return list(connection.execute(query.order_by(column.feedback_id).limit(limit)).scalars())

    def counted(self, *, limit: int) -> list[Counted]:
        """Who is named most first."""
        place = tables.pseudonym_place.c
        items = func.count(place.feedback_id.distinct()).label("items")
        query = (
            select(
                place.token,
                items,
                func.count(tables.feedback.c.account_id.distinct()),
                func.count(tables.mention.c.problem_id.distinct()),
            )
            .select_from(tables.pseudonym_place)
            .join(tables.feedback, tables.feedback.c.id == place.feedback_id)
            .outerjoin(tables.mention, tables.mention.c.feedback_id == place.feedback_id)
            .group_by(place.token)
            .order_by(items.desc(), place.token)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [Counted(token=row[0], items=row[1], accounts=row[2], problems=row[3]) for row in rows]

    # -- forgetting -------------------------------------------------------------------------------------------------

    def forget(self, persons: Collection[str], *, connection: Connection) -> int:
        """Delete these persons with their keys, and what stands nowhere any more: those pseudonyms stand for nobody
        from now on; how many. Part of the caller's transaction."""
        before = _count(connection)
        for some in chunks(sorted(persons)):
            connection.execute(delete(tables.person).where(tables.person.c.digest.in_(some)))
        self.sweep(connection=connection)
        return before - _count(connection)

    def forget_all(self, *, connection: Connection) -> None:
        """For a workspace that wants no pseudonyms. Part of the caller's transaction."""
        connection.execute(delete(tables.person))

    def sweep(self, *, connection: Connection) -> int:
        """Forget pseudonyms that stand in no copy any more; how many. Part of the caller's transaction."""
        column = tables.pseudonym.c
        standing = select(tables.pseudonym_place.c.token).where(tables.pseudonym_place.c.token == column.token)
        gone = connection.execute(delete(tables.pseudonym).where(~standing.exists())).rowcount
        if gone:
            named = select(column.person_id).where(column.person_id == tables.person.c.id)
            connection.execute(delete(tables.person).where(~named.exists()))
        return gone


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(tables.pseudonym)).scalar_one()


def _seal(key: bytes, value: str, token: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, value.encode("utf-8", "surrogatepass"), _bound_to(token))


def _open(key: bytes, sealed: bytes, token: str) -> str:
    try:
        content = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound_to(token))
    except (InvalidTag, ValueError) as error:
        raise InsightsError(
            f"What stands behind {token} cannot be decrypted: it was damaged, or moved to another person.",
            remedy="Restore the database from a backup.",
        ) from error
    return content.decode("utf-8", "surrogatepass")


def _bound_to(token: str) -> bytes:
    return f"pseudonym.sealed|{token}".encode()
