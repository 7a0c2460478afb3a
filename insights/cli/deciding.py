"""Decide on problems, take back what was decided, and do it again."""

from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, say
from insights.domain.access import Act
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from insights.bootstrap import Workspace
    from insights.domain.intent import Reversal
    from insights.domain.problem import Action, Column, Decision

_SAID = "PROBLEM... ACTION"


@app.command(epilog='Example: insights decide P-12 dismiss --why "out of strategy"')
def decide(
    context: typer.Context,
    said: Annotated[list[str], typer.Argument(metavar=_SAID, help="Problems, then accept, dismiss or snooze.")],
    to: Annotated[str | None, typer.Option(help="For accept: now, next (the default) or later.")] = None,
    why: Annotated[str | None, typer.Option(help="The reason; kept with the decision.")] = None,
    until: Annotated[str, typer.Option(help="For snooze: day, week, month, growth, or a date.")] = "week",
    json: AsJson = False,
) -> None:
    """Accept, dismiss or snooze problems; one undo takes all of them back."""
    from insights.bootstrap import now
    from insights.domain.intent import Intent
    from insights.domain.problem import Action, Movement, done_in_words
    from insights.triage import snooze_until

    numbers, action = _problems_and_action(said)
    column = _column(to, action)
    today = now().date()
    last_day = snooze_until(until, today=today) if action is Action.SNOOZE else None
    workspace = context.obj.open(Act.DECIDE)
    triage = workspace.triage()

    def end_of(number: int) -> "date | None":
        if action is not Action.SNOOZE or last_day is not None:
            return last_day
        return snooze_until(until, today=today, is_growing=triage.problem(number).movement is Movement.GROWING)

    intents = [
        Intent(problem_id=number, action=action, why=why, until=end_of(number), column=column) for number in numbers
    ]
    made = triage.decide_all(intents)
    if json:
        as_json(made if len(made) > 1 else made[0])
    done = f"{_refs(made)} {done_in_words(made[0])}{_until(made)}"
    say(context.obj, f"{done}. Take {_them(made)} back with: insights undo")
    if action is Action.ACCEPT:
        for decision in made:
            _say_thin(context.obj, workspace, decision.problem_id)


def _until(made: "Sequence[Decision]") -> str:
    """How long a snooze lasts; of several only where it is as long for all."""
    from insights.domain.problem import Action

    ends = {decision.until for decision in made}
    if made[0].action is not Action.SNOOZE or len(ends) > 1:
        return ""
    end = ends.pop()
    return f" until {end:%Y-%m-%d}" if end else " until it grows"


def _problems_and_action(said: "Sequence[str]") -> tuple[list[int], "Action"]:
    """All but the last word are problems. Raises InsightsError."""
    from insights.domain.problem import Action, parse_problem_ref

    *refs, word = said
    if word not in (Action.ACCEPT, Action.DISMISS, Action.SNOOZE):
        raise InsightsError(
            f"{word!r} is not a decision.", remedy="Use accept, dismiss or snooze.", exit_code=ExitCode.USAGE
        )
    if not refs:
        raise InsightsError(
            f"There is nothing to {word}.",
            remedy=f"Name problems: insights decide P-12 {word}",
            exit_code=ExitCode.USAGE,
        )
    return list(dict.fromkeys(parse_problem_ref(ref) for ref in refs)), Action(word)


def _column(to: str | None, action: "Action") -> "Column | None":
    from insights.cli.board import read_column
    from insights.domain.problem import Action

    if to is None:
        return None
    if action is not Action.ACCEPT:
        raise InsightsError(
            f"--to says where an accepted problem goes; this is to {action.value} it.",
            remedy="Leave --to out.",
            exit_code=ExitCode.USAGE,
        )
    return read_column(to)


def _say_thin(options: Globals, workspace: "Workspace", problem_id: int) -> None:
    """One line where the evidence is thin; what was decided stands."""
    from insights.bootstrap import now
    from insights.domain.problem import problem_ref
    from insights.grounds.gather import thin_evidence

    thin = thin_evidence(problem_id, repository=workspace.repository, settings=workspace.settings, now=now())
    if thin:
        say(options, f"Evidence is thin: {thin}. What to ask: insights brief {problem_ref(problem_id)}")


@app.command(epilog="Example: insights undo")
def undo(context: typer.Context, json: AsJson = False) -> None:
    """Take back your latest decision or correction, or all that were made as one."""
    workspace = context.obj.open(Act.DECIDE)
    done = workspace.triage().undo()
    if json:
        as_json(done)
    for line in _undone(done, workspace):
        say(context.obj, line)


@app.command(epilog="Example: insights redo")
def redo(context: typer.Context, json: AsJson = False) -> None:
    """Do again what you took back last, as long as you decided nothing new."""
    from insights.domain.problem import done_in_words, problem_ref

    workspace = context.obj.open(Act.DECIDE)
    done = workspace.triage().redo()
    if json:
        as_json(done)
    for decision in done.decisions:
        say(context.obj, f"{problem_ref(decision.problem_id)}: {done_in_words(decision)}.")


def _undone(done: "Reversal", workspace: "Workspace") -> "Iterator[str]":
    from insights.domain.problem import done_in_words, problem_ref

    for undo_of, original in zip(done.decisions, done.about, strict=True):
        entries = workspace.repository.lineage.of(undo_of.problem_id)
        told = [entry.reason for entry in entries if entry.decision_id == undo_of.id]
        words = told[0] if told else f"“{done_in_words(original)}” is taken back"
        yield f"{problem_ref(undo_of.problem_id)}: {words}."
        yield from _still_shipped(undo_of, original, workspace)


def _still_shipped(undo_of: "Decision", original: "Decision", workspace: "Workspace") -> "Iterator[str]":
    """Where somebody else, such as a tracker, shipped it since: an undo takes back only one's own decisions."""
    from insights.domain.problem import State, problem_ref, standing
    from insights.text.clean import one_line

    last = standing(workspace.repository.decisions.of(undo_of.problem_id))
    if last is not None and last.id > original.id and last.gives is State.SHIPPED:
        ref = problem_ref(undo_of.problem_id)
        stays = f"{ref} stays shipped, as {one_line(last.who, 60)} recorded."
        yield f"{stays} To take that back: insights decide {ref} accept"


def _refs(made: "Sequence[Decision]") -> str:
    from insights.domain.problem import problem_ref

    return ", ".join(problem_ref(decision.problem_id) for decision in made)


def _them(made: "Sequence[Decision]") -> str:
    return "them" if len(made) > 1 else "it"
