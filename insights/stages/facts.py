"""Gather what estimates rest on: accounts that have a problem, what they pay, deals that name it, load, departures."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from insights.domain.assessed import Assessed
from insights.domain.customers import Account, Deal, DealStage
from insights.domain.facts import Affected, Effort, Facts, Firm, Scores, Stay, days_counted
from insights.domain.feedback import FeedbackKind, Stance
from insights.storage.feedback import day_number, day_of
from insights.storage.mentions import Heard
from insights.storage.repository import Repository
from insights.storage.retaining import Signs
from insights.text.intent import is_renewal, speaks_of_leaving
from insights.text.severity import MOST_SEVERE_FIRST, Severity, problem_severity, severity_of
from insights.worth.value import held

SCORE_DAYS = 365
"""How long an NPS answer counts for the score."""

BY_RULE = "rule"
"""Who told a severity that no model and no person did."""

_YEAR = 365.0


@dataclass(slots=True)
class Evidence:
    """What one problem's mentions say of it, gathered one by one; days count from 1970."""

    items: dict[int, int] = field(default_factory=dict)
    mentions: list[int] = field(default_factory=list)
    since: dict[int, int] = field(default_factory=dict)
    leaving: set[int] = field(default_factory=set)
    noted_by: set[int] = field(default_factory=set)
    severe: dict[tuple[bool, int], Severity] = field(default_factory=dict)
    requests: int = 0

    def add(self, heard: Heard, *, is_leaving: bool, severity: Severity | None) -> None:
        self.items[heard.feedback_id] = heard.day
        self.mentions.append(heard.mention_id)
        self.requests += heard.stance is Stance.REQUEST
        self._note_severity(heard, severity)
        if heard.account_id is None:
            return
        self.since[heard.account_id] = min(heard.day, self.since.get(heard.account_id, heard.day))
        if is_leaving:
            self.leaving.add(heard.account_id)
        if heard.kind is FeedbackKind.NOTE:
            self.noted_by.add(heard.account_id)

    def _note_severity(self, heard: Heard, said: Severity | None) -> None:
        """The worst that each voice says: an account's, or an item's where the account is not known."""
        voice = (heard.account_id is not None, heard.account_id or heard.feedback_id)
        if said is not None:
            self.severe[voice] = min(said, self.severe.get(voice, said), key=MOST_SEVERE_FIRST.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Amounts of the deals that name a problem; None where nobody told us the amount."""

    open: Mapping[int, list[float | None]]
    lost: Mapping[int, list[float | None]]
    renewals: Mapping[int, int]


def gather_evidence(heard: Iterable[Heard], signs: Mapping[int, Signs] = MappingProxyType({})) -> dict[int, Evidence]:
    """problem id -> its evidence; `signs` by item are what words said that went by rule."""
    found: dict[int, Evidence] = defaultdict(Evidence)
    item, is_leaving = 0, False
    for one in heard:
        kept = signs.get(one.feedback_id)
        if one.feedback_id != item:
            item, is_leaving = one.feedback_id, kept.is_leaving if kept else speaks_of_leaving(one.item)
        found[one.problem_id].add(one, is_leaving=is_leaving, severity=_said(one, kept))
    return dict(found)


def _said(heard: Heard, kept: Signs | None) -> Severity | None:
    told = kept.severe.get(heard.mention_id) if kept else None
    known: Severity | None = next((one for one in MOST_SEVERE_FIRST if one == told), None)
    return known or severity_of(heard.text, heard.stance)


def gather_facts(
    evidence: Mapping[int, Evidence],
    repository: Repository,
    *,
    named: Named,
    efforts: Mapping[int, Effort],
    assessed: Mapping[int, Assessed],
) -> tuple[dict[int, Facts], Firm]:
    """The facts of each problem, and of the firm."""
    today = _today(repository)
    accounts = {account.id: account for account in repository.customers.accounts()}
    answers = [answer for answer in repository.feedback.answers() if today - answer[2] < SCORE_DAYS]
    latest = {account: score for _, account, _, score in answers if account is not None}
    scores = {number: score for number, _, _, score in answers}
    shares = _item_shares(evidence)
    facts = {
        number: _facts(
            some,
            accounts=accounts,
            latest=latest,
            scores=scores,
            shares=shares,
            today=today,
            said=assessed.get(number),
            effort=efforts.get(number),
            deals=(named.open.get(number, []), named.lost.get(number, []), named.renewals.get(number, 0)),
        )
        for number, some in evidence.items()
    }
    return facts, _firm(repository, accounts, scores=list(scores.values()), today=today)


def _today(repository: Repository) -> int:
    """The day of the newest item: an old export is looked at as of its end. None may be in the future."""
    newest, clock = repository.feedback.last_day(), datetime.now(UTC)
    return day_of(min(newest or clock, clock))


def _item_shares(evidence: Mapping[int, Evidence]) -> dict[int, float]:
    """What an item counts with in each of its problems: handled once, however many it states."""
    problems: dict[int, int] = defaultdict(int)
    for some in evidence.values():
        for item in some.items:
            problems[item] += 1
    return {item: 1 / count for item, count in problems.items()}


def _facts(
    some: Evidence,
    *,
    accounts: Mapping[int, Account],
    latest: Mapping[int, float],
    scores: Mapping[int, float],
    shares: Mapping[int, float],
    today: int,
    said: Assessed | None,
    effort: Effort | None,
    deals: tuple[list[float | None], list[float | None], int],
) -> Facts:
    days = days_counted(today - min(some.items.values()))
    known = [accounts[number] for number in sorted(some.since) if number in accounts]
    severity, severity_by, severity_said, voices = _severity(some, said)
    modelled = Effort(weeks=said.weeks, source=said.by) if said and said.weeks else None
    return Facts(
        items=sum(shares[item] for item, day in some.items.items() if 0 <= today - day < days),
        days=days,
        accounts=tuple(_affected(account, some, latest=latest, today=today) for account in known),
        open_deals=tuple(deals[0]),
        lost_deals=tuple(deals[1]),
        renewals=deals[2],
        severity=severity,
        severity_by=severity_by,
        severity_said=severity_said,
        voices=voices,
        effort=effort or modelled,
        stay=_sum(stay_of(account, since=some.since[account.id], today=today) for account in known),
        scores=scores_of(scores[item] for item in some.items if item in scores),
        is_request=2 * some.requests > len(some.mentions),
    )


def _severity(some: Evidence, said: Assessed | None) -> tuple[str | None, str, int, int]:
    """The severity, who told it, and where a rule did how many voices of how many said so. A model outranks it."""
    if said is not None:
        return said.severity, said.by, 0, 0
    told = Counter(some.severe.values())
    by_rule = problem_severity(told)
    return (None, "", 0, 0) if by_rule is None else (by_rule, BY_RULE, told[by_rule], told.total())


def _affected(account: Account, some: Evidence, *, latest: Mapping[int, float], today: int) -> Affected:
    renewal = account.renewal_date
    has_left = account.left_on is not None and day_number(account.left_on) <= today
    return Affected(
        account=account.id,
        revenue=0.0 if has_left else account.annual_revenue,
        score=latest.get(account.id),
        says_leaving=account.id in some.leaving,
        renewal_days=None if renewal is None else day_number(renewal) - today,
    )


def _firm(repository: Repository, accounts: Mapping[int, Account], *, scores: Sequence[float], today: int) -> Firm:
    heard = repository.feedback.heard_accounts() & accounts.keys()
    first = repository.feedback.first_day() or today
    there = [one for one in accounts.values() if one.left_on is None or day_number(one.left_on) > today]
    silent = [one for one in there if one.id not in heard]
    return Firm(
        stay=_sum(stay_of(account, since=first, today=today) for account in accounts.values()),
        scores=scores_of(scores),
        heard=len(heard),
        silent=len(silent),
        silent_revenue=sum(held(one.annual_revenue) for one in silent),
    )


def stay_of(account: Account, *, since: int, today: int) -> Stay:
    """How long an account was watched from a day on, or from when it became a customer, and whether it left."""
    start = since if account.customer_since is None else max(since, day_number(account.customer_since))
    left = None if account.left_on is None else day_number(account.left_on)
    if left is not None and left < start:
        return Stay()
    has_left = left is not None and left <= today
    end = left if has_left and left is not None else today
    return Stay(left=int(has_left), years=max(end - start, 0) / _YEAR)


def _sum(stays: Iterable[Stay]) -> Stay:
    some = list(stays)
    return Stay(left=sum(one.left for one in some), years=sum(one.years for one in some))


def scores_of(scores: Iterable[float]) -> Scores:
    """Answers of 0 to 10 as promoters, passives and detractors."""
    some = list(scores)
    promoters, detractors = sum(score >= 9 for score in some), sum(score <= 6 for score in some)
    return Scores(promoters=promoters, detractors=detractors, passives=len(some) - promoters - detractors)


# -- deals --------------------------------------------------------------------------------------------------------


def open_deals(
    deals: Sequence[Deal], evidence: Mapping[int, Evidence]
) -> tuple[dict[int, list[float | None]], dict[int, int]]:
    """An open deal is named by the problems in its account's sales notes, in equal shares; and how many of each
    problem's are renewals, which are no new revenue."""
    named: dict[int, set[int]] = defaultdict(set)
    for problem, some in evidence.items():
        for account in some.noted_by:
            named[account].add(problem)
    amounts: dict[int, list[float | None]] = defaultdict(list)
    renewals: dict[int, int] = defaultdict(int)
    for deal in deals:
        problems = named.get(deal.account_id or 0, set()) if deal.stage is DealStage.OPEN else set()
        for problem in problems:
            if is_renewal(deal.name or ""):
                renewals[problem] += 1
            else:
                amounts[problem].append(None if deal.amount is None else deal.amount / len(problems))
    return amounts, renewals


def told_losses(deals: Sequence[Deal]) -> list[Deal]:
    """Lost deals that say why."""
    return [deal for deal in deals if deal.stage is DealStage.LOST and deal.reason_lost]


def lost_deals(
    told: Sequence[Deal], places: NDArray[np.int64], problems: Sequence[int]
) -> dict[int, list[float | None]]:
    """problem id -> amounts of the lost deals whose reason belongs to it; `places` in `problems`, -1 where to none."""
    found: dict[int, list[float | None]] = defaultdict(list)
    for deal, place in zip(told, places.tolist(), strict=True):
        if place >= 0:
            found[problems[place]].append(deal.amount)
    return found
