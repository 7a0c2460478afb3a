"""The lasting nouns: problems, decisions on them, and the issues that carry them."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from insights.domain.estimate import Estimate
from insights.domain.feedback import Stance
from insights.errors import ExitCode, InsightsError


class State(StrEnum):
    """Where a problem stands, folded from its decisions."""

    INBOX = "inbox"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"
    SHIPPED = "shipped"
    MERGED = "merged"


class Column(StrEnum):
    """Of the board, for what was accepted. What is dismissed is its "Won't"."""

    NOW = "now"
    NEXT = "next"
    LATER = "later"


class Action(StrEnum):
    ACCEPT = "accept"
    PLACE = "place"
    DISMISS = "dismiss"
    SNOOZE = "snooze"
    UNDO = "undo"
    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    RENAME = "rename"
    ESTIMATE = "estimate"
    SHIP = "ship"


COLUMN_TITLES = {Column.NOW: "Now", Column.NEXT: "Next", Column.LATER: "Later"}

STATE_AFTER = {
    Action.ACCEPT: State.ACCEPTED,
    Action.DISMISS: State.DISMISSED,
    Action.SNOOZE: State.SNOOZED,
    Action.SHIP: State.SHIPPED,
}

CORRECTIONS = frozenset({Action.MERGE, Action.SPLIT, Action.MOVE, Action.RENAME})
"""What people decide about the grouping, not about a problem's worth."""

LONGEST_REASON = 2000
"""Characters of why somebody decided so; the rest is cut."""

PAST = {
    Action.ACCEPT: "accepted",
    Action.PLACE: "placed",
    Action.DISMISS: "dismissed",
    Action.SNOOZE: "snoozed",
    Action.UNDO: "taken back",
    Action.MERGE: "merged",
    Action.SPLIT: "split",
    Action.MOVE: "moved an item",
    Action.RENAME: "renamed",
    Action.ESTIMATE: "estimated",
    Action.SHIP: "shipped",
}
TOLD = PAST | {Action.SHIP: "recorded as shipped"}
"""The same beside the day of the decision, which is not the day of the release."""


class Movement(StrEnum):
    """How mentions develop, from counts per week."""

    NEW = "new"
    GROWING = "growing"
    FADING = "fading"
    STEADY = "steady"


def problem_ref(problem_id: int) -> str:
    """The name people use: P-12."""
    return f"P-{problem_id}"


