"""One run of the analysis: what it did, what it cost, where it stopped."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

OFFLINE = "offline"
"""Whose words they are where no model was asked; a model is named as "openai:MODEL"."""


class RunStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Exists before work starts. `counts` are named totals, `spend_usd` what model calls cost."""

    id: int
    started_at: datetime
    status: RunStatus
    mode: str
    finished_at: datetime | None = None
    stage: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    spend_usd: float = 0.0
    failures: tuple[str, ...] = ()
