"""Swear words are left out of what texts are compared by, in several languages, and nothing else is."""

import time

import pytest

from insights.text.meaning import meaning_of
from insights.text.profanity import without_profanity


def words(text: str) -> str:
    return " ".join(without_profanity(text).split())


@pytest.mark.parametrize(
    ("said", "compared"),
    [
        ("This damn export hangs", "This export hangs"),
        ("This DAMN export hangs", "This export hangs"),
        ("What the fuck, the export hangs", ", the export hangs"),
        ("For f***'s sake fix the export", "fix the export"),
        ("the f*cking export is sh*t", "the export is"),
        ("Der scheiß Export hängt schon wieder, verdammt", "Der Export hängt schon wieder,"),
        ("La exportación es una mierda, joder", "La exportación es una ,"),
        ("Putain, l'export est bloqué", ", l'export est bloqué"),
    ],
)
def test_swear_words_are_left_out(said: str, compared: str) -> None:
    assert words(said) == compared


@pytest.mark.parametrize(
    "text",
    [
        "Assign the class and pass the assessment",
        "Scunthorpe warehouse: the scraper scraps rows",
        "Con la cuenta no se puede computar",
        "Der Bildschirm ist zu hell",
        "Rate is 5 * 3 and C# or F# code ** bold **",
        "Compute the shift of the first half",
    ],
)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert without_profanity(text) == text


def test_a_text_of_nothing_else_is_compared_as_it_is() -> None:
    assert meaning_of("WTF???") == "WTF???"


def test_time_is_linear_in_the_length() -> None:
    started = time.perf_counter()
    without_profanity("f*" * 50_000 + "what the " * 20_000)
    assert time.perf_counter() - started < 2
