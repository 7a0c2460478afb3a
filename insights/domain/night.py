"""What one night found, as it is kept: how every problem stood, and what was news.

Figures and ids alone, no words of customers: what is told of it is worded where it is read, with the titles and names
of that time. News are told once, by the night that found them; how problems stood is what two nights are compared by.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from insights.domain.alarm import Alarm, AlarmKind
from insights.domain.problem import Movement, State


class NewsKind(StrEnum):
    """What can happen to a problem from one night to the next, besides what people decide."""

    NEW = "new"
    SPIKING = "spiking"
    BACK = "back"
    """Shipped, and heard of more than is usual since its release; or its issue was opened again."""
    GROWING = "growing"
    FADING = "fading"
    MERGED = "merged"
    """By the grouping; into `other_id`."""
    SPLIT = "split"
    """By the grouping; off `other_id`."""
    WOKE = "woke"
    """Its snooze has ended."""
    MOVED = "moved"
    """In rank, by its own return; `before` and `after` are ranks."""
    FELL = "fell"
    """Shipped, and its mentions fell since."""
    STAYED = "stayed"
    """Shipped, and its mentions did not fall."""


class ReasonKind(StrEnum):
    """Why a problem moved in rank."""

    ACCOUNTS = "accounts"
    """`count` more (or fewer) accounts have it."""
    RENEWALS = "renewals"
    """`count` accounts came to within `days` of their renewal."""
    DETRACTORS = "detractors"
    LEAVING = "leaving"
    """`count` accounts speak of leaving."""
    LEFT = "left"
    """`count` accounts that had it left."""
    REVENUE = "revenue"
    """What its accounts pay changed by `amount` a year."""
    OPEN_DEALS = "open deals"
    LOST_DEALS = "lost deals"
    LOAD = "load"
    """`count` more (or fewer) items a week."""
    SEVERITY = "severity"
    """It is `word` now."""
    EFFORT = "effort"
    """It takes `amount` more (or fewer) weeks; `word` says by whom."""
    FIGURES = "figures"
    """Somebody set figures of it."""
    OTHERS_LEFT = "others left"
    """`count` problems above it left the list: decided, merged or fallen behind."""
    OTHERS_CAME = "others came"
    """`count` problems came before it."""
    SETTINGS = "settings"
    """What estimates assume was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason. `accounts` are the ids of the first of those that it is about, those that pay most first."""

    kind: ReasonKind
    count: int = 0
    amount: float = 0.0
    days: int = 0
    word: str = ""
    accounts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One thing that happened, and the night that found it. `before` and `after` are ranks (moved), or voices: how many
    were usual, how many there were in the last week (new, spiking, back) or in the last four (growing, fading). `since`
    is the day whose night told the rank `before`. `times` counts an alert that came again. `words` are the program's
    own, as of an outcome's verdict."""

    problem_id: int
    kind: NewsKind
    day: date
    other_id: int | None = None
    before: float | None = None
    after: float | None = None
    times: int = 1
    reasons: tuple[Reason, ...] = ()
    words: str = ""
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers:
    """What a problem's return rests on, as far as a change of it can be told. `parts` and `cost` are likely amounts of
    a year by the names that estimates give them. Of accounts that renew soon, are detractors or speak of leaving the
    ids of those that pay most, and how many there are."""

    parts: Mapping[str, float] = field(default_factory=dict)
    cost: float = 0.0
    weeks: float = 0.0
    weeks_source: str = ""
    accounts: int = 0
    revenue: float = 0.0
    renewing: tuple[int, ...] = ()
    renewing_count: int = 0
    detractors: tuple[int, ...] = ()
    detractors_count: int = 0
    leaving: tuple[int, ...] = ()
    leaving_count: int = 0
    left: int = 0
    open_deals: int = 0
    lost_deals: int = 0
    load: float = 0.0
    """Items a week."""
    severity: str = ""
    revised: str = ""
    """Stands for the figures that people set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One problem as a night found it. `told_rank` is its rank when that was told last, `told_roi` its return then,
    `told_run` and `told_on` the run and the day of the night that told it (the first one that saw it, at first).
    `waits`: it waits for a decision. `verdict` is what was said last of its release (fell, stayed; empty before),
    `hushed` are open alarms that were not told, as they were of no interest then."""

    rank: int | None
    told_rank: int | None = None
    told_roi: float | None = None
    told_run: int | None = None
    told_on: date | None = None
    value: float | None = None
    roi: float | None = None
    items: int = 0
    accounts: int = 0
    movement: Movement = Movement.STEADY
    state: State = State.INBOX
    waits: bool = False
    alarms: tuple[Alarm, ...] = ()
    hushed: tuple[AlarmKind, ...] = ()
    drivers: Drivers = field(default_factory=Drivers)
    verdict: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One analysis, as it is kept. `day` is the newest item's (weeks end with it), `settings` stands for what estimates
    assume. `told`: problem -> kind of news -> the day it was told last, of what is not told again for now. `is_thin`:
    what the problems rest on was left out, as of nights of long ago."""

    run_id: int
    at: datetime
    day: date
    problems: Mapping[int, Seen]
    news: tuple[News, ...] = ()
    settings: str = ""
    told: Mapping[int, Mapping[NewsKind, date]] = field(default_factory=dict)
    is_thin: bool = False


def night_to_json(night: Night) -> str:
    """As it is kept; what is as it is by default is left out."""
    return json.dumps(
        {
            "day": night.day,
            "settings": night.settings,
            "is_thin": night.is_thin,
            "problems": {str(number): seen for number, seen in night.problems.items()},
            "news": night.news,
            "told": {str(number): dict(days) for number, days in night.told.items()},
        },
        default=_plain,
        separators=(",", ":"),
    )


def night_from_json(text: str, *, run_id: int, at: datetime) -> Night:
    """What `night_to_json` made."""
    said = json.loads(text)
    return Night(
        run_id=run_id,
        at=at,
        day=date.fromisoformat(said["day"]),
        settings=said["settings"],
        is_thin=said["is_thin"],
        problems={int(number): _seen(one) for number, one in said["problems"].items()},
        news=tuple(_news(one) for one in said["news"]),
        told={int(number): _told(days) for number, days in said["told"].items()},
    )


def news_from_json(text: str) -> tuple[News, ...]:
    """Only what was news, of what `night_to_json` made."""
    return tuple(_news(one) for one in json.loads(text)["news"])


def _told(days: Mapping[str, str]) -> dict[NewsKind, date]:
    return {NewsKind(kind): date.fromisoformat(day) for kind, day in days.items()}


def _plain(value: object) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (Seen, Drivers, Alarm, News, Reason)):
        defaults = _DEFAULTS[type(value).__name__]
        found = {name: getattr(value, name) for name in value.__dataclass_fields__}
        return {name: one for name, one in found.items() if one != defaults[name]}
    msg = f"{type(value).__name__} is no part of a night"
    raise TypeError(msg)


_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    kind.__name__: {
        one.name: one.default if one.default_factory is MISSING else one.default_factory() for one in fields(kind)
    }
    for kind in (Seen, Drivers, Alarm, News, Reason)
}
"""What each field is where nothing is said; what no field is where that must be said."""


def _seen(said: dict[str, Any]) -> Seen:
    drivers = said.pop("drivers", {})
    lists = {name: tuple(drivers.pop(name, ())) for name in ("renewing", "detractors", "leaving")}
    return Seen(
        **{
            **said,
            "rank": said.get("rank"),
            "told_on": date.fromisoformat(said["told_on"]) if said.get("told_on") else None,
            "movement": Movement(said.get("movement", Movement.STEADY)),
            "state": State(said.get("state", State.INBOX)),
            "alarms": tuple(_alarm(one) for one in said.get("alarms", ())),
            "hushed": tuple(map(AlarmKind, said.get("hushed", ()))),
            "drivers": Drivers(**{**drivers, **lists}),
        }
    )


def _alarm(said: dict[str, Any]) -> Alarm:
    days = {name: date.fromisoformat(said[name]) for name in ("opened_on", "told_on", "closed_on") if said.get(name)}
    return Alarm(**{**said, **days, "kind": AlarmKind(said["kind"])})


def _news(said: dict[str, Any]) -> News:
    reasons = tuple(_reason(one) for one in said.get("reasons", ()))
    days = {name: date.fromisoformat(said[name]) for name in ("day", "since") if said.get(name)}
    return News(**{**said, **days, "kind": NewsKind(said["kind"]), "reasons": reasons})


def _reason(said: dict[str, Any]) -> Reason:
    return Reason(**{**said, "kind": ReasonKind(said["kind"]), "accounts": tuple(said.get("accounts", ()))})
