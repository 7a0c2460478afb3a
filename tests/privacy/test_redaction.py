import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.privacy.redaction import Redactor

REDACTOR = Redactor(names=["Lucía Ortega", "Will Page", "Lind, Bo", "Jean-Luc O'Brien"], addresses=["ops@intranet"])


def redacted(text: str, *, also: tuple[str, ...] = ()) -> str:
    return REDACTOR.redact(text, also=also).text


@pytest.mark.parametrize(
    "text",
    [
        "j.doe@firm.example",
        "J.Doe+tag@mail.firm.co.uk",
        "j.doe (at) firm.example",
        "j.doe[at]firm[dot]com",
        "j.doe (at) firm (dot) com",
        "j.doe @ firm . com",
        "j.doe at firm dot com",
        "ｊ.ｄｏｅ＠ｆｉｒｍ．com",
        "j.doe\u200b@firm.com",
        "jörg@bücher.example",
        "ops@intranet",
    ],
)
def test_mail_addresses_never_survive(text: str) -> None:
    assert redacted(f"write to {text} please") == "write to <EMAIL> please"


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "４１１１ １１１１ １１１１ １１１１",
        "4111\u00a01111\u00a01111\u00a01111",
        "3782 822463 10005",
        "5555 5555 5555 4444",
        "41 11 11 11 11 11 11 11",
    ],
)
def test_card_numbers_never_survive(text: str) -> None:
    assert redacted(f"my card {text} was charged") == "my card <CARD> was charged"
    assert redacted(f"order 17 {text}, thanks") == "order 17 <CARD>, thanks"


@pytest.mark.parametrize(
    "text",
    [
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "de89 3704 0044 0532 0130 00",
        "GB29-NWBK-6016-1331-9268-19",
        "FR14 2004 1010 0505 0001 3M02 606",
        "ES91 2100 0418 4502 0005 1332",
        "DE 89 3704 0044 0532 0130 00",
        "ＤＥ８９ 3704 0044 0532 0130 00",
    ],
)
def test_bank_accounts_never_survive(text: str) -> None:
    assert redacted(f"refund to {text} please") == "refund to <IBAN> please"
    assert redacted(f"IBAN:{text}.") == "IBAN:<IBAN>."


@pytest.mark.parametrize(
    "text",
    [
        "+49 30 1234567",
        "+1 (212) 555-0142",
        "0171 2345678",
        "(212) 736-5000",
        "+44 7700 900011",
        "020 7946 0432",
        "+34 612 345 678",
        "+46 (0)8 928 571 38",
        "+33 1 42 68 53 00",
        "00 49 171 2345678",
        "2127365000",
        "212.736.5000 ext. 12",
        "＋４９ 30 1234567",
    ],
)
def test_phone_numbers_never_survive(text: str) -> None:
    assert redacted(f"call me on {text}, today") == "call me on <PHONE>, today"


@pytest.mark.parametrize("text", ["+49 30 1234567", "0171 2345678", "(212) 736-5000", "020 7946 0432"])
def test_phone_numbers_need_no_cue(text: str) -> None:
    assert redacted(f"Ana, {text}\nBerlin") == "Ana, <PHONE>\nBerlin"


