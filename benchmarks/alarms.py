"""How often does a quiet workspace raise an alarm, and how soon is a planted one told?

    python -m benchmarks.alarms [--months 12] [--size 1.0]

Quiet workspaces of 20 to 1,000 problems, whose weekly rates lie evenly on a log scale from 0.05 to 20 voices, are
looked at each night for a year: onsets a workspace and month, by kind, beside those of the raw rules
(`trend.is_spike`, `trend.movement_of`), counted where they begin. Then spikes, new problems, growth and fading are
planted into workspaces of 50: the nights until it is told. The night of the first day is night 1.

The chances are computed with numpy as in `insights.domain.alarm`; a sample of nights is compared with the module
itself, whose own rules go from night to night. `--size` multiplies how many workspaces are simulated.
"""

import argparse
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaincinv

from insights.domain import alarm
from insights.domain.alarm import Alarm, AlarmKind, Chance, Heard

SEED = 8
RATES = (0.05, 20.0)
BUDGET = 1.0
HISTORY_DAYS = 26 * 7
NIGHTS_A_MONTH = 30
WORKSPACES = {20: 120, 50: 60, 300: 16, 1000: 6}
"""How many of each number of problems."""
SEVERITIES = tuple(alarm.SEVERITY_WEIGHTS)

PLANTED_WORKSPACES = 200
PLANTED_PROBLEMS = 50
NIGHTS_BEFORE = 14
"""Nights that are looked at before what is planted, so that what is told then is known already."""
DAY_ZERO = date(2026, 1, 1)

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Bools = NDArray[np.bool_]

BURST, GROWTH, FADING = range(3)


# -- worlds ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class World:
    """How voices come about. `rates`: voices a week, evenly on a log scale; `pace`: by day, what all rates are
    multiplied with; `dispersion`: variance over mean, of `bursty` of the problems; the others are Poisson's.
    `drift`: standard deviation of a slow wander of each problem's log rate, autoregressive, 0.9 a week: not quiet."""

    name: str
    rates: tuple[float, float] = RATES
    pace: Callable[[Counts], Floats] = lambda days: np.ones(len(days))
    dispersion: float = 1.0
    bursty: float = 1.0
    drift: float = 0.0


def _weekdays(days: Counts) -> Floats:
    return np.where(days % 7 < 5, 7 / 5, 0.0)


def _growing(days: Counts) -> Floats:
    return np.asarray(1.05 ** (days / NIGHTS_A_MONTH), dtype=np.float64)


def _holidays(days: Counts) -> Floats:
    since = (days - HISTORY_DAYS - 100) % 182
    return np.where((since < 14) & (days >= HISTORY_DAYS), 0.5, 1.0)


def _doubled(days: Counts) -> Floats:
    return np.where(days >= HISTORY_DAYS + 150, 2.0, 1.0)


WORLDS = (
    World(name="Poisson"),
    World(name="variance 1.5 × mean", dispersion=1.5),
    World(name="variance 2 × mean", dispersion=2.0),
    World(name="half 3 × mean, half Poisson", dispersion=3.0, bursty=0.5),
    World(name="rare problems only, 0.05 to 0.5 a week", rates=(0.05, 0.5)),
    World(name="frequent problems only, 5 to 50 a week", rates=(5.0, 50.0)),
    World(name="nothing at weekends", pace=_weekdays),
    World(name="+5 % a month", pace=_growing),
    World(name="two fortnights at half", pace=_holidays),
    World(name="doubles overnight", pace=_doubled),
    World(name="not quiet: each problem wanders by 0.3", drift=0.3),
)


