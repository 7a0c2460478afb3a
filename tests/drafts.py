"""Feedback on its way into the database: name the fields that matter, the rest is filled in."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from insights.domain.feedback import AccountMatch, FeedbackKind, Stance
from insights.storage.feedback import Draft, Saved
from insights.storage.mentions import Span
from insights.storage.repository import Repository

RECEIVED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
WRITTEN = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)


def a_draft(text: str = "The export hangs.", *, number: int = 1, **fields: Any) -> Draft:
    """A ticket T-1 of a customer that nobody knows."""
    defaults: dict[str, Any] = {
        "source": "tickets",
        "source_id": f"T-{number}",
        "kind": FeedbackKind.TICKET,
        "text": text,
        "body": text,
        "created_at": WRITTEN,
        "account_id": None,
        "account_match": AccountMatch.NONE,
        "account_hint": None,
        "author_name": None,
        "author_email": None,
        "score": None,
        "url": None,
    }
    return Draft(**{**defaults, **fields})


def save(repository: Repository, *drafts: Draft) -> Saved:
    with repository.writing() as connection:
        return repository.feedback.save(drafts, connection=connection, received_at=RECEIVED)


def split_whole(repository: Repository, *, stance: Stance = Stance.PROBLEM) -> None:
    """Protect and split what waits: nothing is taken out, each item is one mention."""
    items = repository.feedback.unprotected(10_000)
    repository.feedback.save_redactions({item.id: (item.body, 0) for item in items})
    waiting = repository.feedback.unsplit(10_000)
    repository.mentions.save({item.id: [Span(0, len(item.body), stance, 1.0)] for item in waiting})


def texts(repository: Repository, ids: Sequence[int]) -> list[str]:
    found = repository.feedback.get(ids)
    return [found[number].text for number in ids if number in found]
