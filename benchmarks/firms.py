"""Estimates of simulated firms beside the truth: do ranges hold it, is the order near the true one, who is at the top?

    python -m benchmarks.firms [--firms 200] [--seed 0] [--json FILE]
    python -m benchmarks.firms --only-speed

`benchmarks.firm_world` draws the firms, of three kinds: as the settings assume; with other multipliers of odds than the
settings' (each off by a factor of 1.5 at most); and biased, to be calibrated (`benchmarks.firm_outcomes`). Intervals
are 95 % by the bootstrap over firms. --json keeps all tables as JSON.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.firm_figures import OURS, RANGES, TRUE, Estimated, Judged, estimated, judged, share_inside
from benchmarks.firm_outcomes import BEFORE, DRAWS, SHIPPED, before_and_after
from benchmarks.firm_people import EVERYTHING, SEGMENTS, STYLES, Kind, Known
from benchmarks.firm_world import World, make_world
from benchmarks.grouping.markdown import Table
from benchmarks.grouping.measuring import timed
from benchmarks.intervals import ratio_interval
from insights.config import Settings
from insights.domain.facts import Facts, Firm, Scores, Stay
from insights.valuation import assumptions_of
from insights.worth.estimate import estimate_all
from insights.worth.reasons import reasons_of
from insights.worth.simulation import simulate, ties
from insights.worth.value import Assumptions, work_out

Array = NDArray[np.float64]

AS_ASSUMED = Kind()
ODDS_OFF = Kind(odds_off=1.5)
BIASED = Kind(accounts=(100, 400), problems=(70, 110), bias_off=2.0)
"""Large enough that problems are left beside 40 that were shipped."""

SPEED_PROBLEMS, SPEED_RUNS = 1_000, 5
_BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_TOP_BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything that was measured, one entry a firm."""

    assumed: Sequence[Judged]
    off: Sequence[Judged]
    ablations: Mapping[str, Sequence[Mapping[str, float]]]
    watched: Sequence[Mapping[tuple[int, str], float]]
    exact: Sequence[Mapping[tuple[int, str], float]]


def measure(firms: int, *, seed: int, a: Assumptions) -> Run:
    """All firms of all kinds."""
    numbers = range(firms)
    biased = [make_world(number, assumptions=a, kind=BIASED, seed=seed) for number in numbers]
    return Run(
        assumed=[_judged(number, AS_ASSUMED, seed=seed, a=a) for number in numbers],
        off=[_judged(number, ODDS_OFF, seed=seed, a=a) for number in numbers],
        ablations={
            name: [_plain(make_world(number, assumptions=a, kind=kind, seed=seed), some) for number in numbers]
            for name, kind, some in _ablations(a)
        },
        watched=[before_and_after(world, a, seed=seed + number) for number, world in enumerate(biased)],
        exact=[before_and_after(world, a, seed=seed + number, exactly=True) for number, world in enumerate(biased)],
    )


def _judged(number: int, kind: Kind, *, seed: int, a: Assumptions) -> Judged:
    world = make_world(number, assumptions=a, kind=kind, seed=seed)
    said: Estimated = estimated(world.evidence, a)
    return judged(world, said, seed=seed + number)


def _ablations(a: Assumptions) -> list[tuple[str, Kind, Assumptions]]:
    """What is better known than it is to most firms."""
    return [
        ("severity of every problem known", Kind(known=replace(Known(), severity=1.0)), a),
        ("everything known", Kind(known=EVERYTHING), a),
        ("… and departures not learnt from", Kind(known=EVERYTHING), replace(a, learn_departures=False)),
    ]


def _plain(world: World, a: Assumptions) -> dict[str, float]:
    worked = work_out(world.evidence.facts, world.evidence.firm, a, revisions={})
    said = simulate([one.case for one in worked.values()], shared=a.shared, draws=DRAWS)
    truth = world.truth
    return {
        "value": share_inside(said.value, truth.value),
        "cost": share_inside(said.cost, truth.cost),
        "ROI": share_inside(said.roi, truth.roi),
        "revenue kept": share_inside(said.kept, truth.kept),
    }


# -- figures in cells ---------------------------------------------------------------------------------------------


def mean_of(values: Sequence[float], *, signed: bool = False) -> str:
    """The mean over firms with its interval; firms of which nothing is known are left out."""
    known = np.array([value for value in values if not np.isnan(value)])
    return _cell(float(known.mean()), ratio_interval(known, np.ones(len(known))), signed=signed) if len(known) else "–"


def ratio_of(above: Sequence[float], below: Sequence[float]) -> str:
    """The ratio of two sums over the firms that have any of `below`, with its interval."""
    pairs = [(one, other) for one, other in zip(above, below, strict=True) if other > 0]
    if not pairs:
        return "–"
    over, under = zip(*pairs, strict=True)
    return _cell(sum(over) / sum(under), ratio_interval(over, under))