def drawn(world: World, rates: Floats, *, days: int, generator: np.random.Generator) -> Counts:
    """Voices by day, workspace and problem. `rates`: voices a week by workspace and problem; or also by day."""
    pace = world.pace(np.arange(days))[:, None, None]
    mean = np.broadcast_to(rates / 7, (days, *rates.shape[-2:])) * pace
    counts = generator.poisson(mean)
    if world.dispersion > 1:
        size = mean / (world.dispersion - 1)
        wide = generator.poisson(generator.gamma(np.maximum(size, 1e-12)) * (world.dispersion - 1))
        counts = np.where(generator.random(rates.shape[-1]) < world.bursty, wide, counts)
    return counts.astype(np.int64)


def usual_rates(world: World, workspaces: int, problems: int, generator: np.random.Generator) -> Floats:
    low, high = np.log(world.rates)
    return np.exp(generator.uniform(low, high, (workspaces, problems)))


def _wander(world: World, shape: tuple[int, ...], generator: np.random.Generator) -> Floats:
    """What rates are multiplied with, by day."""
    kept = 0.9 ** (1 / 7)
    place = generator.normal(0, world.drift, shape)
    for day in range(1, len(place)):
        place[day] = kept * place[day - 1] + math.sqrt(1 - kept**2) * place[day]
    return np.exp(place)


# -- one night ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Night:
    """Of one night, by workspace and problem: the chances of a burst, growth and fading; is all history zero."""

    chances: Floats
    is_new: Bools


def weeks_before(summed: Counts, night: int, weeks: int) -> Counts:
    """Voices by week, oldest first; the last ends with that night. `summed`: of all days before each day."""
    ends = night + 1 - 7 * np.arange(weeks + 1)[::-1]
    return np.diff(summed[ends], axis=0)


def a_night(counts: Counts) -> Night:
    """`counts`: voices by week, workspace and problem."""
    shared = np.minimum(counts, alarm.OWN_AFFAIR * (np.median(counts, axis=0) + 1))
    others = np.maximum(shared.sum(axis=2, keepdims=True) - shared, 0.0)
    pooled_others = others + alarm.POOLED_VOICES
    exposures = pooled_others / pooled_others[-1]
    whole = _dispersion(counts[:-1], exposures[:-1])
    pooled, worth = _pooled(*whole)
    recent = alarm.RECENT_WEEKS
    parts = [_dispersion(counts[part], exposures[part]) for part in (slice(-recent), slice(-recent, None))]
    burst = _predicted(counts, others, exposures, 1, _shrunk([whole], pooled, worth), pooled)
    trend = _predicted(counts, others, exposures, recent, _shrunk(parts, pooled, worth), pooled)
    week, month = counts[-1], counts[-recent:].sum(axis=0)
    spike = np.where(week >= alarm.LEAST_VOICES, _upper(week, *burst), 1.0)
    chances = np.stack([spike, _upper(month, *trend), 1 - _upper(month + 1, *trend)])
    return Night(chances, counts[:-1].sum(axis=0) == 0)


def _dispersion(counts: Counts, exposures: Floats) -> tuple[Floats, Floats]:
    voices = counts.sum(axis=0)
    expected = np.maximum(voices, 1) / exposures.sum(axis=0) * exposures
    squares = ((counts - expected) ** 2 / expected).sum(axis=0)
    weeks = (len(counts) - 1) * (1 - 1 / np.maximum(voices, 1))
    return squares / (len(counts) - 1), weeks


def _pooled(dispersion: Floats, weeks: Floats) -> tuple[Floats, Floats]:
    capped = np.minimum(dispersion, alarm.LARGEST_DISPERSION)
    worth = np.maximum(weeks.sum(axis=1, keepdims=True), 1e-9)
    mean = np.maximum((capped * weeks).sum(axis=1, keepdims=True) / worth, 1.0)
    between = (weeks * (capped - mean) ** 2 - 2 * mean**2 * (weeks > 0)).sum(axis=1, keepdims=True)
    return mean, np.clip(mean**2 * worth / np.maximum(between, 1e-9), *alarm.POOLED_WEEKS)


