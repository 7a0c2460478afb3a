"""What an export would file, where, and whether it makes an issue or brings one up to date. Pure."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.cells import cut, shown, wrapped
from tui.pages.markdown import markdown_lines
from tui.pages.pieces import Line, Role, clipped

if TYPE_CHECKING:
    from insights.export import Preview

_HEAD = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The page's lines and how far down it was scrolled: `first` of `of` lines of text are above it."""

    lines: list[Line]
    first: int
    of: int


def export_sheet(preview: "Preview", *, width: int, height: int, top: int = 0) -> Sheet:
    """The head, then the issue from line `top` on as it will be read, exactly `height` lines. A `top` beyond the end
    shows the end."""
    head = [clipped([(_what(preview), Role.STRONG)], width), clipped([(_where(preview), Role.MUTED)], width)]
    text = [*_warnings(preview, width), *_issue(preview, width)]
    room = max(height - _HEAD - 1, 1)
    first = min(max(top, 0), max(len(text) - room, 0))
    inside = text[first : first + room]
    end = _end(first, room, len(text))
    return Sheet(
        lines=[*head, *inside, *[[] for _ in range(room - len(inside))], [(cut(end, width), Role.MUTED)]],
        first=first,
        of=len(text),
    )


def export_words(preview: "Preview") -> str:
    """What enter does, in two or three words."""
    if preview.found is None:
        return "file it anew" if preview.is_gone else "file it"
    return "open it again" if preview.found.is_closed else "bring it up to date"


def _what(preview: "Preview") -> str:
    if preview.found is None:
        return "A new issue in place of one that is gone" if preview.is_gone else "A new issue"
    return "Opens its closed issue again" if preview.found.is_closed else "Brings its issue up to date"


def _where(preview: "Preview") -> str:
    url = preview.found.url if preview.found else None
    place = f" · {shown(url, 300)}" if url and url.startswith(("http://", "https://")) else ""
    return f"to {shown(preview.tracker, 300)}{place}"


def _end(first: int, room: int, lines: int) -> str:
    last = min(first + room, lines)
    return f"lines {first + 1}–{last} of {lines}" if lines > room else ""


def _warnings(preview: "Preview", width: int) -> list[Line]:
    told = [line for warning in preview.warnings for line in wrapped(f"! {shown(warning)}", width, most=3)]
    return [*[[(line, Role.MARK)] for line in told], *([[]] if told else [])]


def _issue(preview: "Preview", width: int) -> list[Line]:
    title: list[Line] = [[(line, Role.STRONG)] for line in wrapped(shown(preview.issue.title), width, most=3)]
    return [*title, [], *markdown_lines(preview.issue.body, width)]
