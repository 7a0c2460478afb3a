"""What a problem is worth and what it costs: ranges over one year, with every assumption."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Range:
    """Low, likely, high: about one chance in ten to fall below, even odds, one in ten to fall above."""

    low: float
    likely: float
    high: float

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.likely + other.likely, self.high + other.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One source of value: how much, and the sum in words ("7 accounts, $610k a year x .08")."""

    name: str
    value: Range
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """One number that the estimate rests on, where it came from, and the setting that changes it."""

    name: str
    value: str
    source: str
    setting: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Value and cost over a year, and the return on investment (value - cost) / cost."""

    value: Range
    cost: Range
    weeks: Range
    roi: Range
    parts: tuple[Part, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    reason: str = ""
    unknown_revenue_accounts: int = 0
    cost_source: str = "default"
    rank: int | None = field(default=None)
