"""See what would be filed, and where; then file it."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from insights.domain.problem import Problem
from insights.export import Preview, preview
from tui.pages.export import export_sheet, export_words
from tui.screens.dialog import DialogScreen, told
from tui.widgets.lines import Lines

_MOST_NAMED = 4


class ExportScreen(DialogScreen[tuple[Sequence[int], bool]]):
    """Gives the ids of the problems to file, and whether what is gone there is to be filed anew, which is so for one
    that was shown to be. With several the first is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "file", "file"),
        Binding("j,down", "scroll(1)", "down"),
        Binding("k,up", "scroll(-1)", "up"),
        Binding("pagedown,space", "scroll(10)", "a page down"),
        Binding("pageup", "scroll(-10)", "a page up"),
        Binding("escape,h", "leave", "close"),
    ]

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self._problems = list(problems)
        self._preview: Preview | None = None
        self._top = 0

    def titles(self) -> tuple[str, str]:
        count = len(self._problems)
        refs = ", ".join(problem.ref for problem in self._problems[:_MOST_NAMED])
        more = f" and {count - _MOST_NAMED:,} more" if count > _MOST_NAMED else ""
        first = "; this is the first" if count > 1 else ""
        return f"Export {refs}{more}{first}", "enter: file   esc: back"

    def on_mount(self) -> None:
        self.show()
        office, number = self.insights.office, self._problems[0].id

        def look_up() -> Preview:
            return preview(
                number,
                repository=office.repository,
                tracker=office.tracker(),
                now=office.now(),
                currency=office.settings.product.currency,
                settings=office.settings,
                folder=office.place,
            )

        self.read(look_up, self._take)

    def _take(self, found: Preview) -> None:
        self._preview = found
        self.box.border_subtitle = f"j k: scroll   enter: {export_words(found)}   esc: back"

    def show(self) -> None:
        if self._preview is None:
            self.query_one("#inside", Lines).show([told("reading…")])
            return
        sheet = export_sheet(self._preview, width=self.width, height=self.most_lines, top=self._top)
        self._top = sheet.first
        self.query_one("#inside", Lines).show(sheet.lines)

    def action_scroll(self, step: int) -> None:
        self._top = max(self._top + step, 0)
        self.show()

    def action_file(self) -> None:
        if self._preview is not None:
            again = self._preview.is_gone and len(self._problems) == 1
            self.dismiss(([problem.id for problem in self._problems], again))
