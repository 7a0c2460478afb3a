"""Keep mentions: the spans of items that are embedded and grouped, and which of them have a vector."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, not_, or_, select, update

from insights.domain.feedback import FeedbackKind, Mention, Stance
from insights.domain.problem import State
from insights.storage import tables
from insights.storage.also import drop_also
from insights.storage.database import Database, take_ids
from insights.storage.feedback import EXPIRED, RANKED, REDACTED, chunks, day_of, number_of
from insights.storage.groupings import LOOSELY

STATEMENT = "mention.statement"
SURE = 0.8
"""A mention that is surer than this to state a problem stays one when a model finds no problem in it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A mention before it has an id."""

    start: int
    end: int
    stance: Stance
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A mention as evidence for a problem: its own words and the whole item's, as they are analysed. `day` counts from
    1970."""

    problem_id: int
    mention_id: int
    feedback_id: int
    account_id: int | None
    day: int
    kind: FeedbackKind
    stance: Stance
    score: float | None
    text: str
    item: str


class MentionStore:
    """A mention's words are the redacted copy's own: only where they begin and end is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def save(self, spans: Mapping[int, Sequence[Span]]) -> None:
        """feedback id -> its mentions, and the items are marked as split, in one step."""
        with self._database.write() as connection:
            present = _waiting(connection, list(spans))
            flat = [(number, span) for number, some in spans.items() if number in present for span in some]
            if flat:
                ids = take_ids(connection, "mention", count=len(flat))
                rows = [
                    {
                        "id": mention_id,
                        "feedback_id": number,
                        "start": span.start,
                        "end": span.end,
                        "stance": span.stance.value,
                        "confidence": span.confidence,
                    }
                    for mention_id, (number, span) in zip(ids, flat, strict=True)
                ]
                connection.execute(insert(tables.mention), rows)
            for some in chunks(list(spans)):
                connection.execute(
                    update(tables.redaction).where(tables.redaction.c.feedback_id.in_(some)).values(is_split=True)
                )

    # -- kinds ------------------------------------------------------------------------------------------------

    def unsure(self, below: float) -> list[Mention]:
        """Mentions whose kind is less sure than `below` and that no model was asked about, by id. Those in a problem
        on which somebody decided, or of an item about which somebody said where it belongs, stay what they are."""
        return self._load(_unsure(below))

    def save_opinions(self, opinions: Mapping[int, Stance | None], *, told_by: str) -> int:
        """Mention id -> what a model says that it does, None where it said nothing of use: asked once either way. What
        a model told counts as sure. A mention that is no longer to be grouped leaves its problem; one that is now
        waits to be. Returns how many changed."""
        column = tables.mention.c
        with self._database.write() as connection:
            found = [
                row
                for some in chunks(list(opinions))
                for row in connection.execute(select(tables.mention).where(column.id.in_(some)))
            ]
            changed = [row for row in found if (opinions[row.id] or row.stance) != row.stance]
            leave_problems(connection, [row for row in changed if _is_moved(row, opinions[row.id])])
            drop_vectors(
                connection, [row.id for row in changed if row.embedded_by and opinions[row.id] == Stance.NOISE]
            )
            for row in found:
                told = opinions[row.id]
                values = {"stance": told.value, "confidence": 1.0} if told else {}
                connection.execute(update(tables.mention).where(column.id == row.id).values(told_by=told_by, **values))
        return len(changed)

    # -- statements -------------------------------------------------------------------------------------------

    def unstated(self) -> list[Mention]:
        """Mentions that state a problem or request and that no model was asked to restate, by id."""
        return self._load(_is_unstated())

    def doubtful(self) -> list[Mention]:
        """Those of them that a run has placed loosely, or in no problem."""
        column = tables.mention.c
        placed = and_(column.grouped_in.is_not(None), or_(column.problem_id.is_(None), column.placed_by == LOOSELY))
        return self._load(and_(_is_unstated(), placed))

    def save_statements(self, statements: Mapping[int, Sequence[str] | None], *, stated_by: str) -> int:
        """Mention id -> what it states in common words; none: no problem; None: the model said nothing of use. A second
        statement becomes a mention of its own on the same span. What was restated is embedded and placed anew, but for
        what belongs to a problem by somebody's word; what states nothing, and was not sure to, is noise. Returns how
        many statements were kept."""
        column = tables.mention.c
        with self._database.write() as connection:
            found = [
                row
                for some in chunks(list(statements))
                for row in connection.execute(
                    select(tables.mention, _is_held().label("held")).where(column.id.in_(some))
                )
            ]
            stated = [row for row in found if statements[row.id]]
            empty = [row for row in found if _states_nothing(row, statements[row.id])]
            leave_problems(connection, [row for row in stated if row.grouped_in is not None and not row.held] + empty)
            drop_vectors(connection, [row.id for row in (*stated, *empty) if row.embedded_by])
            noise = {"stance": Stance.NOISE.value, "told_by": stated_by}
            for row in found:
                values = noise if row in empty else {"statement": self._sealed(row.id, statements[row.id])}
                connection.execute(
                    update(tables.mention).where(column.id == row.id).values(stated_by=stated_by, **values)
                )
            return len(stated) + self._add_stated(connection, stated, statements, stated_by=stated_by)

    def _sealed(self, mention_id: int, sentences: Sequence[str] | None) -> bytes | None:
        return self._cipher.seal(sentences[0], column=STATEMENT, row=mention_id) if sentences else None

    def _add_stated(
        self,
        connection: Connection,
        rows: Sequence[Row[Any]],
        statements: Mapping[int, Sequence[str] | None],
        *,
        stated_by: str,
    ) -> int:
        """A mention for each statement after the first."""
        more = [(row, sentence) for row in rows for sentence in (statements[row.id] or ())[1:]]
        if not more:
            return 0
        ids = take_ids(connection, "mention", count=len(more))
        kept = ("feedback_id", "start", "end", "stance", "confidence", "told_by")
        added = [
            {name: getattr(row, name) for name in kept}
            | {
                "id": number,
                "stated_by": stated_by,
                "statement": self._sealed(number, [sentence]),
            }
            for number, (row, sentence) in zip(ids, more, strict=True)
        ]
        connection.execute(insert(tables.mention), added)
        return len(more)

    # -- embed ------------------------------------------------------------------------------------------------

    def count_unembedded(self, fingerprint: str) -> int:
        return self._count(_unembedded(fingerprint))

    def count_embedded(self, fingerprint: str | None = None) -> int:
        """Mentions that have a vector by this embedder, or by any, as far as the database knows."""
        column = tables.mention.c.embedded_by
        return self._count(column != EXPIRED if fingerprint is None else column == fingerprint)

    def unembedded(self, fingerprint: str, *, limit: int) -> list[Mention]:
        """Mentions worth a vector that have none by this embedder."""
        return self._load(_unembedded(fingerprint), limit=limit)

    def mark_embedded(self, mention_ids: Sequence[int], *, fingerprint: str) -> None:
        with self._database.write() as connection:
            for some in chunks(mention_ids):
                connection.execute(
                    update(tables.mention).where(tables.mention.c.id.in_(some)).values(embedded_by=fingerprint)
                )

    def forget_embeddings(self) -> None:
        """All mentions are to be embedded anew: the embedder changed, or the vectors are to be rebuilt."""
        with self._database.write() as connection:
            column = tables.mention.c.embedded_by
            connection.execute(update(tables.mention).where(column != EXPIRED).values(embedded_by=None))

    def gone_vectors(self) -> list[int]:
        with self._database.read() as connection:
            return list(connection.execute(select(tables.gone_vector.c.mention_id)).scalars())

    def vectors_deleted(self, mention_ids: Sequence[int]) -> None:
        with self._database.write() as connection:
            for some in chunks(mention_ids):
                connection.execute(delete(tables.gone_vector).where(tables.gone_vector.c.mention_id.in_(some)))

    def count_ungrouped(self) -> int:
        """Mentions that state a problem or request and that no run has placed yet."""
        column = tables.mention.c
        return self._count(and_(column.stance.in_(RANKED), column.grouped_in.is_(None), _has_words()))

    # -- reading ----------------------------------------------------------------------------------------------

    def ranked(self) -> list[Mention]:
        """All embedded mentions that state a problem or request and have words, by id."""
        return self._load(and_(_is_ranked(), _has_words()))

    def by_problem(self, only: Collection[int] | None = None) -> dict[int, list[Mention]]:
        """problem id -> its mentions that are embedded and have words, by id; of all problems, or of those named."""
        column = tables.mention.c.problem_id
        members: dict[int, list[Mention]] = defaultdict(list)
        for some in [None] if only is None else chunks(sorted(only)):
            named = column.is_not(None) if some is None else column.in_(some)
            for mention, problem in self._with_problems(and_(_is_ranked(), _has_words(), named)):
                if problem is not None:
                    members[problem].append(mention)
        return members

    def sizes(self) -> dict[int, int]:
        """problem id -> how many mentions are evidence for it, those whose words went among them."""
        column = tables.mention.c.problem_id
        query = select(column, func.count()).where(and_(_is_ranked(), column.is_not(None))).group_by(column)
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def heard(self) -> Iterator[Heard]:
        """What is evidence for problems, one after the other by item: few are in memory at a time. Where the words went
        by rule, texts are empty."""
        mention, item = tables.mention.c, tables.feedback.c
        query = (
            select(
                mention.problem_id,
                mention.id,
                mention.stance,
                mention.feedback_id,
                mention.start,
                mention.end,
                item.account_id,
                item.created_at,
                item.kind,
                item.score,
                tables.redaction.c.sealed,
            )
            .select_from(tables.mention.join(tables.feedback).join(tables.redaction))
            .where(and_(_is_ranked(), mention.problem_id.is_not(None)))
            .order_by(mention.feedback_id, mention.id)
            .execution_options(yield_per=1000)
        )
        number, text = 0, ""
        with self._database.read() as connection:
            for row in connection.execute(query):
                if row.feedback_id != number:
                    number = row.feedback_id
                    text = self._cipher.open(row.sealed, column=REDACTED, row=number)
                yield Heard(
                    problem_id=row.problem_id,
                    mention_id=row.id,
                    feedback_id=number,
                    account_id=row.account_id,
                    day=day_of(row.created_at),
                    kind=FeedbackKind(row.kind),
                    stance=Stance(row.stance),
                    score=row.score,
                    text=text[row.start : row.end],
                    item=text,
                )

    def get(self, mention_ids: Sequence[int]) -> list[Mention]:
        found: list[Mention] = []
        for some in chunks(mention_ids):
            found += self._load(tables.mention.c.id.in_(some))
        return found

    def _load(self, where: ColumnElement[bool], *, limit: int | None = None) -> list[Mention]:
        return [mention for mention, _ in self._with_problems(where, limit=limit)]

    def _with_problems(
        self, where: ColumnElement[bool], *, limit: int | None = None
    ) -> list[tuple[Mention, int | None]]:
        """Mentions by id, each with the problem it belongs to."""
        query = (
            select(
                tables.mention,
                tables.feedback.c.created_at,
                tables.feedback.c.account_id,
                tables.feedback.c.score,
                tables.feedback.c.kind,
                tables.redaction.c.sealed,
                tables.redaction.c.is_order,
            )
            .select_from(tables.mention.join(tables.feedback).join(tables.redaction))
            .where(where)
            .order_by(tables.mention.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        texts = {row.feedback_id: row.sealed for row in rows}
        opened = {number: self._cipher.open(sealed, column=REDACTED, row=number) for number, sealed in texts.items()}
        return [(self._mention(row, opened[row.feedback_id]), row.problem_id) for row in rows]

    def _mention(self, row: Row[Any], redacted: str) -> Mention:
        sealed = row.statement
        return Mention(
            id=row.id,
            feedback_id=row.feedback_id,
            text=redacted[row.start : row.end],
            stance=Stance(row.stance),
            created_at=row.created_at,
            start=row.start,
            confidence=row.confidence,
            account_id=row.account_id,
            score=row.score,
            kind=FeedbackKind(row.kind),
            is_order=row.is_order,
            statement=self._cipher.open(sealed, column=STATEMENT, row=row.id) if sealed is not None else None,
        )

    def _count(self, where: ColumnElement[bool]) -> int:
        with self._database.read() as connection:
            return number_of(connection, tables.mention, where)


def _is_ranked() -> ColumnElement[bool]:
    return and_(tables.mention.c.stance.in_(RANKED), tables.mention.c.embedded_by.is_not(None))


def _unembedded(fingerprint: str) -> ColumnElement[bool]:
    column = tables.mention.c
    missing = or_(column.embedded_by.is_(None), column.embedded_by != fingerprint)
    return and_(column.stance != Stance.NOISE.value, missing, _has_words())


def _has_words() -> ColumnElement[bool]:
    """None of them did go by rule."""
    expired = select(tables.feedback.c.id).where(tables.feedback.c.expired_at.is_not(None))
    return tables.mention.c.feedback_id.not_in(expired)


def _states_nothing(row: Row[Any], sentences: Sequence[str] | None) -> bool:
    return sentences is not None and not sentences and not row.held and row.confidence < SURE


def _is_unstated() -> ColumnElement[bool]:
    column = tables.mention.c
    may_be_shown = and_(tables.redaction.c.is_order.is_(False), _has_words())
    return and_(column.stance.in_(RANKED), column.stated_by.is_(None), may_be_shown)


def _is_held() -> ColumnElement[bool]:
    """In a problem on which somebody decided, or of an item about which somebody said where it belongs."""
    column = tables.mention.c
    open_states = [State.INBOX.value, State.MERGED.value]
    decided = select(tables.problem.c.id).where(tables.problem.c.state.not_in(open_states))
    ruled = select(tables.rule.c.feedback_id).where(
        tables.rule.c.feedback_id.is_not(None), tables.rule.c.revoked_by.is_(None)
    )
    return or_(and_(column.problem_id.is_not(None), column.problem_id.in_(decided)), column.feedback_id.in_(ruled))


def _unsure(below: float) -> ColumnElement[bool]:
    column = tables.mention.c
    may_be_shown = and_(tables.redaction.c.is_order.is_(False), _has_words())
    return and_(column.confidence < below, column.told_by.is_(None), may_be_shown, not_(_is_held()))


def _is_moved(row: Row[Any], told: Stance | None) -> bool:
    """Whether the mention comes to be grouped, or ceases to be."""
    return told is not None and Stance(row.stance).is_ranked is not told.is_ranked


def leave_problems(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    """No run has looked at them yet. A problem that quoted one of them is described anew."""
    nowhere = dict.fromkeys(
        ("problem_id", "similarity", "grouped_in", "placed_by", "waits", "runner_up", "runner_similarity", "copy_of")
    )
    drop_also(connection, [row.id for row in rows])
    quote = tables.quote.c
    for row in rows:
        quoting = select(quote.problem_id).where(
            quote.feedback_id == row.feedback_id, quote.start < row.end, quote.end > row.start
        )
        own = and_(tables.problem.c.id == row.problem_id, tables.problem.c.id.in_(quoting))
        connection.execute(update(tables.problem).where(own).values(described_from=None))
        connection.execute(update(tables.mention).where(tables.mention.c.id == row.id).values(nowhere))


def drop_vectors(connection: Connection, mention_ids: Sequence[int]) -> None:
    """To be deleted from the vectors by the next embedding."""
    if not mention_ids:
        return
    connection.execute(insert(tables.gone_vector), [{"mention_id": number} for number in mention_ids])
    for some in chunks(mention_ids):
        connection.execute(update(tables.mention).where(tables.mention.c.id.in_(some)).values(embedded_by=None))


def _waiting(connection: Connection, feedback_ids: Sequence[int]) -> set[int]:
    """Those whose redacted copy still waits to be split: an item that changed meanwhile has none, or another."""
    found: set[int] = set()
    for some in chunks(feedback_ids):
        query = select(tables.redaction.c.feedback_id).where(
            tables.redaction.c.feedback_id.in_(some), tables.redaction.c.is_split.is_(False)
        )
        found |= set(connection.execute(query).scalars())
    return found
