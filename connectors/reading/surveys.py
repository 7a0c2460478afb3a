"""Answers to surveys that ask how likely somebody is to recommend: a score from 0 to 10, and why."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.reading.changes import Gone
from connectors.reading.threads import Said, thread_text
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import ExitCode, InsightsError

HIGHEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What one person answered. `known` is what the survey's link carried of them, by name."""

    id: str
    at: datetime | None
    score: float | None = None
    comments: tuple[str, ...] = ()
    email: str | None = None
    known: Mapping[str, str]
    name: str | None = None
    url: str | None = None


def nps_record(
    answered: Answered, *, source: str, account: Iterable[str], email: Iterable[str]
) -> FeedbackRecord | Gone:
    """`account` and `email` name the values that say who it was, the surest first. An answer without a comment is no
    feedback, as in a file: one that had a comment is Gone."""
    text = thread_text(Said(text=comment) for comment in answered.comments)
    if not text:
        return Gone(answered.id)
    known = {name.casefold(): " ".join(value.split()) for name, value in answered.known.items()}
    hints = dict.fromkeys(filter(None, (known.get(name.casefold()) for name in account)))
    return FeedbackRecord(
        source=source,
        source_id=answered.id,
        kind=FeedbackKind.NPS,
        text=text,
        created_at=answered.at,
        author_name=answered.name or known.get("name"),
        author_email=next(filter(None, (known.get(name.casefold()) for name in email)), None) or answered.email,
        account="\n".join(hints) or None,
        score=answered.score,
        url=answered.url,
    )


def words_of(value: Any) -> dict[str, str]:
    """The named values of a link that are words or numbers."""
    found = value if isinstance(value, dict) else {}
    return {
        str(name): str(one) for name, one in found.items() if isinstance(one, str | int | float) and str(one).strip()
    }


def score_in(value: Any) -> float | None:
    """A score from 0 to 10; None where there is none, or another one."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= HIGHEST else None


def only_number_in(text: Any) -> int | None:
    """10 of "10 - very likely"; None where there is no number or there are several."""
    found = re.findall(r"\d+", str(text))
    return int(found[0]) if len(found) == 1 else None


def is_zero_to_ten(numbers: Iterable[int | None]) -> bool:
    return sorted(-1 if one is None else one for one in numbers) == list(range(HIGHEST + 1))


def no_score(name: str, survey: str) -> InsightsError:
    return InsightsError(
        f"{name}: no question of {survey} asks for a number from 0 to 10.",
        remedy=f'Name the one that does: score = "…" of {name} in insights.toml.',
        exit_code=ExitCode.USAGE,
    )
