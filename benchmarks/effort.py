"""Effort from similar finished work, measured on issues whose effort teams told in story points.

    python -m benchmarks.effort --data DIR [--onnx DIR]

DIR holds data.csv or data.csv.gz: issuekey, project, title, text, storypoint. Within a project every issue from the
31st on is predicted from those with a lower number, a hundred at a time, as an import and a later analysis would.
Beside ours: the median, the mean and the quantiles of all of these earlier issues.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.intervals import ratio_interval
from insights.domain.finished_work import FinishedWork
from insights.embedding.onnx import OnnxEmbedder
from insights.embedding.static import StaticEmbedder
from insights.ports import Embedder, Vectors
from insights.stages.effort import compared_text
from insights.worth.effort import FEWEST_NEAR, all_finished, similar_efforts

FIRST, BLOCK = 30, 100
CROSS_ISSUES = 300
"""Drawn of each project for the cross-project trial."""
LEVELS = np.array([0.1, 0.5, 0.9])
NOISE = 0.01
"""Story points tie; each times 1 +- 1 % breaks ties by chance, so that P10 to P90 can hold 80 % and no more."""

Floats = NDArray[np.float64]
Predict = Callable[[NDArray[np.int64], NDArray[np.int64], Floats], Floats]
"""predict(earlier rows, rows asked, efforts) gives P10, P50, P90 of each row asked, shape (asked, 3)."""


@dataclass(frozen=True, slots=True)
class Issues:
    """All issues in order of project and number, and what they took."""

    project: NDArray[np.str_]
    points: Floats
    texts: list[str]

    def rows_of(self) -> Iterator[tuple[str, NDArray[np.int64]]]:
        for name in np.unique(self.project):
            yield str(name), np.flatnonzero(self.project == name)


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Aligned: rows that were predicted, the block of each, its quantiles."""

    rows: NDArray[np.int64]
    blocks: NDArray[np.int64]
    quantiles: Floats


def read(folder: Path) -> Issues:
    path = next(path for name in ("data.csv", "data.csv.gz") if (path := folder / name).exists())
    table = pd.read_csv(path)
    table["number"] = table.issuekey.str.extract(r"-(\d+)$", expand=False).astype(int)
    table = table.sort_values(["project", "number"])
    works = [
        FinishedWork(source="", source_id="", title=title, text=str(text).removeprefix(title).strip(), weeks=1.0)
        for title, text in zip(table.title, table.text, strict=True)
    ]
    points = table.storypoint.to_numpy(np.float64)
    return Issues(table.project.to_numpy(str), points, [compared_text(work) for work in works])


def of_all(earlier: NDArray[np.int64], asked: NDArray[np.int64], efforts: Floats) -> Floats:
    """The quantiles of all earlier issues."""
    found = all_finished(efforts[earlier])
    return np.tile([found.low, found.likely, found.high], (len(asked), 1))


def of_mean(earlier: NDArray[np.int64], asked: NDArray[np.int64], efforts: Floats) -> Floats:
    return np.full((len(asked), 3), efforts[earlier].mean())


def of_similar(vectors: Vectors) -> Predict:
    def predict(earlier: NDArray[np.int64], asked: NDArray[np.int64], efforts: Floats) -> Floats:
        found = similar_efforts(vectors[asked], vectors[earlier], efforts[earlier])
        instead = of_all(earlier, asked[:1], efforts)[0]
        rows = [(e.weeks.low, e.weeks.likely, e.weeks.high) if e is not None else instead for e in found]
        return np.array(rows, dtype=np.float64)

    return predict


def of_last(count: int, predict: Predict) -> Predict:
    return lambda earlier, asked, efforts: predict(earlier[-count:], asked, efforts)


def walk(issues: Issues, predict: Predict, efforts: Floats, *, first: int = FIRST) -> Forecasts:
    """Every project forward in time."""
    rows, blocks, quantiles = [], [], []
    for _, own in issues.rows_of():
        for start in range(first, len(own), BLOCK):
            asked = own[start : start + BLOCK]
            rows.append(asked)
            blocks.append(np.full(len(asked), len(blocks)))
            quantiles.append(predict(own[:start], asked, efforts))
    return Forecasts(np.concatenate(rows), np.concatenate(blocks), np.vstack(quantiles))


def pinball(truth: Floats, quantiles: Floats) -> Floats:
    """Mean over P10, P50, P90 (Koenker and Bassett 1978), shape (n,)."""
    off = truth[:, None] - quantiles
    return np.asarray(np.maximum(LEVELS * off, (LEVELS - 1) * off).mean(axis=1))


def held(truth: Floats, quantiles: Floats) -> NDArray[np.bool_]:
    return (truth >= quantiles[:, 0]) & (truth <= quantiles[:, 2])


