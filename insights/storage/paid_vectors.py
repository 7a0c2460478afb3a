"""Keep the vectors that an embedding server was paid for, so that the same text is paid once.

A row's key is a keyed digest of embedder and text: without the workspace's key it tells neither. Rows are written once;
they stay when the vectors are made anew.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Insert, select

from insights.storage import tables
from insights.storage.database import Database

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAID_VECTOR = "paid_vector.sealed"
_PAGE = 500
"""Keys in one query, below what the oldest SQLite takes."""
_STORED = "<f2"


class PaidVectorStore:
    """16-bit floats by key, sealed. May be used from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def key(self, fingerprint: str, text: str) -> str:
        """What the vector of a text by the embedder of that fingerprint is kept under."""
        return self._cipher.digest(f"{fingerprint}\n{text}")

    def get(self, keys: Sequence[str]) -> "dict[str, NDArray[np.float16]]":
        """The vectors that are kept, of those asked for, each of shape (dimensions,)."""
        import numpy as np

        found: dict[str, NDArray[np.float16]] = {}
        column = tables.paid_vector.c
        with self._database.read() as connection:
            for start in range(0, len(keys), _PAGE):
                query = select(column.key, column.sealed).where(column.key.in_(keys[start : start + _PAGE]))
                for key, sealed in connection.execute(query):
                    content = self._cipher.open_bytes(sealed, column=PAID_VECTOR, row=key)
                    found[key] = np.frombuffer(content, dtype=_STORED).astype(np.float16)
        return found

    def put(self, vectors: "Mapping[str, NDArray[np.float16]]") -> None:
        """Keep them, in one step. One that is there stays as it is: a text has one vector."""
        rows = [{"key": key, "sealed": self._sealed(key, vector)} for key, vector in vectors.items()]
        if rows:
            with self._database.write() as connection:
                connection.execute(_insert_new(connection), rows)

    def _sealed(self, key: str, vector: "NDArray[np.float16]") -> bytes:
        return self._cipher.seal_bytes(vector.astype(_STORED).tobytes(), column=PAID_VECTOR, row=key)


def _insert_new(connection: Connection) -> Insert:
    """Two processes may have asked for the same text: the second one's row is left out."""
    from sqlalchemy.dialects import postgresql, sqlite

    if connection.dialect.name == "sqlite":
        return sqlite.insert(tables.paid_vector).on_conflict_do_nothing()
    return postgresql.insert(tables.paid_vector).on_conflict_do_nothing()
