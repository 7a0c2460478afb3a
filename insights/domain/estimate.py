"""What a problem is worth and what it costs: ranges over one year, with every assumption."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Range:
    """Low, likely, high: about one chance in ten to fall below, even odds, one in ten to fall above."""

    low: float
    likely: float
    high: float

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def scaled(self, factor: float) -> "Range":
        return Range(self.low * factor, self.likely * factor, self.high * factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One source of value: how much, and the sum in words ("7 accounts, $610k a year x .08")."""

    name: str
    value: Range
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """One number that the estimate rests on, where it came from, and the setting that changes it. `quantiles` is the
    range or share that `value` tells in words; None where it is another thing."""

    name: str
    value: str
    source: str
    setting: str
    quantiles: Range | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """What one factor adds to the return beside the typical problem's, as a multiple of the cost: its exact Shapley
    value. `words` says what it is here."""

    name: str
    share: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Value and cost over a year, and the return on investment (value - cost) / cost, each as P10, P50 and P90 of a
    simulation. Chances are 0..1; None where nothing was simulated.

    `tie` is the rank of the first of those that cannot be told apart from it, None where it stands alone. `beyond` is
    what accounts that were not heard from may add, and no part of the value unless the settings say so. `capped` is the
    likely value that was left out because it would have been counted twice. `flip` is the smallest change that would
    change the rank, `worth_knowing` what is worth finding out, in words; both may be empty."""

    value: Range
    cost: Range
    weeks: Range
    roi: Range
    parts: tuple[Part, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    reason: str = ""
    unknown_revenue_accounts: int = 0
    cost_source: str = "default"
    chance_positive: float | None = None
    chance_top: float | None = None
    outranks_next: float | None = None
    tie: int | None = None
    factors: tuple[Factor, ...] = ()
    flip: str = ""
    worth_knowing: str = ""
    capped: float = 0.0
    beyond: Part | None = None
    notes: tuple[str, ...] = ()
    rank: int | None = field(default=None)

    @property
    def main_assumptions(self) -> tuple[Assumption, ...]:
        """Those that weigh most, and those that somebody set: what fits where all would be too many."""
        return tuple(one for one in self.assumptions if one.source != "settings" or one.setting in _MAIN)


_MAIN = frozenset(
    f"worth.{name}"
    for name in (
        "loss_*",
        "win_*",
        "minutes_per_item",
        "hourly_cost",
        "share_avoided_*",
        "weeks_*",
        "request_weeks_*",
        "week_cost",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """Figures that a person set for one problem; None where what the program says stands. Chances and shares are 0..1;
    `severity` is blocks, hurts, annoys or wish."""

    weeks: Range | None = None
    loss: Range | None = None
    win: Range | None = None
    share_avoided: Range | None = None
    minutes: float | None = None
    severity: str | None = None


def estimate_to_json(estimate: Estimate) -> str:
    """As it is kept."""
    return json.dumps(estimate, default=_fields)


def _fields(part: Any) -> dict[str, Any]:
    """What `asdict` makes of a part, ten times as fast: a list of problems writes a hundred thousand of them."""
    return {name: getattr(part, name) for name in part.__dataclass_fields__}


def estimate_from_json(text: str) -> Estimate:
    """What `estimate_to_json` made, in this version or an earlier one."""
    fields = json.loads(text)
    for name in ("value", "cost", "weeks", "roi"):
        fields[name] = Range(**fields[name])
    fields["parts"] = tuple(_part(part) for part in fields["parts"])
    fields["assumptions"] = tuple(_assumption(assumption) for assumption in fields["assumptions"])
    fields["factors"] = tuple(Factor(**factor) for factor in fields.get("factors", ()))
    fields["beyond"] = _part(fields["beyond"]) if fields.get("beyond") else None
    fields["notes"] = tuple(fields.get("notes", ()))
    return Estimate(**fields)


def likely_return_in(text: str) -> float:
    """The likely return of a kept estimate, without reading the rest of it: a hundredth of the time."""
    place = text.find(_ROI)
    if place < 0:
        return estimate_from_json(text).roi.likely
    return float(json.JSONDecoder().raw_decode(text, place + len(_ROI))[0]["likely"])


_ROI = '"roi": '
"""As `estimate_to_json` writes the name; no text stands before it that could hold the same."""


def _assumption(fields: dict[str, Any]) -> Assumption:
    quantiles = fields.get("quantiles")
    return Assumption(**{**fields, "quantiles": Range(**quantiles) if quantiles else None})


def _part(fields: dict[str, Any]) -> Part:
    return Part(**{**fields, "value": Range(**fields["value"])})


def revision_to_json(revision: Revision) -> str:
    """As it is kept: only what was set."""
    return json.dumps({name: value for name, value in asdict(revision).items() if value is not None})


def revision_from_json(text: str) -> Revision:
    """What `revision_to_json` made."""
    fields = json.loads(text)
    ranges = {name: Range(**value) for name, value in fields.items() if isinstance(value, dict)}
    return Revision(**{**fields, **ranges})
