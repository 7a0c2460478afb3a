"""Quotes as lines, with whose they are; and one inside its item, where its words stand out and others are muted.
Pure."""

from insights.domain.feedback import GIVES_ORDERS, Evidence
from insights.domain.figures import money
from tui.cells import cut, shown, shown_whole, wrapped
from tui.pages.page import packed
from tui.pages.pieces import Line, Role, clipped, width_of

_AROUND = 3000
"""Characters of the item before and after the quote that are looked at."""
_BEFORE, _AFTER = "… ", " …"
_MARKS = len(_BEFORE + _AFTER)


def in_context(quote: Evidence, width: int, most: int) -> list[Line]:
    """The quote with what stands around it, on at most `most` lines of at most `width` cells; an ellipsis stands where
    the item goes on. The quote begins on one of these lines, whole where they hold it."""
    text, start, end = _joined(quote)
    lines = _with_offsets(text, width)
    if len(lines) > most or len(quote.context) > _AROUND:  # an ellipsis takes its room
        lines = _with_offsets(text, width - _MARKS)
    inside = [n for n, (offset, line) in enumerate(lines) if offset < end and offset + len(line) > start] or [0]
    first = _first(inside[0], inside[-1], lines=len(lines), most=most)
    last = min(first + most, len(lines))
    pieces = [_in_roles(line, offset, start, end) for offset, line in lines[first:last]]
    if first > 0 or len(quote.context[: quote.start]) > _AROUND:
        pieces[0].insert(0, (_BEFORE, Role.MUTED))
    if last < len(lines) or len(quote.context[quote.end :]) > _AROUND:
        pieces[-1].append((_AFTER, Role.MUTED))
    return pieces


def _joined(quote: Evidence) -> tuple[str, int, int]:
    """The item on one line, the quote in marks, and where the marks begin and end."""
    before, after = quote.context[: quote.start][-_AROUND:], quote.context[quote.end :][:_AROUND]
    words = shown(quote.text).strip()
    head, tail = shown(before, _AROUND).strip(), shown(after, _AROUND).strip()
    if head and (before[-1:].isspace() or quote.text[:1].isspace()):
        head += " "
    if tail and (after[:1].isspace() or quote.text[-1:].isspace()):
        tail = f" {tail}"
    return f"{head}“{words}”{tail}", len(head), len(head) + len(words) + 2


def _with_offsets(text: str, width: int) -> list[tuple[int, str]]:
    """Its lines, each with its place in the text; `text` has single spaces and no line breaks."""
    found, place = [], 0
    for line in wrapped(text, max(width, 2)):
        place += text.startswith(" ", place)
        found.append((place, line))
        place += len(line)
    return found


def _first(begins: int, ends: int, *, lines: int, most: int) -> int:
    """The first line of those that are shown: the quote in their middle, its beginning always among them."""
    around = max(most - (ends - begins + 1), 0)
    return max(min(begins - around // 2, lines - most), 0)


def _in_roles(line: str, offset: int, start: int, end: int) -> Line:
    begin, stop = (min(max(place - offset, 0), len(line)) for place in (start, end))
    parts = [(line[:begin], Role.MUTED), (line[begin:stop], Role.QUOTE), (line[stop:], Role.MUTED)]
    return [(text, role) for text, role in parts if text]


# -- quotes of a problem ------------------------------------------------------------------------------------------


def quote_lines(
    quote: Evidence, width: int, *, currency: str, is_current: bool, most: int | None, origin_lines: int = 1
) -> list[Line]:
    """The words on at most `most` lines, then whose they are, behind a bar that tells the current one."""
    words = shown(quote.text) if most else shown_whole(quote.text)
    lines: list[Line] = [[(line, Role.QUOTE)] for line in wrapped(f"“{words.strip()}”", width - 2, most=most)]
    return _barred(
        [*lines, *origin(quote, width - 3, currency=currency, most=origin_lines)], width, is_current=is_current
    )


def quote_in_item(quote: Evidence, width: int, *, currency: str, most: int) -> list[Line]:
    """The current quote inside its item, on at most `most` lines, then whose it is."""
    lines = [*in_context(quote, width - 2, most), *origin(quote, width - 3, currency=currency, most=2)]
    return _barred(lines, width, is_current=True)


def _barred(lines: list[Line], width: int, *, is_current: bool) -> list[Line]:
    bar = ("▌", Role.MARK) if is_current else ("▏", Role.MUTED)
    return [clipped([bar, (" ", Role.PLAIN), *line], width) for line in lines]


def origin(quote: Evidence, width: int, *, currency: str, most: int) -> list[Line]:
    """Whose it is, on at most `most` lines: account, what it pays a year, where it was said and when, when the account
    renews; before it a mark where the item gives orders to a machine. What matters least is last, so that it is cut."""
    account, *revenue = _account(quote, currency)
    name = cut(account, max(2 * width // 5, 12)) if most == 1 else account
    parts = [name, *revenue, f"{shown(quote.source, 30)} {shown(quote.source_id, 40)}"]
    parts.append(f"{quote.created_at:%Y-%m-%d}")
    if quote.renewal_date:
        parts.append(f"renews {quote.renewal_date:%Y-%m-%d}")
    if quote.score is not None:
        parts.append(f"score {quote.score:g}")
    mark: Line = [(f" {GIVES_ORDERS} ", Role.MARK)] if quote.is_order else []
    first, *others = packed(parts, max(width - width_of(mark), 2))[:most]
    return [[*mark, (f" {first}", Role.MUTED)], *[[(f" {line}", Role.MUTED)] for line in others]]


def _account(quote: Evidence, currency: str) -> tuple[str, ...]:
    if quote.account_name is None:
        return ("account unknown",)
    guessed = "" if quote.account_is_certain else " (by name alone)"
    pays = money(quote.account_revenue, currency)
    revenue = "revenue unknown" if quote.account_revenue is None else f"{pays} a year"
    return (f"{shown(quote.account_name, 60)}{guessed}", revenue)
