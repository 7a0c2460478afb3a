"""Gather what code knows of a problem before anyone decides on it: accounts, load, evidence, risks, rivals, dates.

Reads only, and asks no model. What gives orders to a machine counts as an item and names no risk and no competitor.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from insights.config import Settings
from insights.domain.access import Act, use_case
from insights.domain.customers import Account, Deal, DealStage
from insights.domain.evidence_gate import Counts, Gate, Thresholds, gate_of
from insights.domain.facts import days_counted
from insights.domain.feedback import Evidence, item_ref
from insights.domain.problem import Problem
from insights.grounds.known import Known, Load, OpenDeals, Payer, Rival, SaidRisk, Shares
from insights.storage.repository import Repository
from insights.text.names import Names
from insights.text.risks import AREAS, risks_in
from insights.valuation import revisions_of

_MOST_REFS = 3
"""Items that are named for one risk or competitor."""


@use_case(Act.LOOK)
def known_of(
    problem: Problem, voices: Sequence[Evidence], *, repository: Repository, settings: Settings, now: datetime
) -> Known:
    """What is known of the problem whose mentions these are, by the day of `now` (UTC)."""
    today = now.date()
    accounts = {account.id: account for account in repository.customers.accounts()}
    affected = {one.account_id for one in voices if one.account_id in accounts}
    deals = [deal for deal in repository.customers.deals() if deal.account_id in affected]
    payers = _payers(voices, accounts, today=today)
    paying = [payer for payer in payers if not payer.left]
    revenues = [payer.revenue for payer in paying if payer.revenue is not None]
    people = [one for one in voices if not one.is_order]
    return Known(
        payers=payers,
        revenue=sum(revenues) if revenues else None,
        unknown=len(paying) - len(revenues),
        left=len(payers) - len(paying),
        segments=_shares(payer.segment for payer in payers),
        plans=_shares(payer.plan for payer in payers),
        regions=_shares(payer.region for payer in payers),
        quotes=tuple(repository.evidence.of_quotes(repository.problems.quotes(problem.id))),
        gate=_gate(problem, voices, settings=settings, today=today),
        load=_load(problem, voices, repository=repository, settings=settings),
        risks=_risks(people),
        rivals=_rivals(people, deals, settings=settings),
        deals=_open_deals(deals, today=today),
        today=today,
    )


@use_case(Act.LOOK)
def thin_evidence(problem_id: int, *, repository: Repository, settings: Settings, now: datetime) -> str:
    """What is short of evidence enough to decide, in words; empty where it is enough. A merged id leads to its heir.
    Raises InsightsError for an unknown problem."""
    problem = repository.problems.get(problem_id)
    voices = repository.evidence.of_problem(problem.id)
    gate = _gate(problem, voices, settings=settings, today=now.date())
    return "; ".join(check.words for check in gate.short)


def _gate(problem: Problem, voices: Sequence[Evidence], *, settings: Settings, today: date) -> Gate:
    wanted = settings.gate
    counts = Counts(
        accounts=problem.accounts,
        items=problem.items,
        sources=len({one.source for one in voices}),
        newest=problem.last_seen.date(),
    )
    thresholds = Thresholds(accounts=wanted.accounts, items=wanted.items, sources=wanted.sources, days=wanted.days)
    return gate_of(counts, thresholds, today=today)


def _load(problem: Problem, voices: Sequence[Evidence], *, repository: Repository, settings: Settings) -> Load:
    """As the estimate counts it, where one was made; else counted here."""
    facts = repository.problems.facts().get(problem.id)
    items, days = (facts.items, facts.days) if facts else _recent(problem, voices, newest=_newest(repository, problem))
    revision = revisions_of(repository, repository.problems.heirs()).get(problem.id)
    worth = settings.worth
    minutes = worth.minutes_per_item if revision is None or revision.minutes is None else revision.minutes
    return Load(items=items, days=days, minutes=minutes, hourly_cost=worth.hourly_cost)


def _recent(problem: Problem, voices: Sequence[Evidence], *, newest: date) -> tuple[int, int]:
    """How many items came in the last so many days before the newest item of all."""
    days = days_counted((newest - problem.first_seen.date()).days)
    return len({one.feedback_id for one in voices if (newest - one.created_at.date()).days < days}), days


def _newest(repository: Repository, problem: Problem) -> date:
    return (repository.feedback.last_day() or problem.last_seen).date()


# -- accounts ---------------------------------------------------------------------------------------------------


def _payers(voices: Sequence[Evidence], accounts: Mapping[int, Account], *, today: date) -> tuple[Payer, ...]:
    items: dict[int, set[int]] = {}
    for one in voices:
        if one.account_id in accounts:
            items.setdefault(one.account_id or 0, set()).add(one.feedback_id)
    found = [_payer(accounts[number], items=len(own), today=today) for number, own in items.items()]
    return tuple(sorted(found, key=lambda one: (one.left, -(one.revenue or 0), -one.items, one.name)))


def _payer(account: Account, *, items: int, today: date) -> Payer:
    return Payer(
        name=account.name,
        revenue=account.annual_revenue,
        segment=account.segment,
        items=items,
        plan=account.plan,
        region=account.region,
        renewal=account.renewal_date,
        left=account.left_on is not None and account.left_on <= today,
    )


def _shares(groups: Iterable[str | None]) -> Shares:
    counts = Counter(group for group in groups if group)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


# -- what words and deals name ----------------------------------------------------------------------------------


def _risks(voices: Sequence[Evidence]) -> tuple[SaidRisk, ...]:
    said: dict[str, dict[str, str]] = {area: {} for area in AREAS}
    for one in voices:
        for area, phrase in risks_in(one.text).items():
            said[area].setdefault(one.ref, phrase)
    return tuple(
        SaidRisk(area=area, phrase=next(iter(refs.values())), items=len(refs), refs=tuple(refs)[:_MOST_REFS])
        for area, refs in said.items()
        if refs
    )


def _rivals(voices: Sequence[Evidence], deals: Sequence[Deal], *, settings: Settings) -> tuple[Rival, ...]:
    """Those that are named most first."""
    product = settings.product.name.casefold()
    names = Names(name for name in settings.product.competitors if name.strip().casefold() != product)
    items = _naming(names, ((one.ref, one.text) for one in voices))
    lost = _naming(
        names,
        (
            (item_ref(deal.source, deal.source_id), deal.reason_lost or "")
            for deal in deals
            if deal.stage is DealStage.LOST
        ),
    )
    found = [
        Rival(
            name=name,
            items=len(items.get(name, ())),
            lost_deals=len(lost.get(name, ())),
            refs=(*items.get(name, [])[:_MOST_REFS], *lost.get(name, [])[:_MOST_REFS]),
        )
        for name in items.keys() | lost.keys()
    ]
    return tuple(sorted(found, key=lambda one: (-one.items - one.lost_deals, one.name)))


def _naming(names: Names, texts: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """name -> the items or deals whose words hold it, each once."""
    found: dict[str, dict[str, None]] = {}
    for ref, text in texts:
        for name in names.within(text):
            found.setdefault(name, {})[ref] = None
    return {name: list(refs) for name, refs in found.items()}


def _open_deals(deals: Sequence[Deal], *, today: date) -> OpenDeals:
    some = [deal for deal in deals if deal.stage is DealStage.OPEN]
    amounts = [deal.amount for deal in some if deal.amount is not None]
    closes = [deal.closed_on for deal in some if deal.closed_on is not None and deal.closed_on >= today]
    return OpenDeals(
        count=len(some),
        amount=sum(amounts) if amounts else None,
        unknown=len(some) - len(amounts),
        next_close=min(closes, default=None),
    )
