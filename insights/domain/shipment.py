"""What was shipped for a problem, what had been predicted of it, and which items tell of it."""

from dataclasses import dataclass
from datetime import date, datetime

from insights.domain.estimate import Estimate
from insights.domain.feedback import FeedbackKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """A problem's release, as its decision says it. `weeks` is the work that it took, in weeks of one engineer; None
    where nobody said. `problem_id` is the problem on which it was decided, which may have been merged since."""

    problem_id: int
    decision_id: int
    shipped_on: date
    weeks: float | None
    who: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The estimate as it stood when the problem was accepted."""

    problem_id: int
    made_at: datetime
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One item that states a problem or request; `day` counts from 1970."""

    problem_id: int
    feedback_id: int
    day: int
    source: str
    kind: FeedbackKind
    account_id: int | None
