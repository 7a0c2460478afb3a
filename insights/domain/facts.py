"""What an estimate rests on: figures and ids of a problem and of the firm, no words.

They are kept with the problem, so that an estimate can be made anew under other assumptions without all the evidence.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from insights.domain.estimate import Range

RECENT_DAYS = 91
"""Support load is counted over the last quarter: what was fixed before costs nothing today."""

LEAST_DAYS = 14


def days_counted(age: int) -> int:
    """Over how many days a problem's load is counted whose first item is `age` days older than the newest of all."""
    return min(RECENT_DAYS, max(LEAST_DAYS, age + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """An account that has the problem. `revenue` is a year's: None is unknown, 0 where it has left. `score` is its
    latest answer of 0 to 10, `says_leaving` whether it spoke of leaving beside this problem, `renewal_days` how many
    days there are to its renewal."""

    account: int
    revenue: float | None
    score: float | None = None
    says_leaving: bool = False
    renewal_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """How many of some accounts left, in how many account-years that they were watched."""

    left: int = 0
    years: float = 0.0

    def without(self, other: "Stay") -> "Stay":
        """The others' part of the whole."""
        return Stay(left=max(self.left - other.left, 0), years=max(self.years - other.years, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """How many gave 9 or 10, 7 or 8, 6 or less."""

    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @property
    def answers(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def nps(self) -> float | None:
        """Net promoter score, -100 to 100; None without an answer."""
        return 100 * (self.promoters - self.detractors) / self.answers if self.answers else None

    def without(self, other: "Scores") -> "Scores":
        return Scores(
            promoters=max(self.promoters - other.promoters, 0),
            passives=max(self.passives - other.passives, 0),
            detractors=max(self.detractors - other.detractors, 0),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """Weeks of one engineer as something other than a person or the settings says, and what that is."""

    weeks: Range
    source: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One problem. `items` came in the last `days`; an item that states several problems counts in parts. Deals are
    amounts, None = unknown; `renewals` are open deals that renew what is paid already, which count as revenue kept.
    `stay` is of its accounts since they first had it, `scores` of those who answered with it. `severity` is blocks,
    hurts, annoys or wish; where a rule told it, `severity_said` of `voices` (accounts, or items of no known account)
    say so."""

    items: float
    days: float
    accounts: tuple[Affected, ...] = ()
    open_deals: tuple[float | None, ...] = ()
    lost_deals: tuple[float | None, ...] = ()
    renewals: int = 0
    severity: str | None = None
    severity_by: str = ""
    severity_said: int = 0
    voices: int = 0
    effort: Effort | None = None
    stay: Stay = Stay()
    scores: Scores = Scores()
    is_request: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """The whole. `heard` accounts said anything; of the `silent` ones those of known revenue pay `silent_revenue`."""

    stay: Stay = Stay()
    scores: Scores = Scores()
    heard: int = 0
    silent: int = 0
    silent_revenue: float = 0.0


def facts_to_json(facts: Facts | Firm) -> str:
    """As they are kept."""
    return json.dumps(asdict(facts))


def facts_from_json(text: str) -> Facts:
    """What `facts_to_json` made of a problem's."""
    said = json.loads(text)
    effort = said.pop("effort")
    more: dict[str, Any] = {
        "accounts": tuple(Affected(**one) for one in said.pop("accounts")),
        "open_deals": tuple(said.pop("open_deals")),
        "lost_deals": tuple(said.pop("lost_deals")),
        "stay": Stay(**said.pop("stay")),
        "scores": Scores(**said.pop("scores")),
        "effort": _effort(effort) if effort else None,
    }
    return Facts(**said, **more)


def firm_from_json(text: str) -> Firm:
    """What `facts_to_json` made of a firm."""
    said = json.loads(text)
    return Firm(**{**said, "stay": Stay(**said["stay"]), "scores": Scores(**said["scores"])})


def _effort(said: Mapping[str, Any]) -> Effort:
    return Effort(weeks=Range(**said["weeks"]), source=said["source"], words=said["words"])
