"""What the Inbox and the page of one problem share: decisions, the keys of two strokes, and the frame around."""

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from insights.domain.problem import Action
from tui.dossier import Dossier
from tui.frame import Frame
from tui.keys import DISMISS, SNOOZE, Choice, Prefix, described
from tui.messages import Decided, MovedTo, QuoteWanted, Reload, UndoWanted
from tui.widgets.key_line import KeyLine
from tui.widgets.lines import Lines

_PASSING = frozenset(("q", "question_mark"))
"""Keys that keep their meaning while a prefix waits."""


class DecidingScreen(Screen[None]):
    """Shows the desk; says what the person wants. It reads and writes nothing itself."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]

    BINDINGS: list[BindingType] = [
        Binding("a", "accept", "accept", id="accept"),
        Binding("d", "begin('dismiss')", "dismiss", id="dismiss"),
        Binding("s", "begin('snooze')", "snooze", id="snooze"),
        Binding("u", "undo", "undo", id="undo"),
        Binding("J", "quote(1)", "next quote", show=False, id="next_quote"),
        Binding("K", "quote(-1)", "previous quote", show=False, id="previous_quote"),
        Binding("R", "rerank", "read again, rank anew", show=False, id="rerank"),
    ]

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.frame = frame
        self.pending: Prefix | None = None

    def compose_frame_top(self) -> ComposeResult:
        yield Lines(id="top")

    def compose_frame_bottom(self) -> ComposeResult:
        yield Lines(id="status")
        yield KeyLine(id="keys")

    # -- showing ----------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.show()

    def on_screen_resume(self) -> None:
        self.show()

    def on_resize(self) -> None:
        self.call_after_refresh(self.show)

    def show(self) -> None:
        """Draw the frame and the body anew."""
        if not self.is_mounted:
            return
        width = self.size.width
        self.query_one("#top", Lines).show([self.frame.top_line(width)])
        self.query_one("#status", Lines).show([self.frame.status_line(width, prompt=self.prompt())])
        bindings = (active.binding for active in self.active_bindings.values() if active.enabled)
        prominent = [key for key in described(bindings) if key.is_prominent]
        prominent.sort(key=lambda key: key.keys[0] == "?")
        self.query_one(KeyLine).show(prominent)
        self.show_body()

    def show_body(self) -> None:
        raise NotImplementedError

    def show_dossier(self, dossier: Dossier) -> None:
        """The quotes, neighbours and decisions of the current problem have been read."""
        raise NotImplementedError

    def prompt(self) -> str | None:
        """What the status line asks while a key of two strokes waits for its second."""
        if self.pending is None:
            return None
        choices = "  ".join(f"{choice.key} {choice.words}" for choice in self.pending.choices)
        return f"{self.pending.name}:  {choices}  esc no"

    # -- keys -------------------------------------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """Take the second key of a pair. The application asks before it looks at bindings, in the order of typing:
        a screen's own handler would see the second key before the first was acted on."""
        if self.pending is None or event.key in _PASSING:
            return False
        choice = self.pending.choice(event.character or event.key)
        if choice is not None:
            self._choose(self.pending, choice)
        elif event.key == "escape":
            self.pending = None
            self.show()
        return True

    def _choose(self, prefix: Prefix, choice: Choice) -> None:
        self.pending = None
        self.decide(Decided(prefix.action, words=choice.words, value=choice.value))

    def decide(self, decided: Decided) -> None:
        self.frame.decide(decided)

    def action_accept(self) -> None:
        self.decide(Decided(Action.ACCEPT))

    def action_begin(self, name: str) -> None:
        if self.frame.desk.current is not None:
            self.pending = DISMISS if name == "dismiss" else SNOOZE
            self.show()
