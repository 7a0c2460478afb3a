"""Record what was shipped, show what came of it, and let it move the assumptions of estimates."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, confirm, console, say
from insights.domain.access import Act
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from insights.bootstrap import Workspace
    from insights.outcomes import Outcome
    from insights.worth.calibration import Move

_NOTHING = "Nothing is shipped yet. When a problem's fix is released: insights shipped P-12 --on 2026-06-01 --weeks 4"
_NOT_SEEN = (
    "Nothing can be compared yet: a release needs a prediction (accept the problem before), and the weeks that it took "
    "or some weeks of watching. `insights shipped` shows each."
)


@app.command(epilog="Example: insights shipped P-12 --on 2026-06-01 --weeks 4")
def shipped(
    context: typer.Context,
    problem: Annotated[str | None, typer.Argument(help="A problem's id, such as P-12.")] = None,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="The day of the release.")] = None,
    weeks: Annotated[float | None, typer.Option(help="The work it took, in weeks of one engineer.")] = None,
    why: Annotated[str | None, typer.Option(help="A remark; kept with the decision.")] = None,
    json: AsJson = False,
) -> None:
    """Record that a problem was shipped; without a day show what came of those that were."""
    workspace = context.obj.open(Act.LOOK if on is None else Act.DECIDE)
    if on is not None and problem is not None:
        _record(context.obj, workspace, problem, on=on, weeks=weeks, why=why, json=json)
        return
    if on is not None or weeks is not None or why is not None:
        raise InsightsError(
            "It takes a problem and a day to record a release.",
            remedy="Write: insights shipped P-12 --on 2026-06-01 --weeks 4",
            exit_code=ExitCode.USAGE,
        )
    found = _chosen(workspace, _outcomes(workspace), problem)
    if json:
        from insights.outcomes import true_so_far

        true, judged = true_so_far(found)
        as_json({"shipped": [_plain(one) for one in found], "came_true": true, "judged": judged})
    elif found:
        from insights.cli.outcome_pages import outcome_lines

        for line in outcome_lines(found, currency=workspace.settings.product.currency):
            console().print(line)
    else:
        say(context.obj, _NOTHING)


@app.command(epilog="Example: insights calibration --apply")
def calibration(
    context: typer.Context,
    apply: Annotated[bool, typer.Option("--apply", help="Write the moved assumptions into insights.toml.")] = False,
    json: AsJson = False,
) -> None:
    """Plot predicted ranges against what came of them, and show how the assumptions should move."""
    from insights.outcomes import compared_of
    from insights.worth.calibration import calibrate, moves_of

    workspace = context.obj.open(Act.MANAGE if apply else Act.LOOK)
    found = _outcomes(workspace)
    compared = compared_of(found)
    moves = moves_of(compared, _ranges(workspace))
    due = [move for move in moves if move.is_due]
    if json:
        held = calibrate(compared)
        as_json({"quantities": held, "compared": compared, "moves": moves, "applied": apply and bool(due)})
    elif not compared:
        say(context.obj, _NOT_SEEN if found else _NOTHING)
    else:
        from insights.cli.outcome_pages import calibration_lines

        for line in calibration_lines(compared, moves, currency=workspace.settings.product.currency):
            console().print(line)
    if apply:
        _apply(context.obj, workspace, due)


def _record(
    options: Globals,
    workspace: "Workspace",
    problem: str,
    *,
    on: str,
    weeks: float | None,
    why: str | None,
    json: bool,
) -> None:
    from insights.bootstrap import now, user
    from insights.domain.problem import parse_problem_ref, problem_ref
    from insights.outcomes import ship

    done = ship(
        parse_problem_ref(problem),
        on=_read_day(on),
        weeks=weeks,
        why=why,
        repository=workspace.repository,
        who=user(),
        now=now,
    )
    if json:
        as_json({"decision": done, "shipped_on": on, "weeks": weeks})
    say(options, f"{problem_ref(done.problem_id)} shipped on {on}. Take it back with: insights undo")
    if done.problem_id not in workspace.repository.shipments.predictions():
        say(options, "note: nothing was predicted for it, so nothing can be compared.")


def _read_day(text: str) -> "date":
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InsightsError(
            f"{text!r} is not a day.", remedy="Write it as 2026-06-01.", exit_code=ExitCode.USAGE
        ) from error


def _outcomes(workspace: "Workspace") -> "list[Outcome]":
    from insights.bootstrap import now
    from insights.outcomes import outcomes

    return outcomes(workspace.repository, workspace.settings, now().date())


def _chosen(workspace: "Workspace", found: "list[Outcome]", problem: str | None) -> "list[Outcome]":
    if problem is None:
        return found
    from insights.domain.problem import parse_problem_ref, problem_ref

    number = parse_problem_ref(problem)
    home = workspace.repository.problems.heirs().get(number, number)
    own = [one for one in found if one.problem_id == home]
    if not own:
        raise InsightsError(
            f"{problem_ref(number)} is not shipped.",
            remedy=f"Record it: insights shipped {problem_ref(number)} --on 2026-06-01 --weeks 4",
            exit_code=ExitCode.USAGE,
        )
    return own


def _plain(one: "Outcome") -> dict[str, Any]:
    """As data, with what is told from it."""
    told = asdict(one)
    if one.effect is not None:
        told["effect"] |= {"avoided": asdict(one.effect.avoided), "words": one.effect.words}
    for some, compared in zip(told["compared"], one.compared, strict=True):
        some["in_range"] = compared.is_inside
    return told


def _ranges(workspace: "Workspace") -> "dict[str, Any]":
    """The ranges of `worth` that outcomes can move, as the settings say them."""
    from insights.domain.estimate import Range

    worth = workspace.settings.worth
    stems = ("share_avoided", "weeks", "request_weeks", "loss")
    return {stem: Range(*(getattr(worth, f"{stem}_{end}") for end in ("low", "likely", "high"))) for stem in stems}


def _apply(options: Globals, workspace: "Workspace", due: "Sequence[Move]") -> None:
    """Write them, and estimate all problems anew."""
    if not due:
        say(options, "Nothing to apply: no assumption should move yet.")
        return
    if not confirm(options, "Write these into insights.toml?"):
        say(options, "Nothing was changed.")
        return
    values = {f"{move.setting}_{end}": value for move in due for end, value in asdict(move.then).items()}
    workspace.set_worth(values)
    for move in due:
        for end, before in asdict(move.now).items():
            name = f"{move.setting}_{end}"
            say(options, f"worth.{name}: {before:g} → {values[name]:g}")
    say(options, "Written into insights.toml; the list is ranked anew.")
