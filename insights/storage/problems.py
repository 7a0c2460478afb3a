"""Keep problems: which mentions belong to them, their words, quotes, estimates and exports."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from insights.domain.estimate import Estimate, estimate_from_json, estimate_to_json
from insights.domain.facts import Facts, Firm, facts_from_json, facts_to_json, firm_from_json
from insights.domain.feedback import Quote, Stance
from insights.domain.problem import ExportLink, Problem, State
from insights.domain.trend import HALF_A_YEAR, movement_of, weekly_counts
from insights.errors import ExitCode, InsightsError
from insights.storage import tables
from insights.storage.database import Database, put_meta
from insights.storage.feedback import day_of, start_of_day
from insights.storage.merges import heirs_in, merged_in
from insights.storage.tallies import evidence_days, heard_since, links_of, tallies_of
from insights.storage.words import WORDS, seal_words, words_of

FIRM = "firm"
"""Under this name what is known of the whole is kept."""


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

    # -- words ------------------------------------------------------------------------------------------------

    def described(self) -> dict[int, tuple[str | None, str | None]]:
        """problem id -> (who described it, from which state of the group)."""
        column = tables.problem.c
        with self._database.read() as connection:
            query = select(column.id, column.described_by, column.described_from)
            return {row[0]: (row[1], row[2]) for row in connection.execute(query)}

    def save_words(self, problem_id: int, words: Words) -> None:
        """Title, summary and quotes are renewed; a name that a person gave stays before the title."""
        with self._database.write() as connection:
            kept = words_of(connection, self._cipher, problem_id)
            values = {"described_by": words.described_by, "described_from": words.described_from}
            seal_words(
                connection, self._cipher, problem_id, {**kept, "title": words.title, "summary": words.summary}, **values
            )
            connection.execute(delete(tables.quote).where(tables.quote.c.problem_id == problem_id))
            rows = [
                {"problem_id": problem_id, "position": position, **asdict(quote)}
                for position, quote in enumerate(words.quotes)
            ]
            if rows:
                connection.execute(insert(tables.quote), rows)

    def quotes(self, problem_id: int) -> list[Quote]:
        """The quotes whose item still belongs to the problem, in order."""
        column = tables.quote.c
        inside = select(tables.mention.c.feedback_id).where(tables.mention.c.problem_id == problem_id)
        query = select(column.feedback_id, column.start, column.end).where(
            column.problem_id == problem_id, column.feedback_id.in_(inside)
        )
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
                    .values(estimate=estimate_to_json(estimate))
                )

    def save_ranks(self, order: Sequence[int]) -> None:
        """The first id gets rank 1; problems that are not in `order` have none."""
        with self._database.write() as connection:
            connection.execute(update(tables.problem).values(rank=None))
            for rank, problem_id in enumerate(order, 1):
                connection.execute(update(tables.problem).where(tables.problem.c.id == problem_id).values(rank=rank))

    def save_facts(self, facts: Mapping[int, Facts], firm: Firm) -> None:
        """What estimates rest on: a problem that is not in `facts` has none."""
        with self._database.write() as connection:
            connection.execute(update(tables.problem).values(facts=None))
            for problem_id, known in facts.items():
                values = {"facts": facts_to_json(known)}
                connection.execute(update(tables.problem).where(tables.problem.c.id == problem_id).values(**values))
            put_meta(connection, FIRM, facts_to_json(firm))

    def facts(self) -> dict[int, Facts]:
        """problem id -> what its estimate rests on, as of the last analysis."""
        column = tables.problem.c
        with self._database.read() as connection:
            rows = connection.execute(select(column.id, column.facts).where(column.facts.is_not(None)))
            return {row[0]: facts_from_json(row[1]) for row in rows}

    def firm(self) -> Firm:
        """The same of the whole; of an empty firm before the first analysis."""
        kept = self._database.get_meta(FIRM)
        return firm_from_json(kept) if kept else Firm()

    def has_firm(self) -> bool:
        """Whether an analysis has gathered what estimates rest on."""
        return self._database.get_meta(FIRM) is not None

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
        """The nearest others with their cosine, nearest first; one merged since stands under its heir."""
        query = select(tables.problem.c.similar).where(tables.problem.c.id == problem_id)
        with self._database.read() as connection:
            stored = json.loads(connection.execute(query).scalar() or "[]")
            heirs = heirs_in(connection)
        found: dict[int, float] = {}
        for number, cosine in stored:
            found.setdefault(heirs.get(number, number), cosine)
        return [(number, float(cosine)) for number, cosine in found.items() if number != problem_id]

    # -- reading ----------------------------------------------------------------------------------------------

    def all(self, *, weeks: int = 8) -> list[Problem]:
        """Every problem that has evidence, best rank first; trends end with the week of the newest item."""
        with self._database.read() as connection:
            return self._load(connection, None, weeks=weeks)

    def get(self, problem_id: int, *, weeks: int = 8) -> Problem:
        """One problem; a merged id leads to the one it was merged into. Raises InsightsError if unknown."""
        with self._database.read() as connection:
            found = self._load(connection, heirs_in(connection).get(problem_id, problem_id), weeks=weeks)
        if not found:
            raise InsightsError(
                f"There is no problem P-{problem_id}.",
                remedy="`insights problems` lists those there are.",
                exit_code=ExitCode.USAGE,
            )
        return found[0]

    def states(self) -> dict[int, State]:
        """problem id -> where it stands."""
        column = tables.problem.c
        with self._database.read() as connection:
            return {row[0]: State(row[1]) for row in connection.execute(select(column.id, column.state))}

    def heard_within(self, days: int) -> dict[int, tuple[int, int]]:
        """problem id -> (distinct accounts, items of no known account) of so many days to the newest item's."""
        with self._database.read() as connection:
            return heard_since(connection, _newest_day(connection) - days + 1)

    def version_of(self, problem_id: int) -> int:
        """The version a decision must name, also of a problem whose evidence is gone."""
        column = tables.problem.c
        with self._database.read() as connection:
            return int(connection.execute(select(column.version).where(column.id == problem_id)).scalar_one())

    def heirs(self) -> dict[int, int]:
        """merged problem -> the one that stands for it in the end."""
        with self._database.read() as connection:
            return heirs_in(connection)

    def line_of(self, problem_id: int) -> list[int]:
        """The problem, the one that it was merged into, the one that this was merged into, and so on."""
        with self._database.read() as connection:
            direct = merged_in(connection)
        line = [problem_id]
        while direct.get(line[-1], line[-1]) not in line:
            line.append(direct[line[-1]])
        return line

    def born_in(self, problem_id: int) -> int | None:
        """The run that made the problem, or after which a person split it off; None where there is no such problem."""
        query = select(tables.problem.c.born_in).where(tables.problem.c.id == problem_id)
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def _load(self, connection: Connection, only: int | None, *, weeks: int) -> list[Problem]:
        query = select(tables.problem)
        if only is not None:
            query = query.where(tables.problem.c.id == only)
        rows = connection.execute(query).all()
        days = evidence_days(connection, only)
        tallies = tallies_of(connection, only)
        links = links_of(connection, only)
        newest = _newest_day(connection)
        problems = [
            self._problem(row, days[row.id], tallies.get(row.id, (0, 0)), links.get(row.id, ()), newest, weeks)
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
            title=words.get("name") or words.get("title", "(not described yet)"),
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
            named_by=row.named_by,
            theme_id=row.theme_id,
        )

    # -- exports ----------------------------------------------------------------------------------------------

    def save_link(self, link: ExportLink) -> None:
        column = tables.export_link.c
        same = (column.problem_id == link.problem_id) & (column.tracker == link.tracker)
        with self._database.write() as connection:
            connection.execute(delete(tables.export_link).where(same))
            connection.execute(insert(tables.export_link).values(**asdict(link)))


