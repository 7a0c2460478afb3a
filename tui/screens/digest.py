"""The digest of the last week, as the night would send it."""

from datetime import timedelta

from tui.pages.markdown import markdown_lines
from tui.pages.pieces import Line
from tui.screens.dialog import told
from tui.screens.page import PageScreen

_DAYS = 7


class DigestScreen(PageScreen):
    """Read when it is opened; its opening sentence is made offline."""

    def __init__(self) -> None:
        super().__init__("Digest of a week", self._lines)
        self._markdown: str | None = None

    def on_mount(self) -> None:
        super().on_mount()
        self.read(self._look_up, self._take)

    def _look_up(self) -> str:
        from insights.digest.changes import changes
        from insights.digest.markdown import to_markdown
        from insights.digest.story_of import story_of

        office = self.insights.office
        now = office.now()
        digest = changes(
            office.repository,
            office.settings,
            since=now - timedelta(days=_DAYS),
            now=now,
            standing=office.standing() if office.standing else None,
        )
        return to_markdown(story_of(digest))

    def _take(self, markdown: str) -> None:
        self._markdown = markdown

    def _lines(self, width: int) -> list[Line]:
        return [told("reading…")] if self._markdown is None else markdown_lines(self._markdown, width)
