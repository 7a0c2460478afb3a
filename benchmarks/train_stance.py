"""Train the stance model on our own sample and write insights/text/stance_weights.json.

    python -m benchmarks.train_stance SAMPLE.jsonl [SAMPLE.jsonl ...]

Each line holds `text`, `type` (problem, request, praise, thanks, question, noise) and perhaps `subject`; the short
lines of `stance_sample.tsv` beside this script come from other trades. All were written for this project: texts of
other people are for measuring only, none goes into the weights. Prints the accuracy of a five-fold split.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from insights.text.clean import analysed_body
from insights.text.stance import STANCES, features

WEIGHTS = Path(__file__).parents[1] / "insights" / "text" / "stance_weights.json"
SHORT_SAMPLE = Path(__file__).with_name("stance_sample.tsv")
SCALE = 1000
WORD_SCALE = 0.7
"""Single words count for less than cues: the sample is mostly one firm's, the words of others differ."""
RARE = 3


def sample(paths: list[str]) -> tuple[list[str], list[str]]:
    texts, labels = [], []
    for path in paths:
        for line in Path(path).read_text("utf-8").splitlines():
            row = json.loads(line)
            texts.append(analysed_body(row["text"], subject=row.get("subject")))
            labels.append("praise" if row["type"] == "thanks" else row["type"])
    return texts, labels


def short_sample() -> tuple[list[str], list[str]]:
    rows = [line.split("\t", 1) for line in SHORT_SAMPLE.read_text("utf-8").splitlines()]
    return [text for _, text in rows], [label for label, _ in rows]


def matrix(rows: list[set[str]], names: list[str]) -> csr_matrix:
    index = {name: column for column, name in enumerate(names)}
    cells = [(number, index[name]) for number, row in enumerate(rows) for name in row if name in index]
    values = [WORD_SCALE if names[column].startswith("w:") else 1.0 for _, column in cells]
    at = ([number for number, _ in cells], [column for _, column in cells])
    return csr_matrix((values, at), shape=(len(rows), len(names)), dtype=np.float64)


def main(paths: list[str]) -> None:
    texts, labels = sample(paths)
    own = len(texts)
    more = short_sample()
    texts, labels = texts + more[0], labels + more[1]
    rows = [features(text) for text in texts]
    counts = Counter(name for row in rows for name in row)
    names = sorted(name for name, count in counts.items() if count >= RARE)
    known = matrix(rows, names)
    numbers = np.array([[stance.value for stance in STANCES].index(label) for label in labels])
    sizes = np.bincount(numbers, minlength=len(STANCES))
    weights = {label: float((sizes.mean() / size) ** 0.5) for label, size in enumerate(sizes)}
    model = LogisticRegression(C=0.15, max_iter=2000, class_weight=weights)
    guessed = cross_val_predict(model, known, numbers, cv=StratifiedKFold(5, shuffle=True, random_state=1))
    print(
        classification_report(numbers[:own], guessed[:own], target_names=[stance.value for stance in STANCES], digits=3)
    )
    model.fit(known, numbers)
    scaled = model.coef_.T * np.array([[WORD_SCALE if name.startswith("w:") else 1.0] for name in names]) * SCALE
    kept = {
        name: [round(value) for value in row] for name, row in zip(names, scaled, strict=True) if abs(row).max() >= 30
    }
    intercept = [round(value * SCALE) for value in model.intercept_]
    WEIGHTS.write_text(
        json.dumps(
            {"scale": SCALE, "intercept": intercept, "weights": kept},
            ensure_ascii=False,
            indent=None,
            separators=(",", ":"),
        )
        + "\n",
        "utf-8",
    )
    print(f"{len(texts)} texts, {len(kept)} features, {WEIGHTS.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main(sys.argv[1:])