def summed(values: NDArray, groups: NDArray[np.int64]) -> Floats:
    return np.bincount(np.unique(groups, return_inverse=True)[1], weights=np.asarray(values, dtype=np.float64))


def shown(value: float, interval: tuple[float, float] | None = None) -> str:
    """0.96 (0.94-0.98), cut to what is read."""
    return f"{value:.3f}" if interval is None else f"{value:.3f} ({interval[0]:.3f}–{interval[1]:.3f})"


def table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    print(f"| {' | '.join(header)} |\n|{' --- |' * len(header)}")
    for line in lines:
        print(f"| {' | '.join(line)} |")
    print()


@dataclass(frozen=True, slots=True)
class Walked:
    """One walk of ours and of its rivals, and the same with ties broken."""

    ours: Forecasts
    base: Forecasts
    mean: Forecasts
    broken: Floats
    ours_broken: Forecasts
    base_broken: Forecasts


def walked(issues: Issues, vectors: Vectors) -> Walked:
    noise = np.random.default_rng(0).uniform(-NOISE, NOISE, len(issues.points))
    broken = issues.points * (1 + noise)
    ours = of_similar(vectors)
    return Walked(
        walk(issues, ours, issues.points),
        walk(issues, of_all, issues.points),
        walk(issues, of_mean, issues.points),
        broken,
        walk(issues, ours, broken),
        walk(issues, of_all, broken),
    )


def by_project(issues: Issues, w: Walked) -> None:
    truth, broken = issues.points[w.ours.rows], w.broken[w.ours.rows]
    losses = [pinball(truth, w.ours.quantiles), pinball(truth, w.base.quantiles)]
    errors = [np.abs(truth - one.quantiles[:, 1]) for one in (w.ours, w.base, w.mean)]
    kept = held(broken, w.ours_broken.quantiles), held(broken, w.base_broken.quantiles)
    lines, ratios, shares = [], [], []
    for name, own in issues.rows_of():
        mine = np.isin(w.ours.rows, own)
        blocks = w.ours.blocks[mine]
        sums = [summed(loss[mine], blocks) for loss in losses]
        absolute = [summed(error[mine], blocks) for error in errors]
        count, inside = summed(np.ones(mine.sum()), blocks), summed(kept[0][mine], blocks)
        ratios.append([sums[0].sum() / sums[1].sum(), *(absolute[0].sum() / one.sum() for one in absolute[1:])])
        shares.append([inside.sum(), count.sum(), kept[1][mine].sum()])
        lines.append(
            [
                name,
                f"{mine.sum():,}",
                shown(ratios[-1][0], ratio_interval(*sums)),
                " / ".join(f"{error[mine].mean():.2f}" for error in errors),
                " / ".join(f"{np.median(error[mine]):.2f}" for error in errors),
                shown(ratios[-1][1], ratio_interval(absolute[0], absolute[1])),
                shown(inside.sum() / count.sum(), ratio_interval(inside, count)),
                f"{kept[1][mine].mean():.3f}",
            ]
        )
    values, counted = np.array(ratios), np.array(shares, dtype=np.float64)
    ones = np.ones(len(values))
    lines.append(
        [
            "**all, each project alike**",
            f"{len(truth):,}",
            shown(values[:, 0].mean(), ratio_interval(values[:, 0], ones)),
            " / ".join(f"{error.mean():.2f}" for error in errors),
            " / ".join(f"{np.median(error):.2f}" for error in errors),
            shown(values[:, 1].mean(), ratio_interval(values[:, 1], ones)),
            shown(kept[0].mean(), ratio_interval(counted[:, 0], counted[:, 1])),
            f"{kept[1].mean():.3f}",
        ]
    )
    header = ["project", "issues", "pinball ÷ project's", "MAE ours / median / mean", "median AE ours / median / mean"]
    table([*header, "MAE ÷ median's", "in P10–P90", "project's"], lines)
    print(f"Better than the project's quantiles in {(values[:, 0] < 1).sum()} of {len(values)} projects, the worst is")
    print(
        f"{values[:, 0].max():.3f} times as far off. MAE beside the mean's: {values[:, 2].mean():.3f}. Without breaking"
    )
    tied = held(truth, w.ours.quantiles).mean(), held(truth, w.base.quantiles).mean()
    print(f"ties P10 to P90, ends included, hold {tied[0]:.3f} (the project's {tied[1]:.3f}).\n")
    levels = []
    for place, level in enumerate(LEVELS):
        off = [truth - one.quantiles[:, place] for one in (w.ours, w.base)]
        parts = [summed(np.maximum(level * one, (level - 1) * one), w.ours.blocks) for one in off]
        levels.append([f"{level:g}", *(f"{one.sum() / len(truth):.3f}" for one in parts)])
        levels[-1].append(shown(parts[0].sum() / parts[1].sum(), ratio_interval(*parts)))
    table(["quantile", "pinball ours", "project's", "ratio over all issues"], levels)


