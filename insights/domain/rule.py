"""What people said about the grouping, as rules that outlast it; where rules deny each other, and where a grouping
breaks one.

Pure: no I/O, no clock. `heir` leads from a merged problem to the one it was merged into, which may be merged itself.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from insights.domain.problem import problem_ref

NO_MERGES: Mapping[int, int] = MappingProxyType({})


class RuleKind(StrEnum):
    """`belongs` and `not_in` are about an item and a problem, `same` and `differs` about two problems."""

    BELONGS = "belongs"
    NOT_IN = "not_in"
    SAME = "same"
    DIFFERS = "differs"


ABOUT_ITEMS = frozenset({RuleKind.BELONGS, RuleKind.NOT_IN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that a person said. The decision tells who, when and why; `revoked_by` is the decision that took it
    back, None while it stands. `feedback_id` is the item, `other_id` the second problem: a rule has one of them, as
    its kind asks. `id` is 0 until it is stored."""

    id: int = 0
    kind: RuleKind
    problem_id: int
    decision_id: int
    feedback_id: int | None = None
    other_id: int | None = None
    revoked_by: int | None = None

    def __post_init__(self) -> None:
        about_item = self.kind in ABOUT_ITEMS
        if about_item != (self.feedback_id is not None) or about_item == (self.other_id is not None):
            raise ValueError(f"A rule {self.kind.value!r} is about {'an item' if about_item else 'two problems'}.")

    @property
    def stands(self) -> bool:
        return self.revoked_by is None

    @property
    def problems(self) -> tuple[int, ...]:
        """The one or two problems that it names."""
        return (self.problem_id,) if self.other_id is None else (self.problem_id, self.other_id)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Standing rules that cannot all be kept, oldest first, and why not."""

    rules: tuple[Rule, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A standing rule that the grouping does not keep, and how."""

    rule: Rule
    reason: str


def heir_of(problem_id: int, heir: Mapping[int, int]) -> int:
    """The problem that stands for this one, over any number of merges."""
    seen: set[int] = set()
    while problem_id in heir and problem_id not in seen:
        seen.add(problem_id)
        problem_id = heir[problem_id]
    return problem_id


def contradictions(rules: Sequence[Rule], *, heir: Mapping[int, int] = NO_MERGES) -> list[Contradiction]:
    """Where standing rules deny each other: an item that belongs to two problems, one that belongs to a problem that
    it is not in, two problems that differ and are one over any chain of `same`. Problems joined by such a chain, or
    by merges, count as one; a merge alone denies no `differs`, it breaks it (see `broken`)."""
    standing = sorted((rule for rule in rules if rule.stands), key=lambda rule: rule.id)
    ties = _ties(standing, heir)
    found: list[Contradiction] = []
    for some in _by_item(standing).values():
        found += _two_homes(some, ties) + _denied_homes(some, ties)
    return found + _denied_ties(standing, ties)


@dataclass(frozen=True, slots=True)
class _Way:
    """How one problem leads to another: the problems on the way, both ends too, and the rules that lead there."""

    problems: tuple[int, ...]
    rules: tuple[Rule, ...] = ()


_Ties = Mapping[int, Sequence[tuple[int, Rule | None]]]
"""problem -> its neighbours, each with the rule that says they are the same; None for a merge."""


def _ties(standing: Sequence[Rule], heir: Mapping[int, int]) -> _Ties:
    ties: dict[int, list[tuple[int, Rule | None]]] = defaultdict(list)
    pairs: list[tuple[int, int, Rule | None]] = [(one, other, None) for one, other in heir.items()]
    pairs += [(*_pair(rule), rule) for rule in standing if rule.kind is RuleKind.SAME]
    for one, other, tie in pairs:
        ties[one].append((other, tie))
        ties[other].append((one, tie))
    return ties


def _way(start: int, end: int, ties: _Ties) -> _Way | None:
    """The shortest way from one problem to the other; None where there is none."""
    ways = {start: _Way((start,))}
    waiting = deque([start])
    while waiting and end not in ways:
        place = waiting.popleft()
        for other, rule in ties.get(place, ()):
            if other not in ways:
                so_far = ways[place]
                ways[other] = _Way((*so_far.problems, other), (*so_far.rules, *([rule] if rule else [])))
                waiting.append(other)
    return ways.get(end)


