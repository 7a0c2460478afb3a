"""Write what people correct in the grouping: where mentions are, what was merged into what, and names."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, select, update

from insights.domain.correction import PERSON, Correction, Place
from insights.domain.lineage import LineageEntry
from insights.domain.problem import Decision, Standing, State
from insights.domain.rule import Rule
from insights.storage import tables
from insights.storage.database import Database, take_ids
from insights.storage.decisions import DecisionStore
from insights.storage.encryption import Cipher
from insights.storage.feedback import chunks
from insights.storage.lineage import LineageStore
from insights.storage.merges import heirs_in
from insights.storage.problems import hold, spot_of, values_of
from insights.storage.rules import RuleStore
from insights.storage.words import seal_words, words_of

SEALED = "correction.sealed"

STALE = {"described_from": None}
"""What no longer fits a problem whose mentions changed: the next run makes it anew."""

_NOTED = ("similarity", "placed_by", "waits", "runner_up", "runner_similarity")


class CorrectionStore:
    """What corrections did."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, decision_ids: Iterable[int]) -> dict[int, Correction]:
        """decision id -> what it did, for those that are corrections."""
        column = tables.correction.c
        found: dict[int, Correction] = {}
        with self._database.read() as connection:
            for some in chunks(sorted(set(decision_ids))):
                rows = connection.execute(select(tables.correction).where(column.decision_id.in_(some)))
                found |= {row.decision_id: _correction(row, self._database.cipher) for row in rows}
        return found

    def problems_of(self, feedback_ids: Iterable[int]) -> dict[int, set[int]]:
        """item -> the problems that its mentions are in."""
        with self._database.read() as connection:
            return _problems_of(connection, feedback_ids)


