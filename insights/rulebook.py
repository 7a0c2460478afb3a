"""Read the rules that people made about the grouping: each as a sentence, and whether it is kept. Writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from insights.domain.access import Act, use_case
from insights.domain.problem import Action, Decision, problem_ref
from insights.domain.rule import Contradiction, Rule, RuleKind, broken, contradictions
from insights.storage.repository import Repository


class Status(StrEnum):
    """How a rule stands, worst first."""

    CONTRADICTED = "contradicted"
    BROKEN = "broken"
    KEPT = "kept"
    REVOKED = "taken back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One rule as people read it. `item` is the name of the item that it is about, if it is about one; `words` say the
    rule, `reason` why it is not kept or no longer counts; who said it when, and `why` in their words."""

    rule_id: int
    kind: RuleKind
    words: str
    status: Status
    reason: str
    who: str
    at: datetime
    why: str | None
    decision_id: int
    problem_id: int
    other_id: int | None = None
    item: str | None = None


@use_case(Act.LOOK)
def rulebook(repository: Repository, *, everything: bool = False) -> list[Saying]:
    """Contradictions first, then what the grouping does not keep, then the rest, oldest first; with `everything` also
    what was taken back."""
    rules = repository.rules.all()
    decisions = {decision.id: decision for decision in repository.decisions.since(None)}
    items = sorted({rule.feedback_id for rule in rules if rule.feedback_id is not None})
    names = repository.feedback.refs(items)
    reasons = _reasons(rules, repository, items=items)
    sayings = [_saying(rule, decisions, names, reasons.get(rule.id)) for rule in rules if everything or rule.stands]
    order = list(Status)
    return sorted(sayings, key=lambda saying: (order.index(saying.status), saying.rule_id))


def _reasons(rules: Sequence[Rule], repository: Repository, *, items: Sequence[int]) -> dict[int, tuple[Status, str]]:
    """rule id -> why it is contradicted or broken, for those that are."""
    heir = repository.problems.heirs()
    places = repository.corrections.problems_of(items)
    found = {one.rule.id: (Status.BROKEN, one.reason) for one in broken(rules, places, heir)}
    said = {rule.problem_id for rule in rules if rule.stands and rule.kind is RuleKind.SAME}
    of_runs = {merged: other for merged, other in heir.items() if merged not in said}
    for denied in contradictions(rules, heir=of_runs):
        if not _is_in_parts(denied, found):
            found |= {rule.id: (Status.CONTRADICTED, denied.reason) for rule in denied.rules}
    return found


def _is_in_parts(denied: Contradiction, found: Mapping[int, object]) -> bool:
    """An item that states several things and is where each rule says that it belongs: nothing is denied."""
    return all(rule.kind is RuleKind.BELONGS and rule.id not in found for rule in denied.rules)


def _saying(
    rule: Rule, decisions: Mapping[int, Decision], names: Mapping[int, str], reason: tuple[Status, str] | None
) -> Saying:
    decision = decisions[rule.decision_id]
    item = None if rule.feedback_id is None else names.get(rule.feedback_id, "an item that is gone")
    status, words = reason or (Status.KEPT, "")
    if rule.revoked_by is not None:
        status, words = Status.REVOKED, _revoked(decisions[rule.revoked_by])
    return Saying(
        rule_id=rule.id,
        kind=rule.kind,
        words=in_words(rule, item=item or ""),
        status=status,
        reason=words,
        who=decision.who,
        at=decision.at,
        why=decision.why,
        decision_id=decision.id,
        problem_id=rule.problem_id,
        other_id=rule.other_id,
        item=item,
    )


def _revoked(decision: Decision) -> str:
    how = "Taken back" if decision.action is Action.UNDO else "Overruled"
    return f"{how} by {decision.who}, {decision.at:%Y-%m-%d}."


def in_words(rule: Rule, *, item: str) -> str:
    """The rule as a sentence without its stop; `item` is the item's name."""
    problem, other = problem_ref(rule.problem_id), problem_ref(rule.other_id or 0)
    return {
        RuleKind.BELONGS: f"{item} belongs to {problem}",
        RuleKind.NOT_IN: f"{item} is not in {problem}",
        RuleKind.SAME: f"{problem} and {other} are one problem",
        RuleKind.DIFFERS: f"{problem} and {other} are two problems",
    }[rule.kind]
