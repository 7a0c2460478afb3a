"""A metric as it is told: what it is, and its values by labels. Pure.

Types, names and units are those of OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    GAUGE = "gauge"
    COUNTER = "counter"
    STATESET = "stateset"


Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One value, with its labels in the order in which they are written."""

    value: float
    labels: Labels = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A family of samples. `name` ends with its `unit` where it has one; a counter's samples add `_total`."""

    name: str
    kind: Kind
    help: str
    unit: str = ""
    samples: tuple[Sample, ...] = ()


def gauge(name: str, words: str, samples: Iterable[Sample] | float | None, *, unit: str = "") -> Metric:
    """Of one value, or of several by label; none where it is not known."""
    return Metric(name=name, kind=Kind.GAUGE, help=words, unit=unit, samples=_samples(samples))


def counter(name: str, words: str, samples: Iterable[Sample] | float | None, *, unit: str = "") -> Metric:
    """Of what only grows."""
    return Metric(name=name, kind=Kind.COUNTER, help=words, unit=unit, samples=_samples(samples))


def by(label: str, values: Mapping[str, float]) -> tuple[Sample, ...]:
    """A sample for each value of one label."""
    return tuple(Sample(value, ((label, name),)) for name, value in values.items())


def _samples(given: Iterable[Sample] | float | None) -> tuple[Sample, ...]:
    if given is None:
        return ()
    return (Sample(float(given)),) if isinstance(given, (int, float)) else tuple(given)
