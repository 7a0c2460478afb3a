"""Keep problems: which mentions belong to them, their words, quotes, estimates and exports."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from insights.domain.estimate import Estimate, estimate_to_json, likely_return_in
from insights.domain.facts import Facts, Firm, facts_from_json, facts_to_json, firm_from_json
from insights.domain.feedback import Quote, Stance
from insights.domain.kept_estimate import kept_estimate
from insights.domain.problem import Column, ExportLink, Problem, Standing, State, problem_ref
from insights.domain.trend import HALF_A_YEAR, is_spike, movement_of, weekly_counts
from insights.errors import Conflict, ExitCode, InsightsError
from insights.storage import tables
from insights.storage.database import Database, put_meta
from insights.storage.feedback import chunks, day_of, start_of_day
from insights.storage.links import drop_link, links_of, put_link
from insights.storage.merges import heirs_in, merged_in
from insights.storage.tallies import days_heard_of, evidence_days, heard_since, tallies_of, voices_by_week
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """problem -> voices of each week, oldest first, the last one ending with `last_day`: distinct accounts, and items
    of no known account. Of `weeks_known` weeks there is data."""

    last_day: date
    weeks_known: int
    by_problem: Mapping[int, tuple[int, ...]]


_UNREAD = frozenset(("facts", "similar"))
"""Columns that no `Problem` shows; facts are as long as the estimate."""


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
        rows = [{"b_id": number, "b_estimate": estimate_to_json(estimate)} for number, estimate in estimates.items()]
        query = update(tables.problem).where(tables.problem.c.id == bindparam("b_id"))
        with self._database.write() as connection:
            if rows:
                connection.execute(query.values(estimate=bindparam("b_estimate")), rows)

    def save_ranks(self, order: Sequence[int]) -> None:
        """The first id gets rank 1; problems that are not in `order` have none."""
        with self._database.write() as connection:
            connection.execute(update(tables.problem).values(rank=None))
            rows = [{"b_id": number, "b_rank": rank} for rank, number in enumerate(order, 1)]
            query = update(tables.problem).where(tables.problem.c.id == bindparam("b_id"))
            if rows:
                connection.execute(query.values(rank=bindparam("b_rank")), rows)

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

    def returns(self) -> dict[int, float]:
        """problem id -> the likely return of its kept estimate, of all that have a rank and were not merged."""
        column = tables.problem.c
        where = column.estimate.is_not(None) & column.rank.is_not(None) & column.merged_into.is_(None)
        with self._database.read() as connection:
            rows = connection.execute(select(column.id, column.estimate).where(where))
            return {row[0]: likely_return_in(row[1]) for row in rows}

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

    def first(self, count: int, *, weeks: int = 8) -> list[Problem]:
        """The best by rank of those that wait or are snoozed, at most so many; the others are not read, so that it
        takes no longer where there are many. Fits a screen: a few hundred at most."""
        column = tables.problem.c
        waits = column.state.in_((State.INBOX.value, State.SNOOZED.value))
        query = select(column.id).where(waits, column.rank.is_not(None)).order_by(column.rank).limit(count)
        with self._database.read() as connection:
            return self._load(connection, connection.execute(query).scalars().all(), weeks=weeks)

    def get(self, problem_id: int, *, weeks: int = 8) -> Problem:
        """One problem; a merged id leads to the one it was merged into. Raises InsightsError if unknown."""
        with self._database.read() as connection:
            found = self._load(connection, [heirs_in(connection).get(problem_id, problem_id)], weeks=weeks)
        if not found:
            raise unknown_problem(problem_id)
        return found[0]

    def titles(self, problem_ids: Collection[int]) -> dict[int, str]:
        """problem id -> its title, also of those without evidence, as of what was merged; none before it is named."""
        column = tables.problem.c
        found: dict[int, str] = {}
        with self._database.read() as connection:
            for some in chunks(sorted(set(problem_ids))):
                rows = connection.execute(select(column.id, column.sealed).where(column.id.in_(some)))
                for number, sealed in rows:
                    words = json.loads(self._cipher.open(sealed, column=WORDS, row=number)) if sealed else {}
                    if title := words.get("name") or words.get("title"):
                        found[number] = title
        return found

    def states(self) -> dict[int, State]:
        """problem id -> where it stands."""
        column = tables.problem.c
        with self._database.read() as connection:
            return {row[0]: State(row[1]) for row in connection.execute(select(column.id, column.state))}

    def heard_within(self, days: int) -> dict[int, tuple[int, int]]:
        """problem id -> (distinct accounts, items of no known account) of so many days to the newest item's."""
        with self._database.read() as connection:
            return heard_since(connection, _newest_day(connection) - days + 1)

    def voices(self, weeks: int) -> Voices:
        """Who was heard of each problem, by week to the newest item's day."""
        with self._database.read() as connection:
            last = _newest_day(connection)
            days = days_heard_of(connection, after=last - 14 * weeks, until=last)
            voices = voices_by_week(connection, last, weeks=weeks)
        return Voices(
            last_day=start_of_day(last).date(),
            weeks_known=_weeks_known(days, last, weeks),
            by_problem={number: tuple(counts) for number, counts in voices.items()},
        )

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

    def _load(self, connection: Connection, only: Collection[int] | None, *, weeks: int) -> list[Problem]:
        query = select(*(column for column in tables.problem.c if column.name not in _UNREAD))
        if only is not None:
            query = query.where(tables.problem.c.id.in_(only))
        rows = connection.execute(query).all()
        days = evidence_days(connection, only)
        tallies = tallies_of(connection, only)
        links = links_of(connection, self._cipher, only)
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
        column, place = spot_of(row)
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
            is_spike=is_spike(weekly),
            estimate=estimate_in(row),
            snoozed_until=row.snoozed_until,
            merged_into=row.merged_into,
            exported=links,
            named_by=row.named_by,
            theme_id=row.theme_id,
            column=column,
            place=place,
            is_changed=row.described_from is None,
        )

    # -- exports ----------------------------------------------------------------------------------------------

    def save_link(self, link: ExportLink) -> None:
        with self._database.write() as connection:
            put_link(connection, self._cipher, link)

    def drop_link(self, problem_id: int, *, tracker: str) -> None:
        """The problem counts as not exported there; nothing where it never was."""
        with self._database.write() as connection:
            drop_link(connection, problem_id, tracker=tracker)


