"""Whether what was planted was told in time, once, and nothing else. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from benchmarks.replay_firm import FIRST_DAY, Item, Plant, World
from benchmarks.replay_seen import NightSeen, Told
from benchmarks.replay_stories import BURSTS, TRENDS, Event

LATER = timedelta(days=14)
"""So long after the time that an event is to be told in, it still explains what is told."""
FADES = timedelta(days=70)
"""So long after it ended, something planted may be told as fading."""
_WEEKS = 13
_TRUE_BURST, _TRUE_TREND, _LEAST = 2.5, 1.8, 3
_REAL = {"moved", "merged", "split", "woke", "fell", "stayed"}
"""What the program itself knows for certain, or does not tell of voices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one event. `on` is the night whose digest told it first, `problems` how many problems told it
    while it counts; `kept` the night that found it, where no digest told it."""

    event: Event
    on: date | None
    problems: int
    kept: date | None = None

    @property
    def nights(self) -> int | None:
        return (self.on - self.event.night).days if self.on else None

    @property
    def is_right(self) -> bool:
        if self.event.is_silent:
            return self.on is None
        return self.on is not None and self.on <= self.event.last


def outcome_of(event: Event, nights: Sequence[NightSeen]) -> Outcome:
    some = [one for one in nights if event.night <= one.day and (not event.is_silent or one.day <= event.last)]
    told = [(one.day, entry) for one in some for entry in one.told or () if is_of(entry, event)]
    found = next((one.day for one in some for entry in one.found if is_of(entry, event)), None)
    problems = {entry.problem_id for day, entry in told if day <= event.last}
    return Outcome(event=event, on=told[0][0] if told else None, problems=len(problems), kept=None if told else found)


def is_of(told: Told, event: Event) -> bool:
    return not told.ways.isdisjoint(event.told) and event.label in (told.subject, *told.about)


# -- twice ----------------------------------------------------------------------------------------------------------


def told_twice(nights: Sequence[NightSeen]) -> list[tuple[date, Told]]:
    """What an earlier digest told of the very same problem in the very same way: kind, time, figures."""
    known: set[tuple[object, ...]] = set()
    again = []
    for night in nights:
        marks = [told.mark for told in night.told or () if told.mark and told.subject == ""]
        again += [(night.day, told) for told in night.told or () if told.mark in known]
        again += [(night.day, told) for told in night.told or () if told.mark and marks.count(told.mark) > 1]
        known.update(marks)
    return again


def alike(nights: Sequence[NightSeen], within: timedelta = timedelta(days=28)) -> list[tuple[date, Told]]:
    """What is told of a problem in the same way as within four weeks before, whatever its figures, but as "again"."""
    last: dict[tuple[int | None, str], date] = {}
    found = []
    for night in nights:
        for told in night.told or ():
            key = told.problem_id, told.way
            if told.way in (*BURSTS, *TRENDS) and f"{told.way} again" not in told.ways:
                if key in last and night.day - last[key] < within:
                    found.append((night.day, told))
                last[key] = night.day
    return found


# -- false ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplanted:
    """Told of a problem's voices, and of no event. `voices` and `usual` are the true ones, a week: of the last week or
    the last four, and of those before. `is_so`: these say the same."""

    day: date
    told: Told
    label: str
    voices: float
    usual: float
    is_so: bool


def unplanted(
    nights: Sequence[NightSeen], events: Sequence[Event], world: World, items: Collection[Item]
) -> Iterator[Unplanted]:
    """What nothing planted explains, beside the true counts of what it is about."""
    voices = _voices(items)
    for night in nights:
        for told in night.told or ():
            is_of_voices = not told.ways.isdisjoint((*BURSTS, *TRENDS)) and told.ways.isdisjoint(_REAL)
            if is_of_voices and not _is_explained(night.day, told, events, world):
                labels = [label for label in told.about if label] or [""]
                found = [_beside_truth(night.day, told, label, voices) for label in labels]
                yield next((one for one in found if one.is_so), found[0])


def _is_explained(day: date, told: Told, events: Sequence[Event], world: World) -> bool:
    if any(is_of(told, event) and event.night <= day <= event.last + LATER for event in events if not event.is_silent):
        return True
    if any(plant.label in told.about and _explains(plant, told, day) for plant in world.plants):
        return True
    return "fading" in told.ways and any(
        label in told.about and first <= day <= last + LATER for label, (first, last) in world.gone.items()
    )


def _explains(plant: Plant, told: Told, day: date) -> bool:
    """What is shouted by one account explains nothing."""
    if plant.account:
        return False
    if "fading" in told.ways:
        return plant.last <= day <= plant.last + FADES
    return plant.first <= day <= plant.last + LATER


def _voices(items: Collection[Item]) -> Mapping[tuple[str, date], Counter[str]]:
    """label and day -> whom it was heard from."""
    found: dict[tuple[str, date], Counter[str]] = {}
    for item in items:
        for label in item.labels:
            found.setdefault((label, item.day), Counter())[item.voice] += 1
    return found


def _beside_truth(day: date, told: Told, label: str, voices: Mapping[tuple[str, date], Counter[str]]) -> Unplanted:
    known = min(_WEEKS + 1, ((day - FIRST_DAY).days + 1) // 7)
    weeks = [_week(label, day - timedelta(days=7 * ago), voices) for ago in range(known)]
    recent = 4 if not told.ways.isdisjoint(TRENDS) else 1
    lately, usual = fmean(weeks[:recent]), fmean(weeks[recent:])
    ratio = _TRUE_TREND if recent > 1 else _TRUE_BURST
    if "fading" in told.ways:
        is_so = usual * recent >= _LEAST and lately * ratio <= usual
    else:
        is_so = lately * recent >= _LEAST and lately >= ratio * usual
    return Unplanted(day=day, told=told, label=label, voices=lately, usual=usual, is_so=is_so)


def _week(label: str, last: date, voices: Mapping[tuple[str, date], Counter[str]]) -> int:
    """Distinct voices in the seven days that end with `last`."""
    heard = [voices.get((label, last - timedelta(days=ago)), Counter[str]()) for ago in range(7)]
    return len({voice for day in heard for voice in day})
