"""Evidence: search in what customers said, while typing, and go from any result to its problem."""

import asyncio
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from insights.domain.feedback import Evidence
from insights.domain.problem import Problem, State
from insights.domain.query import Found, Query
from insights.errors import InsightsError
from tui.actions import MOVING, bindings
from tui.cells import shown
from tui.keys import KeyHelp
from tui.models.merging import merge_picks
from tui.models.picks import Pick
from tui.models.typed_line import edited
from tui.pages.evidence import ROWS, View, count_line, hint_lines, hit_page, hit_rows, notice
from tui.pages.frame import SCREENS, Status
from tui.pages.pieces import Line, Role, width_of
from tui.screens.deciding import DecidingScreen
from tui.widgets.lines import Lines

_REST_SECONDS = 0.06
"""Nothing is typed for so long before it is searched."""
_MOST_HITS = 100
_LONGEST = 400
_FIND_KEYS = [
    KeyHelp(("enter",), "to the results", "screen.end_find"),
    KeyHelp(("↓", "↑"), "move", "screen.move(1)"),
    KeyHelp(("esc",), "back", "screen.back"),
]


_LEADING_AWAY = frozenset(SCREENS)
"""Ids of acts. Not of quitting: who types "quota" should not find himself in the shell."""


class EvidenceScreen(DecidingScreen):
    """A line to type in, what it found, and the item under the cursor in full."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(*MOVING, "open", "back", "move", "source", "copy", "find")

    def __init__(self) -> None:
        super().__init__()
        self.typed = ""
        self.is_finding = True
        self.found = Found(query=Query())
        self.cursor = 0
        self._is_prepared = False

    def compose(self) -> ComposeResult:
        yield from self.compose_top()
        yield Lines("typed")
        with Container(id="body"):
            with Vertical(id="ranked"):
                yield Lines("hits")
            with Vertical(id="beside"):
                yield Lines("detail")
        yield Lines("notice")
        yield from self.compose_bottom()

    # -- what a screen says of itself --------------------------------------------------------------------------

    @property
    def current(self) -> Evidence | None:
        return self.found.hits[self.cursor] if self.cursor < len(self.found.hits) else None

    @property
    def looked_at(self) -> Problem | None:
        current = self.current
        return self.insights.desk.problems.get(current.problem_id or 0) if current else None

    @property
    def quote(self) -> Evidence | None:
        return self.current

    @property
    def chosen(self) -> list[Problem]:
        return []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("source", "copy", "move_item"):
            return True if self.current else None
        return super().check_action(action, parameters)

    # -- showing ----------------------------------------------------------------------------------------------

    def show_body(self) -> None:
        if not self._is_prepared:
            self._is_prepared = True
            self._prepare()
        width = self.size.width
        self.query_one("#typed", Lines).show([self._typed_line(width), self._hint_line(width)])
        self.set_class(not self.found.hits, "-nothing")
        if not self.found.hits:
            has_any = self.insights.desk.has_any or not self.insights.desk.is_read
            self.query_one("#notice", Lines).show(notice(self.found, max(width - 8, 20), has_any=has_any))
            return
        self._show_hits()

    def _typed_line(self, width: int) -> Line:
        """What is typed, and at the right how many it found by which filters."""
        count = count_line(self.found, width // 2) if self.typed.strip() else []
        room = max(width - width_of(count) - 6, 8)
        line: Line = [(" / ", Role.MARK), (_end_of(self.typed, room - 2), Role.STRONG)]
        line.append(("▏" if self.is_finding else " ", Role.MARK))
        return [*line, (" " * max(width - width_of(line) - width_of(count) - 1, 1), Role.MUTED), *count]

    def _hint_line(self, width: int) -> Line:
        hints = hint_lines(self.found, width - 4, most=1) if self.typed.strip() else []
        return [(" ", Role.MUTED), *hints[0]] if hints else []

    def _show_hits(self) -> None:
        box, beside = self.query_one("#ranked"), self.query_one("#beside")
        width, height = box.content_size
        if not width:
            return
        view = self._view(width)
        most = max(height // ROWS, 1)
        first = min(max(self.cursor - most + 1, 0), max(len(self.found.hits) - most, 0))
        rows: list[Line] = []
        for number, hit in list(enumerate(self.found.hits))[first : first + most]:
            rows += hit_rows(hit, self.found.query.words, view, is_current=number == self.cursor)
        self._first = first
        self.query_one("#hits", Lines).show(rows)
        box.border_title = f"Found {len(self.found.hits):,}"
        box.border_subtitle = f"{self.cursor + 1:,} of {len(self.found.hits):,}"
        detail = self.query_one("#detail", Lines)
        current = self.current
        if current is not None and detail.size.width:
            title = shown(current.ref, 60)
            beside.border_title = title if self.has_class("-wide") else f" {title} "
            beside.border_subtitle = "enter: open its problem" if current.problem_id is not None else ""
            detail.show(hit_page(current, self.found.query.words, self._view(detail.size.width)))

    _first = 0
    _found_for = ""
    _is_asked = False

    def _view(self, width: int) -> View:
        return View(width=width, currency=self.insights.currency, problems=self.insights.desk.problems)

    @on(Lines.Widened)
    def show_widened_lines(self) -> None:
        self.show_body()

    def keys(self) -> list[KeyHelp]:
        return _FIND_KEYS if self.is_finding else super().keys()

    # -- finding ----------------------------------------------------------------------------------------------

    def action_find(self) -> None:
        self.is_finding = self._is_asked = True
        self.show()

    def action_end_find(self) -> None:
        """Out of typing, unless what is typed is known to find nothing: there is something to mend."""
        is_mistaken = self._found_for == self.typed and self._finds_nothing
        self.is_finding = is_mistaken
        self.show()

    @property
    def _finds_nothing(self) -> bool:
        return bool(self.typed.strip()) and not self.found.hits

    def action_back(self) -> None:
        """Out of typing, then out of the search, then back to the Inbox."""
        if self.is_finding and self.found.hits:
            self.is_finding = False
        elif self.typed:
            self.type("")
        else:
            self.insights.action_go("inbox")
        self.show()

    def take_key(self, event: events.Key) -> bool:
        if self.is_finding and not self.typed and event.key == "slash":
            self._is_asked = True
            return True  # the key that begins a search, where one has begun
        if self.is_finding and not self.typed and not self._is_asked and self._leads_away(event.key):
            return False
        return self._type(event) if self.is_finding else super().take_key(event)

    def _leads_away(self, key: str) -> bool:
        """To another screen: what such a key means in a line that stands open and that nobody asked for."""
        active = self.active_bindings.get(key)
        return active is not None and active.binding.id in _LEADING_AWAY

    def _type(self, event: events.Key) -> bool:
        match event.key:
            case "enter":
                self.action_end_find()
            case "escape":
                self.action_back()
            case _:
                typed = edited(self.typed, event.key, event.character)
                if typed is None:
                    return False
                self.type(typed)
        return True

    def on_paste(self, event: events.Paste) -> None:
        if self.is_finding:
            self.type(self.typed + shown(event.text, 200))

    def type(self, typed: str) -> None:
        """Show what is typed at once; what it finds follows."""
        self._is_asked = True
        self.typed = typed[:_LONGEST]
        self.show()
        self._find(self.typed)

    @work(group="find", exclusive=True)
    async def _find(self, typed: str) -> None:
        await asyncio.sleep(_REST_SECONDS)
        finder = self.insights.finder
        if finder is None:
            self.insights.say(Status("There is no workspace to search in here.", is_error=True))
            return
        try:
            found = await asyncio.to_thread(finder.find, typed, _MOST_HITS)
        except InsightsError as error:
            self.insights.complain(error)
            return
        if typed == self.typed:
            self.found, self._found_for, self.cursor = found, typed, 0
            self.is_finding |= self._finds_nothing
            self.show()

    @work(group="prepare")
    async def _prepare(self) -> None:
        """Read what the first search would have to wait for."""
        finder = self.insights.finder
        if finder is not None:
            await asyncio.to_thread(finder.prepare)

    # -- moving and acting ------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        self.cursor = min(max(self.cursor + step, 0), max(len(self.found.hits) - 1, 0))
        self.show()

    def action_go(self, place: int) -> None:
        self.action_move(-len(self.found.hits) if place == 0 else len(self.found.hits))

    def action_page(self, step: int) -> None:
        self.action_move(step * max(self.query_one("#ranked").content_size.height // ROWS - 1, 1))

    @on(events.Click, "#hits")
    def go_where_clicked(self, event: events.Click) -> None:
        self.is_finding = False
        self.action_move(event.y // ROWS + self._first - self.cursor)

    def action_open(self) -> None:
        if self.looked_at is not None:
            self.insights.open_problem(self.looked_at.id)

    def action_source(self) -> None:
        self.insights.open_source()

    def action_copy(self) -> None:
        self.insights.copy_quote()

    async def action_move_item(self) -> None:
        """The item belongs to another problem, or to none; later runs keep to it. Keys wait until it is known which
        problems are near."""
        current, source = self.current, self.looked_at
        if current is None:
            return
        if source is None:
            self.insights.say(Status("This item is in no problem; the next run may find one for it.", is_error=True))
            return
        from tui.screens.picking import PickScreen

        others = [p for p in self.insights.desk.problems.values() if p.state is not State.MERGED]
        similar = await self.insights.neighbours_of(source)

        def keep(target: "Chosen | None") -> None:
            if target is not None:
                self.insights.move_item(current.feedback_id, source, target.problem)

        chosen = [
            Pick(Chosen(pick.value), pick.words, pick.hint, pick.more)
            for pick in merge_picks(similar, others, parts={source.id})
        ]
        chosen.append(Pick(Chosen(None), "none: no problem", more="it is taken out, and stays out"))
        title = f"Move {shown(current.ref, 40)} from {source.ref} to"
        self.app.push_screen(PickScreen(title, chosen, hint="enter: move   esc: back"), keep)


def _end_of(typed: str, room: int) -> str:
    """The last cells of it: where one types."""
    return typed if cell_len(typed) <= room else "…" + set_cell_size(typed[-room:], room - 1).rstrip()


class Chosen:
    """A problem that was picked, or none, which is another thing than picking nothing."""

    def __init__(self, problem: Problem | None) -> None:
        self.problem = problem
