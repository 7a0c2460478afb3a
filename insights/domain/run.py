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

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs, and where it was stopped."""
        return None if self.finished_at is None else (self.finished_at - self.started_at).total_seconds()

    @property
    def reasons(self) -> tuple[str, ...]:
        """What went wrong, in words."""
        return tuple(_IN_WORDS.get(failure, failure) for failure in self.failures)


_IN_WORDS = {
    "KeyboardInterrupt": "It was stopped by hand.",
    "MemoryError": "The memory did not suffice.",
    "BrokenPipeError": "Whoever read its output went away.",
}
"""Exceptions that carry no words of their own, as a run that they ended keeps them."""

_BY_MODEL = ("kinds_changed", "kinds_distilled", "severity_distilled", "stated", "merged", "parted")
_DID = ("joined", "born", "settled", "described", "ranked", *_BY_MODEL)


def was_interrupted(run: Run) -> bool:
    """Whether a person ended it."""
    return run.status is RunStatus.STOPPED and run.failures[-1:] == ("KeyboardInterrupt",)


def did(run: Run) -> str:
    """What it did, in counts: joined 1,288, born 51."""
    named = [f"{name.replace('_', ' ')} {count:,}" for name, count in run.counts.items() if count and name in _DID]
    return ", ".join(named) or "nothing was new"


def status_in_words(run: Run) -> str:
    """done; or stopped at group."""
    return f"{run.status.value} at {run.stage}" if run.stage else run.status.value
