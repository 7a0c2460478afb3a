"""Who pays: accounts, the deals and subscriptions with them, and who left."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class DealStage(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """An account as a source delivers it. Money is a year's, in the workspace's currency; unknown is None, never 0.
    `left_on` is when it ceased to be a customer; None while it is one."""

    source: str
    source_id: str
    name: str
    domain: str | None = None
    annual_revenue: float | None = None
    segment: str | None = None
    plan: str | None = None
    region: str | None = None
    renewal_date: date | None = None
    customer_since: date | None = None
    left_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A customer. `annual_revenue` is what it pays us a year; None where nobody told us. `left_on` is when it ceased to
    be a customer; None while it is one. What a source does not say of the three follows from subscriptions and
    departures: `insights.domain.contracts`."""

    id: int
    source: str
    source_id: str
    name: str
    domain: str | None = None
    annual_revenue: float | None = None
    segment: str | None = None
    plan: str | None = None
    region: str | None = None
    renewal_date: date | None = None
    customer_since: date | None = None
    left_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DealRecord:
    """A sale as a source delivers it; `account` is an id or a name that is matched on the way in, or both, one a line,
    the surer one first."""

    source: str
    source_id: str
    stage: DealStage
    name: str | None = None
    amount: float | None = None
    account: str | None = None
    reason_lost: str | None = None
    closed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A sale won, lost or open. Belongs to an account where one is known."""

    id: int
    source: str
    source_id: str
    stage: DealStage
    name: str | None = None
    amount: float | None = None
    account_id: int | None = None
    reason_lost: str | None = None
    closed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRecord:
    """One thing an account pays for, as a source delivers it; an account may have several at a time. `ended_on` is the
    first day without it; None where no end is known. `account` is as in DealRecord."""

    source: str
    source_id: str
    account: str | None = None
    annual_revenue: float | None = None
    started_on: date | None = None
    ended_on: date | None = None
    is_trial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One thing an account pays for, or tries. Belongs to an account where one is known."""

    id: int
    source: str
    source_id: str
    account_id: int | None = None
    annual_revenue: float | None = None
    started_on: date | None = None
    ended_on: date | None = None
    is_trial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureRecord:
    """An account's leaving, as a source delivers it. `came_back` where the source says that it is a customer again.
    `account` is as in DealRecord."""

    source: str
    source_id: str
    account: str | None = None
    left_on: date | None = None
    reason: str | None = None
    came_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """An account's leaving. `reason` is None where none was given, or it was not asked for."""

    id: int
    source: str
    source_id: str
    account_id: int | None = None
    left_on: date | None = None
    reason: str | None = None
    came_back: bool = False
