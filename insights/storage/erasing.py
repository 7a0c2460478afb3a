"""Look through every row for what is to be erased, and erase it in one transaction.

Whose rows these are, and how a text is cleaned of a person, is decided elsewhere: this knows where texts are kept.
"""

import json
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Column, Connection, Row, Table, and_, delete, insert, select, update

from insights.domain.feedback import FeedbackKind
from insights.storage import tables
from insights.storage.database import Database
from insights.storage.encryption import Cipher
from insights.storage.feedback import EXPIRED, chunks, edition_of
from insights.storage.sealed_columns import SEALED_COLUMNS, SealedColumn
from insights.text.strings import each_string, in_text

SEALED_SHOWN = 32
"""Bytes of a sealed value by which it is found in a file: no two have the same."""
_PAGE = 500
_OPENED_APART = {"feedback", "redaction", "answer", "credential", "assessment", "delivery"}
_COMPRESSED = "night.sealed"
_PLAIN: dict[Table, tuple[str, ...]] = {
    tables.account: ("name", "domain", "segment", "plan", "region"),
    tables.subscription: ("account_hint",),
    tables.departure: ("account_hint",),
    tables.deal: ("account_hint",),
    tables.problem: ("estimate", "facts"),
    tables.prediction: ("estimate",),
    tables.revision: ("figures",),
    tables.lineage: ("reason",),
    tables.run: ("failures",),
    tables.source_state: ("state", "error", "remedy"),
    tables.delivery: ("receipt", "error", "remedy"),
}
"""Text that is not sealed and came from outside, or may."""


class Cleaner(Protocol):
    """How a text is freed of a person: each gives the text as it was where nothing of them is in it."""

    def said(self, text: str) -> str:
        """What somebody else said."""
        ...

    def copy(self, text: str) -> str:
        """A redacted copy: as long as it was, for spans point into it."""
        ...

    def words(self, text: str) -> str:
        """Whatever else: also free of their words."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item with what says whose it is."""

    id: int
    source: str
    source_id: str
    account_id: int | None
    text: str
    body: str
    author_name: str | None
    author_email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is to go as a whole."""

    items: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()
    paid_keys: tuple[str, ...] = ()
    """Under which vectors of their texts were paid for."""


@dataclass(frozen=True, slots=True)
class _Change:
    """New values of one row; None deletes it."""

    table: Table
    key: tuple[Any, ...]
    values: dict[str, Any] | None


@dataclass(slots=True)
class Survey:
    """What an erasure does, counted by where; nothing is done yet. `sealed` is how the values that go begin."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: frozenset[int] = frozenset()
    """Those that rest on erased items."""
    mentions: tuple[int, ...] = ()
    sealed: list[bytes] = field(default_factory=list)
    changes: list[_Change] = field(default_factory=list)

    def add(self, what: str, change: _Change, *sealed: bytes | None) -> None:
        self.counts[what] += 1
        self.changes.append(change)
        self.sealed += [one[:SEALED_SHOWN] for one in sealed if one]


