"""Words give reason for a risk where they mean little else; a denial takes it back."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.text.risks import AREAS, risks_in


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        ("Our pen test found a security hole.", ["security"]),
        ("Das ist eine Sicherheitslücke!", ["security"]),
        ("Es un fallo de seguridad grave", ["security"]),
        ("Une faille de sécurité dans l'export", ["security"]),
        ("I can see another customer’s address", ["privacy"]),
        ("Der Datenschutzbeauftragte fragt nach", ["privacy"]),
        ("se ven datos personales", ["privacy"]),
        ("fuite de données chez un client", ["privacy"]),
        ("We are not compliant with GDPR", ["compliance"]),
        ("so nicht DSGVO-konform", ["compliance"]),
        ("Die DSGVO verlangt das", ["compliance"]),
        ("la normativa lo pide", ["compliance"]),
        ("c'est une obligation légale", ["compliance"]),
        ("it deleted all our files", ["data loss"]),
        ("Datenverlust nach dem Import", ["data loss"]),
        ("pérdida de datos otra vez", ["data loss"]),
        ("perte de données", ["data loss"]),
        ("We were charged twice", ["money"]),
        ("Es wurde doppelt abgebucht", ["money"]),
        ("me han cobrado dos veces", ["money"]),
        ("débité deux fois", ["money"]),
        ("Data loss, and a GDPR case", ["compliance", "data loss"]),
    ],
)
def test_four_languages_name_five_risks(text: str, areas: list[str]) -> None:
    assert list(risks_in(text)) == areas


@pytest.mark.parametrize(
    "text",
    [
        "No data loss so far.",
        "We never had a security issue",
        "Zum Glück kein Datenverlust",
        "no es un fallo de seguridad",
        "sans perte de données",
        "It isn't a privacy matter",
        "The security deposit field is cropped",
        "Please add an audit log",
        "We refund and restock by hand, 20 refunds a day",
        "treat names here as confidential",
        "you lost all my bags",
        "Export hangs",
        "",
    ],
)
def test_denials_and_words_that_mean_something_else_are_no_risks(text: str) -> None:
    assert risks_in(text) == {}


def test_a_denial_reaches_three_words_and_no_further_than_a_mark() -> None:
    assert risks_in("Not good, data loss again") == {"data loss": "data loss"}
    assert risks_in("nobody told us anything about the data loss") == {"data loss": "data loss"}


def test_the_phrase_is_told_as_it_is_listed() -> None:
    assert risks_in("SICHERHEITSLÜCKEN") == {"security": "sicherheitslücke"}


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert set(risks_in(text)) <= set(AREAS)


@pytest.mark.parametrize("unit", ["no data leak ", "data leak ", "no ", "security ", "lost all our data "])
def test_time_grows_with_the_text_not_with_its_square(unit: str) -> None:
    def spent(size: int) -> float:
        started = time.process_time()
        risks_in(unit * (size // len(unit)))
        return time.process_time() - started

    spent(100)
    assert spent(80_000) < 0.05 + 8 * min(spent(20_000) for _ in range(2))
