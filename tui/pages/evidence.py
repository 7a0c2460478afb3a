"""The Evidence screen as lines: what was found, one hit in its whole item, and what to type where nothing is.

Pure: what a search found and the problems that are known in, lines of pieces with roles out.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rich.cells import cell_len, chop_cells

from insights.domain.feedback import GIVES_ORDERS, Evidence
from insights.domain.figures import counted, likely, money
from insights.domain.problem import Problem, problem_ref
from insights.domain.query import HELP, Found, parts_of
from tui.cells import cut, shown, shown_whole, wrapped
from tui.figures import DASH
from tui.opening import safe_address
from tui.pages.matches import around, marked, pattern_of
from tui.pages.page import packed
from tui.pages.pieces import Line, Role, clipped, labelled, width_of
from tui.pages.quote import origin

ROWS = 2
"""Lines of one hit in the list."""
MOST_AROUND = 4000
"""Characters of an item before and after the quote."""

_DOT = 3
"""Cells between two parts."""
_NAME, _LEAST_NAME = 12, 6
_LEAST_TITLE = 8
_EXAMPLES = (
    "export is slow               by meaning, nearest first",
    '"goes blank" ERR-1042        codes and quoted words as they are written',
    "login kind:nps score:0-6     only what passes the filters",
    "since:7d segment:smb         filters alone: the newest",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Room in cells, the sign before money, the problems that are known by id, and the keys that work."""

    width: int
    currency: str
    problems: Mapping[int, Problem] = field(default_factory=dict)
    open_key: str = "o"
    move_key: str = "m"


# -- the list -----------------------------------------------------------------------------------------------------


def hit_rows(hit: Evidence, words: str, view: View, *, is_current: bool = False) -> list[Line]:
    """A hit on two lines: its words, where they match `words` if they do, and whose they are and how near."""
    bar = ("▌" if is_current else " ", Role.MARK)
    mark: Line = [(f"{GIVES_ORDERS} ", Role.MARK)] if hit.is_order else []
    room = max(view.width - 4 - width_of(mark), 4)
    pattern = pattern_of(words)
    said = around(shown(hit.text).strip(), pattern, room)
    first: Line = [bar, *mark, ("“", Role.MUTED), *marked(said, pattern), ("”", Role.MUTED)]
    return [clipped(first, view.width), _origin_row(hit, view, bar)]


def _origin_row(hit: Evidence, view: View, bar: tuple[str, Role]) -> Line:
    near = _similarity(hit)
    room = max(view.width - 4 - (cell_len(near) + 2 if near else 0), 10)
    first, *_ = packed(_origin(hit, view, room), room)
    gap = " " * max(room - cell_len(first) + 2, 2)
    return clipped([bar, (f"  {first}", Role.MUTED), (f"{gap}{near}" if near else "", Role.MUTED)], view.width)


def _similarity(hit: Evidence) -> str:
    return "" if hit.similarity is None else f"{hit.similarity:.2f}".replace("0.", ".")


def _origin(hit: Evidence, view: View, room: int) -> list[str]:
    """Kind, item, account, what it pays, day, score and problem; names are cut so that the figures are not."""
    paid = money(hit.account_revenue, view.currency) if hit.account_revenue is not None else ""
    score = "" if hit.score is None else f"score {hit.score:g}"
    figures = [part for part in (paid, f"{hit.created_at:%Y-%m-%d}", score, _ref(hit)) if part]
    left = room - sum(cell_len(part) + _DOT for part in (hit.kind.value, *figures)) - _DOT
    item = cut(_item(hit, left - _NAME), max(left - _LEAST_NAME, _LEAST_NAME))
    account = cut(_account(hit), max(left - cell_len(item), _LEAST_NAME))
    left -= cell_len(item) + cell_len(account) + 1
    if left >= _LEAST_TITLE and (title := _title(hit, view)):
        figures[-1] += f" {cut(title, left)}"
    return [hit.kind.value, item, account, *figures]


def _item(hit: Evidence, cells: int) -> str:
    """The source and its id of the item; the id alone, by which it is found there, where both have no room."""
    ref = shown(hit.ref, 80)
    return ref if cell_len(ref) <= cells else shown(hit.source_id, 80)


def _account(hit: Evidence) -> str:
    if hit.account_name is None:
        return "account unknown"
    return shown(hit.account_name, 80) + ("" if hit.account_is_certain else " ?")


