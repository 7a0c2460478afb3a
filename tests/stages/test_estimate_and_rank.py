"""Problems are worth what their accounts, deals and items are; the best return comes first, ties by breadth and age."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from insights.config import Settings
from insights.domain.customers import AccountRecord, DealRecord, DealStage
from insights.domain.estimate import Estimate, Range
from insights.domain.feedback import AccountMatch, FeedbackKind
from insights.domain.problem import Problem, State
from insights.stages.estimate import assumptions_of, estimate_problems
from insights.stages.rank import rank_problems, ranked
from insights.storage.groupings import Reason
from tests.builders import a_problem, an_estimate
from tests.stages.night import TOPICS, Night
from tests.stored import NOW

OPEN = DealRecord(source="crm", source_id="D-1", stage=DealStage.OPEN, amount=90_000.0, account="A-1")
KNOWN = {"account_id": 1, "account_match": AccountMatch.ID}


def with_account(night: Night, *, revenue: float | None = 100_000.0) -> None:
    record = AccountRecord(source="crm", source_id="A-1", name="Acme", annual_revenue=revenue)
    with night.repository.writing() as connection:
        night.repository.customers.save_accounts([record], connection=connection)


def with_deals(night: Night, *deals: DealRecord) -> None:
    with night.repository.writing() as connection:
        night.repository.customers.save_deals(deals, accounts={"A-1": 1}, connection=connection)


def heard(night: Night, **fields: Any) -> tuple[int, int]:
    """Two problems, of exports and of logins, one item of each with these fields."""
    for topic in ("export", "login"):
        night.hear(topic, times=1, **fields)
        night.hear(topic, times=7)
    night.pass_by()
    [exports], [logins] = night.problems_of("export"), night.problems_of("login")
    assert exports is not None
    assert logins is not None
    return exports, logins


def estimated(night: Night) -> dict[int, Estimate]:
    settings = Settings()
    estimate_problems(night.repository, settings=settings, embedder=night.embedder, vectors=night.vectors)
    return {problem.id: problem.estimate for problem in night.repository.problems.all() if problem.estimate}


def likely(made: Estimate, name: str) -> float:
    return next(part.value.likely for part in made.parts if part.name == name)


def test_known_and_unknown_revenue_are_counted_apart(night: Night) -> None:
    with_account(night, revenue=None)
    exports, _ = heard(night, **KNOWN)
    assert estimated(night)[exports].unknown_revenue_accounts == 1

    with_account(night, revenue=100_000.0)

    made = estimated(night)[exports]
    assert made.unknown_revenue_accounts == 0
    assert likely(made, "revenue kept") == pytest.approx(3_000.0)


def test_an_account_counts_once_however_often_it_writes(night: Night) -> None:
    with_account(night)
    night.hear("export", times=8, **KNOWN)
    night.pass_by()
    [exports] = night.problems_of("export")

    assert likely(estimated(night)[exports or 0], "revenue kept") == pytest.approx(3_000.0)


def test_what_states_a_problem_from_within_another_is_worth_nothing_there(night: Night) -> None:
    with_account(night)
    exports, logins = heard(night, kind=FeedbackKind.NOTE, **KNOWN)
    with_deals(night, OPEN)
    before = worth(night)
    places = night.repository.groupings.memberships()
    joined = {mention: (problem, 0.9) for mention, problem in places.items()}
    reasons = dict.fromkeys(places, Reason(placed_by="grouped", also=(exports, logins)))

    night.repository.groupings.save(2, joined=joined, born=[], reasons=reasons)

    assert len(night.repository.also.of_problem(logins)) == 8
    assert worth(night) == before


def worth(night: Night) -> list[Problem]:
    """All problems, estimated and ranked anew."""
    estimated(night)
    rank_problems(night.repository)
    return night.repository.problems.all()


def test_an_open_deal_is_shared_among_the_problems_that_its_notes_name(night: Night) -> None:
    with_account(night)
    exports, logins = heard(night, kind=FeedbackKind.NOTE, **KNOWN)
    with_deals(night, OPEN)

    made = estimated(night)

    assert [likely(made[p], "revenue won") for p in (exports, logins)] == pytest.approx([4_500.0, 4_500.0])


def test_only_sales_notes_name_a_deal(night: Night) -> None:
    with_account(night)
    exports, _ = heard(night, kind=FeedbackKind.TICKET, **KNOWN)
    with_deals(night, OPEN)

    assert likely(estimated(night)[exports], "revenue won") == 0


def test_a_lost_deal_counts_for_the_problem_that_its_reason_means(night: Night) -> None:
    exports, logins = heard(night)
    reason = f"{TOPICS['login']} today again"
    with_deals(night, replace(OPEN, stage=DealStage.LOST, account=None, reason_lost=reason))

    made = estimated(night)

    assert likely(made[logins], "revenue won") == pytest.approx(90_000 * 0.3 * 0.10)
    assert likely(made[exports], "revenue won") == 0


@pytest.mark.parametrize("reason", ["price too high against rivals", None, ""])
def test_a_deal_lost_for_another_reason_counts_for_none(night: Night, reason: str | None) -> None:
    heard(night)
    with_deals(night, replace(OPEN, stage=DealStage.LOST, account=None, reason_lost=reason))

    assert {likely(made, "revenue won") for made in estimated(night).values()} == {0}


def test_won_deals_and_deals_of_unknown_amount_count_for_nothing(night: Night) -> None:
    with_account(night)
    heard(night, kind=FeedbackKind.NOTE, **KNOWN)
    with_deals(night, replace(OPEN, amount=None), replace(OPEN, source_id="D-2", stage=DealStage.WON))

    assert {likely(made, "revenue won") for made in estimated(night).values()} == {0}


def test_support_is_counted_over_the_last_quarter(night: Night) -> None:
    night.hear("export", times=4, created_at=NOW)
    night.hear("export", times=4, created_at=NOW - timedelta(days=200))
    night.hear("login", times=8)
    night.pass_by()
    [exports] = night.problems_of("export")

    made = estimated(night)[exports or 0]

    assert likely(made, "support saved") == pytest.approx(4 * 365 / 91 * 25 / 60 * 45 * 0.7)


def test_estimates_are_made_anew_and_change_with_the_facts(night: Night) -> None:
    exports, _ = heard(night)
    before = estimated(night)[exports]

    assert estimated(night)[exports] == before
    with night.repository.writing() as connection:
        night.repository.feedback.remove("tickets", ["T-1", "T-2"], connection=connection)
    assert estimated(night)[exports].value.likely == pytest.approx(before.value.likely * 6 / 8)


def test_settings_are_the_assumptions() -> None:
    made = assumptions_of(Settings())

    assert (made.loss, made.weeks, made.currency) == (Range(0.01, 0.03, 0.08), Range(1, 3, 8), "$")


def test_ranks_follow_the_return_and_are_stored(night: Night) -> None:
    exports, logins = heard(night)
    worse, better = an_estimate(10_000), an_estimate(500_000)
    night.repository.problems.save_estimates({exports: worse, logins: better})

    assert rank_problems(night.repository) == 2

    assert [problem.id for problem in night.repository.problems.all()] == [logins, exports]


@pytest.mark.parametrize(
    ("problems", "order"),
    [
        ([a_problem(id=1, estimate=an_estimate(1_000)), a_problem(id=2, estimate=an_estimate(9_000))], [2, 1]),
        ([a_problem(id=1, accounts=2), a_problem(id=2, accounts=3)], [2, 1]),
        ([a_problem(id=1, items=5), a_problem(id=2, items=6)], [2, 1]),
        ([a_problem(id=2), a_problem(id=1)], [1, 2]),
        ([a_problem(id=1, state=State.MERGED), a_problem(id=2, estimate=None), a_problem(id=3)], [3]),
        ([], []),
    ],
)
def test_ties_go_to_more_accounts_then_more_items_then_the_older(problems: Sequence[Problem], order: list[int]) -> None:
    assert ranked(problems) == order


def test_a_cheap_win_outranks_a_larger_costly_one() -> None:
    cheap = replace(an_estimate(), roi=Range(1.0, 9.0, 20.0), value=Range(5, 10, 20))
    costly = replace(an_estimate(), roi=Range(0.5, 1.0, 2.0), value=Range(50, 100, 200))

    assert ranked([a_problem(id=1, estimate=costly), a_problem(id=2, estimate=cheap)]) == [2, 1]
