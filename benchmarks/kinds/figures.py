"""How well kinds are told apart, and whether chances are what they say. Pure but for printing."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from insights.domain.feedback import Stance
from insights.text.stance import STANCES, chosen

_DRAWS = 1000
_BINS = 10
Chances = NDArray[np.float64]


def table(kinds: Sequence[str], found: Chances, *, groups: Sequence[str]) -> str:
    """Precision, recall and F1 by kind as Markdown, with 95 % intervals from 1,000 draws of whole groups."""
    truth, told = _columns(kinds, found)
    known = sorted(set(groups))
    places = {group: number for number, group in enumerate(known)}
    members = np.array([places[group] for group in groups])
    draws = np.random.default_rng(1).multinomial(len(known), np.full(len(known), 1 / len(known)), size=_DRAWS)
    names = [stance.value for stance in STANCES]
    lines = ["| kind | rows | precision | recall | F1 |", "| --- | ---: | ---: | ---: | ---: |"]
    every = []
    for column, name in enumerate(names):
        hits = _by_group((truth == column) & (told == column), members, size=len(known))
        said = _by_group(told == column, members, size=len(known))
        real = _by_group(truth == column, members, size=len(known))
        figures = [_scores(hits.sum(), said.sum(), real.sum()), *(_scores(d @ hits, d @ said, d @ real) for d in draws)]
        every.append(figures)
        lines.append(f"| {name} | {int(real.sum())} | {' | '.join(_cell([f[i] for f in figures]) for i in range(3))} |")
    mean = [_cell(list(np.mean([[f[i] for f in figures] for figures in every], axis=0))) for i in range(3)]
    return "\n".join([*lines, f"| mean | {len(truth)} | {' | '.join(mean)} |"])


def ranked_line(kinds: Sequence[str], found: Chances) -> str:
    """Problem or request against the rest."""
    truth, told = _columns(kinds, found)
    hit = int(((truth < 2) & (told < 2)).sum())
    precision, recall, _ = _scores(hit, int((told < 2).sum()), int((truth < 2).sum()))
    return f"problem or request against the rest: P {precision:.3f}, R {recall:.3f}"


def calibration_line(kinds: Sequence[str], found: Chances) -> str:
    """Expected calibration error (Guo et al. 2017, ten bins of equal width), and what lies in each bin: how sure, how
    often right, how many."""
    sure, right = _sureness(kinds, found)
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    error, parts = 0.0, []
    for number in range(_BINS):
        inside = bins == number
        if inside.any():
            error += inside.mean() * abs(sure[inside].mean() - right[inside].mean())
            parts.append(f"{sure[inside].mean():.2f}→{right[inside].mean():.2f} ({inside.sum()})")
    return f"expected calibration error {error:.3f}; sure→right (rows): {', '.join(parts)}"


def _sureness(kinds: Sequence[str], found: Chances) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The confidence that is kept with a mention, and whether what it speaks of is so."""
    verdicts = [chosen(row) for row in found]
    right = [
        Stance(kind).is_ranked if stance.is_ranked else kind == stance.value
        for kind, (stance, _) in zip(kinds, verdicts, strict=True)
    ]
    return np.array([sure for _, sure in verdicts]), np.array(right)


def _columns(kinds: Sequence[str], found: Chances) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    order = {stance.value: column for column, stance in enumerate(STANCES)}
    told = [order[chosen(row)[0].value] for row in found]
    return np.array([order[kind] for kind in kinds]), np.array(told)


def _by_group(rows: NDArray[np.bool_], members: NDArray[np.int64], *, size: int) -> NDArray[np.int64]:
    return np.bincount(members[rows], minlength=size)


def _scores(hits: int, said: int, real: int) -> tuple[float, float, float]:
    return hits / max(said, 1), hits / max(real, 1), 2 * hits / max(said + real, 1)


def _cell(values: Sequence[float]) -> str:
    """The figure itself, and where 95 % of the draws lie."""
    low, high = np.percentile(values[1:], [2.5, 97.5])
    return f"{values[0]:.2f} ({low:.2f}–{high:.2f})"