def parse_problem_ref(text: str) -> int:
    """The id behind P-12, p12 or 12. Raises InsightsError for anything else."""
    match = re.fullmatch(r"\s*(?:[Pp]-?)?([0-9]{1,12})\s*", text)
    if match is None:
        raise InsightsError(
            f"{text!r} is not a problem's id.",
            remedy="Write it as P-12; `insights problems` lists them.",
            exit_code=ExitCode.USAGE,
        )
    return int(match.group(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A group that earned a lasting id. Counts are distinct items and distinct accounts. `version` rises with every
    decision, so that two people cannot overwrite each other in silence. `named_by` is who gave it its title, None where
    the program did. `exported` holds the links of problems merged into it, too. `theme_id` is None until a run has put
    it into a theme. `column` and `place` say where an accepted one stands on the board, None in any other state; a
    smaller place is higher, None is by rank, after those that were placed. `is_spike`: its last week holds far more
    items than those before let expect. `is_changed`: words and figures are of before a correction, or there are none
    yet; the next run makes them."""

    id: int
    title: str
    summary: str
    described_by: str
    stance: Stance
    state: State
    version: int
    first_seen: datetime
    last_seen: datetime
    items: int
    accounts: int
    mentions: int
    weekly: tuple[int, ...] = ()
    weeks_end: date | None = None
    movement: Movement = Movement.STEADY
    is_spike: bool = False
    estimate: Estimate | None = None
    snoozed_until: date | None = None
    merged_into: int | None = None
    exported: tuple["ExportLink", ...] = field(default=())
    named_by: str | None = None
    theme_id: int | None = None
    column: Column | None = None
    place: float | None = None
    is_changed: bool = False

    @property
    def ref(self) -> str:
        return problem_ref(self.id)


def awaits_decision(problem: Problem, today: date) -> bool:
    """In the inbox, or snoozed until a day that has come, or until it grows and it does."""
    if problem.state is not State.SNOOZED:
        return problem.state is State.INBOX
    if problem.snoozed_until is None:
        return problem.movement is Movement.GROWING
    return problem.snoozed_until <= today


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one person decided; append-only. `undoes` names the decision that an undo takes back, `state` is what the
    problem became by it; None where it stayed what it was, and in rows of version 0.1. `column` and `place` say where
    on the board it put the problem. Decisions that were made as one share a `batch`. `redoes` names the undo that this
    one takes back: it repeats what that had undone."""

    id: int
    problem_id: int
    action: Action
    who: str
    at: datetime
    why: str | None = None
    until: date | None = None
    undoes: int | None = None
    state: State | None = None
    column: Column | None = None
    place: float | None = None
    batch: int | None = None
    redoes: int | None = None

    @property
    def gives(self) -> State | None:
        """The state that this decision, not an undo, gives the problem; None where it leaves it."""
        return None if self.action is Action.UNDO else STATE_AFTER.get(self.action, self.state)


def standing(history: Sequence[Decision], *, without: Collection[int] = ()) -> Decision | None:
    """The latest decision that was not undone and gives the problem its state."""
    kept = [decision for decision in _not_undone(history, without) if decision.gives]
    return kept[-1] if kept else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a problem is by its decisions: state, end of a snooze, and its spot on the board where it is accepted."""

    state: State = State.INBOX
    until: date | None = None
    column: Column | None = None
    place: float | None = None


def fold(history: Sequence[Decision], *, without: Collection[int] = ()) -> Standing:
    """What the decisions that were not undone make of a problem, oldest first; `without` are taken as undone, too."""
    last = standing(history, without=without)
    if last is None or last.gives is None:
        return Standing()
    if last.gives is not State.ACCEPTED:
        return Standing(state=last.gives, until=last.until)
    column, place = spot(history, without=without)
    return Standing(state=last.gives, until=last.until, column=column, place=place)


def spot(history: Sequence[Decision], *, without: Collection[int] = ()) -> tuple[Column, float | None]:
    """Where on the board the latest decision that stands and names a column puts a problem; Next where none does, as
    in what was accepted before there was a board."""
    kept = [decision for decision in _not_undone(history, without) if decision.column is not None]
    return (kept[-1].column or Column.NEXT, kept[-1].place) if kept else (Column.NEXT, None)


def _not_undone(history: Sequence[Decision], without: Collection[int]) -> list[Decision]:
    undone = {decision.undoes for decision in history} | set(without)
    return [one for one in history if one.action is not Action.UNDO and one.id not in undone]


def done_in_words(decision: Decision, words: Mapping[Action, str] = PAST) -> str:
    """What was decided: "accepted to Now", "placed in Later", "dismissed", and "again" where it was redone."""
    link = {Action.ACCEPT: " to ", Action.PLACE: " in "}.get(decision.action)
    where = f"{link}{COLUMN_TITLES[decision.column]}" if link and decision.column else ""
    return f"{words[decision.action]}{where}{' again' if decision.redoes else ''}"


class Progressed(StrEnum):
    """How far the work on an issue is."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"
    """Closed without being done: not planned, a duplicate, rejected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLink:
    """The issue that carries a problem: one per problem and tracker. How it stood when it was read last, `seen_at`,
    None where it never was: `status`, `assignee` and `estimate` are the tracker's own words. `is_gone` where it was
    deleted there. `key` is what we gave it for an id, `block_digest` stands for what we filed last."""

    problem_id: int
    tracker: str
    external_id: str
    url: str | None
    exported_at: datetime
    progress: Progressed = Progressed.OPEN
    status: str = ""
    assignee: str = ""
    estimate: str = ""
    due_on: date | None = None
    closed_on: date | None = None
    seen_at: datetime | None = None
    is_gone: bool = False
    key: str = ""
    block_digest: str = ""


def progress_of(links: Iterable[ExportLink]) -> Progressed | None:
    """Of a problem that several issues carry: open while one is, else done if one is; None where none is left."""
    seen = {link.progress for link in links if not link.is_gone}
    return next((one for one in (Progressed.OPEN, Progressed.DONE, Progressed.DROPPED) if one in seen), None)
