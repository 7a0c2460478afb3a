"""Figures of two sides by name, compared to the cent."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum
from typing import Any

import pandas as pd

from insights.domain.feedback import Feedback, FeedbackKind
from insights.storage.repository import Repository

Figures = Mapping[str, float | None]
"""By account, stage or other name; None where it is unknown."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure by name: the sums of both sides, how many names there are, and which of them differ."""

    what: str
    ours: float
    theirs: float
    names: int
    differing: tuple[str, ...]

    @property
    def cents(self) -> int:
        return cents(self.ours) - cents(self.theirs)

    @property
    def agrees(self) -> bool:
        return not self.differing and not self.cents


def cents(amount: float) -> int:
    return round(amount * 100)


def compare(what: str, ours: Figures, theirs: Figures) -> Compared:
    """A name that one side lacks differs, and unknown differs from 0."""

    def value(figures: Figures, name: str) -> int | str | None:
        if name not in figures:
            return "lacks it"
        found = figures[name]
        return None if found is None else cents(found)

    names = sorted({*ours, *theirs})
    differing = tuple(name for name in names if value(ours, name) != value(theirs, name))
    return Compared(what, _sum(ours), _sum(theirs), len(names), differing)


def _sum(figures: Figures) -> float:
    return fsum(value for value in figures.values() if value is not None)


def of(series: "pd.Series[Any]") -> dict[str, float | None]:
    """By name; NaN is unknown."""
    return {str(name): None if pd.isna(value) else float(value) for name, value in series.items()}


def counted(names: Iterable[str | None]) -> dict[str, float | None]:
    return {name: float(n) for name, n in Counter(name for name in names if name is not None).items()}


def items_of(repository: Repository, kind: FeedbackKind) -> list[Feedback]:
    return [item for item in repository.feedback.unprotected(1_000_000) if item.kind is kind]
