"""What the screens share that show problems or what belongs to them: the frame, the keys of two strokes, and what can
be done with the problems that are chosen."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from insights.domain.feedback import Evidence
from insights.domain.problem import Action, Problem
from tui.actions import ACTS, NEEDS, bindings
from tui.cells import shown
from tui.keys import DISMISS, PREFIXES, Choice, KeyHelp, Prefix, described, described_choices, key_name
from tui.models.dossier import Dossier
from tui.models.picks import Pick
from tui.pages.frame import Status, status_lines, top_line
from tui.widgets.key_line import KeyLine
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from tui.app import InsightsApp

_NEEDS_PROBLEM = frozenset(
    ("accept", "begin", "merge", "split", "rename", "estimate", "export", "select", "range", "carry", "reorder")
)
"""Actions that decide on what is chosen, or choose."""
_NEEDS_SIGHT = frozenset(("open", "quote", "source", "copy", "move_item"))
"""Actions about what shows."""
_NEEDS_DATA = frozenset(("undo", "redo", "find", "lens"))
"""Actions that make no sense in a workspace without a problem."""
_PASSING = frozenset(("q", "question_mark"))
"""Keys that keep their meaning while a prefix waits."""


class DecidingScreen(Screen[None]):
    """Shows the application's desk. It reads and writes nothing itself: the application does, off this thread."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 (as in the base class)

    BINDINGS: ClassVar[list[BindingType]] = bindings("undo", "redo", "rerank", "digest", "stop")

    pending: Prefix | None = None

    @property
    def insights(self) -> "InsightsApp":
        return cast("InsightsApp", self.app)

    # -- what a screen says of itself --------------------------------------------------------------------------

    @property
    def looked_at(self) -> Problem | None:
        """The problem whose detail shows here."""
        return None

    @property
    def quote(self) -> Evidence | None:
        """The words of a customer that are looked at, where those are not the problem's own quotes."""
        return None

    @property
    def chosen(self) -> list[Problem]:
        """What a decision here is about."""
        return [self.looked_at] if self.looked_at else []

    def show_body(self) -> None:
        """Draw what stands between the frame's lines."""
        raise NotImplementedError

    def show_dossier(self, dossier: Dossier) -> None:
        """Draw one problem's detail, or what is known of it so far."""

    # -- showing ----------------------------------------------------------------------------------------------

    def compose_top(self) -> ComposeResult:
        yield Lines("top")

    def compose_bottom(self) -> ComposeResult:
        yield Lines("status")
        yield KeyLine("keys")

    @on(events.Mount)
    @on(events.ScreenResume)
    def show(self) -> None:
        """Draw the frame and the body anew."""
        if not self.is_mounted or not self.size:
            return
        app, width = self.insights, self.size.width
        self.query_one("#top", Lines).show([top_line(app.place, width)])
        self.query_one("#status", Lines).show(status_lines(self.status(), width))
        self.query_one(KeyLine).show(self.keys())
        self.show_body()

    @on(events.Resize)
    def show_resized(self) -> None:
        self.call_after_refresh(self.show)

    @on(Lines.Widened, "#detail")
    def show_widened(self) -> None:
        self.show_body()

    def status(self) -> Status:
        """What the status line says: the question of a waiting prefix, or what happened last."""
        if self.pending is None or not self.chosen:
            return self.insights.status
        some = self.chosen
        what = f"“{shown(some[0].title, 200)}”" if len(some) == 1 else f"{len(some):,} problems"
        return Status(f"{self.pending.name} {what}", hint=self.pending.question)

    def keys(self) -> list[KeyHelp]:
        """What the bottom line offers."""
        if self.pending:
            return described_choices(self.pending)
        question = self.insights.question
        return [*(question.keys() if question else []), *(k for k in self.help() if k.is_prominent)]

    def help(self) -> list[KeyHelp]:
        """Every key that works here, in the order of the acts, help last."""
        order = {act.id: number for number, act in enumerate(ACTS)}
        active = [
            entry
            for entry in self.active_bindings.values()
            if entry.enabled and entry.binding.id in order and self._is_allowed(entry.binding.id)
        ]
        active.sort(key=lambda entry: order[entry.binding.id or ""])
        return described(("app" if entry.node is self.app else "screen", entry.binding) for entry in active)

    def offers(self) -> list[Pick[str]]:
        """What the palette offers: every act that works here, with its keys and the plain command."""
        works = {entry.binding.id: entry for entry in self.active_bindings.values() if entry.enabled}
        found = []
        for act in ACTS:
            if act.in_palette and (act.id in works or not act.keys) and self._is_allowed(act.id):
                binding = works[act.id].binding if act.id in works else None
                keys = _key_names(binding.key if binding else "", works, act.id)
                words = binding.description if binding else act.words
                found.append(Pick(act.action, words, hint=keys, more=act.command))
        return found

    def _is_allowed(self, name: str) -> bool:
        """Whether this person's roles allow the act; else it is not offered."""
        return name not in NEEDS or self.insights.office.may(NEEDS[name])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 (textual's signature)
        """With nothing chosen there is nothing to decide, with nothing looked at nothing to open or quote, without any
        problem nothing to take back or find."""
        if action in _NEEDS_DATA and self.insights.desk.is_bare:
            return None
        needs = self.chosen if action in _NEEDS_PROBLEM else self.looked_at if action in _NEEDS_SIGHT else True
        return True if needs else None

    # -- keys -------------------------------------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """Take the second key of a pair. The application asks before it looks at bindings, in the order of typing:
        a screen's own handler would see the second key before the first was acted on."""
        if self.pending is None or event.key in _PASSING:
            return False
        self.action_choose(event.character or event.key)
        return True

    def action_choose(self, key: str) -> None:
        """A second key: a choice, or out. Any other key leaves the question standing."""
        choice = self.pending.choice(key) if self.pending else None
        if self.pending and choice:
            self._decide(self.pending.action, choice)
        elif self.pending and self.pending.action is Action.ACCEPT and key == "w":
            self.pending = DISMISS
            self.show()
        elif key in ("escape", "\x1b"):
            self.pending = None
            self.show()

    def action_accept(self) -> None:
        self._decide(Action.ACCEPT)

    def action_begin(self, name: str) -> None:
        if self.chosen:
            self.pending = PREFIXES[name]
            self.show()

    def _decide(self, action: Action, choice: Choice | None = None) -> None:
        self.pending = None
        self.insights.decide(self.chosen, action, choice)

    async def action_undo(self) -> None:
        self.pending = None
        await self.insights.undo()

    async def action_redo(self) -> None:
        self.pending = None
        await self.insights.redo()

    def action_quote(self, step: int) -> None:
        self.insights.turn_quote(step)

    def action_digest(self) -> None:
        """What changed in a week, as `insights digest` tells it."""
        from tui.screens.digest import DigestScreen

        self.app.push_screen(DigestScreen())

    def action_rerank(self) -> None:
        self.insights.read_all()


def _key_names(key: str, works: Mapping[str | None, object], act: str) -> str:
    """The key as it is printed, remapped or not."""
    return key_name(key) if act in works and key else ""
