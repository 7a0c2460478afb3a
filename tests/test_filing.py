"""A problem is filed once, whatever fails in between: nothing doubled, nothing lost, nothing said that is not so."""

import os
import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from insights.corrections import Corrections
from insights.domain.problem import Action, Progressed
from insights.errors import InsightsError
from insights.filing import IN_FLIGHT_SECONDS, Did, Filer, Outcome
from insights.ports import Issue, Sought, Unanswered
from insights.storage.filings import Filing
from insights.storage.lock import OwnerLock
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.hostile.tracker import Clock, HostileTracker, Killed, Trouble
from tests.stored import NOW, a_stored_problem, a_workspace

ROUNDS = int(os.environ.get("INSIGHTS_ROUNDS", "80"))
"""Trackers with three problems each; many more were run."""


@pytest.fixture
def repository(tmp_path: Path):
    opened = a_workspace(tmp_path, problems=[a_stored_problem(title) for title in ("Export hangs", "Slow", "Login")])
    yield opened
    opened.close()


@dataclass
class Once:
    """Troubles one after the other; none when they are used up."""

    create: list[Trouble] = field(default_factory=list)
    find: list[Trouble] = field(default_factory=list)
    update: list[Trouble] = field(default_factory=list)

    def __call__(self, what: str) -> Trouble:
        troubles = getattr(self, what, [])
        return troubles.pop(0) if troubles else Trouble.NONE


def file(
    repository: Repository, tracker: HostileTracker, problem: int = 1, *, body: str = "It hangs.", **options: object
) -> Outcome:
    def issue_of(sought: Sought) -> Issue:
        return Issue(sought=sought, title="Export hangs", body=body, fields={"state": "accepted"})

    filer = Filer(repository=repository, tracker=tracker, now=NOW, once=tracker.clock.once(**options))
    return filer.file(repository.problems.get(problem), issue_of)


def link_of(repository: Repository, problem: int = 1) -> list[str]:
    return [link.external_id for link in repository.problems.get(problem).exported]


# -- once ---------------------------------------------------------------------------------------------------------


def test_a_problem_is_filed_without_waiting_and_its_intent_is_gone(repository) -> None:
    tracker = HostileTracker(lag_seconds=120)

    made = file(repository, tracker)

    assert (made.did, link_of(repository)) == (Did.CREATED, ["ISS-1"])
    assert (tracker.asked, tracker.clock.slept) == (["find", "create"], 0)
    assert repository.filings.get(1, "hostile") is None


def test_the_marker_is_of_this_workspace_alone(repository, tmp_path) -> None:
    (tmp_path / "other").mkdir()
    other = a_workspace(tmp_path / "other", problems=[a_stored_problem()])
    tracker = HostileTracker()

    file(repository, tracker)
    file(other, tracker)
    other.close()

    first, second = (kept.issue.sought for kept in tracker.kept.values())
    assert first.problem == second.problem == "P-1"
    assert first.marker != second.marker
    assert first.marker.startswith("insights-") and first.marker.endswith("-P-1")


@pytest.mark.parametrize("trouble", [Trouble.NO_ANSWER_DONE, Trouble.NO_ANSWER_DONE_LATER])
def test_after_a_time_out_the_issue_that_was_made_is_waited_for(repository, trouble) -> None:
    tracker = HostileTracker(lag_seconds=90, trouble=Once(create=[trouble]))

    made = file(repository, tracker)

    assert tracker.issues_of("P-1") == link_of(repository) == [made.link.external_id]
    assert tracker.asked.count("create") == 1
    assert 0 < tracker.clock.slept <= 90 + IN_FLIGHT_SECONDS


def test_after_a_time_out_another_is_made_only_when_the_first_would_show_by_now(repository) -> None:
    tracker = HostileTracker(lag_seconds=90, trouble=Once(create=[Trouble.NO_ANSWER_NOT_DONE]))

    made = file(repository, tracker)

    assert (made.did, tracker.issues_of("P-1")) == (Did.CREATED, ["ISS-1"])
    assert tracker.clock.slept == 90 + IN_FLIGHT_SECONDS


