"""A night as it is recorded in a workspace: what is seen of each problem, what is told, and what is kept."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from insights.config import Alerts, Settings, Worth
from insights.digest.words import Words
from insights.domain.estimate import Revision
from insights.domain.facts import Affected, Facts, Firm, Stay
from insights.domain.lineage import Event, LineageEntry
from insights.domain.night import Drivers, NewsKind, Night, ReasonKind
from insights.domain.problem import Action, State
from insights.estimating import set_figures
from insights.news.record import record_night
from insights.outcomes import ship
from insights.storage.nights import WHOLE_DAYS
from insights.storage.repository import Repository
from insights.triage import Triage
from insights.valuation import revalue
from tests.actors import ADA
from tests.news.nights import told
from tests.stored import NOW, Item, a_stored_problem, a_workspace, an_account_record, an_item, fill, items_by_week

QUIET = (1, 2, 1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1, 1)
"""Items a week."""
SOON = Settings().worth.renewal_days
SPIKING = (*QUIET[:-1], 14)


def of_weeks(counts: Sequence[int], text: str = "The export hangs") -> list[Item]:
    return items_by_week(counts, text=text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def workspace(folder: Path, *weekly: Sequence[int]) -> Repository:
    """A problem for each of these, with so many items a week, each of an unknown customer."""
    problems = [a_stored_problem(f"Problem {n}", items=of_weeks(one, f"Words {n}")) for n, one in enumerate(weekly, 1)]
    return a_workspace(folder, problems=problems)


@pytest.fixture
def repository(folder: Path) -> Iterator[Repository]:
    opened = workspace(folder, QUIET, QUIET, QUIET)
    value(opened, {1: a_fact(30), 2: a_fact(20), 3: a_fact(10)})
    yield opened
    opened.close()


def a_fact(accounts: int, **fields: object) -> Facts:
    some = tuple(Affected(account=number, revenue=20_000.0) for number in range(1, accounts + 1))
    return replace(Facts(items=20, days=91, accounts=some), **fields)  # type: ignore[arg-type]


def value(repository: Repository, facts: dict[int, Facts], settings: Settings | None = None) -> None:
    repository.problems.save_facts(facts, Firm())
    revalue(repository, settings or Settings())


def record(repository: Repository, *, days: int = 0, settings: Settings | None = None, **fields: object) -> Night:
    """A night of a run of its own, so many days after NOW."""
    at = NOW + timedelta(days=days)
    run = repository.runs.start(mode="offline", at=at)
    return record_night(repository, settings or Settings(), run_id=run.id, at=at, **fields)  # type: ignore[arg-type]


# -- what is seen ---------------------------------------------------------------------------------------------------


def test_a_problem_is_kept_with_its_figures_and_what_they_rest_on(folder: Path) -> None:
    names = [an_account_record(name, revenue=revenue) for name, revenue in (("Small", 1_000), ("Large", 90_000))]
    items = [an_item("It hangs", account="Small", score=3), an_item("It hangs again", account="Large")]
    repository = a_workspace(folder, problems=[a_stored_problem(items=items)], accounts=names)
    accounts = (
        Affected(account=1, revenue=1_000, score=3, says_leaving=True, renewal_days=SOON),
        Affected(account=2, revenue=90_000, score=6, renewal_days=0),
        Affected(account=3, revenue=None, score=7, renewal_days=SOON + 1),
        Affected(account=4, revenue=0, renewal_days=-1),
    )
    facts = Facts(
        items=26, days=91, accounts=accounts, open_deals=(5_000.0, None), lost_deals=(1.0,), stay=Stay(left=1, years=4)
    )
    value(repository, {1: replace(facts, severity="hurts")})

    night = record(repository)

    seen, estimate = night.problems[1], repository.problems.get(1).estimate
    assert estimate is not None
    assert (seen.rank, seen.value, seen.items, seen.accounts) == (1, round(estimate.value.likely), 2, 2)
    assert seen.roi == pytest.approx(estimate.roi.likely, abs=1e-4)
    assert (seen.state, seen.waits) == (State.INBOX, True)
    assert seen.drivers == Drivers(
        parts={part.name: round(part.value.likely) for part in estimate.parts},
        cost=round(estimate.cost.likely),
        weeks=estimate.weeks.likely,
        weeks_source="default",
        accounts=4,
        revenue=91_000,
        renewing=(2, 1),
        renewing_count=2,
        detractors=(2, 1),
        detractors_count=2,
        leaving=(1,),
        leaving_count=1,
        left=1,
        open_deals=2,
        lost_deals=1,
        load=2.0,
        severity="hurts",
    )
    repository.close()


def test_what_a_person_set_counts_and_stands_for_itself(repository: Repository) -> None:
    before = record(repository).problems[1].drivers
    set_figures(
        1, Revision(severity="blocks"), why=None, repository=repository, settings=Settings(), who="ada", now=lambda: NOW
    )

    after = record(repository).problems[1].drivers

    assert (before.severity, after.severity) == ("", "blocks")
    assert (before.revised, bool(after.revised)) == ("", True)


# -- what is told ---------------------------------------------------------------------------------------------------


def with_a_spike(folder: Path) -> Repository:
    """Two nights of data: the second brings what makes P-1 spike."""
    (folder / "later").mkdir(exist_ok=True)
    return workspace(folder / "later", SPIKING, QUIET, QUIET)


def test_a_spike_is_told_once_and_the_same_run_tells_the_same_again(folder: Path) -> None:
    quiet, loud = workspace(folder, QUIET, QUIET, QUIET), with_a_spike(folder)
    first = record(quiet)
    loud.runs.start(mode="offline", at=NOW)
    loud.nights.keep(replace(first, run_id=1))

    second = record(loud)
    again = record_night(loud, Settings(), run_id=second.run_id, at=second.at)
    third = record(loud, days=1)

    assert told(first) == told(third) == set()
    assert told(second) == {(1, NewsKind.SPIKING)}
    assert again == second == loud.nights.get(second.run_id)
    quiet.close()
    loud.close()


def test_a_move_is_told_with_what_moved_it(repository: Repository) -> None:
    record(repository)
    value(repository, {1: a_fact(30), 2: a_fact(20), 3: a_fact(300)})

    night = record(repository, days=1, settings=Settings(alerts=Alerts(least_rank_move=2)))

    (move,) = night.news
    assert (move.problem_id, move.kind, move.before, move.after) == (3, NewsKind.MOVED, 3, 1)
    assert [(one.kind, one.count) for one in move.reasons] == [(ReasonKind.ACCOUNTS, 290)]


def test_two_renewals_and_a_detractor_are_told_as_such_with_the_name(folder: Path) -> None:
    """The fifth of seven comes up by three ranks."""
    repository = workspace(folder, *[QUIET] * 7)
    settings = Settings(worth=Worth(renewal_days=60))
    facts = {number: a_fact(accounts) for number, accounts in enumerate((12, 9, 9, 9, 8, 4, 2), 1)}
    first, second, third, *others = facts[5].accounts
    far = [replace(one, renewal_days=61) for one in (first, second)]
    value(repository, facts | {5: replace(facts[5], accounts=(*far, third, *others))}, settings)
    record(repository, settings=settings)
    near = [replace(one, renewal_days=60) for one in (first, second)]
    value(repository, facts | {5: replace(facts[5], accounts=(*near, replace(third, score=2), *others))}, settings)

    (move,) = record(repository, days=1, settings=settings).news

    assert (move.problem_id, move.before, move.after) == (5, 5, 2)
    assert Words("en").reasons(move, accounts={3: "Acme"}) == (
        "+3: two renewals within 60 days, one new detractor at Acme"
    )
    repository.close()


def test_a_move_by_a_hair_is_not_told(repository: Repository) -> None:
    """P-3 is first now."""
    settings = Settings(alerts=Alerts(least_rank_move=2))
    value(repository, {1: a_fact(30), 2: a_fact(30), 3: a_fact(29)})
    record(repository, settings=settings)
    value(repository, {1: a_fact(30), 2: a_fact(30), 3: a_fact(31)})

    night = record(repository, days=1, settings=settings)

    assert night.problems[3].rank == 1
    assert told(night) == set()


def test_a_move_over_several_nights_is_explained_from_its_beginning(repository: Repository) -> None:
    settings = Settings(alerts=Alerts(least_rank_move=2))
    record(repository, settings=settings)
    value(repository, {1: a_fact(30), 2: a_fact(20), 3: a_fact(25)})
    halfway = record(repository, days=1, settings=settings)
    value(repository, {1: a_fact(30), 2: a_fact(20), 3: a_fact(300)})

    night = record(repository, days=2, settings=settings)

    assert halfway.news == ()
    assert [(one.kind, one.count) for one in night.news[0].reasons] == [(ReasonKind.ACCOUNTS, 290)]


def test_other_assumptions_are_no_news(repository: Repository) -> None:
    dear = Settings(worth=Worth(hourly_cost=5_000, minutes_per_item=600), alerts=Alerts(least_rank_move=1))
    record(repository)
    facts = {1: replace(a_fact(30), items=0), 2: replace(a_fact(20), items=10), 3: a_fact(10, items=90)}
    value(repository, facts, dear)

    night = record(repository, days=1, settings=dear)

    assert night.problems[3].rank == 1
    assert told(night) == set()


def test_what_a_tracker_takes_back_is_told_and_what_a_person_does_is_not(repository: Repository) -> None:
    for problem, who in ((1, "board (tracker)"), (2, "ada")):
        ship(problem, on=NOW.date(), weeks=None, why=None, repository=repository, who=who, now=lambda: NOW)
    record(repository)
    for who in ("board (tracker)", "ada"):
        Triage(repository, who=who, now=lambda: NOW).undo()

    night = record(repository, days=1)

    assert {number: night.problems[number].state for number in (1, 2)} == {1: State.INBOX, 2: State.INBOX}
    assert told(night) == {(1, NewsKind.BACK)}


def test_what_the_grouping_split_off_since_the_last_night_is_told(repository: Repository) -> None:
    """Also by a run that was stopped before its night was recorded; what people did is a decision."""
    first = record(repository)
    repository.nights.keep(replace(first, problems={1: first.problems[1]}))
    stopped = repository.runs.start(mode="offline", at=NOW)
    told_by_run = LineageEntry(problem_id=2, event=Event.SPLIT, reason="", at=NOW, run_id=stopped.id, other_id=1)
    repository.lineage.add([told_by_run, replace(told_by_run, problem_id=3, run_id=None, decision_id=7)])

    night = record(repository, days=1)

    assert {(one.problem_id, one.kind, one.other_id) for one in night.news} == {(2, NewsKind.SPLIT, 1)}


def test_a_snooze_that_ended_is_told(repository: Repository) -> None:
    until = NOW.date() + timedelta(days=2)
    Triage(repository, who="ada", now=lambda: NOW).decide(1, Action.SNOOZE, until=until)

    nights = [record(repository, days=days) for days in range(4)]

    assert [told(night) for night in nights] == [set(), set(), {(1, NewsKind.WOKE)}, set()]


def test_a_verdict_is_told_with_its_words(repository: Repository) -> None:
    ship(1, on=NOW.date(), weeks=None, why=None, repository=repository, who="ada", now=lambda: NOW)
    record(repository)

    night = record(repository, days=1, verdicts={1: ("fell", "mentions fell by 60 %")})

    assert [(one.kind, one.words) for one in night.news] == [(NewsKind.FELL, "mentions fell by 60 %")]


def test_an_empty_workspace_has_a_night(folder: Path) -> None:
    opened = Repository(f"sqlite:///{folder / 'insights.db'}", key=bytes(range(32)), actor=ADA)

    assert (record(opened).problems, record(opened, days=1).news) == ({}, ())

    fill(opened, [a_stored_problem()])
    assert record(opened, days=2).problems.keys() == {1}
    opened.close()


# -- what is kept ---------------------------------------------------------------------------------------------------


def test_old_nights_are_thinned_and_forgotten(repository: Repository) -> None:
    settings = Settings.model_validate({"nightly": {"keep_nights_days": 100}})
    first = record(repository, settings=settings)
    record(repository, days=WHOLE_DAYS + 1, settings=settings)
    thinned = repository.nights.get(first.run_id)
    record(repository, days=101, settings=settings)

    assert thinned is not None
    assert thinned.is_thin
    assert thinned.problems[1].rank == 1
    assert thinned.problems[1].drivers == Drivers()
    assert repository.nights.get(first.run_id) is None


def test_they_are_looked_through_once_a_day(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []
    monkeypatch.setattr(type(repository.nights), "thin", lambda _, now, **__: looked.append(now))

    for days in (0, 0, 1):
        record(repository, days=days)

    assert looked == [NOW, NOW + timedelta(days=1)]
