"""What the Inbox and the page of one problem share: decisions, the keys of two strokes, and the frame around."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from insights.domain.problem import Action
from tui.cells import shown
from tui.dossier import Dossier
from tui.keys import DISMISS, SNOOZE, Choice, KeyHelp, Prefix, described, described_choices
from tui.pages.frame import Status, status_line, top_line
from tui.widgets.key_line import KeyLine
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from tui.app import InsightsApp

_NEEDS_PROBLEM = frozenset(("accept", "begin", "open", "quote"))
_PASSING = frozenset(("q", "question_mark"))
"""Keys that keep their meaning while a prefix waits."""


class DecidingScreen(Screen[None]):
    """Shows the application's desk. It reads and writes nothing itself: the application does, off this thread."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 (as in the base class)

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "accept", "accept", id="accept"),
        Binding("d", "begin('dismiss')", "dismiss", id="dismiss"),
        Binding("s", "begin('snooze')", "snooze", id="snooze"),
        Binding("u", "undo", "undo", id="undo"),
        Binding("J", "quote(1)", "next quote", show=False, id="next_quote"),
        Binding("K", "quote(-1)", "previous quote", show=False, id="previous_quote"),
        Binding("R", "rerank", "read again, rank anew", show=False, id="rerank"),
    ]

    pending: Prefix | None = None

    @property
    def insights(self) -> "InsightsApp":
        return cast("InsightsApp", self.app)

    def compose_top(self) -> ComposeResult:
        yield Lines("top")

    def compose_bottom(self) -> ComposeResult:
        yield Lines("status")
        yield KeyLine("keys")

    # -- showing ----------------------------------------------------------------------------------------------

    @on(events.Mount)
    @on(events.ScreenResume)
    def show(self) -> None:
        """Draw the frame and the body anew."""
        if not self.is_mounted or not self.size:
            return
        app, width = self.insights, self.size.width
        line = top_line(app.desk, app.workspace, today=app.triage.now().date(), width=width)
        self.query_one("#top", Lines).show([line])
        self.query_one("#status", Lines).show([status_line(self.status(), width)])
        self.query_one(KeyLine).show(self.keys())
        self.show_body()

    @on(events.Resize)
    def show_resized(self) -> None:
        self.call_after_refresh(self.show)

    @on(Lines.Widened, "#detail")
    def show_widened(self) -> None:
        self.show_body()

    def show_body(self) -> None:
        """Draw what stands between the frame's lines."""
        raise NotImplementedError

    def show_dossier(self, dossier: Dossier) -> None:
        """Draw one problem's detail, or what is known of it so far."""
        raise NotImplementedError

    def status(self) -> Status:
        """What the status line says: the question of a waiting prefix, or what happened last."""
        problem = self.insights.desk.current
        if self.pending is None or problem is None:
            return self.insights.status
        question = "Why?" if self.pending is DISMISS else "How long?"
        return Status(f"{self.pending.name} “{shown(problem.title, 200)}”", hint=question)

    def keys(self) -> list[KeyHelp]:
        """What the bottom line offers."""
        return described_choices(self.pending) if self.pending else [k for k in self.help() if k.is_prominent]

    def help(self) -> list[KeyHelp]:
        """Every key that works here, help last."""
        active = (entry for entry in self.active_bindings.values() if entry.enabled)
        keys = described(("app" if entry.node is self.app else "screen", entry.binding) for entry in active)
        return sorted(keys, key=lambda key: key.action == "app.help")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 (textual's signature)
        """With nothing on the desk there is nothing to decide, open or quote."""
        return None if action in _NEEDS_PROBLEM and self.insights.desk.current is None else True

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
        elif key in ("escape", "\x1b"):
            self.pending = None
            self.show()

    def action_accept(self) -> None:
        self._decide(Action.ACCEPT)

    def action_begin(self, name: str) -> None:
        if self.insights.desk.current is not None:
            self.pending = DISMISS if name == DISMISS.name else SNOOZE
            self.show()

    def _decide(self, action: Action, choice: Choice | None = None) -> None:
        self.pending = None
        self.insights.decide(action, choice)

    async def action_undo(self) -> None:
        self.pending = None
        await self.insights.undo()

    def action_quote(self, step: int) -> None:
        self.insights.turn_quote(step)

    def action_rerank(self) -> None:
        self.insights.read_inbox()
