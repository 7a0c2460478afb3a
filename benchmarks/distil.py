"""How far a small classifier can stand in for a model's answers: F1 held out, what is sure, and whether that holds.

    PYTHONPATH=. python -m benchmarks.distil --data ../data [--onnx DIR] [--only kinds severity problems]

No model is asked: labels of people, or of whoever made the set, stand in for its answers. How well yours can be
learned, `insights models distil` tells.

--data holds airline_tweets/, support_tickets_multilang/ and banking77/, each with a data.csv or data.csv.gz.
--onnx is a folder with model.onnx and tokenizer.json, to compare with the default embedder.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from insights.domain.feedback import Stance
from insights.embedding.onnx import OnnxEmbedder
from insights.embedding.static import StaticEmbedder
from insights.grouping.copies import collapse
from insights.grouping.group import group
from insights.grouping.placing import place
from insights.grouping.scores import Figure
from insights.language.distilled import text_features
from insights.language.distilling import PRECISION, Rows, Trained, train
from insights.language.distilling_figures import refusal
from insights.ports import Embedder
from insights.text.stance import chances, chosen

UNSURE_BELOW = 0.6
"""language.unsure_below: what a model is asked about."""
MOST = 10_000
DRAWS = 10
SENTIMENT = {Stance.PROBLEM: "negative", Stance.REQUEST: "negative", Stance.PRAISE: "positive"}
KNOWN, PAGE = 8_000, 500
MOST_OF_PROBLEMS = 5_000


@dataclass(frozen=True)
class Set:
    """Texts that differ, a label each, and what is told of them without a classifier, if anything."""

    name: str
    texts: list[str]
    labels: list[str]
    before: list[str] | None = None

    def at(self, places: Sequence[int], name: str) -> "Set":
        before = [self.before[place] for place in places] if self.before else None
        return Set(name, [self.texts[place] for place in places], [self.labels[place] for place in places], before)

    def drawn(self, count: int, *, seed: int = 0) -> "Set":
        places = np.random.default_rng(seed).permutation(len(self.texts))[:count]
        return self.at(places.tolist(), f"{self.name}, {count:,} of them") if count < len(self.texts) else self


def read(path: Path, *, text: str, label: str, name: str) -> Set:
    """Without copies: the first row's label counts."""
    rows = pd.read_csv(path).dropna(subset=[text, label])
    texts = rows[text].astype(str).tolist()
    stands, _ = collapse(texts)
    kept = np.sort(stands).tolist()
    return Set(name, [texts[row] for row in kept], [str(rows[label].iloc[row]) for row in kept])


def tweets(data: Path) -> tuple[Set, Set]:
    """All, and those of which the offline classifier is unsure."""
    every = read(data / "airline_tweets/data.csv", text="text", label="airline_sentiment", name="tweets, sentiment")
    told = [chosen(row) for row in chances(every.texts)]
    every = Set(every.name, every.texts, every.labels, [SENTIMENT.get(stance, "neutral") for stance, _ in told])
    unsure = [place for place, (_, sure) in enumerate(told) if sure < UNSURE_BELOW]
    return every, every.at(unsure, f"{every.name}, unsure offline")


def learned(rows: Set, features: Any) -> tuple[Trained, float]:
    """The classifier and CPU seconds, without features."""
    start = time.process_time()
    groups = np.arange(len(rows.texts), dtype=np.int64)
    return train(Rows(features, rows.labels, groups), before=rows.before, made_for=""), time.process_time() - start


