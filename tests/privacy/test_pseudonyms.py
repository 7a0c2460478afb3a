"""A value gets the same pseudonym however it is written, and the copy reads the same with and without."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.privacy.pseudonyms import FullNames, normalised
from insights.privacy.redaction import Redactor
from insights.text.placeholders import plain, with_pseudonyms
from tests.stored import KEY

REGIONS = ("US", "GB", "DE")


def letters(label: str, value: str) -> str:
    from insights.storage.encryption import Cipher

    return Cipher(KEY).pseudonym(f"{label}:{value}")


NAMING = Redactor(names=["Lucía Ortega", "Bob Marsh"], regions=REGIONS, pseudonym=letters)
PLAIN = Redactor(names=["Lucía Ortega", "Bob Marsh"], regions=REGIONS)


def told(text: str) -> str:
    found = NAMING.redact(text)
    return with_pseudonyms(found.text, {one.start: one.token for one in found.named})


@pytest.mark.parametrize(
    ("label", "text", "form"),
    [
        ("EMAIL", "Ann@ACME.example", "ann@acme.example"),
        ("EMAIL", "'ann@acme.example", "ann@acme.example"),
        ("EMAIL", "ann (at) acme [dot] example", "ann@acme.example"),
        ("EMAIL", "ann at acme dot example", "ann@acme.example"),
        ("EMAIL", "ann @ acme . example", "ann@acme.example"),
        ("PHONE", "0171 2345678", "+491712345678"),
        ("PHONE", "+49 (171) 234-56-78", "+491712345678"),
        ("PHONE", "0171 2345678 ext. 12", "+491712345678"),
        ("PHONE", "0000-0001", "00000001"),
        ("IBAN", "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("CARD", "4111-1111-1111-1111", "4111111111111111"),
        ("IP", "10.0.0.1", "10.0.0.1"),
    ],
)
def test_one_form_however_it_is_written(label: str, text: str, form: str) -> None:
    assert normalised(label, text, regions=REGIONS) == form


@pytest.mark.parametrize("label", ["SECRET", "URL", "ADDRESS"])
def test_what_unlocks_something_gets_none(label: str) -> None:
    assert normalised(label, "sk-live-0123456789", regions=REGIONS) is None


def test_two_addresses_that_became_one_placeholder_are_nobodys() -> None:
    assert normalised("EMAIL", "ann@acme.example;bob@acme.example", regions=REGIONS) is None


@given(st.sampled_from(["EMAIL", "PHONE", "IBAN", "CARD", "ID", "IP"]), st.text(max_size=60))
def test_the_one_form_of_a_form_is_itself(label: str, text: str) -> None:
    form = normalised(label, text, regions=REGIONS)
    assert form is None or normalised(label, form, regions=REGIONS) == form


def test_a_full_name_is_one_in_any_order_and_a_first_name_is_nobodys() -> None:
    names = FullNames.of(["Lucía M. Ortega", "Dr. Bob Marsh"])
    assert names.get("LUCIA ORTEGA") == names.get("Ortega, Lucía") == "lucia m ortega"
    assert names.get("Bob Marsh") == "bob marsh"
    assert names.get("Lucía") is None


def test_a_short_form_of_two_persons_is_neither() -> None:
    names = FullNames.of(["Ann B. Smith", "Ann C. Smith"])
    assert names.get("Ann Smith") == "ann smith"
    assert names.get("Ann B. Smith") == "ann b smith"


def test_the_same_person_has_the_same_pseudonym_in_two_texts() -> None:
    one = told("Ask Lucía Ortega (lucia@acme.example, 0171 2345678).")
    other = told("Ortega, Lucía: LUCIA@acme.example, +49 171 2345678")
    assert one.count("_") == 3
    assert sorted(word.strip("(,.:)") for word in one.split() if "_" in word) == sorted(
        word.strip("(,.:)") for word in other.split() if "_" in word
    )


def test_two_persons_have_two() -> None:
    first, second = told("ann@acme.example bob@acme.example").split()
    assert first != second


def test_a_first_name_alone_stays_plain() -> None:
    assert told("Lucía said so.") == "<NAME> said so."


def test_the_copy_is_the_same_with_and_without_pseudonyms() -> None:
    text = "Lucía Ortega, lucia@acme.example, https://acme.example/?token=0123456789abcdef01234567, 0171 2345678"
    assert NAMING.redact(text).text == PLAIN.redact(text).text == plain(told(text))


def test_redacting_what_is_redacted_changes_nothing() -> None:
    once = told("Lucía Ortega wrote to ann@acme.example from 10.0.0.12, DE89 3704 0044 0532 0130 00")
    again = NAMING.redact(once)
    assert again.text == once
    assert again.named == ()
    assert NAMING.redact("<EMAIL_ERASED00> <NAME> <PHONE_23456789>").text == "<EMAIL_ERASED00> <NAME> <PHONE_23456789>"


@given(st.lists(st.sampled_from(["a@b.example", "Bob Marsh", "0171 2345678", "<NAME>", "Lucía", "10.0.0.1", "x,"])))
def test_every_pseudonym_stands_at_its_placeholder(words: list[str]) -> None:
    found = NAMING.redact(" ".join(words))
    assert all(found.text.startswith(f"<{one.token.partition('_')[0]}>", one.start) for one in found.named)


def test_a_token_of_another_label_is_not_put_in() -> None:
    assert with_pseudonyms("<NAME>", {0: "EMAIL_7KQ2M4XA"}) == "<NAME>"
