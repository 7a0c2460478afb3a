"""Let old words go: an item keeps source, kind, day, account and score, and counts as before; its words do not stay.

The item's digest stays, too, so that the same item, read again, does not bring its words back.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update

from insights.domain.run import OFFLINE
from insights.storage import tables
from insights.storage.database import Database, put_meta
from insights.storage.encryption import Cipher
from insights.storage.erasing import Cleaner, clean_derived
from insights.storage.feedback import EXPIRED, REDACTED, SEALED, chunks
from insights.storage.words import seal_words, words_of

NO_WORDS = {"text": "", "body": None, "author_name": None, "author_email": None, "account_hint": None, "url": None}
SWEEP = "retain.sweep"
"""Under this name stands that words went and pseudonyms were not looked through since."""
ALL_EXPIRED = "Every item behind it is older than words are kept. What was counted and estimated stays."
SIGNS = "signs"
"""Beside the words that went: what they said as far as estimates rest on it."""
_LEAST_SAID = 12
"""Letters of a sentence that is looked for in what went: a shorter one is anybody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Items of one source and kind whose words are older than they may be."""

    source: str
    kind: str
    items: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Signs:
    """What an item's words say as far as estimates rest on it, kept when they go: no words. `severe` is by mention."""

    is_leaving: bool = False
    severe: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gone:
    """What went of one batch; `texts` are those made of the words, cleaned of them."""

    items: int = 0
    mentions: int = 0
    quotes: int = 0
    problems: int = 0
    texts: int = 0

    def __add__(self, other: "Gone") -> "Gone":
        return Gone(
            self.items + other.items,
            self.mentions + other.mentions,
            self.quotes + other.quotes,
            self.problems + other.problems,
            self.texts + other.texts,
        )