def _newest_day(connection: Connection) -> int:
    """An item dated in the future must not make all others look old."""
    today = day_of(datetime.now(UTC))
    return min(connection.execute(select(func.max(tables.feedback.c.day))).scalar() or 0, today)


def _by_rank(problem: Problem) -> tuple[float, int]:
    rank = problem.estimate.rank if problem.estimate else None
    return (rank if rank is not None else float("inf"), problem.id)


def _estimate(stored: str | None, rank: int | None) -> Estimate | None:
    return replace(estimate_from_json(stored), rank=rank) if stored is not None else None


def touch(connection: Connection, problem_id: int, *, seen_version: int, values: dict[str, Any]) -> None:
    """Change a problem's row if nobody else did since `seen_version`. Raises InsightsError on a conflict."""
    column = tables.problem.c
    changed = connection.execute(
        update(tables.problem)
        .where(column.id == problem_id, column.version == seen_version)
        .values(**values, version=column.version + 1)
    ).rowcount
    if not changed:
        raise changed_meanwhile(problem_id)


def changed_meanwhile(problem_id: int) -> InsightsError:
    """Somebody else was first."""
    return InsightsError(
        f"P-{problem_id} was changed by someone else meanwhile; nothing was overwritten.",
        remedy="Look at it again (`insights show`), then decide.",
    )
