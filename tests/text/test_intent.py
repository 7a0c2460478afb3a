"""Who speaks of leaving is told from who speaks of leaving a page, and from who will not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.text import intent
from insights.text.intent import is_renewal, speaks_of_leaving


@pytest.mark.parametrize(
    "text",
    [
        "If this is not fixed we will cancel.",
        "We're going to switch to another tool next month.",
        "we are considering leaving",
        "Please cancel our subscription.",
        "They won't renew unless export works",
        "we are looking for an alternative",
        "We are shopping around for an alternative.",
        "Customer at risk of churn",
        "I'm thinking of leaving you",
        "we'll move to a competitor",
        "WE WILL CANCEL.",
        "If the next closing isn't clean we'll cancel at the end of the term.",
        "take this as notice that we won’t renew",
        "Wir werden den Vertrag kündigen.",
        "Wir wechseln zu einem anderen Anbieter",
        "Kündigung ist raus",
        "vamos a cancelar la suscripción",
        "nous allons résilier notre contrat",
    ],
)
def test_words_of_leaving_are_found(text: str) -> None:
    assert speaks_of_leaving(text)


@pytest.mark.parametrize(
    "text",
    [
        "we will not cancel",
        "no plans to cancel our subscription",
        "wir wollen nicht kündigen: welche Frist steht in unserem Vertrag?",
        "I cancel the order and it stays",
        "Cancel button does nothing",
        "switch to dark mode fails",
        "we want to switch language",
        "we have to switch the printer off",
        "we moved to another building",
        "we want to move items to another list",
        "we are going to move away the old pallets",
        "leave the dashboard open",
        "users have to leave the page",
        "please don't renew the session token",
        "the renewal of the certificate fails",
        "",
    ],
)
def test_other_words_are_not(text: str) -> None:
    assert not speaks_of_leaving(text)


@settings(deadline=None)
@given(st.from_regex(intent._LEAVING, fullmatch=True))
def test_whatever_a_phrase_finds_is_not_passed_over_for_want_of_a_sign(text: str) -> None:
    assert speaks_of_leaving(text)


@pytest.mark.parametrize(
    ("name", "renews"),
    [("Acme – Renewal 2027", True), ("Verlängerung Acme", True), ("Acme – New business, 22 seats", False), ("", False)],
)
def test_a_renewal_is_told_by_its_name(name: str, renews: bool) -> None:
    assert is_renewal(name) is renews
