"""How a problem stands in a backlog file: as Markdown, as a row of CSV, or as a line of JSON.

Pure: a file's bytes and an issue in, the file's new bytes out. Everything outside the problem's own entry
stays byte for byte. The words of an issue may come from anyone, so each form makes them harmless.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from insights.domain.problem import State
from insights.errors import InsightsError
from insights.ports import Issue, Progressed
from insights.text.cells import inert_cell
from insights.text.markdown import literal

BODY_LIMIT = 30_000
"""Characters of one entry's text. A spreadsheet's cell holds 32,767."""

_CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Stand:
    """How far an entry is, by what people and we wrote into it."""

    progress: Progressed = Progressed.OPEN
    status: str = ""
    assignee: str = ""


class Form(Protocol):
    """One way to write entries."""

    def contains(self, content: bytes, problem: str) -> bool:
        """Whether the problem has an entry. Raises InsightsError where it has several."""
        ...

    def put(self, content: bytes, issue: Issue) -> bytes:
        """The content with the issue's entry replaced, or added at the end; it is open then. Raises InsightsError as
        above."""
        ...

    def stand(self, content: bytes, problem: str) -> Stand:
        """How far the problem's entry is: dropped where we closed it, done where people say so."""
        ...

    def close(self, content: bytes, problem: str, comment: str) -> bytes:
        """The content with the problem's entry marked closed; as it is where there is none. Raises InsightsError as
        above, and where the entry has no place for it."""
        ...


@dataclass(frozen=True, slots=True)
class Span:
    """Where an entry stands in the bytes."""

    start: int
    end: int


