"""What changed since the last digest: which problems are new, grow or fade, what was decided, what waits.

`changes` loads and `digest_of` decides; nothing is written. Words from outside are cleaned of what acts on a
terminal; escaping them for Markdown or a page is the renderer's part.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from insights.digest.opening import Opening, offline_opening
from insights.domain.estimate import Range
from insights.domain.feedback import FeedbackKind, Stance
from insights.domain.figures import counted
from insights.domain.problem import (
    CORRECTIONS,
    TOLD,
    Action,
    Decision,
    Movement,
    Problem,
    State,
    awaits_decision,
    done_in_words,
    problem_ref,
    spot,
)
from insights.domain.run import Run, RunStatus
from insights.storage.repository import Repository
from insights.text.clean import one_line

WEEKS = 26
NEW_ITEMS = "protected"
"""The count under which a run keeps how many items it saw first or saw changed."""
SETTLED = "settled"
"""The count under which a run keeps how many mentions had waited for a problem and found one."""
TITLE_LIMIT = 160
_EFFECT_DAYS = 14
"""A decision younger than this, counted from the newest item, explains no trend over four weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One problem in a list: what it is, how it moved in words, and what it is worth. `note` adds what was done."""

    problem_id: int
    ref: str
    title: str
    state: State
    movement: Movement
    change: str
    items: int
    accounts: int
    weekly: tuple[int, ...]
    rank: int | None = None
    value: Range | None = None
    roi: Range | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The first few lines of a list, and how many there are in all."""

    lines: tuple[Line, ...] = ()
    total: int = 0

    @property
    def more(self) -> int:
        return self.total - len(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision of the period that still stands, or the undo of an older one; `words` say what was done."""

    problem_id: int
    ref: str
    title: str
    action: Action
    who: str
    at: datetime
    why: str = ""
    until: date | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What the figures rest on. Praise, questions and noise are counted here and ranked nowhere. `unassigned` are
    mentions that wait for a problem, `settled` those that had waited and found one in the period; None where no run
    says."""

    items: int = 0
    items_since: int | None = None
    by_kind: dict[FeedbackKind, int] = field(default_factory=dict)
    by_stance: dict[Stance, int] = field(default_factory=dict)
    unassigned: int = 0
    unassigned_items: int = 0
    settled: int | None = None
    uncertain_accounts: int = 0
    redacted: int = 0
    newest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What changed between `since` (None: the beginning) and `now`; `opening` tells it in one sentence. `decided` is
    newest first."""

    opening: Opening
    headline: str
    since: datetime | None
    now: datetime
    new: Shortlist
    growing: Shortlist
    fading: Shortlist
    waiting: Shortlist
    decided: tuple[Decided, ...]
    decided_total: int
    data: Data
    run: Run | None
    troubles: tuple[str, ...] = ()
    """What is wrong with sources, each with the command that mends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a digest is made of. `runs` are newest first; `decisions` are all there ever were, oldest first."""

    problems: Sequence[Problem]
    decisions: Sequence[Decision] = ()
    counts: dict[str, int] = field(default_factory=dict)
    runs: Sequence[Run] = ()
    newest: datetime | None = None
    unassigned_items: int = 0


def changes(
    repository: Repository,
    *,
    since: datetime | None,
    now: datetime,
    limit: int = 5,
    troubles: Sequence[str] = (),
) -> Digest:
    """The digest of the time since `since`, with at most `limit` entries in each list; `troubles` are told first."""
    loaded = Loaded(
        problems=repository.problems.all(weeks=WEEKS),
        decisions=repository.decisions.since(None),
        counts=repository.feedback.counts(),
        runs=repository.runs.recent(400),
        newest=repository.feedback.last_day(),
        unassigned_items=repository.placements.items_waiting(),
    )
    return replace(digest_of(loaded, since=since, now=now, limit=limit), troubles=tuple(troubles))


def digest_of(loaded: Loaded, *, since: datetime | None, now: datetime, limit: int = 5) -> Digest:
    """Decide what is told. Pure."""
    accepted = _accepted_at(loaded.decisions)
    told = [p for p in loaded.problems if p.state not in (State.DISMISSED, State.MERGED)]
    waiting = [problem for problem in loaded.problems if awaits_decision(problem, now.date())]
    decided = _decided(loaded.decisions, {problem.id: problem for problem in loaded.problems}, since)

    def shortlist(movement: Movement, weight: Callable[[Problem], int]) -> Shortlist:
        found = [problem for problem in told if problem.movement is movement]
        return _shortlist(sorted(found, key=weight, reverse=True), accepted, limit)

    digest = Digest(
        opening=Opening(""),
        headline="",
        since=since,
        now=now,
        new=shortlist(Movement.NEW, lambda problem: problem.items),
        growing=shortlist(Movement.GROWING, lambda problem: _recent(problem) - _before(problem)),
        fading=shortlist(Movement.FADING, lambda problem: _before(problem) - _recent(problem)),
        waiting=_shortlist(waiting, accepted, limit),
        decided=tuple(decided[:limit]),
        decided_total=len(decided),
        data=_data(loaded, since),
        run=loaded.runs[0] if loaded.runs else None,
    )
    return replace(digest, opening=offline_opening(digest), headline=_headline(digest))


# -- problems ---------------------------------------------------------------------------------------------------


def _shortlist(problems: Sequence[Problem], accepted: dict[int, datetime], limit: int) -> Shortlist:
    return Shortlist(tuple(_line(problem, accepted) for problem in problems[:limit]), len(problems))


def _line(problem: Problem, accepted: dict[int, datetime]) -> Line:
    estimate = problem.estimate
    return Line(
        problem_id=problem.id,
        ref=problem.ref,
        title=one_line(problem.title, TITLE_LIMIT),
        state=problem.state,
        movement=problem.movement,
        change=change_in_words(problem),
        items=problem.items,
        accounts=problem.accounts,
        weekly=problem.weekly,
        rank=estimate.rank if estimate else None,
        value=estimate.value if estimate else None,
        roi=estimate.roi if estimate else None,
        note=_note(problem, accepted.get(problem.id)),
    )


def change_in_words(problem: Problem) -> str:
    """How the last four weeks compare with the four before, in counts of items."""
    recent, before = _recent(problem), _before(problem)
    if problem.movement is Movement.NEW:
        return f"{counted(recent, 'item')} in the last 4 weeks, {before} before"
    if problem.movement in (Movement.GROWING, Movement.FADING):
        return f"{before} → {recent} in four weeks"
    return f"{counted(recent, 'item')} in the last 4 weeks, {before} in the 4 before"


def _recent(problem: Problem) -> int:
    return sum(problem.weekly[-4:])


def _before(problem: Problem) -> int:
    return sum(problem.weekly[-8:-4])


def _note(problem: Problem, accepted: datetime | None) -> str:
    """What was done before the problem faded, where it was done early enough to have had an effect."""
    if problem.movement is not Movement.FADING or problem.weeks_end is None:
        return ""
    latest = problem.weeks_end - timedelta(days=_EFFECT_DAYS)
    filed = min((link.exported_at for link in problem.exported), default=None)
    for what, moment in (("filed", filed), ("accepted", accepted)):
        if moment is not None and moment.date() <= latest:
            return f"fading since it was {what} on {moment:%Y-%m-%d}"
    return ""


# -- decisions --------------------------------------------------------------------------------------------------


def _accepted_at(decisions: Sequence[Decision]) -> dict[int, datetime]:
    """problem id -> when it was accepted, where that stands, or was followed by its release."""
    gave = [decision for decision in _standing(decisions) if decision.gives]
    latest = {decision.problem_id: decision.gives for decision in gave}
    accepted = {decision.problem_id: decision.at for decision in gave if decision.gives is State.ACCEPTED}
    return {n: at for n, at in accepted.items() if latest[n] in (State.ACCEPTED, State.SHIPPED)}


def _standing(decisions: Sequence[Decision]) -> list[Decision]:
    undone = {decision.undoes for decision in decisions if decision.action is Action.UNDO}
    return [d for d in decisions if d.action is not Action.UNDO and d.id not in undone]


def _decided(decisions: Sequence[Decision], problems: dict[int, Problem], since: datetime | None) -> list[Decided]:
    """The last word of the period on each problem and on its grouping, newest first. What was decided and taken back
    within the period is left out: nothing came of it."""
    recent = [one for one in decisions if (since is None or one.at > since) and not _only_reorders(one, decisions)]
    own = {decision.id for decision in recent}
    kept = _standing(recent) + [d for d in recent if d.action is Action.UNDO and d.undoes not in own]
    about = {decision.id: decision.action in CORRECTIONS for decision in decisions}
    last: dict[tuple[int, bool], Decision] = {}
    for one in sorted(kept, key=lambda decision: decision.id):
        key = one.problem_id, about[one.undoes or one.id]
        last[key] = _after(last.get(key), one)
    newest_first = sorted(last.values(), key=lambda decision: decision.id, reverse=True)
    return [_decided_line(decision, problems.get(decision.problem_id)) for decision in newest_first]


def _only_reorders(decision: Decision, decisions: Sequence[Decision]) -> bool:
    """A place in the column that a problem was in already is no news."""
    if decision.action is not Action.PLACE:
        return False
    before = [one for one in decisions if one.problem_id == decision.problem_id and one.id < decision.id]
    return spot(before)[0] is decision.column


def _after(before: Decision | None, decision: Decision) -> Decision:
    """What was accepted and moved on within the period is told as accepted to where it is."""
    if decision.action is Action.PLACE and before is not None and before.action is Action.ACCEPT:
        return replace(before, column=decision.column)
    return decision


def _decided_line(decision: Decision, problem: Problem | None) -> Decided:
    return Decided(
        problem_id=decision.problem_id,
        ref=problem_ref(decision.problem_id),
        title=one_line(problem.title, TITLE_LIMIT) if problem else "(no longer has evidence)",
        action=decision.action,
        who=one_line(decision.who, 60),
        at=decision.at,
        why=one_line(decision.why or "", 300),
        until=decision.until,
        words=done_in_words(decision, TOLD),
    )


# -- data -------------------------------------------------------------------------------------------------------


def _data(loaded: Loaded, since: datetime | None) -> Data:
    counts = loaded.counts
    return Data(
        items=counts.get("items", 0),
        items_since=_items_since(loaded, since),
        by_kind=_by(FeedbackKind, counts, "items"),
        by_stance=_by(Stance, counts, "mentions"),
        unassigned=counts.get("mentions.unassigned", 0),
        unassigned_items=loaded.unassigned_items,
        settled=_summed(SETTLED, loaded.runs, since),
        uncertain_accounts=counts.get("items.uncertain_account", 0),
        redacted=counts.get("redacted", 0),
        newest=loaded.newest,
    )


def _by(names: Any, counts: dict[str, int], prefix: str) -> dict[Any, int]:
    found = {name: counts.get(f"{prefix}.{name}", 0) for name in names}
    return {name: number for name, number in found.items() if number}


def _items_since(loaded: Loaded, since: datetime | None) -> int | None:
    """Items that were new or changed in the runs of the period; None where no run says."""
    if since is None:
        return loaded.counts.get("items", 0)
    return _summed(NEW_ITEMS, loaded.runs, since)


def _summed(name: str, runs: Sequence[Run], since: datetime | None) -> int | None:
    """A count of the runs of the period; None where none of them has it."""
    said = [run.counts[name] for run in runs if (since is None or run.started_at > since) and name in run.counts]
    return sum(said) if said else None


def _headline(digest: Digest) -> str:
    """One sentence: what moved, what waits, and whether the last run failed."""
    parts = [
        words
        for words in (
            _moved(digest.new, "is new", "are new"),
            _moved(digest.growing, "grows", "grow"),
            _moved(digest.fading, "fades", "fade"),
        )
        if words
    ]
    parts = parts or ["no problem is new, grows or fades"]
    parts.append(f"{digest.waiting.total} {'waits' if digest.waiting.total == 1 else 'wait'} for a decision")
    run = digest.run
    if run is not None and run.status is RunStatus.STOPPED:
        parts.append(f"the last run stopped{f' at {run.stage}' if run.stage else ''}")
    elif run is not None and run.failures:
        parts.append("the last run had failures")
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _moved(shortlist: Shortlist, one: str, several: str) -> str:
    """ "3 grow (P-12 most)"; empty where there are none."""
    if not shortlist.total:
        return ""
    first = shortlist.lines[0].ref if shortlist.lines else ""
    if shortlist.total == 1:
        return f"{first or '1 problem'} {one}"
    return f"{shortlist.total} problems {several}{f' ({first} most)' if first else ''}"
