"""An issue's Markdown as blocks of plain words, which each tracker's rendering starts from.

CommonMark without HTML and images. What a text says is taken from what a reader would see of it: words that were made
literal come out as they were written, and every rendering makes them literal again in its own way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from insights.text.addresses import web_address
from insights.text.clean import sanitise

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

BREAK = "\n"
"""The text of a span that is a line's end and nothing else."""


class Style(StrEnum):
    """How words look. One at a time: trackers differ in what they make of two."""

    PLAIN = "plain"
    STRONG = "strong"
    EMPHASIS = "emphasis"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Span:
    """Words of one look, on one line; or a BREAK. `link` is an address of http or https, empty for none."""

    text: str
    style: Style = Style.PLAIN
    link: str = ""


class Kind(StrEnum):
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    CODE = "code"
    """Lines as they are, each a span, with breaks between."""
    RULE = "rule"
    BULLETS = "bullets"
    NUMBERS = "numbers"
    ITEM = "item"
    """Of bullets or numbers, and nowhere else."""
    QUOTE = "quote"


LEAVES = frozenset({Kind.PARAGRAPH, Kind.HEADING, Kind.CODE, Kind.RULE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Leaves have spans, the others children. `level` is that of a heading, 1 to 6."""

    kind: Kind
    spans: tuple[Span, ...] = ()
    children: tuple["Block", ...] = ()
    level: int = 0


Blocks = tuple[Block, ...]

_CONTAINERS = {
    "bullet_list": Kind.BULLETS,
    "ordered_list": Kind.NUMBERS,
    "list_item": Kind.ITEM,
    "blockquote": Kind.QUOTE,
}
_STYLES = {"strong_open": Style.STRONG, "em_open": Style.EMPHASIS}


def parsed(body: str) -> Blocks:
    """The blocks of an issue's body. Never raises; linear in the length of a body whose outside words are literal."""
    open_blocks: list[tuple[Block, list[Block]]] = [(Block(kind=Kind.QUOTE), [])]
    level = 0
    for token in _parser().parse(body):
        name = token.type.removesuffix("_open").removesuffix("_close")
        if name in _CONTAINERS and token.nesting == 1:
            open_blocks.append((Block(kind=_CONTAINERS[name]), []))
        elif name in _CONTAINERS:
            block, children = open_blocks.pop()
            open_blocks[-1][1].append(replace(block, children=tuple(children)))
        elif name == "heading":
            level = int(token.tag[1:]) if token.nesting == 1 else 0
        else:
            open_blocks[-1][1].extend(_leaves(token, level))
    return tuple(open_blocks[0][1])


def _leaves(token: "Token", level: int) -> Iterator[Block]:
    if token.type == "inline":
        spans = tuple(_merged(_spans(token.children or ())))
        if spans:
            yield Block(kind=Kind.HEADING if level else Kind.PARAGRAPH, spans=spans, level=level)
    elif token.type in {"fence", "code_block"}:
        yield Block(kind=Kind.CODE, spans=tuple(_lines(token.content)))
    elif token.type == "hr":
        yield Block(kind=Kind.RULE)


def _spans(tokens: "Sequence[Token]") -> Iterator[Span]:
    styles: list[Style] = []
    link = ""
    for token in tokens:
        if token.type in _STYLES:
            styles.append(_STYLES[token.type])
        elif token.type in {"strong_close", "em_close"}:
            styles.pop()
        elif token.type in {"link_open", "link_close"}:
            link = web_address(str(token.attrGet("href") or ""))
        elif token.type == "hardbreak":
            yield Span(BREAK)
        else:
            text = " " if token.type == "softbreak" else _one_line(token.content)
            yield Span(text, Style.CODE if token.type == "code_inline" else _style(styles), link)


def _style(styles: Sequence[Style]) -> Style:
    return Style.STRONG if Style.STRONG in styles else styles[-1] if styles else Style.PLAIN


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    """Neighbours of one look as one; no empty ones, no spaces at the ends of a line."""
    line: list[Span] = []
    for span in spans:
        if span.text == BREAK:
            if line:
                yield from (*_trimmed(line), span)
            line = []
        elif line and replace(line[-1], text=span.text) == span:
            line[-1] = replace(span, text=line[-1].text + span.text)
        elif span.text:
            line.append(span)
    yield from _trimmed(line)


def _trimmed(line: list[Span]) -> list[Span]:
    kept = [span for span in line if span.text]
    while kept and not kept[0].text.strip():
        kept.pop(0)
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[0] = replace(kept[0], text=kept[0].text.lstrip())
        kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip())
    return kept


def _lines(content: str) -> Iterator[Span]:
    for number, line in enumerate(sanitise(content).rstrip("\n").split("\n")):
        if number:
            yield Span(BREAK)
        if line:
            yield Span(line.replace("\t", "    ").rstrip(), Style.CODE)


def _one_line(text: str) -> str:
    return sanitise(text).replace("\n", " ").replace("\t", " ")


@cache
def _parser() -> "MarkdownIt":
    # A third of a second that whoever files nothing must not wait.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "linkify": False})


def text_of(blocks: Sequence[Block]) -> str:
    """The words alone, a leaf a line."""
    return "\n".join("".join(span.text for span in leaf.spans) for leaf in leaves_of(blocks))


def leaves_of(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        if block.kind in LEAVES:
            yield block
        else:
            yield from leaves_of(block.children)


def grouped_lines(spans: Sequence[Span]) -> list[list[Span]]:
    """The spans of each line."""
    lines: list[list[Span]] = [[]]
    for span in spans:
        if span.text == BREAK:
            lines.append([])
        else:
            lines[-1].append(span)
    return lines


def without_breaks(spans: Sequence[Span]) -> list[Span]:
    """The spans of all lines as one line."""
    return [Span(" ") if span.text == BREAK else span for span in spans]
