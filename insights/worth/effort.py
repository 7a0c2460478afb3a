"""Effort from similar finished work: the P10, P50 and P90 of what the nearest finished issues took. Pure.

Each finished issue j counts for a problem q with the weight

    w(q, j) = s exp(z / 2) / sum exp(z / 2)  [j among the nearest]  +  (1 - s) / n,     s = e / (e + 20),

z being the cosine of q and j in standard deviations from the mean cosine of two finished issues drawn by chance, and e
Kish's effective number of the nearest, (sum w)^2 / sum w^2: kernel-weighted quantiles (Nadaraya 1964; Watson 1964),
mixed with the distribution of all finished work as a Dirichlet prior of twenty issues would mix them. Where the nearest
are few or hardly nearer than chance, all finished work decides. So it does alone where finished work itself, each issue
left out in turn, is told no better by its nearest: no range is to be worse than that of all. In units of chance the
same numbers serve every embedder. Quantiles are Weibull's, at p (e + 1), between logarithms: with few issues the range
is as wide as exchangeability asks.

Chosen on 23,313 issues of 16 projects, each predicted from those before it (`benchmarks/effort.py`), by the pinball
loss beside the quantiles of all finished work of the project, before any is left out. Nearest: 20 are 2.3 % better, 50
are 3.2 %, 100 are 3.3 %. Slope: 0 is 2.5 % better, 1/2 is 3.2 %, 1 is 2.6 %. Prior: 3 is 2.6 % better (the worst
project 2.3 % worse), 10 is 3.2 % (1.9 %), 20 is 3.3 % (0.9 %), 40 is 3.1 %. Quantiles of the nearest and of all mixed
in logarithms, in place of the distributions, are 0.8 % worse. The figures are of the issues that the constants were
chosen on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.domain.estimate import Range
from insights.ports import Vectors

NEAREST = 50
"""So many finished issues are looked at, at most."""

FEWEST_FINISHED = 20
"""Below, there is no estimate. From the newest 20 issues of a project the pinball loss is 4 % above that of the
quantiles of all of its issues, from the newest 9 it is 13 %, and the range holds 71 % of what comes, not 75 %."""

FEWEST_NEAR = 3
"""So many must be nearer than two finished issues drawn by chance; else nothing is similar, and there is no estimate:
0.6 % of a project's own issues. Inside a project far ones would do no harm (where the nearest is within a standard
deviation of chance, the loss is 3 % below the project's quantiles, 1 to 5 %); they are refused since such work is of
another kind."""

_PRIOR = 20.0
_SLOPE = 0.5
_QUANTILES = np.array([0.1, 0.5, 0.9])
_SAMPLE = 1_000
"""Finished issues between which cosines are measured, spread over all."""
_LEAST_SPREAD = 0.01
"""Of cosines: finished issues that are copies of each other have none."""
_ROUNDING = 0.1
"""Of that spread: copies that were kept in 16 bits differ by so much, and are near."""
_LEFT_OUT = 200
"""Finished issues that are left out in turn, spread over all."""
_BLOCK = 64
"""Problems at a time: their weights are (64, n)."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """Weeks of one problem, and the finished issues behind them, nearest first: their rows and cosines. Both are empty
    where similar work tells no more than all of it, whose range the weeks are then."""

    weeks: Range
    neighbours: tuple[int, ...]
    cosines: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Past:
    """All finished work: the logarithms of its weeks, what sorts them, both of shape (n,), the range of all, and mean
    and spread of the cosines of two issues."""

    logs: Floats
    order: NDArray[np.int64]
    whole: Range
    mean: float
    spread: float


def similar_efforts(problems: Vectors, finished: Vectors, weeks: NDArray[np.floating]) -> list[Effort | None]:
    """The effort of each problem, None where too little finished work exists or nothing of it is near.

    `problems` has shape (m, d), or (d,) for one; `finished` (n, d); both have rows of length 1. `weeks` has shape (n,)
    and is positive. The answer has one entry a problem; its weeks scale as `weeks` do.
    Memory is that of 64 x n cosines.
    """
    asked = np.atleast_2d(np.asarray(problems, dtype=np.float32))
    known = np.asarray(finished, dtype=np.float32)
    if len(known) < FEWEST_FINISHED:
        return [None] * len(asked)
    past = _past(known, np.asarray(weeks, dtype=np.float64))
    efforts = [
        effort
        for start in range(0, len(asked), _BLOCK)
        for effort in _block(asked[start : start + _BLOCK] @ known.T, past)
    ]
    if _nearest_tell_more(known, past):
        return efforts
    return [effort and Effort(weeks=past.whole, neighbours=(), cosines=()) for effort in efforts]


def all_finished(weeks: NDArray[np.floating]) -> Range:
    """The same quantiles of all finished work, without neighbours. `weeks` has shape (n,), n >= 1, and is positive."""
    logs = np.sort(np.log(np.asarray(weeks, dtype=np.float64)))
    return _range(logs, np.full(len(logs), 1.0 / len(logs)))


def _past(finished: Vectors, weeks: Floats) -> _Past:
    rows = finished[_spread_over(len(finished), _SAMPLE)]
    cosines = (rows @ rows.T)[np.triu_indices(len(rows), 1)].astype(np.float64)
    logs = np.log(weeks)
    return _Past(
        logs=logs,
        order=np.argsort(logs, kind="stable"),
        whole=all_finished(weeks),
        mean=float(cosines.mean()),
        spread=max(float(cosines.std()), _LEAST_SPREAD),
    )


def _spread_over(count: int, most: int) -> NDArray[np.int64]:
    """At most `most` of `count` rows: all, or rows at even distances."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))