def _shrunk(parts: Sequence[tuple[Floats, Floats]], pooled: Floats, worth: Floats) -> Floats:
    weeks = sum((part for _, part in parts), worth)
    own = sum((dispersion * part for dispersion, part in parts), pooled * worth)
    return 1 + (np.maximum(own / weeks, pooled) - 1) * (1 + alarm.DOUBT * np.sqrt(2 / weeks))


def _predicted(
    counts: Counts, others: Floats, exposures: Floats, recent: int, dispersion: Floats, pooled: Floats
) -> tuple[Floats, Floats]:
    ratio = exposures[-recent:].sum(axis=0) / exposures[:-recent].sum(axis=0)
    mean = (counts[:-recent].sum(axis=0) + 0.5) * ratio
    noise = sum(
        part.sum(axis=0) / (part.sum(axis=0) + alarm.POOLED_VOICES * len(part)) ** 2
        for part in (others[-recent:], others[:-recent])
    )
    return mean, dispersion - 1 + ratio + mean * pooled * noise


def _upper(count: Counts, mean: Floats, spread: Floats) -> Floats:
    chance = betainc(np.maximum(count, 1), mean / spread, spread / (1 + spread))
    return np.asarray(np.where(count > 0, chance, 1.0), dtype=np.float64)


# -- from night to night --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """News of one problem: the night, counted from 0, and what."""

    workspace: int
    problem: int
    night: int
    kind: str


def levels(weights: Floats, problems: int, budget: float = BUDGET) -> Floats:
    """By kind (new, spike, growth, fading), workspace and problem."""
    by_kind = [alarm.levels_of(1.0, problems=problems, false_alarms_a_month=budget)[kind] for kind in AlarmKind]
    return np.minimum(np.multiply.outer(by_kind, weights), alarm.LARGEST_LEVEL)


def news(nights: Sequence[Night], level: Floats) -> Iterator[Told]:
    """What the module's own rules tell from night to night."""
    chances = np.stack([night.chances for night in nights])
    new = np.stack([night.is_new for night in nights])
    burst = np.where(new, level[0], level[1])
    fires = (chances[:, BURST] < burst) | (chances[:, GROWTH] < level[2]) | (chances[:, FADING] < level[3])
    for workspace, problem in zip(*np.nonzero(fires.any(axis=0)), strict=True):
        at = (slice(None), workspace, problem)
        own = dict(zip(AlarmKind, level[at], strict=True))
        for night, told in _one(chances[:, :, workspace, problem], new[at], fires[at], own):
            yield Told(workspace, problem, night, told.kind.value)


def _one(chances: Floats, new: Bools, fires: Bools, level: Mapping[AlarmKind, float]) -> Iterator[tuple[int, Alarm]]:
    alarms: tuple[Alarm, ...] = ()
    for night, p in enumerate(chances.tolist()):
        if not alarms and not fires[night]:
            continue
        today = DAY_ZERO + timedelta(days=night)
        kinds = (AlarmKind.NEW if new[night] else AlarmKind.SPIKE, AlarmKind.GROWTH, AlarmKind.FADING)
        found = {kind: Chance(p=one, week=0, lately=0, usual=0) for kind, one in zip(kinds, p, strict=True)}
        alarms = alarm.alarms_tonight(found, levels=level, before=alarms, today=today)
        yield from ((night, one) for one in alarms if one.told_on == today)


# -- the raw rules --------------------------------------------------------------------------------------------------

_QUIET, _NEW, _GROWING, _FADING = range(4)
_MOVES = {_NEW: "new", _GROWING: "growth", _FADING: "fading"}


def raw_spike(counts: Counts) -> Bools:
    """`trend.is_spike` of 13 weeks."""
    before, last = counts[-13:-1], counts[-1]
    mean = before.mean(axis=0)
    dispersion = np.where(mean > 0, before.var(axis=0, ddof=1) / np.maximum(mean, 1e-9), 1.0)
    spread = np.maximum(dispersion, 1.0) - 1 + 1 / 12
    unlikely = _upper(last, mean + 0.5 / 12, spread) < 0.001
    return np.asarray((last >= 3) & (last > mean) & unlikely, dtype=np.bool_)


