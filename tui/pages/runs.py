"""What the nights did: a row a run, newest first, and all that is known of one. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from insights.domain.figures import clock, counted
from insights.domain.lineage import Event
from insights.domain.run import Run, RunStatus, did
from insights.language.usage import Usage, usage_in_words
from insights.storage.calls import CallTotals
from tui.cells import fit, shown, wrapped
from tui.figures import DASH
from tui.pages.page import packed
from tui.pages.pieces import LABEL, Line, Piece, Role, clipped, labelled

GO_ON = "insights analyze"
_BEFORE = 7
"""Cells of cursor and number."""
_WIDE, _NARROW = 110, 76
"""Cells from which a row says the year and the model, and below which it leaves out what a page of the run says."""
_NARROW_CALLS, _WIDEST_CALLS = 72, 110
_FEWEST = 8


@dataclass(frozen=True, slots=True)
class _Column:
    """Cells that a column takes with the gap before the next; 0: what the others leave. Figures stand at the right."""

    name: str
    width: int
    role: Role = Role.PLAIN
    is_figure: bool = True


_NIGHT = _Column("night (UTC)", 13, is_figure=False)
_STATUS = _Column("status", 0, Role.STRONG, is_figure=False)
_ITEMS, _NEW, _SPENT = _Column("items", 8), _Column("new", 6), _Column("spent", 9)
_GROWN, _TOOK, _NOTES = _Column("grown", 7), _Column("took", 8, Role.MUTED), _Column("!", 4, Role.MARK)
_ROOMY = (_NIGHT, _STATUS, _ITEMS, _NEW, _GROWN, _SPENT, _TOOK, _NOTES)
_ROOMIEST = (
    replace(_NIGHT, width=18),
    _STATUS,
    _Column("words by", 26, Role.MUTED, is_figure=False),
    _ITEMS,
    _NEW,
    _GROWN,
    _SPENT,
    _TOOK,
    _NOTES,
)
_CALLS = (
    _Column("stage", 9, is_figure=False),
    _Column("model", 0, is_figure=False),
    _Column("outcome", 10, is_figure=False),
    _Column("calls", 6),
    _Column("tokens in", 11),
    _Column("out", 8),
    _Column("$", 8),
    _Column("s each", 7),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """A run with what became of problems in it, and once it is opened what its models did."""

    run: Run
    events: Mapping[Event, int] = field(default_factory=dict)
    usage: Usage | None = None


def runs_title(nights: Sequence[Night]) -> str:
    """Runs · 20, and how many of them were not done."""
    if not nights:
        return "Runs"
    stopped = sum(night.run.status is RunStatus.STOPPED for night in nights)
    return f"Runs · {len(nights):,} newest{f', {stopped:,} stopped' if stopped else ''}"


def no_runs(*, has_data: bool) -> list[Line]:
    """Where there was none yet."""
    first = "insights import FILE --kind ticket   bring feedback in, then:"
    how = "insights analyze                     turn it into ranked problems"
    told = [how] if has_data else [first, how]
    return [[("No run yet.", Role.STRONG)], [], *[[(line, Role.PLAIN)] for line in told]]


def title_row(width: int) -> Line:
    """The names of the columns, as wide as a row."""
    pieces = _cells({column.name: column.name for column in _columns(width)}, _columns(width), width - _BEFORE)
    return [(fit(" run  ", _BEFORE), Role.MUTED), *((text, Role.MUTED) for text, _ in pieces)]


def run_row(night: Night, width: int, *, is_current: bool = False) -> Line:
    """One run: items that it read, problems new and grown, what it cost, how long it took, how many notes it left."""
    run = night.run
    cells = {
        "night (UTC)": f"{run.started_at:%Y-%m-%d %H:%M}" if width >= _WIDE else f"{run.started_at:%m-%d %H:%M}",
        "status": f"{run.status.value}: {shown(run.stage, 20)}" if run.stage else run.status.value,
        "words by": shown(run.mode, 60),
        "items": _count(run.counts.get("protected")),
        "new": _count(run.counts.get("born")),
        "grown": _count(night.events.get(Event.GREW, 0) if "born" in run.counts else None),
        "spent": f"${run.spend_usd:,.2f}",
        "took": DASH if run.seconds is None else clock(run.seconds),
        "!": f"{len(run.failures)}" if run.failures else "",
    }
    bar = ("▌" if is_current else " ", Role.MARK)
    number = (fit(str(run.id), _BEFORE - 3, right=True) + "  ", Role.MUTED)
    return [bar, number, *_cells(cells, _columns(width), width - _BEFORE)]


def run_page(night: Night, width: int) -> list[Line]:
    """All that is known of one run; no line is wider than `width`."""
    room = max(width - LABEL, 2)
    sections = [
        _heading(night.run, width),
        _labelled("Did", _did(night, room)),
        _labelled("Counts", packed([_counted(*item) for item in night.run.counts.items() if item[1]], room)),
        _models(night, width),
        _labelled("Notes", [line for note in night.run.reasons for line in wrapped(shown(note), room)], Role.MARK),
    ]
    return [line for section in sections if section for line in [*section, []]][:-1]


# -- rows ---------------------------------------------------------------------------------------------------------


def _columns(width: int) -> Sequence[_Column]:
    if width >= _WIDE:
        return _ROOMIEST
    return _ROOMY if width >= _NARROW else [column for column in _ROOMY if column not in (_GROWN, _TOOK)]


def _cells(cells: Mapping[str, str], columns: Sequence[_Column], room: int) -> list[Piece]:
    """Each cell in its column; the one without a width takes what is left of the room."""
    left = max(room - sum(column.width for column in columns), _FEWEST)
    return [(_cell(cells[column.name], column, column.width or left), column.role) for column in columns]


def _cell(text: str, column: _Column, width: int) -> str:
    return fit(text, width, right=True) if column.is_figure else fit(text, width - 1) + " "


def _count(number: int | None) -> str:
    return DASH if number is None else f"{number:,}"


# -- one run ------------------------------------------------------------------------------------------------------


def _heading(run: Run, width: int) -> list[Line]:
    took = "" if run.seconds is None else f" in {clock(run.seconds)}"
    place = f" at {shown(run.stage, 20)}" if run.stage else ""
    said = f"{run.started_at:%Y-%m-%d %H:%M} UTC: {run.status.value}{place}{took}, ${run.spend_usd:,.2f}"
    lines: list[Line] = [[(text, Role.STRONG)] for text in wrapped(said, width)]
    if run.status is RunStatus.STOPPED:
        lines += [clipped([(GO_ON, Role.STRONG), ("   goes on where it was", Role.MUTED)], width)]
    return lines


def _did(night: Night, room: int) -> list[str]:
    told = {event: count for event, count in night.events.items() if count and event is not Event.BORN}
    events = [f"{counted(count, 'problem')} {event.value}" for event, count in told.items()]
    return wrapped(did(night.run), room) + packed(events, room)


def _counted(name: str, count: int) -> str:
    return f"{shown(name, 40).replace('_', ' ')} {count:,}"


def _models(night: Night, width: int) -> list[Line]:
    """Whose words they are, what they took in sentences, and by stage as a table over the whole width."""
    room = max(width - LABEL, 2)
    said = usage_in_words(night.usage) if night.usage else []
    lines = _labelled("Words by", [text for one in (night.run.mode, *said) for text in wrapped(shown(one), room)])
    if night.usage is None or not night.usage.calls:
        return lines
    columns = [one for one in _CALLS if width >= _NARROW_CALLS or one.name not in ("out", "s each")]
    room = min(width, _WIDEST_CALLS)
    names: Line = [(text, Role.MUTED) for text, _ in _cells({one.name: one.name for one in columns}, columns, room)]
    return [*lines, [], names, *(_cells(_call(one), columns, room) for one in night.usage.calls)]


def _call(one: CallTotals) -> dict[str, str]:
    return {
        "stage": shown(one.stage, 40),
        "model": shown(one.model, 120),
        "outcome": shown(one.outcome, 40),
        "calls": f"{one.calls:,}",
        "tokens in": f"{one.tokens_in:,}",
        "out": f"{one.tokens_out:,}",
        "$": f"{one.usd:.4f}",
        "s each": f"{one.seconds / one.calls:.1f}" if one.seconds and one.calls else DASH,
    }


def _labelled(word: str, texts: Sequence[str], role: Role = Role.PLAIN) -> list[Line]:
    return labelled(word, [[(text, role)] for text in texts])
