"""What came of a replay, as Markdown."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from statistics import median

import numpy as np

from benchmarks.replay_firm import Item, World
from benchmarks.replay_judge import Outcome, alike, outcome_of, told_twice, unplanted
from benchmarks.replay_seen import NightSeen, Told
from benchmarks.replay_stories import BURSTS, DOUBLED_NIGHTS, Event

_EVERY = 30
_MB = 1e6
_HEARTBEAT = 7
WAITS = "unfiled"
"""Is said in every digest until it is filed, and makes none."""


def pages(
    nights: Sequence[NightSeen], events: Sequence[Event], *, world: World, items: Collection[Item]
) -> Iterator[str]:
    """Events, nights, what else was told, time and size."""
    yield from _events([outcome_of(event, nights) for event in events])
    yield ""
    yield from _nights(nights)
    yield ""
    yield from _others(nights, events, world=world, items=items)
    yield ""
    yield from _costs(nights)


def _events(outcomes: Sequence[Outcome]) -> Iterator[str]:
    right = sum(one.is_right for one in outcomes)
    yield f"**{right} of {len(outcomes)} planted events were told as they should be.**"
    yield ""
    yield "| planted | problem or source | from night | within | told on | after | right | problems that told it |"
    yield "| --- | --- | --- | ---: | --- | ---: | --- | ---: |"
    for one in sorted(outcomes, key=lambda one: one.event.night):
        yield f"| {' | '.join(_cells(one))} |"


def _cells(one: Outcome) -> Iterator[str]:
    event = one.event
    yield event.what
    yield event.label
    yield f"{event.night:%m-%d}"
    yield f"silent for {event.within}" if event.is_silent else f"{event.within}"
    yield f"{one.on:%m-%d}" if one.on else f"not told, found {one.kept:%m-%d}" if one.kept else "–"
    yield f"{one.nights}" if one.nights is not None else "–"
    yield "yes" if one.is_right else "**no**"
    yield f"{one.problems}"


def _nights(nights: Sequence[NightSeen]) -> Iterator[str]:
    sent = [night for night in nights if night.told is not None]
    ways = Counter(told.way for night in sent for told in night.told or () if told.way != WAITS)
    beats = [night for night in sent[1:] if all(told.way == WAITS for told in night.told or ())]
    moved = [told for night in sent for told in night.told or () if "moved" in told.ways]
    silent = len(nights) - len(sent)
    yield f"{len(nights)} nights: {len(sent)} digests, {len(beats)} of them heartbeats, one the first; {silent} silent."
    yield f"Longest time without a digest: {_longest_silence(nights)} nights (a heartbeat comes after {_HEARTBEAT})."
    yield f"Told in all: {', '.join(f'{count} {way}' for way, count in ways.most_common())}."
    named = Counter(way.removeprefix("moved: ") for told in moved for way in told.ways if way != "moved")
    yield f"Reasons of moves in rank: {', '.join(f'{count} {name}' for name, count in named.most_common())}."
    yield f"Moves in rank without a reason: {sum(len(told.ways) == 1 for told in moved)} of {len(moved)}."
    cut = sum(_is_cut(told, night) for night in sent for told in night.found)
    yield f"Found and beyond the first of a list, so in no digest: {cut}."


def _is_cut(found: Told, night: NightSeen) -> bool:
    return all(found.mark != told.mark for told in night.told or ())


def _longest_silence(nights: Sequence[NightSeen]) -> int:
    longest = now = 0
    for night in nights:
        now = now + 1 if night.told is None else 0
        longest = max(longest, now)
    return longest


def _others(
    nights: Sequence[NightSeen], events: Sequence[Event], *, world: World, items: Collection[Item]
) -> Iterator[str]:
    twice, near = told_twice(nights), alike(nights)
    yield f"Told twice: {len(twice)}. Told of one problem in the same way within four weeks: {len(near)}."
    yield from (f"- {day}: {told.way} of P-{told.problem_id} ({_about(told)})" for day, told in (*twice, *near))
    doubled = [told for night in nights if night.day in DOUBLED_NIGHTS for told in night.told or ()]
    bursts = [told for told in doubled if not told.ways.isdisjoint(BURSTS)]
    yield f"New, spiking or back in the week that doubled as a whole: {len(bursts)}."
    found = list(unplanted(nights, events, world, items))
    false = [one for one in found if not one.is_so]
    yield f"Told of voices and planted by nobody: {len(found)}, of which {len(false)} the true counts do not bear out."
    if found:
        yield ""
        yield "| night | told | problem | about | true voices a week | usual | so |"
        yield "| --- | --- | --- | --- | ---: | ---: | --- |"
    for one in found:
        yield (
            f"| {one.day:%m-%d} | {one.told.way} | P-{one.told.problem_id} | {one.label or 'no problem'} | "
            f"{one.voices:.1f} | {one.usual:.1f} | {'yes' if one.is_so else 'no'} |"
        )


def _about(told: Told) -> str:
    return ", ".join(sorted(filter(None, told.about))) or "nothing that is a problem"


def _costs(nights: Sequence[NightSeen]) -> Iterator[str]:
    seconds, cpu = [night.seconds for night in nights], [night.cpu_seconds for night in nights]
    yield "| a night | median | P95 | longest | all |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name, some in (("seconds", seconds), ("CPU seconds", cpu)):
        p95 = float(np.percentile(some, 95))
        yield f"| {name} | {median(some):.2f} | {p95:.2f} | {max(some):.2f} | {sum(some):.0f} |"
    yield ""
    yield "| after night | problems | database | vectors |"
    yield "| ---: | ---: | ---: | ---: |"
    for number, night in enumerate(nights, 1):
        if number % _EVERY == 0 or number in (1, len(nights)):
            sizes = f"{night.database_bytes / _MB:.1f} MB | {night.vectors_bytes / _MB:.1f} MB"
            yield f"| {number} | {night.problems} | {sizes} |"
