"""Whether predicted ranges held, and how the priors behind them should move. Pure.

Every outcome is told as a score: what was realised on the scale of its predicted range, in logs (amounts) or log-odds
(chances, shares), where P10, P50 and P90 stand at -1.28, 0 and 1.28 (`quantiles.amount_score`). If the ranges are
right, scores are standard normal. An outcome is itself known only so well: its own P10-P90 gives its score a variance
v.

- Coverage: the share of outcomes with |z| <= 1.28 · sqrt(1 + v), 80 % where the ranges are right (the range is widened
  by what the outcome's own doubt adds), with Wilson's interval (1927, JASA 22:209).
- Probability integral transform: Phi(z / sqrt(1 + v)), even where the ranges are right (Dawid 1984, JRSS A 147:278;
  Gneiting, Balabdaoui, Raftery 2007, JRSS B 69:243).
- Bias and spread: z ~ N(bias, spread² + v). Prior normal-gamma, worth `HELD` outcomes that were as predicted:
  1/spread² ~ Gamma(HELD/2, HELD/2), bias ~ N(0, spread²/HELD). On a grid; where outcomes are known exactly it is bias
  = sum(z)/(n + HELD), spread² = (HELD + sum((z - m)²) + HELD·n·m²/(n + HELD))/(n + HELD), m the mean.
- The moved range stands at the scores bias - w, bias, bias + w of the range before, w the P90 of the posterior
  predictive distribution: Student's t with n + HELD degrees of freedom, times spread · sqrt(1 + 1/(n + HELD)), so that
  five outcomes do not promise more than five can (Gelman et al. 2013, Bayesian Data Analysis, ch. 3.3).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from insights.domain.estimate import Range
from insights.worth.intervals import wilson
from insights.worth.quantiles import Z90, amount_score, amounts_at, chance_score, chances_at

Array = NDArray[np.float64]

HELD = 2.0
"""Outcomes that a prior is worth against those that were seen."""

LEAST_OUTCOMES = 5
"""A prior moves from so many outcomes on."""

BINS = 5
_VAGUE = 9.0
"""Variance of an outcome's score beyond which it says nothing of one range: three times the range's own doubt."""
_FARTHEST = 4.0
"""No single outcome counts with a larger score."""
_BIASES: Array = np.linspace(-5.0, 5.0, 201)
_SPREADS: Array = np.exp(np.linspace(math.log(0.1), math.log(6.0), 121))


class Quantity(StrEnum):
    """What is predicted and seen later."""

    AVOIDED = "share of items avoided"
    WEEKS = "effort in weeks"
    SAVED = "support saved a year"
    LEAVING = "added chance to leave"

    @property
    def is_chance(self) -> bool:
        return self in (Quantity.AVOIDED, Quantity.LEAVING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One prediction beside what came of it: P10, P50, P90 of both; `realised` is one figure three times where it is
    known exactly. `setting` is the range of `worth` that the prediction took over, empty where it rests on another."""

    quantity: Quantity
    predicted: Range
    realised: Range
    setting: str = ""
    problem_id: int = 0

    @property
    def score(self) -> tuple[float, float]:
        """The standard normal score of what was realised, and its variance."""
        return score_of(self.realised, against=self.predicted, quantity=self.quantity)

    @property
    def is_inside(self) -> bool:
        """Whether the predicted range holds, as surely as the outcome is known."""
        score, variance = self.score
        return abs(score) <= Z90 * math.sqrt(1 + variance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Bias and spread of scores, 0 and 1 where ranges are right, from so many outcomes."""

    outcomes: int
    bias: float
    spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How the ranges of one quantity held. `coverage` is that of P10-P90 for the `told` outcomes that are known well
    enough, of which so many were `inside`; None of nothing. `interval` is its 95 %; `pit`
    counts outcomes by fifths of the predicted distribution, lowest first, even where the ranges are right."""

    quantity: Quantity
    inside: int
    told: int
    coverage: float | None
    interval: tuple[float, float]
    pit: tuple[int, ...]
    fit: Fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """How one range of `worth` should move: `first` is what the earliest of the predictions took over and the outcomes
    are counted against, `now` what the settings say, `then` what they should say."""

    setting: str
    quantity: Quantity
    first: Range
    now: Range
    then: Range
    fit: Fit

    @property
    def is_due(self) -> bool:
        """Whether there are outcomes enough, and anything would change."""
        return self.fit.outcomes >= LEAST_OUTCOMES and self.then != self.now


def score_of(realised: Range, *, against: Range, quantity: Quantity) -> tuple[float, float]:
    """The score of an outcome on the scale of a range, and its variance; no farther off than 4."""
    score = chance_score if quantity.is_chance else amount_score
    low, likely, high = (
        min(max(score(against, value), -_FARTHEST), _FARTHEST)
        for value in (realised.low, realised.likely, realised.high)
    )
    return likely, ((high - low) / (2 * Z90)) ** 2


def fit_scores(scores: Sequence[tuple[float, float]]) -> Fit:
    """Bias and spread of scores with their variances."""
    z = np.array([score for score, _ in scores])
    v = np.array([variance for _, variance in scores])
    bias, spread = _BIASES[:, None], _SPREADS[None, :]
    precision = spread**-2
    logs = HELD / 2 * np.log(precision) - HELD / 2 * precision  # Gamma, in logs of the spread
    logs = logs - 0.5 * np.log(spread**2 / HELD) - HELD * precision * bias**2 / 2
    for score, variance in zip(z.tolist(), v.tolist(), strict=True):
        whole = spread**2 + variance
        logs = logs - 0.5 * np.log(whole) - (score - bias) ** 2 / (2 * whole)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    return Fit(
        outcomes=len(scores),
        bias=float((weights * bias).sum()),
        spread=float((weights * precision).sum() ** -0.5),
    )


def calibrate(compared: Sequence[Compared]) -> list[Calibration]:
    """One for each quantity of which anything was seen."""
    return [_calibration(quantity, own) for quantity in Quantity if (own := _of(compared, quantity))]


def moves_of(compared: Sequence[Compared], now: Mapping[str, Range]) -> list[Move]:
    """How each range of settings should move by the predictions that took it over, those of the earliest prediction
    first; `now` is what the settings say. Counted against one range, whatever was moved since: to apply it twice moves
    it once."""
    found = []
    for setting, current in now.items():
        own = [one for one in compared if one.setting == setting]
        if not own:
            continue
        first, quantity = own[0].predicted, own[0].quantity
        fit = fit_scores([score_of(one.realised, against=first, quantity=quantity) for one in own])
        then = current if fit.outcomes < LEAST_OUTCOMES else moved(first, fit, is_chance=quantity.is_chance)
        found.append(Move(setting=setting, quantity=quantity, first=first, now=current, then=then, fit=fit))
    return found


def moved(before: Range, fit: Fit, *, is_chance: bool) -> Range:
    """The range that the outcomes bear out, to three digits."""
    at = chances_at if is_chance else amounts_at
    known = fit.outcomes + HELD
    half = float(stdtrit(known, 0.9)) * fit.spread * math.sqrt(1 + 1 / known)
    low, likely, high = at(before, fit.bias + half * np.array([-1.0, 0.0, 1.0])).tolist()
    return Range(_rounded(low), _rounded(likely), _rounded(high))


def _of(compared: Sequence[Compared], quantity: Quantity) -> list[Compared]:
    return [one for one in compared if one.quantity is quantity]


def _calibration(quantity: Quantity, own: Sequence[Compared]) -> Calibration:
    """What is known so roughly that hardly any range could fail it moves bias and spread a little, and counts for no
    coverage."""
    scores = [one.score for one in own]
    telling = [one for one in own if one.score[1] <= _VAGUE]
    inside = sum(one.is_inside for one in telling)
    places = [float(ndtr(score / math.sqrt(1 + variance))) for score, variance in (one.score for one in telling)]
    counts = np.bincount([min(int(place * BINS), BINS - 1) for place in places], minlength=BINS)
    return Calibration(
        quantity=quantity,
        inside=inside,
        told=len(telling),
        coverage=inside / len(telling) if telling else None,
        interval=wilson(inside, len(telling)),
        pit=tuple(counts.tolist()),
        fit=fit_scores(scores),
    )


def _rounded(number: float) -> float:
    return float(f"{number:.3g}")
