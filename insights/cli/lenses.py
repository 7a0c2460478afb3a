"""Problems through a lens: in another order, and which lenses there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, say
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from insights.bootstrap import Workspace
    from insights.domain.problem import Problem
    from insights.lenses import View
    from insights.worth.lenses import Lens

BY_RETURN = "roi"


@dataclass(frozen=True, slots=True)
class Looked:
    """Problems in the order of a lens, best first, each with what the lens says of it."""

    lens: "Lens"
    views: Sequence["View"]

    @property
    def problems(self) -> "list[Problem]":
        return [view.problem for view in self.views]

    @property
    def is_other(self) -> bool:
        """Whether it is another order than by return."""
        return self.lens.name != BY_RETURN

    def as_data(self) -> dict[int, dict[str, object]]:
        """problem id -> what a script reads of the lens."""
        return {
            view.problem.id: {
                "lens": self.lens.name,
                "score": view.score,
                "words": view.words,
                "place": view.place,
                "roi_place": view.roi_place,
                "move": view.move,
            }
            for view in self.views
        }


def through_lens(
    workspace: "Workspace", problems: "Sequence[Problem]", *, name: str | None, weights: str | None
) -> Looked | None:
    """These problems through the lens of that name, else through that of the settings; None where nobody asks for
    another order than by return. Raises InsightsError for an unknown lens or unusable weights."""
    name = name or ("custom" if weights is not None else None)
    if name is None and workspace.settings.lenses.default == BY_RETURN:
        return None
    from dataclasses import replace

    from insights.lenses import chosen_lens, look

    lens = chosen_lens(workspace.settings, name=name, weights=weights)
    if weights is not None and not lens.weights:
        raise InsightsError(
            f"The lens {lens.name} has no weights.", remedy="Use --lens custom.", exit_code=ExitCode.USAGE
        )
    listed = {problem.id: problem for problem in problems}
    views = look(workspace.repository, lens, settings=workspace.settings)
    found = [replace(view, problem=listed[view.problem.id]) for view in views if view.problem.id in listed]
    return Looked(lens, found)


@app.command(epilog="Example: insights lenses")
def lenses(context: typer.Context, json: AsJson = False) -> None:
    """List the lenses that put problems in order, and how far each agrees with the order by return."""
    from insights.lenses import agreements

    workspace = context.obj.open()
    found = agreements(workspace.repository, settings=workspace.settings)
    if json:
        as_json(
            [
                {
                    "lens": one.lens.name,
                    "formula": one.lens.formula,
                    "agrees_with_roi": one.tau,
                    "known": one.known,
                    "problems": one.problems,
                }
                for one in found
            ]
        )
        return
    from insights.cli.lens_page import lenses_table

    console().print(lenses_table(found, default=workspace.settings.lenses.default))
    say(context.obj, "agrees: Kendall's tau-b with the order by ROI, 1 the same, −1 the reverse.")
    say(context.obj, "known of: how many problems it can tell from others; the rest come last.")
    say(context.obj, "Look through one with: insights problems --lens rice")
