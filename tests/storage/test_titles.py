"""Titles by id, also of what was merged; and which accounts were heard from since a day."""

from datetime import timedelta
from pathlib import Path

from insights.corrections import Corrections
from tests.stored import NOW, a_stored_problem, a_workspace, an_account_record, an_item


def test_titles_are_read_of_merged_problems_too_as_people_named_them(tmp_path: Path) -> None:
    repository = a_workspace(tmp_path, problems=[a_stored_problem(f"Fault {n}") for n in (1, 2, 3)])
    corrections = Corrections(repository, who="ann", now=lambda: NOW)
    corrections.rename(1, "The export hangs")
    corrections.merge(2, 1)

    assert repository.problems.titles([1, 2, 2, 99]) == {1: "The export hangs", 2: "Fault 2"}
    assert repository.problems.titles([]) == {}


def test_accounts_are_heard_ever_or_from_a_day_on(tmp_path: Path) -> None:
    items = [an_item("It hangs", account="Acme"), an_item("It beeps", account="Initech", days_ago=30), an_item("?")]
    accounts = [an_account_record("Acme"), an_account_record("Initech")]
    repository = a_workspace(tmp_path, problems=[a_stored_problem(items=items)], accounts=accounts)
    acme, initech = (account.id for account in repository.customers.accounts())
    heard = repository.feedback.heard_accounts

    assert heard() == {acme, initech}
    assert heard(since=NOW.date() - timedelta(days=30)) == {acme, initech}
    assert heard(since=NOW.date() - timedelta(days=29)) == {acme}
