"""Keep feedback, its redacted copies and its mentions; hand out what a stage has yet to do."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, or_, select, update

from insights.domain.feedback import (
    AccountMatch,
    Feedback,
    FeedbackKind,
    Stance,
    item_ref,
)
from insights.errors import ExitCode, InsightsError
from insights.storage import tables
from insights.storage.database import Database, take_ids
from insights.storage.encryption import Cipher

SEALED = "feedback.sealed"
REDACTED = "redaction.sealed"
EXPIRED = "-"
"""In place of an embedder: a mention had a vector and counts, but its words went by rule."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CHUNK = 500
_MOST_NAMED = 5
RANKED = (Stance.PROBLEM.value, Stance.REQUEST.value)
_COPY = (tables.redaction.c.sealed.label("redacted"), tables.redaction.c.is_order)


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Slices that fit into one IN (...) of any database."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def day_of(moment: datetime) -> int:
    """Whole days since 1970-01-01 UTC: portable arithmetic in SQL."""
    return (moment.astimezone(UTC) - _EPOCH).days


def day_number(day: date) -> int:
    """The same of a date."""
    return (day - _EPOCH.date()).days


def start_of_day(day: int) -> datetime:
    return _EPOCH + timedelta(days=day)


@dataclass(frozen=True, slots=True)
class Saved:
    """What an import did."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Saved") -> "Saved":
        return Saved(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Feedback that is cleaned and matched to its account, but has no id yet."""

    source: str
    source_id: str
    kind: FeedbackKind
    text: str
    body: str
    created_at: datetime
    account_id: int | None
    account_match: AccountMatch
    account_hint: str | None
    author_name: str | None
    author_email: str | None
    score: float | None
    url: str | None
    is_dated: bool = True
    """False where the source gave no date and `created_at` is when it came."""


