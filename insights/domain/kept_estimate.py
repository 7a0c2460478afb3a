"""An estimate as a list of problems needs it: a part of it is read when somebody asks for it.

A kept estimate is 5 KB of JSON, of which a list shows two ranges, and those of the rows in sight alone. To read all of
10,000 took 2.2 s and 220 MB; this takes the texts themselves.
"""

import json
from typing import Any

from insights.domain.estimate import Estimate, Range, estimate_from_json

_RANGES = ("value", "cost", "weeks", "roi")
_SECOND_PART = ', "parts": '
"""What follows the ranges, as `estimate_to_json` writes it; within a text its quotation marks would be escaped."""


class KeptEstimate(Estimate):
    """An `Estimate` in all respects. May be read by several threads at a time."""

    __slots__ = ("_kept",)

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there yet."""
        if name not in _FIELDS:
            raise AttributeError(name)
        kept = object.__getattribute__(self, "_kept")
        if kept:
            self._read(kept, only_ranges=name in _RANGES)
        return object.__getattribute__(self, name)

    def _read(self, kept: str, *, only_ranges: bool) -> None:
        ranges = _ranges_of(kept) if only_ranges else None
        if ranges is not None:
            for name, one in ranges.items():
                object.__setattr__(self, name, one)
            return
        whole = estimate_from_json(kept)
        for name in _FIELDS - {"rank"}:
            object.__setattr__(self, name, getattr(whole, name))
        object.__setattr__(self, "_kept", "")  # last of all: another thread may be at it, too

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Estimate) and all(getattr(self, one) == getattr(other, one) for one in _FIELDS)

    __hash__ = Estimate.__hash__


_FIELDS = frozenset(Estimate.__dataclass_fields__)


def kept_estimate(text: str, *, rank: int | None) -> Estimate:
    """What `estimate_to_json` made, in this version or an earlier one, at this rank."""
    estimate = object.__new__(KeptEstimate)
    object.__setattr__(estimate, "rank", rank)
    object.__setattr__(estimate, "_kept", text)
    return estimate


def _ranges_of(text: str) -> dict[str, Range] | None:
    """The ranges, without reading what follows them; None where they do not stand first and alone."""
    head, second, _ = text.partition(_SECOND_PART)
    ranges = json.loads(head + "}") if second else {}
    return {name: Range(**ranges[name]) for name in _RANGES} if ranges.keys() == {*_RANGES} else None
