"""What each problem is worth in a year, what it costs, and why it stands where it stands. Pure: facts in, estimates
out.

Value = revenue kept + revenue won + support saved; cost = weeks x rate; ROI = (value - cost) / cost. Each is the P10,
P50 and P90 of one simulation of all problems, ranked by the P50 of their ROI.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from insights.domain.estimate import Assumption, Estimate, Part, Range, Revision
from insights.domain.facts import Facts, Firm
from insights.domain.figures import counted, likely, money
from insights.worth.quantiles import Z90, chances_at, quantiles_of
from insights.worth.reasons import Reasons, reasons_of
from insights.worth.simulation import Simulated, simulate, ties
from insights.worth.value import Assumptions, Worked, items_a_year, known_sum, work_out

NO_REVISIONS: Mapping[int, Revision] = {}

Standing = tuple[float, int, float, int]


def estimate_all(
    facts: Mapping[int, Facts],
    firm: Firm,
    assumptions: Assumptions,
    *,
    revisions: Mapping[int, Revision] = NO_REVISIONS,
) -> dict[int, Estimate]:
    """The estimate of every problem with its rank, best first."""
    if not facts:
        return {}
    worked = list(work_out(facts, firm, assumptions, revisions=revisions).values())
    simulated = simulate([one.case for one in worked], shared=assumptions.shared)
    order = sorted(range(len(worked)), key=lambda place: _standing(worked[place], simulated.roi[place]))
    tied = ties(order, simulated)
    rank = {place: number for number, place in enumerate(order, 1)}
    reasons = reasons_of(worked, simulated, order=order, currency=assumptions.currency)
    made = {}
    for number, place in enumerate(order, 1):
        after = order[number] if number < len(order) else None
        made[worked[place].case.id] = _estimate(
            worked[place],
            simulated,
            assumptions,
            place=place,
            rank=number,
            after=after,
            tie=rank.get(tied.get(place, -1)),
            reasons=reasons[place],
        )
    return made


def estimate_one(
    number: int,
    facts: Mapping[int, Facts],
    firm: Firm,
    assumptions: Assumptions,
    *,
    revisions: Mapping[int, Revision] = NO_REVISIONS,
) -> Estimate:
    """The estimate of one problem among all: value, cost, return and their words as `estimate_all` has them, without
    what compares it with the others (rank, tie, chances to outrank, factors, what would change the rank)."""
    worked = work_out(facts, firm, assumptions, revisions=revisions, only=[number])[number]
    simulated = simulate([worked.case], shared=assumptions.shared)
    alone = _estimate(worked, simulated, assumptions, place=0, rank=0, after=None, tie=None, reasons=Reasons())
    return replace(alone, rank=None, chance_top=None)


def _standing(worked: Worked, roi: Range) -> Standing:
    return standing(worked.case.id, roi.likely, worked.facts)


def standing(number: int, roi: float, facts: Facts) -> Standing:
    """What problems are ordered by, smallest first: by return; ties by distinct accounts, then items, then age, so that
    a digest does not reshuffle overnight."""
    return -round(roi, 2), -len(facts.accounts), -facts.items, number


def _estimate(
    worked: Worked,
    simulated: Simulated,
    a: Assumptions,
    *,
    place: int,
    rank: int,
    after: int | None,
    tie: int | None,
    reasons: Reasons,
) -> Estimate:
    parts = (
        _revenue_kept(worked, simulated.kept[place], a),
        _revenue_won(worked, a),
        _support_saved(worked, simulated.support[place], a),
    )
    cost = simulated.cost[place]
    return Estimate(
        value=simulated.value[place],
        cost=cost,
        weeks=worked.case.weeks,
        roi=simulated.roi[place],
        parts=parts,
        assumptions=_listed(worked, a),
        reason=_reason(parts, worked, cost, currency=a.currency),
        unknown_revenue_accounts=worked.unknown,
        cost_source=worked.weeks_source,
        chance_positive=float(simulated.chance_positive[place]),
        chance_top=float(simulated.chance_top[place]),
        outranks_next=None if after is None else simulated.outranks(place, after),
        tie=tie,
        factors=reasons.factors,
        flip=reasons.flip,
        worth_knowing=reasons.worth_knowing,
        capped=worked.counted_twice + worked.limited,
        beyond=_beyond(worked, a),
        notes=tuple(_notes(worked, a)),
        rank=rank,
    )


# -- the parts, in words ----------------------------------------------------------------------------------------


def _revenue_kept(worked: Worked, value: Range, a: Assumptions) -> Part:
    words = f"{_payers(worked, a)} × {_percent(worked.chance)} added chance to leave{_moves(worked, a)}"
    if not worked.known:
        unknown = counted(worked.unknown, "account")
        words = f"revenue of {unknown} unknown, not counted" if worked.unknown else "no known account"
    elif worked.unknown:
        words += f"; revenue of {counted(worked.unknown, 'more account')} unknown, not counted"
    return Part(name="revenue kept", value=value, words=words)


def _revenue_won(worked: Worked, a: Assumptions) -> Part:
    opened, lost = worked.facts.open_deals, worked.facts.lost_deals
    unknown = sum(amount is None for amount in (*opened, *lost))
    words = f"{_sales(worked.facts, a)} × {_percent(worked.case.win.likely)} added chance to win"
    if unknown == len(opened) + len(lost):
        words = f"amount of {counted(unknown, 'deal')} unknown, not counted" if unknown else "no deal names it"
    elif unknown:
        words += f"; amount of {counted(unknown, 'more deal')} unknown, not counted"
    value = _chance_range(worked.case.win).scaled(worked.case.deals)
    return Part(name="revenue won", value=value, words=words)


def _support_saved(worked: Worked, value: Range, a: Assumptions) -> Part:
    words = (
        f"{_load(worked.facts)} × {worked.minutes:g} min × "
        f"{money(a.hourly_cost, a.currency)}/h × {_percent(worked.case.avoided.likely)} avoided"
    )
    return Part(name="support saved", value=value, words=words if worked.facts.items else _load(worked.facts))


def _beyond(worked: Worked, a: Assumptions) -> Part | None:
    """What is shown apart of accounts not heard from."""
    if worked.beyond is None:
        return None
    where = "counted in the value" if a.reach_silent else "not counted"
    words = f"accounts not heard from, by the share of those heard that have it, at {a.silent_share:.0%}; {where}"
    return Part(name="beyond those heard", value=quantiles_of(worked.beyond), words=words)


def _notes(worked: Worked, a: Assumptions) -> Sequence[str]:
    twice, limited = money(worked.counted_twice, a.currency), money(worked.limited, a.currency)
    renewals = worked.facts.renewals
    told = (
        (worked.counted_twice >= 1, f"{twice} is left out: the problems of its accounts together lose them only once"),
        (worked.limited >= 1, f"{limited} is left out: no account counts with more than worth.account_limit"),
        (renewals > 0, f"{counted(renewals, 'open deal')} counted as revenue kept, not won: a renewal"),
        (worked.learned, "what accounts with and without it did moved the chance to leave"),
        (
            worked.severity is None and worked.known > 0,
            "nobody told how severe it is: the chance to leave is that of any problem, and its range wider",
        ),
        (worked.severity is not None, _severity_by(worked)),
    )
    return [words for is_so, words in told if is_so]


def _severity_by(worked: Worked) -> str:
    """Who told the severity, and from how much: a person, a model or a rule."""
    facts = worked.facts
    if worked.revision.severity:
        return f"severity: {worked.severity}, told by you"
    if facts.voices:
        words = f"from the words of {facts.severity_said} of {counted(facts.voices, 'customer')}"
        return f"severity: {worked.severity}, told by a rule {words}"
    return f"severity: {worked.severity}, told by {facts.severity_by or 'a model'}"


def _payers(worked: Worked, a: Assumptions) -> str:
    return f"{counted(worked.known, 'account')} paying {money(worked.revenue, a.currency)} a year"


def _moves(worked: Worked, a: Assumptions) -> str:
    """What made the chance of these accounts other than the average's: "(blocks; 2 detractors, 1 renews soon)"."""
    accounts = [one for one in worked.facts.accounts if one.revenue is not None]
    detractors = sum(one.score is not None and one.score <= 6 for one in accounts)
    leaving = sum(one.says_leaving for one in accounts)
    soon = sum(one.renewal_days is not None and 0 <= one.renewal_days <= a.moves.renewal_days for one in accounts)
    told = [
        worked.severity or "",
        counted(detractors, "detractor") if detractors else "",
        f"{leaving} {'speaks' if leaving == 1 else 'speak'} of leaving" if leaving else "",
        f"{soon} {'renews' if soon == 1 else 'renew'} within {a.moves.renewal_days} days" if soon else "",
    ]
    said = ", ".join(words for words in told if words)
    return f" ({said})" if said else ""


