"""What figures rest on: how fresh sources are, which troubles are news, and what models cost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from insights.config import FileSettings, Language, Settings, SourceSettings
from insights.digest.changes import changes
from insights.digest.contents import Digest
from insights.digest.resting import coverage
from insights.domain.customers import Account
from insights.health import Standing
from insights.storage.calls import Call
from insights.storage.repository import Repository
from tests.digest.nights import a_night
from tests.stored import NOW, a_stored_problem, a_workspace, an_item

DESK = Settings(sources=[SourceSettings(name="desk", type="zendesk")])


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    """Items of every day from desk, the newest of yesterday; nights of the day before yesterday and of yesterday."""
    items = [an_item(f"It hangs {days}", days_ago=days, source="desk") for days in range(1, 40)]
    opened = a_workspace(tmp_path, problems=[a_stored_problem(items=items)])
    for days_ago in (2, 1):
        a_night(opened, days_ago=days_ago)
    yield opened
    opened.close()


def read(repository: Repository, *, read_at: datetime, failed_at: datetime | None = None) -> None:
    repository.sources.note_read("desk", read_at)
    if failed_at is not None:
        error = "There is no login for desk."
        repository.sources.note_failed("desk", failed_at, error=error, remedy="Log in.", needs_login=True)


def told(repository: Repository, folder: Path, *, now: datetime = NOW, settings: Settings = DESK) -> Digest:
    """The digest since the night of yesterday."""
    standing = Standing(repository=repository, settings=settings, folder=folder, data=folder, now=now)
    return changes(repository, settings, since=NOW - timedelta(hours=23), now=now, standing=standing)


def test_a_source_is_told_with_its_newest_day(repository: Repository, tmp_path: Path) -> None:
    read(repository, read_at=NOW)
    source = told(repository, tmp_path).sources[0]

    assert (source.name, source.items, source.newest, source.silent_days) == ("desk", 39, date(2026, 11, 19), 1)
    assert (source.trouble, source.is_stale, source.is_news) == ("", False, False)


def test_a_source_that_fails_for_the_first_night_is_news(repository: Repository, tmp_path: Path) -> None:
    read(repository, read_at=NOW - timedelta(days=1, minutes=10), failed_at=NOW)
    digest = told(repository, tmp_path)
    source = digest.sources[0]

    assert (source.is_news, digest.is_quiet) == (True, False)
    assert (source.error, source.command) == ("There is no login for desk.", "insights auth desk")
    assert digest.troubles == ("desk could not be read: There is no login for desk. Mend it: insights auth desk",)


def test_a_source_that_failed_in_the_night_before_is_told_and_no_news(repository: Repository, tmp_path: Path) -> None:
    read(repository, read_at=NOW - timedelta(days=2, minutes=10), failed_at=NOW)
    digest = told(repository, tmp_path)

    assert (digest.sources[0].is_news, digest.is_quiet, len(digest.troubles)) == (False, True, 1)


@pytest.mark.parametrize(("days", "is_stale", "is_news"), [(0, False, False), (3, True, True), (4, True, False)])
def test_a_silence_is_news_on_the_day_from_which_it_is_told(
    repository: Repository, tmp_path: Path, days: int, is_stale: bool, is_news: bool
) -> None:
    now = NOW + timedelta(days=days)
    read(repository, read_at=now)
    standing = Standing(repository=repository, settings=DESK, folder=tmp_path, data=tmp_path, now=now)
    source = changes(repository, DESK, since=now - timedelta(hours=23), now=now, standing=standing).sources[0]

    assert (source.is_stale, source.is_news) == (is_stale, is_news)


def test_what_was_imported_by_hand_may_rest(repository: Repository, tmp_path: Path) -> None:
    digest = told(repository, tmp_path, now=NOW + timedelta(days=9), settings=Settings())

    assert (digest.sources[0].is_stale, digest.sources[0].trouble) == (True, "")


def test_what_is_wrong_comes_first(repository: Repository, tmp_path: Path) -> None:
    read(repository, read_at=NOW)
    files = [FileSettings(name="notes", path="gone.csv", kind="note")]
    digest = told(repository, tmp_path, settings=Settings(sources=[*DESK.sources, *files]))

    assert [source.name for source in digest.sources] == ["notes", "desk"]


# -- coverage ---------------------------------------------------------------------------------------------------


def an_account(number: int, revenue: float | None = None, *, left_on: date | None = None) -> Account:
    return Account(
        id=number, source="crm", source_id=str(number), name=f"A{number}", annual_revenue=revenue, left_on=left_on
    )


def test_coverage_counts_what_customers_pay_and_not_those_who_left() -> None:
    accounts = [an_account(1, 300), an_account(2, 100), an_account(3, 600, left_on=date(2026, 1, 1)), an_account(4)]

    assert coverage(accounts, {1, 3, 4}, today=NOW.date()) == 0.75


def test_where_no_revenue_is_known_customers_are_counted() -> None:
    assert coverage([an_account(1), an_account(2)], {2}, today=NOW.date()) == 0.5


def test_without_customers_nothing_can_be_covered() -> None:
    assert coverage([], {1}, today=NOW.date()) is None


# -- cost -------------------------------------------------------------------------------------------------------


def test_cost_stands_beside_what_may_be_spent(repository: Repository) -> None:
    for usd in (0.25, 0.5):
        repository.calls.add(Call(run_id=None, stage="s", model="m", prompt="p", outcome="answered", usd=usd))
    language = Language(model="openai:small", max_usd=2, max_usd_month=0.5)
    moment = datetime.now(NOW.tzinfo)
    cost = changes(repository, replace_language(language), since=moment - timedelta(days=1), now=moment).cost

    assert (cost.spent, cost.of_run, cost.month, cost.of_month, cost.is_spent) == (0.75, 2, 0.75, 0.5, True)


def replace_language(language: Language) -> Settings:
    return Settings(language=language)


def test_without_a_model_nothing_may_be_spent(repository: Repository) -> None:
    cost = changes(repository, Settings(), since=NOW, now=NOW).cost

    assert (cost.of_run, cost.of_month, cost.is_spent) == (0, 0, False)
    assert replace(cost, spent=1.0).spent == 1.0