class RetainingStore:
    """`expire` writes; whose time is over is decided elsewhere."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def kinds(self) -> list[tuple[str, str]]:
        """(source, kind) of all items that have words."""
        column = tables.feedback.c
        query = select(column.source, column.kind).where(column.expired_at.is_(None)).distinct()
        with self._database.read() as connection:
            return [(row[0], row[1]) for row in connection.execute(query.order_by(column.source, column.kind))]

    def due(self, source: str, kind: str, before: datetime) -> Due | None:
        """How many items with words were written before a moment; None where none were."""
        column = tables.feedback.c
        query = select(func.count(), func.min(column.created_at), func.max(column.created_at))
        with self._database.read() as connection:
            row = connection.execute(query.where(_is_due(source, kind, before))).one()
        return Due(source=source, kind=kind, items=row[0], first=row[1], last=row[2]) if row[0] else None

    def next(self, source: str, kind: str, before: datetime, *, limit: int) -> list[int]:
        """Ids of some of them, by id."""
        column = tables.feedback.c
        query = select(column.id).where(_is_due(source, kind, before)).order_by(column.id).limit(limit)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def count_expired(self) -> int:
        """Items whose words went."""
        query = select(func.count()).where(tables.feedback.c.expired_at.is_not(None))
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def is_expired(self, items: Collection[int]) -> set[int]:
        """Those of them whose words went."""
        column = tables.feedback.c
        found: set[int] = set()
        with self._database.read() as connection:
            for some in chunks(sorted(items)):
                query = select(column.id).where(column.id.in_(some), column.expired_at.is_not(None))
                found |= set(connection.execute(query).scalars())
        return found

    def all_due(self, source: str, kind: str, before: datetime) -> list[int]:
        """Ids of all of them, by id."""
        column = tables.feedback.c
        query = select(column.id).where(_is_due(source, kind, before)).order_by(column.id)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def signs(self) -> dict[int, Signs]:
        """By item whose words went and that said something on which estimates rest."""
        column, found = tables.feedback.c, {}
        query = select(column.id, column.sealed).where(column.expired_at.is_not(None))
        with self._database.read() as connection:
            for row in connection.execute(query.execution_options(yield_per=1000)):
                kept = json.loads(self._cipher.open(row.sealed, column=SEALED, row=row.id)).get(SIGNS)
                if kept:
                    severe = {int(number): told for number, told in kept["severe"].items()}
                    found[row.id] = Signs(kept["leaving"], severe)
        return found

    # -- what is told to a person -------------------------------------------------------------------------------

    def decided_texts(self) -> list[dict[str, Any]]:
        """What decisions and corrections say in words, by id."""
        decision, correction = tables.decision.c, tables.correction.c
        found: list[dict[str, Any]] = []
        with self._database.read() as connection:
            for row in connection.execute(select(tables.decision).where(decision.sealed.is_not(None))):
                words = self._cipher.open(row.sealed, column="decision.sealed", row=row.id)
                found.append(
                    {
                        "problem": f"P-{row.problem_id}",
                        "action": row.action,
                        "who": row.who,
                        "at": row.at,
                        "words": words,
                    }
                )
            query = select(correction.sealed, decision.id, decision.problem_id, decision.who, decision.at)
            for row in connection.execute(query.join_from(tables.correction, tables.decision)):
                words = self._cipher.open(row.sealed, column="correction.sealed", row=row.id)
                found.append(
                    {
                        "problem": f"P-{row.problem_id}",
                        "action": "correction",
                        "who": row.who,
                        "at": row.at,
                        "words": words,
                    }
                )
        return found

    def issues_of(self, problems: Collection[int]) -> list[Row[Any]]:
        """(problem_id, tracker, url) of issues that problems were filed as."""
        column = tables.export_link.c
        found: list[Row[Any]] = []
        with self._database.read() as connection:
            for some in chunks(sorted(problems)):
                query = select(column.problem_id, column.tracker, column.url).where(column.problem_id.in_(some))
                found += list(connection.execute(query.order_by(column.problem_id, column.tracker)))
        return found

    def model_calls(self, since: datetime) -> tuple[int, datetime | None, datetime | None]:
        """How many calls of models there were from a moment on, and when the first and the last."""
        column = tables.model_call.c
        query = select(func.count(), func.min(column.at), func.max(column.at)).where(column.at >= since)
        with self._database.read() as connection:
            row = connection.execute(query).one()
        return row[0], row[1], row[2]

    # -- letting go ---------------------------------------------------------------------------------------------

    def expire(
        self,
        items: Sequence[int],
        *,
        at: datetime,
        cleaner: Cleaner,
        signs: Mapping[int, Signs],
        paid_keys: Collection[str] = (),
        connection: Connection,
    ) -> Gone:
        """Take the words of these items away, with what was derived from them. `cleaner` takes them out of what was
        made of them; `signs` by item stay; `paid_keys`: under which vectors of them were paid for. Part of the
        caller's transaction."""
        done = Gone()
        for some in chunks(items):
            done += _Batch(connection, self._cipher, list(some), at, cleaner=cleaner, signs=signs).done()
        done += Gone(texts=clean_derived(connection, self._cipher, cleaner))
        for keys in chunks(sorted(paid_keys)):
            connection.execute(delete(tables.paid_vector).where(tables.paid_vector.c.key.in_(keys)))
        if done.items:
            connection.execute(delete(tables.answer))  # which speak of these words, nobody can tell
            put_meta(connection, SWEEP, "1")
        return done

    def is_to_sweep(self) -> bool:
        """Whether words went and pseudonyms were not looked through since."""
        return bool(self._database.get_meta(SWEEP))

    def sweep(self, *, connection: Connection) -> int:
        """Forget pseudonyms that stand in no copy any more, and persons without any; how many pseudonyms. Part of the
        caller's transaction."""
        used = set(connection.execute(select(tables.pseudonym_place.c.token).distinct()).scalars())
        known = set(connection.execute(select(tables.pseudonym.c.token)).scalars())
        unused = sorted(one for one in known if one not in used)
        for some in chunks(unused):
            connection.execute(delete(tables.pseudonym).where(tables.pseudonym.c.token.in_(some)))
        named = select(tables.pseudonym.c.person_id)
        connection.execute(delete(tables.person).where(tables.person.c.id.not_in(named)))
        connection.execute(delete(tables.meta).where(tables.meta.c.key == SWEEP))
        return len(unused)


