"""Estimate what each problem is worth from the accounts, deals and items behind it; order them by return."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from insights.config import Settings
from insights.domain.customers import Deal, DealStage
from insights.domain.estimate import Estimate, Range
from insights.domain.feedback import FeedbackKind, Mention
from insights.grouping.centres import attach, centres_of, nearest_centres
from insights.ports import Embedder
from insights.storage.feedback import day_of
from insights.storage.repository import Repository
from insights.storage.vectors import VectorStore
from insights.worth.estimate import Assumptions, Facts, estimate

RECENT_DAYS = 91
"""Support load is counted over the last quarter: what was fixed before costs nothing today."""

LEAST_DAYS = 14


@dataclass(frozen=True, slots=True)
class _Deals:
    """Amounts of deals by the problem they name; None where nobody told us the amount."""

    open: Mapping[int, list[float | None]]
    lost: Mapping[int, list[float | None]]


def assumptions_of(settings: Settings) -> Assumptions:
    """The settings in the form that the estimate takes."""
    w = settings.worth
    return Assumptions(
        loss=Range(w.loss_low, w.loss_likely, w.loss_high),
        win=Range(w.win_low, w.win_likely, w.win_high),
        lost_deal_share=w.lost_deal_share,
        minutes_per_item=w.minutes_per_item,
        hourly_cost=w.hourly_cost,
        share_avoided=Range(w.share_avoided_low, w.share_avoided_likely, w.share_avoided_high),
        weeks=Range(w.weeks_low, w.weeks_likely, w.weeks_high),
        week_cost=w.week_cost,
        currency=settings.product.currency,
    )


def estimate_problems(repository: Repository, *, settings: Settings, embedder: Embedder, vectors: VectorStore) -> int:
    """Estimate every problem that has evidence. Cheap, so it is always done anew. Returns how many."""
    members = repository.mentions.by_problem()
    revenues = {account.id: account.annual_revenue for account in repository.customers.accounts()}
    all_deals = repository.customers.deals()
    deals = _Deals(_open_deals(all_deals, members), _lost_deals(all_deals, members, embedder=embedder, vectors=vectors))
    newest = max((day_of(m.created_at) for some in members.values() for m in some), default=0)
    assumptions = assumptions_of(settings)
    estimates: dict[int, Estimate] = {}
    for problem, mentions in members.items():
        items = {m.feedback_id: day_of(m.created_at) for m in mentions}
        days = min(RECENT_DAYS, max(LEAST_DAYS, newest - min(items.values()) + 1))
        accounts = {m.account_id for m in mentions if m.account_id is not None}
        facts = Facts(
            items=sum(newest - day < days for day in items.values()),
            days=days,
            revenues=[revenues.get(account) for account in sorted(accounts)],
            open_deals=deals.open.get(problem, []),
            lost_deals=deals.lost.get(problem, []),
        )
        estimates[problem] = estimate(facts, assumptions)
    repository.problems.save_estimates(estimates)
    return len(estimates)


def _open_deals(deals: Sequence[Deal], members: Mapping[int, list[Mention]]) -> dict[int, list[float | None]]:
    """An open deal is named by the problems in its account's sales notes, in equal shares."""
    named: dict[int, set[int]] = defaultdict(set)
    for problem, mentions in members.items():
        for mention in mentions:
            if mention.kind is FeedbackKind.NOTE and mention.account_id is not None:
                named[mention.account_id].add(problem)
    found: dict[int, list[float | None]] = defaultdict(list)
    for deal in deals:
        problems = named.get(deal.account_id or 0, set())
        if deal.stage is DealStage.OPEN:
            for problem in problems:
                found[problem].append(None if deal.amount is None else deal.amount / len(problems))
    return found


def _lost_deals(
    deals: Sequence[Deal], members: Mapping[int, list[Mention]], *, embedder: Embedder, vectors: VectorStore
) -> dict[int, list[float | None]]:
    """A lost deal names the problem that the reason it was lost for belongs to, by meaning."""
    told = [deal for deal in deals if deal.stage is DealStage.LOST and deal.reason_lost]
    if not told or not members:
        return {}
    problems = sorted(members)
    ids = [mention.id for problem in problems for mention in members[problem]]
    labels = np.array([n for n, problem in enumerate(problems) for _ in members[problem]], dtype=np.int64)
    centres = centres_of(vectors.matrix(ids), labels)
    reasons = embedder.embed([deal.reason_lost or "" for deal in told])
    nearest = attach(nearest_centres(reasons, centres), centres)
    found: dict[int, list[float | None]] = defaultdict(list)
    for deal, place in zip(told, nearest, strict=True):
        if place >= 0:
            found[problems[place]].append(deal.amount)
    return found
