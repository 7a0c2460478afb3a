"""Rules contradict each other exactly where no grouping keeps them all; a grouping breaks those it does not keep."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.rule import Rule, RuleKind, broken, contradictions, heir_of

PROBLEMS = (1, 2, 3, 4)
ITEMS = (10, 11)
NOWHERE = 0


def belongs(item: int, problem: int, **fields: Any) -> Rule:
    return Rule(**{"decision_id": 1, **fields}, kind=RuleKind.BELONGS, feedback_id=item, problem_id=problem)


def not_in(item: int, problem: int, **fields: Any) -> Rule:
    return Rule(**{"decision_id": 1, **fields}, kind=RuleKind.NOT_IN, feedback_id=item, problem_id=problem)


def same(one: int, other: int, **fields: Any) -> Rule:
    return Rule(**{"decision_id": 1, **fields}, kind=RuleKind.SAME, problem_id=one, other_id=other)


def differs(one: int, other: int, **fields: Any) -> Rule:
    return Rule(**{"decision_id": 1, **fields}, kind=RuleKind.DIFFERS, problem_id=one, other_id=other)


def in_order(*rules: Rule) -> list[Rule]:
    """With the ids that they would get."""
    return [Rule(**{**fields_of(rule), "id": number}) for number, rule in enumerate(rules, 1)]


def fields_of(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in Rule.__slots__}


def reasons(*rules: Rule) -> list[str]:
    return [found.reason for found in contradictions(in_order(*rules))]


# -- rules that deny each other ---------------------------------------------------------------------------------


def test_an_item_cannot_belong_to_two_problems() -> None:
    assert reasons(belongs(10, 1), belongs(10, 2)) == ["One item belongs to P-1 and P-2."]


def test_an_item_may_belong_to_two_problems_that_are_the_same() -> None:
    assert reasons(belongs(10, 1), belongs(10, 3), same(1, 2), same(3, 2)) == []


def test_an_item_cannot_belong_to_a_problem_that_it_is_not_in() -> None:
    assert reasons(belongs(10, 1), not_in(10, 1)) == ["One item belongs to P-1 and is not in it."]


def test_an_item_cannot_belong_to_a_problem_that_is_the_same_as_one_it_is_not_in() -> None:
    rules = in_order(belongs(10, 1), not_in(10, 3), same(1, 2), same(2, 3), same(3, 4))

    [found] = contradictions(rules)

    assert found.reason == "One item belongs to P-1 and is not in P-3, but P-1 = P-2 = P-3."
    assert found.rules == tuple(rules[:4])


def test_what_one_item_is_in_says_nothing_about_another() -> None:
    assert reasons(belongs(10, 1), belongs(11, 2), not_in(11, 1)) == []


def test_problems_joined_by_a_chain_cannot_differ() -> None:
    rules = in_order(same(1, 2), differs(1, 3), same(3, 2), same(3, 4))

    [found] = contradictions(rules)

    assert found.reason == "P-1 differs from P-3, but P-1 = P-2 = P-3."
    assert found.rules == tuple(rules[:3])


def test_a_problem_cannot_differ_from_itself() -> None:
    assert reasons(differs(1, 1)) == ["P-1 differs from itself."]


def test_a_rule_that_was_taken_back_contradicts_nothing() -> None:
    assert reasons(belongs(10, 1, revoked_by=2), belongs(10, 2), same(1, 2, revoked_by=3), differs(1, 2)) == []


def test_an_item_may_belong_to_a_problem_and_to_the_one_it_was_merged_into() -> None:
    rules = in_order(belongs(10, 1), belongs(10, 3))

    assert contradictions(rules, heir={1: 2, 2: 3}) == []
    assert len(contradictions(rules, heir={1: 2})) == 1


def test_a_merge_alone_contradicts_nothing_but_with_a_rule_it_does() -> None:
    assert contradictions(in_order(differs(1, 2)), heir={1: 2}) == []
    assert len(contradictions(in_order(differs(1, 3), same(2, 3)), heir={1: 2})) == 1


numbers = st.sampled_from(PROBLEMS)
items = st.sampled_from(ITEMS)
some_rules = st.lists(
    st.one_of(
        st.builds(belongs, items, numbers),
        st.builds(not_in, items, numbers),
        st.builds(same, numbers, numbers),
        st.builds(differs, numbers, numbers),
    ),
    max_size=8,
).map(lambda rules: in_order(*rules))


def can_be_kept(rules: Sequence[Rule]) -> bool:
    """Tried out: with only those problems merged that somebody called the same, each item has a place, in one problem
    or nowhere, and every rule is kept."""
    merged = {problem: problem for problem in PROBLEMS}
    for _, rule in product(PROBLEMS, rules):  # as often as there are problems: labels have spread by then
        if rule.kind is RuleKind.SAME:
            merged.update(dict.fromkeys(rule.problems, min(merged[problem] for problem in rule.problems)))
    pairs_kept = all(keeps(rule, merged) for rule in rules if rule.feedback_id is None)
    return pairs_kept and all(has_place(item, rules, merged) for item in ITEMS)


def keeps(rule: Rule, merged: dict[int, int]) -> bool:
    one, other = (merged[problem] for problem in rule.problems)
    return (one == other) == (rule.kind is RuleKind.SAME)


def has_place(item: int, rules: Sequence[Rule], merged: dict[int, int]) -> bool:
    about = [rule for rule in rules if rule.feedback_id == item]
    return any(
        all((merged[rule.problem_id] == place) == (rule.kind is RuleKind.BELONGS) for rule in about)
        for place in (NOWHERE, *PROBLEMS)
    )


@given(some_rules)
def test_rules_contradict_each_other_exactly_where_no_grouping_keeps_them_all(rules: list[Rule]) -> None:
    assert (contradictions(rules) == []) == can_be_kept(rules)


@given(some_rules)
def test_the_rules_of_a_contradiction_cannot_be_kept_even_alone(rules: list[Rule]) -> None:
    assert [found for found in contradictions(rules) if can_be_kept(found.rules)] == []


@given(some_rules, st.randoms(use_true_random=False))
def test_the_order_in_which_rules_are_read_changes_nothing(rules: list[Rule], random: Any) -> None:
    shuffled = list(rules)
    random.shuffle(shuffled)

    assert contradictions(shuffled) == contradictions(rules)


# -- rules that a grouping does not keep ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (belongs(10, 2), "The item is in P-1, P-3, not in P-2."),
        (belongs(12, 2), "The item is in no problem, not in P-2."),
        (not_in(10, 3), "The item is in P-3."),
        (same(1, 2), "P-1 and P-2 are two problems."),
        (differs(4, 1), "P-4 and P-1 are one problem, P-1."),
    ],
)
def test_a_rule_that_the_grouping_does_not_keep_is_told_with_how(rule: Rule, reason: str) -> None:
    [found] = broken([rule], {10: {1, 3}, 11: {2}}, {4: 1})

    assert (found.rule, found.reason) == (rule, reason)


@pytest.mark.parametrize(
    "rule", [belongs(10, 1), belongs(10, 4), not_in(10, 2), not_in(12, 1), same(4, 1), differs(4, 2)]
)
def test_a_rule_that_the_grouping_keeps_is_not_told_also_over_merges(rule: Rule) -> None:
    assert broken([rule], {10: {1, 3}, 11: {2}}, {4: 5, 5: 1}) == []


def test_a_rule_that_was_taken_back_cannot_be_broken() -> None:
    assert broken([belongs(10, 2, revoked_by=9)], {10: {1}}) == []


# -- their parts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": RuleKind.BELONGS},
        {"kind": RuleKind.NOT_IN, "feedback_id": 10, "other_id": 2},
        {"kind": RuleKind.SAME},
        {"kind": RuleKind.DIFFERS, "feedback_id": 10, "other_id": 2},
    ],
)
def test_a_rule_is_about_an_item_or_about_two_problems(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is about"):
        Rule(problem_id=1, decision_id=1, **fields)


def test_merges_that_lead_in_a_circle_end() -> None:
    assert heir_of(1, {1: 2, 2: 3, 3: 2}) in {2, 3}
