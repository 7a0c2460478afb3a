"""What one simulated firm shows: whether ranges hold the truth, which order is nearest to it, who is at the top.

Estimates are made of the evidence alone (`estimated`); the truth comes in afterwards (`judged`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau, spearmanr

from benchmarks.firm_people import SEGMENTS, TODAY
from benchmarks.firm_records import Evidenced
from benchmarks.firm_world import Truth, World
from insights.domain.estimate import Estimate, Range
from insights.domain.facts import Facts
from insights.domain.feedback import Stance
from insights.domain.problem import Problem, State
from insights.worth.estimate import estimate_all
from insights.worth.fairness import TOP, shares_of
from insights.worth.lenses import LENSES, order
from insights.worth.seen import Heard, Seen, seen_of
from insights.worth.simulation import Simulated, simulate
from insights.worth.value import Assumptions, work_out

Array = NDArray[np.float64]

OURS = "ROI (ours)"
TRUE = "true ROI"
PARTS = ("revenue kept", "revenue won", "support saved")
RANGES = ("value", "cost", "ROI", *PARTS)
PAIR_DRAWS = 2_000
"""A stated chance to outrank is then known to about one in a hundred."""
_RANDOM_PAIRS = 60
_DAY = datetime.fromtimestamp(TODAY * 86_400, tz=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """What is said of a firm's problems, in the order of `ids`. `simulated` tells chances to outrank, as
    `estimates` only does of neighbours."""

    ids: tuple[int, ...]
    estimates: Mapping[int, Estimate]
    simulated: Simulated
    seen: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One firm beside its truth. `inside` is the share of problems whose truth each range holds (NaN where there is
    none). `tau`, `rho` and `top` tell each order's agreement with the true one: Kendall's tau-b, Spearman's rho, how
    many of its first ten are among the true ten. `pairs` are stated chances to outrank, at least 1/2, and whether it
    came true; `adjacent` neighbours of our order, `chance_top` the same of being among the first ten. `shares` are each
    order's shares of the top, of problems and of accounts by segment, shape (3, 3), and whether each was flagged."""

    style: str
    problems: int
    inside: Mapping[str, float]
    tau: Mapping[str, float]
    rho: Mapping[str, float]
    top: Mapping[str, float]
    pairs: Array
    adjacent: Array
    chance_top: Array
    shares: Mapping[str, tuple[Array, NDArray[np.bool_]]]


def estimated(known: Evidenced, a: Assumptions) -> Estimated:
    """Everything that the program says of a firm."""
    estimates = estimate_all(known.facts, known.firm, a)
    worked = work_out(known.facts, known.firm, a, revisions={})
    simulated = simulate([one.case for one in worked.values()], shared=a.shared, draws=PAIR_DRAWS)
    problems = [_problem(number, some, known, estimates[number]) for number, some in known.facts.items()]
    heard = {number: Heard(accounts=count) for number, count in known.heard.items()}
    seen = seen_of(
        problems,
        facts=known.facts,
        firm=known.firm,
        heard=heard,
        revisions={},
        soon_days=a.moves.renewal_days,
    )
    return Estimated(ids=tuple(known.facts), estimates=estimates, simulated=simulated, seen=seen)


def _problem(number: int, facts: Facts, known: Evidenced, estimate: Estimate) -> Problem:
    return Problem(
        id=number,
        title="",
        summary="",
        described_by="",
        stance=Stance.REQUEST if facts.is_request else Stance.PROBLEM,
        state=State.INBOX,
        version=0,
        first_seen=_DAY,
        last_seen=_DAY,
        items=known.items[number],
        accounts=len(facts.accounts),
        mentions=known.items[number],
        weekly=known.weekly[number],
        estimate=estimate,
    )


def judged(world: World, said: Estimated, *, seed: int = 0) -> Judged:
    """What was said beside what is true. Only random pairs hang on the seed."""
    true = world.truth.roi
    orders = _orders(world.evidence, said)
    best = _first(_falling(true))
    places = {name: falling for name, (_, falling) in orders.items()}
    return Judged(
        style=world.style,
        problems=len(said.ids),
        inside=_inside(world.truth, said),
        tau={name: float(kendalltau(score, true).statistic) for name, (score, _) in orders.items()},
        rho={name: float(spearmanr(score, true).statistic) for name, (score, _) in orders.items()},
        top={name: len(best & _first(falling)) / len(best) for name, falling in places.items()},
        pairs=_pairs(said, true, _random_pairs(len(true), seed)),
        adjacent=_pairs(said, true, list(zip(places[OURS][:-1], places[OURS][1:], strict=True))),
        chance_top=np.column_stack([said.simulated.chance_top, [place in best for place in range(len(true))]]),
        shares=_shares(world.evidence, said, {**places, TRUE: _falling(true)}),
    )


