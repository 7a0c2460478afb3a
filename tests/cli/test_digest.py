"""`insights digest`: since when, for whom, in which form and language."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from insights.bootstrap import open_workspace
from insights.domain.night import NewsKind
from insights.domain.theme import Theme
from insights.errors import ExitCode, InsightsError
from insights.storage.deliveries import Delivery, DeliveryStatus
from tests.cli.calling import Run, caller, made
from tests.digest.nights import STEADY, a_night, news
from tests.stored import NOW, a_stored_problem, an_estimate, fill, items_by_week


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three problems; nights of 20, 9 and 2 days ago told of one each, today's of none."""
    monkeypatch.setenv("INSIGHTS_NOW", NOW.isoformat())
    place = made(tmp_path, monkeypatch)
    workspace = open_workspace(place)
    titles = ("Export hangs", "Login loops", "Invoices twice")
    problems = [a_stored_problem(title, items=items_by_week(STEADY), estimate=an_estimate()) for title in titles]
    fill(workspace.repository, problems)
    for number, days_ago in ((1, 20), (2, 9), (3, 2)):
        a_night(workspace.repository, news(number, NewsKind.SPIKING, before=1.2, after=9), days_ago=days_ago)
    theme = Theme(id=0, name="Signing in", problems=frozenset({2}))
    workspace.repository.themes.save([theme], run_id=1)
    workspace.close()
    return place


@pytest.fixture
def call(folder: Path) -> Run:
    return caller(folder)


def fresh(call: Run, *arguments: str) -> list[str]:
    told = json.loads(call("digest", "--offline", "--json", *arguments))
    return [line["ref"] for line in told["fresh"]["lines"]]


def test_by_default_it_is_of_a_week(call: Run) -> None:
    assert fresh(call) == ["P-3"]


def test_after_a_digest_was_sent_it_is_of_the_time_since(call: Run, folder: Path) -> None:
    workspace = open_workspace(folder)
    first = workspace.repository.nights.at(NOW - timedelta(days=19))
    assert first is not None
    for digest, status, days_ago in (("team", DeliveryStatus.SENT, 19), ("other", DeliveryStatus.QUIET, 1)):
        made_at = NOW - timedelta(days=days_ago)
        delivery = Delivery(digest=digest, period="p", status=status, until_run=first.run_id, made_at=made_at)
        workspace.repository.deliveries.put(delivery)
    workspace.close()

    assert fresh(call) == ["P-2", "P-3"]


def test_since_a_day_or_a_run_it_has_the_news_of_the_nights_after(call: Run) -> None:
    assert fresh(call, "--since", "2026-11-01") == ["P-2", "P-3"]
    assert fresh(call, "--since", "2026-11-19") == []
    assert fresh(call, "--since", "3") == ["P-3"]
    assert fresh(call, "--since", "#2") == ["P-2", "P-3"]


@pytest.mark.parametrize(("since", "words"), [("yesterday", "neither a day nor a run"), ("99", "No night is kept of")])
def test_what_is_no_day_and_no_run_is_refused(call: Run, since: str, words: str) -> None:
    with pytest.raises(InsightsError, match=words) as refused:
        call("digest", "--since", since)

    assert refused.value.exit_code is ExitCode.USAGE


def test_it_is_narrowed_to_a_theme_an_owner_or_a_segment(call: Run) -> None:
    assert fresh(call, "--since", "2026-11-01", "--theme", "signing IN") == ["P-2"]
    call("decide", "P-3", "accept")
    assert fresh(call, "--owner", "Ada") == ["P-3"]
    assert fresh(call, "--segment", "Retail") == []
    assert "Only: owner Ada" in call("digest", "--offline", "--owner", "Ada")


def test_a_theme_that_there_is_not_is_refused(call: Run) -> None:
    with pytest.raises(InsightsError, match="There is no theme 'Nothing'"):
        call("digest", "--theme", "Nothing")


def test_it_speaks_four_languages_and_no_other(call: Run) -> None:
    assert "Neu und sprunghaft gestiegen" in call("digest", "--offline", "--language", "de")
    assert "9 clients en une semaine, contre 1,2 d’habitude" in call("digest", "--offline", "--language", "fr")
    with pytest.raises(InsightsError, match="no digest in 'it'") as refused:
        call("digest", "--language", "it")
    assert refused.value.remedy == "Use one of de, en, es, fr."


def test_it_fits_a_terminal_and_has_markdown(call: Run) -> None:
    page = call("digest", "--offline")
    markdown = call("digest", "--offline", "--markdown")

    assert max(map(len, page.splitlines())) <= 80
    assert "spiking  9 customers in a week, usually 1.2" in page
    assert markdown.startswith("# our product: what changed\n")
    assert "- **P-3** Invoices twice " in markdown
