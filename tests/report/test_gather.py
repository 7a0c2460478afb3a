"""What a report is made of comes from what is kept, narrowed to what was asked for."""

from datetime import date, timedelta

import pytest

from insights.config import Settings
from insights.digest.contents import Reader
from insights.domain.problem import Action
from insights.errors import InsightsError
from insights.report.gather import WHOLE, chosen_by, gather
from insights.report.page import to_html
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.digest.stories import a_story
from tests.stored import NOW, a_stored_problem, a_workspace, an_account_record, an_estimate, an_item, items_by_week

EXPORT = "Export hangs"
LOGIN = "Login loops"


@pytest.fixture
def repository(tmp_path) -> Repository:
    items = [an_item(f"It hangs ({n})", days_ago=7 * n, account="Acme", score=4) for n in range(5)]
    return a_workspace(
        tmp_path,
        problems=[
            a_stored_problem(EXPORT, items=items, estimate=an_estimate()),
            a_stored_problem(LOGIN, items=items_by_week((3,) * 20 + (0,) * 8), estimate=an_estimate(value=9000)),
        ],
    )


def gathered(repository: Repository, **fields):
    return gather(repository, Settings(), story=a_story(), now=NOW, **fields)


def triage_of(repository: Repository) -> Triage:
    return Triage(repository, who="ada", now=lambda: NOW)


def test_problems_stand_in_the_order_of_their_rank_with_a_year_of_weeks(repository) -> None:
    report = gathered(repository)

    assert [one.problem.title for one in report.listed] == [EXPORT, LOGIN]
    assert {len(one.problem.weekly) for one in report.listed} == {52}
    assert report.of_all == 2


def test_quotes_are_the_checked_ones_with_their_origin(repository) -> None:
    quote = gathered(repository).listed[0].quotes[0]

    assert (quote.words, quote.score, quote.day) == ("It hangs (0)", 4, NOW.date())


def test_without_quotes_none_is_read(repository) -> None:
    report = gathered(repository, quotes=False)

    assert not report.has_quotes and not any(one.quotes for one in report.listed)


def test_owners_are_who_accepted_it(repository) -> None:
    triage_of(repository).decide(1, Action.ACCEPT)

    assert [one.owners for one in gathered(repository).listed] == [("ada",), ()]


def test_what_was_merged_is_not_listed(repository) -> None:
    from insights.corrections import Corrections

    Corrections(repository, "ada", lambda: NOW).merge(2, into=1)

    assert [one.problem.id for one in gathered(repository).listed] == [1]


def test_what_shipped_is_told_with_its_weeks_but_not_those_before_it_was_heard_of(repository) -> None:
    from insights.outcomes import ship

    ship(2, on=NOW.date() - timedelta(weeks=8), weeks=2, why=None, repository=repository, who="ada", now=lambda: NOW)
    fix = gathered(repository).fixed[0]

    assert fix.outcome.title == LOGIN and fix.weeks_end == NOW.date()
    assert len(fix.weekly) == 29 and fix.weekly[:2] == (0, 3)


def test_the_reader_chooses_by_theme_and_by_owner(repository) -> None:
    from insights.domain.theme import Theme

    run = repository.runs.start(mode="offline", at=NOW)
    repository.themes.save([Theme(id=0, name="Sign in", problems=frozenset({2}))], run_id=run.id)
    triage_of(repository).decide(1, Action.ACCEPT)

    assert chosen_by(repository, Reader()) is None
    assert chosen_by(repository, Reader(theme="sign IN")) == frozenset({2})
    assert chosen_by(repository, Reader(owner="Ada")) == frozenset({1})
    assert chosen_by(repository, Reader(theme="Sign in", owner="ada")) == frozenset()
    report = gathered(repository, only=frozenset({2}))
    assert ([one.problem.id for one in report.listed], report.of_all) == ([2], 2)
    assert report.listed[0].theme == "Sign in"


def test_a_theme_that_there_is_not_is_an_error(repository) -> None:
    with pytest.raises(InsightsError, match="no theme"):
        chosen_by(repository, Reader(theme="Nothing"))


def test_a_segment_is_of_the_accounts_that_have_the_problem(tmp_path) -> None:
    from insights.domain.facts import Affected, Facts, Firm

    accounts = [an_account_record("Acme", segment="Enterprise"), an_account_record("Bolt", segment="Small")]
    problems = [a_stored_problem(title, estimate=an_estimate()) for title in (EXPORT, LOGIN)]
    repository = a_workspace(tmp_path, problems=problems, accounts=accounts)
    ids = {account.name: account.id for account in repository.customers.accounts()}
    facts = {
        number: Facts(items=1, days=91, accounts=(Affected(account=ids[name], revenue=None),))
        for number, name in ((1, "Acme"), (2, "Bolt"))
    }
    repository.problems.save_facts(facts, Firm())

    assert chosen_by(repository, Reader(segment="enterprise ")) == frozenset({1})
    assert chosen_by(repository, Reader(segment="Nobody")) == frozenset()


def test_a_long_list_is_explained_in_full_as_far_as_somebody_reads(tmp_path) -> None:
    problems = [a_stored_problem(f"Problem {n}", estimate=an_estimate()) for n in range(WHOLE + 2)]
    listed = gathered(a_workspace(tmp_path, problems=problems)).listed

    assert [one.is_whole for one in listed] == [True] * WHOLE + [False] * 2
    assert listed[0].quotes and not listed[-1].quotes


def test_nothing_stored_makes_an_empty_report(tmp_path) -> None:
    report = gathered(a_workspace(tmp_path))

    assert not report.listed and not report.fixed and report.of_all == 0
    assert report.made_at.date() == date(2026, 11, 20)


def test_an_account_known_by_a_persons_address_is_shown_without_the_person(tmp_path) -> None:
    items = [an_item("It hangs", account="jane.roe@acme.example")]
    repository = a_workspace(tmp_path, problems=[a_stored_problem(EXPORT, items=items, estimate=an_estimate())])
    report = gathered(repository)

    assert [one.account for one in report.listed[0].quotes] == ["…@acme.example"]
    assert "jane" not in to_html(report)
