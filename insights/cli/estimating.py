"""Set figures of an estimate, and try other assumptions."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, say
from insights.domain.access import Act
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights.domain.estimate import Revision


@app.command(epilog='Example: insights estimate P-12 --effort 2-3-6 --why "like the importer last year"')
def estimate(
    context: typer.Context,
    problem: Annotated[str, typer.Argument(metavar="PROBLEM", help="A problem's id, such as P-12.")],
    effort: Annotated[
        str | None, typer.Option(help="Weeks of one engineer: 2-3-6, or S, M, L, XL (likely 1, 3, 6, 12).")
    ] = None,
    figures: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Another figure of it: churn=2%-5%-10% (added chance that an affected account leaves), win=5%-10%-25% "
            "(added chance to win a deal that names it), avoided=40%-70%-90% (of its items), minutes=20 (an item), "
            "severity=blocks (hurts, annoys, wish). May be repeated.",
        ),
    ] = None,
    why: Annotated[str | None, typer.Option(help="The reason; kept with the decision.")] = None,
    json: AsJson = False,
) -> None:
    """Set figures of a problem's estimate; the list is ranked anew. `undo` takes it back."""
    from insights.bootstrap import now, user
    from insights.domain.problem import parse_problem_ref
    from insights.estimating import set_figures

    said = [*([f"effort={effort}"] if effort else []), *(figures or [])]
    revision = _revision(said)
    workspace = context.obj.open(Act.DECIDE)
    problems = workspace.repository.problems
    before = problems.get(parse_problem_ref(problem))
    set_figures(
        before.id,
        revision,
        repository=workspace.repository,
        settings=workspace.settings,
        who=user(),
        now=now,
        why=why,
    )
    after = problems.get(before.id)
    if json:
        as_json({"ref": after.ref, "before": before.estimate, "after": after.estimate})
        return
    from insights.cli.estimates import change_in_words

    for line in change_in_words(before, after, currency=workspace.settings.product.currency):
        say(context.obj, line)


def _revision(figures: "Sequence[str]") -> "Revision":
    from insights.domain.estimate import Revision
    from insights.domain.typed_figures import read_figure

    said: dict[str, Any] = {}
    for figure in figures:
        name, equals, value = figure.partition("=")
        if not equals:
            raise InsightsError(
                f"{figure!r} sets nothing.", remedy="Write it as churn=2%-5%-10%.", exit_code=ExitCode.USAGE
            )
        said |= read_figure(name, value)
    return Revision(**said)


@app.command(epilog="Example: insights whatif --set churn.high=0.2 --set P-12.effort=1-2-4")
def whatif(
    context: typer.Context,
    changes: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="An assumption, as under [worth] in insights.toml (churn.high=0.2, hourly_cost=60), or a figure of "
            "one problem, as of `insights estimate` (P-12.effort=1-2-4). May be repeated.",
        ),
    ],
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    json: AsJson = False,
) -> None:
    """Show the list under other assumptions; nothing is changed."""
    from insights.estimating import what_if

    workspace = context.obj.open()
    tried = what_if(workspace.repository, workspace.settings, changes)
    if json:
        as_json(
            [
                {"ref": one.problem.ref, "title": one.problem.title, "before": one.before, "after": one.after}
                for one in tried
            ]
        )
        return
    if not tried:
        say(context.obj, "Nothing is estimated yet: insights analyze")
        return
    from insights.cli.estimates import moves_in_words, tried_table

    screen = console()
    screen.print(moves_in_words(tried, changes))
    screen.print(tried_table(tried[:limit], currency=workspace.settings.product.currency, width=screen.width))
    say(context.obj, f"{min(limit, len(tried))} of {len(tried)}. Nothing was changed.")


@app.command(epilog="Example: insights rank")
def rank(context: typer.Context, json: AsJson = False) -> None:
    """Estimate and rank all problems anew by the settings as they are now; reads no feedback."""
    from insights.cli.output import progress_bar
    from insights.domain.figures import counted

    workspace = context.obj.open(Act.DECIDE)
    with progress_bar(context.obj) as progress:
        progress("estimating", 0, 0)
        workspace.revalue()
    found = workspace.triage().problems()
    if json:
        as_json([{"problem": one.ref, "rank": one.estimate.rank} for one in found if one.estimate])
        return
    say(context.obj, f"{counted(sum(one.estimate is not None for one in found), 'problem')} ranked.")
