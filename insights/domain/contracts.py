"""What an account pays, since when, and whether it left, told from its subscriptions and departures.

Pure: no I/O, no clock; `day` is today. What a source says of the account itself comes first; where it says nothing:

- **Annual revenue** is the sum over the paid subscriptions that run on that day. Several at a time add up. One without
  a figure adds nothing to the others; where none has a figure the revenue stays unknown. Where none runs it is 0.0 for
  an account that left and is known to have paid, and unknown for others: subscriptions may not be all that an account
  pays for. A departure ends no subscription: where both contradict each other, as after an event that nobody entered
  in billing, the account has left and its revenue is what billing says. Who counts money at risk leaves out who left.
- **Customer since** is the earliest start of a paid subscription. Trials make nobody a customer.
- **Left on** is the day of the latest departure, unless that one is marked as come back or a paid subscription started
  after it; else the last end, where all paid subscriptions ended.

A day of ending is the first day without: what ends today brings nothing in the year to come. What lies ahead of `day`
has not happened yet.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import fsum

from insights.domain.customers import Account, Departure, Subscription


def as_of(
    account: Account, *, subscriptions: Sequence[Subscription], departures: Sequence[Departure], day: date
) -> Account:
    """The account with what its own subscriptions and departures say, on that day."""
    paid = [one for one in subscriptions if not one.is_trial and _has_begun(one, day)]
    left_on = _left_on(account.left_on, paid, departures, day=day)
    since = min((one.started_on for one in paid if one.started_on is not None), default=None)
    revenue = account.annual_revenue if account.annual_revenue is not None else _revenue(paid, left_on, day=day)
    return replace(account, annual_revenue=revenue, customer_since=account.customer_since or since, left_on=left_on)


def runs_on(subscription: Subscription, day: date) -> bool:
    """Whether it had begun and had not ended; a trial runs, too. An unknown start lies in the past."""
    return _has_begun(subscription, day) and not _has_ended(subscription, day)


def _has_begun(subscription: Subscription, day: date) -> bool:
    return subscription.started_on is None or subscription.started_on <= day


def _has_ended(subscription: Subscription, day: date) -> bool:
    return subscription.ended_on is not None and subscription.ended_on <= day


def _revenue(paid: Sequence[Subscription], left_on: date | None, *, day: date) -> float | None:
    running = [one for one in paid if runs_on(one, day)]
    known = [one.annual_revenue for one in running if one.annual_revenue is not None]
    if known:
        return fsum(known)
    has_paid = any(one.annual_revenue is not None for one in paid)
    return 0.0 if left_on is not None and has_paid and not running else None


def _left_on(
    own: date | None, paid: Sequence[Subscription], departures: Sequence[Departure], *, day: date
) -> date | None:
    if own is not None and own <= day and not _came_after(paid, own):
        return own
    gone = [one for one in departures if one.left_on is not None and one.left_on <= day]
    latest = max((one.left_on for one in gone if one.left_on is not None), default=None)
    if latest is not None:
        came_back = any(one.came_back for one in gone if one.left_on == latest)
        if not came_back and not _came_after(paid, latest):
            return latest
    return _last_end(paid, day=day)


def _came_after(paid: Sequence[Subscription], left_on: date) -> bool:
    """Only what starts on a later day is a return."""
    return any(one.started_on is not None and one.started_on > left_on for one in paid)


def _last_end(paid: Sequence[Subscription], *, day: date) -> date | None:
    ends = [one.ended_on for one in paid if one.ended_on is not None and one.ended_on <= day]
    return max(ends) if ends and len(ends) == len(paid) else None
