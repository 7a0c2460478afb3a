"""Work that was done and took a known time."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedWork:
    """One finished issue of a tracker, by source and source id. `weeks` are a person's, above 0; `finished_on` is None
    where nobody told. Its words are kept without personal data."""

    source: str
    source_id: str
    title: str
    text: str
    weeks: float
    finished_on: date | None = None
