"""Problems through a lens: their order, what they come from, and what moves."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from insights.config import Lenses, Settings
from insights.domain.estimate import Revision
from insights.domain.facts import Affected, Facts, Firm, Scores
from insights.domain.problem import Action, Decision
from insights.errors import InsightsError
from insights.lenses import View, agreements, chosen_lens, look, what_moves
from insights.storage.repository import Repository
from insights.triage import Triage
from insights.worth.lenses import LENSES, NAMES
from tests.builders import a_problem
from tests.stored import NOW, a_stored_problem, a_workspace, an_account_record, an_estimate, an_item

SETTINGS = Settings()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """By return P-1, P-2, P-3, P-4. P-2 has three accounts, P-1 one and an anonymous item, P-3 none. P-4 was not
    estimated. P-3 blocks."""
    items = [
        [an_item("Export hangs", account="Acme"), an_item("Export hangs, too")],
        [an_item("Login loops", account=name) for name in ("Acme", "Bolt", "Cog")],
        [an_item("Labels are cut")],
        [an_item("Prices round", days_ago=120, account="Acme")],
    ]
    estimates = [an_estimate(value=400_000), an_estimate(value=40_000), an_estimate(value=20_000), None]
    made = a_workspace(
        tmp_path,
        accounts=[an_account_record(name, revenue=50_000) for name in ("Acme", "Bolt", "Cog")],
        problems=[
            a_stored_problem(f"Problem {number}", items=some, estimate=estimate)
            for number, (some, estimate) in enumerate(zip(items, estimates, strict=True), 1)
        ],
    )
    made.problems.save_facts({3: Facts(items=1, days=91, severity="blocks", severity_by="a model")}, Firm())
    return made


def through(repository: Repository, name: str, *, weights: str | None = None) -> list[View]:
    return look(repository, chosen_lens(SETTINGS, name=name, weights=weights), settings=SETTINGS)


def refs(views: list[View]) -> list[str]:
    return [view.problem.ref for view in views]


def test_by_return_nothing_moves(repository: Repository) -> None:
    views = through(repository, "roi")

    assert refs(views) == ["P-1", "P-2", "P-3", "P-4"]
    assert [view.move for view in views] == [0, 0, 0, None]


def test_another_lens_says_where_each_problem_came_from(repository: Repository) -> None:
    views = through(repository, "rice")

    assert refs(views) == ["P-2", "P-3", "P-1", "P-4"]
    assert [view.place for view in views] == [1, 2, 3, 4]
    assert [view.move for view in views] == [1, 1, -2, None]
    assert views[0].words == "RICE 2.2 = 3 accounts × 1 × 50% ÷ 0.7 months"


def test_what_is_older_than_a_quarter_reaches_nobody(repository: Repository) -> None:
    heard = repository.problems.heard_within(91)

    assert heard == {1: (1, 1), 2: (3, 0), 3: (0, 1)}
    assert repository.problems.heard_within(121)[4] == (1, 0)
    assert repository.problems.heard_within(120).get(4) is None


def test_what_the_lens_knows_nothing_of_comes_last_and_says_why(repository: Repository) -> None:
    views = through(repository, "severity")

    assert refs(views) == ["P-3", "P-1", "P-2", "P-4"]
    assert [view.is_known for view in views] == [True, False, False, False]
    assert (views[1].score, views[1].move, views[1].words) == (None, None, "severity not known")


def test_a_persons_severity_counts(repository: Repository) -> None:
    decision = Decision(id=0, problem_id=2, action=Action.ESTIMATE, who="ada", at=NOW)
    repository.revisions.decide(decision, Revision(severity="hurts"), seen_version=1)

    assert refs(through(repository, "severity"))[:2] == ["P-3", "P-2"]


def test_decided_problems_keep_their_place(repository: Repository) -> None:
    Triage(repository, who="ada", now=lambda: NOW).decide(1, Action.DISMISS)

    assert [view.place for view in through(repository, "net") if view.problem.id == 2] == [2]


def test_weights_come_from_the_call_else_from_the_settings(repository: Repository) -> None:
    settings = SETTINGS.model_copy(update={"lenses": Lenses(default="custom", custom="accounts=1")})

    by_settings = look(repository, chosen_lens(settings), settings=settings)
    by_call = look(repository, chosen_lens(settings, weights="severity=1"), settings=settings)

    assert refs(by_settings)[0] == "P-2"
    assert refs(by_call)[0] == "P-3"
    with pytest.raises(InsightsError):
        chosen_lens(settings, weights="severity")


def test_a_workspace_without_problems_has_nothing_to_look_at(tmp_path: Path) -> None:
    empty = a_workspace(tmp_path)

    assert [through(empty, name) for name in NAMES] == [[]] * len(NAMES)
    assert {one.known for one in agreements(empty, settings=SETTINGS)} == {0}


def test_each_lens_tells_how_far_it_agrees_with_the_return(repository: Repository) -> None:
    told = {one.lens.name: one for one in agreements(repository, settings=SETTINGS)}

    assert list(told) == list(NAMES)
    assert (told["roi"].tau, told["net"].tau) == (1.0, 1.0)
    assert told["rice"].tau == pytest.approx(-2 / (3 * 2) ** 0.5)  # P-2 and P-3 are even by RICE
    assert (told["severity"].tau, told["severity"].known, told["severity"].problems) == (None, 1, 4)


def test_the_settings_know_every_lens() -> None:
    assert get_args(Lenses.model_fields["default"].annotation) == NAMES


# -- what moves, in words ---------------------------------------------------------------------------------------


def a_view(place: int, *, came_from: int | None, is_known: bool = True) -> View:
    """The problem's number is its place by return, else 900 and its place."""
    return View(
        problem=a_problem(id=came_from or 900 + place),
        place=place,
        roi_place=came_from,
        score=1.0 if is_known else None,
        short="1",
        words="one",
    )