def _cell(value: float, interval: tuple[float, float], *, signed: bool = False) -> str:
    form = "+.3f" if signed else ".3f"
    return f"{value:{form}} [{interval[0]:{form}}, {interval[1]:{form}}]"


# -- tables -------------------------------------------------------------------------------------------------------


def tables_of(run: Run) -> dict[str, Table]:
    """Title -> table."""
    return {
        "Coverage: share of problems whose truth lies between P10 and P90": coverage(run),
        "Coverage of biased firms' other problems, before and after calibration": calibration(run),
        "Agreement with the true order": agreement(run.assumed),
        "The same where the true multipliers of odds are others than the settings'": agreement(run.off),
        "Agreement by who writes most (Kendall's tau)": by_style(run.assumed),
        "Chance that one outranks the other, as stated and as it came": reliability(run.assumed),
        "Chance to be among the first ten, as stated and as it came": chances_of_top(run.assumed),
        "Share of the first ten ÷ share of accounts, by segment": fairness(run.assumed, base=2),
        "Share of the first ten ÷ share of problems, by segment": fairness(run.assumed, base=1),
        "Share of the first ten ÷ share of accounts, by who writes most": fairness_by_style(run.assumed),
    }


def coverage(run: Run) -> Table:
    table = Table(["firms", *RANGES])
    for name, some in (("as the settings assume", run.assumed), ("odds off by up to × 1.5", run.off)):
        table.add(name, *(mean_of([one.inside[which] for one in some]) for which in RANGES))
    for name, plain in run.ablations.items():
        table.add(name, *(mean_of([one.get(which, np.nan) for one in plain]) for which in RANGES))
    return table


def calibration(run: Run) -> Table:
    table = Table(["outcomes known", "shipped problems", "value", "cost", "ROI", "log(P90 ÷ P10) of value"])
    for name, firms in (("as watched", run.watched), ("exactly", run.exact)):
        for count in (BEFORE, *SHIPPED):
            kept = [one for one in firms if one]
            cells = [mean_of([one[count, which] for one in kept]) for which in ("value", "cost", "ROI", "width")]
            table.add(name if count else "none yet", count, *cells)
    return table


def agreement(firms: Sequence[Judged]) -> Table:
    """`ours −` is the mean difference of tau."""
    table = Table(["order", "Kendall's tau-b", "ours − it", "Spearman's rho", "of the true first ten"])
    for name in sorted(firms[0].tau, key=lambda one: -np.nanmean([firm.tau[one] for firm in firms])):
        table.add(
            name,
            mean_of([one.tau[name] for one in firms]),
            "" if name == OURS else mean_of([one.tau[OURS] - one.tau[name] for one in firms], signed=True),
            mean_of([one.rho[name] for one in firms]),
            mean_of([one.top[name] for one in firms if one.shares]),
        )
    return table


def by_style(firms: Sequence[Judged]) -> Table:
    table = Table(["order", *STYLES])
    for name in (OURS, "RICE", "item count", "revenue-weighted count", "distinct accounts"):
        table.add(name, *(mean_of([one.tau[name] for one in firms if one.style == style]) for style in STYLES))
    return table


def reliability(firms: Sequence[Judged]) -> Table:
    table = Table(["stated", "random pairs", "mean stated", "came true", "neighbours", "stated", "true"])
    for low, high in pairwise(_BINS):
        cells: list[str | int] = []
        for chosen in ([one.pairs for one in firms], [one.adjacent for one in firms]):
            cells += _held(chosen, low, high)
        table.add(f"{low:.0%}–{high:.0%}", *cells)
    return table


def chances_of_top(firms: Sequence[Judged]) -> Table:
    table = Table(["stated", "problems", "mean stated", "came true"])
    some = [one.chance_top for one in firms if one.shares]
    for low, high in pairwise(_TOP_BINS):
        table.add(f"{low:.0%}–{high:.0%}", *_held(some, low, high))
    return table


def _held(chosen: Sequence[Array], low: float, high: float) -> list[str | int]:
    """How many stated chances lie between, their mean, and how often they came true."""
    inside = [pairs[(pairs[:, 0] >= low) & ((pairs[:, 0] < high) | (high == 1))] for pairs in chosen]
    number = sum(len(pairs) for pairs in inside)
    if not number:
        return [0, "–", "–"]
    stated = sum(float(pairs[:, 0].sum()) for pairs in inside) / number
    came = ratio_of([float(pairs[:, 1].sum()) for pairs in inside], [float(len(pairs)) for pairs in inside])
    return [number, f"{stated:.3f}", came]


def fairness(firms: Sequence[Judged], *, base: int) -> Table:
    """`base` 1 compares with the share of problems, 2 with that of accounts. The last column is the share of firms in
    which any segment was flagged."""
    some = [one for one in firms if one.shares]
    table = Table(["order", *SEGMENTS, "firms with a flag"])
    for name in some[0].shares if some else ():
        rows = [_segment(some, name, segment, base) for segment in range(len(SEGMENTS))]
        table.add(name, *rows, mean_of([float(one.shares[name][1].any()) for one in some]))
    return table


