"""Whose the first problems are, by segment, region, plan, language and channel, from what is stored."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from insights.domain.customers import AccountRecord
from insights.domain.feedback import FeedbackKind
from insights.domain.problem import Action
from insights.errors import InsightsError
from insights.fairness import ATTRIBUTES, LANGUAGES, Fairness, fairness, standing_order
from insights.grouping.languages import SMALL_WORDS, languages
from insights.storage.repository import Repository
from insights.triage import Triage
from insights.worth.fairness import Group
from tests.stored import (
    NOW,
    Item,
    StoredProblem,
    a_stored_problem,
    a_workspace,
    an_account_record,
    an_estimate,
    an_item,
)


def account(name: str, segment: str | None, **fields: Any) -> AccountRecord:
    return replace(an_account_record(name, revenue=1_000.0, segment=segment), **fields)


def problem(title: str, *items: Item) -> StoredProblem:
    return a_stored_problem(title, items=items, estimate=an_estimate())


def only(found: list[Fairness]) -> dict[str, Group]:
    [one] = found
    return {group.name: group for group in one.shares.groups}


def by_segment(repository: Repository, **fields: Any) -> dict[str, Group]:
    return only(fairness(repository, by=["segment"], **fields))


def test_an_account_is_one_voice_however_often_it_writes(tmp_path: Path) -> None:
    loud = [an_item(f"The export hangs ({n})", account="Big") for n in range(9)]
    stored = problem("Export", *loud, an_item("The export hangs", account="Small"))
    accounts = [account("Big", "Enterprise"), account("Small", "SMB")]

    found = by_segment(a_workspace(tmp_path, problems=[stored], accounts=accounts))

    assert found["SMB"].top == pytest.approx(0.5)
    assert found["Enterprise"].accounts == pytest.approx(0.5)


def test_all_customers_count_among_accounts_but_those_that_left_in_silence(tmp_path: Path) -> None:
    accounts = [
        account("Heard", "SMB"),
        account("Silent", "SMB"),
        account("Gone", "SMB", left_on=date(2026, 1, 1)),
        account("Gone, but heard", "Enterprise", left_on=date(2026, 1, 1)),
    ]
    stored = problem("Export", an_item("It hangs", account="Heard"), an_item("Hangs", account="Gone, but heard"))

    found = by_segment(a_workspace(tmp_path, problems=[stored], accounts=accounts))

    assert found["SMB"].accounts == pytest.approx(2 / 3)


def test_spellings_of_one_segment_are_one_group_under_the_commoner_name(tmp_path: Path) -> None:
    accounts = [account("A", "SMB"), account("B", "SMB"), account("C", "smb ")]
    stored = problem("Export", *[an_item("It hangs", account=name) for name in "ABC"])

    found = by_segment(a_workspace(tmp_path, problems=[stored], accounts=accounts))

    assert list(found) == ["SMB"]
    assert found["SMB"].top == 1


def test_what_no_known_account_said_is_of_unknown_segment_and_of_a_known_channel(tmp_path: Path) -> None:
    stored = problem("Export", an_item("It hangs", account="A"), an_item("Hangs"), an_item("Hang", account="B"))
    repository = a_workspace(tmp_path, problems=[stored], accounts=[account("A", "SMB"), account("B", None)])

    segment, channel = fairness(repository, by=["segment", "channel"])

    assert segment.shares.unknown_top == pytest.approx(2 / 3)
    assert channel.shares.unknown_top == 0


def test_an_account_in_several_channels_is_shared_among_them(tmp_path: Path) -> None:
    items = [
        an_item("It hangs", account="A"),
        an_item("Hangs", account="A", source="survey", kind=FeedbackKind.NPS),
    ]

    found = only(
        fairness(
            a_workspace(tmp_path, problems=[problem("Export", *items)], accounts=[account("A", "SMB")]), by=["channel"]
        )
    )

    assert {name: group.top for name, group in found.items()} == {"tickets": 0.5, "survey (nps)": 0.5}
    assert {group.accounts for group in found.values()} == {0.5}


def test_languages_are_told_by_their_names_and_the_rest_is_unknown(tmp_path: Path) -> None:
    items = [
        an_item("The export is slow and we have to wait for it"),
        an_item("Der Export ist langsam und wir müssen auf ihn warten, das ist nicht gut"),
        an_item("Export 502"),
    ]

    [found] = fairness(a_workspace(tmp_path, problems=[problem("Export", *items)]), by=["language"])

    assert {group.name for group in found.shares.groups} == {"English", "German"}
    assert found.shares.unknown_top == pytest.approx(1 / 3)


@pytest.mark.parametrize("place", range(len(LANGUAGES)))
def test_every_name_stands_at_the_place_of_its_small_words(place: int) -> None:
    sentences = {
        "English": "We have the file and this is not it",
        "German": "Wir haben die Datei und das ist nicht gut",
        "Spanish": "No se puede abrir los archivos y las hojas con una cuenta",
        "French": "Nous ne pouvons pas ouvrir le fichier dans une page pour vous",
        "Italian": "Non riesco ad aprire gli allegati che ho della fattura",
        "Portuguese": "Não consigo abrir os arquivos do sistema com uma conta em casa",
        "Dutch": "Het bestand is niet goed en wij wachten op een oplossing voor dat",
    }
    assert languages([sentences[LANGUAGES[place]]]).tolist() == [place]
    assert len(LANGUAGES) == len(SMALL_WORDS)


def eleven(tmp_path: Path) -> Repository:
    """Ten problems of Enterprise, then two of SMB."""
    accounts = [account("Big", "Enterprise"), account("Small", "SMB")]
    large = [problem(f"Export {n}", an_item(f"It hangs {n}", account="Big")) for n in range(10)]
    small = [problem(f"Login {n}", an_item(f"No code {n}", account="Small")) for n in range(2)]
    return a_workspace(tmp_path, problems=[*large, *small], accounts=accounts)


def test_without_an_order_the_rank_by_return_counts(tmp_path: Path) -> None:
    found = by_segment(eleven(tmp_path))

    assert found["SMB"].top == 0
    assert found["SMB"].problems == pytest.approx(2 / 12)
    assert found["SMB"].to_problems.is_below


def test_any_order_can_be_looked_at(tmp_path: Path) -> None:
    found = by_segment(eleven(tmp_path), order=[12, 11, *range(1, 11)])

    assert found["SMB"].top == pytest.approx(0.2)
    assert not found["SMB"].to_problems.is_below


def test_dismissed_problems_are_no_longer_in_the_list(tmp_path: Path) -> None:
    repository = eleven(tmp_path)
    Triage(repository, who="ada", now=lambda: NOW).decide(1, Action.DISMISS)

    assert standing_order(repository) == list(range(2, 13))
    assert by_segment(repository)["SMB"].top == pytest.approx(0.1)


def test_an_unknown_attribute_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InsightsError) as refused:
        fairness(eleven(tmp_path), by=["shoe size"])

    assert all(name in refused.value.remedy for name in ATTRIBUTES)


def test_before_the_first_analysis_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InsightsError, match="No problem has a rank") as refused:
        fairness(a_workspace(tmp_path))

    assert "insights analyze" in refused.value.remedy
