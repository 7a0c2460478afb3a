"""The lasting nouns: problems, decisions on them, and the issues that carry them."""

import re
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
    MERGED = "merged"


class Action(StrEnum):
    ACCEPT = "accept"
    DISMISS = "dismiss"
    SNOOZE = "snooze"
    UNDO = "undo"


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
    decision, so that two people cannot overwrite each other in silence."""

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
    """Accept, dismiss, snooze or undo; append-only. `undoes` names the decision that an undo takes back."""

    id: int
    problem_id: int
    action: Action
    who: str
    at: datetime
    why: str | None = None
    until: date | None = None
    undoes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLink:
    """The issue that carries a problem: one per problem and tracker."""

    problem_id: int
    tracker: str
    external_id: str
    url: str | None
    exported_at: datetime