def test_who_gets_no_answer_at_all_is_told_what_is_not_known_and_how_to_go_on(repository) -> None:
    tracker = HostileTracker(trouble=Once(create=[Trouble.NO_ANSWER_NOT_DONE] * 3))

    with pytest.raises(Unanswered, match="not known whether P-1 was filed in hostile") as caught:
        file(repository, tracker)

    assert "insights export P-1 --to hostile" in caught.value.remedy
    assert [one.attempts for one in repository.filings.open()] == [3]
    assert file(repository, tracker).did is Did.CREATED
    assert repository.filings.open() == []


def test_a_tracker_that_cannot_be_asked_after_a_time_out_leaves_it_unknown_until_it_can(repository) -> None:
    troubles = Once(create=[Trouble.NO_ANSWER_DONE], find=[Trouble.NONE, Trouble.REFUSED])
    tracker = HostileTracker(trouble=troubles)

    with pytest.raises(Unanswered, match="not known"):
        file(repository, tracker)

    assert file(repository, tracker).did is Did.UPDATED
    assert tracker.issues_of("P-1") == link_of(repository) == ["ISS-1"]


@pytest.mark.parametrize("trouble", [Trouble.KILLED_AFTER, Trouble.KILLED_DONE_LATER])
def test_who_was_killed_after_sending_finds_the_issue_and_makes_no_second(repository, trouble) -> None:
    tracker = HostileTracker(lag_seconds=30, trouble=Once(create=[trouble]))
    with pytest.raises(Killed):
        file(repository, tracker)
    assert link_of(repository) == []

    file(repository, tracker)

    assert tracker.issues_of("P-1") == link_of(repository)
    assert tracker.asked.count("create") == 1


def test_who_waits_long_looks_every_few_seconds(repository) -> None:
    tracker = HostileTracker(lag_seconds=100, trouble=Once(create=[Trouble.KILLED_AFTER]))
    with pytest.raises(Killed):
        file(repository, tracker)
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        tracker.clock.now += timedelta(seconds=seconds)

    Filer(repository=repository, tracker=tracker, now=NOW, once=replace(tracker.clock.once(), sleep=sleep)).file(
        repository.problems.get(1), lambda sought: Issue(sought=sought, title="a", body="b", fields={})
    )

    assert link_of(repository) == ["ISS-1"]
    assert waits[:3] == [0.5, 1, 2]
    assert max(waits) == 8


def test_long_after_a_kill_nothing_is_waited_for(repository) -> None:
    tracker = HostileTracker(lag_seconds=30, trouble=Once(create=[Trouble.KILLED_BEFORE]))
    with pytest.raises(Killed):
        file(repository, tracker)
    tracker.clock.now += timedelta(hours=1)

    assert file(repository, tracker).did is Did.CREATED
    assert tracker.clock.slept == 0


def test_a_clock_that_was_set_back_makes_nobody_wait_for_longer(repository) -> None:
    tracker = HostileTracker(lag_seconds=30, trouble=Once(create=[Trouble.KILLED_BEFORE]))
    with pytest.raises(Killed):
        file(repository, tracker)
    tracker.clock.now -= timedelta(days=1)

    file(repository, tracker)

    assert tracker.clock.slept == 30 + IN_FLIGHT_SECONDS


def test_what_is_refused_is_known_not_to_be_there(repository) -> None:
    tracker = HostileTracker(trouble=Once(create=[Trouble.REFUSED]))

    with pytest.raises(InsightsError, match="full"):
        file(repository, tracker)

    assert (repository.filings.open(), link_of(repository)) == ([], [])
    assert file(repository, tracker).did is Did.CREATED
    assert tracker.clock.slept == 0


def test_the_link_is_kept_though_the_update_of_a_found_issue_fails(repository) -> None:
    troubles = Once(create=[Trouble.KILLED_AFTER], update=[Trouble.REFUSED])
    tracker = HostileTracker(trouble=troubles)
    with pytest.raises(Killed):
        file(repository, tracker)

    with pytest.raises(InsightsError, match="full"):
        file(repository, tracker)

    assert link_of(repository) == ["ISS-1"]


def test_several_issues_of_one_problem_are_told_and_nothing_is_made(repository) -> None:
    tracker = HostileTracker()
    file(repository, tracker)
    tracker.create(tracker.kept["ISS-1"].issue)
    repository.problems.drop_link(1, tracker="hostile")

    with pytest.raises(InsightsError, match="P-1 has 2 issues"):
        file(repository, tracker)


