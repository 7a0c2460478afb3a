"""What the Inbox, the Board and the page of a problem share: the dialogs about the chosen problems.

A dialog is loaded when it is first asked for: the list is on the screen sooner.
"""

from collections.abc import Sequence

from insights.domain.problem import Problem
from tui.screens.deciding import DecidingScreen


class WorkingScreen(DecidingScreen):
    """Each dialog gives what was decided in it, or None; the application writes it."""

    def action_rename(self) -> None:
        """A title that stays when the problem is described anew."""
        problem = self._one()
        if problem is None:
            return
        from insights.corrections import check_title
        from tui.screens.prompting import PromptScreen

        def keep(title: str | None) -> None:
            if title is not None and title.strip() != problem.title:
                self.insights.rename(problem, title)

        about = "What goes wrong for customers, in a few words."
        title = f"Rename {problem.ref}"
        self.app.push_screen(PromptScreen(title, text=problem.title, about=about, check=check_title), keep)

    async def action_merge(self) -> None:
        """Into the nearest one, or another. Keys wait until it is known which that is."""
        parts = self.chosen
        if not parts:
            return
        from tui.screens.merging import MergeScreen

        def keep(whole: Problem | None) -> None:
            if whole is not None:
                self.insights.merge(parts, whole)

        similar = await self.insights.neighbours_of(parts[0])
        self.app.push_screen(MergeScreen(parts, similar, list(self.insights.desk.problems.values())), keep)

    def action_split(self) -> None:
        """Some of its items become a problem of their own."""
        problem = self._one()
        if problem is None:
            return
        from tui.screens.splitting import SplitScreen

        def keep(items: Sequence[int] | None) -> None:
            if items is not None:
                self.insights.split(problem, items)

        self.app.push_screen(SplitScreen(problem), keep)

    def action_estimate(self) -> None:
        """Figures that a person knows better."""
        problem = self._one()
        if problem is None:
            return
        from insights.domain.estimate import Revision
        from tui.screens.estimating import EstimateScreen

        def keep(revision: Revision | None) -> None:
            if revision is not None:
                self.insights.set_figures(problem, revision)

        self.app.push_screen(EstimateScreen(problem), keep)

    def action_export(self) -> None:
        """See what would be filed, then file it."""
        if not self.chosen:
            return
        from tui.screens.exporting import ExportScreen

        def keep(chosen: tuple[Sequence[int], bool] | None) -> None:
            if chosen is not None:
                numbers, again = chosen
                self.insights.export(numbers, again=again)

        self.app.push_screen(ExportScreen(self.chosen), keep)

    def action_source(self) -> None:
        self.insights.open_source()

    def action_copy(self) -> None:
        self.insights.copy_quote()

    def _one(self) -> Problem | None:
        """The problem that is looked at: what these dialogs ask makes no sense of several."""
        return self.looked_at
