"""Does the watch of a release tell the truth? On simulated weeks whose effect is known, and on dated releases.

    python -m benchmarks.effect [--data DIR]

Simulated: coverage of the P10-P90 of the rate ratio, and how often "mentions fell" is said. `--data` is a folder
with data.csv.gz (date, rating, app, text) and releases.csv (date, release, app): each sentence of a release note that
names what was fixed or added is a problem, which the reviews of four stars or less near to it in meaning state. The
drop after its release stands beside the drop after dates at random, at which nothing was shipped for it. Which reviews
state what is a guess by the meaning of single words: the dates at random test the interval, the releases hardly test
the vendors.
"""

import argparse
import csv
import gzip
import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from insights.embedding.static import StaticEmbedder
from insights.worth.effect import Effect, Verdict, Watched, effect_of
from insights.worth.intervals import wilson

BEFORE, SETTLING, AFTER = 26, 2, 16
SERIES = 500
SEED = 20

NEAR = (0.40, 0.50)
"""Cosines from which a review states what a note says was shipped: a loose and a strict one."""
LEAST_ITEMS = 20
PLACEBOS = 20
STARS = {"1", "2", "3", "4"}
LONG_BEFORE, LONG_AFTER = 52, 26
APART_WEEKS = 10
"""A placebo date is at least so far from the release."""

_FIX = re.compile(r"\b(fix(ed|es)?|resolved?|no longer|crash(es|ed|ing)?|bugs?)\b", re.IGNORECASE)
_GENERAL = re.compile(
    r"(bug fixes|fixed (some|various|minor|a few|several)? ?bugs|performance|squash|what.s new|feedback|thank|stay)",
    re.IGNORECASE,
)
_DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")

Counts = NDArray[np.int64]


# -- simulated ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class World:
    """How weeks come about. `slope` draws the trend of one series, `drift` is the standard deviation of a slow wander
    of the problem alone (autoregressive, 0.9 a week), which the model does not know."""

    name: str
    ratio: float = 1.0
    slope: Callable[[np.random.Generator], float] = lambda _: 0.0
    season: float = 0.0
    overdispersion: float = 0.0
    drift: float = 0.0


def usual_trend(generator: np.random.Generator) -> float:
    return float(generator.normal(0, 0.015))


WORLDS = (
    World(name="no effect"),
    World(name="rate falls to 0.4", ratio=0.4),
    World(name="trends, no effect", slope=usual_trend),
    World(name="trends, falls to 0.4", slope=usual_trend, ratio=0.4),
    World(name="halves in 23 weeks anyway", slope=lambda _: -0.03),
    World(name="season ±0.5, no effect", season=0.5),
    World(name="overdispersed 0.5, no effect", overdispersion=0.5),
    World(name="overdispersed 0.5, to 0.4", overdispersion=0.5, ratio=0.4),
    World(name="wanders 0.3, no effect", drift=0.3),
)


def drawn(world: World, rate: float, generator: np.random.Generator) -> Watched:
    weeks = np.arange(BEFORE + SETTLING + AFTER)
    whole = np.exp(world.season * np.sin(2 * math.pi * (weeks + generator.integers(52)) / 52))
    mean = rate * whole * np.exp(world.slope(generator) * (weeks - BEFORE / 2)) * np.exp(_wander(world, generator))
    mean = mean * np.where(weeks >= BEFORE, world.ratio, 1.0)
    if world.overdispersion:
        mean = mean * generator.gamma(1 / world.overdispersion, world.overdispersion, len(weeks))
    return Watched(counts=generator.poisson(mean), release=BEFORE, control=generator.poisson(40 * whole))


def _wander(world: World, generator: np.random.Generator) -> NDArray[np.float64]:
    steps = generator.normal(0, world.drift * math.sqrt(1 - 0.81), BEFORE + SETTLING + AFTER)
    place = np.zeros(len(steps))
    place[0] = generator.normal(0, world.drift)
    for week in range(1, len(steps)):
        place[week] = 0.9 * place[week - 1] + steps[week]
    return place


def simulated() -> Iterator[str]:
    yield "| World | items a week | held by P10–P90 | said to have fallen | P90/P10 |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for world in WORLDS:
        for rate in (1.0, 3.0, 10.0):
            generator = np.random.default_rng(SEED)
            found = [effect_of(drawn(world, rate, generator)) for _ in range(SERIES)]
            held = sum(one.ratio.low <= world.ratio <= one.ratio.high for one in found)
            fell = sum(one.verdict is Verdict.FELL for one in found)
            width = np.median([one.ratio.high / one.ratio.low for one in found])
            yield f"| {world.name} | {rate:g} | {_share(held, SERIES)} | {_share(fell, SERIES)} | {width:.1f} |"