def by_nearness(issues: Issues, w: Walked, vectors: Vectors) -> None:
    """By how much the nearest is above chance, in standard deviations."""
    truth = issues.points[w.ours.rows]
    above, refused = [], 0
    for _, own in issues.rows_of():
        for start in range(FIRST, len(own), BLOCK):
            earlier = vectors[own[:start]]
            cosines = (earlier @ earlier.T)[np.triu_indices(start, 1)]
            scores = (vectors[own[start : start + BLOCK]] @ earlier.T - cosines.mean()) / cosines.std()
            above.append(scores.max(axis=1))
            refused += int((np.sort(scores, axis=1)[:, -FEWEST_NEAR] <= 0).sum())
    nearest = np.concatenate(above)
    typical = pd.Series(pinball(truth, w.base.quantiles)).groupby(issues.project[w.ours.rows]).transform("mean")
    losses = [pinball(truth, one.quantiles) / typical.to_numpy() for one in (w.ours, w.base)]
    lines = []
    for low, high in ((-9, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 99)):
        mine = (nearest >= low) & (nearest < high)
        sums = [summed(loss[mine], w.ours.blocks[mine]) for loss in losses]
        name = f"below {high}" if low < 0 else f"{low} and more" if high == 99 else f"{low} to {high}"
        lines.append([name, f"{mine.sum():,}", shown(sums[0].sum() / sums[1].sum(), ratio_interval(*sums))])
    table(["nearest above chance, in SD", "issues", "pinball ÷ project's"], lines)
    print(f"No estimate for want of similar work: {refused:,} of {len(truth):,} issues ({refused / len(truth):.1%}).\n")


def by_amount(issues: Issues, vectors: Vectors) -> None:
    """Only the newest of the earlier issues are known."""
    whole = walk(issues, of_all, issues.points, first=100)
    truth = issues.points[whole.rows]
    lines = []
    for count in (9, 15, 20, 30, 50, 100):
        ours = walk(issues, of_last(count, of_similar(vectors)), issues.points, first=100)
        losses = [pd.Series(pinball(truth, one.quantiles)) for one in (ours, whole)]
        means = [loss.groupby(issues.project[whole.rows]).mean() for loss in losses]
        ratio = (means[0] / means[1]).to_numpy()
        inside = held(truth, ours.quantiles).mean()
        interval = ratio_interval(ratio, np.ones(len(ratio)))
        lines.append([f"{count}", shown(float(ratio.mean()), interval), f"{inside:.3f}"])
    table(["finished issues known", "pinball ÷ quantiles of all earlier ones", "in P10–P90, ends included"], lines)


def across(issues: Issues, vectors: Vectors) -> None:
    """A project of which nothing is known, from all the others."""
    draw = np.random.default_rng(0)
    lines, ratios = [], []
    for name, own in issues.rows_of():
        others = np.flatnonzero(issues.project != name)
        asked = np.sort(draw.permutation(own)[:CROSS_ISSUES])
        truth = issues.points[asked]
        three = [
            of_similar(vectors)(others, asked, issues.points),
            of_all(others, asked, issues.points),
            of_all(own, asked, issues.points),
        ]
        losses = [pinball(truth, one).mean() for one in three]
        errors = [np.abs(truth - one[:, 1]).mean() for one in three]
        ratios.append([losses[0] / losses[1], errors[0] / errors[1], losses[0] / losses[2]])
        inside = [held(truth, one).mean() for one in three[:2]]
        lines.append([name, *(f"{value:.3f}" for value in (*ratios[-1], *inside))])
    values, ones = np.array(ratios), np.ones(len(ratios))
    total = [shown(float(column.mean()), ratio_interval(column, ones)) for column in values.T]
    lines.append(["**all, each project alike**", *total, "", ""])
    header = ["project", "pinball ÷ quantiles of the others", "MAE ÷ median of the others"]
    table([*header, "pinball ÷ its own quantiles", "in P10–P90", "the others' range"], lines)


def measure(issues: Issues, embedder: Embedder, name: str, *, is_whole: bool) -> None:
    vectors = embedder.embed(issues.texts)
    print(f"## {name}\n")
    done = walked(issues, vectors)
    by_project(issues, done)
    if is_whole:
        by_nearness(issues, done, vectors)
        by_amount(issues, vectors)
        across(issues, vectors)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with data.csv or data.csv.gz")
    parser.add_argument("--onnx", type=Path, help="also with the embedder of this folder; takes minutes")
    chosen = parser.parse_args()
    begun = time.process_time()
    issues = read(chosen.data)
    measure(issues, StaticEmbedder(), "static", is_whole=True)
    if chosen.onnx:
        measure(issues, OnnxEmbedder(chosen.onnx), "onnx", is_whole=False)
    print(f"{time.process_time() - begun:.0f} CPU seconds.")


if __name__ == "__main__":
    main()
