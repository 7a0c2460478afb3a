"""Keep problems: which mentions belong to them, their words, quotes, estimates and exports."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from insights.domain.estimate import Assumption, Estimate, Part, Range
from insights.domain.feedback import Quote, Stance
from insights.domain.problem import ExportLink, Problem, State
from insights.domain.trend import HALF_A_YEAR, movement_of, weekly_counts
from insights.errors import ExitCode, InsightsError
from insights.storage import tables
from insights.storage.database import Database, take_ids
from insights.storage.feedback import day_of, start_of_day

WORDS = "problem.sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProblem:
    """A group that has earned an id: the mentions in it, and what it mostly is."""

    stance: Stance
    mentions: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A problem's title, summary and quotes, who wrote them, and the state of the group they were written from."""

    title: str
    summary: str
    described_by: str
    described_from: str
    quotes: tuple[Quote, ...]


class ProblemStore:
    """Problems are added and described, never deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    # -- grouping ---------------------------------------------------------------------------------------------

    def memberships(self) -> dict[int, int]:
        """mention id -> problem id, for mentions that have one."""
        with self._database.read() as connection:
            return _memberships(connection)

    def ungrouped(self) -> set[int]:
        """Mentions that no run has looked at yet."""
        column = tables.mention.c
        where = (column.grouped_in.is_(None)) & (column.embedded_by.is_not(None))
        with self._database.read() as connection:
            return set(connection.execute(select(column.id).where(where)).scalars())

    def save_grouping(
        self,
        run_id: int,
        *,
        joined: Mapping[int, tuple[int | None, float]],
        born: Sequence[tuple[NewProblem, Sequence[float]]],
    ) -> list[int]:
        """Write one run's grouping in one step: `joined` is mention -> (known problem or None, similarity), `born`
        the new problems with their mentions' similarities. A problem that lost all its mentions redirects to the one
        that has most of them now. Returns the ids of the born."""
        with self._database.write() as connection:
            ids = list(take_ids(connection, "problem", count=len(born))) if born else []
            rows = [_problem_row(number, new, run_id) for number, (new, _) in zip(ids, born, strict=True)]
            if rows:
                connection.execute(insert(tables.problem), rows)
            changes = [_membership(m, problem, s, run_id) for m, (problem, s) in joined.items()]
            for number, (new, similarities) in zip(ids, born, strict=True):
                pairs = zip(new.mentions, similarities, strict=True)
                changes += [_membership(m, number, s, run_id) for m, s in pairs]
            before = _memberships(connection)
            if changes:
                connection.execute(_membership_update(), changes)
            _redirect_emptied(connection, before)
        return ids

    # -- words ------------------------------------------------------------------------------------------------

    def described(self) -> dict[int, tuple[str | None, str | None]]:
        """problem id -> (who described it, from which state of the group)."""
        column = tables.problem.c
        with self._database.read() as connection:
            query = select(column.id, column.described_by, column.described_from)
            return {row[0]: (row[1], row[2]) for row in connection.execute(query)}

    def save_words(self, problem_id: int, words: Words) -> None:
        sealed = self._cipher.seal(
            json.dumps({"title": words.title, "summary": words.summary}), column=WORDS, row=problem_id
        )
        with self._database.write() as connection:
            connection.execute(
                update(tables.problem)
                .where(tables.problem.c.id == problem_id)
                .values(sealed=sealed, described_by=words.described_by, described_from=words.described_from)
            )
            connection.execute(delete(tables.quote).where(tables.quote.c.problem_id == problem_id))
            rows = [
                {"problem_id": problem_id, "position": position, **asdict(quote)}
                for position, quote in enumerate(words.quotes)
            ]
            if rows:
                connection.execute(insert(tables.quote), rows)

    def quotes(self, problem_id: int) -> list[Quote]:
        column = tables.quote.c
        query = select(column.feedback_id, column.start, column.end).where(column.problem_id == problem_id)
        with self._database.read() as connection:
            return [Quote(**row._mapping) for row in connection.execute(query.order_by(column.position))]

    # -- estimates --------------------------------------------------------------------------------------------

    def save_estimates(self, estimates: Mapping[int, Estimate]) -> None:
        """problem id -> estimate; ranks are written by `save_ranks`."""
        with self._database.write() as connection:
            for problem_id, estimate in estimates.items():
                connection.execute(
                    update(tables.problem)
                    .where(tables.problem.c.id == problem_id)
                    .values(estimate=json.dumps(asdict(estimate)))
                )

    def save_ranks(self, order: Sequence[int]) -> None:
        """The first id gets rank 1; problems that are not in `order` have none."""
        with self._database.write() as connection:
            connection.execute(update(tables.problem).values(rank=None))
            for rank, problem_id in enumerate(order, 1):
                connection.execute(update(tables.problem).where(tables.problem.c.id == problem_id).values(rank=rank))

    # -- similar ----------------------------------------------------------------------------------------------

    def save_similar(self, similar: Mapping[int, Sequence[tuple[int, float]]]) -> None:
        """problem id -> its nearest others with their cosine, nearest first."""
        with self._database.write() as connection:
            for problem_id, others in similar.items():
                connection.execute(
                    update(tables.problem)
                    .where(tables.problem.c.id == problem_id)
                    .values(similar=json.dumps([list(pair) for pair in others]))
                )

    def similar(self, problem_id: int) -> list[tuple[int, float]]:
        query = select(tables.problem.c.similar).where(tables.problem.c.id == problem_id)
        with self._database.read() as connection:
            stored = connection.execute(query).scalar()
        return [(int(number), float(cosine)) for number, cosine in json.loads(stored or "[]")]

    # -- reading ----------------------------------------------------------------------------------------------

    def all(self, *, weeks: int = 8) -> list[Problem]:
        """Every problem that has evidence, best rank first; trends end with the week of the newest item."""
        with self._database.read() as connection:
            return self._load(connection, None, weeks=weeks)

    def get(self, problem_id: int, *, weeks: int = 8) -> Problem:
        """One problem; a merged id leads to the one it was merged into. Raises InsightsError if unknown."""
        with self._database.read() as connection:
            found = self._load(connection, self._followed(connection, problem_id), weeks=weeks)
        if not found:
            raise InsightsError(
                f"There is no problem P-{problem_id}.",
                remedy="`insights problems` lists those there are.",
                exit_code=ExitCode.USAGE,
            )
        return found[0]

    def version_of(self, problem_id: int) -> int:
        """The version a decision must name, also of a problem whose evidence is gone."""
        column = tables.problem.c
        with self._database.read() as connection:
            return int(connection.execute(select(column.version).where(column.id == problem_id)).scalar_one())

    def _followed(self, connection: Connection, problem_id: int) -> int:
        column = tables.problem.c
        seen = set()
        while problem_id not in seen:
            seen.add(problem_id)
            target = connection.execute(select(column.merged_into).where(column.id == problem_id)).scalar()
            if target is None:
                break
            problem_id = target
        return problem_id

    def _load(self, connection: Connection, only: int | None, *, weeks: int) -> list[Problem]:
        query = select(tables.problem)
        if only is not None:
            query = query.where(tables.problem.c.id == only)
        rows = connection.execute(query).all()
        days = _evidence_days(connection, only)
        counts = _counts(connection, only)
        links = _links(connection, only)
        today = day_of(datetime.now(UTC))  # an item dated in the future must not make all others look old
        newest = min(connection.execute(select(func.max(tables.feedback.c.day))).scalar() or 0, today)
        problems = [
            self._problem(row, days[row.id], counts.get(row.id, (0, 0)), links.get(row.id, ()), newest, weeks)
            for row in rows
            if days.get(row.id)
        ]
        return sorted(problems, key=_by_rank)

    def _problem(
        self,
        row: Any,
        days: list[int],
        counts: tuple[int, int],
        links: tuple[ExportLink, ...],
        newest: int,
        weeks: int,
    ) -> Problem:
        words = json.loads(self._cipher.open(row.sealed, column=WORDS, row=row.id)) if row.sealed else {}
        weekly = weekly_counts(days, last_day=newest, weeks=max(weeks, HALF_A_YEAR))
        return Problem(
            id=row.id,
            title=words.get("title", "(not described yet)"),
            summary=words.get("summary", ""),
            described_by=row.described_by or "",
            stance=Stance(row.stance),
            state=State(row.state),
            version=row.version,
            first_seen=start_of_day(min(days)),
            last_seen=start_of_day(max(days)),
            items=len(days),
            accounts=counts[0],
            mentions=counts[1],
            weekly=weekly[-weeks:],
            weeks_end=start_of_day(newest).date(),
            movement=movement_of(weekly[-HALF_A_YEAR:], ages=[newest - day for day in days]),
            estimate=_estimate(row.estimate, row.rank),
            snoozed_until=row.snoozed_until,
            merged_into=row.merged_into,
            exported=links,
        )

    # -- exports ----------------------------------------------------------------------------------------------

    def save_link(self, link: ExportLink) -> None:
        column = tables.export_link.c
        same = (column.problem_id == link.problem_id) & (column.tracker == link.tracker)
        with self._database.write() as connection:
            connection.execute(delete(tables.export_link).where(same))
            connection.execute(insert(tables.export_link).values(**asdict(link)))


def _problem_row(problem_id: int, new: NewProblem, run_id: int) -> dict[str, Any]:
    return {
        "id": problem_id,
        "born_in": run_id,
        "stance": new.stance.value,
        "state": State.INBOX.value,
        "version": 1,
    }


def _membership(mention: int, problem: int | None, similarity: float, run_id: int) -> dict[str, Any]:
    return {"b_id": mention, "b_problem": problem, "b_similarity": float(similarity), "b_run": run_id}


def _memberships(connection: Connection) -> dict[int, int]:
    column = tables.mention.c
    rows = connection.execute(select(column.id, column.problem_id).where(column.problem_id.is_not(None)))
    return {row[0]: row[1] for row in rows}


def _redirect_emptied(connection: Connection, before: Mapping[int, int]) -> None:
    after = _memberships(connection)
    emptied = set(before.values()) - set(after.values())
    heirs: dict[int, Counter[int]] = defaultdict(Counter)
    for mention, problem in before.items():
        if problem in emptied and mention in after:
            heirs[problem][after[mention]] += 1
    for problem, counts in heirs.items():
        connection.execute(
            update(tables.problem)
            .where(tables.problem.c.id == problem)
            .values(
                merged_into=counts.most_common(1)[0][0],
                state=State.MERGED.value,
                version=tables.problem.c.version + 1,
            )
        )


def _membership_update() -> Any:
    from sqlalchemy import bindparam

    return (
        update(tables.mention)
        .where(tables.mention.c.id == bindparam("b_id"))
        .values(
            problem_id=bindparam("b_problem"),
            similarity=bindparam("b_similarity"),
            grouped_in=bindparam("b_run"),
        )
    )


def _evidence_days(connection: Connection, only: int | None) -> dict[int, list[int]]:
    """problem id -> the day of each distinct item."""
    problem = tables.mention.c.problem_id
    query = (
        select(problem, tables.feedback.c.id, tables.feedback.c.day)
        .select_from(tables.mention.join(tables.feedback))
        .where(problem.is_not(None))
        .distinct()
    )
    if only is not None:
        query = query.where(problem == only)
    days: dict[int, list[int]] = defaultdict(list)
    for problem_id, _, day in connection.execute(query):
        days[problem_id].append(day)
    return days


def _counts(connection: Connection, only: int | None) -> dict[int, tuple[int, int]]:
    """problem id -> (distinct accounts, mentions)."""
    problem = tables.mention.c.problem_id
    query = (
        select(problem, func.count(tables.feedback.c.account_id.distinct()), func.count(tables.mention.c.id))
        .select_from(tables.mention.join(tables.feedback))
        .where(problem.is_not(None))
        .group_by(problem)
    )
    if only is not None:
        query = query.where(problem == only)
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


def _links(connection: Connection, only: int | None) -> dict[int, tuple[ExportLink, ...]]:
    query = select(tables.export_link)
    if only is not None:
        query = query.where(tables.export_link.c.problem_id == only)
    links: dict[int, list[ExportLink]] = defaultdict(list)
    for row in connection.execute(query):
        links[row.problem_id].append(ExportLink(**row._mapping))
    return {problem_id: tuple(found) for problem_id, found in links.items()}


def _by_rank(problem: Problem) -> tuple[float, int]:
    rank = problem.estimate.rank if problem.estimate else None
    return (rank if rank is not None else float("inf"), problem.id)


def _estimate(stored: str | None, rank: int | None) -> Estimate | None:
    if stored is None:
        return None
    fields = json.loads(stored)
    for name in ("value", "cost", "weeks", "roi"):
        fields[name] = Range(**fields[name])
    fields["parts"] = tuple(Part(**{**part, "value": Range(**part["value"])}) for part in fields["parts"])
    fields["assumptions"] = tuple(Assumption(**assumption) for assumption in fields["assumptions"])
    return Estimate(**{**fields, "rank": rank})


def touch(connection: Connection, problem_id: int, *, seen_version: int, values: dict[str, Any]) -> None:
    """Change a problem's row if nobody else did since `seen_version`. Raises InsightsError on a conflict."""
    column = tables.problem.c
    changed = connection.execute(
        update(tables.problem)
        .where(column.id == problem_id, column.version == seen_version)
        .values(**values, version=column.version + 1)
    ).rowcount
    if not changed:
        raise InsightsError(
            f"P-{problem_id} was changed by someone else meanwhile; nothing was overwritten.",
            remedy="Look at it again (`insights show`), then decide.",
        )