def one_line(text: str) -> str:
    """Words on one line, without control characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def several_lines(text: str) -> str:
    """Words with plain line ends, without control characters, and no longer than an entry may be."""
    plain = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(plain) <= BODY_LIMIT:
        return plain
    return f"{plain[:BODY_LIMIT]}\n… (cut; the rest stays in insights)"


def newline_of(content: bytes) -> str:
    """The line end that the file uses."""
    return "\r\n" if b"\r\n" in content else "\n"


def _replaced(content: bytes, span: Span, entry: bytes) -> bytes:
    return content[: span.start] + entry + content[span.end :]


def _only(spans: Sequence[Span], problem: str) -> Span | None:
    if len(spans) > 1:
        raise InsightsError(
            f"{problem} has {len(spans)} entries in the file.",
            remedy="Delete all but one of them, then export again.",
        )
    return spans[0] if spans else None


_CLOSED = "**Closed.**"
"""How the line begins that marks a block of Markdown as closed; no line of a body does, which are quotations."""
_DONE_LINE = re.compile(r"\*\*Done\.?\*\*|[-*+] \[[xX]\]")
"""How a line begins by which people say that a block of Markdown is done."""
_HEADING = re.compile(r"## P-[0-9]+: ")
"""How our own heading begins."""
CLOSED = "closed"
"""What the state of a row or object is then."""
DONE = frozenset({"done", "shipped", "released"})
"""What people write into the state of a row or object that is done."""
_ASSIGNEE = ("assignee", "owner")
_STATE, _BODY = "state", "body"
_LOSSLESS = ("utf-8", "surrogateescape")


class Markdown:
    """One block per problem, between two hidden markers. The text is a quotation, which no heading, list,
    fence or comment in it can leave."""

    def contains(self, content: bytes, problem: str) -> bool:
        return self._span(content, problem) is not None

    def put(self, content: bytes, issue: Issue) -> bytes:
        newline = newline_of(content)
        kept = _peoples_lines(self._entry(content, issue.problem))
        entry = newline.join(self._lines(issue, kept)).encode(*_LOSSLESS)
        span = self._span(content, issue.problem)
        if span is not None:
            return _replaced(content, span, entry)
        gap = "" if not content else newline if content.endswith(b"\n") else newline * 2
        return content + gap.encode() + entry + newline.encode()

    def stand(self, content: bytes, problem: str) -> Stand:
        """Done by a line `**Done.**` or a box that is checked, outside the quotation."""
        lines = self._entry(content, problem)
        if any(line.startswith(_CLOSED) for line in lines):
            return Stand(Progressed.DROPPED, CLOSED)
        is_done = any(_DONE_LINE.match(line.lstrip(" \t")) for line in lines)
        return Stand(Progressed.DONE, "done") if is_done else Stand()

    def close(self, content: bytes, problem: str, comment: str) -> bytes:
        span = self._span(content, problem)
        if span is None:
            return content
        lines = _opened_lines(self._entry(content, problem))
        place = next((number for number, line in enumerate(lines) if line.startswith("## ")), 0) + 1
        end = _end_of(lines[0])
        closed = [end, f"{_CLOSED} {literal(one_line(comment))}".rstrip() + end]
        return _replaced(content, span, "\n".join([*lines[:place], *closed, *lines[place:]]).encode(*_LOSSLESS))

    def _entry(self, content: bytes, problem: str) -> list[str]:
        """The lines of the entry, the markers among them."""
        span = self._span(content, problem)
        return _text(content[span.start : span.end]).split("\n") if span else []

    def _span(self, content: bytes, problem: str) -> Span | None:
        name = re.escape(problem.encode())
        opening = re.compile(rb"^(?:\xef\xbb\xbf)?(<!-- insights:" + name + rb" -->)[ \t]*\r?$", re.MULTILINE)
        closing = re.compile(rb"^<!-- /insights:" + name + rb" -->", re.MULTILINE)
        spans = []
        for start in opening.finditer(content):
            end = closing.search(content, start.end())
            if end is None:
                raise InsightsError(
                    f"The entry of {problem} begins, but its end is missing.",
                    remedy=f"Put a line `<!-- /insights:{problem} -->` after it, or delete the entry.",
                )
            spans.append(Span(start.start(1), end.end()))
        return _only(spans, problem)

    def _lines(self, issue: Issue, kept: Sequence[str]) -> Iterator[str]:
        yield f"<!-- insights:{issue.problem} -->"
        yield f"## {issue.problem}: {literal(one_line(issue.title))}"
        yield ""
        for line in _defused_markdown(several_lines(issue.body)).split("\n"):
            yield f"> {line}".rstrip()
        yield ""
        yield from kept
        yield f"<!-- /insights:{issue.problem} -->"


def _opened_lines(lines: Sequence[str]) -> list[str]:
    """Those of a block of Markdown without the mark of one that was closed, and the empty line above it."""
    marked = {number for number, line in enumerate(lines) if line.startswith(_CLOSED)}
    above = {number - 1 for number in marked if number and not lines[number - 1].strip()}
    return [line for number, line in enumerate(lines) if number not in marked | above]


def _peoples_lines(entry: Sequence[str]) -> list[str]:
    """What people wrote into a block, below our text, which takes their place above; nothing of it says any more that
    it is done."""
    lines = [line.rstrip("\r") for line in entry[1:-1]]
    is_ours = [line.startswith((">", _CLOSED)) or bool(_HEADING.match(line)) for line in lines]
    theirs = [_not_done(line) for line, ours in zip(lines, is_ours, strict=True) if not ours]
    text = re.sub(r"\n(?:[ \t]*\n)+", "\n\n", "\n".join(theirs)).strip("\n")
    return [*text.split("\n"), ""] if text.strip() else []


def _not_done(line: str) -> str:
    mark = _DONE_LINE.match(line.lstrip(" \t"))
    if mark is None:
        return line
    before = line[: len(line) - len(line.lstrip(" \t"))]
    rest = line[len(before) + mark.end() :]
    if mark[0].startswith("**"):
        return f"{before}Was done.{rest}" if rest.strip() else ""
    return f"{before}{mark[0][0]} [ ]{rest}"


def _defused_markdown(text: str) -> str:
    """Markdown without HTML, comments, images, mentions, references to issues, and links but to the web: in a body only
    our own are any."""
    links = r"(?<!!)\[[^\[\]<\n]{1,2000}\]\(https?://[^\s()<>@]{1,2000}\)"
    marks = rf"(?m)({links})|[<\[@]|(?<=--)>|(?<!&)#(?=\d)|^/(?=\w)"
    return re.sub(marks, lambda match: match[1] or f"&#{ord(match[0])};", text)


class Table:
    """One row per problem, its id in the first column. Columns that people add keep what they wrote."""

    def contains(self, content: bytes, problem: str) -> bool:
        return self._find(content, problem) is not None

    def put(self, content: bytes, issue: Issue) -> bytes:
        newline = newline_of(content)
        if not content.strip(b"\xef\xbb\xbf\r\n\t "):
            header = ["problem", "title", *map(inert_cell, issue.fields), "body"]
            return content.strip() + _csv_line(header, ",", newline) + self._row(header, issue, ",", newline)
        header, delimiter = self._header(content)
        found = self._find(content, issue.problem)
        if found is not None:
            span, old = found
            return _replaced(content, span, self._row(header, issue, delimiter, newline, old=old))
        gap = b"" if content.endswith((b"\n", b"\r")) else newline.encode()
        return content + gap + self._row(header, issue, delimiter, newline)

    def stand(self, content: bytes, problem: str) -> Stand:
        """By its state, or by the comment where there is no such column."""
        found = self._find(content, problem)
        if found is None:
            return Stand()
        header, _ = self._header(content)
        cells = dict(zip(header, found[1], strict=False))
        if _STATE not in cells and cells.get(_BODY, "").startswith(_closed_words("")):
            return Stand(Progressed.DROPPED, CLOSED, _assignee(cells))
        return _stand_of(cells.get(_STATE, ""), _assignee(cells))

    def close(self, content: bytes, problem: str, comment: str) -> bytes:
        """The state says so, and the body begins with the comment."""
        found = self._find(content, problem)
        if found is None:
            return content
        header, delimiter = self._header(content)
        if not {_STATE, _BODY} & set(header[1:]):
            raise InsightsError(
                f"The table has no column to say that {problem} is closed.", remedy=f"Add a column `{_STATE}` to it."
            )
        span, row = found
        cells = [*row, *[""] * (len(header) - len(row))]
        for place, name in enumerate(header):
            if name == _STATE:
                cells[place] = CLOSED
            elif name == _BODY:
                cells[place] = inert_cell(_with_comment(cells[place], comment))
        return _replaced(content, span, _csv_line(cells, delimiter, newline_of(content)))

    def _row(
        self, header: Sequence[str], issue: Issue, delimiter: str, newline: str, *, old: Sequence[str] = ()
    ) -> bytes:
        """What the header has no column for goes below the body."""
        given = {"title": one_line(issue.title), **{inert_cell(k): one_line(v) for k, v in issue.fields.items()}}
        rest = [f"{name}: {value}" for name, value in given.items() if name not in header]
        given["body"] = "\n".join([several_lines(issue.body), *rest])
        kept = dict(zip(header, old, strict=False))
        if _is_peoples(kept.get(_STATE, "")):
            given.pop(_STATE, None)
        cells = [inert_cell(given[name]) if name in given else kept.get(name, "") for name in header[1:]]
        return _csv_line([issue.problem, *cells, *old[len(header) :]], delimiter, newline)

    def _header(self, content: bytes) -> tuple[list[str], str]:
        first = _text(content).lstrip("\ufeff").split("\n", 1)[0]
        delimiter = max(",;\t", key=first.count)
        header, _ = next(_records(content, delimiter), ([], Span(0, 0)))
        return header, delimiter

    def _find(self, content: bytes, problem: str) -> tuple[Span, list[str]] | None:
        _, delimiter = self._header(content)
        found = [(span, row) for row, span in _records(content, delimiter) if row and row[0].strip() == problem]
        span = _only([span for span, _ in found], problem)
        return (span, found[0][1]) if span else None


def _stand_of(state: str, assignee: str) -> Stand:
    status = one_line(state)
    word = status.casefold().rstrip(".")
    progress = Progressed.DROPPED if word == CLOSED else Progressed.DONE if word in DONE else Progressed.OPEN
    return Stand(progress, status, assignee)


def _is_peoples(state: str) -> bool:
    """Whether a person wrote it, as "in review"; what says that it is closed or done is for the next opening."""
    word = one_line(state).casefold().rstrip(".")
    return bool(word) and word not in {CLOSED, *DONE, *State}


def _assignee(values: Mapping[str, Any]) -> str:
    found = (values.get(name) for name in _ASSIGNEE)
    return next((one_line(name) for name in found if isinstance(name, str) and name.strip()), "")


def _closed_words(comment: str) -> str:
    return f"Closed: {one_line(comment)}"


def _with_comment(body: str, comment: str) -> str:
    """The body below the comment, in place of an earlier one."""
    first, _, rest = body.partition("\n\n")
    kept = rest if first.startswith(_closed_words("")) else body
    return several_lines(f"{_closed_words(comment)}\n\n{kept}")


def _end_of(line: str) -> str:
    """What stands before the line's end where that is two characters."""
    return "\r" if line.endswith("\r") else ""


