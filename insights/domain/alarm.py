"""Tell a spike, a new problem, growth and fading from noise, with a stated rate of false alarms.

Pure: no I/O, no clock. Counts are voices by rolling week: distinct accounts that were heard in the seven days, an item
of no known account being a voice of its own. One customer who shouts is one voice.

Each night each problem is tested by the predictive distribution of its count given the weeks before, as in
`insights.domain.trend`: a negative binomial under Jeffreys' prior (Riebler, 2004; in Höhle, 2007, "surveillance: an R
package for the monitoring of infectious diseases"), no narrower than Poisson (Farrington and others, 1996, "A
statistical algorithm for the early detection of outbreaks of infectious disease"). Four things differ:

- Exposure. What the workspace's other problems do, this one is expected to do: a helpdesk that doubles as a whole
  makes no problem spike. A problem's own voices are no part of its exposure, and no problem counts there beyond three
  times its median: an outage that makes up most of the volume is found, and neither hides the others nor lets them
  fade. The noise of the exposure widens the distribution.
- Dispersion is shrunk to that of the workspace's problems, the more the less they differ in it: from a dozen small
  counts it is hardly known.
- A burst that was told and is over is no part of what is usual, as weeks of past outbreaks weigh less in Farrington's
  algorithm: the second one is told as soon as the first. A problem that is heard of more ever since is usual after all.
- Thresholds share one budget, false alarms a month, over all problems, kinds and nights, by a Bonferroni correction
  weighted by severity and value (Genovese, Roeder and Wasserman, 2006, "False discovery control with p-value
  weighting"): weights have the mean 1, so the whole rate holds while the severe is told sooner.

At the default a new problem of usual weight is told at three voices in a week where up to 300 problems share the
budget, at four where 1,000 do, after a quiet quarter and where counts are as even as Poisson's: at more where they vary
more, or less is known. What was silent for a quarter counts as new, whatever was before.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from statistics import fmean, median
from typing import NamedTuple

from insights.domain.trend import chance_of_at_least, chance_of_at_most

WEEKS = 13
"""Weeks before tonight's that are looked at: a quarter."""
LEAST_WEEKS = 4
"""Whole weeks before, without which nothing is said."""
RECENT_WEEKS = 4
"""What growth and fading compare with the weeks before them."""
LEAST_VOICES = 3
"""Fewer in a week are neither a spike nor a new problem, however few problems share the budget."""

KEPT = timedelta(weeks=8)
"""A closed alarm that fires within this time reopens."""

CLOSES_AT = 0.1
"""An open alarm closes when a count as far out has this chance again: the week is back to usual."""
LARGEST_LEVEL = 0.01

SEVERITY_WEIGHTS = {"blocks": 4.0, "hurts": 2.0, "annoys": 1.0, "wish": 0.5}
_VALUE_WEIGHTS = (0.5, 2.0)

POOLED_VOICES = 10.0
"""Voices that are added to every week's exposure: small totals say little of how the workspace changes."""
OWN_AFFAIR = 3.0
"""What a problem has beyond three times its median, and three voices, is its own affair and no exposure of others."""
POOLED_WEEKS = (3.0, 40.0)
"""How many weeks of a problem's own the dispersion of all problems is worth: few where problems differ in it."""
DOUBT = 2.5
"""Standard errors that are added to the dispersion beyond Poisson's: taken too small, it costs more than too large."""
LARGEST_DISPERSION = 5.0
"""What one problem adds to the dispersion of all is capped: one outage must not blunt every alarm."""


class AlarmKind(StrEnum):
    """What is told. New: heard of after at least four weeks, a quarter where so much is known, without a voice."""

    NEW = "new"
    SPIKE = "spike"
    GROWTH = "growth"
    FADING = "fading"


BUDGET_SHARES = {AlarmKind.NEW: 0.25, AlarmKind.SPIKE: 0.35, AlarmKind.GROWTH: 0.2, AlarmKind.FADING: 0.2}
"""How the budget is split over the kinds."""