def test_another_machine_that_files_it_right_now_is_left_to_it(repository) -> None:
    tracker = HostileTracker()

    def other_machine(what: str) -> Trouble:
        if what == "find":
            repository.filings.claim(repository.filings.get(1, "hostile"), tracker.clock())
        return Trouble.NONE

    tracker.trouble = other_machine

    with pytest.raises(InsightsError, match="from another machine"):
        file(repository, tracker)

    assert tracker.issues_of("P-1") == []


def test_a_process_waits_for_another_one_of_the_workspace(repository, tmp_path) -> None:
    tracker, lock = HostileTracker(), tmp_path / "filing.lock"
    holder = OwnerLock(lock, what="it")
    holder.acquire()
    waiting = Thread(target=lambda: file(repository, tracker, lock_file=lock))
    waiting.start()
    waiting.join(0.15)
    assert tracker.asked == []

    holder.release()
    waiting.join(10)

    assert link_of(repository) == ["ISS-1"]


BAD = (*Trouble, *[Trouble.NONE] * 4)
"""What becomes of what is sent; of questions less."""
READS = (Trouble.REFUSED, Trouble.KILLED_BEFORE, *[Trouble.NONE] * 20)


@pytest.mark.parametrize("lag", [0.0, 45.0])
def test_hundreds_of_random_failures_double_nothing_and_lose_nothing(repository, lag) -> None:
    failures = 0
    for seed in range(ROUNDS // 2):
        chance = random.Random(f"{lag} {seed}")
        tracker = HostileTracker(
            name=f"hostile-{seed}",
            lag_seconds=lag,
            late=chance.uniform(0, IN_FLIGHT_SECONDS - 1),
            trouble=partial(at_random, chance),
        )
        for number in (1, 2, 3):
            failures += filed_at_last(repository, tracker, number, chance)
        for number in (1, 2, 3):
            kept = [link.external_id for link in repository.filings.links(tracker.name) if link.problem_id == number]
            assert tracker.issues_of(f"P-{number}") == kept, (lag, seed)
            assert len(kept) == 1

    assert failures > 2 * ROUNDS


def at_random(chance: random.Random, what: str) -> Trouble:
    return chance.choice(BAD if what in {"create", "update"} else READS)


def filed_at_last(repository: Repository, tracker: HostileTracker, number: int, chance: random.Random) -> int:
    """Export it until it says that it is done, as a person would; how often it did not."""
    failures = 0
    while True:
        try:
            file(repository, tracker, number)
        except (InsightsError, Killed):
            failures += 1
            tracker.clock.now += timedelta(seconds=chance.choice([0.0, 1.0, 30.0, 500.0]))
        else:
            return failures


# -- what is there already ------------------------------------------------------------------------------------------


def test_a_link_leads_to_its_issue_whatever_the_search_says(repository) -> None:
    tracker = HostileTracker()
    file(repository, tracker)
    tracker.asked.clear()

    assert file(repository, tracker).did is Did.UPDATED
    assert tracker.asked == ["read", "update"]


def test_an_issue_that_is_gone_is_told_and_filed_anew_only_on_request(repository) -> None:
    tracker = HostileTracker()
    file(repository, tracker)
    tracker.delete("ISS-1")

    with pytest.raises(InsightsError, match="ISS-1 in hostile, is gone") as caught:
        file(repository, tracker)
    assert "insights export P-1 --to hostile --again" in caught.value.remedy
    assert tracker.issues_of("P-1") == []

    first_key = tracker.kept["ISS-1"].issue.sought.key
    assert file(repository, tracker, again=True).did is Did.CREATED
    assert tracker.issues_of("P-1") == link_of(repository) == ["ISS-2"]
    assert tracker.kept["ISS-2"].issue.sought.key != first_key


def test_filing_anew_that_was_cut_off_goes_on_without_being_asked_again(repository) -> None:
    tracker = HostileTracker()
    file(repository, tracker)
    tracker.delete("ISS-1")
    tracker.trouble = Once(create=[Trouble.KILLED_AFTER])
    with pytest.raises(Killed):
        file(repository, tracker, again=True)

    file(repository, tracker)

    assert tracker.issues_of("P-1") == link_of(repository) == ["ISS-2"]


def test_filing_anew_that_was_cut_off_before_it_was_sent_goes_on_too(repository) -> None:
    tracker = HostileTracker()
    file(repository, tracker)
    tracker.delete("ISS-1")
    tracker.trouble = Once(create=[Trouble.KILLED_BEFORE])
    with pytest.raises(Killed):
        file(repository, tracker, again=True)

    file(repository, tracker)

    assert tracker.issues_of("P-1") == link_of(repository) == ["ISS-2"]


def test_the_link_follows_an_issue_that_was_moved_and_moved_again(repository) -> None:
    tracker = HostileTracker()
    file(repository, tracker)
    tracker.move("ISS-1", "OPS-7")
    tracker.move("OPS-7", "WEB-2")

    assert file(repository, tracker).did is Did.UPDATED
    assert link_of(repository) == ["WEB-2"]


def test_the_issue_of_a_merged_problem_counts_for_its_heir(repository) -> None:
    tracker = HostileTracker()
    file(repository, tracker, 2)
    Corrections(repository, who="ann", now=lambda: NOW).merge(2, 1)

    made = file(repository, tracker, 1, body="Both hang.")

    assert (made.did, made.link.problem_id, made.link.external_id) == (Did.UPDATED, 2, "ISS-1")
    assert list(tracker.kept) == ["ISS-1"]
    assert tracker.kept["ISS-1"].issue.body == "Both hang."


def test_an_issue_that_a_merged_problem_may_have_is_looked_for(repository) -> None:
    tracker = HostileTracker(trouble=Once(create=[Trouble.KILLED_AFTER]))
    with pytest.raises(Killed):
        file(repository, tracker, 2)
    Corrections(repository, who="ann", now=lambda: NOW).merge(2, 1)

    file(repository, tracker, 1)

    assert (link_of(repository), list(tracker.kept)) == (["ISS-1"], ["ISS-1"])


def test_what_a_merged_problem_has_no_issue_of_is_not_unknown_any_more(repository) -> None:
    tracker = HostileTracker(trouble=Once(create=[Trouble.KILLED_BEFORE]))
    with pytest.raises(Killed):
        file(repository, tracker, 2)
    Corrections(repository, who="ann", now=lambda: NOW).merge(2, 1)

    file(repository, tracker, 1)

    assert (repository.filings.open(), link_of(repository)) == ([], ["ISS-1"])


def test_what_a_merged_problem_may_have_is_settled_though_its_heir_has_an_issue(repository) -> None:
    tracker = HostileTracker()
    file(repository, tracker, 1)
    tracker.trouble = Once(create=[Trouble.KILLED_AFTER])
    with pytest.raises(Killed):
        file(repository, tracker, 2)
    Corrections(repository, who="ann", now=lambda: NOW).merge(2, 1)

    made = file(repository, tracker, 1)

    assert (made.did, made.link.external_id) == (Did.UPDATED, "ISS-1")
    assert (repository.filings.open(), link_of(repository)) == ([], ["ISS-1", "ISS-2"])


@pytest.mark.parametrize("again", [True, False])
def test_what_another_machine_filed_while_this_one_looked_is_not_filed_twice(repository, again) -> None:
    tracker = HostileTracker(lag_seconds=30)
    if again:
        file(repository, tracker)
        tracker.delete("ISS-1")
    begin, others = repository.filings.begin, list[str]()

    def begin_late(*given: Any) -> Filing:
        if not others:  # the other machine is a moment faster, and through with it
            others.append("ours")
            file(repository, tracker, again=again)
        return begin(*given)

    repository.filings.begin = begin_late

    made = file(repository, tracker, again=again)

    assert made.did is Did.UPDATED
    assert tracker.issues_of("P-1") == link_of(repository)


def test_an_intent_that_another_machine_is_through_with_is_not_sent_again(repository) -> None:
    tracker = HostileTracker()
    old = repository.filings.begin(1, "hostile", NOW)
    file(repository, tracker)

    assert repository.filings.claim(old, NOW) is None


def test_what_would_stay_as_it_is_is_not_sent_where_only_changes_are_wanted(repository) -> None:
    tracker = HostileTracker()
    file(repository, tracker)

    assert file(repository, tracker, skips_unchanged=True).did is Did.UNCHANGED
    assert file(repository, tracker, body="Worse.", skips_unchanged=True).did is Did.UPDATED
    assert tracker.asked.count("update") == 1


def test_a_closed_issue_is_opened_by_a_person_and_by_nobody_else(repository) -> None:
    tracker = HostileTracker()
    file(repository, tracker)
    tracker.set("ISS-1", progress=Progressed.DROPPED)

    assert file(repository, tracker, body="Worse.", reopens=False).did is Did.LEFT_CLOSED
    assert file(repository, tracker, body="Worse.", reopens=False).did is Did.LEFT_CLOSED
    assert tracker.asked.count("update") == 1
    assert tracker.kept["ISS-1"].filed.is_closed
    assert tracker.kept["ISS-1"].issue.body == "Worse."
    assert file(repository, tracker).did is Did.REOPENED
    assert not tracker.kept["ISS-1"].filed.is_closed


def test_the_done_issue_of_a_shipped_problem_stays_done(repository) -> None:
    tracker = HostileTracker()
    file(repository, tracker)
    tracker.set("ISS-1", progress=Progressed.DONE)
    Triage(repository, "ann", lambda: NOW).decide(1, Action.SHIP)

    assert file(repository, tracker).did is Did.LEFT_CLOSED


def test_what_may_have_been_filed_is_closed_by_its_key_and_not_unknown_any_more(repository) -> None:
    tracker = HostileTracker(trouble=Once(create=[Trouble.KILLED_AFTER]))
    with pytest.raises(Killed):
        file(repository, tracker)
    asked: list[Sought] = []
    find = tracker.find
    tracker.find = lambda sought: asked.append(sought) or find(sought)  # type: ignore[method-assign,func-returns-value]

    Filer(repository=repository, tracker=tracker, now=NOW).close(1, "taken back")

    assert asked[0].key == tracker.kept["ISS-1"].issue.sought.key
    assert tracker.kept["ISS-1"].filed.progress is Progressed.DROPPED
    assert repository.filings.open() == []
    assert file(repository, tracker).did is Did.REOPENED


def test_who_closes_the_issue_of_a_merged_problem_by_its_heir_is_told_its_name(repository) -> None:
    tracker = HostileTracker(name="file:/w/our backlog.md")
    filer = Filer(repository=repository, tracker=tracker, now=NOW)
    file(repository, tracker, 2)
    Corrections(repository, who="ann", now=lambda: NOW).merge(2, 1)

    with pytest.raises(InsightsError, match="but that of P-2, merged into it") as caught:
        filer.close(1, "taken back")
    assert "insights export P-2 --close \"WHY\" --to 'file:/w/our backlog.md'" in caught.value.remedy
    filer.close(2, "taken back")
    with pytest.raises(InsightsError, match=r"P-1 has no issue in file:/w/our backlog\.md\.") as caught:
        filer.close(1, "taken back")
    assert "insights show P-1" in caught.value.remedy


def test_an_issue_that_is_gone_is_not_named_as_one_to_be_closed(repository) -> None:
    tracker = HostileTracker()
    filer = Filer(repository=repository, tracker=tracker, now=NOW)
    link = file(repository, tracker, 2).link
    repository.filings.note(replace(link, is_gone=True))
    tracker.delete("ISS-1")
    Corrections(repository, who="ann", now=lambda: NOW).merge(2, 1)

    with pytest.raises(InsightsError, match=r"P-1 has no issue in hostile\.$"):
        filer.close(1, "taken back")


def test_who_waits_for_another_process_can_stop(repository, tmp_path) -> None:
    lock = tmp_path / "filing.lock"
    tracker = HostileTracker()

    def stop() -> None:
        raise Killed

    with OwnerLock(lock, what="it"), pytest.raises(Killed):
        file(repository, tracker, lock_file=lock, meanwhile=stop)

    assert tracker.asked == []


def test_closing_and_filing_again_finds_the_same_issue_by_the_same_key(repository) -> None:
    tracker = HostileTracker()
    key = file(repository, tracker).link.key
    Filer(repository=repository, tracker=tracker, now=NOW).close(1, "taken back")
    assert (link_of(repository), repository.filings.open()) == ([], [])

    again = file(repository, tracker)

    assert (again.link.key, again.link.external_id) == (key, "ISS-1")
    assert tracker.clock == Clock()