def _text(content: bytes) -> str:
    """Bytes as text and back again without loss, whatever they are."""
    return content.decode("utf-8", "surrogateescape")


def _records(content: bytes, delimiter: str) -> Iterator[tuple[list[str], Span]]:
    """Rows with the place of their bytes."""
    csv.field_size_limit(max(csv.field_size_limit(), len(content) + 1))
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        for line in _split(content):
            taken += len(line)
            yield _text(line)

    start = 0
    for row in csv.reader(lines(), delimiter=delimiter):
        if row and start == 0:
            row[0] = row[0].removeprefix("\ufeff")
        yield row, Span(start, taken)
        start = taken


def _split(content: bytes) -> list[bytes]:
    return re.findall(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", content)


def _csv_line(cells: Sequence[str], delimiter: str, newline: str) -> bytes:
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_ALL).writerow(cells)
    return sink.getvalue().encode("utf-8", "surrogateescape")


class Lines:
    """One JSON object a line, with the problem's id under "problem". Keys that people add are kept."""

    def contains(self, content: bytes, problem: str) -> bool:
        return self._find(content, problem) is not None

    def put(self, content: bytes, issue: Issue) -> bytes:
        found = self._find(content, issue.problem)
        new = {
            "problem": issue.problem,
            "title": one_line(issue.title),
            "fields": _fields(issue, found[1] if found else {}),
            "body": several_lines(issue.body),
        }
        entry = _json_line({**_opened(found[1] if found else {}), **new})
        if found:
            return _replaced(content, found[0], entry)
        newline = newline_of(content).encode()
        return content + (b"" if not content or content.endswith(b"\n") else newline) + entry + newline

    def stand(self, content: bytes, problem: str) -> Stand:
        """By the state among its fields."""
        found = self._find(content, problem)
        if found is None:
            return Stand()
        return _stand_of(str(_state_of(found[1]) or ""), _assignee(found[1]))

    def close(self, content: bytes, problem: str, comment: str) -> bytes:
        """The state says so, and the comment stands under "closed"."""
        found = self._find(content, problem)
        if found is None:
            return content
        span, old = found
        fields = old.get("fields")
        state = {_STATE: CLOSED}
        said = {"fields": {**(fields if isinstance(fields, dict) else {}), **state}, CLOSED: one_line(comment)}
        return _replaced(content, span, _json_line({**old, **said}))

    def _find(self, content: bytes, problem: str) -> tuple[Span, dict[str, Any]] | None:
        found = []
        for match in re.finditer(rb"[^\r\n]+", content):
            value = _object_in(match.group())
            if value.get("problem") == problem:
                found.append((Span(*match.span()), value))
        span = _only([span for span, _ in found], problem)
        return (span, found[0][1]) if span else None


def _json_line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def _fields(issue: Issue, old: Mapping[str, Any]) -> dict[str, Any]:
    """With those that people added, and their word for how it stands."""
    before = old.get("fields")
    kept = before if isinstance(before, dict) else {}
    new = {one_line(name): one_line(value) for name, value in issue.fields.items()}
    return {**kept, **new, **({_STATE: kept[_STATE]} if _is_peoples(str(kept.get(_STATE) or "")) else {})}


def _state_of(value: dict[str, Any]) -> Any:
    fields = value.get("fields")
    return fields.get(_STATE) if isinstance(fields, dict) else None


def _opened(value: dict[str, Any]) -> dict[str, Any]:
    """Without the comment of one that we closed; a key of that name that a person added to an open one stays."""
    return {key: said for key, said in value.items() if key != CLOSED or _state_of(value) != CLOSED}


def _object_in(line: bytes) -> dict[str, Any]:
    """The object on a line; an empty one where a person wrote something else."""
    try:
        value = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