class FeedbackStore:
    """Feedback by source and source id; changed words throw away what was derived from the old ones."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    # -- in ---------------------------------------------------------------------------------------------------

    def save(self, drafts: Sequence[Draft], *, connection: Connection, received_at: datetime) -> Saved:
        """Insert what is new, update what changed, leave the rest. Part of the caller's transaction."""
        known = self._known(drafts, connection)
        contents = {_natural(draft): (draft, self._content(draft)) for draft in drafts}
        digests = {key: self._digest(draft, content) for key, (draft, content) in contents.items()}
        new = [key for key in contents if key not in known]
        changed = [key for key in contents if key in known and known[key][1] != digests[key]]
        ids = dict(zip(new, take_ids(connection, "feedback", count=len(new)), strict=True)) if new else {}
        rows = [
            self._row(ids.get(key) or known[key][0], contents[key], digests[key], received_at)
            for key in [*new, *changed]
        ]
        self._forget_derived([known[key][0] for key in changed], connection)
        if new:
            connection.execute(insert(tables.feedback), rows[: len(new)])
        undated = {draft.source_id for draft in drafts if not draft.is_dated}
        for row in rows[len(new) :]:
            if row["source_id"] in undated:  # it keeps the day on which it first came
                del row["created_at"], row["day"]
            connection.execute(update(tables.feedback).where(tables.feedback.c.id == row["id"]).values(**row))
        return Saved(len(new), len(changed), len(drafts) - len(new) - len(changed))

    def remove(self, source: str, source_ids: Sequence[str], *, connection: Connection) -> int:
        """Feedback that is gone at its source goes here, too, with all that was derived from it."""
        removed = 0
        column = tables.feedback.c
        for some in chunks(source_ids):
            where = and_(column.source == source, column.source_id.in_(some))
            ids = list(connection.execute(select(column.id).where(where)).scalars())
            self._forget_derived(ids, connection)
            connection.execute(delete(tables.feedback).where(column.id.in_(ids)))
            removed += len(ids)
        return removed

    def source_ids(self, source: str) -> set[str]:
        """The ids, as the source names them, of all that is kept of it."""
        column = tables.feedback.c
        with self._database.read() as connection:
            return set(connection.execute(select(column.source_id).where(column.source == source)).scalars())

    def _known(self, drafts: Sequence[Draft], connection: Connection) -> dict[tuple[str, str], tuple[int, str]]:
        column = tables.feedback.c
        known: dict[tuple[str, str], tuple[int, str]] = {}
        for source in {draft.source for draft in drafts}:
            wanted = [draft.source_id for draft in drafts if draft.source == source]
            for some in chunks(wanted):
                query = select(column.source_id, column.id, column.digest).where(
                    column.source == source, column.source_id.in_(some)
                )
                known |= {(source, row[0]): (row[1], row[2]) for row in connection.execute(query)}
        return known

    def _content(self, draft: Draft) -> str:
        return json.dumps(
            {
                "text": draft.text,
                "body": draft.body if draft.body != draft.text else None,
                "author_name": draft.author_name,
                "author_email": draft.author_email,
                "account_hint": draft.account_hint,
                "url": draft.url,
            }
        )

    def _digest(self, draft: Draft, content: str) -> str:
        return edition_of(
            self._cipher, content, kind=draft.kind, at=draft.created_at if draft.is_dated else None, score=draft.score
        )

    def _row(self, feedback_id: int, prepared: tuple[Draft, str], digest: str, received_at: datetime) -> dict[str, Any]:
        draft, content = prepared
        return {
            "id": feedback_id,
            "source": draft.source,
            "source_id": draft.source_id,
            "kind": draft.kind.value,
            "created_at": draft.created_at,
            "day": day_of(draft.created_at),
            "account_id": draft.account_id,
            "account_match": draft.account_match.value,
            "score": draft.score,
            "sealed": self._cipher.seal(content, column=SEALED, row=feedback_id),
            "digest": digest,
            "received_at": received_at,
            "expired_at": None,
        }

    def _forget_derived(self, feedback_ids: Sequence[int], connection: Connection) -> None:
        for some in chunks(feedback_ids):
            noted = select(tables.gone_vector.c.mention_id)
            query = select(tables.mention.c.id).where(
                tables.mention.c.feedback_id.in_(some), tables.mention.c.id.not_in(noted)
            )
            gone = [{"mention_id": number} for number in connection.execute(query).scalars()]
            if gone:
                connection.execute(insert(tables.gone_vector), gone)
            connection.execute(delete(tables.mention).where(tables.mention.c.feedback_id.in_(some)))
            connection.execute(delete(tables.redaction).where(tables.redaction.c.feedback_id.in_(some)))
            connection.execute(delete(tables.quote).where(tables.quote.c.feedback_id.in_(some)))

    def without_account(self) -> list[tuple[int, str | None, str | None]]:
        """(feedback id, account hint, author's e-mail) of items that found no account."""
        column = tables.feedback.c
        query = select(column.id, column.sealed).where(column.account_match == AccountMatch.NONE.value)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        contents = ((row.id, json.loads(self._cipher.open(row.sealed, column=SEALED, row=row.id))) for row in rows)
        return [(number, content["account_hint"], content["author_email"]) for number, content in contents]

    def set_accounts(self, found: Mapping[int, tuple[int, AccountMatch]]) -> None:
        """feedback id -> (account id, how it was found)."""
        column = tables.feedback.c
        with self._database.write() as connection:
            for number, (account_id, match) in found.items():
                connection.execute(
                    update(tables.feedback)
                    .where(column.id == number)
                    .values(account_id=account_id, account_match=match.value)
                )

    # -- protect and split ------------------------------------------------------------------------------------

    def count_unprotected(self) -> int:
        return self._count(_unprotected(), tables.feedback.outerjoin(tables.redaction))

    def unprotected(self, limit: int) -> list[Feedback]:
        """Up to `limit` items without a redacted copy, oldest id first."""
        query = (
            select(tables.feedback)
            .select_from(tables.feedback.outerjoin(tables.redaction))
            .where(_unprotected())
            .order_by(tables.feedback.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [self._feedback(row) for row in connection.execute(query)]

    def save_redactions(
        self,
        redactions: Mapping[int, tuple[str, int]],
        *,
        editions: Mapping[int, str] | None = None,
        orders: Collection[int] = (),
        connection: Connection | None = None,
    ) -> set[int]:
        """feedback id -> (redacted body, how many things were taken out); `orders` are ids of items that give orders
        to a language model. An item that was removed meanwhile, or has another edition than the one named, is
        skipped. Returns the ids of the others. In the caller's transaction, or one of its own."""
        with self._database.write_in(connection) as own:
            present = _present(own, list(redactions), editions=editions or {})
            rows = [
                {
                    "feedback_id": number,
                    "sealed": self._cipher.seal(text, column=REDACTED, row=number),
                    "removed": removed,
                    "is_split": False,
                    "is_order": number in orders,
                }
                for number, (text, removed) in redactions.items()
                if number in present
            ]
            if rows:
                own.execute(insert(tables.redaction), rows)
        return present

    def count_protected(self) -> int:
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(tables.redaction)).scalar_one()

    def protected(self, limit: int, *, after: int) -> list[Feedback]:
        """Up to `limit` items with a redacted copy whose id is greater than `after`, by id."""
        query = (
            select(tables.feedback, *_COPY)
            .join_from(tables.feedback, tables.redaction)
            .where(tables.feedback.c.id > after)
            .order_by(tables.feedback.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [self._feedback(row) for row in connection.execute(query)]

    def mark_orders(self, orders: Mapping[int, bool]) -> None:
        """feedback id -> whether it gives orders to a language model, of items that have a redacted copy."""
        column = tables.redaction.c
        with self._database.write() as connection:
            for is_order in (True, False):
                stale = update(tables.redaction).where(column.is_order.is_not(is_order)).values(is_order=is_order)
                for some in chunks([number for number, told in orders.items() if told is is_order]):
                    connection.execute(stale.where(column.feedback_id.in_(some)))

    def count_unsplit(self) -> int:
        return self._count(tables.redaction.c.is_split.is_(False), tables.redaction)

    def unsplit(self, limit: int) -> list[Feedback]:
        """Up to `limit` protected items that were not cut into mentions yet; `redacted` is set."""
        query = (
            select(tables.feedback, *_COPY)
            .join_from(tables.feedback, tables.redaction)
            .where(tables.redaction.c.is_split.is_(False))
            .order_by(tables.feedback.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [self._feedback(row) for row in connection.execute(query)]

    def unsplit_sources(self) -> list[str]:
        """The sources of protected items that were not cut into mentions yet."""
        query = select(tables.feedback.c.source).join(tables.redaction).where(tables.redaction.c.is_split.is_(False))
        with self._database.read() as connection:
            return sorted(connection.execute(query.distinct()).scalars())

    def redacted_copies(self, source: str, *, limit: int) -> Iterator[str]:
        """The words of up to `limit` protected items of a source, the last imported first."""
        column = tables.redaction.c
        query = (
            select(column.feedback_id, column.sealed).join(tables.feedback).where(tables.feedback.c.source == source)
        )
        with self._database.read() as connection:
            for row in connection.execute(query.order_by(column.feedback_id.desc()).limit(limit)):
                yield self._cipher.open(row.sealed, column=REDACTED, row=row.feedback_id)

    # -- reading ----------------------------------------------------------------------------------------------

    def get(self, feedback_ids: Sequence[int]) -> dict[int, Feedback]:
        """The items that are still there, with their redacted copies."""
        found: dict[int, Feedback] = {}
        with self._database.read() as connection:
            for some in chunks(feedback_ids):
                query = (
                    select(tables.feedback, *_COPY)
                    .select_from(tables.feedback.outerjoin(tables.redaction))
                    .where(tables.feedback.c.id.in_(some))
                )
                found |= {row.id: self._feedback(row) for row in connection.execute(query)}
        return found

    def find_ref(self, name: str) -> int:
        """The id of an item by its name: source and source id with a slash between, or a source id that only one source
        has. Raises InsightsError where there is none, or several."""
        column = tables.feedback.c
        cuts = [cut for cut, letter in enumerate(name) if letter == "/"]
        whole = [and_(column.source == name[:cut], column.source_id == name[cut + 1 :]) for cut in cuts]
        query = select(column.id, column.source, column.source_id).where(or_(column.source_id == name, *whole))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(column.id)).all()
        found: dict[int, str] = {row[0]: item_ref(row[1], row[2]) for row in rows}
        named = [number for number, ref in found.items() if ref == name] or list(found)
        if len(named) == 1:
            return named[0]
        raise _not_one(name, [found[number] for number in named])

    def refs(self, feedback_ids: Sequence[int]) -> dict[int, str]:
        """The names of the items that are still there."""
        column = tables.feedback.c
        found: dict[int, str] = {}
        with self._database.read() as connection:
            for some in chunks(feedback_ids):
                query = select(column.id, column.source, column.source_id).where(column.id.in_(some))
                found |= {row[0]: item_ref(row[1], row[2]) for row in connection.execute(query)}
        return found

    def author_names(self) -> set[str]:
        """Names of persons that the items themselves tell us; redaction looks for them everywhere."""
        with self._database.read() as connection:
            rows = connection.execute(select(tables.feedback.c.id, tables.feedback.c.sealed))
            contents = (json.loads(self._cipher.open(row.sealed, column=SEALED, row=row.id)) for row in rows)
            return {content["author_name"] for content in contents if content["author_name"]}

    def counts(self) -> dict[str, int]:
        """Items by kind, mentions by stance, items without a certain account, things redacted."""
        column = tables.feedback.c
        uncertain = column.account_match.in_([AccountMatch.NONE.value, AccountMatch.NAME_LIKE.value])
        with self._database.read() as connection:
            kinds = connection.execute(select(column.kind, func.count()).group_by(column.kind))
            totals = {f"items.{kind}": number for kind, number in kinds}
            totals["items"] = sum(totals.values())
            stances = connection.execute(
                select(tables.mention.c.stance, func.count()).group_by(tables.mention.c.stance)
            )
            totals |= {f"mentions.{stance}": number for stance, number in stances}
            unassigned = and_(
                tables.mention.c.stance.in_(RANKED),
                tables.mention.c.problem_id.is_(None),
                tables.mention.c.grouped_in.is_not(None),
            )
            totals["mentions.unassigned"] = number_of(connection, tables.mention, unassigned)
            totals["items.uncertain_account"] = number_of(connection, tables.feedback, uncertain)
            totals["redacted"] = int(
                connection.execute(select(func.coalesce(func.sum(tables.redaction.c.removed), 0))).scalar_one()
            )
        return totals

    def answers(self) -> list[tuple[int, int | None, int, float]]:
        """(feedback id, account id, day, score of 0 to 10) of every NPS answer, oldest first."""
        column = tables.feedback.c
        query = select(column.id, column.account_id, column.day, column.score).where(
            column.kind == FeedbackKind.NPS.value, column.score.is_not(None)
        )
        with self._database.read() as connection:
            return [
                (row[0], row[1], row[2], row[3]) for row in connection.execute(query.order_by(column.day, column.id))
            ]

    def heard_accounts(self, *, since: date | None = None) -> set[int]:
        """Accounts that said anything, ever or from a day on."""
        column = tables.feedback.c
        query = select(column.account_id).where(column.account_id.is_not(None)).distinct()
        if since is not None:
            query = query.where(column.day >= day_number(since))
        with self._database.read() as connection:
            return set(connection.execute(query).scalars())

    def first_day(self) -> int | None:
        """The day of the oldest item; None where there is none."""
        with self._database.read() as connection:
            return connection.execute(select(func.min(tables.feedback.c.day))).scalar()

    def last_day(self) -> datetime | None:
        """When the newest item was written."""
        with self._database.read() as connection:
            return connection.execute(select(func.max(tables.feedback.c.created_at))).scalar()

    def _count(self, where: ColumnElement[bool], source: Any) -> int:
        with self._database.read() as connection:
            return number_of(connection, source, where)

    def _feedback(self, row: Row[Any]) -> Feedback:
        content = json.loads(self._cipher.open(row.sealed, column=SEALED, row=row.id))
        redacted = getattr(row, "redacted", None)
        return Feedback(
            id=row.id,
            source=row.source,
            source_id=row.source_id,
            kind=FeedbackKind(row.kind),
            text=content["text"],
            body=content["body"] if content["body"] is not None else content["text"],
            created_at=row.created_at,
            account_id=row.account_id,
            account_match=AccountMatch(row.account_match),
            account_hint=content["account_hint"],
            author_name=content["author_name"],
            author_email=content["author_email"],
            score=row.score,
            url=content["url"],
            edition=row.digest,
            redacted=self._cipher.open(redacted, column=REDACTED, row=row.id) if redacted else None,
            is_order=bool(getattr(row, "is_order", False)),
        )


def edition_of(cipher: Cipher, content: str, *, kind: FeedbackKind, at: datetime | None, score: float | None) -> str:
    """What tells one edition of an item from the next; `at` is None where its source gave no date."""
    return cipher.digest(f"{(kind, at.isoformat() if at else None, score)}{content}")


def _not_one(name: str, refs: Sequence[str]) -> InsightsError:
    if refs:
        return InsightsError(
            f"{name!r} names {len(refs)} items.",
            remedy=f"Write the source, too: {', '.join(refs[:_MOST_NAMED])}{', …' if len(refs) > _MOST_NAMED else ''}.",
            exit_code=ExitCode.USAGE,
        )
    return InsightsError(
        f"There is no item {name!r}.",
        remedy="Name it as `insights show P-12 --items` and `insights search` do: source/id.",
        exit_code=ExitCode.USAGE,
    )


def _natural(draft: Draft) -> tuple[str, str]:
    return (draft.source, draft.source_id)


def _unprotected() -> ColumnElement[bool]:
    return tables.redaction.c.feedback_id.is_(None)


def _present(connection: Connection, feedback_ids: Sequence[int], *, editions: Mapping[int, str]) -> set[int]:
    found: set[int] = set()
    for some in chunks(feedback_ids):
        query = select(tables.feedback.c.id, tables.feedback.c.digest).where(tables.feedback.c.id.in_(some))
        found |= {row[0] for row in connection.execute(query) if editions.get(row[0], row[1]) == row[1]}
    return found


def number_of(connection: Connection, source: Any, where: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(source).where(where)).scalar_one()
