"""An issue's body as Textile, for Redmine where it is set to it.

Redmine looks for its own links, addresses, mentions and macros before it decodes character references: what is written
as one is none of them.
"""

import re
from collections.abc import Iterator, Sequence

from connectors.trackers.rendering.document import (
    Block,
    Kind,
    Span,
    Style,
    grouped_lines,
    leaves_of,
    parsed,
    without_breaks,
)
from connectors.trackers.rendering.fitting import fitted, size_of
from connectors.trackers.rendering.words import JOINER, inert_in_redmine

_MARKUP = re.compile(
    r'[@|<>\[\]{}*=#`\\"]'
    r"|&(?=[\w#])|:(?=\S)|!(?=\S)|\?(?=\?)"
    r"|(?<![^\W_])[-_+^~%](?=\S)|(?<=[^\W_])[_+^~%-](?![^\W_])"
    r"|(?<=[A-Z0-9])\(|^\("
)
_BLOCK_MARK = re.compile(r"(h\d|bq|p|table|fn\d{1,9})([^\w\s&])")
"""What a block of Redmine's begins with: h1. p(class). table(class)."""
_INDEX = {Kind.BULLETS: "*", Kind.NUMBERS: "#"}


def textile(body: str, *, limit: int | None = None) -> str:
    """Textile of at most `limit` bytes in which only our own headings, lists, quotations and links do anything."""
    return fitted(parsed(body), lambda blocks: "\n\n".join(map(_block, blocks)), limit=limit, size=size_of)


def _block(block: Block) -> str:
    if block.kind in _INDEX:
        return "\n".join(_items(block, _INDEX[block.kind]))
    if block.kind is Kind.QUOTE:
        return "\n".join(f"> {line}".rstrip() for line in _quoted(block))
    if block.kind is Kind.HEADING:
        return f"h{block.level}. {_line(without_breaks(block.spans))}"
    if block.kind is Kind.RULE:
        return "---"
    return "\n".join(map(_line, grouped_lines(block.spans)))


def _quoted(block: Block) -> Iterator[str]:
    """A quotation holds no lists and headings: their words stand in it as paragraphs."""
    for place, leaf in enumerate(leaves_of(block.children)):
        if place:
            yield ""
        yield from map(_line, grouped_lines(leaf.spans))


def _items(block: Block, mark: str) -> Iterator[str]:
    """An item is one line."""
    for item in block.children:
        leaves = leaves_of([one for one in item.children if one.kind not in _INDEX])
        yield f"{mark} {' '.join(_line(without_breaks(leaf.spans)) for leaf in leaves)}".rstrip()
        for nested in (one for one in item.children if one.kind in _INDEX):
            yield from _items(nested, mark + _INDEX[nested.kind])


def _line(spans: Sequence[Span]) -> str:
    parts: list[str] = []
    for place, span in enumerate(spans):
        after = spans[place + 1].text[:1] if place + 1 < len(spans) else ""
        parts.append(_span(span, before=parts[-1][-1:] if parts else "", after=after))
    return "".join(parts).strip()


def _span(span: Span, *, before: str, after: str) -> str:
    text = _words(span.text, is_start=not before)
    inner = text.strip()
    if not inner:
        return text
    lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    if span.link and not before.isalnum() and not (after.isalnum() and not tail):
        # A link ends at the first space, so that what follows directly would be part of its address.
        follows = "" if tail or not after or after.isspace() else " "
        return f'{lead}"{inner}":{span.link}{follows}{tail}'
    mark = "*" if span.style is Style.STRONG else "_" if span.style is Style.EMPHASIS else ""
    is_alone = (not before or before in " (") and not (after.isalnum() and not tail)
    return f"{lead}{mark}{inner}{mark}{tail}" if is_alone else text


def _words(text: str, *, is_start: bool) -> str:
    text = _MARKUP.sub(_reference, inert_in_redmine(text, is_start))
    if is_start and (found := _BLOCK_MARK.match(text)):
        text = f"{found[1]}&#{ord(found[2])};{text[found.end() :]}"
    return text.replace(JOINER, f"&#{ord(JOINER)};")


def _reference(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"
