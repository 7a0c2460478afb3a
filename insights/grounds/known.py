"""What code knows of a problem before anyone decides on it, and the same as the brief's fields tell it. Pure.

Counts, amounts, days and the names that accounts go by; of customers' words only which names and risks they hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from insights.domain.brief import Told
from insights.domain.estimate import Part
from insights.domain.evidence_gate import Gate
from insights.domain.feedback import Evidence
from insights.domain.figures import counted, likely, money
from insights.domain.problem import Problem
from insights.text.clean import one_line

DAYS_IN_YEAR = 365.0
_GROUPS = 4
"""Segments, plans or regions that are named."""
_RENEWALS = 3
"""Renewals that are named."""

Shares = tuple[tuple[str, int], ...]
"""How many accounts are in each segment, plan or region, the largest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """An account that has the problem: what it pays a year (None: nobody told us), how many items are its own, and its
    next renewal. One that has `left` pays nothing."""

    name: str
    revenue: float | None
    segment: str | None
    items: int
    plan: str | None = None
    region: str | None = None
    renewal: date | None = None
    left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Items of the last `days`, each of which takes so many minutes at so much an hour; one that states several
    problems may count in parts."""

    items: float
    days: float
    minutes: float
    hourly_cost: float

    @property
    def a_year(self) -> float:
        return self.items * DAYS_IN_YEAR / max(self.days, 1)

    @property
    def hours_a_year(self) -> float:
        return self.a_year * self.minutes / 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidRisk:
    """A risk that words give reason for: a phrase of theirs, how many items hold one, and some of these."""

    area: str
    phrase: str
    items: int
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A competitor that items name, or the reasons of lost deals of the same accounts; and some of both."""

    name: str
    items: int
    lost_deals: int
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDeals:
    """Open deals with the accounts concerned: the known amounts together, how many are unknown, and the next day on
    which one is expected to close."""

    count: int
    amount: float | None
    unknown: int
    next_close: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Accounts come those that pay most first; `revenue` is what they pay together, `unknown` of how many it is not
    known, `left` how many are customers no longer. `quotes` are the verified ones."""

    payers: tuple[Payer, ...]
    revenue: float | None
    unknown: int
    left: int
    segments: Shares
    plans: Shares
    regions: Shares
    quotes: tuple[Evidence, ...]
    gate: Gate
    load: Load
    risks: tuple[SaidRisk, ...]
    rivals: tuple[Rival, ...]
    deals: OpenDeals
    today: date

    @property
    def renewals(self) -> tuple[Payer, ...]:
        """Accounts whose renewal is to come, the next first."""
        some = [payer for payer in self.payers if not payer.left and payer.renewal and payer.renewal >= self.today]
        return tuple(sorted(some, key=lambda payer: (payer.renewal or self.today, payer.name)))


def from_accounts(problem: Problem, known: Known, *, currency: str) -> str:
    """Whom it comes from: "from 7 accounts paying $610k a year, 2 of them of unknown revenue"."""
    if not problem.accounts:
        return "from no known account"
    accounts = f"from {counted(problem.accounts, 'account')}"
    left = f", {known.left:,} of them left" if known.left else ""
    if known.revenue is None:
        return f"{accounts}{' of unknown revenue' if known.unknown else ''}{left}"
    unknown = f", {known.unknown:,} of them of unknown revenue" if known.unknown else ""
    return f"{accounts} paying {money(known.revenue, currency)} a year{unknown}{left}"


def shares_in_words(shares: Shares) -> str:
    """ "SMB 4 of 7, Enterprise 3"; empty where nobody told."""
    if not shares:
        return ""
    (first, most), *others = shares[:_GROUPS]
    told = [f"{one_line(first, 40)} {most:,} of {sum(count for _, count in shares):,}"]
    told += [f"{one_line(name, 40)} {count:,}" for name, count in others]
    more = len(shares) - _GROUPS
    return ", ".join([*told, *([f"{more:,} more"] if more > 0 else [])])


def told_by_data(
    problem: Problem, known: Known, *, currency: str, is_short: bool = False
) -> Mapping[str, Sequence[Told]]:
    """The fields that data fills, by the keys of `insights.domain.brief.FIELDS`; those of which it knows nothing are
    empty. Short: without the parts of the estimate, and of the checks only what is short."""
    parts = problem.estimate.parts if problem.estimate and not is_short else ()
    return {
        "who_hurts": tuple(map(Told, _who(problem, known, currency))),
        "wasted": tuple(map(Told, _wasted(parts, known, currency))),
        "evidence": tuple(map(Told, [known.gate.words] if is_short else _evidence(known.gate))),
        "risks": tuple(Told(_risk(one), refs=one.refs) for one in known.risks),
        "competitors": tuple(Told(_rival(one), refs=one.refs) for one in known.rivals),
        "timeline": tuple(map(Told, _timeline(known, currency))),
    }


def asking(known: Known) -> tuple[str, ...]:
    """The fields that ask although the data tells of them: evidence that is thin."""
    return () if known.gate.is_enough else ("evidence",)


def _who(problem: Problem, known: Known, currency: str) -> Iterator[str]:
    yield f"{counted(problem.items, 'item')} {from_accounts(problem, known, currency=currency)}"
    groups = (("Segments", known.segments), ("Plans", known.plans), ("Regions", known.regions))
    yield from (f"{name}: {shares_in_words(shares)}" for name, shares in groups if shares)
    paying = [payer for payer in known.payers if payer.revenue and not payer.left]
    if len(paying) > 1:
        most, whole = money(paying[0].revenue, currency), money(known.revenue, currency)
        yield f"Pays most: {one_line(paying[0].name, 60)}, {most} of {whole} a year"


def _wasted(parts: Sequence[Part], known: Known, currency: str) -> Iterator[str]:
    load = known.load
    if load.items and load.minutes:
        cost = money(load.hours_a_year * load.hourly_cost, currency)
        yield (
            f"Support: {counted(round(load.items), 'item')} in {load.days:,.0f} days, {load.a_year:,.0f} a year × "
            f"{load.minutes:g} min = {_hours(load.hours_a_year)} a year, {cost}"
        )
    yield from (f"Saved by a fix: {_worth(part, currency)}" for part in parts if _is(part, "support"))
    if known.revenue is not None:
        yield f"Revenue at stake: accounts that have it pay {money(known.revenue, currency)} a year"
        yield from (f"Lost if it stays: {_worth(part, currency)}" for part in parts if _is(part, "kept"))


def _hours(hours: float) -> str:
    return "less than an hour" if hours < 1 else counted(round(hours), "hour")


def _worth(part: Part, currency: str) -> str:
    return f"{likely(part.value, currency)} a year ({one_line(part.words, 400)})"


def _is(part: Part, word: str) -> bool:
    """Whether it is that part of the estimate, and more than nothing."""
    return word in part.name and part.value.likely > 0


def _evidence(gate: Gate) -> Iterator[str]:
    yield "Enough" if gate.is_enough else "Thin"
    yield from (f"{'passed' if check.passed else 'short'}: {check.words}" for check in gate.checks)


def _risk(risk: SaidRisk) -> str:
    verb = "says" if risk.items == 1 else "say"
    return f"{risk.area.capitalize()}: {counted(risk.items, 'item')} {verb} “{risk.phrase}” or the like"


def _rival(rival: Rival) -> str:
    told = [f"named by {counted(rival.items, 'item')}"] if rival.items else []
    told += [f"reason of {counted(rival.lost_deals, 'lost deal')}"] if rival.lost_deals else []
    return f"{one_line(rival.name, 60)}: {', '.join(told)}"


def _timeline(known: Known, currency: str) -> Iterator[str]:
    renewals = known.renewals
    if renewals:
        some = ", ".join(_renewal(payer, currency) for payer in renewals[:_RENEWALS])
        more = len(renewals) - _RENEWALS
        yield f"Next renewals: {some}{f', {more:,} more' if more > 0 else ''}"
    if known.deals.count:
        yield f"Open deals: {_deals(known.deals, currency)}"


def _renewal(payer: Payer, currency: str) -> str:
    pays = f", {money(payer.revenue, currency)} a year" if payer.revenue is not None else ""
    return f"{one_line(payer.name, 60)} ({payer.renewal:%Y-%m-%d}{pays})"


def _deals(deals: OpenDeals, currency: str) -> str:
    """ "2 with the same accounts, $80k together, the amount of 1 unknown; the next expected to close on 2026-12-10"."""
    told = [f"{deals.count:,} with the same accounts"]
    told += [f"{money(deals.amount, currency)} together"] if deals.amount is not None else []
    told += [f"the amount of {deals.unknown:,} unknown"] if deals.unknown else []
    close = f"; the next expected to close on {deals.next_close:%Y-%m-%d}" if deals.next_close else ""
    return f"{', '.join(told)}{close}"
