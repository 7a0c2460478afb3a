"""Train the stance model on our own rows, say how good it is on rows held out, write insights/text/stance_weights.npz.

    make train-stance

Rows are those of benchmarks/kinds (its README says how they are labelled) and the sample firm's items. All were
written for this project: texts of other people are for measuring only, none goes into the weights. Ten folds by
group: no row is judged by a model that saw its group. The cooling of each fold is fitted on the other nine.
"""

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from benchmarks.kinds.figures import Chances, calibration_line, ranked_line, table
from benchmarks.kinds.rows import FOLDS, HELD_OUT, Row, firm_rows, read_rows, sample_rows
from insights.text.grams import BUCKETS, Run, piece_runs, word_runs
from insights.text.stance import STANCES, chances, cues_of, plain

WEIGHTS = Path(__file__).parents[1] / "insights" / "text" / "stance_weights.npz"
RARE = 3
GRAM_WEIGHT = 4.0
"""How much n-grams count beside cues."""
STRENGTH = 0.3
"""How little weights are held down. Both by the likelihood of rows held out, of 2 to 4 and .3 to 1.5: the differences
are small."""
_ORDER = [stance.value for stance in STANCES]


def matrix(rows: list[Row], names: list[str]) -> csr_matrix:
    """Shape (rows, names + 2 × buckets)."""
    texts = [plain(row.text) for row in rows]
    index = {name: column for column, name in enumerate(names)}
    known = [(number, index[name]) for number, text in enumerate(texts) for name in cues_of(text) if name in index]
    at = ([number for number, _ in known], [column for _, column in known])
    cues = csr_matrix((np.ones(len(known)), at), shape=(len(rows), len(names)))
    words = [text.words for text in texts]
    return hstack([cues, _grams(word_runs(words), len(rows)), _grams(piece_runs(words), len(rows))]).tocsr()


def _grams(runs: list[Run], size: int) -> csr_matrix:
    rows = np.concatenate([one for one, _ in runs])
    buckets = np.concatenate([one for _, one in runs])
    counts = np.maximum(np.bincount(rows, minlength=size), 1)
    return csr_matrix((GRAM_WEIGHT / np.sqrt(counts[rows]), (rows, buckets)), shape=(size, BUCKETS))


def trained(known: csr_matrix, kinds: NDArray[np.int64]) -> LogisticRegression:
    """Rare kinds count for more, by the root of how rare they are."""
    sizes = np.bincount(kinds, minlength=len(STANCES))
    weights = {kind: float((sizes.mean() / size) ** 0.5) for kind, size in enumerate(sizes)}
    return LogisticRegression(C=STRENGTH, max_iter=1000, class_weight=weights).fit(known, kinds)


def held_out_logits(known: csr_matrix, kinds: NDArray[np.int64], folds: NDArray[np.int64]) -> Chances:
    logits = np.zeros((len(kinds), len(STANCES)))
    for fold in range(FOLDS):
        held = folds == fold
        logits[held] = trained(known[~held], kinds[~held]).decision_function(known[held])
    return logits


def cooling_of(logits: Chances, kinds: NDArray[np.int64]) -> float:
    """What logits are to be divided by for the best likelihood (temperature scaling, Guo et al. 2017)."""

    def surprise(cooling: float) -> float:
        return -float(np.log(softmax(logits / cooling)[np.arange(len(kinds)), kinds]).mean())

    return float(minimize_scalar(surprise, bounds=(0.3, 3.0), method="bounded").x)


def softmax(logits: Chances) -> Chances:
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def cooled(logits: Chances, kinds: NDArray[np.int64], folds: NDArray[np.int64]) -> Chances:
    found = np.zeros_like(logits)
    for fold in range(FOLDS):
        held = folds == fold
        found[held] = softmax(logits[held] / cooling_of(logits[~held], kinds[~held]))
    return found


def report(title: str, rows: list[Row], found: Chances) -> None:
    kinds = [row.kind for row in rows]
    print(f"\n{title}\n\n{table(kinds, found, groups=[row.group for row in rows])}\n")
    print(ranked_line(kinds, found))
    print(calibration_line(kinds, found))


def steps_of(weights: Chances) -> tuple[NDArray[np.int8], float]:
    """Whole steps from -127 to 127, and how much one is."""
    step = round(float(np.abs(weights).max()) / 127, 5)  # the solver's last digits depend on the number of threads
    return np.clip(np.round(weights / step), -127, 127).astype(np.int8), step


def write(model: LogisticRegression, names: list[str], *, cooling: float) -> None:
    weights = model.coef_.T
    words, word_step = steps_of(weights[len(names) : len(names) + BUCKETS])
    pieces, piece_step = steps_of(weights[len(names) + BUCKETS :])
    np.savez_compressed(
        WEIGHTS,
        names=np.array(names),
        cues=np.round(weights[: len(names)], 3).astype(np.float32),
        intercept=np.round(model.intercept_, 3),
        words=words,
        pieces=pieces,
        steps=np.round([word_step * GRAM_WEIGHT, piece_step * GRAM_WEIGHT], 5),
        cooling=np.array(round(cooling, 3)),
    )


def main() -> None:
    sample, firm = sample_rows(), firm_rows()
    rows = sample + firm
    counts = Counter(name for row in rows for name in cues_of(plain(row.text)))
    names = sorted(name for name, count in counts.items() if count >= RARE)
    known = matrix(rows, names)
    kinds = np.array([_ORDER.index(row.kind) for row in rows])
    folds = np.array([row.fold for row in rows])
    logits = held_out_logits(known, kinds, folds)
    found = cooled(logits, kinds, folds)
    report(f"Rows of benchmarks/kinds, {len({row.group for row in sample})} groups", sample, found[: len(sample)])
    print(f"before cooling: {calibration_line([row.kind for row in sample], softmax(logits[: len(sample)]))[:33]}")
    report(f"Items of the sample firm, {len({row.group for row in firm})} groups", firm, found[len(sample) :])
    cooling = cooling_of(logits, kinds)
    write(trained(known, kinds), names, cooling=cooling)
    fresh = read_rows(HELD_OUT)
    report("Rows of tests/data/kinds_held_out.tsv", fresh, chances([row.text for row in fresh]))
    print(f"\n{len(rows)} rows, {len(names)} cues, cooling {cooling:.2f}, {WEIGHTS.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