@dataclass(frozen=True, slots=True)
class Correcting:
    """One correction while it is written: every method is part of its transaction."""

    connection: Connection
    cipher: Cipher
    decisions: DecisionStore
    rules: RuleStore
    lineage: LineageStore

    # -- the books --------------------------------------------------------------------------------------------

    def history(self, problem_id: int) -> list[Decision]:
        """All decisions on one problem, oldest first."""
        return self.decisions.of(problem_id, connection=self.connection)

    def heirs(self) -> dict[int, int]:
        """merged problem -> the one that stands for it in the end."""
        return heirs_in(self.connection)

    def new_batch(self) -> int:
        """The number that decisions which are made as one share."""
        return self.decisions.new_batch(connection=self.connection)

    def decide(self, decision: Decision, correction: Correction | None = None) -> Decision:
        """Append the decision with a new id, and what it did."""
        made = self.decisions.append(decision, connection=self.connection)
        if correction is not None:
            sealed = self.cipher.seal(json.dumps(asdict(correction)), column=SEALED, row=made.id)
            self.connection.execute(insert(tables.correction).values(decision_id=made.id, sealed=sealed))
        return made

    def standing_rules(self) -> list[Rule]:
        return self.rules.standing(connection=self.connection)

    def rule(self, rules: Sequence[Rule], *, against: Sequence[Rule], decision_id: int) -> None:
        """Write the rules of a decision, and take back those that it denies."""
        self.rules.overrule(self.connection, [rule.id for rule in against], by=decision_id)
        self.rules.add(self.connection, rules)

    def revoke(self, decision_id: int, *, by: int) -> None:
        """Take back the rules of a decision; those that it had taken back stand again."""
        self.rules.revoke(self.connection, decision_id, by=by)

    def tell(self, *entries: LineageEntry) -> None:
        self.lineage.add(entries, connection=self.connection)

    # -- mentions ---------------------------------------------------------------------------------------------

    def members(self, problem_id: int) -> dict[int, list[int]]:
        """item -> its mentions in the problem, also those that wait for a vector."""
        column = tables.mention.c
        query = select(column.feedback_id, column.id).where(column.problem_id == problem_id).order_by(column.id)
        members: dict[int, list[int]] = defaultdict(list)
        for item, mention in self.connection.execute(query):
            members[item].append(mention)
        return members

    def problems_of(self, feedback_ids: Iterable[int]) -> dict[int, set[int]]:
        """item -> the problems that its mentions are in."""
        return _problems_of(self.connection, feedback_ids)

    def move(self, mention_ids: Sequence[int], *, to: int | None) -> tuple[Place, ...]:
        """Somebody puts mentions into a problem, or into none: how they stood before, which is not noted any more."""
        before = self._places(mention_ids)
        self._write(mention_ids, {**dict.fromkeys(_NOTED), "placed_by": PERSON, "problem_id": to})
        return before

    def move_all(self, mention_ids: Sequence[int], *, to: int) -> tuple[Place, ...]:
        """All mentions of a problem go along into another; what was noted of each stays. How they stand."""
        before = self._places(mention_ids)
        self._write(mention_ids, {"problem_id": to})
        return before

    def _places(self, mention_ids: Sequence[int]) -> tuple[Place, ...]:
        column = tables.mention.c
        query = select(column.id.label("mention_id"), *(column[name] for name in _NOTED)).order_by(column.id)
        found = [
            Place(**row._mapping)
            for some in chunks(mention_ids)
            for row in self.connection.execute(query.where(column.id.in_(some)))
        ]
        return tuple(found)

    def _write(self, mention_ids: Sequence[int], values: dict[str, Any]) -> None:
        for some in chunks(mention_ids):
            self.connection.execute(update(tables.mention).where(tables.mention.c.id.in_(some)).values(**values))

    def put_back(self, places: Sequence[Place], *, found_in: int | None, to: int) -> set[int]:
        """Return mentions to a problem, as they stood, where they are still in the one that they were moved to. The
        items that went back."""
        column = tables.mention.c
        here = column.problem_id == found_in if found_in is not None else column.problem_id.is_(None)
        items: dict[int, int] = {}
        for some in chunks([place.mention_id for place in places]):
            query = select(column.id, column.feedback_id).where(column.id.in_(some), here)
            items |= {row[0]: row[1] for row in self.connection.execute(query)}
        rows = [
            {"b_problem_id": to, **{f"b_{name}": value for name, value in asdict(place).items()}}
            for place in places
            if place.mention_id in items
        ]
        if rows:
            values: dict[str, Any] = {name: bindparam(f"b_{name}") for name in ("problem_id", *_NOTED)}
            where = column.id == bindparam("b_mention_id")
            self.connection.execute(update(tables.mention).where(where).values(**values), rows)
        return set(items.values())

    # -- problems ---------------------------------------------------------------------------------------------

    def hold(self, versions: Mapping[int, int | None]) -> None:
        """Keep others from changing these problems until the transaction ends. Raises InsightsError where somebody
        has changed one since the version that is named with it."""
        hold(self.connection, versions)

    def make(self, mention_ids: Sequence[int], *, title: str) -> int:
        """A new problem in the inbox, without its mentions yet; `title` serves until it is described."""
        number = take_ids(self.connection, "problem", count=1)[0]
        last_run = self.connection.execute(select(func.max(tables.run.c.id))).scalar() or 0
        row = {
            "id": number,
            "born_in": last_run,
            "stance": _stance(self.connection, mention_ids),
            "state": State.INBOX.value,
            "version": 1,
        }
        self.connection.execute(insert(tables.problem).values(**row))
        seal_words(self.connection, self.cipher, number, {"title": title, "summary": ""})
        return number

    def reshape(self, problem_id: int, *, standing: Standing | None = None) -> None:
        """The problem's mentions changed; it gets what it is by its decisions, if that changed, too."""
        self._change(problem_id, {**STALE, **(values_of(standing) if standing else {})})

    def redirect(self, problem_id: int, *, into: int) -> None:
        """The problem's id leads to another from now on. Its rank is kept, for when it stands for itself again."""
        merged = values_of(Standing(state=State.MERGED))
        self._change(problem_id, {**STALE, **merged, "merged_into": into})

    def revive(self, problem_id: int, *, standing: Standing) -> None:
        """A merged problem stands for itself again."""
        self._change(problem_id, {**STALE, **values_of(standing), "merged_into": None})

    def described_from(self, problem_id: int) -> str | None:
        """The state of the group that the problem's words were made from; None where the next run makes them anew."""
        query = select(tables.problem.c.described_from).where(tables.problem.c.id == problem_id)
        return self.connection.execute(query).scalar()

    def keep_words(self, problem_id: int, *, described_from: str | None) -> None:
        """The problem's words fit its mentions again."""
        changed = update(tables.problem).where(tables.problem.c.id == problem_id)
        self.connection.execute(changed.values(described_from=described_from))

    def stands(self, problem_id: int) -> Standing:
        """What the problem is by its decisions."""
        row = self.connection.execute(select(tables.problem).where(tables.problem.c.id == problem_id)).one()
        column, place = spot_of(row)
        return Standing(state=State(row.state), until=row.snoozed_until, column=column, place=place)

    def leads(self, problem_id: int) -> int | None:
        """The problem that the id of a merged one leads to; None for one that stands for itself."""
        query = select(tables.problem.c.merged_into).where(tables.problem.c.id == problem_id)
        return self.connection.execute(query).scalar()

    def name(self, problem_id: int, *, title: str | None, by: str | None) -> None:
        """The title that a person gives; without one, that of the description counts again."""
        words = words_of(self.connection, self.cipher, problem_id)
        described = {key: value for key, value in words.items() if key != "name"}
        named = {} if title is None else {"name": title}
        seal_words(self.connection, self.cipher, problem_id, {**described, **named})
        self._change(problem_id, {"named_by": by})

    def _change(self, problem_id: int, values: dict[str, Any]) -> None:
        column = tables.problem.c
        changed = update(tables.problem).where(column.id == problem_id)
        self.connection.execute(changed.values(**values, version=column.version + 1))


def _correction(row: Row[Any], cipher: Cipher) -> Correction:
    fields = json.loads(cipher.open(row.sealed, column=SEALED, row=row.decision_id))
    return Correction(**{**fields, "places": tuple(Place(**place) for place in fields["places"])})


def _problems_of(connection: Connection, feedback_ids: Iterable[int]) -> dict[int, set[int]]:
    column = tables.mention.c
    places: dict[int, set[int]] = {item: set() for item in feedback_ids}
    for some in chunks(sorted(places)):
        where = and_(column.feedback_id.in_(some), column.problem_id.is_not(None))
        for item, problem in connection.execute(select(column.feedback_id, column.problem_id).where(where).distinct()):
            places[item].add(problem)
    return places


def _stance(connection: Connection, mention_ids: Sequence[int]) -> str:
    """What most of the mentions do."""
    column = tables.mention.c
    counts: Counter[str] = Counter()
    for some in chunks(mention_ids):
        counts.update(connection.execute(select(column.stance).where(column.id.in_(some))).scalars())
    return counts.most_common(1)[0][0]