def cell(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    return f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"


def line(rows: Set, embedder: Embedder, name: str = "static") -> str:
    start = time.process_time()
    features = text_features(rows.texts, embedder)
    seconds = time.process_time() - start
    trained, learning = learned(rows, features)
    found = trained.figures
    numbers = f"{found.rows:,} | {len(found.answers)} | {cell(found.mean.f1)} | {cell(found.before)}"
    sure = f"{cell(found.sure)} | {cell(found.sure_precision)} | {seconds:.1f} + {learning:.1f}"
    return f"| {rows.name} | {name} | {numbers} | {sure} | {refusal(found) or 'yes'} |"


def by_answer(rows: Set, embedder: Embedder) -> list[str]:
    trained, _ = learned(rows, text_features(rows.texts, embedder))
    lines = [
        f"\n{rows.name}\n",
        "| answer | held out | precision | recall | F1 | sure from |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for one in trained.figures.answers:
        scores = " | ".join(cell(figure) for figure in (one.quality.precision, one.quality.recall, one.quality.f1))
        lines.append(
            f"| {one.answer} | {one.rows} | {scores} | {'never' if one.sure_from is None else f'{one.sure_from:.2f}'} |"
        )
    return lines


def holds(every: Set, count: int, embedder: Embedder) -> str:
    """What is sure among all rows that were not drawn: what was promised, over draws."""
    features = text_features(every.texts, embedder)
    sure = right = rest = used = 0
    for seed in range(DRAWS):
        places = np.random.default_rng(seed).permutation(len(every.texts))
        drawn, others = places[:count], places[count:]
        trained, _ = learned(every.at(drawn.tolist(), every.name), features[drawn])
        used += not refusal(trained.figures)
        told = trained.classifier.sure(features[others])
        hits = [answer == every.labels[place] for answer, place in zip(told, others.tolist(), strict=True) if answer]
        sure, right, rest = sure + len(hits), right + sum(hits), rest + len(others)
    return f"| {every.name} | {count:,} | {used} of {DRAWS} | {sure / rest:.3f} | {right / max(sure, 1):.3f} |"


def problems(data: Path, embedder: Embedder) -> list[str]:
    """Which problem a mention belongs to, and whether that spares questions about those that grouping is unsure of.
    Learned from the labels, as if a model had said all, and from the groups that the known mentions are in, which is
    what a workspace has."""
    every = read(data / "banking77/data.csv", text="text", label="label", name="banking77")
    places = np.random.default_rng(0).permutation(len(every.texts)).tolist()
    known, new = every.at(places[:KNOWN], every.name), every.at(places[KNOWN:], every.name)
    groups = _grouped(known, embedder)
    placed = _placed(groups, new, embedder)
    unsure = [row for row, one in enumerate(placed) if one.is_loose or one.group is None]
    loose = [row for row in unsure if placed[row].group is not None]
    right = sum(groups.names[placed[row].group or 0] == new.labels[row] for row in loose) / len(loose)
    lines = [
        f"new {len(new.texts):,}, grouping is unsure of {len(unsure):,}, in no group {len(unsure) - len(loose)}; "
        f"loosely placed and right as they are {right:.3f}",
        "| learned from | mean F1 | sure | right | sure of the unsure | sure that the place is right | it is |",
    ]
    features = text_features(known.texts[:MOST_OF_PROBLEMS], embedder)
    asked = text_features([new.texts[row] for row in unsure], embedder)
    of_group = [str(number) for number in groups.labels[:MOST_OF_PROBLEMS]]
    for source, answers in (("labels", known.labels[:MOST_OF_PROBLEMS]), ("groups", of_group)):
        trained, _ = learned(Set(source, known.texts[:MOST_OF_PROBLEMS], answers), features)
        told = trained.classifier.sure(asked)
        names = [_name_of(placed[row], groups, source) for row in unsure]
        spared = [row for row, name, one in zip(unsure, names, told, strict=True) if one and one == name]
        hits = sum(groups.names[placed[row].group or 0] == new.labels[row] for row in spared)
        found = trained.figures
        figures = f"{cell(found.mean.f1)} | {cell(found.sure)} | {cell(found.sure_precision)}"
        shares = f"{sum(map(bool, told)) / len(unsure):.3f} | {len(spared) / len(unsure):.3f}"
        lines.append(f"| {source} | {figures} | {shares} | {hits / max(len(spared), 1):.3f} |")
    return lines


@dataclass(frozen=True)
class Groups:
    """The group of each known text, the label that most texts of each group have, and what new texts are placed by."""

    labels: list[int]
    names: dict[int, str]
    space: Any
    sample: Any


@dataclass(frozen=True)
class Placed:
    group: int | None
    is_loose: bool


def _grouped(known: Set, embedder: Embedder) -> Groups:
    vectors = embedder.embed(known.texts)
    found = group(vectors, known.texts)
    counts: dict[int, Counter[str]] = {}
    for number, name in zip(found.labels.tolist(), known.labels, strict=True):
        counts.setdefault(number, Counter())[name] += 1
    names = {number: some.most_common(1)[0][0] for number, some in counts.items()}
    return Groups(found.labels.tolist(), names, found.space, found.space.place(vectors, known.texts))


def _placed(groups: Groups, new: Set, embedder: Embedder) -> list[Placed]:
    """Where each new text is placed, a page at a time, as nights would; what makes a group of its own is left out of
    what grouping is unsure of."""
    labels = np.array(groups.labels)
    inside = labels >= 0
    found: list[Placed] = []
    for start in range(0, len(new.texts), PAGE):
        texts = new.texts[start : start + PAGE]
        done = place(groups.space.place(embedder.embed(texts), texts), groups.sample[inside], labels[inside])
        for number, is_loose in zip(done.labels.tolist(), done.is_loose.tolist(), strict=True):
            found.append(Placed(number if number >= 0 else None, bool(is_loose)))
    return found


def _name_of(one: Placed, groups: Groups, source: str) -> str | None:
    """What the classifier would have to say for the place to be right."""
    if one.group is None:
        return None
    return groups.names.get(one.group) if source == "labels" else str(one.group)


HEAD = (
    "| set | vectors | rows | answers | mean F1 | without it | sure | of these right | CPU s | of use |\n"
    "| --- | --- | ---: | ---: | --- | --- | --- | --- | ---: | --- |"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--onnx", type=Path)
    parser.add_argument("--only", nargs="*", default=["kinds", "severity", "problems"])
    given = parser.parse_args()
    static = StaticEmbedder()
    static.embed(["read the weights"])
    every, unsure = tweets(given.data)
    tickets = given.data / "support_tickets_multilang/data.csv.gz"
    if "kinds" in given.only:
        print(HEAD)
        for rows in (every.drawn(MOST), unsure, unsure.drawn(1_000), unsure.drawn(400)):
            print(line(rows, static), flush=True)
        if given.onnx:
            print(line(unsure, OnnxEmbedder(given.onnx), "onnx"), flush=True)
        print("\n".join(by_answer(unsure, static)))
        print(f"\n| {PRECISION:.0%} asked for | learned from | used | sure of the rest | of these right |")
        for rows, count in ((every, 400), (every, 2_000), (unsure, 1_500)):
            print(holds(rows, count, static), flush=True)
    if "severity" in given.only:
        print(HEAD)
        for label in ("type", "priority"):
            rows = read(tickets, text="text", label=label, name=f"tickets, {label}")
            for count in (100, 400, MOST):
                print(line(rows.drawn(count), static), flush=True)
    if "problems" in given.only:
        print("\n".join(problems(given.data, static)))


if __name__ == "__main__":
    main()
