"""Keep what was erased, as keyed digests alone, so that nothing brings it back; and an erasure that is under way."""

import base64
import json
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from insights.storage import tables
from insights.storage.database import Database, put_meta
from insights.storage.feedback import chunks

UNDER_WAY = "erasing"
"""Under this name an erasure that was begun and is not done yet is kept, sealed."""
_META = "meta.value"

PERSON, ITEM, ACCOUNT, DOMAIN = "person", "item", "account", "domain"
"""Kinds of what a digest stands for."""


@dataclass(frozen=True, slots=True)
class Erased:
    """One thing that was erased, and must not come back."""

    digest: str
    kind: str
    at: datetime


class ErasureStore:
    """Digests are added, never taken away; with the key nobody can read from them who it was."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def digest(self, kind: str, text: str) -> str:
        """What something is remembered by; `text` in its normal form."""
        return self._cipher.digest(f"erased {kind}\n{text}")

    def add(self, digests: Iterable[str], *, kind: str, at: datetime, connection: Connection | None = None) -> int:
        """How many are new. Part of the caller's transaction, or one of its own."""
        wanted = sorted(set(digests))
        with self._database.write_in(connection) as own:
            known = _which(wanted, own)
            new = [{"digest": one, "kind": kind, "at": at} for one in wanted if one not in known]
            if new:
                own.execute(insert(tables.erasure), new)
        return len(new)

    def which(self, digests: Collection[str]) -> set[str]:
        """Those of them that were erased."""
        with self._database.read() as connection:
            return _which(sorted(set(digests)), connection)

    def all(self) -> list[Erased]:
        """Oldest first."""
        column = tables.erasure.c
        with self._database.read() as connection:
            rows = connection.execute(select(tables.erasure).order_by(column.at, column.digest))
            return [Erased(row.digest, row.kind, row.at) for row in rows]

    # -- under way --------------------------------------------------------------------------------------------

    def under_way(self) -> dict[str, Any] | None:
        """What was begun and is not done; None where nothing is half-way."""
        kept = self._database.get_meta(UNDER_WAY)
        if not kept:
            return None
        content = self._cipher.open_bytes(base64.b85decode(kept), column=_META, row=UNDER_WAY)
        plan: dict[str, Any] = json.loads(zlib.decompress(content))
        return plan

    def is_under_way(self) -> bool:
        return bool(self._database.get_meta(UNDER_WAY))

    def keep(self, plan: dict[str, Any], *, connection: Connection | None = None) -> None:
        """Put it down, in place of what was, before the next step of it is done."""
        content = zlib.compress(json.dumps(plan).encode())
        sealed = base64.b85encode(self._cipher.seal_bytes(content, column=_META, row=UNDER_WAY)).decode("ascii")
        with self._database.write_in(connection) as own:
            put_meta(own, UNDER_WAY, sealed)

    def done(self) -> None:
        """Nothing is under way any more; what was put down of it is overwritten."""
        with self._database.write() as connection:
            connection.execute(delete(tables.meta).where(tables.meta.c.key == UNDER_WAY))
        self._database.overwrite(tables.meta)

    def vacuum(self) -> None:
        """Write the database's files anew without what was deleted in them."""
        self._database.vacuum()

    # -- receipts ---------------------------------------------------------------------------------------------

    def sign(self, content: bytes) -> str:
        """The seal of a receipt: who changes it cannot make another one without the key."""
        return self._cipher.mac(b"erasure receipt\n" + content)


def _which(digests: list[str], connection: Connection) -> set[str]:
    found: set[str] = set()
    for some in chunks(digests):
        query = select(tables.erasure.c.digest).where(tables.erasure.c.digest.in_(some))
        found |= set(connection.execute(query).scalars())
    return found