def _sales(facts: Facts, a: Assumptions) -> str:
    opened = [amount for amount in facts.open_deals if amount is not None]
    lost = [amount for amount in facts.lost_deals if amount is not None]
    told = [f"{counted(len(opened), 'open deal')} of {money(known_sum(opened), a.currency)}"] if opened else []
    if lost:
        share = f"(× {a.lost_deal_share:.0%})"
        told.append(f"{counted(len(lost), 'lost deal')} of {money(known_sum(lost), a.currency)} {share}")
    return " and ".join(told)


def _load(facts: Facts) -> str:
    days = f"{max(facts.days, 1.0):.0f} days"
    if not facts.items:
        return f"no item in the last {days}"
    items = f"{facts.items:,.0f} item{'' if facts.items == 1 else 's'}"
    return f"{items} in {days}, {items_a_year(facts):,.0f} a year"


def _reason(parts: Sequence[Part], worked: Worked, cost: Range, *, currency: str) -> str:
    """Why it stands where it stands, in one line: the biggest part and what it rests on."""
    against = f"against {likely(cost, currency)} of work"
    biggest = max(parts, key=lambda part: part.value.likely)
    if not biggest.value.likely or (biggest.name == "support saved" and not worked.facts.items):
        return f"nothing that can be counted {against}"
    basis = biggest.words.split(" × ")[0]
    return f"{biggest.name} {likely(biggest.value, currency)} ({basis}) {against}"


