"""Ship a problem, and watch what came of it: what was predicted beside what was seen.

Weeks are counted to the newest day of the sources that tell of the problem, not to today: where nothing is imported any
more, silence is no effect. All other problems' items from the same sources, but for those shipped, tell how the whole
moved. Weeks before begin after the first item of the problem: a bug that is five weeks old had no good year before.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from insights.config import Settings
from insights.domain.access import Act, use_case
from insights.domain.customers import Account, Deal, DealStage
from insights.domain.estimate import Estimate, Range
from insights.domain.facts import Stay
from insights.domain.feedback import FeedbackKind
from insights.domain.problem import LONGEST_REASON, Action, Decision, Problem, State
from insights.domain.shipment import Prediction, Shipment, Told
from insights.errors import ExitCode, InsightsError
from insights.storage.feedback import day_number
from insights.storage.repository import Repository
from insights.valuation import assumptions_of, revisions_of
from insights.worth.calibration import Compared, Quantity
from insights.worth.effect import SETTLING_WEEKS, Effect, Verdict, Watched, effect_of
from insights.worth.leaving import odds_multiplier, told_chance
from insights.worth.value import Assumptions

WEEKS_BEFORE = 52
WEEKS_AFTER = 52 + SETTLING_WEEKS
LONGEST_WORK = 520
"""Weeks of one engineer; more is a slip of the keyboard."""

_YEAR = 365.0
_EPOCH = date(1970, 1, 1)
_NEVER = 10**6

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Items, and tickets among them, in so many days: those of the year before a release since the problem was first
    heard of, or of the year after it as far as there is data."""

    items: int
    tickets: int
    days: int

    @property
    def items_a_year(self) -> float:
        return self.items * _YEAR / self.days if self.days else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """The accounts that had the problem when it was released: how many left since, in how many account-years, the
    chance to leave a year (P10, P50, P90), and how many would have left had it stayed; None where the prediction does
    not say."""

    accounts: int
    left: int
    years: float
    chance: Range
    expected: Range | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one shipped problem. `effect` is None before anything was watched. `deals_won` of those that had
    named it closed since, worth `won` where amounts are known. `saved` is support saved in a year, None where too
    little was seen. `came_true` is whether mentions fell, by no less than the P10 that was predicted; None where that
    cannot be told yet, or nothing was predicted. `is_verified`: at least one quote was found in its source."""

    problem_id: int
    ref: str
    title: str
    shipped_on: date
    weeks: float | None
    predicted_on: date | None
    predicted_late: bool
    effect: Effect | None
    before: Rate
    after: Rate
    leaving: Leaving
    deals_won: int
    deals_lost: int
    won: float | None
    saved: Range | None
    compared: tuple[Compared, ...]
    came_true: bool | None
    is_verified: bool
    verdict: str


@use_case(Act.DECIDE)
def ship(
    problem_id: int,
    *,
    on: date,
    weeks: float | None,
    why: str | None,
    repository: Repository,
    who: str,
    now: Callable[[], datetime],
    seen_version: int | None = None,
) -> Decision:
    """Record that a problem's fix was released on a day, and the `weeks` of one engineer that it took: a decision,
    taken back by undo. To ship it again corrects day and weeks. Raises InsightsError for a day to come, weeks that are
    none, or where somebody else was first."""
    moment = now()
    if on > moment.date():
        raise InsightsError(
            f"{on} has not come yet.", remedy="Record it when it is released.", exit_code=ExitCode.USAGE
        )
    if weeks is not None and not 0 < weeks <= LONGEST_WORK:
        raise InsightsError(
            f"{weeks:g} is no number of weeks.",
            remedy=f"Use more than 0 and at most {LONGEST_WORK}.",
            exit_code=ExitCode.USAGE,
        )
    problem = repository.problems.get(problem_id)
    decision = Decision(
        id=0,
        problem_id=problem.id,
        action=Action.SHIP,
        who=who,
        at=moment,
        why=why[:LONGEST_REASON] if why else None,
        state=State.SHIPPED,
    )
    return repository.shipments.decide(
        decision,
        seen_version=problem.version if seen_version is None else seen_version,
        shipped_on=on,
        weeks=weeks,
        predicted=problem.estimate,
    )


@use_case(Act.LOOK)
def outcomes(repository: Repository, settings: Settings, today: date) -> list[Outcome]:
    """What came of every shipped problem, the earliest release first."""
    shipped = repository.shipments.shipped()
    if not shipped:
        return []
    seen = _Seen(repository, shipped, today=day_number(today), assumptions=assumptions_of(settings))
    predictions = repository.shipments.predictions()
    revisions = revisions_of(repository, repository.problems.heirs())
    made = []
    for number, shipment in shipped.items():
        said = revisions[number].minutes if number in revisions else None
        minutes = settings.worth.minutes_per_item if said is None else said
        item_cost = minutes / 60 * settings.worth.hourly_cost
        prediction = predictions.get(shipment.problem_id) or predictions.get(number)
        made.append(_outcome(repository, number, shipment, prediction, seen, item_cost=item_cost))
    return sorted(made, key=lambda one: (one.shipped_on, one.problem_id))


def verdicts(repository: Repository, settings: Settings, today: date) -> dict[int, tuple[str, str]]:
    """problem id -> `fell` or `stayed`, with words, of every release of which one of them is sure: mentions fell; or
    they rose, or did not clearly fall and surely by less than was predicted. The others are missing."""
    found = outcomes(repository, settings, today)
    said = {one.problem_id: (_sure(one), one.verdict) for one in found}
    return {number: (verdict, words) for number, (verdict, words) in said.items() if verdict}


def _sure(outcome: Outcome) -> str:
    effect = outcome.effect
    if effect is not None and effect.verdict is Verdict.FELL:
        return "fell"
    has_risen = effect is not None and effect.verdict is Verdict.ROSE
    return "stayed" if has_risen or outcome.came_true is False else ""


def true_so_far(found: Iterable[Outcome]) -> tuple[int, int]:
    """How many verified problems were shipped whose predicted effect came true, of how many that can be judged."""
    judged = [one.came_true for one in found if one.is_verified and one.came_true is not None]
    return sum(judged), len(judged)


def compared_of(found: Iterable[Outcome]) -> list[Compared]:
    """All that calibration may learn from, earliest prediction first. What was predicted after the release is not among
    it: it may have known better."""
    fair = [one for one in found if one.predicted_on is not None and not one.predicted_late]
    return [some for one in sorted(fair, key=lambda one: (one.predicted_on, one.problem_id)) for some in one.compared]


# -- what was seen --------------------------------------------------------------------------------------------------


class _Seen:
    """All items, accounts and deals that outcomes are told from, read once."""

    def __init__(
        self, repository: Repository, shipped: Mapping[int, Shipment], *, today: int, assumptions: Assumptions
    ) -> None:
        self.assumptions = assumptions
        self.facts = repository.problems.facts()
        self.by_problem: dict[int, list[Told]] = defaultdict(list)
        self.problems_of: Counter[int] = Counter()
        self.control: dict[str, list[Told]] = defaultdict(list)
        self.newest: dict[str, int] = {}
        self.today = today
        for one in repository.shipments.told():
            self.problems_of[one.feedback_id] += 1
            self.newest[one.source] = max(min(one.day, today), self.newest.get(one.source, 0))
            (self.by_problem[one.problem_id] if one.problem_id in shipped else self.control[one.source]).append(one)
        last = _EPOCH + timedelta(days=max(self.newest.values(), default=today))
        self.accounts = {one.id: one for one in repository.customers.accounts(day=last)}
        self.deals = repository.customers.deals()
        self.last = day_number(last)

    def mean_odds(self, number: int) -> float:
        """How much readier to leave the accounts of a problem are than the average one, by what is known of them."""
        some = self.facts.get(number)
        if some is None or not some.accounts:
            return 1.0
        moves = self.assumptions.moves
        return fmean(odds_multiplier(one, severity=some.severity, moves=moves) for one in some.accounts)

    def horizon(self, own: Sequence[Told]) -> int:
        """The newest day of the sources that tell of the problem."""
        return max((self.newest[one.source] for one in own), default=self.last)

    def customers(self, starts: Sequence[int]) -> Counts:
        """How many accounts were customers on each of these days; ones where no account says since when or until
        when."""
        known = [one for one in self.accounts.values() if one.customer_since or one.left_on]
        if not known:
            return np.ones(len(starts))
        days = np.array(starts)
        since = np.array([day_number(one.customer_since or _EPOCH) for one in known])
        until = np.array([day_number(one.left_on) if one.left_on else _NEVER for one in known])
        there = ((since[:, None] <= days) & (days < until[:, None])).sum(axis=0)
        return np.asarray(np.maximum(there + len(self.accounts) - len(known), 1), dtype=np.float64)


def _outcome(
    repository: Repository,
    number: int,
    shipment: Shipment,
    prediction: Prediction | None,
    seen: _Seen,
    *,
    item_cost: float,
) -> Outcome:
    own, release = seen.by_problem.get(number, []), day_number(shipment.shipped_on)
    effect = _effect(own, release, seen)
    estimate = prediction.estimate if prediction else None
    leaving, chances = _leaving(own, release, seen, estimate, odds=seen.mean_odds(number))
    closed = _closed_deals(own, shipment.shipped_on, seen.deals)
    won = [deal for deal in closed if deal.stage is DealStage.WON]
    saved = _saved(effect, _share_handled(own, seen), item_cost)
    compared = tuple(_compared(number, estimate, effect, shipment.weeks, saved, chances)) if estimate else ()
    problem = _named(repository, number)
    return Outcome(
        problem_id=number,
        ref=f"P-{number}",
        title=problem.title if problem else "(no longer has evidence)",
        shipped_on=shipment.shipped_on,
        weeks=shipment.weeks,
        predicted_on=prediction.made_at.date() if prediction else None,
        predicted_late=prediction is not None and prediction.made_at.date() > shipment.shipped_on,
        effect=effect,
        before=_rate(own, max(release - 365, own[0].day) if own else release, release),
        after=_rate(own, release, min(release + 365, seen.horizon(own) + 1)),
        leaving=leaving,
        deals_won=len(won),
        deals_lost=len(closed) - len(won),
        won=_sum(deal.amount for deal in won),
        saved=saved,
        compared=compared,
        came_true=_came_true(effect, compared),
        is_verified=bool(repository.problems.quotes(number)),
        verdict=_verdict(effect, compared),
    )


def _named(repository: Repository, number: int) -> Problem | None:
    try:
        return repository.problems.get(number)
    except InsightsError:
        return None


def _effect(own: Sequence[Told], release: int, seen: _Seen) -> Effect | None:
    """None where no week was watched, or nothing is left to count."""
    if not own:
        return None
    sources = {one.source for one in own}
    others = [one for source in sources for one in seen.control.get(source, ())]
    begun = max(own[0].day + 1, release - 7 * WEEKS_BEFORE)
    before = max((release - begun) // 7, 0)
    after = min((seen.horizon(own) + 1 - release) // 7, WEEKS_AFTER)
    if after <= 0:
        return None
    first, weeks = release - 7 * before, before + after
    return effect_of(
        Watched(
            counts=_by_week([one.day for one in own], first, weeks),
            release=before,
            exposure=seen.customers([first + 7 * week for week in range(weeks)]),
            control=_by_week(list({one.feedback_id: one.day for one in others}.values()), first, weeks),
        )
    )


def _by_week(days: Sequence[int], first: int, weeks: int) -> Counts:
    places = (np.array(days, dtype=np.int64) - first) // 7
    inside = places[(places >= 0) & (places < weeks)]
    return np.bincount(inside, minlength=weeks).astype(np.float64)


def _rate(own: Sequence[Told], first: int, end: int) -> Rate:
    some = [one for one in own if first <= one.day < end]
    tickets = sum(one.kind is FeedbackKind.TICKET for one in some)
    return Rate(items=len(some), tickets=tickets, days=max(end - first, 0))


def _share_handled(own: Sequence[Told], seen: _Seen) -> float:
    """What an item of the problem counts with on average: it is handled once, however many problems it states."""
    return sum(1 / seen.problems_of[one.feedback_id] for one in own) / len(own) if own else 1.0


def _saved(effect: Effect | None, share: float, item_cost: float) -> Range | None:
    """Items a year that do not come any more, times what one costs."""
    if effect is None or effect.is_thin:
        return None
    return effect.fewer.scaled(_YEAR / 7 / effect.weeks_after * share * item_cost)


# -- accounts and deals ---------------------------------------------------------------------------------------------


def _leaving(
    own: Sequence[Told], release: int, seen: _Seen, estimate: Estimate | None, *, odds: float
) -> tuple[Leaving, Range | None]:
    """The accounts that had the problem at its release; and what their leaving before it, beside that after it, tells
    of the added chance; None where it tells nothing."""
    since: dict[int, int] = {}
    for one in own:
        if one.account_id in seen.accounts and one.day < release:
            since.setdefault(one.account_id or 0, one.day)
    affected = {number: seen.accounts[number] for number in since}
    there = [account for account in affected.values() if not _left_by(account, release)]
    left_before, years_before = _watched((account, since[number], release) for number, account in affected.items())
    left, years = _watched((account, release, seen.last + 1) for account in there)
    chance = _chance(left, years)
    loss, usual = _shares(estimate, "loss_*"), _shares(estimate, "usual_loss")
    expected = None
    if loss is not None and usual is not None:
        expected = Range(*(years * min(usual.likely + some, 1.0) for some in (loss.low, loss.likely, loss.high)))
    told = Leaving(accounts=len(there), left=left, years=years, chance=chance, expected=expected)
    before, after = Stay(left=left_before, years=years_before), Stay(left=left, years=years)
    if loss is None:
        return told, None
    return told, told_chance(loss, seen=before, others=after, usual=seen.assumptions.usual, multiplier=odds)


def _left_by(account: Account, day: int) -> bool:
    return account.left_on is not None and day_number(account.left_on) < day


def _watched(stays: Iterable[tuple[Account, int, int]]) -> tuple[int, float]:
    """How many of them left from a day to another, and their account-years in between."""
    left, days = 0, 0
    for account, first, end in stays:
        gone = end if account.left_on is None else day_number(account.left_on)
        left += first <= gone < end
        days += max(min(gone, end) - first, 0)
    return left, days / _YEAR


def _chance(left: int, years: float) -> Range:
    """P10, P50 and P90 of the chance to leave a year: a year that an account stayed is a failure, one that it left in a
    success (Jeffreys' prior)."""
    low, likely, high = betaincinv(left + 0.5, max(years - left, 0.0) + 0.5, [0.1, 0.5, 0.9]).tolist()
    return Range(low, likely, high)


def _closed_deals(own: Sequence[Told], shipped_on: date, deals: Sequence[Deal]) -> list[Deal]:
    """Deals won or lost since the release, of accounts whose sales notes had named the problem before."""
    release = day_number(shipped_on)
    named = {one.account_id for one in own if one.kind is FeedbackKind.NOTE and one.day < release} - {None}
    return [
        deal
        for deal in deals
        if deal.account_id in named
        and deal.stage is not DealStage.OPEN
        and deal.closed_on
        and deal.closed_on >= shipped_on
    ]


def _sum(amounts: Iterable[float | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


# -- predicted beside realised ----------------------------------------------------------------------------------------


def _compared(
    number: int,
    estimate: Estimate,
    effect: Effect | None,
    weeks: float | None,
    saved: Range | None,
    added: Range | None,
) -> Iterable[Compared]:
    avoided, support = _shares(estimate, "share_avoided_*"), _support(estimate)
    if avoided is not None and effect is not None and not effect.is_thin:
        setting = _taken_over(estimate, "share_avoided")
        yield Compared(
            quantity=Quantity.AVOIDED,
            predicted=avoided,
            realised=effect.avoided,
            setting=setting,
            problem_id=number,
        )
    if weeks is not None:
        yield Compared(
            quantity=Quantity.WEEKS,
            predicted=estimate.weeks,
            realised=Range(weeks, weeks, weeks),
            setting=_taken_over(estimate, "weeks") or _taken_over(estimate, "request_weeks"),
            problem_id=number,
        )
    if saved is not None and support is not None:
        yield Compared(quantity=Quantity.SAVED, predicted=support, realised=saved, problem_id=number)
    loss = _shares(estimate, "loss_*")
    if added is not None and loss is not None:
        setting = _taken_over(estimate, "loss")
        yield Compared(quantity=Quantity.LEAVING, predicted=loss, realised=added, setting=setting, problem_id=number)


def _support(estimate: Estimate) -> Range | None:
    return next((part.value for part in estimate.parts if part.name == "support saved" and part.value.high > 0), None)


def _taken_over(estimate: Estimate, stem: str) -> str:
    """The stem where this estimate took that range over from the settings, else nothing."""
    said = (one for one in estimate.assumptions if one.setting == f"worth.{stem}_*" and one.source == "settings")
    return stem if any(said) else ""


def _shares(estimate: Estimate | None, setting: str) -> Range | None:
    """What an estimate assumed for a share or chance, or a range of them; None where it does not say."""
    assumed = estimate.assumptions if estimate else ()
    return next((one.quantiles for one in assumed if one.setting == f"worth.{setting}"), None)


def _came_true(effect: Effect | None, compared: Sequence[Compared]) -> bool | None:
    """Whether mentions fell, and by no less than the predicted P10; None while neither can be ruled out."""
    avoided = next((one for one in compared if one.quantity is Quantity.AVOIDED), None)
    if effect is None or effect.is_thin or avoided is None:
        return None
    if effect.verdict is Verdict.FELL:
        return avoided.is_inside or avoided.score[0] > 0
    return False if effect.verdict is Verdict.ROSE or effect.avoided.high < avoided.predicted.low else None


def _verdict(effect: Effect | None, compared: Sequence[Compared]) -> str:
    if effect is None:
        return "too early to say: no whole week was watched"
    avoided = next((one for one in compared if one.quantity is Quantity.AVOIDED), None)
    if avoided is None:
        return effect.words
    predicted = f"{avoided.predicted.low:.0%}–{avoided.predicted.high:.0%} predicted"
    if _came_true(effect, compared) is None:
        return f"{effect.words}; {predicted}"
    beside = "as" if avoided.is_inside else "more than" if avoided.score[0] > 0 else "less than"
    return f"{effect.words}; {beside} {predicted}"
