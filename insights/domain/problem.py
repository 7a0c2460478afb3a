"""The lasting nouns: problems, decisions on them, and the issues that carry them."""

import re
from collections.abc import Sequence
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


class Action(StrEnum):
    ACCEPT = "accept"
    DISMISS = "dismiss"
    SNOOZE = "snooze"
    UNDO = "undo"
    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    RENAME = "rename"
    ESTIMATE = "estimate"
    SHIP = "ship"


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
    it into a theme."""

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
    estimate: Estimate | None = None
    snoozed_until: date | None = None
    merged_into: int | None = None
    exported: tuple["ExportLink", ...] = field(default=())
    named_by: str | None = None
    theme_id: int | None = None

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
    problem became by it; None where it stayed what it was, and in rows of version 0.1."""

    id: int
    problem_id: int
    action: Action
    who: str
    at: datetime
    why: str | None = None
    until: date | None = None
    undoes: int | None = None
    state: State | None = None

    @property
    def gives(self) -> State | None:
        """The state that this decision, not an undo, gives the problem; None where it leaves it."""
        return None if self.action is Action.UNDO else STATE_AFTER.get(self.action, self.state)


def standing(history: Sequence[Decision], *, without: int | None = None) -> Decision | None:
    """The latest decision that was not undone and gives the problem its state."""
    undone = {decision.undoes for decision in history} | {without}
    kept = [decision for decision in history if decision.gives and decision.id not in undone]
    return kept[-1] if kept else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLink:
    """The issue that carries a problem: one per problem and tracker."""

    problem_id: int
    tracker: str
    external_id: str
    url: str | None
    exported_at: datetime
