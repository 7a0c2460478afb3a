"""Problems keep their ids from night to night: new items join, decided problems stand still, large imports refit."""

import pytest

from insights.domain.feedback import Stance
from insights.domain.problem import Action, State
from insights.stages.group import Grouped
from insights.storage.mentions import Span
from tests.drafts import a_draft, save
from tests.stages.night import TOPICS, Night
from tests.stored import NOW


def first_night(night: Night, *, times: int = 12) -> dict[str, int]:
    """Four topics heard and grouped. Returns topic -> problem."""
    topics = list(TOPICS)[:4]
    for topic in topics:
        night.hear(topic, times=times)
    night.pass_by()
    found = {topic: night.problems_of(topic) for topic in topics}
    return {topic: most for topic, problems in found.items() for most in problems if most is not None}


def test_each_topic_becomes_a_problem_of_its_own(night: Night) -> None:
    problems = first_night(night)

    assert sorted(problems.values()) == [1, 2, 3, 4]
    assert [p.items for p in night.repository.problems.all()] == [12, 12, 12, 12]


def test_a_night_without_anything_new_changes_nothing(night: Night) -> None:
    first_night(night)
    before = night.repository.groupings.memberships()

    assert night.pass_by() == Grouped()
    assert night.repository.groupings.memberships() == before


def test_new_items_join_the_problems_they_belong_to(night: Night) -> None:
    problems = first_night(night, times=40)
    before = night.repository.groupings.memberships()
    night.hear("export", times=6)
    night.hear("login", times=4)

    night.pass_by()

    after = night.repository.groupings.memberships()
    assert {mention: after[mention] for mention in before} == before
    joined = [after[m] for m in after if m not in before]
    assert set(joined) <= {problems["export"], problems["login"]}
    assert len(joined) >= 5
    assert len(night.repository.problems.all()) == 4


def test_what_fits_nowhere_waits_and_is_tried_again(night: Night) -> None:
    first_night(night, times=40)
    night.hear("webhook", times=1)

    done = night.pass_by()

    assert (done.born, done.unassigned) == (0, 1)
    assert night.problems_of("webhook") == {None}
    night.hear("webhook", times=3)
    done = night.pass_by()
    assert (done.unassigned, done.settled) == (0, 1)
    assert 5 in night.problems_of("webhook")


def test_what_a_grouping_of_everything_left_out_makes_no_problem_of_its_own_later(night: Night) -> None:
    first_night(night, times=40)
    leave_out(night, "label")
    before = night.repository.groupings.memberships()
    night.hear("export", times=4)

    done = night.pass_by()

    assert done.born == 0
    assert night.problems_of("label") == {None}
    after = night.repository.groupings.memberships()
    assert {mention: after[mention] for mention in before} == before


def test_what_was_left_out_comes_along_in_a_group_of_which_half_is_newer(night: Night) -> None:
    first_night(night, times=40)
    waiting = leave_out(night, "label")
    night.hear("label", times=48)

    assert night.pass_by().born >= 1
    assert waiting & set(night.repository.groupings.memberships())


def leave_out(night: Night, topic: str) -> set[int]:
    """As if the grouping of everything had taken this topic for talk. Returns its mentions."""
    waiting = {m.id: (None, 0.0) for m in night.mentions() if m.text.startswith(TOPICS[topic])}
    run = night.repository.runs.start(mode="offline", at=NOW)
    night.repository.groupings.save(run.id, joined=waiting, born=[])
    return set(waiting)


def test_a_new_topic_among_many_others_becomes_a_new_problem(night: Night) -> None:
    problems = first_night(night, times=30)
    night.hear("webhook", times=32)

    done = night.pass_by()

    assert done.born >= 1
    assert night.problems_of("webhook").isdisjoint(problems.values())
    for topic, problem in problems.items():
        assert night.problems_of(topic) == {problem}


def test_an_import_larger_than_what_was_there_keeps_ids_by_membership(night: Night) -> None:
    problems = first_night(night, times=8)
    for topic in TOPICS:
        night.hear(topic, times=20)

    done = night.pass_by()

    assert done.born >= 1
    for topic, problem in problems.items():
        assert night.problems_of(topic) == {problem}
    assert night.problems_of("webhook") == {5}


def test_a_decided_problem_never_moves(night: Night) -> None:
    problems = first_night(night, times=8)
    decided = problems["login"]
    night.decide(decided)
    members = {m for m, problem in night.repository.groupings.memberships().items() if problem == decided}
    for topic in TOPICS:
        night.hear(topic, times=20)

    night.pass_by()

    after = night.repository.groupings.memberships()
    assert {after[mention] for mention in members} == {decided}
    assert night.repository.problems.get(decided).state is State.ACCEPTED


def test_a_snoozed_or_dismissed_problem_never_moves_either(night: Night) -> None:
    problems = first_night(night, times=8)
    night.decide(problems["login"], Action.SNOOZE)
    night.decide(problems["export"], Action.DISMISS)
    before = night.repository.groupings.memberships()
    for topic in TOPICS:
        night.hear(topic, times=20)

    night.pass_by()

    after = night.repository.groupings.memberships()
    for mention, problem in before.items():
        if problem in (problems["login"], problems["export"]):
            assert after[mention] == problem


def test_a_refit_beside_a_decided_problem_loses_no_undecided_one(night: Night) -> None:
    """What is left beside decided problems may be too little to group: known problems stay as they were."""
    for topic in ("export", "login"):
        night.hear(topic, times=5)
    night.pass_by()
    before = {problem.id for problem in night.repository.problems.all()}
    assert len(before) == 2
    [decided] = night.problems_of("export")
    assert decided is not None
    night.decide(decided)
    night.hear("webhook", times=11)

    night.pass_by()

    assert {problem.id for problem in night.repository.problems.all()} >= before


