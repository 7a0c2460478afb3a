"""Cut items into mentions, spans that state one thing each, and tell problems from praise, questions and noise.

What a form or macro adds to many items of a source is in no mention. It is counted over the source whenever some of it
waits to be split; what was found once stays known, as hashes under one key of the workspace. Items that were split
before keep their mentions.
"""

import json
from collections import defaultdict

from insights.domain.feedback import Feedback, FeedbackKind, Stance
from insights.ports import Progress
from insights.storage.mentions import Span
from insights.storage.repository import Repository
from insights.text.boilerplate import MOST_COUNTED, Boilerplate, find_boilerplate, stated_spans
from insights.text.sentences import mention_spans
from insights.text.stance import classify

BATCH = 500
# A score says how somebody feels about all of it; on a text of many mentions it says little about each.
SCORED = (FeedbackKind.NPS, FeedbackKind.REVIEW)
BOILERPLATE = "boilerplate"
"""What is kept: source -> hashes, hexadecimal."""


def split(repository: Repository, *, progress: Progress) -> int:
    """Split what is protected but not yet split. Returns how many items."""
    total = repository.feedback.count_unsplit()
    boilerplate = _known_boilerplate(repository, progress=progress)
    done = 0
    while batch := repository.feedback.unsplit(BATCH):
        repository.mentions.save(_spans(batch, boilerplate))
        done += len(batch)
        progress("splitting into mentions", done, total)
    return done


def _known_boilerplate(repository: Repository, *, progress: Progress) -> dict[str, Boilerplate]:
    """By source: what was known, and what the sources with something to split share by now."""
    stored = json.loads(repository.get_meta(BOILERPLATE) or "{}")
    known: defaultdict[str, Boilerplate] = defaultdict(frozenset)
    known |= {source: frozenset(int(code, 16) for code in codes) for source, codes in stored.items()}
    sources = repository.feedback.unsplit_sources()
    for done, source in enumerate(sources):
        progress("looking for boilerplate", done, len(sources))
        known[source] |= find_boilerplate(repository.feedback.redacted_copies(source, limit=MOST_COUNTED))
    if sources:
        codes = {source: sorted(f"{code:016x}" for code in found) for source, found in sorted(known.items())}
        repository.set_meta(BOILERPLATE, json.dumps(codes))
    return known


def _spans(items: list[Feedback], boilerplate: dict[str, Boilerplate]) -> dict[int, list[Span]]:
    stated = {item.id: stated_spans(item.redacted or "", boilerplate[item.source]) for item in items}
    cut = [(item, start, end) for item in items for start, end in stated[item.id]]
    texts = [(item.redacted or "")[start:end] for item, start, end in cut]
    scores = [item.score if item.kind in SCORED else None for item, _, _ in cut]
    spans = {item.id: [] if stated[item.id] else _nothing_stated(item.redacted or "") for item in items}
    for (item, start, end), (stance, confidence) in zip(cut, classify(texts, scores=scores), strict=True):
        spans[item.id].append(Span(start, end, stance, confidence))
    return spans


def _nothing_stated(text: str) -> list[Span]:
    """An item of nothing but boilerplate is noise, not lost; one without words has no mention."""
    spans = mention_spans(text)
    return [Span(spans[0][0], spans[-1][1], Stance.NOISE, 1.0)] if spans else []
