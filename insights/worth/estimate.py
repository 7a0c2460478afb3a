"""What a problem is worth in a year, and what it costs. Pure: numbers in, ranges and words out.

Value = revenue kept + revenue won + support saved; cost = weeks x rate; ROI = (value - cost) / cost. Each is
low/likely/high. The parts' lows and highs are added: the range is a little wider than chance alone would make it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from insights.domain.estimate import Assumption, Estimate, Part, Range
from insights.domain.figures import counted, money

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
    deals are the amounts of those that name the problem, None = unknown; `days` is the time that the items span in
    the data."""

    items: int
    days: float
    revenues: Sequence[float | None]
    open_deals: Sequence[float | None] = ()
    lost_deals: Sequence[float | None] = ()


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
        reason=_reason(parts, facts, cost, assumptions=assumptions),
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
    known, unknown = _known(facts.revenues)
    words = f"{_payers(facts, assumptions)} × {assumptions.loss.likely:.0%} added chance to leave"
    if not known:
        words = f"revenue of {counted(unknown, 'account')} unknown, not counted" if unknown else "no known account"
    elif unknown:
        words += f"; revenue of {counted(unknown, 'more account')} unknown, not counted"
    return Part(name="revenue kept", value=_scaled(assumptions.loss, sum(known)), words=words)


def _revenue_won(facts: Facts, assumptions: Assumptions) -> Part:
    opened, lost = _known(facts.open_deals)[0], _known(facts.lost_deals)[0]
    unknown = len(facts.open_deals) + len(facts.lost_deals) - len(opened) - len(lost)
    weight = sum(opened) + sum(lost) * assumptions.lost_deal_share
    words = f"{_sales(facts, assumptions)} × {assumptions.win.likely:.0%} added chance to win"
    if not opened and not lost:
        words = f"amount of {counted(unknown, 'deal')} unknown, not counted" if unknown else "no deal names it"
    elif unknown:
        words += f"; amount of {counted(unknown, 'more deal')} unknown, not counted"
    return Part(name="revenue won", value=_scaled(assumptions.win, weight), words=words)


def _support_saved(facts: Facts, assumptions: Assumptions) -> Part:
    cost_each = assumptions.minutes_per_item / 60 * assumptions.hourly_cost
    words = (
        f"{_load(facts)} × {assumptions.minutes_per_item:g} min × "
        f"{money(assumptions.hourly_cost, assumptions.currency)}/h × {assumptions.share_avoided.likely:.0%} avoided"
    )
    value = _scaled(assumptions.share_avoided, _items_a_year(facts) * cost_each)
    return Part(name="support saved", value=value, words=words if facts.items else _load(facts))


# -- what a part rests on, in words -----------------------------------------------------------------------------


def _payers(facts: Facts, assumptions: Assumptions) -> str:
    known, _ = _known(facts.revenues)
    return f"{counted(len(known), 'account')} paying {money(sum(known), assumptions.currency)} a year"


def _sales(facts: Facts, assumptions: Assumptions) -> str:
    opened, lost = _known(facts.open_deals)[0], _known(facts.lost_deals)[0]
    told = [f"{counted(len(opened), 'open deal')} of {money(sum(opened), assumptions.currency)}"] if opened else []
    if lost:
        share = f"(× {assumptions.lost_deal_share:.0%})"
        told.append(f"{counted(len(lost), 'lost deal')} of {money(sum(lost), assumptions.currency)} {share}")
    return " and ".join(told)


def _load(facts: Facts) -> str:
    days = f"{max(facts.days, 1.0):.0f} days"
    if not facts.items:
        return f"no item in the last {days}"
    return f"{counted(facts.items, 'item')} in {days}, {_items_a_year(facts):,.0f} a year"


def _known(amounts: Sequence[float | None]) -> tuple[list[float], int]:
    """The amounts that somebody told us, and how many are unknown."""
    known = [amount for amount in amounts if amount is not None]
    return known, len(amounts) - len(known)


def _items_a_year(facts: Facts) -> float:
    return facts.items * DAYS_IN_YEAR / max(facts.days, 1.0)


def _scaled(shares: Range, amount: float) -> Range:
    return Range(shares.low * amount, shares.likely * amount, shares.high * amount)


def _reason(parts: Sequence[Part], facts: Facts, cost: Range, *, assumptions: Assumptions) -> str:
    """Why it stands where it stands, in one line: the biggest part and what it rests on."""
    currency = assumptions.currency
    against = f"against {money(cost.likely, currency)} of work"
    biggest = max(parts, key=lambda part: part.value.likely)
    if not biggest.value.likely:
        return f"nothing that can be counted {against}"
    basis = {
        "revenue kept": _payers(facts, assumptions),
        "revenue won": _sales(facts, assumptions),
        "support saved": _load(facts),
    }
    return f"{biggest.name} {money(biggest.value.likely, currency)} ({basis[biggest.name]}) {against}"


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
