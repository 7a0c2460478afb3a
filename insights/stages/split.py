"""Cut items into mentions, spans that state one thing each, and tell problems from praise, questions and noise."""

from insights.domain.feedback import Feedback, FeedbackKind
from insights.ports import Progress
from insights.storage.mentions import Span
from insights.storage.repository import Repository
from insights.text.sentences import mention_spans
from insights.text.stance import classify

BATCH = 500
# A score says how somebody feels about all of it; on a text of many mentions it says little about each.
SCORED = (FeedbackKind.NPS, FeedbackKind.REVIEW)


def split(repository: Repository, *, progress: Progress) -> int:
    """Split what is protected but not yet split. Returns how many items."""
    total = repository.feedback.count_unsplit()
    done = 0
    while batch := repository.feedback.unsplit(BATCH):
        repository.mentions.save(_spans(batch))
        done += len(batch)
        progress("splitting into mentions", done, total)
    return done


def _spans(items: list[Feedback]) -> dict[int, list[Span]]:
    cut = [(item, start, end) for item in items for start, end in mention_spans(item.redacted or "")]
    texts = [(item.redacted or "")[start:end] for item, start, end in cut]
    scores = [item.score if item.kind in SCORED else None for item, _, _ in cut]
    spans: dict[int, list[Span]] = {item.id: [] for item in items}
    for (item, start, end), (stance, confidence) in zip(cut, classify(texts, scores=scores), strict=True):
        spans[item.id].append(Span(start, end, stance, confidence))
    return spans
