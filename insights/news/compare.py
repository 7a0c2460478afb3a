"""What changed from one night to the next. Pure: the night before and what is found now make the night that is kept.

An event is told once: an alarm by the night that told it, a move when the rank is told anew, a verdict when it changes;
and nothing of one kind twice of one problem within four weeks, but an alarm that reopens. What is dismissed or snoozed
makes no news; an alarm of it that is still open is told when that ends.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from insights.config import Alerts
from insights.domain.alarm import RECENT_WEEKS, Alarm, AlarmKind
from insights.domain.lineage import Event, LineageEntry
from insights.domain.night import Drivers, News, NewsKind, Night, Reason, Seen
from insights.domain.problem import State
from insights.news.moves import MOST_TOLD, Move, moves_of
from insights.news.reasons import reasons_of
from insights.news.snapshot import Snapshot

ONCE_IN = timedelta(days=28)
"""Nothing of one kind is told twice of one problem within this time."""

REGROUPED_LEAST = 5
"""Items of a problem whose merge or split by the grouping is told. In half a year of the sample firm 77 of 87 merged
and all 13 split off had fewer, most of them two (`benchmarks/replay.py`)."""

_KINDS = {
    AlarmKind.NEW: NewsKind.NEW,
    AlarmKind.SPIKE: NewsKind.SPIKING,
    AlarmKind.GROWTH: NewsKind.GROWING,
    AlarmKind.FADING: NewsKind.FADING,
}
_VERDICTS = {NewsKind.FELL.value: NewsKind.FELL, NewsKind.STAYED.value: NewsKind.STAYED}
_SEVERITY = ("wish", "annoys", "hurts", "blocks")
_RESTS = (State.DISMISSED, State.SHIPPED)
_ORDER = tuple(NewsKind)

Then = Callable[[int, int], Drivers]
"""Of a problem, and the run whose night told its rank last: what its return rested on then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What tonight found. `regrouped` are the merges and splits by the grouping since the night before, `heirs` merged
    problem -> the one that stands for it in the end, `reopened` those whose shipment their tracker took back,
    `verdicts` problem -> what can be said of its release (fell, stayed or nothing yet), and its words."""

    run_id: int
    at: datetime
    snapshot: Snapshot
    regrouped: Sequence[LineageEntry] = ()
    heirs: Mapping[int, int] = field(default_factory=dict)
    reopened: frozenset[int] = frozenset()
    verdicts: Mapping[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.at.date()

    @property
    def problems(self) -> Mapping[int, Seen]:
        return self.snapshot.problems


def night_of(before: Night | None, found: Found, *, alerts: Alerts, renewal_days: int, then: Then) -> Night:
    """What is kept of tonight. The first night has no news: it says what there is, not what changed."""
    if before is None:
        return _kept(found, {number: _first(number, seen, found) for number, seen in found.problems.items()}, (), {})
    told = _Told(before, found.today)
    moved = _moved(before, found, alerts, told, renewal_days=renewal_days, then=then)
    every = [
        *_of_alarms(before, found, alerts),
        *_reopened(found),
        *_of_grouping(before, found, alerts),
        *_woken(before, found),
        *moved.news,
        *_of_verdicts(before, found),
    ]
    news = sorted(told.once(every), key=lambda one: _place(one, found))
    judged = {one.problem_id for one in news if one.kind.value in _VERDICTS}
    problems = {
        number: _next(
            number, seen, before, found, alerts, is_settled=number in moved.settled, is_judged=number in judged
        )
        for number, seen in found.problems.items()
    }
    return _kept(found, problems, news, told.after(news))


def _kept(
    found: Found,
    problems: Mapping[int, Seen],
    news: Sequence[News],
    told: Mapping[int, Mapping[NewsKind, date]],
) -> Night:
    snapshot = found.snapshot
    return Night(
        run_id=found.run_id,
        at=found.at,
        day=snapshot.day,
        problems=problems,
        news=tuple(news),
        settings=snapshot.settings,
        told=told,
    )


def _place(news: News, found: Found) -> tuple[float, int, int]:
    """Best rank first."""
    seen = found.problems.get(news.problem_id)
    rank = seen.rank if seen and seen.rank is not None else float("inf")
    return rank, news.problem_id, _ORDER.index(news.kind)


# -- once -----------------------------------------------------------------------------------------------------------


class _Told:
    """What was told lately, and is not told again for now."""

    def __init__(self, before: Night, today: date) -> None:
        self._before = before
        self._today = today

    def is_recent(self, problem_id: int, kind: NewsKind) -> bool:
        day = self._before.told.get(problem_id, {}).get(kind)
        return day is not None and self._today - day < ONCE_IN

    def once(self, every: Iterable[News]) -> list[News]:
        """Without what was told already, tonight or lately; an alarm that reopened is told."""
        found: dict[tuple[int, NewsKind], News] = {}
        for one in every:
            if one.times > 1 or not self.is_recent(one.problem_id, one.kind):
                found.setdefault((one.problem_id, one.kind), one)
        return list(found.values())

    def after(self, news: Iterable[News]) -> dict[int, dict[NewsKind, date]]:
        """The same after tonight; what is old enough to be told again is left out."""
        kept = {
            number: {kind: day for kind, day in days.items() if self.is_recent(number, kind)}
            for number, days in self._before.told.items()
        }
        for one in news:
            kept.setdefault(one.problem_id, {})[one.kind] = self._today
        return {number: days for number, days in kept.items() if days}


# -- who makes news -------------------------------------------------------------------------------------------------


def is_muted(seen: Seen) -> bool:
    """Dismissed, or snoozed and not due yet."""
    return seen.state in (State.DISMISSED, State.MERGED) or (seen.state is State.SNOOZED and not seen.waits)


def is_small(seen: Seen, alerts: Alerts) -> bool:
    """Below what alerts are wanted for. How severe nobody told is no reason to be silent."""
    if (seen.value or 0.0) < alerts.least_value:
        return True
    severity = seen.drivers.severity
    if not alerts.least_severity or severity not in _SEVERITY:
        return False
    return _SEVERITY.index(severity) < _SEVERITY.index(alerts.least_severity)


def _is_silent(seen: Seen, alerts: Alerts) -> bool:
    return is_muted(seen) or is_small(seen, alerts)


def _hears_alarms(seen: Seen, alerts: Alerts) -> bool:
    """One that shipped is heard of whatever it is worth: it is worth little once it is mended."""
    return not (is_muted(seen) if seen.state is State.SHIPPED else _is_silent(seen, alerts))


# -- alarms ---------------------------------------------------------------------------------------------------------


def _of_alarms(before: Night, found: Found, alerts: Alerts) -> Iterator[News]:
    for number, seen in found.problems.items():
        if not _hears_alarms(seen, alerts):
            continue
        for alarm in _due(seen, before.problems.get(number), found.snapshot.day):
            kind = _kind_of(alarm, seen)
            if kind is not None:
                yield _alarmed(number, alarm, kind, found.today)


def _due(seen: Seen, old: Seen | None, day: date) -> Iterator[Alarm]:
    """Alarms that tonight told and no other night of the same day, and those that were not told while they rang."""
    known = {_identity(alarm) for alarm in old.alarms} if old else set()
    hushed = old.hushed if old else ()
    for alarm in seen.alarms:
        is_fresh = alarm.told_on == day and _identity(alarm) not in known
        if is_fresh or (alarm.is_open and alarm.kind in hushed):
            yield alarm


def _identity(alarm: Alarm) -> tuple[AlarmKind, date, int]:
    return alarm.kind, alarm.told_on, alarm.times


def _kind_of(alarm: Alarm, seen: Seen) -> NewsKind | None:
    """None where it is told otherwise: that a mended problem fades is for its outcome to say."""
    if seen.state is not State.SHIPPED:
        return _KINDS[alarm.kind]
    if alarm.kind is AlarmKind.FADING:
        return None
    return NewsKind.BACK if alarm.is_burst else _KINDS[alarm.kind]


def _alarmed(number: int, alarm: Alarm, kind: NewsKind, today: date) -> News:
    """Voices of one week, or of four."""
    weeks, heard = (1, float(alarm.week)) if alarm.is_burst else (RECENT_WEEKS, alarm.lately * RECENT_WEEKS)
    usual = round(alarm.usual * weeks, 2)
    return News(problem_id=number, kind=kind, day=today, before=usual, after=round(heard, 2), times=alarm.times)


def _hushed(seen: Seen, old: Seen | None, day: date, alerts: Alerts) -> tuple[AlarmKind, ...]:
    if _hears_alarms(seen, alerts):
        return ()
    return tuple(dict.fromkeys(alarm.kind for alarm in _due(seen, old, day) if alarm.is_open))


# -- what happened to problems --------------------------------------------------------------------------------------


def _reopened(found: Found) -> Iterator[News]:
    for number in sorted(found.reopened):
        if number in found.problems and not is_muted(found.problems[number]):
            yield News(problem_id=number, kind=NewsKind.BACK, day=found.today)


def _of_grouping(before: Night, found: Found, alerts: Alerts) -> Iterator[News]:
    for entry in found.regrouped:
        old, new = before.problems.get(entry.problem_id), found.problems.get(entry.problem_id)
        other = found.heirs.get(entry.other_id or 0, entry.other_id)
        if entry.event is Event.MERGED and old and not new and _is_of_note(old, alerts):
            yield News(problem_id=entry.problem_id, kind=NewsKind.MERGED, day=found.today, other_id=other)
        if entry.event is Event.SPLIT and new and not old and _is_of_note(new, alerts):
            yield News(problem_id=entry.problem_id, kind=NewsKind.SPLIT, day=found.today, other_id=other)


def _is_of_note(seen: Seen, alerts: Alerts) -> bool:
    """Where somebody decided on it, or it is no mere handful of items: what the grouping does to these is its own
    housekeeping."""
    return not _is_silent(seen, alerts) and (seen.items >= REGROUPED_LEAST or seen.state is not State.INBOX)


def _woken(before: Night, found: Found) -> Iterator[News]:
    for number, seen in found.problems.items():
        old = before.problems.get(number)
        if old and old.state is seen.state is State.SNOOZED and seen.waits and not old.waits:
            yield News(problem_id=number, kind=NewsKind.WOKE, day=found.today)


def _of_verdicts(before: Night, found: Found) -> Iterator[News]:
    for number, (verdict, words) in found.verdicts.items():
        seen, old = found.problems.get(number), before.problems.get(number)
        if seen and seen.state is State.SHIPPED and verdict in _VERDICTS and verdict != _said(old):
            yield News(problem_id=number, kind=_VERDICTS[verdict], day=found.today, words=words)


def _said(old: Seen | None) -> str:
    """The verdict that stands; what was said before a release was taken back is no verdict on the next one."""
    return old.verdict if old and old.state is State.SHIPPED else ""


# -- ranks ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Moved:
    """The moves of tonight. `settled` are the problems whose rank counts as told though it was not: what changed
    settings moved, what nobody asks for, and moves that are too many or cannot be explained."""

    news: tuple[News, ...]
    settled: frozenset[int]


def _moved(before: Night, found: Found, alerts: Alerts, told: _Told, *, renewal_days: int, then: Then) -> _Moved:
    if found.snapshot.settings != before.settings:
        return _Moved((), frozenset(found.problems))
    quiet = {one for one, seen in found.problems.items() if seen.state in _RESTS or _is_silent(seen, alerts)}
    moves = moves_of(
        {
            number: before.problems[number]
            for number in found.problems
            if number in before.problems and number not in quiet and not told.is_recent(number, NewsKind.MOVED)
        },
        found.problems,
        least=alerts.least_rank_move,
    )
    moves.sort(key=lambda one: (-(found.problems[one.problem_id].value or 0.0), one.problem_id))
    explained = []
    for move in moves:
        rested = then(move.problem_id, before.problems[move.problem_id].told_run or before.run_id)
        rests = found.problems[move.problem_id].drivers
        reasons = reasons_of(rested, rests, renewal_days=renewal_days, is_up=move.is_up)
        if reasons:
            since = before.problems[move.problem_id].told_on
            explained.append(_told_move(move, reasons, found.today, since=since))
    return _Moved(tuple(explained[:MOST_TOLD]), frozenset(quiet) | {move.problem_id for move in moves})


def _told_move(move: Move, reasons: Sequence[Reason], today: date, *, since: date | None) -> News:
    return News(
        problem_id=move.problem_id,
        kind=NewsKind.MOVED,
        day=today,
        before=move.before,
        after=move.after,
        reasons=move.with_others(reasons),
        since=since,
    )


# -- what is kept ---------------------------------------------------------------------------------------------------


def _first(number: int, seen: Seen, found: Found) -> Seen:
    """As a problem is kept that is seen for the first time; what can be said of it is said by that."""
    verdict = found.verdicts.get(number, ("", ""))[0] if seen.state is State.SHIPPED else ""
    return replace(_rank_told(seen, found), verdict=verdict)


def _rank_told(seen: Seen, found: Found) -> Seen:
    return replace(seen, told_rank=seen.rank, told_roi=seen.roi, told_run=found.run_id, told_on=found.today)


def _next(
    number: int, seen: Seen, before: Night, found: Found, alerts: Alerts, *, is_settled: bool, is_judged: bool
) -> Seen:
    old = before.problems.get(number)
    hushed = _hushed(seen, old, found.snapshot.day, alerts)
    verdict = (found.verdicts[number][0] if is_judged else _said(old)) if seen.state is State.SHIPPED else ""
    if is_settled or old is None or old.told_rank is None:
        return replace(_rank_told(seen, found), hushed=hushed, verdict=verdict)
    return replace(
        seen,
        told_rank=old.told_rank,
        told_roi=old.told_roi,
        told_run=old.told_run,
        told_on=old.told_on,
        hushed=hushed,
        verdict=verdict,
    )