def _by_item(rules: Iterable[Rule]) -> dict[int, list[Rule]]:
    items: dict[int, list[Rule]] = defaultdict(list)
    for rule in rules:
        if rule.feedback_id is not None:
            items[rule.feedback_id].append(rule)
    return dict(sorted(items.items()))


def _two_homes(rules: Sequence[Rule], ties: _Ties) -> list[Contradiction]:
    belongs = [rule for rule in rules if rule.kind is RuleKind.BELONGS]
    homes: list[int] = []
    for rule in belongs:
        if all(_way(rule.problem_id, home, ties) is None for home in homes):
            homes.append(rule.problem_id)
    if len(homes) < 2:
        return []
    return [Contradiction(tuple(belongs), f"One item belongs to {' and '.join(map(problem_ref, homes))}.")]


def _denied_homes(rules: Sequence[Rule], ties: _Ties) -> list[Contradiction]:
    """One for each rule `not_in`, against the oldest that it denies."""
    found: list[Contradiction] = []
    for denial in (rule for rule in rules if rule.kind is RuleKind.NOT_IN):
        for rule in (rule for rule in rules if rule.kind is RuleKind.BELONGS):
            way = _way(rule.problem_id, denial.problem_id, ties)
            if way is not None:
                found.append(Contradiction(_by_age([denial, rule, *way.rules]), _denied_home(way)))
                break
    return found


def _denied_home(way: _Way) -> str:
    words = f"One item belongs to {problem_ref(way.problems[0])} and is not in "
    return words + ("it." if len(way.problems) == 1 else f"{problem_ref(way.problems[-1])}, but {_chain(way)}.")


def _denied_ties(standing: Sequence[Rule], ties: _Ties) -> list[Contradiction]:
    found: list[Contradiction] = []
    for rule in standing:
        if rule.kind is RuleKind.DIFFERS:
            one, other = _pair(rule)
            way = _way(one, other, ties)
            if one == other:
                found.append(Contradiction((rule,), f"{problem_ref(one)} differs from itself."))
            elif way is not None and way.rules:
                reason = f"{problem_ref(one)} differs from {problem_ref(other)}, but {_chain(way)}."
                found.append(Contradiction(_by_age([rule, *way.rules]), reason))
    return found


def _chain(way: _Way) -> str:
    return " = ".join(map(problem_ref, way.problems))


def broken(
    rules: Sequence[Rule], memberships: Mapping[int, Set[int]], heir: Mapping[int, int] = NO_MERGES
) -> list[Broken]:
    """The standing rules that a grouping does not keep. `memberships` is item -> the problems that it is in; an item
    that belongs somewhere must be there with at least one of its mentions."""
    reasons = [(rule, _break_of(rule, memberships, heir)) for rule in rules if rule.stands]
    return [Broken(rule, reason) for rule, reason in reasons if reason]


def _break_of(rule: Rule, memberships: Mapping[int, Set[int]], heir: Mapping[int, int]) -> str:
    """Empty where the rule is kept."""
    if rule.feedback_id is None:
        one, other = _pair(rule)
        return _break_of_pair(rule, heir_of(one, heir), heir_of(other, heir))
    home = heir_of(rule.problem_id, heir)
    places = sorted({heir_of(place, heir) for place in memberships.get(rule.feedback_id, ())})
    if (home in places) == (rule.kind is RuleKind.BELONGS):
        return ""
    if rule.kind is RuleKind.NOT_IN:
        return f"The item is in {problem_ref(home)}."
    return f"The item is in {', '.join(map(problem_ref, places)) or 'no problem'}, not in {problem_ref(home)}."


def _break_of_pair(rule: Rule, one: int, other: int) -> str:
    if (one == other) == (rule.kind is RuleKind.SAME):
        return ""
    if rule.kind is RuleKind.DIFFERS:
        return f"{' and '.join(map(problem_ref, rule.problems))} are one problem, {problem_ref(one)}."
    return f"{problem_ref(one)} and {problem_ref(other)} are two problems."


def _pair(rule: Rule) -> tuple[int, int]:
    one, other = rule.problems
    return one, other


def _by_age(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(sorted(set(rules), key=lambda rule: rule.id))
