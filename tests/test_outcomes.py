"""What came of what was shipped: predicted beside realised, and nothing claimed before it can be told."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from insights.config import Settings
from insights.domain.customers import AccountRecord, DealRecord, DealStage
from insights.domain.estimate import Range
from insights.domain.feedback import FeedbackKind
from insights.domain.problem import State
from insights.errors import ExitCode, InsightsError
from insights.outcomes import Outcome, compared_of, outcomes, true_so_far, verdicts
from insights.storage.repository import Repository
from insights.worth.calibration import Quantity
from insights.worth.effect import Verdict
from tests.shipping import RELEASED, TODAY, a_prediction, a_watched_workspace, accept, release, weekly
from tests.stored import an_account_record, an_item


def seen(repository: Repository, today: date = TODAY) -> list[Outcome]:
    return outcomes(repository, Settings(), today)


def one_shipped(folder: Path, *, before: int = 5, after: int = 1, **fields: object) -> Outcome:
    repository = a_watched_workspace(folder, problems=[weekly(before, after)], **fields)  # type: ignore[arg-type]
    accept(repository, 1)
    release(repository, 1)
    return seen(repository)[0]


def an_account(name: str, *, left_on: date | None = None) -> AccountRecord:
    return replace(an_account_record(name, revenue=1_000), customer_since=date(2024, 1, 1), left_on=left_on)


def test_without_a_release_there_is_nothing_to_tell(tmp_path: Path) -> None:
    assert seen(a_watched_workspace(tmp_path, problems=[weekly(2, 1)])) == []


def test_a_problem_that_is_heard_of_less_had_its_effect(tmp_path: Path) -> None:
    found = one_shipped(tmp_path)

    assert found.effect is not None
    assert (found.effect.weeks_before, found.effect.weeks_after) == (26, 16)
    assert found.effect.verdict is Verdict.FELL
    assert found.effect.avoided.low < 0.8 < found.effect.avoided.high
    assert found.came_true is True
    assert found.verdict.startswith("mentions fell by ")
    assert found.verdict.endswith("; as 40%–90% predicted")


def test_a_problem_that_is_heard_of_as_before_had_none(tmp_path: Path) -> None:
    found = one_shipped(tmp_path, before=5, after=5)

    assert found.came_true is False
    assert found.verdict.startswith("no clear change")


def test_a_fall_below_what_was_predicted_did_not_come_true(tmp_path: Path) -> None:
    found = one_shipped(tmp_path, before=40, after=24, estimate=a_prediction(avoided=Range(0.85, 0.9, 0.95)), steady=60)

    assert found.effect is not None
    assert found.effect.verdict is Verdict.FELL
    assert found.came_true is False
    assert "less than 85%–95% predicted" in found.verdict


def test_predicted_and_realised_stand_side_by_side(tmp_path: Path) -> None:
    compared = {one.quantity: one for one in one_shipped(tmp_path).compared}

    assert set(compared) == {Quantity.AVOIDED, Quantity.WEEKS, Quantity.SAVED}
    assert compared[Quantity.AVOIDED].setting == "share_avoided"
    assert (compared[Quantity.WEEKS].setting, compared[Quantity.WEEKS].realised.likely) == ("weeks", 4.0)
    assert compared[Quantity.WEEKS].is_inside


def test_what_a_person_or_a_past_work_said_moves_no_setting(tmp_path: Path) -> None:
    said = a_prediction(source="you", cost_source="2 like it")
    compared = {one.quantity: one for one in one_shipped(tmp_path, estimate=said).compared}

    assert (compared[Quantity.AVOIDED].setting, compared[Quantity.WEEKS].setting) == ("", "")


def test_support_saved_is_what_does_not_come_any_more_at_its_cost(tmp_path: Path) -> None:
    found = one_shipped(tmp_path)
    worth = Settings().worth
    all_of_it = 5 * 365 / 7 * worth.minutes_per_item / 60 * worth.hourly_cost

    assert found.saved is not None
    assert found.saved.low < 0.8 * all_of_it < found.saved.high
    assert found.saved.high < 1.3 * all_of_it


def test_where_imports_ended_silence_is_no_effect(tmp_path: Path) -> None:
    """Both problems are last heard of two weeks after the release; today is four months later."""
    until = [one for one in weekly(5, 5) if one.days_ago >= 7 * 16]
    repository = a_watched_workspace(tmp_path, problems=[until], steady=0)
    release(repository, 1)

    found = seen(repository)[0]

    assert found.effect is None or found.effect.is_thin
    assert found.came_true is None
    assert found.verdict.startswith("too early to say")


def test_a_fall_of_everything_is_not_credited(tmp_path: Path) -> None:
    repository = a_watched_workspace(
        tmp_path, problems=[weekly(6, 3), weekly(20, 10, text="The login loops")], steady=0
    )
    release(repository, 1)

    effect = seen(repository)[0].effect

    assert effect is not None
    assert effect.verdict is Verdict.UNCLEAR


def test_what_was_shipped_too_tells_nothing_of_the_whole(tmp_path: Path) -> None:
    problems = [weekly(6, 1), weekly(20, 2, text="The login loops")]
    repository = a_watched_workspace(tmp_path, problems=problems, steady=6)
    release(repository, 1)
    release(repository, 2)

    effects = [one.effect for one in seen(repository)]

    assert all(effect is not None and effect.verdict is Verdict.FELL for effect in effects)


def test_accounts_that_left_since_stand_beside_those_expected(tmp_path: Path) -> None:
    accounts = [an_account(f"A{n}", left_on=RELEASED + timedelta(days=30) if n < 2 else None) for n in range(8)]
    gone = an_account("Gone", left_on=RELEASED - timedelta(days=3))
    heard = [an_item(f"It hangs {one.name}", days_ago=200, account=one.name) for one in (*accounts, gone)]
    repository = a_watched_workspace(tmp_path, problems=[[*weekly(5, 1), *heard]], accounts=[*accounts, gone])
    accept(repository, 1)
    release(repository, 1)

    leaving = seen(repository)[0].leaving

    assert (leaving.accounts, leaving.left) == (8, 2)
    assert leaving.chance.low < 2 / leaving.years < leaving.chance.high
    assert leaving.expected is not None
    assert leaving.expected.likely == pytest.approx(leaving.years * 0.13)


def test_deals_that_named_it_and_were_won_since_are_counted(tmp_path: Path) -> None:
    account = an_account("Northwind")
    note = an_item("They want the export", days_ago=200, account="Northwind", kind=FeedbackKind.NOTE)
    repository = a_watched_workspace(tmp_path, problems=[[*weekly(5, 1), note]], accounts=[account])
    deals = [
        DealRecord(source="crm", source_id=f"D{n}", stage=stage, amount=5_000, account="Northwind", closed_on=day)
        for n, (stage, day) in enumerate(
            [
                (DealStage.WON, TODAY),
                (DealStage.WON, RELEASED - timedelta(days=1)),
                (DealStage.LOST, TODAY),
                (DealStage.OPEN, None),
            ]
        )
    ]
    with repository.writing() as connection:
        repository.customers.save_deals(deals, accounts={"Northwind": 1}, connection=connection)
    release(repository, 1)

    found = seen(repository)[0]

    assert (found.deals_won, found.deals_lost, found.won) == (1, 1, 5_000)


def test_what_was_predicted_after_the_release_teaches_nothing(tmp_path: Path) -> None:
    repository = a_watched_workspace(tmp_path, problems=[weekly(5, 1)])
    release(repository, 1)

    found = seen(repository)

    assert found[0].predicted_late
    assert compared_of(found) == []


def test_what_can_be_judged_is_counted_and_what_is_early_is_not(tmp_path: Path) -> None:
    problems = [weekly(5, 1), weekly(5, 5, text="The login loops"), weekly(5, 1, text="The card fails")]
    repository = a_watched_workspace(tmp_path, problems=problems)
    accept(repository, 1, 2, 3)
    release(repository, 1)
    release(repository, 2)
    release(repository, 3, on=TODAY - timedelta(days=10))

    assert true_so_far(seen(repository)) == (1, 2)


def test_a_shipped_problem_stands_as_shipped_with_the_weeks_that_it_took(tmp_path: Path) -> None:
    repository = a_watched_workspace(tmp_path, problems=[weekly(5, 1)])
    release(repository, 1)

    assert repository.problems.get(1).state is State.SHIPPED
    assert seen(repository)[0].weeks == 4.0


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"on": TODAY + timedelta(days=1)}, "has not come yet"), ({"weeks": 0.0}, "no number of weeks"),
     ({"weeks": float("nan")}, "no number of weeks")],
)  # fmt: skip
def test_a_day_to_come_or_no_weeks_are_refused(tmp_path: Path, fields: dict[str, object], message: str) -> None:
    repository = a_watched_workspace(tmp_path, problems=[weekly(1, 1)])

    with pytest.raises(InsightsError, match=message) as caught:
        release(repository, 1, **fields)  # type: ignore[arg-type]

    assert caught.value.exit_code is ExitCode.USAGE
    assert repository.shipments.shipped() == {}


def test_what_may_or_may_not_have_helped_is_not_judged(tmp_path: Path) -> None:
    found = one_shipped(tmp_path, before=1, after=1)

    assert found.effect is not None
    assert not found.effect.is_thin
    assert found.effect.avoided.high > 0.4 > found.effect.avoided.low
    assert found.came_true is None
    assert found.verdict.endswith("; 40%–90% predicted")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(5, 1, "fell"), (5, 5, "stayed"), (3, 9, "stayed"), (1, 1, None)],
)
def test_only_what_is_sure_of_a_release_is_a_verdict(tmp_path: Path, before: int, after: int, said: str | None) -> None:
    repository = a_watched_workspace(tmp_path, problems=[weekly(before, after)])
    accept(repository, 1)
    release(repository, 1)

    found = verdicts(repository, Settings(), TODAY)

    assert {number: verdict for number, (verdict, _) in found.items()} == ({1: said} if said else {})
    assert all(words == seen(repository)[0].verdict for _, words in found.values())
