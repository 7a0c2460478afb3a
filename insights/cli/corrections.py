"""Correct the grouping; read the rules that this makes, and the history of a problem."""

from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, console, say
from insights.cli.problems import Ref
from insights.domain.access import Act
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights.bootstrap import Workspace
    from insights.corrections import Corrected

Why = Annotated[str | None, typer.Option(help="The reason; kept with the correction.")]

_LATER = "Words and figures follow with the next `insights analyze`. Take it back with: insights undo"


@app.command(epilog='Example: insights merge P-12 P-7 --why "one cause"')
def merge(
    context: typer.Context,
    said: Annotated[
        list[str], typer.Argument(metavar="PROBLEM... INTO", help="Problems, then the one that they become part of.")
    ],
    why: Why = None,
    json: AsJson = False,
) -> None:
    """Make problems part of another; their ids lead there from then on, and one undo takes all of it back."""
    from insights.domain.figures import counted
    from insights.domain.problem import parse_problem_ref, problem_ref

    *parts, into = [parse_problem_ref(ref) for ref in said]
    if not parts:
        raise InsightsError(
            "A merge takes two problems.", remedy=f"insights merge P-12 {problem_ref(into)}", exit_code=ExitCode.USAGE
        )
    workspace = context.obj.open(Act.DECIDE)
    made = workspace.corrections().merge_all(parts, into, why=why)
    if json:
        as_json(made if len(made) > 1 else made[0])
    for done in made:
        part, whole = problem_ref(done.other_id or 0), problem_ref(done.problem_id)
        say(context.obj, f"{part} is part of {whole} now, with {counted(done.items, 'item')}.")
        _say_overruled(context.obj, workspace, done)
    say(context.obj, _LATER)


@app.command(epilog='Example: insights split P-12 tickets/T-31 tickets/T-48 --why "another cause"')
def split(
    context: typer.Context,
    problem: Ref,
    items: Annotated[
        list[str] | None, typer.Argument(metavar="[ITEM...]", help="Names of items, as `show --items` has them.")
    ] = None,
    part: Annotated[str | None, typer.Option(help="All items of this part, as `insights parts` names it.")] = None,
    why: Why = None,
    json: AsJson = False,
) -> None:
    """Make some items of a problem, or one of its parts, a problem of their own."""
    from insights.domain.figures import counted
    from insights.domain.problem import parse_problem_ref, problem_ref

    workspace = context.obj.open(Act.DECIDE)
    source = parse_problem_ref(problem)
    chosen, version = _to_split(workspace, source, items=items or [], part=part)
    done = workspace.corrections().split(source, chosen, why=why, seen_version=version)
    new = problem_ref(done.other_id or 0)
    words = f"{new} is a problem of its own now, with {counted(done.items, 'item')} of {problem_ref(done.problem_id)}."
    _close(context.obj, workspace, done, f'{words} Name it with: insights rename {new} "…".', json=json)


def _to_split(
    workspace: "Workspace", problem_id: int, *, items: "Sequence[str]", part: str | None
) -> tuple["Sequence[int]", int | None]:
    """The items, and the version of the problem that a part was found in."""
    if bool(items) == (part is not None):
        raise InsightsError(
            "Say what to split off: names of items, or a part.",
            remedy="`insights show P-12 --items` lists items, `insights parts P-12` parts.",
            exit_code=ExitCode.USAGE,
        )
    if part is None:
        return [workspace.repository.feedback.find_ref(item) for item in items], None
    from insights.parts import part_named, parts

    with workspace.vectors() as vectors:
        found = parts(problem_id, repository=workspace.repository, vectors=vectors)
    return part_named(part, split=found).feedback_ids, found.problem.version


@app.command(epilog="Example: insights move tickets/T-31 --from P-12 --to P-7")
def move(
    context: typer.Context,
    item: Annotated[str, typer.Argument(metavar="ITEM", help="The item's name, as `show --items` has it.")],
    source: Annotated[str, typer.Option("--from", metavar="PROBLEM", help="The problem that it does not belong to.")],
    to: Annotated[str, typer.Option("--to", metavar="PROBLEM", help="The one that it belongs to, or none.")],
    why: Why = None,
    json: AsJson = False,
) -> None:
    """Move an item from one problem to another, or to none."""
    from insights.domain.problem import parse_problem_ref, problem_ref

    workspace = context.obj.open(Act.DECIDE)
    found = workspace.repository.feedback.find_ref(item)
    target = None if to.strip().casefold() == "none" else parse_problem_ref(to)
    done = workspace.corrections().move(found, parse_problem_ref(source), to=target, why=why)
    name = workspace.repository.feedback.refs([found])[found]
    where = f"from {problem_ref(done.problem_id)} to {problem_ref(done.other_id)}" if done.other_id else ""
    words = f"{name} moved {where}." if where else f"{name} is out of {problem_ref(done.problem_id)}."
    _close(context.obj, workspace, done, words, json=json)


@app.command(epilog='Example: insights rename P-12 "Exports stop at 50,000 rows"')
def rename(
    context: typer.Context,
    problem: Ref,
    title: Annotated[str, typer.Argument(help="1 to 120 characters.")],
    why: Why = None,
    json: AsJson = False,
) -> None:
    """Give a problem a title that stays, also when it is described anew."""
    from insights.domain.problem import parse_problem_ref, problem_ref

    workspace = context.obj.open(Act.DECIDE)
    done = workspace.corrections().rename(parse_problem_ref(problem), title, why=why)
    if json:
        as_json(done)
    named = workspace.repository.problems.get(done.problem_id).title
    say(context.obj, f"{problem_ref(done.problem_id)} is called “{named}” now. Take it back with: insights undo")


@app.command(epilog="Example: insights rules --all")
def rules(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that were taken back.")] = False,
    json: AsJson = False,
) -> None:
    """Show what people said about the grouping: who, when and why; what contradicts or is not kept comes first."""
    from insights.rulebook import rulebook

    found = rulebook(context.obj.open().repository, everything=everything)
    if json:
        as_json(found)
    elif found:
        from insights.cli.books import rule_lines

        console().print(rule_lines(found))
    else:
        say(context.obj, "No rules. `insights merge`, `split` and `move` make them; --all shows those taken back.")


@app.command(epilog="Example: insights history P-12")
def history(context: typer.Context, problem: Ref, json: AsJson = False) -> None:
    """Show the life of a problem: what runs made of it, what people decided and corrected."""
    from insights.domain.problem import parse_problem_ref
    from insights.history import history_of

    wanted = parse_problem_ref(problem)
    found = history_of(wanted, repository=context.obj.open().repository)
    if json:
        as_json(found)
    elif found:
        from insights.cli.books import time_line

        console().print(time_line(found))
    else:
        say(context.obj, "Nothing is known of it but that it exists.")


def _close(options: Globals, workspace: "Workspace", done: "Corrected", words: str, *, json: bool) -> None:
    if json:
        as_json(done)
    say(options, words)
    _say_overruled(options, workspace, done)
    say(options, _LATER)


def _say_overruled(options: Globals, workspace: "Workspace", done: "Corrected") -> None:
    if done.overruled:
        from insights.rulebook import rulebook

        numbers = {rule.id for rule in done.overruled}
        for saying in rulebook(workspace.repository, everything=True):
            if saying.rule_id in numbers:
                say(
                    options,
                    f"note: overrules {saying.who}, {saying.at:%Y-%m-%d}: {saying.words}.",
                )
