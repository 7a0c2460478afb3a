"""Ranges of a biased firm, before and after it learnt from what came of problems that it shipped.

A firm's true odds to leave, odds to be avoided and efforts differ from the settings by a factor each, the same for all
its problems. Of N problems, the first of our order, the release is simulated: weekly items of a year before and after,
told by `insights.worth.effect` as `insights outcomes` does; departures of their accounts in a year; the weeks that the
work took. `moves_of` moves the settings' ranges, and the firm's other problems are estimated anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from benchmarks.firm_figures import share_inside
from benchmarks.firm_records import Evidenced
from benchmarks.firm_world import Truth, World
from insights.domain.estimate import Range
from insights.domain.facts import Facts, Stay
from insights.worth.calibration import Compared, Quantity, moves_of
from insights.worth.effect import SETTLING_WEEKS, Watched, effect_of
from insights.worth.leaving import odds_multiplier, told_chance
from insights.worth.simulation import Simulated, simulate
from insights.worth.value import Assumptions, work_out

SHIPPED = (10, 20, 40)
BEFORE = 0
DRAWS = 1_000
_WEEKS_BEFORE, _WEEKS_AFTER = 52, 52 + SETTLING_WEEKS
_WEEKS = 365 / 7

RANGES = ("value", "cost", "ROI", "width")


def before_and_after(
    world: World, a: Assumptions, *, seed: int, shipped: Sequence[int] = SHIPPED, exactly: bool = False
) -> dict[tuple[int, str], float]:
    """(N, range) -> coverage of the problems that were not shipped by the largest N, and "width", the mean log(P90 ÷
    P10) of their values; N 0 is before. `exactly` tells every outcome without doubt. Empty where too few problems are
    left."""
    known, truth = world.evidence, world.truth
    first = _simulated(known, a)
    order = np.argsort([-roi.likely for roi in first.roi], kind="stable")
    if len(order) < max(shipped) + 10:
        return {}
    left = np.sort(order[max(shipped) :])
    rng = np.random.default_rng((seed, 3))
    told = [list(_outcomes(int(place), known, truth, a, rng, exactly=exactly)) for place in order[: max(shipped)]]
    found = _coverage(BEFORE, first, truth, left)
    for count in shipped:
        learnt = _moved(a, [one for some in told[:count] for one in some])
        found |= _coverage(count, _simulated(known, learnt), truth, left)
    return found


def _simulated(known: Evidenced, a: Assumptions) -> Simulated:
    worked = work_out(known.facts, known.firm, a, revisions={})
    return simulate([one.case for one in worked.values()], shared=a.shared, draws=DRAWS)


def _coverage(count: int, said: Simulated, truth: Truth, left: NDArray[np.int64]) -> dict[tuple[int, str], float]:
    chosen = {"value": said.value, "cost": said.cost, "ROI": said.roi}
    true = {"value": truth.value, "cost": truth.cost, "ROI": truth.roi}
    found = {
        (count, name): share_inside([ranges[place] for place in left], true[name][left])
        for name, ranges in chosen.items()
    }
    widths = [np.log(some.high / some.low) for some in (said.value[place] for place in left) if some.low > 0]
    return found | {(count, "width"): float(np.mean(widths)) if widths else float("nan")}


def _moved(a: Assumptions, compared: Sequence[Compared]) -> Assumptions:
    """The settings after all moves that are due."""
    now = {"loss": a.loss, "share_avoided": a.share_avoided, "weeks": a.weeks, "request_weeks": a.request_weeks}
    due: Mapping[str, Range] = {move.setting: move.then for move in moves_of(compared, now) if move.is_due}
    return replace(
        a,
        loss=due.get("loss", a.loss),
        share_avoided=due.get("share_avoided", a.share_avoided),
        weeks=due.get("weeks", a.weeks),
        request_weeks=due.get("request_weeks", a.request_weeks),
    )


# -- what comes of a problem that was shipped ---------------------------------------------------------------------


def _outcomes(
    place: int, known: Evidenced, truth: Truth, a: Assumptions, rng: np.random.Generator, *, exactly: bool
) -> Iterator[Compared]:
    number = int(truth.ids[place])
    facts = known.facts[number]
    weeks, avoided = float(truth.weeks[place]), float(truth.avoided[place])
    seen = _exact(avoided) if exactly else _avoided(float(truth.load[place]), avoided, rng)
    if seen is not None:
        yield _compared(Quantity.AVOIDED, a.share_avoided, seen, "share_avoided", number)
    if facts.effort is None:
        setting = "request_weeks" if facts.is_request else "weeks"
        predicted = a.request_weeks if facts.is_request else a.weeks
        yield _compared(Quantity.WEEKS, predicted, _exact(weeks), setting, number)
    loss = _exact(float(truth.loss[place])) if exactly else _added(facts, truth.without[place], a, rng)
    if loss is not None:
        yield _compared(Quantity.LEAVING, a.loss, loss, "loss", number)


def _compared(quantity: Quantity, predicted: Range, realised: Range, setting: str, number: int) -> Compared:
    return Compared(quantity=quantity, predicted=predicted, realised=realised, setting=setting, problem_id=number)


def _exact(value: float) -> Range:
    return Range(value, value, value)


def _avoided(load: float, avoided: float, rng: np.random.Generator) -> Range | None:
    """None where too little is seen."""
    before = rng.poisson(load / _WEEKS, _WEEKS_BEFORE)
    after = rng.poisson(load * (1 - avoided) / _WEEKS, _WEEKS_AFTER)
    effect = effect_of(Watched(counts=np.concatenate([before, after]).astype(np.float64), release=_WEEKS_BEFORE))
    return None if effect.is_thin else effect.avoided


def _added(facts: Facts, without: NDArray[np.float64], a: Assumptions, rng: np.random.Generator) -> Range | None:
    """What departures before, beside those of the year after, tell of the added chance; None where none was seen."""
    days = rng.exponential(1.0, len(without)) / -np.log1p(-without)
    after = Stay(left=int((days < 1).sum()), years=float(np.minimum(days, 1).sum()))
    odds = fmean(odds_multiplier(one, severity=facts.severity, moves=a.moves) for one in facts.accounts)
    return told_chance(a.loss, seen=facts.stay, others=after, usual=a.usual, multiplier=odds)
