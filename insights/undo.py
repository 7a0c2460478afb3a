"""Take back a correction of the grouping, as far as it still stands.

What it moved goes back to where it came from, unless somebody or a later run has moved it on; what came since stays.
One transaction: the rules of the correction no longer count, and those that it had overruled count again.
"""

from datetime import datetime

from insights.domain.correction import Correction
from insights.domain.figures import counted
from insights.domain.lineage import Event, LineageEntry
from insights.domain.problem import Action, Decision, Standing, fold, problem_ref
from insights.domain.rule import heir_of
from insights.errors import InsightsError
from insights.storage.corrections import Correcting
from insights.storage.repository import Repository


def take_back(
    step: Correcting, last: Decision, *, repository: Repository, who: str, now: datetime, batch: int | None = None
) -> Decision:
    """Undo the correction that `last` decided on, as part of the caller's transaction; the undo is a decision, too, of
    a `batch` where several are undone as one."""
    correction = repository.corrections.of([last.id])[last.id]
    step.hold(dict.fromkeys({last.problem_id, correction.source, correction.target or last.problem_id}))
    history = step.history(last.problem_id)
    if any(decision.undoes == last.id for decision in history):
        raise InsightsError(
            "It was taken back already, in another window.", remedy="`insights history` tells by whom and when."
        )
    before = fold(history, without=[last.id]) if last.state else None
    undo = Decision(
        id=0,
        problem_id=last.problem_id,
        action=Action.UNDO,
        who=who,
        at=now,
        undoes=last.id,
        state=before.state if before else None,
        until=before.until if before else None,
        batch=batch,
    )
    undo = step.decide(undo)
    step.revoke(last.id, by=undo.id)
    if last.action is Action.RENAME:
        _unname(step, last, repository=repository)
        items = 0
    elif last.action is Action.MERGE:
        items = _unmerge(step, correction, before)
    else:
        items = _unmove(step, correction)
    step.tell(*_told(undo, last.action, correction, items=items))
    return undo


def _unname(step: Correcting, last: Decision, *, repository: Repository) -> None:
    """The latest title that was not taken back counts again, whoever gave it."""
    history = step.history(last.problem_id)
    undone = {decision.undoes for decision in history}
    names = [d for d in history if d.action is Action.RENAME and d.id not in undone]
    if not names:
        step.name(last.problem_id, title=None, by=None)
        return
    title = repository.corrections.of([names[-1].id])[names[-1].id].title
    step.name(last.problem_id, title=title, by=names[-1].who)


def _unmerge(step: Correcting, correction: Correction, before: Standing | None) -> int:
    """The merged problem stands for itself again, in the state that its own decisions give it, if anything of it goes
    back; where nothing does, its id goes on leading to the other."""
    part, whole = correction.source, correction.target or 0
    here = heir_of(whole, step.heirs())
    is_described_anew = step.described_from(here) is not None
    items = step.put_back(correction.places, found_in=here, to=part)
    if items:
        step.revive(part, standing=fold(step.history(part)))
        if _mentions(step, part) == len(correction.places):
            step.keep_words(part, described_from=correction.source_described)
    if here == whole:
        step.reshape(whole, standing=before)
        if not is_described_anew and _mentions(step, whole) == correction.target_mentions:
            step.keep_words(whole, described_from=correction.target_described)
    else:
        step.reshape(here)
    return len(items)


def _mentions(step: Correcting, problem_id: int) -> int:
    return sum(map(len, step.members(problem_id).values()))


def _unmove(step: Correcting, correction: Correction) -> int:
    """A problem of which nothing is left leads to the one that its items went back to."""
    heir = step.heirs()
    home = heir_of(correction.source, heir)
    here = None if correction.target is None else heir_of(correction.target, heir)
    if here == home:
        return 0
    items = step.put_back(correction.places, found_in=here, to=home)
    if items:
        step.reshape(home)
    if here is not None and not step.members(here):
        step.redirect(here, into=home)
    elif here is not None and items:
        step.reshape(here)
    return len(items)


def _told(undo: Decision, action: Action, correction: Correction, *, items: int) -> list[LineageEntry]:
    source, target = correction.source, correction.target
    if action is Action.RENAME:
        return [_entry(undo, source, "the title that a person gave it was taken back")]
    other = "none" if target is None else problem_ref(target)
    at_source, at_target = {
        Action.MERGE: (f"its merge into {other}", f"the merge of {problem_ref(source)} into it"),
        Action.SPLIT: (f"the split of {other}", f"the split from {problem_ref(source)}"),
        Action.MOVE: (f"the move of an item to {other}", f"the move of an item from {problem_ref(source)}"),
    }[action]
    number = counted(items, "item")
    entries = [_entry(undo, source, f"{at_source} was taken back: {number} came back", other=target, items=items)]
    if target is not None:
        left = f"{at_target} was taken back: {number} left"
        entries.append(_entry(undo, target, left, other=source, items=items))
    return entries


def _entry(undo: Decision, problem_id: int, reason: str, *, other: int | None = None, items: int = 0) -> LineageEntry:
    return LineageEntry(
        problem_id=problem_id,
        event=Event.UNDONE,
        reason=reason,
        items=items,
        at=undo.at,
        decision_id=undo.id,
        other_id=other,
    )
