"""Set figures of one problem's estimate, and see what they would make of it while they are typed."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from insights.domain.estimate import Revision
from insights.domain.problem import Problem
from insights.domain.typed_figures import read_figures
from insights.errors import InsightsError
from insights.estimating import Figure, Trial, Tried, trial_of
from tui.cells import shown
from tui.models.forms import Form, Outcome
from tui.pages.estimate import estimate_form, form_lines, preview_lines
from tui.screens.dialog import DialogScreen, told
from tui.widgets.lines import Lines

_REST_SECONDS = 0.15
"""Nothing is typed for so long before the preview is made."""


class EstimateScreen(DialogScreen[Revision]):
    """Gives the figures that were typed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "close", show=False)]

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self._problem = problem
        self._trial: Trial | None = None
        self._form: Form | None = None
        self._tried: Tried | None = None
        self._resting: Timer | None = None
        self._early: list[tuple[str, str | None]] = []

    def titles(self) -> tuple[str, str]:
        title = f"Estimate {self._problem.ref} {shown(self._problem.title, 60)}"
        return title, "↑ ↓ figure   enter: keep   esc: back"

    def compose_inside(self) -> ComposeResult:
        yield Lines("form")
        yield Lines("preview")

    def on_mount(self) -> None:
        self.show()
        office, number = self.insights.office, self._problem.id

        def look_up() -> tuple[Trial, tuple[Figure, ...]]:
            trial = trial_of(number, repository=office.repository, settings=office.settings)
            return trial, trial.figures(who=office.who)

        self.read(look_up, self._begin)

    def _begin(self, found: tuple[Trial, tuple[Figure, ...]]) -> None:
        """Keys that were typed while it was read count."""
        self._trial, figures = found
        self._form = estimate_form(figures)
        self._preview()
        for key, character in self._early:
            self._take(key, character)

    def show(self) -> None:
        if self._form is None:
            self.query_one("#form", Lines).show([told("reading…")])
            return
        self.query_one("#form", Lines).show(form_lines(self._form, self.width))
        currency = self.insights.currency
        self.query_one("#preview", Lines).show(preview_lines(self._tried, width=self.width, currency=currency))

    def on_key(self, event: events.Key) -> None:
        if event.key != "escape":
            event.stop()
            event.prevent_default()
            self._take(event.key, event.character if event.is_printable else None)

    def on_paste(self, event: events.Paste) -> None:
        if self._form is not None:
            self._form.type(event.text)
            self._typed()

    def _take(self, key: str, character: str | None) -> None:
        if self._form is None:
            self._early.append((key, character))
            return
        match self._form.take_key(key, character):
            case Outcome.SAVE:
                self.dismiss(read_figures(self._form.said))
            case Outcome.LEAVE:
                self.dismiss(None)
            case Outcome.TYPED:
                self._typed()
            case _:
                self.show()

    def _typed(self) -> None:
        self.show()
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(_REST_SECONDS, self._preview)

    def _preview(self) -> None:
        """What the figures that are understood so far would do."""
        trial, form = self._trial, self._form
        if trial is not None and form is not None:
            said = form.understood
            self.read(lambda: _tried(trial, said), self._take_tried)

    def _take_tried(self, tried: Tried | None) -> None:
        self._tried = tried or self._tried


def _tried(trial: Trial, said: dict[str, str]) -> Tried | None:
    """None for figures that each make sense and together do not."""
    try:
        return trial.tried(read_figures(said))
    except InsightsError:
        return None