LOOKS_A_MONTH = {AlarmKind.NEW: 4.0, AlarmKind.SPIKE: 10.0, AlarmKind.GROWTH: 5.0, AlarmKind.FADING: 5.0}
"""Independent looks that 30 nightly ones are worth: only onsets count, and rolling weeks overlap. Calibrated on
simulated quiet workspaces (`benchmarks/alarms.py`): where all problems are frequent, and counts nearly continuous, four
fifths of the budget are used, else a tenth to two thirds."""

QUIET = {AlarmKind.GROWTH: timedelta(weeks=4), AlarmKind.FADING: KEPT}
"""So long after a spike or a new problem its growth is the same thing, and that it ended is no fading: fading compares
with weeks that hold the spike, so it waits longer."""

_NEGLIGIBLE = 1e-9
_BURSTS = (AlarmKind.NEW, AlarmKind.SPIKE)
_NO_ALARMS: Mapping[int, Sequence["Alarm"]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Voices of one problem per rolling week, oldest first; the last week ends tonight. `severity` is blocks, hurts,
    annoys, wish or unknown; `value` the likely value, of any unit."""

    voices: tuple[int, ...]
    severity: str | None = None
    value: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm of one problem. It is news where `told_on` is tonight. `times`: how often it was told, 1 and once for
    each reopening. `week`: voices of the week it was told with. `lately`: voices a week over what was tested, the last
    week or the last four; `usual`: what the weeks before let expect of it, voices a week."""

    kind: AlarmKind
    opened_on: date
    told_on: date
    times: int = 1
    is_open: bool = True
    closed_on: date | None = None
    week: int = 0
    lately: float = 0.0
    usual: float = 0.0
    left: int = 0
    """Voices of the week that it closed with."""

    @property
    def is_burst(self) -> bool:
        return self.kind in _BURSTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """`p`: the chance, 0..1, of a count as far out on a quiet night. `week`, `lately` and `usual` as in `Alarm`."""

    p: float
    week: int
    lately: float
    usual: float


Chances = Mapping[AlarmKind, Chance]
"""By kind; of new and spike only the one that applies. Empty where too few weeks are known."""


def judge(
    heard: Mapping[int, Heard],
    *,
    totals: Sequence[int],
    weeks_known: int,
    before: Mapping[int, Sequence[Alarm]],
    today: date,
    false_alarms_a_month: float,
) -> dict[int, tuple[Alarm, ...]]:
    """The alarms of each problem heard, tonight: opened, kept open, reopened, closed.

    `totals`: voices of the whole workspace by week, aligned with `Heard.voices`. `weeks_known`: whole weeks that the
    workspace has data of, this one included. `before`: the alarms of the last night; those of tonight give the same
    again. `false_alarms_a_month`: how many onsets a quiet workspace may have in 30 nightly looks."""
    weights = weights_of(heard)
    chances = chances_of(heard, totals=totals, weeks_known=weeks_known, before=before, today=today)
    return {
        problem: alarms_tonight(
            chances[problem],
            levels=levels_of(weights[problem], problems=len(heard), false_alarms_a_month=false_alarms_a_month),
            before=before.get(problem, ()),
            today=today,
        )
        for problem in heard
    }


# -- thresholds -----------------------------------------------------------------------------------------------------


def weights_of(heard: Mapping[int, Heard]) -> dict[int, float]:
    """By severity and by the share of the value, with the mean 1."""
    whole = sum(max(one.value, 0.0) for one in heard.values())
    raw = {
        problem: SEVERITY_WEIGHTS.get(one.severity or "", 1.0) * _value_weight(one.value, whole, len(heard))
        for problem, one in heard.items()
    }
    mean = fmean(raw.values()) if raw else 1.0
    return {problem: weight / mean for problem, weight in raw.items()}


def _value_weight(value: float, whole: float, problems: int) -> float:
    if whole <= 0:
        return 1.0
    least, most = _VALUE_WEIGHTS
    return min(max(value * problems / whole, least), most)


def levels_of(weight: float, *, problems: int, false_alarms_a_month: float) -> dict[AlarmKind, float]:
    """The chance below which each kind is told of one problem with this weight."""
    level = weight * false_alarms_a_month / max(problems, 1)
    return {kind: min(level * share / LOOKS_A_MONTH[kind], LARGEST_LEVEL) for kind, share in BUDGET_SHARES.items()}


# -- chances --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Series:
    """Counts of one problem and the other voices, by week."""

    counts: tuple[int, ...]
    others: tuple[float, ...]
    told: frozenset[int] = frozenset()
    """Places of the weeks of a burst that was told and is over."""

    @property
    def quiet(self) -> "_Series":
        """Without these weeks: a burst that was told hides none that comes after it."""
        kept = [place for place in range(len(self.counts)) if place not in self.told]
        return _Series(tuple(self.counts[place] for place in kept), tuple(self.others[place] for place in kept))

    @property
    def exposures(self) -> tuple[float, ...]:
        """Of each week, 1 for this one."""
        now = self.others[-1] + POOLED_VOICES
        return tuple((other + POOLED_VOICES) / now for other in self.others)


def chances_of(
    heard: Mapping[int, Heard],
    *,
    totals: Sequence[int],
    weeks_known: int,
    before: Mapping[int, Sequence[Alarm]] = _NO_ALARMS,
    today: date = date.max,
) -> dict[int, Chances]:
    """How far out each problem's counts are tonight. `before` and `today` as of `judge`."""
    weeks = min(weeks_known, len(totals), WEEKS + 1)
    if weeks <= LEAST_WEEKS:
        return {problem: {} for problem in heard}
    counts = {problem: _last(one.voices, weeks) for problem, one in heard.items()}
    series = dict(zip(counts, _series(list(counts.values()), _last(totals, weeks)), strict=True))
    pooled = pooled_dispersion([dispersion_of(one.counts[:-1], one.exposures[:-1]) for one in series.values()])
    return {
        problem: _chances(replace(one, told=_told_weeks(before.get(problem, ()), weeks, today)), pooled=pooled)
        for problem, one in series.items()
    }


def _told_weeks(alarms: Sequence[Alarm], weeks: int, today: date) -> frozenset[int]:
    """The weeks of a burst that is over since a week and went back more than half of its way to what was usual: not
    those of a problem that is heard of more ever since. Enough others stay to compare with."""
    places: set[int] = set()
    for alarm in alarms:
        closed = alarm.closed_on
        if closed is None or today - closed < timedelta(weeks=1) or not alarm.is_burst:
            continue
        if alarm.left < (alarm.week + alarm.usual) / 2:
            first, last = ((today - day).days // 7 for day in (alarm.told_on - timedelta(days=6), closed))
            places |= {weeks - 1 - ago for ago in range(last, first + 1) if ago < weeks}
    return frozenset(places) if weeks - 1 - len(places) >= LEAST_WEEKS else frozenset()


def _last(counts: Sequence[int], weeks: int) -> tuple[int, ...]:
    last = tuple(counts[-weeks:])
    return (0,) * (weeks - len(last)) + last


def _series(counts: Sequence[tuple[int, ...]], totals: Sequence[int]) -> list[_Series]:
    if not counts:
        return []
    shared = [_shared(one) for one in counts]
    beyond = [
        sum(count - part for count, part in zip(all_counts, parts, strict=True))
        for all_counts, parts in zip(zip(*counts, strict=True), zip(*shared, strict=True), strict=True)
    ]
    whole = [max(total - excess, 0.0) for total, excess in zip(totals, beyond, strict=True)]
    return [
        _Series(one, tuple(max(total - own, 0.0) for total, own in zip(whole, parts, strict=True)))
        for one, parts in zip(counts, shared, strict=True)
    ]


def _shared(counts: tuple[int, ...]) -> tuple[float, ...]:
    most = OWN_AFFAIR * (median(counts) + 1)
    return tuple(min(count, most) for count in counts)


class Dispersion(NamedTuple):
    """Variance over mean, and how many weeks of counts its estimate is worth."""

    ratio: float
    weeks: float


def dispersion_of(counts: Sequence[int], exposures: Sequence[float]) -> Dispersion:
    """That of the counts given their exposures. It is worth nothing where no two voices were heard: one lies in some
    week whatever the dispersion."""
    voices = sum(counts)
    if voices < 2 or len(counts) < 2:
        return Dispersion(1.0, 0.0)
    rate = voices / sum(exposures)
    squares = sum(
        (count - rate * exposure) ** 2 / (rate * exposure) for count, exposure in zip(counts, exposures, strict=True)
    )
    return Dispersion(squares / (len(counts) - 1), (len(counts) - 1) * (1 - 1 / voices))


def pooled_dispersion(dispersions: Sequence[Dispersion]) -> Dispersion:
    """That of the workspace: the mean over its problems, weighted by what they are worth, each capped; 1 at least. And
    how many weeks it is worth for one problem: the square over the variance between problems, which is what their
    variance exceeds that of an estimate by, 2 / weeks of the square (empirical Bayes by the method of moments)."""
    known = [(min(ratio, LARGEST_DISPERSION), weeks) for ratio, weeks in dispersions if weeks]
    least, most = POOLED_WEEKS
    if not known:
        return Dispersion(1.0, most)
    worth = sum(weeks for _, weeks in known)
    mean = max(sum(ratio * weeks for ratio, weeks in known) / worth, 1.0)
    between = sum(weeks * (ratio - mean) ** 2 for ratio, weeks in known) - 2 * mean**2 * len(known)
    return Dispersion(mean, min(max(mean**2 * worth / max(between, _NEGLIGIBLE), least), most))


def _chances(series: _Series, *, pooled: Dispersion) -> Chances:
    chances = {AlarmKind.SPIKE if any(series.counts[:-1]) else AlarmKind.NEW: _burst(series.quiet, pooled=pooled)}
    if len(series.counts) >= LEAST_WEEKS + RECENT_WEEKS:
        growth, fading = _trend(series, pooled=pooled)
        chances |= {AlarmKind.GROWTH: growth, AlarmKind.FADING: fading}
    return chances


def _burst(series: _Series, *, pooled: Dispersion) -> Chance:
    dispersion = _shrunk([dispersion_of(series.counts[:-1], series.exposures[:-1])], pooled=pooled)
    mean, spread = _predicted(series, recent=1, dispersion=dispersion, pooled=pooled)
    week = series.counts[-1]
    p = chance_of_at_least(week, mean=mean, spread=spread) if week >= LEAST_VOICES else 1.0
    return Chance(p=p, week=week, lately=float(week), usual=mean)


def _trend(series: _Series, *, pooled: Dispersion) -> tuple[Chance, Chance]:
    """Growth and fading. The dispersion is that within the recent weeks and within those before."""
    counts, exposures = series.counts, series.exposures
    parts = [
        dispersion_of(counts[part], exposures[part]) for part in (slice(-RECENT_WEEKS), slice(-RECENT_WEEKS, None))
    ]
    dispersion = _shrunk(parts, pooled=pooled)
    mean, spread = _predicted(series, recent=RECENT_WEEKS, dispersion=dispersion, pooled=pooled)
    voices = sum(counts[-RECENT_WEEKS:])
    lately, usual = voices / RECENT_WEEKS, mean / RECENT_WEEKS
    return (
        Chance(p=chance_of_at_least(voices, mean=mean, spread=spread), week=counts[-1], lately=lately, usual=usual),
        Chance(p=chance_of_at_most(voices, mean=mean, spread=spread), week=counts[-1], lately=lately, usual=usual),
    )


def _shrunk(parts: Sequence[Dispersion], *, pooled: Dispersion) -> float:
    """A problem's dispersion: its own and that of all by what they are worth, not below that of all, and its excess
    over Poisson's made larger by the relative standard error of a variance, sqrt(2 / weeks)."""
    weeks = sum(part.weeks for part in (*parts, pooled))
    mixed = sum(part.ratio * part.weeks for part in (*parts, pooled)) / weeks
    return 1 + (max(mixed, pooled.ratio) - 1) * (1 + DOUBT * math.sqrt(2 / weeks))


def _predicted(series: _Series, *, recent: int, dispersion: float, pooled: Dispersion) -> tuple[float, float]:
    """Mean and spread of the count of the last `recent` weeks: the variance is mean (1 + spread)."""
    exposures = series.exposures
    ratio = sum(exposures[-recent:]) / sum(exposures[:-recent])
    mean = (sum(series.counts[:-recent]) + 0.5) * ratio
    noise = pooled.ratio * (_noise(series.others[-recent:]) + _noise(series.others[:-recent]))
    return mean, dispersion - 1 + ratio + mean * noise


def _noise(others: Sequence[float]) -> float:
    """The variance of an exposure over its square."""
    voices = sum(others)
    return voices / (voices + POOLED_VOICES * len(others)) ** 2


# -- from night to night --------------------------------------------------------------------------------------------


def alarms_tonight(
    chances: Chances, *, levels: Mapping[AlarmKind, float], before: Sequence[Alarm], today: date
) -> tuple[Alarm, ...]:
    """One problem's alarms of tonight, at most one of them news. `levels`: the chance below which a kind is told."""
    alarms = tuple(_carried(alarm, chances, today) for alarm in before if _is_near(alarm, today, within=KEPT))
    if any(alarm.told_on == today for alarm in alarms):
        return alarms
    for kind in AlarmKind:
        chance = chances.get(kind)
        if chance and chance.p < levels[kind] and not _is_known(kind, alarms, today):
            return _told(kind, chance, alarms, today)
    return alarms


def _carried(alarm: Alarm, chances: Chances, today: date) -> Alarm:
    found = [chance for kind, chance in chances.items() if _is_same(kind, alarm)]
    if not alarm.is_open or not found or found[0].p < CLOSES_AT or alarm.told_on == today:
        return alarm
    return replace(alarm, is_open=False, closed_on=today, left=found[0].week)


def _is_same(kind: AlarmKind, alarm: Alarm) -> bool:
    """A new problem and a spike are one alarm: which of them applies depends on the weeks before."""
    return kind is alarm.kind or (kind in _BURSTS and alarm.is_burst)


def _is_known(kind: AlarmKind, alarms: Sequence[Alarm], today: date) -> bool:
    """Whether an alarm that is open says it already, or a burst so near that this is its other face."""
    if any(alarm.is_open and _is_same(kind, alarm) for alarm in alarms):
        return True
    if kind in _BURSTS:
        return False
    return any(alarm.is_burst and _is_near(alarm, today, within=QUIET[kind]) for alarm in alarms)


def _is_near(alarm: Alarm, today: date, *, within: timedelta) -> bool:
    return alarm.is_open or today - (alarm.closed_on or alarm.told_on) <= within


def _told(kind: AlarmKind, chance: Chance, alarms: tuple[Alarm, ...], today: date) -> tuple[Alarm, ...]:
    new = Alarm(kind=kind, opened_on=today, told_on=today, week=chance.week, lately=chance.lately, usual=chance.usual)
    for place, old in enumerate(alarms):
        if _is_same(kind, old):
            reopened = replace(new, opened_on=old.opened_on, times=old.times + 1)
            return (*alarms[:place], reopened, *alarms[place + 1 :])
    return (*alarms, new)
