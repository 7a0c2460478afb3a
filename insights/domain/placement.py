"""Where a mention stands in the grouping, how it came there, and what waits."""

from dataclasses import dataclass
from datetime import datetime

from insights.domain.feedback import Stance

BY_RULE = "rule"
"""Placed by: a rule that a person made, which a run kept to."""

OUT, UNTOLD = "taken out", "untold"
"""Why a mention has no problem, beside what a run finds: a person took it out; an older version did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """One mention of an item and its place. `similarity` is its cosine to the middle of its problem, `nearer_than` the
    share of the problem's other mentions that lie further off. `waits` is why it has no problem, `runner_up` the next
    nearest problem, `copy_of` the mention whose near copy it is, `also` further problems that it states. `is_new`: no
    run has looked at it yet."""

    mention_id: int
    feedback_id: int
    text: str
    stance: Stance
    confidence: float
    created_at: datetime
    is_new: bool
    told_by: str | None = None
    problem_id: int | None = None
    similarity: float | None = None
    nearer_than: float | None = None
    placed_by: str | None = None
    waits: str | None = None
    runner_up: int | None = None
    runner_similarity: float | None = None
    copy_of: int | None = None
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many mentions, of how many items, wait for one reason."""

    reason: str
    mentions: int
    items: int
