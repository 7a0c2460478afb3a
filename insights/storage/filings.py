"""Keep what is about to be filed before anything is sent, and the issues that were filed.

An intent holds the key that the issue is found again by. It is written first and goes in the transaction that keeps the
link, so that whoever is interrupted in between, or gets no answer, knows that there may be an issue.
"""

import secrets
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from insights.domain.problem import ExportLink
from insights.storage import tables
from insights.storage.audit import AuditStore
from insights.storage.database import Database, put_meta
from insights.storage.links import drop_link, link_in, links_of, put_link

MARKER = "workspace_marker"
"""Under this name the workspace's part of all markers is kept."""
MARKER_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """An intent to file a problem. `attempts` is how often it was sent to the tracker without an answer that it was
    made, `tried_at` when it was last."""

    problem_id: int
    tracker: str
    key: str
    begun_at: datetime
    attempts: int = 0
    tried_at: datetime | None = None

    @property
    def is_sent(self) -> bool:
        """Whether the tracker may have an issue of it."""
        return self.attempts > 0


class FilingStore:
    """One intent and one link for each problem and tracker."""

    def __init__(self, database: Database, audit: AuditStore) -> None:
        self._database = database
        self._audit = audit
        self._cipher = database.cipher

    def workspace_marker(self) -> str:
        """Eight hex digits of this workspace, made when they are first asked for."""
        kept = self._database.get_meta(MARKER)
        if kept is not None:
            return kept
        try:
            with self._database.write() as connection:
                column = tables.meta.c
                there = connection.execute(select(column.value).where(column.key == MARKER)).scalar()
                if there is None:
                    put_meta(connection, MARKER, secrets.token_hex(MARKER_BYTES))
        except IntegrityError:  # another machine was first
            pass
        return self._database.get_meta(MARKER) or ""

    def digest(self, text: str) -> str:
        """Stands for what was filed; of no use without the key."""
        return self._cipher.digest(text)

    # -- intents ----------------------------------------------------------------------------------------------

    def get(self, problem_id: int, tracker: str) -> Filing | None:
        """The intent; None where there is none."""
        with self._database.read() as connection:
            row = connection.execute(select(tables.filing).where(_of(problem_id, tracker))).first()
        return _filing(row) if row else None

    def begin(self, problem_id: int, tracker: str, at: datetime) -> Filing:
        """The intent that is there, else a new one with a key of its own."""
        found = self.get(problem_id, tracker)
        if found is not None:
            return found
        new = Filing(problem_id=problem_id, tracker=tracker, key=str(uuid.uuid4()), begun_at=at)
        try:
            with self._database.write() as connection:
                if connection.execute(select(tables.filing.c.key).where(_of(problem_id, tracker))).first() is None:
                    connection.execute(insert(tables.filing).values(**asdict(new)))
        except IntegrityError:  # another machine was first
            pass
        return self.get(problem_id, tracker) or new

    def claim(self, filing: Filing, at: datetime) -> Filing | None:
        """Note that it is about to be sent; None where somebody else did so since it was read."""
        column = tables.filing.c
        mine = _of(filing.problem_id, filing.tracker) & (column.attempts == filing.attempts)
        values = {"attempts": filing.attempts + 1, "tried_at": at}
        with self._database.write() as connection:
            changed = connection.execute(update(tables.filing).where(mine, column.key == filing.key).values(**values))
        return self.get(filing.problem_id, filing.tracker) if changed.rowcount else None

    def refused(self, filing: Filing) -> None:
        """The tracker answered that it made nothing, and nothing was there before."""
        values = {"attempts": 0, "tried_at": None}
        own = _of(filing.problem_id, filing.tracker) & (tables.filing.c.attempts == filing.attempts)
        with self._database.write() as connection:
            connection.execute(update(tables.filing).where(own).values(**values))

    def done(self, link: ExportLink) -> None:
        """Keep the link, and drop the intent with it; both with their entry in the audit log."""
        facts = {"tracker": link.tracker, "issue": link.external_id}
        with self._database.write() as connection:
            put_link(connection, self._cipher, link)
            was_meant = connection.execute(delete(tables.filing).where(_of(link.problem_id, link.tracker))).rowcount
            action = "issue.file" if was_meant else "issue.update"
            self._audit.record(action, f"P-{link.problem_id}", facts=facts, connection=connection)

    def release(self, problem_id: int, tracker: str, *, key: str, at: datetime) -> None:
        """The problem counts as not filed there any more; its key stays, should it be filed again."""
        kept = Filing(problem_id=problem_id, tracker=tracker, key=key, begun_at=at)
        with self._database.write() as connection:
            drop_link(connection, problem_id, tracker=tracker)
            is_known = update(tables.filing).where(_of(problem_id, tracker)).values(attempts=0, tried_at=None)
            if not connection.execute(is_known).rowcount and key:
                connection.execute(insert(tables.filing).values(**asdict(kept)))

    def open(self, tracker: str | None = None) -> list[Filing]:
        """Of which it is not known whether the tracker has an issue; those of one tracker, or all."""
        query = select(tables.filing).where(tables.filing.c.attempts > 0)
        if tracker is not None:
            query = query.where(tables.filing.c.tracker == tracker)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(tables.filing.c.problem_id, tables.filing.c.tracker))
            return [_filing(row) for row in rows]

    # -- links ------------------------------------------------------------------------------------------------

    def links(self, tracker: str | None = None) -> list[ExportLink]:
        """Every issue of one tracker, or of all, by problem; of merged problems under their own ids."""
        query = select(tables.export_link)
        if tracker is not None:
            query = query.where(tables.export_link.c.tracker == tracker)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(tables.export_link.c.problem_id, tables.export_link.c.tracker))
            return [link_in(row, self._cipher) for row in rows]

    def of_problem(self, problem_id: int, tracker: str, *, connection: Connection | None = None) -> list[ExportLink]:
        """The issues there that count for a problem: its own first, then those of problems merged into it; what was
        deleted last. As seen by the caller's transaction where there is one."""
        if connection is not None:
            found = links_of(connection, self._cipher, [problem_id]).get(problem_id, ())
        else:
            with self._database.read() as own_connection:
                found = links_of(own_connection, self._cipher, [problem_id]).get(problem_id, ())
        own = [link for link in found if link.tracker == tracker]
        return sorted(own, key=lambda link: (link.is_gone, link.problem_id != problem_id, link.problem_id))

    def trackers(self) -> list[str]:
        """The names of those that hold an issue."""
        with self._database.read() as connection:
            query = select(tables.export_link.c.tracker).distinct()
            return sorted(connection.execute(query).scalars())

    def note(self, link: ExportLink, *, since: datetime | None = None, connection: Connection | None = None) -> bool:
        """How an issue was found to stand; part of the caller's transaction where there is one. `since` is when it was
        read the time before. False, and nothing is written, where the problem has another issue there by now, or none,
        or where somebody else read it meanwhile: what they read may be newer."""
        column = tables.export_link.c
        same = (column.problem_id == link.problem_id) & (column.tracker == link.tracker)
        with self._database.write_in(connection) as own:
            kept = own.execute(select(column.exported_at, column.seen_at).where(same)).first()
            if kept is None or tuple(kept) != (link.exported_at, since):
                return False
            put_link(own, self._cipher, link)
        return True


def _of(problem_id: int, tracker: str) -> Any:
    column = tables.filing.c
    return (column.problem_id == problem_id) & (column.tracker == tracker)


def _filing(row: Row[Any]) -> Filing:
    return Filing(**row._mapping)
