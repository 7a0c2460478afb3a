"""Corrections of the grouping: what one did, the rules that it makes, and those that it denies.

Pure: no I/O, no clock. `heir` leads from a merged problem to the one it was merged into.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from insights.domain.rule import Rule, RuleKind, heir_of

PERSON = "person"
"""How a mention came to its place: somebody put it there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How a mention stood before a person moved it: what the grouping had noted of it."""

    mention_id: int
    similarity: float | None = None
    placed_by: str | None = None
    waits: str | None = None
    runner_up: int | None = None
    runner_similarity: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Mentions that went from `source` to `target` (None: to no problem), or the title that `source` was given. Of a
    merge also the state of the group that the words of each were made from, None where they waited to be made anew, and
    how many mentions the target had."""

    source: int
    target: int | None = None
    places: tuple[Place, ...] = ()
    title: str | None = None
    source_described: str | None = None
    target_described: str | None = None
    target_mentions: int = 0


def rules_of_merge(decision_id: int, part: int, whole: int) -> list[Rule]:
    """The two are one problem."""
    return [Rule(kind=RuleKind.SAME, problem_id=part, other_id=whole, decision_id=decision_id)]


def rules_of_split(decision_id: int, source: int, new: int, *, items: Sequence[int]) -> list[Rule]:
    """The two are two problems, and the items belong to the new one."""
    differs = Rule(kind=RuleKind.DIFFERS, problem_id=source, other_id=new, decision_id=decision_id)
    belong = (Rule(kind=RuleKind.BELONGS, problem_id=new, feedback_id=item, decision_id=decision_id) for item in items)
    return [differs, *belong]


def rules_of_move(decision_id: int, source: int, target: int | None, *, item: int) -> list[Rule]:
    """The item is not in the first problem, and belongs to the second if there is one."""
    gone = Rule(kind=RuleKind.NOT_IN, problem_id=source, feedback_id=item, decision_id=decision_id)
    if target is None:
        return [gone]
    return [gone, Rule(kind=RuleKind.BELONGS, problem_id=target, feedback_id=item, decision_id=decision_id)]


def denied_by_merge(rules: Sequence[Rule], part: int, whole: int) -> list[Rule]:
    """The standing rules that say of just these two problems that they are two. One that follows only over other
    merges stands: it is shown as a contradiction."""
    return [
        rule for rule in rules if rule.stands and rule.kind is RuleKind.DIFFERS and set(rule.problems) == {part, whole}
    ]


def denied_by_move(
    rules: Sequence[Rule],
    after: Mapping[int, Set[int]],
    *,
    source: int,
    target: int | None,
    heir: Mapping[int, int],
) -> list[Rule]:
    """The standing rules about items that say otherwise than a move of them from `source` to `target`. `after` is item
    -> the problems it is in then: where another mention of it stays, the rule that put it there stands, too."""
    return [
        rule
        for rule in rules
        if rule.stands
        and rule.feedback_id is not None
        and rule.feedback_id in after
        and _denies(rule, after[rule.feedback_id], source=source, target=target, heir=heir)
    ]


def _denies(rule: Rule, after: Set[int], *, source: int, target: int | None, heir: Mapping[int, int]) -> bool:
    home = heir_of(rule.problem_id, heir)
    if rule.kind is RuleKind.NOT_IN:
        return home == target
    return home == source or (target is not None and home not in after)