def _newest_day(connection: Connection) -> int:
    """An item dated in the future must not make all others look old."""
    today = day_of(datetime.now(UTC))
    return min(connection.execute(select(func.max(tables.feedback.c.day))).scalar() or 0, today)


def _weeks_known(days: Sequence[int], last: int, weeks: int) -> int:
    """How many whole weeks of the last so many lie after the first item. `days` are those with an item of twice as many
    weeks: one that is older than that, or that as long a silence followed, tells nothing of what is usual."""
    window = last - 7 * weeks
    first = next((day for day in days if day > window), last)
    is_known_before = any(first - 7 * weeks <= day <= window for day in days)
    return weeks if is_known_before else (last - first + 1) // 7


def _by_rank(problem: Problem) -> tuple[float, int]:
    rank = problem.estimate.rank if problem.estimate else None
    return (rank if rank is not None else float("inf"), problem.id)


def estimate_in(row: Any) -> Estimate | None:
    """The estimate that a problem's row holds, with its rank."""
    return kept_estimate(row.estimate, rank=row.rank) if row.estimate is not None else None


def spot_of(row: Any) -> tuple[Column | None, float | None]:
    """Where on the board a problem's row stands; what was accepted before there was a board is in Next."""
    if row.state != State.ACCEPTED.value:
        return None, None
    return Column(row.board_column or Column.NEXT), row.place


def values_of(standing: Standing) -> dict[str, Any]:
    """The columns of a problem's row that its decisions give it."""
    return {
        "state": standing.state.value,
        "snoozed_until": standing.until,
        "board_column": standing.column.value if standing.column else None,
        "place": standing.place,
    }


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


def hold(connection: Connection, versions: Mapping[int, int | None]) -> None:
    """Keep others from changing these problems until the transaction ends. Raises Conflict that names all that
    somebody has changed since the version that stands with them."""
    column = tables.problem.c
    query = select(column.id, column.version).where(column.id.in_(versions)).order_by(column.id)
    rows = connection.execute(query.with_for_update()).all()
    stale = [row.id for row in rows if versions[row.id] not in (None, row.version)]
    if stale:
        raise changed_meanwhile(*stale)


def changed_meanwhile(*problem_ids: int) -> Conflict:
    """Somebody else was first."""
    one = len(problem_ids) == 1
    refs = ", ".join(map(problem_ref, problem_ids))
    return Conflict(
        f"{refs} {'was' if one else 'were'} changed by someone else meanwhile; nothing was overwritten.",
        remedy=f"Look at {'it' if one else 'them'} again (`insights show`), then decide.",
        problem_ids=problem_ids,
    )


def unknown_problem(problem_id: int) -> InsightsError:
    """There is none of this id, or nothing tells of it any more."""
    return InsightsError(
        f"There is no problem {problem_ref(problem_id)}.",
        remedy="`insights problems` lists those there are.",
        exit_code=ExitCode.USAGE,
    )
