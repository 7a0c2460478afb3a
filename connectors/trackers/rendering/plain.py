"""An issue's body as plain text, for whatever shows no mark-up."""

from collections.abc import Iterator, Sequence

from connectors.trackers.rendering.document import Block, Kind, Span, grouped_lines, parsed
from connectors.trackers.rendering.fitting import fitted, size_of
from connectors.trackers.rendering.words import inert


def plain(body: str, *, limit: int | None = None) -> str:
    """Lines of words, at most `limit` bytes; no mention, reference, address or command in them acts."""
    return fitted(parsed(body), lambda blocks: "\n".join(_blocks(blocks)), limit=limit, size=size_of)


def _blocks(blocks: Sequence[Block]) -> Iterator[str]:
    for place, block in enumerate(blocks):
        if place:
            yield ""
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    if block.kind is Kind.QUOTE:
        yield from (f"> {line}".rstrip() for line in _blocks(block.children))
    elif block.kind in {Kind.BULLETS, Kind.NUMBERS}:
        yield from _items(block)
    elif block.kind is Kind.RULE:
        yield "———"
    else:
        yield from map(_line, grouped_lines(block.spans))


def _items(block: Block) -> Iterator[str]:
    for number, item in enumerate(block.children, 1):
        mark = "•" if block.kind is Kind.BULLETS else f"{number}."
        for place, line in enumerate(_blocks(item.children)):
            yield f"{mark} {line}" if not place else f"{' ' * (len(mark) + 1)}{line}".rstrip()


def _line(spans: Sequence[Span]) -> str:
    text = "".join(span.text for span in spans)
    told = [inert(text.strip(), True)]
    told += [f"<{link}>" for link in dict.fromkeys(span.link for span in spans if span.link)]
    return " ".join(one for one in told if one)
