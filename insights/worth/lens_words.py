"""What a lens says of each problem, in figures as people say them. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from insights.domain.figures import counted, money, times
from insights.worth import lenses
from insights.worth.lenses import CUSTOM, LENSES, Lens
from insights.worth.seen import SEVERITIES, Seen


@dataclass(frozen=True, slots=True)
class Said:
    """`short` fits a column ("42"), `words` are the sum ("RICE 42 = 7 accounts × 2 × 80% ÷ 0.7 months"), or why it is
    not known."""

    short: str
    words: str


UNKNOWN = "–"


def in_words(lens: Lens, seen: Seen, *, currency: str) -> list[Said]:
    """What the lens says of each problem, in the order of `seen`."""
    known = ~np.isnan(lens.score(seen))
    return [
        Said(short, words) if is_known else Said(UNKNOWN, _why_not(lens, seen, place))
        for place, (is_known, (short, words)) in enumerate(zip(known, _words(lens, seen, currency), strict=True))
    ]


_Words = Iterator[tuple[str, str]]
"""Short and long, of each problem; of what is not known they are not shown."""


def _words(lens: Lens, seen: Seen, currency: str) -> _Words:
    if lens.name == CUSTOM:
        return _custom(lens, seen)
    in_money = _IN_MONEY.get(lens.name)
    return in_money(seen, currency) if in_money else _COUNTED[lens.name](seen)


def _roi(seen: Seen, currency: str) -> _Words:
    for roi, value, cost in zip(seen.roi, seen.value, seen.cost, strict=True):
        sums = f"{money(value, currency)} a year for {money(cost, currency)} of work"
        yield times(roi), f"ROI {times(roi)}: {sums}"


def _net(seen: Seen, currency: str) -> _Words:
    for value, cost in zip(seen.value, seen.cost, strict=True):
        short = money(value - cost, currency)
        yield short, f"net value {short} = {money(value, currency)} − {money(cost, currency)}"


def _rice(seen: Seen) -> _Words:
    factors = (lenses.impact(seen), lenses.confidence(seen), lenses.months(seen))
    for place, (score, impact, sure, months) in enumerate(zip(lenses.rice(seen), *factors, strict=True)):
        short = figure(score)
        span = f"{months:.1f}".removesuffix(".0") + f" month{'' if months == 1 else 's'}"
        yield short, f"RICE {short} = {_reach(seen, place)} × {impact:g} × {sure:.0%} ÷ {span}"


def _reach(seen: Seen, place: int) -> str:
    known, other = int(seen.reach_accounts[place]), int(seen.reach_items[place])
    told = [counted(known, "account")] if known or not other else []
    told += [counted(other, "item")] if other else []
    return told[0] if len(told) == 1 else f"({' + '.join(told)})"


def _wsjf(seen: Seen, currency: str) -> _Words:
    delays, scores = lenses.cost_of_delay(seen), lenses.wsjf(seen)
    for score, delay, weeks, soon in zip(scores, delays, seen.weeks, seen.soon, strict=True):
        short = money(score, currency)
        near = f"; {money(soon, currency)} hangs on renewals within {seen.soon_days:.0f} days" if soon > 0 else ""
        span = f"{figure(weeks)} week{'' if weeks == 1 else 's'}"
        yield short, f"WSJF {short} = {money(delay, currency)} a week ÷ {span}{near}"


def _accounts(seen: Seen) -> _Words:
    for count, items in zip(seen.accounts, seen.items, strict=True):
        yield f"{count:,.0f}", f"{counted(int(count), 'account')}, {counted(int(items), 'item')}"


def _severity(seen: Seen) -> _Words:
    for level, leaving, count in zip(np.nan_to_num(seen.severity), seen.leaving, seen.accounts, strict=True):
        word = SEVERITIES[int(level) - 1]
        speaking = f"; {leaving:.0%} of {counted(int(count), 'account')} speak of leaving" if leaving else ""
        yield word, f"severity: {word}{speaking}"


def _growth(seen: Seen) -> _Words:
    earlier = max(lenses.history(seen) - lenses.RECENT_WEEKS, 1)
    for score, recent, before in zip(lenses.growth(seen), *lenses.recent_and_before(seen), strict=True):
        short = f"×{figure(score)}"
        items, a_week = counted(int(recent), "item"), figure(before / earlier)
        yield short, f"growth {short}: {items} in {lenses.RECENT_WEEKS} weeks, {a_week} a week before"


def _nps(seen: Seen) -> _Words:
    today = lenses.score_of_all(seen)
    for rise, answers in zip(lenses.nps(seen), seen.scores.sum(axis=1), strict=True):
        short, without = signed(rise), f"{_whole(today + rise)} without {counted(int(answers), 'answer')}"
        yield short, f"NPS {short}: {without}, {_whole(today)} with"


def _custom(lens: Lens, seen: Seen) -> _Words:
    ranks = {name: 100 * lenses.percentiles(LENSES[name], seen) for name in lens.weights}
    for place, score in enumerate(100 * lens.score(seen)):
        told = [
            f"{name} {'not known' if np.isnan(ranks[name][place]) else f'{ranks[name][place]:.0f}'} × {weight:g}"
            for name, weight in lens.weights.items()
        ]
        yield f"{score:.0f}", f"custom {score:.0f} of 100: {', '.join(told)}"


_IN_MONEY: Mapping[str, Callable[[Seen, str], _Words]] = {"roi": _roi, "net": _net, "wsjf": _wsjf}
_COUNTED: Mapping[str, Callable[[Seen], _Words]] = {
    "rice": _rice,
    "accounts": _accounts,
    "severity": _severity,
    "growth": _growth,
    "nps": _nps,
}

_WHY_NOT = {"accounts": "no known account", "severity": "severity not known", CUSTOM: "none of these lenses knows it"}
_NOT_ESTIMATED = "not estimated yet"


def _why_not(lens: Lens, seen: Seen, place: int) -> str:
    if lens.name == "growth":
        is_young = lenses.history(seen) <= lenses.RECENT_WEEKS
        weeks = lenses.RECENT_WEEKS if is_young else seen.weekly.shape[1]
        return f"nothing is older than {weeks} weeks" if is_young else f"no item in {weeks} weeks"
    if lens.name == "nps":
        return "all who answered have it" if seen.scores[place].sum() else "nobody answered with it"
    return _WHY_NOT.get(lens.name, _NOT_ESTIMATED)


def figure(number: float) -> str:
    """Two digits at least, for what is not negative: 1,240; 42; 1.3; 0.24; "–" for what is no number."""
    if np.isnan(number):
        return UNKNOWN
    if number >= 9.95:
        return f"{number:,.0f}"
    return f"{number:.1f}".removesuffix(".0") if number >= 0.95 or not number else f"{number:.2g}"


def signed(points: float) -> str:
    """+1.4, −0.3, 0."""
    size = figure(abs(points))
    return size if size == "0" else f"{'−' if points < 0 else '+'}{size}"


def _whole(score: float) -> str:
    return f"{round(score) if not np.isnan(score) else UNKNOWN}".replace("-", "−")
