"""Simulated firms with a known truth: what mending each problem is truly worth, and what it costs. Pure.

A firm has 40 to 400 accounts in three segments and 20 to 80 problems. A problem's unknowns (added chance to leave,
added chance to win, share avoided, effort) are drawn from the settings' own distributions, with the settings'
correlation between problems. Accounts leave month by month by their usual chance and what their problems add; they
write Poisson items while they are there. The evidence goes through `insights.stages.facts`, as an analysis would send
it. `Truth` is kept apart: nothing that estimates takes it.

The true value of a year is what the estimate claims to tell: over the accounts heard of whose revenue is known, over
known amounts of deals, and over the items that a year brings from all accounts that have the problem.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.firm_people import (
    ANSWERS,
    ANSWERS_THAT_STATE,
    DEAL_DAYS,
    DEALS,
    STATES_ANOTHER,
    STYLES,
    TODAY,
    YEAR,
    Array,
    Bias,
    Draft,
    Generator,
    Ints,
    Kind,
    bias_of,
    chances,
    departures,
    draft_of,
    mixed,
)
from benchmarks.firm_records import Evidenced, Records
from insights.domain.estimate import Range
from insights.domain.facts import Effort
from insights.stages.facts import Evidence, open_deals
from insights.worth.leaving import HIGHEST, moved
from insights.worth.quantiles import amounts_at
from insights.worth.value import Assumptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is so, of the problems in the order of `ids`; each shape (problems,). Money is a year's."""

    ids: Ints
    loss: Array
    win: Array
    avoided: Array
    weeks: Array
    kept: Array
    won: Array
    load: Array
    """Items a year."""
    saved: Array
    cost: Array
    without: tuple[Array, ...]
    """Chances to leave in a year, once the problem is mended, of the accounts that were heard of it and are there."""

    @property
    def value(self) -> Array:
        return self.kept + self.won + self.saved

    @property
    def roi(self) -> Array:
        return self.value / self.cost - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A firm: what it knows, and what is true."""

    style: str
    evidence: Evidenced
    truth: Truth


def make_world(number: int, *, assumptions: Assumptions, kind: Kind, seed: int = 0, unknowns_seed: int = 0) -> World:
    """Firm `number` of a seed. `unknowns_seed` draws other true chances to win, shares avoided and efforts: nothing of
    what the firm knows hangs on these."""
    rng = np.random.default_rng((seed, number, 1))
    style = list(STYLES)[int(rng.integers(len(STYLES)))]
    draft = draft_of(rng, assumptions, kind, talk=np.array(STYLES[style]))
    bias = bias_of(rng, kind.bias_off)
    hidden = np.random.default_rng((seed, number, 2, unknowns_seed))
    common, own = rng.standard_normal(), rng.standard_normal(draft.size[1])
    z = mixed(np.array(common), own, assumptions.shared)
    draft.loss = np.minimum(chances(assumptions.loss, z, odds=bias.loss), HIGHEST)
    draft.left = departures(rng, draft, most=assumptions.most_lost)
    known = kind.known
    record = Records(rng, draft, known)
    record.write()
    efforts = _told_efforts(rng, draft)
    evidence = record.gathered(efforts)
    return World(style=style, evidence=evidence, truth=_truth(hidden, draft, record, efforts, assumptions, bias))


def _told_efforts(rng: Generator, draft: Draft) -> dict[int, Effort]:
    """Of half the problems similar work tells the effort, more narrowly than the settings."""
    told = {}
    for problem in range(1, draft.size[1] + 1):
        likely = float(np.exp(rng.normal(np.log(3), 0.7)))
        below, above = (float(rng.uniform(1.5, 3)) for _ in range(2))
        if rng.random() < 0.5:
            told[problem] = Effort(weeks=Range(likely / below, likely, likely * above), source="similar work")
    return told


# -- what is true -------------------------------------------------------------------------------------------------


def _truth(
    rng: Generator, draft: Draft, record: Records, efforts: Mapping[int, Effort], a: Assumptions, bias: Bias
) -> Truth:
    k = draft.size[1]
    common, own = rng.standard_normal(3), rng.standard_normal((3, k))
    win_z, avoided_z, weeks_z = (mixed(np.array(c), o, a.shared) for c, o in zip(common, own, strict=True))
    ids = np.array(list(record.evidence), dtype=np.int64)
    rows = ids - 1
    win = chances(a.win, win_z)[rows]
    avoided = chances(a.share_avoided, avoided_z, odds=bias.avoided)[rows]
    ranges = [_weeks_range(record.evidence[int(n)], efforts.get(int(n)), a) for n in ids]
    weeks = np.array([float(amounts_at(r, weeks_z[n - 1 : n])[0]) for r, n in zip(ranges, ids, strict=True)])
    weeks = weeks * np.array([1.0 if int(n) in efforts else bias.weeks for n in ids])
    kept, without = _kept(draft, record, most=a.most_lost)
    load = _load(draft)
    opened, _ = open_deals(record.deals, record.evidence)
    deals = np.array(
        [_sum(opened.get(int(n), ())) + a.lost_deal_share * _sum(record.lost.get(int(n), ())) for n in ids]
    )
    return Truth(
        ids=ids,
        loss=draft.loss[rows],
        win=win,
        avoided=avoided,
        weeks=weeks,
        kept=kept,
        won=deals * win,
        load=load[rows],
        saved=load[rows] * a.minutes_per_item / 60 * a.hourly_cost * avoided,
        cost=weeks * a.week_cost,
        without=without,
    )


def _weeks_range(some: Evidence, told: Effort | None, a: Assumptions) -> Range:
    if told is not None:
        return told.weeks
    return a.request_weeks if 2 * some.requests > len(some.mentions) else a.weeks


def _kept(draft: Draft, record: Records, *, most: float) -> tuple[Array, tuple[Array, ...]]:
    """Revenue kept by mending each problem heard of, and the chances to leave of its accounts when it is mended."""
    added = np.where(draft.has, moved(draft.loss, draft.multipliers(TODAY)), 0.0)
    total = added.sum(axis=1)
    share = np.minimum(1.0, most / np.maximum(total, 1e-12))
    there = draft.left > TODAY
    paid = np.where(there & record.knows_revenue, draft.revenue, 0.0)
    kept, without = [], []
    for problem, some in record.evidence.items():
        who = np.array(sorted(some.since), dtype=np.int64) - 1
        kept.append(float((paid[who] * added[who, problem - 1] * share[who]).sum()))
        stays = who[there[who]]
        rest = np.minimum(total[stays] - added[stays, problem - 1], most)
        without.append(np.minimum(draft.usual + rest, HIGHEST))
    return np.array(kept), tuple(without)


def _load(draft: Draft) -> Array:
    """Items a year of each problem, shape (k,), from all accounts that are there; an item that states two counts half,
    and the answers and notes that state it count, too."""
    has = draft.has & (draft.left > TODAY)[:, None]
    number = has.sum(axis=1, keepdims=True)
    several = number > 1
    rate = np.where(has, draft.rate, 0.0)
    half = STATES_ANOTHER / 2
    others = (rate.sum(axis=1, keepdims=True) - rate) / np.maximum(number - 1, 1)
    written = np.where(several, rate * (1 - half) + half * others, rate)
    more = ANSWERS * ANSWERS_THAT_STATE + DEALS * YEAR / DEAL_DAYS
    return np.asarray(np.where(has, written + more / np.maximum(number, 1), 0.0).sum(axis=0))


def _sum(amounts: Sequence[float | None]) -> float:
    return float(sum(amount for amount in amounts if amount is not None))
