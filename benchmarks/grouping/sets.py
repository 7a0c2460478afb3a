"""Texts that people labelled, read from a folder with banking77/, nlu_saas_questions/ and nlupp/."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Aligned: texts, their label (several stand between |, none is empty), and the wider area of each."""

    name: str
    texts: list[str]
    labels: list[str]
    areas: list[str]

    def rows(self, chosen: Sequence[int] | NDArray[np.int64], *, name: str | None = None) -> "Labelled":
        """The chosen rows, in that order."""
        sides = (self.texts, self.labels, self.areas)
        return Labelled(name or self.name, *([side[row] for row in chosen] for side in sides))


def banking(folder: Path) -> Labelled:
    """13,083 questions to a bank, 77 labels."""
    return _read(folder / "banking77", label="label", area=None)


def saas(folder: Path) -> Labelled:
    """457 questions about web applications, Ubuntu and travel. "None" is a label of theirs."""
    return _read(folder / "nlu_saas_questions", label="label", area="corpus")


def nlupp(folder: Path) -> Labelled:
    """3,080 questions to a bank and a hotel, none, one or several labels each."""
    return _read(folder / "nlupp", label="labels", area="domain")


def with_one_label(labelled: Labelled) -> NDArray[np.int64]:
    """Rows that have exactly one label."""
    return np.array([row for row, label in enumerate(labelled.labels) if label and SEPARATOR not in label])


def demo(files: Sequence[Path]) -> Labelled | None:
    """JSON lines with `text`, maybe `subject`, and `problems`: the rows with one problem. None without any."""
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    records = [record for record in map(json.loads, lines) if len(record["problems"]) == 1]
    if not records:
        return None
    texts = [f"{record.get('subject') or ''}\n{record['text']}".strip() for record in records]
    return Labelled("demo", texts, [record["problems"][0] for record in records], [""] * len(texts))


def drawn(rows: int, *, size: int, seed: int = 1) -> NDArray[np.int64]:
    """`size` of the rows at random, in order; all where there are fewer."""
    if size >= rows:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, size=size, replace=False))


def _read(folder: Path, *, label: str, area: str | None) -> Labelled:
    table = pd.read_csv(folder / "data.csv", keep_default_na=False, dtype=str)
    areas = table[area].tolist() if area else [""] * len(table)
    return Labelled(folder.name, table["text"].tolist(), table[label].tolist(), areas)