def views_of(*came_from: int | None) -> list[View]:
    return [a_view(place, came_from=one) for place, one in enumerate(came_from, 1)]


def moved(views: list[View]) -> str:
    return what_moves(views, LENSES["rice"])


def test_the_first_line_counts_the_newcomers_and_names_who_rises_most() -> None:
    views = views_of(11, 2, 12, 4, 5, 6, 7, 8, 9, 10, 1, 3)

    assert moved(views) == "By RICE, 2 of the first ten are not there by ROI; P-11 rises most: #11 → #1."


def test_a_short_list_names_only_who_rises() -> None:
    assert moved(views_of(3, 1, 2)) == "By RICE, P-3 rises most: #3 → #1."


def test_an_order_that_stays_is_told() -> None:
    assert moved(views_of(1, 2, 3)) == "By RICE, the first are the same as by ROI."
    assert moved(views_of(*range(1, 13))) == "By RICE, the first ten are the same as by ROI."


def test_one_newcomer_is_one() -> None:
    views = views_of(*range(1, 10), 11, 10)

    assert moved(views) == "By RICE, 1 of the first ten is not there by ROI; P-11 rises most: #11 → #10."


def test_a_rise_beneath_the_first_ten_is_not_the_news() -> None:
    assert "rises" not in moved(views_of(*range(1, 11), 13, 11, 12))


def test_what_is_not_known_is_counted() -> None:
    views = [*views_of(2, 1), a_view(3, came_from=3, is_known=False)]

    assert moved(views).endswith("#2 → #1. Of 1 it knows nothing; they come last, by ROI.")
    unknown = [replace(view, score=None) for view in views]
    assert moved(unknown) == "By RICE, nothing is known of any problem: the order is that by ROI."
    assert not moved([])


def test_scores_and_renewals_of_the_facts_are_seen(repository: Repository) -> None:
    accounts = (Affected(account=1, revenue=50_000, renewal_days=30),)
    facts = {1: Facts(items=2, days=91, accounts=accounts, scores=Scores(detractors=2))}
    repository.problems.save_facts(facts, Firm(scores=Scores(promoters=2, detractors=2)))

    first = through(repository, "nps")[0]

    assert (first.problem.ref, first.words) == ("P-1", "NPS +100: 100 without 2 answers, 0 with")


def test_growth_is_of_half_a_year_to_the_newest_item(tmp_path: Path) -> None:
    burst = [an_item("Export hangs", days_ago=day) for day in (0, 1, 2, 3, 4, 5)]
    steady = [an_item("Login loops", days_ago=7 * week) for week in range(26)]
    made = a_workspace(
        tmp_path,
        problems=[a_stored_problem("Login", items=steady), a_stored_problem("Export", items=burst)],
        now=NOW - timedelta(days=2),
    )

    views = look(made, LENSES["growth"], settings=SETTINGS)

    assert [view.words for view in views] == [
        "growth ×3.3: 6 items in 4 weeks, 0 a week before",
        "growth ×1: 4 items in 4 weeks, 1 a week before",
    ]
