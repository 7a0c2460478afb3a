"""Cards are made of what is kept and measured, and say plainly what is not measured."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from insights.cards.facts import NOT_MEASURED, Card, Subject, _ratio, data_card, measured, model_card
from insights.cards.markdown import card_markdown
from insights.config import Settings
from insights.storage.repository import Repository
from insights.worth.fairness import Ratio, Verdict
from tests.stored import NOW, a_stored_problem, a_workspace, an_account_record, an_item


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    items = [an_item("The export hangs", account="Canary Freight"), an_item("It stops", source="[x](http://e.vil)")]
    accounts = [an_account_record("Canary Freight", revenue=1.0)]
    return a_workspace(tmp_path, accounts=accounts, problems=[a_stored_problem("Export hangs", items=items)])


def a_subject(repository: Repository, settings: Settings | None = None) -> Subject:
    return Subject(repository=repository, settings=settings or Settings(), now=NOW)


def line(card: Card, name: str) -> str:
    return next(one.value for part in card.parts for one in part.lines if one.name == name)


def test_what_was_not_measured_says_so(repository: Repository) -> None:
    card = model_card(a_subject(repository))
    assert line(card, "Quotes of models that stand in their source") == NOT_MEASURED
    assert line(card, "toxicity of model answers") == NOT_MEASURED
    assert NOT_MEASURED in line(card, "Estimates")


def test_the_quotes_check_comes_with_its_interval(repository: Repository) -> None:
    run = repository.runs.start(mode="offline", at=NOW)
    repository.runs.save(replace(run, counts={"quotes_kept": 90, "quotes_dropped": 10}))
    value = line(model_card(a_subject(repository)), "Quotes of models that stand in their source")
    assert value == "0.90 (0.83–0.94) of 100"


@pytest.mark.parametrize(
    ("low", "value", "high", "verdict", "words"),
    [
        (0.08, 0.64, 2.50, Verdict.BELOW, "0.64 (0.08–2.50), may be on either side of 0.8"),
        (0.69, 1.04, 1.46, Verdict.ENOUGH, "1.04 (0.69–1.46), may be on either side of 0.8"),
        (0.13, 0.36, 0.75, Verdict.BELOW, "0.36 (0.13–0.75), below 0.8"),
        (1.07, 1.40, 1.69, Verdict.ENOUGH, "1.40 (1.07–1.69), not below 0.8"),
        (0.10, 0.40, 3.00, Verdict.TOO_FEW, "too few to say"),
        (None, None, None, Verdict.TOO_FEW, NOT_MEASURED),
    ],
)
def test_a_share_of_the_first_places_says_no_more_than_its_interval_allows(
    low: float | None, value: float | None, high: float | None, verdict: Verdict, words: str
) -> None:
    assert _ratio(Ratio(value=value, low=low, high=high, verdict=verdict)) == words


def test_no_fact_says_twice_that_it_was_not_measured(repository: Repository) -> None:
    assert f"{NOT_MEASURED}:" not in card_markdown(model_card(a_subject(repository)), made="Made today.")


def test_data_are_told_by_source_with_dates_and_accounts(repository: Repository) -> None:
    value = line(data_card(a_subject(repository)), "tickets (ticket)")
    assert value.startswith("1 items, 2026-11-20 to 2026-11-20; of a known account: 100%")


def test_rules_of_retention_are_those_of_the_settings(repository: Repository) -> None:
    settings = Settings.model_validate({"retention": [{"kind": "nps", "days": 365}]})
    assert "365 days" in line(data_card(a_subject(repository, settings)), "source *, kind nps")
    assert "for ever" in line(data_card(a_subject(repository)), "Words")


def test_no_name_acts_in_a_card(repository: Repository) -> None:
    text = card_markdown(data_card(a_subject(repository)), made="Made today.")
    assert "[x](" not in text
    assert "Freight" not in text


README = (Path(__file__).parents[2] / "benchmarks/README.md").read_text()


@pytest.mark.parametrize("one", measured()["figures"], ids=lambda one: one["what"][:40])
def test_every_published_figure_stands_under_its_command(one: dict[str, str]) -> None:
    _, found, after = README.partition(f"    {one['command']}")
    assert found
    section = re.split(r"^#{2,3} ", after, maxsplit=1, flags=re.MULTILINE)[0]
    assert re.search(rf"(?<![\w.]){re.escape(one['value'])}(?![\w])(?!\.\d)", section)
