"""What people decided in a period, as it is told. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from insights.digest.contents import Decided
from insights.domain.problem import (
    CORRECTIONS,
    TOLD,
    Action,
    Decision,
    State,
    done_in_words,
    problem_ref,
    spot,
)
from insights.text.clean import one_line

_TITLE, _NAME, _REASON = 160, 60, 300
"""Characters."""


def decided_since(decisions: Sequence[Decision], since: datetime | None, *, titles: Mapping[int, str]) -> list[Decided]:
    """The last word of the period on each problem and on its grouping, newest first. What was decided and taken back
    within the period is left out: nothing came of it. `decisions` are all there ever were, oldest first; `titles` those
    of problems that have evidence."""
    recent = [one for one in decisions if since is None or one.at > since]
    before = _by_problem(decisions)
    recent = [one for one in recent if not _only_reorders(one, before[one.problem_id])]
    own = {decision.id for decision in recent}
    kept = _standing(recent) + [d for d in recent if d.action is Action.UNDO and d.undoes not in own]
    about = {decision.id: decision.action in CORRECTIONS for decision in decisions}
    last: dict[tuple[int, bool], Decision] = {}
    for one in sorted(kept, key=lambda decision: decision.id):
        key = one.problem_id, about.get(one.undoes or one.id, False)
        last[key] = _after(last.get(key), one)
    newest_first = sorted(last.values(), key=lambda decision: decision.id, reverse=True)
    return [_told(decision, titles.get(decision.problem_id, "")) for decision in newest_first]


def accepted_by(decisions: Sequence[Decision]) -> dict[int, str]:
    """problem id -> who accepted it, where that stands or was followed by its release."""
    gave = [decision for decision in _standing(decisions) if decision.gives]
    latest = {decision.problem_id: decision.gives for decision in gave}
    accepted = {decision.problem_id: decision.who for decision in gave if decision.gives is State.ACCEPTED}
    return {n: who for n, who in accepted.items() if latest[n] in (State.ACCEPTED, State.SHIPPED)}


def _by_problem(decisions: Sequence[Decision]) -> dict[int, list[Decision]]:
    found: dict[int, list[Decision]] = {}
    for one in decisions:
        found.setdefault(one.problem_id, []).append(one)
    return found


def _standing(decisions: Sequence[Decision]) -> list[Decision]:
    undone = {decision.undoes for decision in decisions if decision.action is Action.UNDO}
    return [d for d in decisions if d.action is not Action.UNDO and d.id not in undone]


def _only_reorders(decision: Decision, of_problem: Sequence[Decision]) -> bool:
    """A place in the column that a problem was in already is no news."""
    if decision.action is not Action.PLACE:
        return False
    return spot([one for one in of_problem if one.id < decision.id])[0] is decision.column


def _after(before: Decision | None, decision: Decision) -> Decision:
    """What was accepted and moved on within the period is told as accepted to where it is."""
    if decision.action is Action.PLACE and before is not None and before.action is Action.ACCEPT:
        return replace(before, column=decision.column)
    return decision


def _told(decision: Decision, title: str) -> Decided:
    return Decided(
        problem_id=decision.problem_id,
        ref=problem_ref(decision.problem_id),
        title=one_line(title, _TITLE),
        action=decision.action,
        who=one_line(decision.who, _NAME),
        at=decision.at,
        why=one_line(decision.why or "", _REASON),
        until=decision.until,
        words=done_in_words(decision, TOLD),
        column=decision.column if decision.action in (Action.ACCEPT, Action.PLACE) else None,
        is_again=decision.redoes is not None,
    )
