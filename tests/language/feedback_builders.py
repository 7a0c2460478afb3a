"""Mentions and jobs for the tests of describing. Not a test."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from insights.domain.feedback import Mention, Stance
from insights.embedding.static import StaticEmbedder
from insights.language.jobs import Job

LABELS = (
    "Labels come out cropped on the Zebra printer.",
    "the zebra printer crops our shipping labels since Monday",
    "Shipping labels cropped on Zebra, right edge is missing.",
    "Every label is cropped at the right edge, barcode unreadable",
)
LOGIN = (
    "Single sign-on sends us round in circles since the certificate changed.",
    "SSO login loop after the new certificate",
    "After the certificate was renewed single sign-on loops forever, nobody can log in.",
)
EXPORT = (
    "CSV export times out on large lists",
    "Exporting the stock list to CSV never finishes, it times out after two minutes.",
    "The CSV export of our 60,000 orders times out every Friday.",
)


def mentions(texts: Sequence[str], *, first: int = 1, start: int = 0) -> list[Mention]:
    return [
        Mention(
            id=first + place,
            feedback_id=first + place,
            text=text,
            stance=Stance.PROBLEM,
            created_at=datetime(2026, 3, 1, tzinfo=UTC),
            start=start,
            account_id=first + place,
        )
        for place, text in enumerate(texts)
    ]


def a_job(problem_id: int, texts: Sequence[str], *, start: int = 0) -> Job:
    """Each problem's mentions have their own ids, from a hundred times its own."""
    vectors = StaticEmbedder().embed(texts) if texts else np.zeros((0, 256), dtype=np.float32)
    return Job(problem_id, mentions(texts, first=problem_id * 100, start=start), vectors)
