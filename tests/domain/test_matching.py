"""An item finds its account the surest way first; what fits two accounts fits none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.customers import Account
from insights.domain.feedback import AccountMatch
from insights.domain.matching import PUBLIC_DOMAINS, AccountIndex, likeness

NOBODY = (None, AccountMatch.NONE)


def an_account(number: int, name: str, **fields: Any) -> Account:
    return Account(id=number, source="crm", source_id=f"A-{number}", name=name, **fields)


def index(*accounts: Account) -> AccountIndex:
    return AccountIndex.of(accounts)


ACME = an_account(1, "Acme GmbH", domain="acme.example")
BETA = an_account(2, "Beta Tools", domain="beta.example")


@pytest.mark.parametrize(
    ("hint", "email", "found"),
    [
        ("A-2", "ada@acme.example", (2, AccountMatch.ID)),
        ("Beta Tools", "ada@acme.example", (1, AccountMatch.DOMAIN)),
        (" beta tools ", None, (2, AccountMatch.NAME)),
        ("BETA-TOOLS, Inc.", None, (2, AccountMatch.NAME_LIKE)),
        ("Acme", "ada@elsewhere.example", (1, AccountMatch.NAME_LIKE)),
        ("Gamma", "ada@elsewhere.example", NOBODY),
        (None, None, NOBODY),
        ("  ", "no address", NOBODY),
        ("...", None, NOBODY),
    ],
)
def test_id_beats_domain_beats_name_beats_likeness(
    hint: str | None, email: str | None, found: tuple[int | None, AccountMatch]
) -> None:
    assert index(ACME, BETA).find(hint, email) == found


@pytest.mark.parametrize(
    ("hint", "found"),
    [
        ("A-1\nBeta Tools", (1, AccountMatch.ID)),
        ("77\nBeta Tools", (2, AccountMatch.NAME)),
        ("77\nBETA-TOOLS", (2, AccountMatch.NAME_LIKE)),
        ("77\nGamma", NOBODY),
        ("\n", NOBODY),
    ],
)
def test_the_lines_of_a_hint_are_tried_in_turn(hint: str, found: tuple[int | None, AccountMatch]) -> None:
    assert index(ACME, BETA).find(hint, None) == found


def test_two_accounts_that_look_alike_are_nobody_s() -> None:
    twins = index(an_account(1, "Acme GmbH"), an_account(2, "ACME Ltd."))

    assert twins.find("Acme", None) == NOBODY
    assert twins.find("acme gmbh", None) == (1, AccountMatch.NAME)


def test_two_accounts_of_one_name_are_nobody_s() -> None:
    assert index(an_account(1, "Acme"), an_account(2, "acme")).find("Acme", None) == NOBODY


def test_three_accounts_of_one_name_are_nobody_s_either() -> None:
    assert index(*(an_account(n, "Acme") for n in (1, 2, 3))).find("Acme", None) == NOBODY


def test_two_accounts_of_one_domain_are_told_apart_by_name() -> None:
    group = index(an_account(1, "Acme", domain="acme.example"), an_account(2, "Acme Labs", domain="acme.example"))

    assert group.find(None, "ada@acme.example") == NOBODY
    assert group.find("Acme Labs", "ada@acme.example") == (2, AccountMatch.NAME)


def test_one_id_in_two_systems_is_nobody_s() -> None:
    billing = Account(id=7, source="billing", source_id="A-1", name="Somebody else")

    assert index(ACME, billing).find("A-1", None) == NOBODY


@pytest.mark.parametrize("domain", sorted(PUBLIC_DOMAINS))
def test_private_mailboxes_say_nothing_about_a_firm(domain: str) -> None:
    assert index(an_account(1, "Acme", domain=domain)).find(None, f"ada@{domain}") == NOBODY


@pytest.mark.parametrize(
    "written", ["https://www.acme.example/", "ACME.example", "http://acme.example", "acme.example."]
)
def test_a_domain_may_be_written_as_an_address(written: str) -> None:
    assert index(an_account(1, "Acme", domain=written)).find(None, "Ada@Acme.Example") == (1, AccountMatch.DOMAIN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GTX Pro", "gtxpro"),
        ("Müller & Söhne GmbH", "Muller Sohne"),
        ("Straße AG", "STRASSE"),
        ("Big_Corp Inc.", "big corp"),
        ("A.B.C. Company", "ABC"),
    ],
)
def test_case_accents_marks_and_legal_form_do_not_matter(one: str, other: str) -> None:
    assert likeness(one) == likeness(other)


@pytest.mark.parametrize(("one", "other"), [("Acme North", "Acme South"), ("Costa", "Cost AG"), ("AG", "SA")])
def test_different_names_stay_different(one: str, other: str) -> None:
    assert likeness(one) != likeness(other)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_hint_finds_an_account_only_for_a_reason(hint: str, email: str) -> None:
    account, match = index(ACME, BETA).find(hint, email)

    assert (account is None) == (match is AccountMatch.NONE)
