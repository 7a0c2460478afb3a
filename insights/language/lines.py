"""Remarks as prompts show them: one a line, no text twice, some a question. Pure."""

from collections.abc import Mapping, Sequence

from insights.domain.feedback import Mention
from insights.language.completions import estimated_tokens
from insights.text.clean import one_line

Lines = Mapping[str, Sequence[int]]
"""What a remark reads like on its line -> the mentions that read so. Their order gives the numbers, from 1."""

_MARK_TOKENS = 4
"""The number before each line."""


def how_many_fit(lines: Sequence[str], *, tokens: int, most: int | None = None) -> int:
    """Of the first lines, at least one: as many as take about so many tokens with their numbers, at most `most`."""
    left = tokens
    for number, line in enumerate(lines):
        left -= estimated_tokens(line) + _MARK_TOKENS
        if number and (left < 0 or number == most):
            return number
    return len(lines)


def in_batches(mentions: Sequence[Mention], *, size: int, tokens: int, longest: int) -> list[Lines]:
    """At most `size` remarks and about so many tokens each, `longest` characters a remark. In the order of the
    mentions, so that after a kill the same remarks stand together."""
    ids: dict[str, list[int]] = {}
    for mention in mentions:
        ids.setdefault(one_line(mention.text, longest), []).append(mention.id)
    batches: list[dict[str, Sequence[int]]] = []
    left = 0
    for text, some in ids.items():
        cost = estimated_tokens(text) + _MARK_TOKENS
        if not batches or len(batches[-1]) == size or cost > left:
            batches.append({})
            left = tokens
        batches[-1][text] = some
        left -= cost
    return list(batches)