@pytest.mark.parametrize(
    "text",
    [
        "Order 4500123456 of 12.03.2026 costs 1.234.567,00 EUR",
        "50000 rows, 110k lines, version 7.4.0.1, release 10.2.0.5",
        "SKU 12345678, PO 987654321, invoice no. 2026-004711",
        "GTIN 4006381333931, tracking 00340434161094042557",
        "we have 1200 1300 1400 pieces since 2026-03-04 12:30",
        "Bestellung 0301234567 fehlt, Rechnung 2026-004711",
        "between 2019-2021 and 09:30-11:45, week 12-13",
        "batch 2026031100012, ticket #100200300400",
        "$1,250,000.00 and 1 250 000 EUR",
        "std::vector at 10:12:45",
        "the password reset mail never arrives, the token is invalid",
        "see https://help.example/articles/12?page=2",
    ],
)
def test_numbers_of_things_stay(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("from 10.0.0.5 and fe80::1ff:fe23:4567:890a", "from <IP> and <IP>"),
        ("SSN 123-45-6789", "SSN <ID>"),
        ("DNI 12345678Z", "DNI <ID>"),
        ("passport no. C01X00T47", "passport no. <ID>"),
        ("https://u:secret@x.example/a", "<URL>"),
        ("open https://x.example/reset?token=abcd1234.", "open <URL>."),
        ("key sk-abcDEF1234567890abcd", "key <SECRET>"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123", "<SECRET>"),
        ("AKIAIOSFODNN7EXAMPLE", "<SECRET>"),
        ("Authorization: Bearer abcdef0123456789abcdef", "Authorization: Bearer <SECRET>"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_1", "<SECRET>"),
        ("password: hunter2!", "password: <SECRET>"),
        ("we are at 12 Baker Street", "we are at <ADDRESS>"),
        ("Lager: Müllerstraße 12a, 13353 Berlin", "Lager: <ADDRESS>"),
        ("Calle Mayor 12", "<ADDRESS>"),
        ("12 rue Victor Hugo", "<ADDRESS>"),
    ],
)
def test_other_personal_data_is_told_by_form_or_cue(text: str, copy: str) -> None:
    assert redacted(text) == copy


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("Lucía Ortega called", "<NAME> called"),
        ("lucia ortega called", "<NAME> called"),
        ("ask Ms Ortega", "ask Ms <NAME>"),
        ("Ortega's list", "<NAME>'s list"),
        ("JEAN-LUC O'BRIEN and Bo Lind", "<NAME> and <NAME>"),
        ("my name is Derek Amblin", "my name is <NAME>"),
        ("Ich heiße Jürgen", "Ich heiße <NAME>"),
        ("me llamo José Ortiz", "me llamo <NAME>"),
        ("Frau Müller-Lüdenscheidt", "Frau <NAME>"),
        (
            "It fails.\n\nBest regards,\nDerek Amblin\nShift Supervisor",
            "It fails.\n\nBest regards,\n<NAME>\nShift Supervisor",
        ),
        ("fix it. Thanks, Derek", "fix it. Thanks, <NAME>"),
    ],
)
def test_names_are_known_or_announced(text: str, copy: str) -> None:
    assert redacted(text) == copy


@pytest.mark.parametrize(
    "text",
    [
        "Ortega GmbH delivers",
        "will the page load?",
        "Will it work on May 3?",
        "Thanks, Team",
        "Thanks, the import works",
    ],
)
def test_firms_and_ordinary_words_stay(text: str) -> None:
    assert redacted(text) == text


def test_the_authors_name_goes_even_in_part() -> None:
    assert (
        redacted("Mark here again, reply to mark@x", also=("Mark Hill", "mark@x"))
        == "<NAME> here again, reply to <EMAIL>"
    )
    assert redacted("Mark this as solved") == "Mark this as solved"


def test_each_kind_is_counted() -> None:
    found = REDACTOR.redact("a@b.example, c@d.example, 4111 1111 1111 1111")

    assert found.text == "<EMAIL>, <EMAIL>, <CARD>"
    assert found.counts == {"EMAIL": 2, "CARD": 1}


def test_a_text_without_personal_data_is_the_same_text() -> None:
    found = REDACTOR.redact("The export fails.")

    assert (found.text, found.counts) == ("The export fails.", {})


def test_regions_decide_about_local_numbers() -> None:
    assert Redactor(regions=("DE",)).redact("0171 2345678").text == "<PHONE>"
    assert Redactor(regions=("US",)).redact("0171 2345678").text == "0171 2345678"


PIECES = [
    "a@b.example ",
    "+49 30 1234567",
    "4111 1111 1111 1111",
    "DE89370400440532013000",
    "10.0.0.5",
    "123-45-6789",
    "<EMAIL>",
    "<",
    ">",
    "my name is ",
    "Ana ",
    "Thanks, ",
    "Mr. ",
    "Lucía Ortega",
    "password: ",
    "https://x.example/?token=",
    "12 Baker Street",
    "call ",
    "0171",
    "-",
    " ",
    "1",
    "99",
    "@",
    ".com",
    "(at)",
    "\n",
]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=14).map("".join))
@settings(max_examples=300, deadline=None)
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = REDACTOR.redact(text)

    again = REDACTOR.redact(once.text)
    assert again.text == once.text
    assert again.counts == {}


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_mail_address_survives_in_no_surroundings(before: str, after: str) -> None:
    assert "lucia.ortega@firm.example" not in redacted(f"{before} lucia.ortega@firm.example {after}")


def test_many_known_names_cost_memory_not_time() -> None:
    known = Redactor(
        names=[f"Nam{number:05d}".replace("0", "o") + f" Sur{number}" for number in range(5)] + ["Ana Belmonte"]
    )

    assert known.redact("Ana Belmonte and Belmonte").text == "<NAME> and <NAME>"
