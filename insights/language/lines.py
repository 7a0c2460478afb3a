"""Remarks as prompts show them: one a line, no text twice, some a question. Pure."""

from collections.abc import Mapping, Sequence

from insights.domain.feedback import Mention
from insights.text.clean import one_line

Lines = Mapping[str, Sequence[int]]
"""What a remark reads like on its line -> the mentions that read so. Their order gives the numbers, from 1."""


def in_batches(mentions: Sequence[Mention], *, size: int, longest: int) -> list[Lines]:
    """In the order of the mentions, so that after a kill the same remarks stand together."""
    ids: dict[str, list[int]] = {}
    for mention in mentions:
        ids.setdefault(one_line(mention.text, longest), []).append(mention.id)
    texts = list(ids)
    return [{text: ids[text] for text in texts[start : start + size]} for start in range(0, len(texts), size)]
