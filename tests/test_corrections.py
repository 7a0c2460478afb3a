"""Corrections of the grouping: what moves, what an undo brings back, and what happens when two people are at it."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from insights.corrections import Corrected, Corrections
from insights.domain.problem import Action, ExportLink, State
from insights.domain.rule import RuleKind
from insights.errors import ExitCode, InsightsError
from insights.storage.problems import Words
from insights.storage.repository import Repository
from insights.triage import Triage
from insights.undo import take_back
from tests.actors import ADA
from tests.drafts import a_draft, save, split_whole
from tests.stored import KEY, NOW, a_stored_problem, a_workspace, an_item

TODAY = NOW.date()


def by(repository: Repository, who: str = "ada", *, at: datetime = NOW) -> Corrections:
    return Corrections(repository, who=who, now=lambda: at)


def triage(repository: Repository, who: str = "ada", *, at: datetime = NOW) -> Triage:
    return Triage(repository, who=who, now=lambda: at)


def stored(folder: Path, *sizes: int) -> Repository:
    """Problems P-1, P-2, … of so many items each; items and their mentions are numbered through from 1."""
    folder.mkdir(exist_ok=True)
    problems = [
        a_stored_problem(f"Problem {n}", items=[an_item(f"It hangs {n}.{item}") for item in range(size)])
        for n, size in enumerate(sizes, 1)
    ]
    return a_workspace(folder, problems=problems)


def reopened(folder: Path) -> Repository:
    return Repository(f"sqlite:///{folder / 'insights.db'}", key=KEY, actor=ADA)


def items(repository: Repository, problem_id: int) -> set[int]:
    return {one.feedback_id for one in repository.evidence.of_problem(problem_id)}


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "insights.db") as connection:
        return connection.execute(query).fetchall()


def whole(folder: Path) -> str:
    """The database as text."""
    with sqlite3.connect(folder / "insights.db") as connection:
        return "\n".join(connection.iterdump())


def grouping(repository: Repository, folder: Path) -> tuple[object, object, object]:
    """What a correction may change and its undo brings back: the mentions, the problems with evidence, standing
    rules."""
    problems = [(p.id, p.title, p.named_by, p.state, p.snoozed_until, p.items) for p in repository.problems.all()]
    mentions = rows(folder, "SELECT id, problem_id, similarity, placed_by, waits, runner_up FROM mention ORDER BY id")
    return (sorted(problems), mentions, repository.rules.standing())


def rules(repository: Repository) -> set[tuple[RuleKind, int, int | None]]:
    """Kind, problem, and the item or second problem of the standing rules."""
    return {(rule.kind, rule.problem_id, rule.feedback_id or rule.other_id) for rule in repository.rules.standing()}


def a_night(repository: Repository, count: int, *, into: int) -> set[int]:
    """A run brings new items into a problem."""
    first = 1000 + len(repository.groupings.memberships())
    save(repository, *(a_draft(f"It hangs again {n}", number=first + n, created_at=NOW) for n in range(count)))
    split_whole(repository)
    new = [mention.id for mention in repository.mentions.unembedded("test", limit=count)]
    repository.mentions.mark_embedded(new, fingerprint="test")
    repository.groupings.save(2, joined=dict.fromkeys(new, (into, 0.9)), born=[])
    return {mention.feedback_id for mention in repository.mentions.get(new)}


# -- merge ------------------------------------------------------------------------------------------------------


def test_a_merged_problem_s_items_are_the_other_s_and_its_id_leads_there(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 3)

    done = by(repository).merge(1, 2, why="one cause")

    assert (done.problem_id, done.other_id, done.items) == (2, 1, 2)
    assert items(repository, 2) == {1, 2, 3, 4, 5}
    assert repository.problems.get(1).id == 2
    assert [problem.id for problem in repository.problems.all()] == [2]
    assert rules(repository) == {(RuleKind.SAME, 1, 2)}
    assert (done.decision.who, done.decision.why, done.decision.problem_id) == ("ada", "one cause", 2)


def test_changed_problems_are_described_anew(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 2, 2)

    by(repository).merge(1, 2)

    assert repository.problems.described()[2] == ("offline", None)
    assert repository.problems.described()[3] == ("offline", "test")


def test_the_nearest_evidence_stays_first_in_a_merged_problem(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 2)
    repository.groupings.save(2, joined={1: (1, 0.95), 2: (1, 0.5), 3: (2, 0.7), 4: (2, 0.8)}, born=[])

    by(repository).merge(1, 2)

    assert [one.feedback_id for one in repository.evidence.of_problem(2)] == [1, 4, 3, 2]


@pytest.mark.parametrize(
    ("action", "state"),
    [(Action.ACCEPT, State.ACCEPTED), (Action.DISMISS, State.DISMISSED), (Action.SNOOZE, State.SNOOZED)],
)
def test_an_undecided_problem_takes_the_state_of_what_is_merged_into_it(
    tmp_path: Path, action: Action, state: State
) -> None:
    repository = stored(tmp_path, 1, 1)
    until = TODAY + timedelta(days=7) if action is Action.SNOOZE else None
    triage(repository).decide(1, action, until=until)

    by(repository).merge(1, 2)
    assert (repository.problems.get(2).state, repository.problems.get(2).snoozed_until) == (state, until)

    triage(repository).undo()
    assert (repository.problems.get(2).state, repository.problems.get(2).snoozed_until) == (State.INBOX, None)
    assert (repository.problems.get(1).state, repository.problems.get(1).snoozed_until) == (state, until)


def test_a_decided_problem_keeps_its_state_when_another_is_merged_into_it(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1, 1)
    triage(repository).decide(1, Action.ACCEPT)
    triage(repository).decide(2, Action.DISMISS)

    by(repository).merge(1, 2)

    assert repository.problems.get(2).state is State.DISMISSED


def test_the_state_that_a_merge_gave_counts_until_it_is_undone(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1, 1)
    triage(repository).decide(1, Action.ACCEPT)
    by(repository).merge(1, 2)
    triage(repository).decide(2, Action.DISMISS)

    triage(repository).undo()

    assert repository.problems.get(2).state is State.ACCEPTED


def test_what_was_decided_since_a_merge_outlives_its_undo(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1, 1)
    triage(repository).decide(1, Action.ACCEPT)
    by(repository).merge(1, 2)
    triage(repository, "bob").decide(2, Action.DISMISS)

    triage(repository).undo()

    assert repository.problems.get(2).state is State.DISMISSED
    assert repository.problems.get(1).state is State.ACCEPTED


def test_undoing_an_old_decision_on_a_merged_problem_leaves_it_merged(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1, 1)
    triage(repository).decide(1, Action.ACCEPT)
    by(repository, "bob").merge(1, 2)

    triage(repository).undo()
    assert repository.problems.get(1).id == 2

    triage(repository, "bob").undo()
    assert repository.problems.get(1).state is State.INBOX


def test_the_issue_of_a_merged_problem_stays_with_its_heir(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1, 1)
    link = ExportLink(problem_id=1, tracker="file:b.md", external_id="P-1", url=None, exported_at=NOW)
    repository.problems.save_link(link)

    by(repository).merge(1, 2)
    assert repository.problems.get(2).exported == (link,)

    triage(repository).undo()
    assert (repository.problems.get(1).exported, repository.problems.get(2).exported) == ((link,), ())


def test_a_merged_id_leads_on_over_any_number_of_merges(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1, 1, 1, 1)
    ada = by(repository)

    ada.merge(1, 2)
    ada.merge(2, 3)
    ada.merge(4, 1)  # into what P-1 leads to

    assert {repository.problems.get(number).id for number in (1, 2, 3, 4)} == {3}
    assert items(repository, 3) == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("part", "into", "words", "remedy"),
    [
        (3, 3, "P-3 cannot be merged into itself", "two problems"),
        (1, 2, "P-1 and P-2 are one already: P-2", "history P-1"),
        (2, 1, "P-2 and P-1 are one already: P-2", "history P-2"),
        (1, 3, "P-1 was merged into P-2 already", "insights merge P-2 P-3"),
        (9, 3, "There is no problem P-9", "insights problems"),
    ],
)
def test_a_merge_that_makes_no_sense_or_a_circle_is_refused_in_words(
    tmp_path: Path, part: int, into: int, words: str, remedy: str
) -> None:
    repository = stored(tmp_path, 1, 1, 1)
    by(repository).merge(1, 2)
    before = whole(tmp_path)

    with pytest.raises(InsightsError, match=words) as caught:
        by(repository).merge(part, into)

    assert remedy in caught.value.remedy
    assert caught.value.exit_code is ExitCode.USAGE
    assert whole(tmp_path) == before


def test_only_what_a_merge_moved_goes_back_where_a_run_has_added_to_the_rest(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 2)
    by(repository).merge(1, 2)
    new = a_night(repository, 3, into=2)

    triage(repository).undo()

    assert items(repository, 1) == {1, 2}
    assert items(repository, 2) == {3, 4} | new


def test_words_that_fit_again_after_an_undone_merge_are_not_made_anew(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 3, 2)
    before = repository.problems.described()
    by(repository).merge_all([1, 3], 2)
    assert repository.problems.described()[2][1] is None

    triage(repository).undo()
    assert repository.problems.described() == before

    triage(repository).redo()
    triage(repository).undo()
    assert repository.problems.described() == before


def test_words_that_a_run_made_of_the_merged_are_made_anew_after_the_undo(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 3)
    before = repository.problems.described()
    by(repository).merge(1, 2)
    repository.problems.save_words(
        2, Words(title="Both hang", summary="", described_by="offline", described_from="5", quotes=())
    )

    triage(repository).undo()

    after = repository.problems.described()
    assert (after[1], after[2][1]) == (before[1], None)


def test_words_are_made_anew_where_an_undone_merge_leaves_other_mentions(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 3)
    by(repository).merge(1, 2)
    by(repository, "bob").split(2, [3])

    triage(repository).undo()

    assert repository.problems.described()[2][1] is None


def test_what_was_moved_on_since_a_merge_stays_where_it_is(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 2, 1)
    by(repository, "ada").merge(1, 2)
    by(repository, "bob").move(1, 2, to=3)

    triage(repository, "ada").undo()

    assert [items(repository, number) for number in (1, 2, 3)] == [{2}, {3, 4}, {1, 5}]


def test_a_problem_comes_back_also_out_of_what_its_heir_was_merged_into(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1, 1, 1)
    by(repository, "ada").merge(1, 2)
    by(repository, "bob").merge(2, 3)

    triage(repository, "ada").undo()
    assert items(repository, 1) == {1}
    assert repository.problems.get(2).id == 3

    triage(repository, "bob").undo()
    assert [items(repository, number) for number in (1, 2, 3)] == [{1}, {2}, {3}]


def test_an_id_goes_on_leading_to_its_heir_where_nothing_is_left_to_come_back(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1, 1)
    by(repository).merge(1, 2)
    with repository.writing() as connection:
        repository.feedback.remove("tickets", ["T-1"], connection=connection)

    triage(repository).undo()

    assert repository.problems.get(1).id == 2
    assert repository.rules.standing() == []


# -- split ------------------------------------------------------------------------------------------------------


def test_split_items_are_a_new_problem_in_the_inbox(tmp_path: Path) -> None:
    repository = stored(tmp_path, 4)
    triage(repository).decide(1, Action.ACCEPT)

    done = by(repository).split(1, [2, 3, 3], why="another cause")

    assert (done.problem_id, done.other_id, done.items) == (1, 2, 2)
    assert (items(repository, 1), items(repository, 2)) == ({1, 4}, {2, 3})
    assert [repository.problems.get(number).state for number in (1, 2)] == [State.ACCEPTED, State.INBOX]
    assert rules(repository) == {(RuleKind.DIFFERS, 1, 2), (RuleKind.BELONGS, 2, 2), (RuleKind.BELONGS, 2, 3)}


def test_a_new_problem_is_called_by_an_item_s_words_until_it_is_described(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3)

    by(repository).split(1, [2])

    assert repository.problems.get(2).title == "It hangs 1.1"
    assert repository.problems.described()[2] == (None, None)


@pytest.mark.parametrize(
    ("chosen", "words", "remedy"),
    [
        ([], "No item was named", "Name the items"),
        ([1, 2, 3], "Nothing would be left in P-1: it has 3 items", "insights merge P-1"),
        ([1, 4], "Not in P-1: tickets/T-4", "show P-1 --items"),
        ([99], "Not in P-1: an item that is gone", "show P-1 --items"),
    ],
)
def test_an_empty_part_or_rest_is_refused_in_words(
    tmp_path: Path, chosen: Sequence[int], words: str, remedy: str
) -> None:
    repository = stored(tmp_path, 3, 1)
    before = whole(tmp_path)

    with pytest.raises(InsightsError, match=words) as caught:
        by(repository).split(1, chosen)

    assert remedy in caught.value.remedy
    assert whole(tmp_path) == before


def test_a_new_problem_s_id_leads_back_when_the_split_is_undone(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3)
    by(repository).split(1, [1])

    triage(repository).undo()

    assert items(repository, 1) == {1, 2, 3}
    assert repository.problems.get(2).id == 1
    assert repository.rules.standing() == []


def test_a_new_problem_that_has_grown_stays_when_the_split_is_undone(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3)
    by(repository).split(1, [1])
    new = a_night(repository, 2, into=2)

    triage(repository).undo()

    assert (items(repository, 1), items(repository, 2)) == ({1, 2, 3}, new)


def test_split_items_go_back_to_the_heir_of_a_problem_that_was_merged_meanwhile(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3, 1)
    by(repository, "ada").split(1, [1])
    by(repository, "bob").merge(1, 2)

    triage(repository, "ada").undo()

    assert items(repository, 2) == {1, 2, 3, 4}
    assert repository.problems.get(3).id == 2


# -- move -------------------------------------------------------------------------------------------------------


def test_a_moved_item_is_in_the_other_problem(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 2)

    by(repository).move(1, 1, to=2)

    assert (items(repository, 1), items(repository, 2)) == ({2}, {1, 3, 4})
    assert rules(repository) == {(RuleKind.NOT_IN, 1, 1), (RuleKind.BELONGS, 2, 1)}


def test_an_item_moved_to_none_is_in_no_problem(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2)

    by(repository).move(1, 1, to=None)

    assert items(repository, 1) == {2}
    assert 1 not in repository.groupings.memberships()
    assert rules(repository) == {(RuleKind.NOT_IN, 1, 1)}

    triage(repository).undo()
    assert items(repository, 1) == {1, 2}


@pytest.mark.parametrize(
    ("item", "to", "words"),
    [
        (3, 1, "Nothing would be left in P-2"),
        (1, 1, "Not in P-2: tickets/T-1"),
        (3, 2, "from P-2 to P-2, which are one problem"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused_in_words(tmp_path: Path, item: int, to: int, words: str) -> None:
    repository = stored(tmp_path, 2, 1)
    before = whole(tmp_path)

    with pytest.raises(InsightsError, match=words):
        by(repository).move(item, 2, to=to)

    assert whole(tmp_path) == before


# -- rename -----------------------------------------------------------------------------------------------------


def test_a_person_s_title_stays_when_the_problem_is_described_anew(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1)

    by(repository).rename(1, "Exports stop at 50,000 rows")
    repository.problems.save_words(
        1, Words(title="Export hangs", summary="New.", described_by="offline", described_from="1", quotes=())
    )

    problem = repository.problems.get(1)
    assert (problem.title, problem.summary, problem.named_by) == ("Exports stop at 50,000 rows", "New.", "ada")
    triage(repository).undo()
    assert (repository.problems.get(1).title, repository.problems.get(1).named_by) == ("Export hangs", None)


def test_a_title_is_cleaned_of_what_acts_or_hides(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1)

    by(repository).rename(1, " \x1b[31mExports\u202e\n stop\x07 ")

    assert repository.problems.get(1).title == "Exports stop"


@pytest.mark.parametrize("title", ["", " \t\n", "\u200b\x1b[2J", "x" * 121])
def test_a_title_of_nothing_or_too_much_is_refused(tmp_path: Path, title: str) -> None:
    repository = stored(tmp_path, 1)

    with pytest.raises(InsightsError, match="1 to 120 characters"):
        by(repository).rename(1, title)

    assert repository.problems.get(1).title == "Problem 1"


def test_undoing_a_title_leaves_the_one_that_somebody_gave_since(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1)
    by(repository, "ada").rename(1, "Ada's")
    by(repository, "bob").rename(1, "Bob's")

    triage(repository, "ada").undo()
    assert (repository.problems.get(1).title, repository.problems.get(1).named_by) == ("Bob's", "bob")

    triage(repository, "bob").undo()
    assert (repository.problems.get(1).title, repository.problems.get(1).named_by) == ("Problem 1", None)


# -- all of them ------------------------------------------------------------------------------------------------

Correct = Callable[[Corrections, int | None], Corrected]

EACH: dict[str, Correct] = {
    "merge": lambda ada, seen: ada.merge(1, 2, seen_version=seen),
    "split": lambda ada, seen: ada.split(1, [1, 2], seen_version=seen),
    "move": lambda ada, seen: ada.move(1, 1, to=2, seen_version=seen),
    "rename": lambda ada, seen: ada.rename(1, "Exports stop", seen_version=seen),
}


@pytest.mark.parametrize("name", EACH)
def test_an_undo_brings_back_what_was_also_after_a_restart(tmp_path: Path, name: str) -> None:
    repository = stored(tmp_path, 3, 2)
    before = grouping(repository, tmp_path)
    EACH[name](by(repository), None)
    assert grouping(repository, tmp_path) != before
    repository.close()

    again = reopened(tmp_path)
    undo = triage(again).undo().decisions[0]

    assert undo.action is Action.UNDO
    assert grouping(again, tmp_path) == before
    with pytest.raises(InsightsError, match="no decision of yours"):
        triage(again).undo()
    again.close()


@pytest.mark.parametrize("name", EACH)
def test_what_another_window_has_taken_back_is_not_taken_back_again(tmp_path: Path, name: str) -> None:
    repository = stored(tmp_path, 3, 2)
    done = EACH[name](by(repository), None)
    triage(repository).undo()
    before = whole(tmp_path)

    with pytest.raises(InsightsError, match="taken back already"), repository.correcting() as step:
        take_back(step, done.decision, repository=repository, who="ada", now=NOW)

    assert whole(tmp_path) == before


@pytest.mark.parametrize("name", EACH)
def test_a_correction_of_what_someone_else_changed_meanwhile_is_refused_and_writes_nothing(
    tmp_path: Path, name: str
) -> None:
    repository = stored(tmp_path, 3, 2)
    seen = repository.problems.get(1).version
    triage(repository, "bob").decide(1, Action.ACCEPT)
    before = whole(tmp_path)

    with pytest.raises(InsightsError, match="P-1 was changed by someone else"):
        EACH[name](by(repository), seen)

    assert whole(tmp_path) == before


@pytest.mark.parametrize("name", ["merge", "move"])
def test_the_problem_at_the_other_end_has_a_version_too(tmp_path: Path, name: str) -> None:
    repository = stored(tmp_path, 3, 2)
    seen = repository.problems.get(2).version
    triage(repository, "bob").decide(2, Action.ACCEPT)

    with pytest.raises(InsightsError, match="P-2 was changed by someone else"):
        if name == "merge":
            by(repository).merge(1, 2, into_version=seen)
        else:
            by(repository).move(1, 1, to=2, to_version=seen)


@pytest.mark.parametrize("table", ["decision", "correction", "rule", "lineage"])
@pytest.mark.parametrize("name", EACH)
def test_a_fault_in_the_middle_writes_nothing(tmp_path: Path, name: str, table: str) -> None:
    if (name, table) == ("rename", "rule"):
        pytest.skip("a title makes no rule")
    repository = stored(tmp_path, 3, 2)
    _break(tmp_path, table)
    before = whole(tmp_path)

    with pytest.raises(IntegrityError, match="fault"):
        EACH[name](by(repository), None)

    assert whole(tmp_path) == before


@pytest.mark.parametrize("name", EACH)
def test_a_fault_in_the_middle_of_an_undo_writes_nothing(tmp_path: Path, name: str) -> None:
    repository = stored(tmp_path, 3, 2)
    EACH[name](by(repository), None)
    _break(tmp_path, "lineage")
    before = whole(tmp_path)

    with pytest.raises(IntegrityError, match="fault"):
        triage(repository).undo()

    assert whole(tmp_path) == before


def _break(folder: Path, table: str) -> None:
    with sqlite3.connect(folder / "insights.db") as connection:
        fault = "BEGIN SELECT RAISE(ABORT, 'fault'); END"
        connection.execute(f"CREATE TRIGGER fault BEFORE INSERT ON {table} {fault}")


def test_very_long_reasons_are_cut(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3, 2)

    assert by(repository).merge(1, 2, why="x" * 5000).decision.why == "x" * 2000


STEPS = st.lists(
    st.tuples(st.sampled_from(["merge", "split", "move", "out", "rename"]), st.integers(1, 6), st.integers(1, 6)),
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_undoing_every_correction_brings_back_the_first_grouping(
    tmp_path_factory: pytest.TempPathFactory, steps: Sequence[tuple[str, int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("corrections")
    repository = stored(folder, 3, 2, 1)
    before = grouping(repository, folder)
    made = sum(_tried(by(repository), *step) for step in steps)

    for _ in range(made):
        triage(repository).undo()

    assert grouping(repository, folder) == before
    repository.close()


@settings(max_examples=25, deadline=None)
@given(STEPS, st.data())
def test_redoing_what_was_undone_brings_back_the_grouping_step_by_step(
    tmp_path_factory: pytest.TempPathFactory, steps: Sequence[tuple[str, int, int]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("corrections")
    repository = stored(folder, 3, 2, 1)
    first = _seen_as(repository, folder)
    seen = [first, *(_seen_as(repository, folder) for step in steps if _tried(by(repository), *step))]

    at = len(seen) - 1
    for _ in range(data.draw(st.integers(0, 12))):
        back = data.draw(st.booleans())
        if back and at > 0:
            triage(repository).undo()
            at -= 1
        elif not back and at < len(seen) - 1:
            triage(repository).redo()
            at += 1
        assert _seen_as(repository, folder) == seen[at]
    repository.close()


def _seen_as(repository: Repository, folder: Path) -> object:
    """As `grouping`, but for the decisions that the rules rest on: a redo is a decision of its own."""
    problems, mentions, _ = grouping(repository, folder)
    return problems, mentions, rules(repository)


def _tried(ada: Corrections, what: str, one: int, other: int) -> bool:
    """Whether it made sense."""
    try:
        {
            "merge": lambda: ada.merge(one, other),
            "split": lambda: ada.split(other, [one]),
            "move": lambda: ada.move(one, other, to=one),
            "out": lambda: ada.move(one, other, to=None),
            "rename": lambda: ada.rename(one, f"Title {other}"),
        }[what]()
    except InsightsError:
        return False
    return True
