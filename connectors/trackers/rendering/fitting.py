"""Cut an issue's body to what a tracker takes, at the ends of blocks, and say so."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from connectors.trackers.rendering.document import LEAVES, Block, Blocks, Kind, Span, Style, text_of
from insights.text.clean import one_line

CUT = "… Cut here: the tracker takes no more. The rest is in insights."
LEAST_LIMIT = 400
"""What a limit must be at least: the note, with any tracker's mark-up around it."""
_LONG = 2000
"""Characters from which one paragraph is cut inside rather than left out."""

Rendered = TypeVar("Rendered")


def size_of(text: str) -> int:
    """Bytes of UTF-8. Trackers count characters, UTF-16 units or bytes; none of them counts more than these."""
    return len(text.encode("utf-8"))


def fitted(
    blocks: Sequence[Block],
    render: Callable[[Sequence[Block]], Rendered],
    *,
    limit: int | None,
    size: Callable[[Rendered], int],
) -> Rendered:
    """The rendering of all blocks; where that is larger than `limit`, of as many as fit, with a note at the end."""
    if limit is not None and limit < LEAST_LIMIT:
        raise ValueError(f"no body fits into {limit} characters")
    whole = len(text_of(blocks))
    if limit is None or whole <= limit:
        rendered = render(blocks)
        if limit is None or size(rendered) <= limit:
            return rendered
    note = Block(kind=Kind.PARAGRAPH, spans=(Span(CUT, Style.EMPHASIS),))
    low, high, best = 0, min(whole, limit) + 1, render((note,))
    while high - low > 1:
        middle = (low + high) // 2
        rendered = render((*_first(blocks, middle)[0], note))
        if size(rendered) <= limit:
            low, best = middle, rendered
        else:
            high = middle
    return best


def _first(blocks: Sequence[Block], room: int) -> tuple[Blocks, int, bool]:
    """Blocks from the first on that hold at most `room` characters, what is left of the room, and whether they are
    all."""
    kept: list[Block] = []
    for block in blocks:
        if block.kind in LEAVES:
            part, room, is_whole = _leaf(block, room)
        else:
            children, room, is_whole = _first(block.children, room)
            part = replace(block, children=children) if children else None
        if part is not None:
            kept.append(part)
        if not is_whole:
            return tuple(kept), room, False
    return tuple(kept), room, True


def _leaf(block: Block, room: int) -> tuple[Block | None, int, bool]:
    length = sum(len(span.text) for span in block.spans)
    if length <= room:
        return block, room - length, True
    if length < _LONG or not room:
        return None, 0, False
    kept: list[Span] = []
    for span in block.spans:
        if len(span.text) > room:
            kept.append(replace(span, text=one_line(span.text, room)))
            break
        kept.append(span)
        room -= len(span.text)
    spans = tuple(span for span in kept if span.text)
    return (replace(block, spans=spans) if spans else None), 0, False