def _nearest_tell_more(finished: Vectors, past: _Past) -> bool:
    """Whether the pinball loss of finished issues by their nearest, themselves left out, is not above that by all."""
    rows = _spread_over(len(finished), _LEFT_OUT)
    cosines = finished[rows] @ finished.T
    cosines[np.arange(len(rows)), rows] = -np.inf
    truth = np.exp(past.logs[rows])
    ranges = [effort.weeks if effort else past.whole for effort in _block(cosines, past)]
    return pinball(truth, ranges) <= pinball(truth, [past.whole] * len(rows)) * (1 + 1e-9)


def pinball(truth: Floats, ranges: Sequence[Range]) -> float:
    """Mean loss of P10, P50 and P90 (Koenker and Bassett 1978), in the unit of `truth`, shape (n,), n >= 1."""
    off = truth[:, None] - np.array([(one.low, one.likely, one.high) for one in ranges])
    return float(np.maximum(_QUANTILES * off, (_QUANTILES - 1) * off).mean())


def _block(cosines: NDArray[np.float32], past: _Past) -> Iterator[Effort | None]:
    """By the nearest alone; `cosines` has shape (problems, n), -inf where an issue is left out."""
    count = min(NEAREST, cosines.shape[1])
    above = (cosines.astype(np.float64) - past.mean) / past.spread
    for row, scores in enumerate(above):
        nearest = np.argpartition(-scores, count - 1)[:count]
        nearest = nearest[np.argsort(-scores[nearest], kind="stable")]
        nearest = nearest[scores[nearest] > -_ROUNDING]
        if len(nearest) < FEWEST_NEAR:
            yield None
            continue
        weights = _weights(scores[nearest], nearest, len(scores))
        yield Effort(
            weeks=_range(past.logs[past.order], weights[past.order]),
            neighbours=tuple(nearest.tolist()),
            cosines=tuple(cosines[row, nearest].tolist()),
        )


def _weights(scores: Floats, nearest: NDArray[np.int64], total: int) -> Floats:
    """Shape (total,); they sum to 1."""
    kernel = np.exp(_SLOPE * (scores - scores[0]))
    effective = kernel.sum() ** 2 / (kernel**2).sum()
    share = effective / (effective + _PRIOR)
    weights = np.full(total, (1 - share) / total)
    weights[nearest] += share * kernel / kernel.sum()
    return weights


def _range(logs: Floats, weights: Floats) -> Range:
    """Weibull's quantiles of sorted logarithms, both of shape (n,)."""
    effective = 1.0 / (weights**2).sum()
    middles = np.cumsum(weights) - weights / 2
    positions = 0.5 + (middles - 0.5) * effective / (effective + 1)
    low, likely, high = np.exp(np.interp(_QUANTILES, positions, logs)).tolist()
    return Range(low, likely, high)
