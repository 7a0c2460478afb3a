"""An issue's body as HTML: for Azure DevOps' descriptions, and as the XML that Asana takes for rich text.

Asana's tags and what may stand in what: https://developers.asana.com/docs/rich-text. Both make addresses in plain
words active by themselves, so that those have a joiner inside.
"""

from collections.abc import Sequence
from html import escape

from connectors.trackers.rendering.document import (
    BREAK,
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
from connectors.trackers.rendering.words import JOINER, inert

_TAGS = {Style.STRONG: "strong", Style.EMPHASIS: "em", Style.CODE: "code"}
_LISTS = {Kind.BULLETS: "ul", Kind.NUMBERS: "ol"}


def azure_html(body: str, *, limit: int | None = None) -> str:
    """HTML of at most `limit` bytes: paragraphs, headings, lists, quotations, our links; nothing else is a tag."""
    return fitted(parsed(body), _azure, limit=limit, size=size_of)


def asana_html(body: str, *, limit: int | None = None) -> str:
    """XML of at most `limit` bytes, in one `body` element; lines end where Asana shows them to end."""
    return fitted(parsed(body), lambda blocks: f"<body>{_asana(blocks)}</body>", limit=limit, size=size_of)


# -- Azure DevOps -----------------------------------------------------------------------------------------------


def _azure(blocks: Sequence[Block]) -> str:
    return "\n".join(map(_azure_block, blocks))


def _azure_block(block: Block) -> str:
    if block.kind in _LISTS:
        items = "".join(f"<li>{_azure_item(item)}</li>" for item in block.children)
        return f"<{_LISTS[block.kind]}>{items}</{_LISTS[block.kind]}>"
    if block.kind is Kind.QUOTE:
        return f"<blockquote>{_azure(block.children)}</blockquote>"
    if block.kind is Kind.RULE:
        return "<hr>"
    tag = {Kind.HEADING: "h3", Kind.CODE: "pre"}.get(block.kind, "p")
    return f"<{tag}>{_inline(block.spans, line_end='<br>')}</{tag}>"


def _azure_item(item: Block) -> str:
    """A lone paragraph without an element of its own, as a tight list shows it."""
    first, *rest = item.children or (Block(kind=Kind.PARAGRAPH),)
    if first.kind is not Kind.PARAGRAPH:
        return _azure(item.children)
    return _inline(first.spans, line_end="<br>") + _azure(rest)


# -- Asana ------------------------------------------------------------------------------------------------------


def _asana(blocks: Sequence[Block]) -> str:
    """Elements end a line by themselves; after words a line's end is written, and an empty line between two texts."""
    parts: list[str] = []
    is_after_text = False
    for block in blocks:
        is_text = block.kind in {Kind.PARAGRAPH, Kind.RULE}
        parts.append(("\n\n" if is_text else "\n") if is_after_text else "")
        parts.append(_asana_block(block))
        is_after_text = is_text
    return "".join(parts)


def _asana_block(block: Block) -> str:
    if block.kind in _LISTS:
        items = "".join(f"<li>{_asana_item(item)}</li>" for item in block.children)
        return f"<{_LISTS[block.kind]}>{items}</{_LISTS[block.kind]}>"
    if block.kind is Kind.QUOTE:
        # Neither lists nor headings may stand in one.
        texts = (_inline(leaf.spans, line_end="\n") for leaf in leaves_of(block.children))
        return "<blockquote>" + "\n".join(texts) + "</blockquote>"
    if block.kind is Kind.HEADING:
        tag = "h1" if block.level == 1 else "h2"
        return f"<{tag}>{_inline(without_breaks(block.spans), line_end=' ')}</{tag}>"
    if block.kind is Kind.CODE:
        text = "\n".join("".join(span.text for span in spans) for spans in grouped_lines(block.spans))
        return f"<pre>{_words(text)}</pre>"
    return "———" if block.kind is Kind.RULE else _inline(block.spans, line_end="\n")


def _asana_item(item: Block) -> str:
    """Its words on one line; of blocks only lists may stand in one."""
    texts = [leaf.spans for leaf in leaves_of([one for one in item.children if one.kind not in _LISTS])]
    lists = [_asana_block(one) for one in item.children if one.kind in _LISTS]
    return " ".join(_inline(without_breaks(spans), line_end=" ") for spans in texts) + "".join(lists)


# -- both -------------------------------------------------------------------------------------------------------


def _inline(spans: Sequence[Span], *, line_end: str) -> str:
    return "".join(line_end if span.text == BREAK else _span(span) for span in spans)


def _span(span: Span) -> str:
    tag = _TAGS.get(span.style)
    text = _words(span.text)
    marked = f"<{tag}>{text}</{tag}>" if tag else text
    return f'<a href="{escape(span.link)}">{marked}</a>' if span.link else marked


def _words(text: str) -> str:
    return escape(inert(text, True)).replace(JOINER, f"&#{ord(JOINER)};")
