"""What a problem is worth in a year, and what it costs. Pure: numbers in, ranges and words out.

Value = revenue kept + revenue won + support saved; cost = weeks x rate; ROI = (value - cost) / cost. Each is
low/likely/high. The parts' lows and highs are added: the range is a little wider than chance alone would make it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from insights.domain.estimate import Assumption, Estimate, Part, Range
from insights.domain.money import money

DAYS_IN_YEAR = 365.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """The numbers behind every estimate; shares and chances are 0..1, money is a year's or an hour's."""

    loss: Range
    win: Range
    lost_deal_share: float
    minutes_per_item: float
    hourly_cost: float
    share_avoided: Range
    weeks: Range
    week_cost: float
    currency: str = "$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one problem. `revenues` is one entry for each distinct affected account, None = unknown;
    deals are the amounts of those that name the problem; `days` is the time that the items span in the data."""

    items: int
    days: float
    revenues: Sequence[float | None]
    open_deals: Sequence[float] = ()
    lost_deals: Sequence[float] = ()


def estimate(facts: Facts, assumptions: Assumptions) -> Estimate:
    """The estimate with its parts, its assumptions and the reason in one line."""
    parts = (
        _revenue_kept(facts, assumptions),
        _revenue_won(facts, assumptions),
        _support_saved(facts, assumptions),
    )
    value = parts[0].value + parts[1].value + parts[2].value
    cost = _scaled(assumptions.weeks, assumptions.week_cost)
    return Estimate(
        value=value,
        cost=cost,
        weeks=assumptions.weeks,
        roi=return_on(value, cost),
        parts=parts,
        assumptions=_listed(assumptions),
        reason=_reason(parts, facts, cost, currency=assumptions.currency),
        unknown_revenue_accounts=sum(revenue is None for revenue in facts.revenues),
    )


def return_on(value: Range, cost: Range) -> Range:
    """(value - cost) / cost; the low end pairs low value with high cost. A cost must not be 0."""
    return Range(
        (value.low - cost.high) / cost.high,
        (value.likely - cost.likely) / cost.likely,
        (value.high - cost.low) / cost.low,
    )


def _revenue_kept(facts: Facts, assumptions: Assumptions) -> Part:
    known = [revenue for revenue in facts.revenues if revenue is not None]
    unknown = len(facts.revenues) - len(known)
    words = (
        f"{_count(len(known), 'account')} paying {money(sum(known), assumptions.currency)} a year"
        f" × {assumptions.loss.likely:.0%} added chance to leave"
    )
    if unknown:
        words += f"; revenue of {_count(unknown, 'more account')} unknown, not counted"
    return Part(name="revenue kept", value=_scaled(assumptions.loss, sum(known)), words=words)


def _revenue_won(facts: Facts, assumptions: Assumptions) -> Part:
    open_sum, lost_sum = sum(facts.open_deals), sum(facts.lost_deals)
    weight = open_sum + lost_sum * assumptions.lost_deal_share
    words = (
        f"{_count(len(facts.open_deals), 'open deal')} of {money(open_sum, assumptions.currency)} and "
        f"{_count(len(facts.lost_deals), 'lost deal')} of {money(lost_sum, assumptions.currency)}"
        f" (× {assumptions.lost_deal_share:.0%}) × {assumptions.win.likely:.0%} added chance to win"
    )
    return Part(name="revenue won", value=_scaled(assumptions.win, weight), words=words)


def _support_saved(facts: Facts, assumptions: Assumptions) -> Part:
    a_year = facts.items * DAYS_IN_YEAR / max(facts.days, 1.0)
    cost_each = assumptions.minutes_per_item / 60 * assumptions.hourly_cost
    words = (
        f"{a_year:,.0f} items a year × {assumptions.minutes_per_item:g} min × "
        f"{money(assumptions.hourly_cost, assumptions.currency)}/h × {assumptions.share_avoided.likely:.0%} avoided"
    )
    return Part(name="support saved", value=_scaled(assumptions.share_avoided, a_year * cost_each), words=words)


def _scaled(shares: Range, amount: float) -> Range:
    return Range(shares.low * amount, shares.likely * amount, shares.high * amount)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _reason(parts: Sequence[Part], facts: Facts, cost: Range, *, currency: str) -> str:
    """Why it stands where it stands, in one line: the biggest part first."""
    biggest = max(parts, key=lambda part: part.value.likely)
    known = [revenue for revenue in facts.revenues if revenue is not None]
    who = (
        f"{_count(len(facts.revenues), 'account')}, {money(sum(known), currency)} a year"
        if known
        else "revenue unknown"
    )
    return (
        f"{biggest.name} {money(biggest.value.likely, currency)} ({who}) against {money(cost.likely, currency)} of work"
    )


def _listed(a: Assumptions) -> tuple[Assumption, ...]:
    def line(name: str, value: str, setting: str) -> Assumption:
        return Assumption(name=name, value=value, source="settings", setting=f"worth.{setting}")

    return (
        line("added chance that an affected account leaves in a year", _percent(a.loss), "loss_*"),
        line("added chance to win a deal that names the problem", _percent(a.win), "win_*"),
        line("what a lost deal counts for beside an open one", f"{a.lost_deal_share:.0%}", "lost_deal_share"),
        line("handling time of an item", f"{a.minutes_per_item:g} min", "minutes_per_item"),
        line("cost of an hour of support", money(a.hourly_cost, a.currency), "hourly_cost"),
        line("share of items that a fix avoids", _percent(a.share_avoided), "share_avoided_*"),
        line("effort in weeks", f"{a.weeks.low:g} – {a.weeks.likely:g} – {a.weeks.high:g}", "weeks_*"),
        line("cost of a week", money(a.week_cost, a.currency), "week_cost"),
    )


def _percent(some: Range) -> str:
    return f"{some.low:.0%} – {some.likely:.0%} – {some.high:.0%}"
