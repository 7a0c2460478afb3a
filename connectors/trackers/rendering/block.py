"""Our part of an issue, between two marks: it is replaced as a whole, and what people wrote around it stays.

The marks hold the issue's marker. They are hidden comments where an editor keeps those, else two lines in words. What
stands between them is ours, so that edits there do not last; the second line says so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from connectors.trackers.rendering.adf import Node, adf_size, document_of, text_node
from connectors.trackers.rendering.fitting import LEAST_LIMIT, size_of
from insights.errors import InsightsError

_MARKER = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)+")
_BEGIN, _END = "from here on kept up to date by insights.", "up to here. Write above or below, not between."
_BEGINS, _ENDS = "from here", "up to here"
_SPACE = r"(?:[ \t]|&nbsp;|&#160;|\u00a0)+"

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)[^<>]*>")
_VOID = frozenset({"br", "hr", "img", "input", "wbr", "col"})
_OPENED_BEFORE = re.compile(r"(?:<[A-Za-z][^<>]*>\s*)+\Z")
_CLOSED_AFTER = re.compile(r"(?:\s*</[A-Za-z][^<>]*>)+")
_LOOKED_AT = 4000
"""Characters beside a mark in which the tags around it are looked for."""
_MOST_TAGS = 8
_END_OF_BODY = re.compile(r"</body>\s*\Z")


class Form(StrEnum):
    """How the marks are written."""

    HIDDEN = "hidden"
    """Comments, in Markdown: GitHub, GitLab."""
    LINES = "lines"
    """Lines of words, in Markdown or Textile: Linear, Redmine, Azure DevOps where it takes Markdown."""
    HTML = "html"
    """Paragraphs of words: Azure DevOps."""
    BODY = "body"
    """Lines of words in the element `body` that holds the issue's whole text: Asana."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where our part begins and ends, marks included, and what stands between these."""

    start: int
    end: int
    inner: str = ""


def with_block(old: str, new: str, marker: str, form: Form) -> str:
    """The issue's text with our part replaced by `new`, or with `new` added at the end where it has none yet. All that
    is outside stays as it is, character for character. Raises InsightsError where one of the marks is missing, doubled
    or out of place: what is ours cannot be told then."""
    part = _part(new, marker, form)
    place = _place(old, marker, form)
    return _appended(old, part, form) if place is None else old[: place.start] + part + old[place.end :]


def block_of(old: str, marker: str, form: Form | None = None) -> str | None:
    """What stands between the marks, of this form or of the one that the text has; None where there are none. Raises
    InsightsError as above."""
    place = _place(old, marker, form or _form_of(old, marker))
    return None if place is None else place.inner


def room_beside(old: str, marker: str, form: Form, *, limit: int) -> int:
    """How many bytes `new` may have beside what people wrote, in an issue of at most `limit`. Raises InsightsError
    where hardly anything fits."""
    return _enough(limit - size_of(with_block(old, "", marker, form)))


def with_adf_block(old: Node | None, new: Node, marker: str) -> Node:
    """As `with_block`, over the top level of a document; None for an issue without one."""
    nodes = _nodes(old)
    place = _adf_place(nodes, marker)
    start, end = (place.start, place.end) if place else (len(nodes), len(nodes))
    marks = [{"type": "paragraph", "content": [text_node(f"{marker}: {words}")]} for words in (_BEGIN, _END)]
    part = [marks[0], *_told_apart_nodes(_nodes(new), _checked(marker)), marks[1]]
    return {**(old or document_of(())), "content": [*nodes[:start], *part, *nodes[end:]]}


def adf_block_of(old: Node | None, marker: str) -> list[Node] | None:
    """As `block_of`: the nodes between the marks."""
    nodes = _nodes(old)
    place = _adf_place(nodes, marker)
    return None if place is None else nodes[place.start + 1 : place.end - 1]


def room_beside_adf(old: Node | None, marker: str, *, limit: int) -> int:
    """As `room_beside`."""
    return _enough(limit - adf_size(with_adf_block(old, document_of(()), marker)))


# -- marks ------------------------------------------------------------------------------------------------------


def _part(new: str, marker: str, form: Form) -> str:
    words = _told_apart(_inside_body(new) if form is Form.BODY else new, marker).strip()
    begin, end = f"{marker}: {_BEGIN}", f"{marker}: {_END}"
    if form is Form.HIDDEN:
        return f"<!-- {marker} -->\n\n{words}\n\n<!-- /{marker} -->"
    if form is Form.LINES:
        return f"{begin}\n\n{words}\n\n{end}"
    if form is Form.HTML:
        return f"<p>{begin}</p>\n{words}\n<p>{end}</p>"
    return f"{begin}\n{words}\n{end}"


def _patterns(marker: str, form: Form) -> tuple[str, str]:
    """Of the mark at the beginning and the one at the end."""
    name = re.escape(_checked(marker))
    if form is Form.HIDDEN:
        return rf"<!--\s*{name}\s*-->", rf"<!--\s*/{name}\s*-->"
    begins, ends = (rf"{name}:{_SPACE}{words.replace(' ', _SPACE)}" for words in (_BEGINS, _ENDS))
    if form is Form.LINES:
        head, rest = r"^[ \t]*[*_]{0,3}", r"[^\r\n]*"
    else:
        head, rest = r"(?<![\w/-])", r"[^<\n]*"
    return head + begins + rest, head + ends + rest


def _form_of(old: str, marker: str) -> Form:
    if any(re.search(pattern, old) for pattern in _patterns(marker, Form.HIDDEN)):
        return Form.HIDDEN
    if old.lstrip().startswith("<body"):
        return Form.BODY
    return Form.HTML if re.search(r"</(?:p|div|span)>", old) else Form.LINES