# -- the assumptions --------------------------------------------------------------------------------------------


def _listed(worked: Worked, a: Assumptions) -> tuple[Assumption, ...]:
    said = worked.revision

    def line(name: str, value: str | Range, setting: str, *, by: object = None) -> Assumption:
        quantiles = value if isinstance(value, Range) else None
        return Assumption(
            name=name,
            value=_percents(value) if isinstance(value, Range) else value,
            source="settings" if by is None else "you",
            setting=f"worth.{setting}",
            quantiles=quantiles,
        )

    loss = line("added chance that an affected account leaves in a year", said.loss or a.loss, "loss_*", by=said.loss)
    usual = Range(a.usual.chance, a.usual.chance, a.usual.chance)
    hours = line("handling time of an item", f"{worked.minutes:g} min", "minutes_per_item", by=said.minutes)
    return (
        loss,
        line("odds to leave: blocks, hurts, annoys, wish", _times(a.moves.severity.values()), "severity_*"),
        line("odds of a detractor", _times([a.moves.detractor]), "detractor"),
        line("odds of a promoter", _times([a.moves.promoter]), "promoter"),
        line("odds of one that speaks of leaving", _times([a.moves.says_leaving]), "says_leaving"),
        line("odds of one that renews soon", _times([a.moves.renewal_soon]), "renewal_soon"),
        line("how near a renewal is soon", f"{a.moves.renewal_days} days", "renewal_days"),
        replace(line("usual chance to leave in a year", _percent(a.usual.chance), "usual_loss"), quantiles=usual),
        line("account-years that this is worth", f"{a.usual.years:g}", "usual_loss_years"),
        line("departures move the chance", "yes" if a.learn_departures else "no", "learn_departures"),
        line("most that one account's problems lose it", f"{a.most_lost:.0%}", "most_lost"),
        line("most revenue that one account counts with", _limit(a), "account_limit"),
        line("accounts not heard from are counted", "yes" if a.reach_silent else "no", "reach_silent"),
        line("what one of them counts for", f"{a.silent_share:.0%}", "silent_share"),
        line("added chance to win a deal that names the problem", worked.case.win, "win_*", by=said.win),
        line("what a lost deal counts for beside an open one", f"{a.lost_deal_share:.0%}", "lost_deal_share"),
        hours,
        line("cost of an hour of support", money(a.hourly_cost, a.currency), "hourly_cost"),
        line("share of items that a fix avoids", worked.case.avoided, "share_avoided_*",
             by=said.share_avoided),
        _effort_line(worked),
        line("cost of a week", money(a.week_cost, a.currency), "week_cost"),
        line("how far problems' unknowns move together", f"{a.shared:g}", "shared"),
    )  # fmt: skip


def _effort_line(worked: Worked) -> Assumption:
    weeks = worked.case.weeks
    setting = "worth.request_weeks_*" if worked.facts.is_request else "worth.weeks_*"
    grounds = f" ({worked.weeks_words})" if worked.weeks_words else ""
    source = "settings" if worked.weeks_source.startswith("default") else worked.weeks_source
    value = f"{weeks.low:g} – {weeks.likely:g} – {weeks.high:g}{grounds}"
    return Assumption(name="effort in weeks", value=value, source=source, setting=setting, quantiles=weeks)


def _limit(a: Assumptions) -> str:
    return "none" if a.account_limit is None else money(a.account_limit, a.currency)


def _times(values: Iterable[float]) -> str:
    return ", ".join(f"× {value:g}" for value in values)


def _percents(some: Range) -> str:
    return f"{_percent(some.low)} – {_percent(some.likely)} – {_percent(some.high)}"


def _percent(share: float) -> str:
    """Two digits: 3.1%, 12%, 0.4%, 0.025%; near all the last two of them tell what is left: 99.5%. Predictions are read
    from these words again, so that none but 0 and 1 may look like those."""
    left = min(share, 1 - share)
    if left <= 0:
        return f"{share:.0%}"
    digits = max(1 - math.floor(math.log10(100 * left) + 1e-9), 0)
    text = f"{100 * share:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def _chance_range(some: Range) -> Range:
    """P10, P50 and P90 as they are drawn: what is no chance is held within 0 and 1."""
    low, middle, high = chances_at(some, np.array([-Z90, 0.0, Z90]))
    return Range(float(low), float(middle), float(high))