def test_two_mentions_of_one_item_are_no_problem(night: Night) -> None:
    for topic in list(TOPICS)[:4]:
        night.hear(topic, times=10)
    text = "webhook fires twice per order. webhook fires twice per order always."
    save(night.repository, a_draft(text, number=999))
    waiting = night.repository.feedback.unprotected(100)
    night.repository.feedback.save_redactions({item.id: (item.body, 0) for item in waiting})
    night.repository.mentions.save(
        {
            item.id: [Span(0, 30, Stance.PROBLEM, 1.0), Span(31, len(text), Stance.PROBLEM, 1.0)]
            if item.source_id == "T-999"
            else [Span(0, len(item.body), Stance.PROBLEM, 1.0)]
            for item in waiting
        }
    )

    night.pass_by()

    assert night.problems_of("webhook") == {None}
    assert len(night.repository.problems.all()) == 4


def test_praise_is_no_problem(night: Night) -> None:
    night.hear("export", times=12)

    assert night.pass_by(stance=Stance.PRAISE) == Grouped()
    assert night.repository.problems.all() == []


def test_a_problem_of_requests_is_a_request(night: Night) -> None:
    for topic in list(TOPICS)[:4]:
        night.hear(topic, times=10)

    night.pass_by(stance=Stance.REQUEST)

    assert {problem.stance for problem in night.repository.problems.all()} == {Stance.REQUEST}


def test_few_items_are_grouped_as_a_first_guess(night: Night) -> None:
    night.hear("export", times=5)
    night.hear("login", times=5)

    done = night.pass_by()

    assert done.is_weak
    assert night.problems_of("export").isdisjoint(night.problems_of("login"))


def test_one_item_alone_is_no_problem(night: Night) -> None:
    night.hear("export", times=1)

    assert night.pass_by().unassigned == 1
    assert night.repository.problems.all() == []


def test_an_item_that_changed_its_words_leaves_its_problem(night: Night) -> None:
    problems = first_night(night)
    save(night.repository, a_draft(TOPICS["login"] + " today", number=1))

    night.pass_by()

    assert night.repository.problems.get(problems["export"]).items == 11
    assert night.problems_of("login") == {problems["login"]}


def test_the_first_night_already_tells_which_problem_was_next_nearest(night: Night) -> None:
    first_night(night)
    problems = set(night.repository.groupings.memberships().values())
    placements = [one for m in night.mentions() for one in night.repository.placements.of_item(m.feedback_id)]
    near = [(one.problem_id, one.runner_up) for one in placements if one.problem_id]

    assert all(runner_up in problems - {problem} for problem, runner_up in near)
    assert len(near) > 8


def test_a_first_run_on_many_places_those_beyond_the_sample_in_the_problems_found_there(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("insights.stages.group.GROUPED_ROWS", 60)
    monkeypatch.setattr("insights.stages.group.PAGE_ROWS", 50)

    problems = first_night(night, times=48)

    assert sorted(problems.values()) == [1, 2, 3, 4]
    assert [p.items for p in night.repository.problems.all()] == [48, 48, 48, 48]
    assert {len(night.problems_of(topic)) for topic in problems} == {1}


# -- further problems -------------------------------------------------------------------------------------------


@pytest.fixture
def few_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    """With their mean taken off, four topics point away from each other: what states two is hardly alike to either."""
    monkeypatch.setattr("insights.grouping.centres.SAID", -1.0)


def test_an_item_that_states_two_topics_is_in_one_problem_and_told_of_the_other_from_the_first_night_on(
    night: Night,
    few_topics: None,
) -> None:
    number = hear_two(night)

    problems = first_night(night)

    assert two_topics(night, number) == (problems["export"], {problems["login"]})


def test_a_later_night_tells_further_problems_of_what_is_new_and_leaves_those_of_the_others(
    night: Night, few_topics: None
) -> None:
    problems = first_night(night, times=40)
    before = further(night)
    number = hear_two(night)

    night.pass_by()

    assert two_topics(night, number) == (problems["export"], {problems["login"]})
    assert {mention: also for mention, also in further(night).items() if mention in before} == before


def test_a_further_problem_counts_nothing(night: Night, few_topics: None) -> None:
    number = hear_two(night)
    problems = first_night(night)

    assert further(night)
    assert [(p.items, p.mentions) for p in night.repository.problems.all()] == [(13, 13), (12, 12), (12, 12), (12, 12)]
    assert number not in {one.feedback_id for one in night.repository.evidence.of_problem(problems["login"])}


def test_no_mention_is_told_of_its_own_problem_or_of_one_that_is_none(night: Night) -> None:
    hear_two(night)
    first_night(night)
    night.hear("webhook", times=40)
    night.pass_by()
    memberships = night.repository.groupings.memberships()

    assert all(memberships[mention] not in also for mention, also in further(night).items())
    assert {problem for also in further(night).values() for problem in also} <= set(memberships.values())


def hear_two(night: Night) -> int:
    """An item that states the export and, as well, the login. Returns its id."""
    save(night.repository, a_draft(f"{TOPICS['export']}, and every time {TOPICS['login']}", number=999))
    return night.repository.feedback.find_ref("T-999")


def two_topics(night: Night, item: int) -> tuple[int | None, set[int]]:
    """The problem of an item's only mention, and the further ones."""
    (placement,) = night.repository.placements.of_item(item)
    return placement.problem_id, set(placement.also)


def further(night: Night) -> dict[int, tuple[int, ...]]:
    """mention -> the further problems that it states."""
    items = {mention.feedback_id for mention in night.mentions()}
    return {mention: also for item in items for mention, also in night.repository.also.of_item(item).items()}