def _share(hits: int, total: int) -> str:
    low, high = wilson(hits, total)
    return f"{hits / max(total, 1):.1%} ({low:.1%}–{high:.1%})" if total else "–"


# -- dated releases -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Fix:
    """A sentence of a release note, the day (from 1970) of its release, and whether it speaks of a fix."""

    app: str
    day: int
    words: str

    @property
    def is_fix(self) -> bool:
        return bool(_FIX.search(self.words))


@dataclass(frozen=True, kw_only=True)
class Complaints:
    """Of one app: days from 1970, and unit vectors."""

    days: Counts
    vectors: NDArray[np.float32]


def read_complaints(folder: Path, embedder: StaticEmbedder) -> dict[str, Complaints]:
    rows: dict[str, list[tuple[int, str]]] = {}
    with gzip.open(folder / "data.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["rating"].strip() in STARS and row["text"].strip():
                day = (datetime.fromisoformat(row["date"]).date() - date(1970, 1, 1)).days
                rows.setdefault(row["app"], []).append((day, row["text"]))
    return {
        app: Complaints(days=np.array([day for day, _ in some]), vectors=embedder.embed([text for _, text in some]))
        for app, some in rows.items()
    }


def read_fixes(folder: Path) -> list[Fix]:
    """Sentences that name what was shipped; "bug fixes and performance improvements" names nothing. One that several
    releases repeat belongs to the first."""
    found: dict[tuple[str, str], Fix] = {}
    with (folder / "releases.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            year, month, day = map(int, _DAY.search(row["date"]).groups())
            released = (date(year, month, day) - date(1970, 1, 1)).days
            for sentence in re.split(r"[\n•*]|(?<=[.!])\s+(?=[A-Z•*-])|\.\s*\.", row["release"] or ""):
                words = " ".join(sentence.split()).strip(" -.")
                if not _GENERAL.search(words) and len(words.split()) >= 4:
                    key = (row["app"], words.casefold())
                    if key not in found or released < found[key].day:
                        found[key] = Fix(app=row["app"], day=released, words=words)
    return list(found.values())


def watched(own: Counts, others: Counts, *, released: int, first: int, last: int) -> Watched | None:
    """The weeks around a day; None where the data does not hold half a year before and 12 weeks after."""
    before = min((released - first) // 7, LONG_BEFORE)
    after = min((last + 1 - released) // 7, LONG_AFTER)
    if before < BEFORE or after < 12:
        return None
    start, weeks = released - 7 * before, before + after

    def by_week(days: Counts) -> Counts:
        places = (days - start) // 7
        return np.bincount(places[(places >= 0) & (places < weeks)], minlength=weeks)

    return Watched(counts=by_week(own), release=before, control=by_week(others))


@dataclass(frozen=True, kw_only=True)
class Tried:
    """The effect after the release of a fix, and after dates at random."""

    fix: Fix
    items: int
    real: Effect
    placebos: list[Effect]
    slopes: list[tuple[float, float]]


def tried(fix: Fix, complaints: Complaints, near: NDArray[np.bool_], generator: np.random.Generator) -> Tried | None:
    own, others = complaints.days[near], complaints.days[~near]
    first, last = int(complaints.days.min()), int(complaints.days.max())

    def effect(day: int) -> Effect | None:
        series = watched(own, others, released=day, first=first, last=last)
        found = effect_of(series) if series is not None and sum(series.counts[: series.release]) else None
        return found if found is not None and not found.is_thin else None

    real = effect(fix.day) if len(own) >= LEAST_ITEMS else None
    if real is None:
        return None
    days = [day for day in range(first + 7 * BEFORE, last - 84) if abs(day - fix.day) >= 7 * APART_WEEKS]
    chosen = generator.choice(days, min(PLACEBOS, len(days)), replace=False).tolist() if days else []
    placebos = [found for day in chosen if (found := effect(day)) is not None]
    series = [watched(own, others, released=day, first=first, last=last) for day in chosen[:5]]
    return Tried(
        fix=fix,
        items=len(own),
        real=real,
        placebos=placebos,
        slopes=[slope_of(one) for one in series if one is not None and sum(one.counts[: one.release]) >= LEAST_ITEMS],
    )


def slope_of(series: Watched) -> tuple[float, float]:
    """The likeliest slope before a date beside all others', in logs a week, without any prior, and its variance;
    Newton's method on the multinomial likelihood."""
    y = np.asarray(series.counts[: series.release], dtype=float)
    e = np.convolve(series.control, np.ones(5), mode="same")[: series.release] + 0.5
    t, slope, variance = np.arange(len(y)) - len(y) / 2, 0.0, 1.0
    for _ in range(12):
        shares = e * np.exp(slope * t)
        shares = shares / shares.sum()
        middle = shares @ t
        variance = y.sum() * (shares @ (t - middle) ** 2)
        slope = float(np.clip(slope + (y @ (t - middle)) / variance, -0.3, 0.3))
    pearson = float((((y - y.sum() * shares) ** 2) / (y.sum() * shares)).sum() / max(len(y) - 2, 1))
    return slope, max(pearson, 1.0) / float(variance)


def dated(folder: Path) -> Iterator[str]:
    embedder = StaticEmbedder()
    complaints = read_complaints(folder, embedder)
    fixes = read_fixes(folder)
    vectors = embedder.embed([fix.words for fix in fixes])
    total = sum(len(some.days) for some in complaints.values())
    own = sum(fix.is_fix for fix in fixes)
    yield f"\n{total:,} reviews, {len(fixes)} sentences that name what was shipped, {own} a fix"
    for cosine in NEAR:
        generator = np.random.default_rng(SEED)
        found = [
            one
            for fix, vector in zip(fixes, vectors, strict=True)
            if (one := tried(fix, complaints[fix.app], complaints[fix.app].vectors @ vector >= cosine, generator))
        ]
        yield from _told(found, cosine)


def _told(found: Sequence[Tried], cosine: float) -> Iterator[str]:
    if not found:
        yield f"\ncosine {cosine:g}: nothing can be judged"
        return
    releases = len({(one.fix.app, one.fix.day) for one in found})
    fixes = sum(one.fix.is_fix for one in found)
    apps = ", ".join(sorted({one.fix.app for one in found}))
    yield f"\ncosine {cosine:g}: {len(found)} sentences ({fixes} fixes) of {releases} releases can be judged ({apps}); "
    yield f"  median {_median_items(found)} reviews each"
    placebos = [effect for one in found for effect in one.placebos]
    for name, some in (("after the release", [one.real for one in found]), ("after dates at random", placebos)):
        fell = sum(one.helped >= 0.9 for one in some)
        rose = sum(one.helped <= 0.1 for one in some)
        held = sum(one.ratio.low <= 1 <= one.ratio.high for one in some)
        yield (
            f"  {name}: fell {_share(fell, len(some))}, rose {_share(rose, len(some))}, "
            f"1 held {_share(held, len(some))}, median ratio {np.median([one.ratio.likely for one in some]):.2f}"
        )
    yield f"  shares that fell, release less random, 95 % over releases: {_difference(found)}"
    slopes = np.array([pair for one in found for pair in one.slopes])
    yield f"  trend beside the whole: standard deviation {_slope_sd(slopes):.4f} logs a week ({len(slopes)} series)"
    for one in sorted(found, key=lambda one: one.real.helped)[-3:]:
        yield f"  e.g. {one.fix.app} “{one.fix.words[:70]}”: {one.real.words}"


def _median_items(found: Sequence[Tried]) -> int:
    return int(np.median([one.items for one in found])) if found else 0


def _difference(found: Sequence[Tried]) -> str:
    """Share of fixes that fell less that of their placebos, resampled by release: fixes of one release are not
    independent."""
    groups: dict[tuple[str, int], list[float]] = {}
    for one in found:
        if one.placebos:
            chance = np.mean([effect.helped >= 0.9 for effect in one.placebos])
            groups.setdefault((one.fix.app, one.fix.day), []).append(float(one.real.helped >= 0.9) - float(chance))
    means = [np.mean(some) for some in groups.values()]
    generator = np.random.default_rng(SEED)
    if len(means) < 2:
        return "–"
    drawn_means = [np.mean(generator.choice(means, len(means))) for _ in range(2000)]
    low, high = np.quantile(drawn_means, [0.025, 0.975])
    return f"{np.mean(means):+.3f} ({low:+.3f} to {high:+.3f}), {len(means)} releases"


def _slope_sd(slopes: NDArray[np.float64]) -> float:
    """Of true slopes: the spread of the likeliest ones less what chance makes of it (method of moments), extreme ones
    held back to the nearest in twenty."""
    if len(slopes) < 10:
        return math.nan
    low, high = np.quantile(slopes[:, 0], [0.025, 0.975])
    return math.sqrt(max(float(np.var(np.clip(slopes[:, 0], low, high)) - np.median(slopes[:, 1])), 0.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-simulation", action="store_true", help="only the dated releases")
    parser.add_argument("--data", type=Path, help="folder with data.csv.gz and releases.csv")
    chosen = parser.parse_args()
    start = time.process_time()
    for line in () if chosen.no_simulation else simulated():
        print(line, flush=True)
    if chosen.data:
        for line in dated(chosen.data):
            print(line, flush=True)
    print(f"{time.process_time() - start:.0f} s CPU")


if __name__ == "__main__":
    main()