# -- ranges -------------------------------------------------------------------------------------------------------


def share_inside(ranges: Sequence[Range], truth: Array) -> float:
    """The share of truths between P10 and P90; NaN of none."""
    held = [some.low <= float(value) <= some.high for some, value in zip(ranges, truth, strict=True)]
    return float(np.mean(held)) if held else float("nan")


def _inside(truth: Truth, said: Estimated) -> dict[str, float]:
    """A part that is nothing for want of any deal or account, both said and true, is left out."""
    every = [said.estimates[number] for number in said.ids]
    found = {
        "value": share_inside([one.value for one in every], truth.value),
        "cost": share_inside([one.cost for one in every], truth.cost),
        "ROI": share_inside([one.roi for one in every], truth.roi),
    }
    for name, true in zip(PARTS, (truth.kept, truth.won, truth.saved), strict=True):
        ranges = [next(part.value for part in one.parts if part.name == name) for one in every]
        there = [place for place, some in enumerate(ranges) if true[place] > 0 or some.high > 0]
        found[name] = share_inside([ranges[place] for place in there], true[there])
    return found


# -- orders -------------------------------------------------------------------------------------------------------


def _orders(known: Evidenced, said: Estimated) -> dict[str, tuple[Array, NDArray[np.int64]]]:
    """Each order's scores, higher first, and places, best first."""
    counts = {
        "item count": [known.items[number] for number in said.ids],
        "revenue-weighted count": [known.weighted[number] for number in said.ids],
        "revenue of accounts": [_revenue(known.facts[number]) for number in said.ids],
        "revenue of accounts ÷ weeks": [
            _revenue(known.facts[number]) / said.estimates[number].weeks.likely for number in said.ids
        ],
    }
    found = {_name(name): (_known(lens.score(said.seen)), order(lens, said.seen)) for name, lens in LENSES.items()}
    for name, values in counts.items():
        score = np.array(values, dtype=np.float64)
        found[name] = (score, _falling(score))
    return found


def _name(lens: str) -> str:
    return {"roi": OURS, "rice": "RICE", "wsjf": "WSJF", "net": "net value", "accounts": "distinct accounts"}.get(
        lens, lens
    )


def _known(score: Array) -> Array:
    """What a lens knows nothing of stands last."""
    return np.where(np.isnan(score), -1e18, score)


def _revenue(facts: Facts) -> float:
    return sum(one.revenue or 0.0 for one in facts.accounts)


def _falling(score: Array) -> NDArray[np.int64]:
    return np.argsort(-score, kind="stable")


def _first(falling: NDArray[np.int64]) -> set[int]:
    return set(falling[:TOP].tolist())


# -- stated chances -----------------------------------------------------------------------------------------------


def _random_pairs(problems: int, seed: int) -> list[tuple[int, int]]:
    rng = np.random.default_rng((seed, problems))
    return [(int(a), int(b)) for a, b in rng.integers(0, problems, (_RANDOM_PAIRS, 2)) if a != b]


def _pairs(said: Estimated, true: Array, pairs: Sequence[tuple[int, int]]) -> Array:
    """The stated chance of the one that more likely outranks, and 1 where it truly does; shape (pairs, 2)."""
    found = []
    for one, other in pairs:
        chance = said.simulated.outranks(one, other)
        is_first = true[one] > true[other]
        found.append((chance, is_first) if chance >= 0.5 else (1 - chance, not is_first))
    return np.array(found, dtype=np.float64).reshape(-1, 2)


# -- who is at the top --------------------------------------------------------------------------------------------


def _shares(
    known: Evidenced, said: Estimated, places: Mapping[str, NDArray[np.int64]]
) -> dict[str, tuple[Array, NDArray[np.bool_]]]:
    """Nothing where all problems are at the top."""
    if len(said.ids) <= TOP:
        return {}
    weights = np.array([np.append(known.voices[number], 0.0) for number in said.ids])
    found = {}
    for name, falling in places.items():
        shares = shares_of(SEGMENTS, weights, accounts=known.accounts, order=falling.tolist())
        groups = {group.name: group for group in shares.groups}
        rows = [groups[segment] for segment in SEGMENTS]
        found[name] = (
            np.array([[one.top, one.problems, one.accounts] for one in rows]),
            np.array([one.is_flagged for one in rows]),
        )
    return found