def raw_movement(counts: Counts, items: Counts, young: Counts) -> Counts:
    """`trend.movement_of` of half a year. `items`: all so far; `young`: those of three weeks."""
    recent, before = counts[-4:].sum(axis=0), counts[-8:-4].sum(axis=0)
    usual = 4 * counts[:-4].mean(axis=0)

    def exceeds(one: Floats | Counts, other: Floats | Counts) -> Bools:
        return np.asarray((one + other >= 4) & (one - other > 1.6 * np.sqrt(one + other)))

    fades = exceeds(before, recent) | exceeds(usual, recent)
    moves = np.where(exceeds(recent, before), _GROWING, np.where(fades, _FADING, _QUIET))
    return np.where(items < 4, _QUIET, np.where(young > 0.8 * items, _NEW, moves))


def raw_news(summed: Counts, nights: Sequence[int]) -> Iterator[Told]:
    """Where a raw rule begins to say something."""
    spiked, moved = None, None
    for place, night in enumerate(nights):
        counts = weeks_before(summed, night, 26)
        spike = raw_spike(counts)
        move = raw_movement(counts, summed[night + 1], summed[night + 1] - summed[night - 21])
        if spiked is not None and moved is not None:
            for workspace, problem in np.argwhere(spike & ~spiked).tolist():
                yield Told(workspace, problem, place, "spike")
            for workspace, problem in np.argwhere((move != moved) & (move != _QUIET)).tolist():
                yield Told(workspace, problem, place, _MOVES[int(move[workspace, problem])])
        spiked, moved = spike, move


# -- quiet ----------------------------------------------------------------------------------------------------------


def summed_up(counts: Counts) -> Counts:
    return np.concatenate([np.zeros((1, *counts.shape[1:]), dtype=np.int64), counts.cumsum(axis=0)])


def some_weights(workspaces: int, problems: int, generator: np.random.Generator) -> Floats:
    """Of severities and values at random."""

    def of_one() -> list[float]:
        values = generator.lognormal(0, 1.5, problems)
        kinds = generator.choice(SEVERITIES, problems, p=(0.1, 0.3, 0.4, 0.2))
        heard = {n: Heard(voices=(), severity=str(kinds[n]), value=float(values[n])) for n in range(problems)}
        return list(alarm.weights_of(heard).values())

    return np.array([of_one() for _ in range(workspaces)])


@dataclass(frozen=True)
class Quiet:
    """Onsets of one world and size, ours and the raw rules', by kind, in so many workspace-months."""

    months: float
    ours: Counter[str]
    raw: Counter[str]


def quiet(world: World, problems: int, *, workspaces: int, months: int) -> Quiet:
    generator = np.random.default_rng([SEED, problems, WORLDS.index(world)])
    nights = range(HISTORY_DAYS, HISTORY_DAYS + months * NIGHTS_A_MONTH)
    rates = usual_rates(world, workspaces, problems, generator)
    moving = rates if not world.drift else rates * _wander(world, (nights.stop, *rates.shape), generator)
    summed = summed_up(drawn(world, moving, days=nights.stop, generator=generator))
    looks = [a_night(weeks_before(summed, night, alarm.WEEKS + 1)) for night in nights]
    level = levels(some_weights(workspaces, problems, generator), problems)
    ours = Counter(one.kind for one in news(looks, level))
    raw = Counter(one.kind for one in raw_news(summed, nights))
    return Quiet(workspaces * months, ours, raw)


def a_month(onsets: int, months: float) -> str:
    """Onsets a workspace-month with the exact 95 % interval of a Poisson rate (Garwood, 1936)."""
    low = gammaincinv(onsets, 0.025) if onsets else 0.0
    high = gammaincinv(onsets + 1, 0.975)
    return f"{onsets / months:.2f} ({low / months:.2f}–{high / months:.2f})"


