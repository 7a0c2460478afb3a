"""The rows of the issues that carry problems: what people and their trackers wrote is sealed."""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from insights.domain.problem import ExportLink, Progressed
from insights.storage import tables
from insights.storage.encryption import Cipher
from insights.storage.merges import heirs_in

SEALED = "export_link.sealed"


def links_of(connection: Connection, cipher: Cipher, only: Collection[int] | None) -> dict[int, tuple[ExportLink, ...]]:
    """problem id -> its issues; those of a merged problem stand with its heir."""
    query = select(tables.export_link).order_by(tables.export_link.c.problem_id, tables.export_link.c.tracker)
    heirs = heirs_in(connection)
    if only is not None:
        line = [*only, *(merged for merged, heir in heirs.items() if heir in only)]
        query = query.where(tables.export_link.c.problem_id.in_(line))
    links: dict[int, list[ExportLink]] = defaultdict(list)
    for row in connection.execute(query):
        links[heirs.get(row.problem_id, row.problem_id)].append(link_in(row, cipher))
    return {problem_id: tuple(found) for problem_id, found in links.items()}


def link_in(row: Row[Any], cipher: Cipher) -> ExportLink:
    """The issue that a row tells of."""
    words = json.loads(cipher.open(row.sealed, column=SEALED, row=_place(row))) if row.sealed else {}
    due = words.pop("due_on", None)
    return ExportLink(
        problem_id=row.problem_id,
        tracker=row.tracker,
        external_id=row.external_id,
        url=row.url,
        exported_at=row.exported_at,
        progress=Progressed(row.progress),
        closed_on=row.closed_on,
        seen_at=row.seen_at,
        is_gone=row.is_gone,
        key=row.key or "",
        block_digest=row.block_digest or "",
        due_on=date.fromisoformat(due) if due else None,
        **words,
    )


def put_link(connection: Connection, cipher: Cipher, link: ExportLink) -> None:
    """In place of an earlier one of the same problem in the same tracker."""
    drop_link(connection, link.problem_id, tracker=link.tracker)
    words: dict[str, str] = {"status": link.status, "assignee": link.assignee, "estimate": link.estimate}
    if link.due_on:
        words["due_on"] = link.due_on.isoformat()
    row = {
        "problem_id": link.problem_id,
        "tracker": link.tracker,
        "external_id": link.external_id,
        "url": link.url,
        "exported_at": link.exported_at,
        "progress": link.progress.value,
        "closed_on": link.closed_on,
        "seen_at": link.seen_at,
        "is_gone": link.is_gone,
        "key": link.key or None,
        "block_digest": link.block_digest or None,
        "sealed": cipher.seal(json.dumps(words), column=SEALED, row=_place(link)) if any(words.values()) else None,
    }
    connection.execute(insert(tables.export_link).values(**row))


def drop_link(connection: Connection, problem_id: int, *, tracker: str) -> None:
    """Nothing where there is none."""
    column = tables.export_link.c
    connection.execute(delete(tables.export_link).where(column.problem_id == problem_id, column.tracker == tracker))


def _place(link: Row[Any] | ExportLink) -> str:
    return f"{link.problem_id}|{link.tracker}"
