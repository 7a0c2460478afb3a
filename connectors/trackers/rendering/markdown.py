"""An issue's body as Markdown for GitHub, GitLab, Linear, Azure DevOps, and Redmine where it is set to CommonMark.

What a reader sees are the words as they were said. Characters that are mark-up are written as character references;
what trackers look for in the text as rendered has a joiner inside.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from connectors.trackers.rendering.document import Block, Kind, Span, Style, grouped_lines, parsed, without_breaks
from connectors.trackers.rendering.fitting import fitted, size_of
from connectors.trackers.rendering.words import JOINER, inert, inert_in_redmine

_MARKUP = re.compile(r"[\\`*~|<\[\]{}$^]|#(?=#*$)|(?<![^\W_])_|_(?![^\W_])|&(?=[\w#])|(?<=--)>")
_AT_START = re.compile(r"[>#+=:/-]|(?P<number>\d{1,9})(?P<dot>[.)])(?=\s|$)")
_BACKTICKS = re.compile("`+")


def gfm(body: str, *, limit: int | None = None) -> str:
    """Markdown of at most `limit` bytes in which only our own headings, lists, quotations and links do anything."""
    return _rendered(body, limit=limit, harmless=inert)


def redmine(body: str, *, limit: int | None = None) -> str:
    """The same for Redmine with CommonMark, whose own links (r12, commit:, user:, [[wiki]]) do nothing either."""
    return _rendered(body, limit=limit, harmless=inert_in_redmine)


Harmless = Callable[[str, bool], str]


def _rendered(body: str, *, limit: int | None, harmless: Harmless) -> str:
    def render(blocks: Sequence[Block]) -> str:
        return "\n".join(_blocks(blocks, harmless))

    return fitted(parsed(body), render, limit=limit, size=size_of)


def _blocks(blocks: Sequence[Block], harmless: Harmless) -> Iterator[str]:
    """Lines. Of two lists in a row the second has other marks: they would be one."""
    before, is_other = None, False
    for block in blocks:
        if before is not None:
            yield ""
        is_other = before is block.kind and not is_other
        yield from _block(block, harmless, is_other=is_other)
        before = block.kind


def _block(block: Block, harmless: Harmless, *, is_other: bool) -> Iterator[str]:
    if block.kind is Kind.QUOTE:
        yield from (f"> {line}".rstrip() for line in _blocks(block.children, harmless))
    elif block.kind in {Kind.BULLETS, Kind.NUMBERS}:
        yield from _items(block, harmless, is_other=is_other)
    elif block.kind is Kind.HEADING:
        yield f"{'#' * block.level} {_line(without_breaks(block.spans), harmless)}"
    elif block.kind is Kind.CODE:
        yield from _fence(block)
    elif block.kind is Kind.RULE:
        yield "___"  # dashes begin front matter in GitLab, and asterisks may be a bullet
    else:
        lines = [_line(spans, harmless) for spans in grouped_lines(block.spans)]
        yield from "\\\n".join(lines).split("\n")


def _items(block: Block, harmless: Harmless, *, is_other: bool) -> Iterator[str]:
    for number, item in enumerate(block.children, 1):
        mark = ("*" if is_other else "-") if block.kind is Kind.BULLETS else f"{number}{')' if is_other else '.'}"
        for place, line in enumerate(list(_blocks(item.children, harmless)) or [""]):
            before = f"{mark} " if not place else " " * (len(mark) + 1)
            yield f"{before}{line}".rstrip()


def _fence(block: Block) -> Iterator[str]:
    """Longer than any run of back-ticks inside. A command at a line's start acts in GitLab wherever it takes no fence
    for one: it is set in."""
    lines = ["".join(span.text for span in spans) for spans in grouped_lines(block.spans)]
    longest = max((len(run) for line in lines for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield fence
    yield from (f" {line}" if line.startswith("/") else line for line in lines)
    yield fence


def _line(spans: Sequence[Span], harmless: Harmless) -> str:
    parts: list[str] = []
    written = ""
    for span in spans:
        text = _code(span.text) if span.style is Style.CODE else _words(span.text, harmless, is_start=not parts)
        after = _after(spans, len(parts))
        marked = _marked(text, span.style, before=written[-1:], after=after)
        written = f"[{marked}]({_target(span.link)})" if span.link else marked
        parts.append(written)
    return "".join(parts)


def _after(spans: Sequence[Span], place: int) -> str:
    """The first character after a span, as far as emphasis cares."""
    following = spans[place + 1] if place + 1 < len(spans) else Span("")
    return following.text[:1] if following.style is Style.PLAIN and not following.link else ""


def _words(text: str, harmless: Harmless, *, is_start: bool) -> str:
    text = harmless(text, is_start)
    text = _MARKUP.sub(lambda found: f"&#{ord(found[0])};", text)
    if is_start and (found := _AT_START.match(text)):
        kept, mark = found["number"] or "", found["dot"] or found[0]
        text = f"{kept}&#{ord(mark)};{text[found.end() :]}"
    return text.replace(JOINER, f"&#{ord(JOINER)};")


def _code(text: str) -> str:
    runs = {len(run) for run in _BACKTICKS.findall(text)}
    fence = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    space = " " if text[:1] in ("`", " ") or text[-1:] in ("`", " ") else ""
    return f"{fence}{space}{text}{space}{fence}"


def _marked(text: str, style: Style, *, before: str, after: str) -> str:
    """With the marks of emphasis, where CommonMark takes them for such."""
    mark = {Style.STRONG: "**", Style.EMPHASIS: "_"}.get(style, "")
    inner = text.strip()
    is_alone = not before.isalnum() and not after.isalnum()
    is_word = style is Style.STRONG and inner[:1].isalnum() and inner[-1:].isalnum()
    if not mark or not inner or not (is_alone or is_word):
        return text
    lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{lead}{mark}{inner}{mark}{tail}"


def _target(link: str) -> str:
    return link.replace("&", "&amp;")