def quiet_table(months: int, size: float) -> Iterator[str]:
    kinds = [kind.value for kind in AlarmKind]
    yield f"| Quiet world | problems | {' | '.join(kinds)} | **all** | raw rules: spike | raw rules: movement |"
    yield f"| --- | ---: |{' ---: |' * (len(kinds) + 3)}"
    for world in WORLDS:
        for problems, workspaces in WORKSPACES.items():
            found = quiet(world, problems, workspaces=max(round(workspaces * size), 1), months=months)
            each = " | ".join(f"{found.ours[kind] / found.months:.2f}" for kind in kinds)
            raw = found.raw
            spikes, moves = raw["spike"] / found.months, (raw.total() - raw["spike"]) / found.months
            told = f"**{a_month(found.ours.total(), found.months)}**"
            yield f"| {world.name} | {problems:,} | {each} | {told} | {spikes:.1f} | {moves:.1f} |"


# -- planted --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One problem of a workspace from its first day on. `rate`: voices a week before; `then`: from then on, for so
    many `days`. `nights`: how many are looked at; `kinds`: what counts as told; `weight`: that of the problem;
    `dispersion`: variance over mean of all problems."""

    name: str
    rate: float
    then: float
    kinds: frozenset[str]
    days: int
    nights: int
    weight: float = 1.0
    dispersion: float = 1.0


def _spike(rate: float, factor: float, *, name: str = "", weight: float = 1.0) -> Planted:
    return Planted(
        name=name or f"a week at × {factor:g}",
        rate=rate,
        then=rate * factor,
        kinds=frozenset({"spike", "new"}),
        days=7,
        nights=13,
        weight=weight,
    )


def _lasting(rate: float, factor: float, name: str, *kinds: str) -> Planted:
    return Planted(name=name, rate=rate, then=rate * factor, kinds=frozenset(kinds), days=56, nights=56)


_SEVERE, _WISH = 4 / 1.5, 0.5 / 1.5
"""The weights of what blocks and of a wish where one problem in ten blocks, three hurt, four annoy, two are wishes."""


def _new(voices: int) -> Planted:
    kinds = frozenset({"new", "spike"})
    return Planted(name=f"new, {voices} a day", rate=0.0, then=7.0 * voices, kinds=kinds, days=28, nights=28)


_TWICE = "; variance 2 × mean"
PLANTED = (
    *(_spike(rate, factor) for rate in (1.0, 3.0, 10.0) for factor in (1.0, 2.0, 3.0, 5.0, 10.0)),
    _spike(3.0, 5.0, name="a week at × 5, blocks", weight=_SEVERE),
    _spike(3.0, 5.0, name="a week at × 5, a wish", weight=_WISH),
    *(
        replace(_spike(10.0, factor), name=f"a week at × {factor:g}{_TWICE}", dispersion=2.0)
        for factor in (1.0, 3.0, 5.0, 10.0)
    ),
    _spike(20.0, 20.0, name="an outage: most of the volume"),
    *(_new(voices) for voices in (1, 2, 4)),
    *(replace(_new(voices), name=_new(voices).name + _TWICE, dispersion=2.0) for voices in (1, 2, 4)),
    *(
        _lasting(rate, factor, f"for good × {factor:g}", "growth", "spike")
        for rate in (3.0, 10.0, 20.0)
        for factor in (1.0, 1.5, 2.0, 3.0)
    ),
    *(
        _lasting(rate, factor, f"fading for good, × {factor:g}", "fading")
        for rate in (3.0, 10.0, 20.0)
        for factor in (1.0, 0.5, 0.0)
    ),
)


@dataclass(frozen=True)
class Delays:
    """Night by workspace, infinite where it was not told; ours and the raw rules'. `others`: news of other problems,
    a workspace."""

    ours: Floats
    raw: Floats
    others: float


def delays_of(planted: Planted, *, workspaces: int) -> Delays:
    generator = np.random.default_rng([SEED, PLANTED.index(planted)])
    first = HISTORY_DAYS + NIGHTS_BEFORE
    nights = range(HISTORY_DAYS, first + planted.nights)
    rates = usual_rates(WORLDS[0], workspaces, PLANTED_PROBLEMS, generator)
    by_day = np.broadcast_to(rates, (nights.stop, *rates.shape)).copy()
    by_day[:, :, 0] = planted.rate
    by_day[first : first + planted.days, :, 0] = planted.then
    world = World(name=planted.name, dispersion=planted.dispersion)
    summed = summed_up(drawn(world, by_day, days=nights.stop, generator=generator))
    looks = [a_night(weeks_before(summed, night, alarm.WEEKS + 1)) for night in nights]
    weights = np.ones(rates.shape)
    weights[:, 0] = planted.weight
    told = list(news(looks, levels(weights, PLANTED_PROBLEMS)))
    raw = raw_news(summed[:, :, :1], nights)
    others = sum(one.problem > 0 and one.night >= NIGHTS_BEFORE for one in told)
    return Delays(_first(told, planted, workspaces), _first(raw, planted, workspaces), others / workspaces)


def _first(told: Iterable[Told], planted: Planted, workspaces: int) -> Floats:
    nights = np.full(workspaces, np.inf)
    for one in told:
        night = one.night - NIGHTS_BEFORE + 1
        if one.problem == 0 and night > 0 and one.kind in planted.kinds:
            nights[one.workspace] = min(nights[one.workspace], night)
    return nights


def planted_table(size: float) -> Iterator[str]:
    yield "| Planted | voices a week before | told | median night | P90 | raw rules: told | median night | P90 |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for planted in PLANTED:
        found = delays_of(planted, workspaces=max(round(PLANTED_WORKSPACES * size), 1))
        yield f"| {planted.name} | {planted.rate:g} | {_row(found.ours)} | {_row(found.raw)} |"


def _row(nights: Floats) -> str:
    """The share told, and median and P90 over all that were planted: a dash where so many were not told."""
    median, late = np.quantile(nights, [0.5, 0.9], method="inverted_cdf")
    return f"{np.isfinite(nights).mean():.0%} | {_night(median)} | {_night(late)}"


def _night(night: float) -> str:
    return f"{night:.0f}" if np.isfinite(night) else "–"


# -- is it the module's own -----------------------------------------------------------------------------------------


def largest_difference(*, nights: int = 20) -> float:
    """Between the chances computed here and those of the module, relative, on some nights of a bursty workspace."""
    world = replace(WORLDS[3], pace=_growing)
    generator = np.random.default_rng(SEED)
    days = HISTORY_DAYS + 7 * nights
    summed = summed_up(drawn(world, usual_rates(world, 1, 50, generator), days=days, generator=generator))
    return max(_difference(weeks_before(summed, night, alarm.WEEKS + 1)) for night in range(HISTORY_DAYS, days, 7))


def _difference(counts: Counts) -> float:
    heard = {n: Heard(voices=tuple(counts[:, 0, n].tolist())) for n in range(counts.shape[2])}
    totals = counts[:, 0].sum(axis=1).tolist()
    theirs = alarm.chances_of(heard, totals=totals, weeks_known=len(counts))
    ours = a_night(counts).chances[:, 0]
    pairs = [
        (ours[place, n], chance.p) for n, chances in theirs.items() for place, chance in enumerate(chances.values())
    ]
    return float(max(abs(one - other) / other for one, other in pairs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--size", type=float, default=1.0)
    asked = parser.parse_args()
    begun = time.process_time()
    for line in quiet_table(asked.months, asked.size):
        print(line, flush=True)
    print()
    for line in planted_table(asked.size):
        print(line, flush=True)
    print(f"\nLargest relative difference to the module's own chances: {largest_difference():.0e}.")
    print(f"{time.process_time() - begun:.0f} CPU s.")


if __name__ == "__main__":
    main()
