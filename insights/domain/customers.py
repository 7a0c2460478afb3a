"""Who pays: accounts and the deals with them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class DealStage(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """An account as a source delivers it. Money is a year's, in the workspace's currency; unknown is None, never 0."""

    source: str
    source_id: str
    name: str
    domain: str | None = None
    annual_revenue: float | None = None
    segment: str | None = None
    plan: str | None = None
    region: str | None = None
    renewal_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A customer. `annual_revenue` is what it pays us a year; None where nobody told us."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class DealRecord:
    """A sale as a source delivers it; `account` is an id or a name that is matched on the way in."""

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