class ErasingStore:
    """Reads across all tables; `erase` is the only thing that writes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    @property
    def is_on_server(self) -> bool:
        """Whether the database's files are not here."""
        return self._database.engine.dialect.name != "sqlite"

    # -- who ---------------------------------------------------------------------------------------------------

    def items(self) -> Iterator[Item]:
        """Every item, by id; opened one after the other, so that memory does not grow with them."""
        with self._database.read() as connection:
            for row in _pages(connection, tables.feedback):
                yield _item(row, _content(self._cipher, row))

    def accounts(self) -> list[Row[Any]]:
        with self._database.read() as connection:
            return list(connection.execute(select(tables.account).order_by(tables.account.c.id)))

    def mentions_of(self, items: Collection[int]) -> list[int]:
        """Ids of the mentions in these items."""
        column = tables.mention.c
        with self._database.read() as connection:
            return _numbers(connection, column.id, column.feedback_id, items)

    def mentions(self) -> list[int]:
        """Ids of all mentions."""
        with self._database.read() as connection:
            return list(connection.execute(select(tables.mention.c.id)).scalars())

    def embedders(self) -> set[str]:
        """Fingerprints of those whose vectors may be kept."""
        column = tables.mention.c.embedded_by
        with self._database.read() as connection:
            return {one for one in connection.execute(select(column).distinct()).scalars() if one and one != EXPIRED}

    def titles_of(self, problems: Collection[int]) -> list[str]:
        """Titles and summaries as they were described."""
        column = tables.problem.c
        found: list[str] = []
        with self._database.read() as connection:
            for some in chunks(sorted(problems)):
                for row in connection.execute(select(column.id, column.sealed).where(column.id.in_(some))):
                    words = _opened(self._cipher, row.sealed, "problem.sealed", row.id)
                    found += [words[name] for name in ("title", "summary") if words.get(name)]
        return found

    def problems_of(self, items: Collection[int]) -> frozenset[int]:
        """Problems that rest on these items: by a mention or a quote."""
        with self._database.read() as connection:
            return _problems(connection, items)

    def audited(self, tokens: Collection[str]) -> set[str]:
        """Those of some pseudonyms that the audit log names."""
        column = tables.audit.c.subject
        found: set[str] = set()
        with self._database.read() as connection:
            for some in chunks(sorted(tokens)):
                found |= set(connection.execute(select(column).where(column.in_(some))).scalars())
        return found

    def batches(self) -> list[tuple[str, str, datetime]]:
        """(server, model, sent at) of questions whose answers wait at a server."""
        column = tables.model_batch.c
        with self._database.read() as connection:
            rows = connection.execute(select(column.server, column.model, column.sent_at).order_by(column.sent_at))
            return [(row[0], row[1], row[2]) for row in rows]

    # -- what --------------------------------------------------------------------------------------------------

    def survey(self, target: Target, cleaner: Cleaner, *, connection: Connection | None = None) -> Survey:
        """Look through all of it, as the caller's transaction sees it, or at this moment."""
        if connection is not None:
            return _Surveying(connection, self._cipher, target, cleaner).done()
        with self._database.read() as own:
            return _Surveying(own, self._cipher, target, cleaner).done()

    def erase(self, target: Target, cleaner: Cleaner, *, connection: Connection) -> Survey:
        """Do what `survey` finds; part of the caller's transaction. Doing it twice changes nothing."""
        found = self.survey(target, cleaner, connection=connection)
        for change in found.changes:
            _apply(connection, change)
        connection.execute(delete(tables.answer))
        dropped = tables.gone_vector.c.mention_id
        known = set(_numbers(connection, dropped, dropped, found.mentions))
        gone = [{"mention_id": number} for number in found.mentions if number not in known]
        if gone:
            connection.execute(insert(tables.gone_vector), gone)
        _delete(connection, tables.quote.c.problem_id, found.problems)
        _delete(connection, tables.mention.c.feedback_id, target.items)
        _delete(connection, tables.redaction.c.feedback_id, target.items)
        _delete(connection, tables.feedback.c.id, target.items)
        _delete(connection, tables.account.c.id, target.accounts)
        return found


def clean_derived(connection: Connection, cipher: Cipher, cleaner: Cleaner) -> int:
    """Clean every text that was made of others, sealed or not, of the words that `cleaner` takes out: not items, their
    copies and statements. Digests not sent yet that hold them are made anew. Part of the caller's transaction. Returns
    how many rows changed."""
    changes = _Surveying(connection, cipher, Target(), cleaner).derived().changes
    for change in changes:
        _apply(connection, change)
    return len(changes)


