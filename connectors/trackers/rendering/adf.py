"""An issue's body in the Atlassian Document Format, which Jira Cloud takes in version 3 of its API.

Text nodes are never read as mark-up, so that words stay as they were said; only our links are marked as such. The
format: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

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

Node = dict[str, Any]

_MARKS = {Style.STRONG: "strong", Style.EMPHASIS: "em", Style.CODE: "code"}
_LISTS = {Kind.BULLETS: "bulletList", Kind.NUMBERS: "orderedList"}


def adf(body: str, *, limit: int | None = None) -> Node:
    """A document whose JSON has at most `limit` bytes of UTF-8."""
    return fitted(parsed(body), _document, limit=limit, size=adf_size)


def text_node(text: str, *, marks: Sequence[Node] = ()) -> Node:
    """Words in a document."""
    return {"type": "text", "text": text, **({"marks": list(marks)} if marks else {})}


def document_of(nodes: Sequence[Node]) -> Node:
    """A document of these blocks."""
    return {"version": 1, "type": "doc", "content": list(nodes)}


def adf_size(document: Node) -> int:
    """Bytes of its JSON; of its text, which is what Jira counts, there are fewer."""
    return size_of(json.dumps(document, ensure_ascii=False))


def _document(blocks: Sequence[Block]) -> Node:
    return document_of([node for block in blocks for node in _nodes(block)])


def _nodes(block: Block) -> Iterator[Node]:
    if block.kind in _LISTS:
        yield from _list(block)
    elif block.kind is Kind.QUOTE:
        yield {"type": "blockquote", "content": _quoted(block)}
    elif block.kind is Kind.HEADING:
        content = _inline(without_breaks(block.spans))
        yield {"type": "heading", "attrs": {"level": block.level}, "content": content}
    elif block.kind is Kind.CODE:
        text = "\n".join("".join(span.text for span in spans) for spans in grouped_lines(block.spans))
        yield {"type": "codeBlock", "content": [text_node(text)] if text else []}
    elif block.kind is Kind.RULE:
        yield {"type": "rule"}
    else:
        yield _paragraph(block)


def _paragraph(block: Block) -> Node:
    return {"type": "paragraph", "content": _inline(block.spans)}


def _list(block: Block) -> Iterator[Node]:
    items = [{"type": "listItem", "content": list(_item(item))} for item in block.children]
    if items:
        yield {"type": _LISTS[block.kind], "content": items}


def _item(item: Block) -> Iterator[Node]:
    """Begins with a paragraph, as items must; headings and quotations in it become paragraphs, which it may hold."""
    if not item.children or item.children[0].kind in _LISTS:
        yield {"type": "paragraph", "content": []}
    for block in item.children:
        if block.kind in _LISTS:
            yield from _list(block)
        else:
            yield from (_paragraph(leaf) for leaf in leaves_of([block]) if leaf.spans)


def _quoted(block: Block) -> list[Node]:
    """Paragraphs, which are all that every version of the format lets a quotation hold."""
    return [_paragraph(leaf) for leaf in leaves_of(block.children)] or [{"type": "paragraph", "content": []}]


def _inline(spans: Sequence[Span]) -> list[Node]:
    return [_span(span) for span in spans]


def _span(span: Span) -> Node:
    if span.text == BREAK:
        return {"type": "hardBreak"}
    marks: list[Node] = [{"type": "link", "attrs": {"href": span.link}}] if span.link else []
    if span.style in _MARKS:
        marks.append({"type": _MARKS[span.style]})
    return text_node(span.text, marks=marks)