def _ref(hit: Evidence) -> str:
    return "no problem" if hit.problem_id is None else problem_ref(hit.problem_id)


def _title(hit: Evidence, view: View) -> str:
    problem = view.problems.get(hit.problem_id or 0)
    return shown(problem.title, 300) if problem is not None else ""


# -- around the list ----------------------------------------------------------------------------------------------


def count_line(found: Found, width: int) -> Line:
    """24 found · kind nps · since 2026-01-01; of filters alone, how many pass."""
    number = len(found.hits)
    if found.total is None:
        count = f"{number:,} found"
    else:
        count = f"{found.total:,} found" if number == found.total else f"the newest {number:,} of {found.total:,}"
    filters = [shown(f"{name} {value}", 120) for name, value in parts_of(found.query.filters)]
    return [(cut(" · ".join([count, *filters]), width), Role.MUTED)]


def hint_lines(found: Found, width: int, *, most: int = 2) -> list[Line]:
    """What was left out or guessed; what may only be half-typed is muted."""
    lines: list[Line] = []
    each = max(most // max(len(found.hints), 1), 1)
    for hint in found.hints:
        sign, role = ("  ", Role.MUTED) if hint.is_pending else ("! ", Role.MARK)
        words = wrapped(shown(hint.words, 400), max(width - 2, 2), most=each)
        lines += [[(sign if number == 0 else "  ", role), (line, Role.MUTED)] for number, line in enumerate(words)]
    return lines[:most]


def notice(found: Found, width: int, *, has_any: bool) -> list[Line]:
    """What stands in place of the list where there is nothing to list."""
    asks = bool(found.query.words or parts_of(found.query.filters))
    return _nothing(found, width) if asks and has_any else _invitation(width, has_any=has_any)


def _invitation(width: int, *, has_any: bool) -> list[Line]:
    """Before anything is typed: what can be; without data, where to get some."""
    if not has_any:
        return _page(
            "No data yet.",
            ("insights demo      try it with made-up feedback", "insights import    read your own"),
            width,
        )
    filters = [f"{name + ':':<10}{told}" for name, told in HELP.items()]
    return _page("Type to search in what customers said.", (*_EXAMPLES, "", *filters), width)


def _nothing(found: Found, width: int) -> list[Line]:
    """Where a search found nothing."""
    filters = " ".join(f"{name}:{value}" for name, value in parts_of(found.query.filters))
    words = f"Nothing found{f' for “{shown(found.query.words, 60)}”' if found.query.words else ''}."
    passing = (f"No item passes {shown(filters, 200)}.",) if filters else ()
    return _page(words, (*passing, "Fewer filters or other words may help.", "esc  begin anew"), width)


def _page(first: str, others: Iterable[str], width: int) -> list[Line]:
    told: list[Line] = [[(cut(line, width), Role.PLAIN)] if line else [] for line in others]
    return [[(cut(first, width), Role.STRONG)], [], *told]


# -- one hit ------------------------------------------------------------------------------------------------------


def hit_page(hit: Evidence, words: str, view: View) -> list[Line]:
    """The whole item with the hit's words in it, whose it is, and its problem."""
    sections = [
        _flush(origin(hit, view.width - 1, currency=view.currency, most=3)),
        _found_by(hit, view),
        in_item(hit, words, view.width),
        _problem(hit, view),
    ]
    return [line for section in sections if section for line in [*section, []]][:-1]


def _flush(lines: Iterable[Line]) -> list[Line]:
    """Without the indent that these lines have beneath a quote."""
    return [[(line[0][0].removeprefix(" "), line[0][1]), *line[1:]] for line in lines]


def _found_by(hit: Evidence, view: View) -> list[Line]:
    near = f"similarity {_similarity(hit)}" if hit.similarity is not None else ""
    address = safe_address(hit.url) if hit.url else None
    opens = f"{view.open_key} opens {cut(shown(address), max(view.width - 12, 10))}" if address else ""
    return [[(line, Role.MUTED)] for line in packed([hit.kind.value, near, opens], max(view.width - 1, 2))]


def _problem(hit: Evidence, view: View) -> list[Line]:
    problem = view.problems.get(hit.problem_id or 0)
    if problem is None:
        way = "   the next run may find one" if hit.problem_id is None else ""
        return labelled("Problem", [clipped([(_ref(hit), Role.PLAIN), (way, Role.MUTED)], view.width)])
    estimate = problem.estimate
    rank = f"#{estimate.rank}" if estimate and estimate.rank is not None else ""
    value = f"{likely(estimate.value, view.currency)} a year" if estimate else f"{DASH} not estimated"
    counts = f"{counted(problem.accounts, 'account')} · {counted(problem.items, 'item')}"
    room = max(view.width - 9, 4)
    title = wrapped(f"{problem.ref}  {shown(problem.title, 300)}", room, most=2)
    facts = packed([problem.state.value, rank, value, counts], room)
    keys = f"enter opens it   {view.move_key} moves the item to another"
    return labelled(
        "Problem",
        [
            *[[(line, Role.STRONG)] for line in title],
            *[[(line, Role.MUTED)] for line in facts],
            [(cut(keys, room), Role.MUTED)],
        ],
    )


def in_item(hit: Evidence, words: str, width: int) -> list[Line]:
    """The item with its line breaks, the hit's words in their role and what matches `words` in them strong, the rest
    muted; of a very long item the part around them."""
    before, after = hit.context[: hit.start], hit.context[hit.end :]
    head, said, tail = (shown_whole(text) for text in (before[-MOST_AROUND:], hit.text, after[:MOST_AROUND]))
    head = f"…{head}" if len(before) > MOST_AROUND else head
    tail = f"{tail}…" if len(after) > MOST_AROUND else tail
    start, end = len(head), len(head) + len(said)
    matches = [found.span() for found in pattern.finditer(said)] if (pattern := pattern_of(words)) else []
    strong = [(start + begin, start + stop) for begin, stop in matches]
    text = head + said + tail
    lines = [_in_roles(line, start, end, strong) for line in _flowed(text, max(width, 2))]
    return _without_blank_ends(lines)


_Word = tuple[int, str]
"""A word and its place in the text."""


def _flowed(text: str, width: int) -> list[list[_Word]]:
    """Its paragraphs in lines of at most `width` cells, broken at spaces."""
    lines: list[list[_Word]] = []
    place = 0
    for paragraph in text.split("\n"):
        lines += _filled([(place + found.start(), found[0]) for found in re.finditer(r"\S+", paragraph)], width)
        place += len(paragraph) + 1
    return lines


def _filled(words: Sequence[_Word], width: int) -> list[list[_Word]]:
    lines: list[list[_Word]] = [[]]
    room = width
    for place, word in _chopped(words, width):
        needed = cell_len(word) + (1 if lines[-1] else 0)
        if needed > room:
            lines.append([])
            room, needed = width, cell_len(word)
        lines[-1].append((place, word))
        room -= needed
    return lines


def _chopped(words: Sequence[_Word], width: int) -> Iterable[_Word]:
    """The words, those that fill more than a line in parts."""
    for place, word in words:
        at = place
        parts = [word] if cell_len(word) <= width else chop_cells(word, width)
        for part in parts:
            yield at, part
            at += len(part)


def _in_roles(line: Sequence[_Word], start: int, end: int, strong: Sequence[tuple[int, int]]) -> Line:
    pieces: Line = []
    for number, (place, word) in enumerate(line):
        if number:
            is_inside = start < place < end
            pieces.append((" ", Role.QUOTE if is_inside else Role.MUTED))
        pieces += _word_in_roles(place, word, start, end, strong)
    return _merged(pieces)


def _word_in_roles(place: int, word: str, start: int, end: int, strong: Sequence[tuple[int, int]]) -> Line:
    ends = (start, end, *(edge for span in strong for edge in span))
    cuts = sorted({0, len(word), *(edge - place for edge in ends if place < edge < place + len(word))})
    found: Line = []
    for begin, stop in pairwise(cuts):
        at = place + begin
        role = Role.QUOTE if start <= at < end else Role.MUTED
        role = Role.STRONG if any(first <= at < last for first, last in strong) else role
        found.append((word[begin:stop], role))
    return found


def _merged(pieces: Line) -> Line:
    """Pieces of one role after each other made one."""
    line: Line = []
    for text, role in pieces:
        if line and line[-1][1] is role:
            line[-1] = (line[-1][0] + text, role)
        else:
            line.append((text, role))
    return line


def _without_blank_ends(lines: list[Line]) -> list[Line]:
    full = [number for number, line in enumerate(lines) if line]
    return lines[full[0] : full[-1] + 1] if full else []