def _checked(marker: str) -> str:
    """Markers come from us; one that could leave its mark is a defect."""
    if not _MARKER.fullmatch(marker):
        raise ValueError(f"not a marker: {marker!r}")
    return marker


def _told_apart(text: str, marker: str) -> str:
    """Where words from outside repeat a mark, theirs is none."""
    return re.sub(rf"{re.escape(_checked(marker))}(?=:|\s*--)", lambda found: found[0].replace("-", "_", 1), text)


def _told_apart_nodes(nodes: Sequence[Node], marker: str) -> Iterator[Node]:
    for node in nodes:
        changed = {**node, "text": _told_apart(node["text"], marker)} if "text" in node else dict(node)
        if "content" in node:
            changed["content"] = list(_told_apart_nodes(node["content"], marker))
        yield changed


def _mended(marker: str, what: str) -> InsightsError:
    return InsightsError(
        f"In the issue, the part that insights keeps ({marker}) {what}.",
        remedy="Delete what is left of it with its first and its last line, then export again: it is added anew.",
    )


def _only(begins: Sequence[_Place], ends: Sequence[_Place], marker: str) -> tuple[_Place, _Place] | None:
    """The two marks; None where there are none."""
    if not begins and not ends:
        return None
    if len(begins) > 1 or len(ends) > 1:
        raise _mended(marker, "is there more than once")
    if not begins or not ends:
        raise _mended(marker, "has lost its last line" if begins else "has lost its first line")
    if ends[0].start < begins[0].end:
        raise _mended(marker, "ends before it begins")
    return begins[0], ends[0]


def _place(old: str, marker: str, form: Form) -> _Place | None:
    begins, ends = (
        [_Place(*found.span()) for found in re.finditer(pattern, old, re.MULTILINE)]
        for pattern in _patterns(marker, form)
    )
    marks = _only(begins, ends, marker)
    if marks is None:
        return None
    begin, end = marks
    if form in {Form.HTML, Form.BODY}:
        return _element(old, begin, end, marker)
    return _Place(begin.start, end.end, old[begin.end : end.start].strip())


# -- in HTML ----------------------------------------------------------------------------------------------------


def _element(old: str, begin: _Place, end: _Place, marker: str) -> _Place:
    """With as few of the tags around the marks as make it whole elements."""
    starts = [begin.start, *reversed(_ends_of_tags(old, begin.start, before=True))]
    stops = [end.end, *_ends_of_tags(old, end.end, before=False)]
    for start in starts[: _MOST_TAGS + 1]:
        for stop in stops[: _MOST_TAGS + 1]:
            if _is_whole(old[start:stop]):
                return _Place(start, stop, _between(old[begin.end : end.start]))
    raise _mended(marker, "begins and ends in different places of the text")


def _between(text: str) -> str:
    """Without what is left of the elements that the marks stand in."""
    closed = _CLOSED_AFTER.match(text)
    text = text[closed.end() :] if closed else text
    tail = max(len(text) - _LOOKED_AT, 0)
    opened = _OPENED_BEFORE.search(text, tail)
    return (text[: opened.start()] if opened else text).strip()


def _ends_of_tags(old: str, place: int, *, before: bool) -> list[int]:
    """Where the opening tags directly before a place begin, or the closing ones directly after it end."""
    near = old[max(place - _LOOKED_AT, 0) : place] if before else old[place : place + _LOOKED_AT]
    found = (_OPENED_BEFORE.search if before else _CLOSED_AFTER.match)(near)
    if found is None:
        return []
    offset = place - len(near) if before else place
    return [offset + (tag.start() if before else tag.end()) for tag in _TAG.finditer(near, *found.span())]


def _is_whole(text: str) -> bool:
    """Whether every element that begins in the text ends in it."""
    opened: list[str] = []
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if name in _VOID or tag[0].endswith("/>"):
            continue
        if not tag[1]:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened


def _inside_body(text: str) -> str:
    found = re.fullmatch(r"\s*<body>(.*)</body>\s*", text, re.DOTALL)
    return found[1] if found else text


def _appended(old: str, part: str, form: Form) -> str:
    if form is Form.BODY:
        found = _END_OF_BODY.search(old)
        before, after = (old[: found.start()], old[found.start() :]) if found else ("<body>" + old, "</body>")
        gap = "" if before.endswith("<body>") else "\n"
        return f"{before}{gap}{part}{after}"
    gap = "" if not old else "\n\n"
    return f"{old}{gap}{part}"


# -- in a document of Atlassian's -------------------------------------------------------------------------------


def _nodes(document: Node | None) -> list[Node]:
    return list((document or {}).get("content") or [])


def _adf_place(nodes: Sequence[Node], marker: str) -> _Place | None:
    begins, ends = (
        [_Place(number, number + 1) for number, node in enumerate(nodes) if re.match(pattern, _text(node))]
        for pattern in _patterns(marker, Form.LINES)
    )
    marks = _only(begins, ends, marker)
    return None if marks is None else _Place(marks[0].start, marks[1].end)


def _text(node: Node) -> str:
    """Of a paragraph, whatever marks it has."""
    if node.get("type") not in {"paragraph", "heading"}:
        return ""
    return "".join(str(part.get("text", "")) for part in node.get("content") or ())


def _enough(room: int) -> int:
    if room < LEAST_LIMIT:
        raise InsightsError(
            "The issue holds so much other text that ours does not fit into it.",
            remedy="Shorten what was written there, then export again.",
        )
    return room