def fairness_by_style(firms: Sequence[Judged]) -> Table:
    table = Table(["order", *(f"{segment}, {style}" for style in STYLES for segment in ("SMB", "enterprise"))])
    for name in (OURS, "RICE", "item count", TRUE):
        cells = []
        for style in STYLES:
            some = [one for one in firms if one.shares and one.style == style]
            cells += [_segment(some, name, segment, 2) for segment in (0, 2)]
        table.add(name, *cells)
    return table


def _segment(firms: Sequence[Judged], name: str, segment: int, base: int) -> str:
    values = [one.shares[name][0][segment] for one in firms]
    return ratio_of([float(one[0]) for one in values], [float(one[base]) for one in values])


# -- speed --------------------------------------------------------------------------------------------------------


def speed(a: Assumptions, *, problems: int = SPEED_PROBLEMS) -> Table:
    """CPU seconds of an estimate of so many problems by part, the median of five; and the peak of the memory."""
    facts, firm = _pooled(a, problems)
    begun = _peak()
    worked = list(work_out(facts, firm, a, revisions={}).values())
    cases = [one.case for one in worked]
    simulated = simulate(cases, shared=a.shared)
    order = sorted(range(len(worked)), key=lambda place: -simulated.roi[place].likely)
    parts: dict[str, Callable[[], object]] = {
        "work_out": lambda: work_out(facts, firm, a, revisions={}),
        "simulate": lambda: simulate(cases, shared=a.shared),
        "ties": lambda: ties(order, simulated),
        "reasons": lambda: reasons_of(worked, simulated, order=order, currency=a.currency),
        "estimate_all": lambda: estimate_all(facts, firm, a),
    }
    rounds = np.array([[_cpu(call) for call in parts.values()] for _ in range(SPEED_RUNS)])
    rest = rounds[:, -1] - rounds[:, :-1].sum(axis=1)
    table = Table([*parts, "rest of it (words)", "peak MB of the process before", "after"])
    table.add(*np.median(rounds, axis=0).tolist(), float(np.median(rest)), begun, _peak())
    return table


def _peak() -> int:
    return round(timed(lambda: None)[1].peak_megabytes)


def _cpu(call: Callable[[], object]) -> float:
    begun = time.process_time()
    call()
    return time.process_time() - begun


def _pooled(a: Assumptions, problems: int) -> tuple[dict[int, Facts], Firm]:
    """The problems of many firms as those of one."""
    facts: dict[int, Facts] = {}
    firms: list[Firm] = []
    while len(facts) < problems:
        known = make_world(len(firms), assumptions=a, kind=AS_ASSUMED).evidence
        offset = 1_000 * len(firms)
        firms.append(known.firm)
        for some in known.facts.values():
            if len(facts) < problems:
                accounts = tuple(replace(one, account=one.account + offset) for one in some.accounts)
                facts[len(facts) + 1] = replace(some, accounts=accounts)
    scores = [one.scores for one in firms]
    firm = Firm(
        stay=Stay(left=sum(one.stay.left for one in firms), years=sum(one.stay.years for one in firms)),
        scores=Scores(
            promoters=sum(one.promoters for one in scores),
            passives=sum(one.passives for one in scores),
            detractors=sum(one.detractors for one in scores),
        ),
        heard=sum(one.heard for one in firms),
        silent=sum(one.silent for one in firms),
        silent_revenue=sum(one.silent_revenue for one in firms),
    )
    return facts, firm


def _speed_apart() -> str:
    """In a process of its own: the peak of memory is a process'."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.firms", "--only-speed"], check=True, capture_output=True, text=True
    )
    return done.stdout


# -- run ----------------------------------------------------------------------------------------------------------


def _kept(tables: Mapping[str, Table]) -> str:
    return json.dumps(
        {
            title: {"columns": list(one.columns), "rows": [list(row) for row in one.rows]}
            for title, one in tables.items()
        },
        ensure_ascii=False,
        indent=1,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firms", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="keep all tables in this file")
    parser.add_argument("--only-speed", action="store_true")
    chosen = parser.parse_args()
    a = assumptions_of(Settings())
    if chosen.only_speed:
        print(speed(a))
        return
    begun = time.process_time()
    tables = tables_of(measure(chosen.firms, seed=chosen.seed, a=a))
    for title, table in tables.items():
        print(f"### {title}\n\n{table}\n")
    print(f"### CPU seconds of an estimate of {SPEED_PROBLEMS:,} problems\n\n{_speed_apart()}")
    print(f"{time.process_time() - begun:.0f} CPU seconds, {chosen.firms} firms of each kind.")
    if chosen.json:
        chosen.json.write_text(_kept(tables), encoding="utf-8")


if __name__ == "__main__":
    main()