class _Batch:
    def __init__(
        self,
        connection: Connection,
        cipher: Cipher,
        items: list[int],
        at: datetime,
        *,
        cleaner: Cleaner,
        signs: Mapping[int, Signs],
    ) -> None:
        self._connection = connection
        self._cipher = cipher
        self._items = items
        self._at = at
        self._cleaner = cleaner
        self._signs = signs

    def done(self) -> Gone:
        texts = self._texts()
        mentions = self._mention_rows()
        problems = self._problems(mentions)
        self._feedback()
        self._copies()
        self._mentions(mentions)
        quotes = self._connection.execute(delete(tables.quote).where(tables.quote.c.feedback_id.in_(self._items)))
        described = sum(self._describe(problem, texts) for problem in sorted(problems))
        return Gone(len(self._items), len(mentions), quotes.rowcount, described)

    def _texts(self) -> str:
        """All that goes, to be looked through for what a title was made of."""
        column = tables.feedback.c
        rows = self._connection.execute(select(column.id, column.sealed).where(column.id.in_(self._items)))
        said = [json.loads(self._cipher.open(row.sealed, column=SEALED, row=row.id))["text"] for row in rows]
        copy = tables.redaction.c
        copies = self._connection.execute(
            select(copy.feedback_id, copy.sealed).where(copy.feedback_id.in_(self._items))
        )
        said += [self._cipher.open(row.sealed, column=REDACTED, row=row.feedback_id) for row in copies]
        return "\n".join(_flat(text) for text in said)

    def _mention_rows(self) -> list[Row[Any]]:
        column = tables.mention.c
        query = select(column.id, column.problem_id, column.embedded_by).where(column.feedback_id.in_(self._items))
        return list(self._connection.execute(query))

    def _problems(self, mentions: Sequence[Row[Any]]) -> set[int]:
        quote = tables.quote.c
        query = select(quote.problem_id).where(quote.feedback_id.in_(self._items))
        own = {row.problem_id for row in mentions if row.problem_id is not None}
        return own | set(self._connection.execute(query).scalars())

    def _feedback(self) -> None:
        for number in self._items:
            signs = self._signs.get(number)
            kept = {SIGNS: {"leaving": signs.is_leaving, "severe": dict(signs.severe)}} if signs else {}
            sealed = self._cipher.seal(json.dumps(NO_WORDS | kept), column=SEALED, row=number)
            values = {"sealed": sealed, "expired_at": self._at}
            self._connection.execute(update(tables.feedback).where(tables.feedback.c.id == number).values(values))

    def _copies(self) -> None:
        """An empty copy, so that none is made; what was not split yet has nothing to be split."""
        column = tables.redaction.c
        places = tables.pseudonym_place
        self._connection.execute(delete(places).where(places.c.feedback_id.in_(self._items)))
        known = set(
            self._connection.execute(select(column.feedback_id).where(column.feedback_id.in_(self._items))).scalars()
        )
        for number in self._items:
            sealed = self._cipher.seal("", column=REDACTED, row=number)
            if number in known:
                change = update(tables.redaction).where(column.feedback_id == number)
                self._connection.execute(change.values(sealed=sealed, is_split=True))
            else:
                row = {"feedback_id": number, "sealed": sealed, "removed": 0, "is_split": True, "is_order": False}
                self._connection.execute(insert(tables.redaction).values(row))

    def _mentions(self, rows: Sequence[Row[Any]]) -> None:
        column = tables.mention.c
        own = column.feedback_id.in_(self._items)
        self._connection.execute(update(tables.mention).where(own).values(statement=None))
        embedded = [row.id for row in rows if row.embedded_by]
        self._connection.execute(
            update(tables.mention).where(own, column.embedded_by.is_not(None)).values(embedded_by=EXPIRED)
        )
        gone = tables.gone_vector.c.mention_id
        for some in chunks(embedded):
            known = set(self._connection.execute(select(gone).where(gone.in_(some))).scalars())
            new = [{"mention_id": number} for number in some if number not in known]
            if new:
                self._connection.execute(insert(tables.gone_vector), new)

    def _describe(self, problem: int, gone: str) -> bool:
        """Neutral words where its title or summary was of words that went, until it is described anew; where none of
        its items has words any more, it says so. A name that a person gave stays, without the words."""
        words = words_of(self._connection, self._cipher, problem)
        is_left = self._has_words(problem)
        if is_left and not self._is_made_of(problem, words, gone):
            return False
        if is_left:
            said = {"title": f"Problem P-{problem}", "summary": "The words that it was described by are not kept."}
        else:
            said = {"title": f"Problem P-{problem}: its words have expired", "summary": ALL_EXPIRED}
        kept = {"name": self._cleaner.words(words["name"])} if words.get("name") else {}
        seal_words(self._connection, self._cipher, problem, {**said, **kept}, described_by=None, described_from=None)
        return True

    def _has_words(self, problem: int) -> bool:
        item, mention = tables.feedback.c, tables.mention.c
        query = select(mention.id).select_from(tables.mention.join(tables.feedback))
        left = query.where(mention.problem_id == problem, item.expired_at.is_(None)).limit(1)
        return self._connection.execute(left).first() is not None

    def _is_made_of(self, problem: int, words: Mapping[str, str], gone: str) -> bool:
        """Whoever described it: a run of words is in it; where that was offline, also one whole sentence."""
        said = [words.get("title", ""), words.get("summary", "")]
        if any(self._cleaner.words(one) != one for one in said):
            return True
        by = self._connection.execute(select(tables.problem.c.described_by).where(tables.problem.c.id == problem))
        sentences = [said[0], *said[1].replace("! ", ". ").split(". ")]
        return by.scalar() == OFFLINE and any(_is_of(_flat(one).strip(" .…\"'“”"), gone) for one in sentences)


def _is_due(source: str, kind: str, before: datetime) -> Any:
    column = tables.feedback.c
    return and_(column.source == source, column.kind == kind, column.created_at < before, column.expired_at.is_(None))


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())


def _is_of(sentence: str, gone: str) -> bool:
    return len(sentence) >= _LEAST_SAID and sentence in gone
