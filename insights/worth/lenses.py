"""Lenses: other ways than the return to put problems in order. Pure: arrays in, scores out, higher first, NaN unknown.

Each lens is a formula that somebody published, or that says in one line what it counts. What a lens leaves even is put
in order by its own further figures, then by the rank by return.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from insights.errors import ExitCode, InsightsError
from insights.text.clean import one_line
from insights.worth.seen import Array, Seen

Score = Callable[[Seen], Array]

WEEKS_A_YEAR = 365 / 7
_MONTHS_A_WEEK = 12 / WEEKS_A_YEAR
_LEAST_MONTHS = 0.5
_LEAST_WEEKS = 0.2

_IMPACT = np.array([1.0, 0.5, 1.0, 2.0, 3.0])
"""Of a severity that is not known, a wish, what annoys, hurts, blocks."""
_ENOUGH_ITEMS, _ENOUGH_ACCOUNTS = 5, 2

RECENT_WEEKS = 4
PRIOR_ITEMS = 6.0
"""On 126,000 counts of words in dated reviews the next four weeks were foretold best by 2 to 4, and nearly as well by 6
(mean log-likelihood −1.26, −1.26, −1.27; −1.29 by 12). With 6, three first items stay behind a rise from 10 to 30."""

_MIDDLE = 0.5
CUSTOM = "custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """A lens by its name. `title` heads its column, `formula` is one line; `then` puts in order what `score` leaves
    even. `weights` are those of `custom`."""

    name: str
    title: str
    formula: str
    score: Score
    then: tuple[Score, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)


# -- money ------------------------------------------------------------------------------------------------------


def roi(seen: Seen) -> Array:
    """(value − cost) ÷ cost, the P50 of the simulation, in hundredths: what is nearer than that has its place by rank,
    as in the list by return. Shape (n,)."""
    return np.array([round(float(one), 2) for one in seen.roi], dtype=np.float64)


def net(seen: Seen) -> Array:
    """Likely value − likely cost, money of a year. Shape (n,). Large work is not punished as by the return."""
    return seen.value - seen.cost


# -- RICE -------------------------------------------------------------------------------------------------------


def rice(seen: Seen) -> Array:
    """Reach × impact × confidence ÷ effort, shape (n,). McBride, "RICE: Simple prioritization for product managers",
    Intercom 2016."""
    return reach(seen) * impact(seen) * confidence(seen) / months(seen)


def reach(seen: Seen) -> Array:
    """Distinct accounts heard in a quarter, and items of no known account, each of which counts as one. Shape (n,)."""
    return seen.reach_accounts + seen.reach_items


def impact(seen: Seen) -> Array:
    """Intercom's scale: 3 massive (blocks), 2 high (hurts), 1 medium (annoys, and what is not known), .5 low (a wish);
    its .25 is not used. Shape (n,)."""
    return _IMPACT[np.nan_to_num(seen.severity).astype(np.int64)]


def confidence(seen: Seen) -> Array:
    """Intercom's steps by how many of four are known: 1 for all, .8 for two or three, .5 for fewer. Shape (n,).

    They are: heard enough, at least 5 items from at least 2 accounts; who pays, the revenue of at least 2 accounts;
    the severity; the effort, told by other than a default. Counts, not shares: one more account never takes away."""
    heard = (seen.items >= _ENOUGH_ITEMS) & (seen.accounts >= _ENOUGH_ACCOUNTS)
    signs = (heard, seen.payers >= _ENOUGH_ACCOUNTS, ~np.isnan(seen.severity), seen.effort_known > 0)
    known = np.sum(signs, axis=0)
    return np.select([known == len(signs), known >= 2], [1.0, 0.8], 0.5)


def months(seen: Seen) -> Array:
    """Likely effort in person-months, half a month at least, as in the source. Shape (n,)."""
    return np.maximum(seen.weeks * _MONTHS_A_WEEK, _LEAST_MONTHS)


# -- cost of delay ----------------------------------------------------------------------------------------------


def wsjf(seen: Seen) -> Array:
    """Cost of delay ÷ duration, money a week for each week of work, one day at least. Shape (n,).

    Reinertsen, "The Principles of Product Development Flow", 2009 (weighted shortest job first; SAFe's WSJF with time
    criticality in money instead of points; also CD3)."""
    return cost_of_delay(seen) / np.maximum(seen.weeks, _LEAST_WEEKS)


def cost_of_delay(seen: Seen) -> Array:
    """What a week's delay costs, money. Shape (n,). The value of a year is spread evenly over its weeks, but what hangs
    on renewals within `soon_days` is decided in those days: it is spread over them alone."""
    later = (seen.value - seen.soon) / WEEKS_A_YEAR
    return later + seen.soon / (max(seen.soon_days, 7.0) / 7)


# -- customers --------------------------------------------------------------------------------------------------


def accounts(seen: Seen) -> Array:
    """Distinct accounts that have it, whatever they pay or write. Shape (n,). Not known where no account is."""
    return np.where(seen.accounts > 0, seen.accounts, np.nan)


def severity(seen: Seen) -> Array:
    """4 blocks, 3 hurts, 2 annoys, 1 a wish. Shape (n,)."""
    return seen.severity


def growth(seen: Seen) -> Array:
    """How many times the weekly items of the last four weeks are those before, shape (n,): exp of the posterior mean of
    the log ratio of two Poisson rates.

    Each rate has a Gamma prior at the problem's own mean rate, worth PRIOR_ITEMS items (Gamma-Poisson: Gelman et al.,
    "Bayesian Data Analysis", 2.6; the mean of a log Gamma is digamma(shape) − log(rate)). So little evidence says
    "about as before". Weeks before the first item of any problem do not count. Not known of what has no item, nor where
    no problem has one that is older than four weeks."""
    weeks = history(seen)
    if weeks <= RECENT_WEEKS:
        return np.full(len(seen), np.nan)
    recent, before = recent_and_before(seen)
    total = recent + before
    rate = PRIOR_ITEMS * weeks / np.where(total > 0, total, np.nan)
    log_recent = digamma(PRIOR_ITEMS + recent) - np.log(rate + RECENT_WEEKS)
    log_before = digamma(PRIOR_ITEMS + before) - np.log(rate + weeks - RECENT_WEEKS)
    return np.asarray(np.exp(log_recent - log_before))


def recent_and_before(seen: Seen) -> tuple[Array, Array]:
    """Items of the last four weeks, and of the weeks before, each of shape (n,)."""
    return seen.weekly[:, -RECENT_WEEKS:].sum(axis=1), seen.weekly[:, :-RECENT_WEEKS].sum(axis=1)


def history(seen: Seen) -> int:
    """Weeks since the first item of any problem, as far back as counted."""
    heard = np.flatnonzero(seen.weekly.any(axis=0))
    return seen.weekly.shape[1] - int(heard[0]) if len(heard) else 0


def nps(seen: Seen) -> Array:
    """Points that the net promoter score would rise if those who answered with this problem were left out, shape (n,);
    below 0 where they like us better than the others. (Reichheld, "The One Number You Need to Grow", 2003.) Not known
    where nobody answered with it, or all did."""
    rest = seen.all_scores - seen.scores
    answers = np.where((seen.scores.sum(axis=1) > 0) & (rest.sum(axis=1) > 0), rest.sum(axis=1), np.nan)
    return 100 * (rest[:, 0] - rest[:, 2]) / answers - score_of_all(seen)


def score_of_all(seen: Seen) -> float:
    """The net promoter score, −100 to 100; NaN without an answer."""
    promoters, _, detractors = seen.all_scores
    answers = float(seen.all_scores.sum())
    return 100 * float(promoters - detractors) / answers if answers else math.nan


LENSES: Mapping[str, Lens] = {
    lens.name: lens
    for lens in (
        Lens(name="roi", title="ROI", formula="(value − cost) ÷ cost", score=roi),
        Lens(name="net", title="net value", formula="value − cost, a year", score=net),
        Lens(
            name="rice",
            title="RICE",
            formula="accounts a quarter × impact × confidence ÷ person-months",
            score=rice,
        ),
        Lens(
            name="wsjf",
            title="WSJF",
            formula="cost of a week's delay, renewals near first ÷ weeks of work",
            score=wsjf,
        ),
        Lens(
            name="accounts",
            title="accounts",
            formula="distinct accounts, then items",
            score=accounts,
            then=(lambda seen: seen.items,),
        ),
        Lens(
            name="severity",
            title="severity",
            formula="blocks > hurts > annoys > wish, then who speaks of leaving, then accounts",
            score=severity,
            then=(lambda seen: seen.leaving, lambda seen: seen.accounts),
        ),
        Lens(
            name="growth",
            title="growth",
            formula="items a week, last 4 weeks ÷ 22 before, doubted where they are few",
            score=growth,
        ),
        Lens(
            name="nps",
            title="NPS",
            formula="points NPS would rise without those who answered with it",
            score=nps,
        ),
    )
}

ALIASES = {"value": "net", "delay": "wsjf"}
NAMES = (*LENSES, CUSTOM)


# -- your own weights -------------------------------------------------------------------------------------------


def lens_named(name: str, *, weights: str) -> Lens:
    """The lens of that name; `custom` with the weights. Raises InsightsError."""
    found = _plain(name)
    if found == CUSTOM:
        return custom_lens(weights_of(weights))
    if found not in LENSES:
        raise InsightsError(
            f"There is no lens {one_line(name, 60)!r}.",
            remedy=f"Use one of: {', '.join(NAMES)}.",
            exit_code=ExitCode.USAGE,
        )
    return LENSES[found]


def weights_of(text: str) -> dict[str, float]:
    """The weights behind "value=2, growth=1, severity=1", by the names of lenses. Raises InsightsError where one is no
    number, below 0 or named twice, or where none is above 0."""
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = part.partition("=")
        lens = _plain(name)
        if lens not in LENSES:
            raise _bad_weights(f"There is no lens {one_line(name.strip(), 60)!r} to weigh.")
        if not re.fullmatch(r"\s*\d{1,9}(\.\d{1,9})?\s*", number, re.ASCII):
            raise _bad_weights(f"{one_line(part, 60)!r} is no weight of 0 or more.")
        if lens in found:
            raise _bad_weights(f"{lens} is weighed twice.")
        found[lens] = float(number)
    if not any(found.values()):
        raise _bad_weights("No lens has a weight above 0.")
    return found


def _plain(name: str) -> str:
    plain = name.strip().casefold()
    return ALIASES.get(plain, plain)


def _bad_weights(message: str) -> InsightsError:
    return InsightsError(
        message,
        remedy=f'Write --weights, or lenses.custom in the settings, as "net=2,growth=1". Lenses: {", ".join(LENSES)}.',
        exit_code=ExitCode.USAGE,
    )


def custom_lens(weights: Mapping[str, float]) -> Lens:
    """The weighted mean of the percentile ranks by other lenses."""
    counted = {name: weight for name, weight in weights.items() if weight > 0}
    said = ", ".join(f"{name} × {weight:g}" for name, weight in counted.items())
    return Lens(
        name=CUSTOM,
        title=CUSTOM,
        formula=f"mean percentile: {said}",
        score=lambda seen: custom(seen, counted),
        weights=counted,
    )


def custom(seen: Seen, weights: Mapping[str, float]) -> Array:
    """Weighted mean of percentile ranks, 0..1, shape (n,). A lens that knows nothing of a problem counts as the middle;
    where none knows anything neither does this. Percentiles, since money, points and counts have no common unit."""
    ranks = np.array([percentiles(LENSES[name], seen) for name in weights]).reshape(len(weights), len(seen))
    share = np.array(list(weights.values())) / sum(weights.values())
    mean = share @ np.where(np.isnan(ranks), _MIDDLE, ranks)
    return np.where(np.isnan(ranks).all(axis=0), np.nan, mean)


# -- order ------------------------------------------------------------------------------------------------------


def order(lens: Lens, seen: Seen) -> NDArray[np.int64]:
    """Places in `seen`, best first, shape (n,). What the lens knows nothing of comes last, in the order by return."""
    score = lens.score(seen)
    own = [score, *(np.where(np.isnan(score), np.nan, then(seen)) for then in lens.then)]
    falling = [np.where(np.isnan(key), np.inf, -key) for key in (*own, -seen.rank, seen.accounts, seen.items)]
    return np.lexsort((seen.ids, *reversed(falling))).astype(np.int64)


def percentiles(lens: Lens, seen: Seen) -> Array:
    """The share of the known problems that stand behind each, equals half, 0..1, shape (n,); NaN where not known."""
    score = lens.score(seen)
    known = ~np.isnan(score)
    found = np.full(len(seen), np.nan)
    if known.any():
        keys = np.column_stack([score, *(np.nan_to_num(then(seen)) for then in lens.then)])[known]
        _, level, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
        found[known] = ((np.cumsum(counts) - counts / 2) / len(keys))[level.ravel()]
    return found


def agreement(one: Lens, other: Lens, seen: Seen) -> float | None:
    """Kendall's tau-b of two orders, −1 to 1, over the problems that both know; None where that says nothing."""
    from scipy.stats import kendalltau

    first, second = percentiles(one, seen), percentiles(other, seen)
    both = ~(np.isnan(first) | np.isnan(second))
    tau = float(kendalltau(first[both], second[both]).statistic) if both.sum() > 1 else math.nan
    return None if math.isnan(tau) else tau