class _Surveying:
    """`done` looks through all for a person or an account, `derived` for words that went elsewhere."""

    def __init__(self, connection: Connection, cipher: Cipher, target: Target, cleaner: Cleaner) -> None:
        self._connection = connection
        self._cipher = cipher
        self._target = target
        self._cleaner = cleaner
        self._found = Survey(problems=_problems(connection, target.items))
        self._mentions_gone: frozenset[int] = frozenset()
        self._rows_gone: set[tuple[str, tuple[Any, ...]]] = set()

    def done(self) -> Survey:
        self._items()
        self._mentions()
        self._problems()
        self._accounts()
        self._mentions_gone = frozenset(self._found.mentions)
        self._rows_gone = {(one.table.name, one.key) for one in self._found.changes if one.values is None}
        self._texts(_OPENED_APART)
        self._deliveries()
        self._answers()
        return self._found

    def derived(self) -> Survey:
        """An assessment is cleaned and not deleted: estimates rest on its figures."""
        self._texts(_OPENED_APART - {"assessment"} | {"mention"})
        self._deliveries()
        return self._found

    def _texts(self, apart: Collection[str]) -> None:
        for column in SEALED_COLUMNS:
            if column.table.name not in apart and (column.is_text or column.name == _COMPRESSED):
                self._sealed(column)
        for table, names in _PLAIN.items():
            self._plain(table, names)

    def _items(self) -> None:
        join = tables.feedback.outerjoin(tables.redaction)
        copy = tables.redaction.c.sealed.label("redacted")
        query = select(tables.feedback, copy).select_from(join)
        for row in _pages(self._connection, tables.feedback, query=query):
            if row.id in self._target.items:
                self._found.counts["items"] += 1
                self._found.sealed += [one[:SEALED_SHOWN] for one in (row.sealed, row.redacted) if one]
            else:
                self._other(row)

    def _other(self, row: Row[Any]) -> None:
        """What somebody else said keeps all but the values."""
        content = _content(self._cipher, row)
        cleaned = each_string(content, self._cleaner.said)
        if cleaned != content:
            sealed = self._cipher.seal(json.dumps(cleaned), column="feedback.sealed", row=row.id)
            values = {"sealed": sealed, "digest": self._edition(row, content, cleaned)}
            self._found.add("items of others, cleaned", _Change(tables.feedback, (row.id,), values), row.sealed)
        if row.redacted:
            self._copy(row)

    def _edition(self, row: Row[Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
        """As of the item without the person, which is how it is taken in when it comes again."""
        facts = {"kind": FeedbackKind(row.kind), "score": row.score}
        dated = edition_of(self._cipher, json.dumps(before), at=row.created_at, **facts)
        at = row.created_at if dated == row.digest else None
        return edition_of(self._cipher, json.dumps(after), at=at, **facts)

    def _copy(self, row: Row[Any]) -> None:
        text = self._cipher.open(row.redacted, column="redaction.sealed", row=row.id)
        cleaned = self._cleaner.copy(text)
        if cleaned != text:
            values = {"sealed": self._cipher.seal(cleaned, column="redaction.sealed", row=row.id)}
            self._found.add("copies of others, cleaned", _Change(tables.redaction, (row.id,), values), row.redacted)

    def _mentions(self) -> None:
        column = tables.mention.c
        ids: list[int] = []
        for some in chunks(sorted(self._target.items)):
            own = select(column.id, column.statement).where(column.feedback_id.in_(some))
            for row in self._connection.execute(own):
                ids.append(row.id)
                self._found.sealed += [row.statement[:SEALED_SHOWN]] if row.statement else []
        self._found.mentions = tuple(ids)
        self._found.counts["mentions"] = len(ids)
        quotes = _numbers(self._connection, tables.quote.c.position, tables.quote.c.feedback_id, self._target.items)
        rules = _numbers(self._connection, tables.rule.c.id, tables.rule.c.feedback_id, self._target.items)
        self._found.counts |= {"quotes": len(quotes), "rules": len(rules)}
        column_of = tables.paid_vector.c
        for some in chunks(sorted(set(self._target.paid_keys))):
            for row in self._connection.execute(select(tables.paid_vector).where(column_of.key.in_(some))):
                self._found.add("paid vectors", _Change(tables.paid_vector, (row.key,), None), row.sealed)

    def _problems(self) -> None:
        """Words that rest on what goes are taken away; the name that a person gave stays, without the person."""
        column = tables.problem.c
        for some in chunks(sorted(self._found.problems)):
            for row in self._connection.execute(select(column.id, column.sealed).where(column.id.in_(some))):
                words = _opened(self._cipher, row.sealed, "problem.sealed", row.id)
                kept = {"name": self._cleaner.words(words["name"])} if words.get("name") else {}
                sealed = self._cipher.seal(json.dumps(kept), column="problem.sealed", row=row.id) if kept else None
                values = {"sealed": sealed, "described_by": None, "described_from": None}
                self._found.add("problems described anew", _Change(tables.problem, (row.id,), values), row.sealed)
        told = tables.assessment.c
        for row in self._connection.execute(select(tables.assessment)):
            key = f"{row.problem_id}:{row.what}"
            text = self._cipher.open(row.sealed, column="assessment.sealed", row=key)
            if row.problem_id in self._found.problems or in_text(text, self._cleaner.words) != text:
                change = _Change(tables.assessment, (row.problem_id, row.what), None)
                self._found.add(told.sealed.table.name + "s", change, row.sealed)

    def _accounts(self) -> None:
        self._found.counts["accounts"] += len(self._target.accounts)
        for table in (tables.subscription, tables.deal, tables.departure):
            for some in chunks(sorted(self._target.accounts)):
                for row in self._connection.execute(select(table).where(table.c.account_id.in_(some))):
                    self._found.add(f"{table.name}s", _Change(table, (row.id,), None), getattr(row, "sealed", None))

    def _sealed(self, column: SealedColumn) -> None:
        """Whatever text is left: opened, and written anew where the person is in it."""
        keys = list(column.table.primary_key.columns)
        query = select(*keys, column.column.label("value")).where(column.column.is_not(None))
        for row in self._connection.execute(query.execution_options(yield_per=_PAGE)):
            key = tuple(row)[:-1]
            if self._is_gone(column, key):
                continue
            bound = column.row_of(key)
            content = self._cipher.open_bytes(row.value, column=column.name, row=bound)
            text = _text(content, column)
            cleaned = in_text(text, self._cleaner.words)
            if cleaned != text:
                sealed = self._cipher.seal_bytes(_bytes(cleaned, column), column=column.name, row=bound)
                change = _Change(column.table, key, {column.column.name: sealed})
                self._found.add(f"{column.name}, cleaned", change, row.value)

    def _is_gone(self, column: SealedColumn, key: tuple[Any, ...]) -> bool:
        """Whether the row is dealt with already."""
        if column.table is tables.problem:
            return key[0] in self._found.problems
        if column.table is tables.mention:
            return key[0] in self._mentions_gone
        return (column.table.name, key) in self._rows_gone

    def _plain(self, table: Table, names: Sequence[str]) -> None:
        keys = list(table.primary_key.columns)
        for row in self._connection.execute(select(*keys, *(table.c[name] for name in names))).all():
            key = tuple(row)[: len(keys)]
            if table is tables.account and key[0] in self._target.accounts:
                continue
            found = dict(zip(names, tuple(row)[len(keys) :], strict=True))
            cleaned = {name: in_text(text, self._cleaner.words) for name, text in found.items() if text}
            changed = {name: text for name, text in cleaned.items() if text != found[name]}
            if changed:
                values = {name: None if name == "account_hint" else text for name, text in changed.items()}
                self._found.add(f"{table.name}, cleaned", _Change(table, key, values))

    def _deliveries(self) -> None:
        """A digest that waits to be sent may tell of problems whose words go: it is made anew."""
        column = tables.delivery.c
        for row in self._connection.execute(select(tables.delivery).where(column.sealed.is_not(None))):
            text = self._cipher.open(row.sealed, column="delivery.sealed", row=f"{row.digest}|{row.period}")
            if self._found.problems or in_text(text, self._cleaner.words) != text:
                change = _Change(tables.delivery, (row.digest, row.period), None)
                self._found.add("digests not sent yet", change, row.sealed)

    def _answers(self) -> None:
        """All of them: which speak of one person, nobody can tell."""
        for row in self._connection.execute(select(tables.answer.c.sealed)):
            self._found.counts["model answers"] += 1
            self._found.sealed.append(row.sealed[:SEALED_SHOWN])


def _apply(connection: Connection, change: _Change) -> None:
    keys = list(change.table.primary_key.columns)
    where = and_(*(column == value for column, value in zip(keys, change.key, strict=True)))
    if change.values is None:
        connection.execute(delete(change.table).where(where))
    else:
        connection.execute(update(change.table).where(where).values(**change.values))


def _delete(connection: Connection, column: Column[Any], wanted: Collection[int]) -> None:
    for some in chunks(sorted(wanted)):
        connection.execute(delete(column.table).where(column.in_(some)))


def _numbers(connection: Connection, column: Column[Any], by: Column[Any], wanted: Collection[int]) -> list[int]:
    found: list[int] = []
    for some in chunks(sorted(wanted)):
        found += connection.execute(select(column).where(by.in_(some))).scalars()
    return found


def _problems(connection: Connection, items: Collection[int]) -> frozenset[int]:
    mention, quote, also = tables.mention.c, tables.quote.c, tables.mention_also.c
    found: set[int] = set(_numbers(connection, quote.problem_id, quote.feedback_id, items))
    for some in chunks(sorted(items)):
        own = select(mention.problem_id, also.problem_id).select_from(tables.mention.outerjoin(tables.mention_also))
        for row in connection.execute(own.where(mention.feedback_id.in_(some))):
            found |= {number for number in row if number is not None}
    return frozenset(found)


def _pages(connection: Connection, table: Table, *, query: Any = None) -> Iterator[Row[Any]]:
    """All rows by id, some at a time."""
    last = 0
    query = select(table) if query is None else query
    while rows := connection.execute(query.where(table.c.id > last).order_by(table.c.id).limit(_PAGE)).all():
        yield from rows
        last = rows[-1].id


def _content(cipher: Cipher, row: Row[Any]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(cipher.open(row.sealed, column="feedback.sealed", row=row.id))
    return content


def _item(row: Row[Any], content: dict[str, Any]) -> Item:
    return Item(
        id=row.id,
        source=row.source,
        source_id=row.source_id,
        account_id=row.account_id,
        text=content["text"],
        body=content["body"] if content["body"] is not None else content["text"],
        author_name=content["author_name"],
        author_email=content["author_email"],
    )


def _opened(cipher: Cipher, sealed: bytes | None, column: str, row: int) -> dict[str, Any]:
    return json.loads(cipher.open(sealed, column=column, row=row)) if sealed else {}


def _text(content: bytes, column: SealedColumn) -> str:
    return (zlib.decompress(content) if column.name == _COMPRESSED else content).decode("utf-8", "surrogatepass")


def _bytes(text: str, column: SealedColumn) -> bytes:
    content = text.encode("utf-8", "surrogatepass")
    return zlib.compress(content) if column.name == _COMPRESSED else content
