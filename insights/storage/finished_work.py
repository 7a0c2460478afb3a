"""Keep finished work by source and source id: words and vectors sealed, weeks and dates in the clear."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from insights.domain.finished_work import FinishedWork
from insights.storage import tables
from insights.storage.database import Database, take_ids
from insights.storage.feedback import Saved, chunks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from insights.ports import Vectors

WORDS = "finished_work.sealed"
VECTOR = "finished_work.vector"
_STORED = "<f2"


@dataclass(frozen=True, slots=True)
class WorkMatrix:
    """What one embedder embedded, aligned, in the order of ids: ids and weeks of shape (n,), vectors (n, dimensions) in
    32 bits; (0, 0) without any."""

    ids: tuple[int, ...]
    weeks: "NDArray[np.float64]"
    vectors: "Vectors"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCount:
    """Finished work of one source; `embedded` is None where no embedder was named."""

    source: str
    issues: int
    embedded: int | None = None


class FinishedWorkStore:
    """Finished work; changed words or figures throw the vector away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    # -- in ---------------------------------------------------------------------------------------------------

    def save(self, works: Sequence[FinishedWork], *, connection: Connection | None = None) -> Saved:
        """Insert what is new, update what changed, leave the rest; of one that comes twice, the last."""
        fresh = {(work.source, work.source_id): work for work in works}
        digests = {key: self._digest(work) for key, work in fresh.items()}
        with self._database.write_in(connection) as writing:
            known = _known(fresh, writing)
            new = [key for key in fresh if key not in known]
            changed = [key for key in fresh if key in known and known[key][1] != digests[key]]
            if new:
                ids = take_ids(writing, "finished_work", count=len(new))
                rows = [self._row(i, fresh[key], digests[key]) for i, key in zip(ids, new, strict=True)]
                writing.execute(insert(tables.finished_work), rows)
            for key in changed:
                row = self._row(known[key][0], fresh[key], digests[key])
                writing.execute(
                    update(tables.finished_work).where(tables.finished_work.c.id == row["id"]).values(**row)
                )
        return Saved(len(new), len(changed), len(works) - len(new) - len(changed))

    def keep_vectors(self, works: Mapping[int, FinishedWork], vectors: "Vectors", *, fingerprint: str) -> None:
        """The vectors of these rows, aligned, by the embedder of that fingerprint. A row that is gone or says something
        else by now stays without."""
        import numpy as np

        halves = np.asarray(vectors).astype(_STORED)
        column = tables.finished_work.c
        with self._database.write() as connection:
            for (number, work), half in zip(works.items(), halves, strict=True):
                sealed = self._cipher.seal_bytes(half.tobytes(), column=VECTOR, row=number)
                where = (column.id == number, column.digest == self._digest(work))
                connection.execute(
                    update(tables.finished_work).where(*where).values(vector=sealed, embedded_by=fingerprint)
                )

    def forget(self, source: str) -> int:
        """Delete what that source brought. Returns how many."""
        with self._database.write() as connection:
            gone = connection.execute(delete(tables.finished_work).where(tables.finished_work.c.source == source))
            return int(gone.rowcount)

    # -- out --------------------------------------------------------------------------------------------------

    def waiting(self, fingerprint: str, *, limit: int, after: int = 0) -> dict[int, FinishedWork]:
        """By id, at most `limit` of those beyond `after` without a vector by that embedder."""
        column = tables.finished_work.c
        query = select(tables.finished_work).where(_is_waiting(fingerprint), column.id > after)
        with self._database.read() as connection:
            return {row.id: self._work(row) for row in connection.execute(query.order_by(column.id).limit(limit))}

    def count_waiting(self, fingerprint: str) -> int:
        query = select(func.count()).select_from(tables.finished_work).where(_is_waiting(fingerprint))
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def counts(self, fingerprint: str | None = None) -> list[WorkCount]:
        """By source, in order of name; with a fingerprint also how much that embedder embedded."""
        column = tables.finished_work.c
        query = select(column.source, func.count(), func.count().filter(column.embedded_by == (fingerprint or "")))
        with self._database.read() as connection:
            rows = connection.execute(query.group_by(column.source).order_by(column.source)).all()
        return [
            WorkCount(source=source, issues=issues, embedded=None if fingerprint is None else embedded)
            for source, issues, embedded in rows
        ]

    def latest(self, limit: int) -> list[FinishedWork]:
        """What was finished last comes first, what bears no date comes last."""
        column = tables.finished_work.c
        order = (column.finished_on.is_(None), column.finished_on.desc(), column.id)
        with self._database.read() as connection:
            rows = connection.execute(select(tables.finished_work).order_by(*order).limit(limit))
            return [self._work(row) for row in rows]

    def of(self, ids: Sequence[int]) -> dict[int, FinishedWork]:
        """By id, those that are there."""
        found: dict[int, FinishedWork] = {}
        with self._database.read() as connection:
            for some in chunks(ids):
                query = select(tables.finished_work).where(tables.finished_work.c.id.in_(some))
                found |= {row.id: self._work(row) for row in connection.execute(query)}
        return found

    def matrix(self, fingerprint: str) -> WorkMatrix:
        """What that embedder embedded."""
        import numpy as np

        column = tables.finished_work.c
        query = select(column.id, column.weeks, column.vector).where(column.embedded_by == fingerprint)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(column.id)).all()
        vectors = [
            np.frombuffer(self._cipher.open_bytes(row.vector, column=VECTOR, row=row.id), _STORED) for row in rows
        ]
        return WorkMatrix(
            ids=tuple(row.id for row in rows),
            weeks=np.array([row.weeks for row in rows], dtype=np.float64),
            vectors=np.vstack(vectors).astype(np.float32) if vectors else np.zeros((0, 0), dtype=np.float32),
        )

    def _digest(self, work: FinishedWork) -> str:
        return self._cipher.digest(json.dumps({**asdict(work), "weeks": float(work.weeks)}, default=str))

    def _row(self, number: int, work: FinishedWork, digest: str) -> dict[str, Any]:
        words = json.dumps({"title": work.title, "text": work.text})
        return {
            "id": number,
            "source": work.source,
            "source_id": work.source_id,
            "weeks": work.weeks,
            "finished_on": work.finished_on,
            "sealed": self._cipher.seal(words, column=WORDS, row=number),
            "digest": digest,
            "embedded_by": None,
            "vector": None,
        }

    def _work(self, row: Row[Any]) -> FinishedWork:
        words = json.loads(self._cipher.open(row.sealed, column=WORDS, row=row.id))
        return FinishedWork(
            source=row.source,
            source_id=row.source_id,
            title=words["title"],
            text=words["text"],
            weeks=row.weeks,
            finished_on=row.finished_on,
        )


def _is_waiting(fingerprint: str) -> Any:
    column = tables.finished_work.c
    return or_(column.embedded_by.is_(None), column.embedded_by != fingerprint)


def _known(
    fresh: Mapping[tuple[str, str], FinishedWork], connection: Connection
) -> dict[tuple[str, str], tuple[int, str]]:
    """Id and digest of what is there already, by source and source id."""
    column = tables.finished_work.c
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for some in chunks(sorted({source_id for _, source_id in fresh})):
        query = select(column.source, column.source_id, column.id, column.digest).where(column.source_id.in_(some))
        found |= {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(query)}
    return found
