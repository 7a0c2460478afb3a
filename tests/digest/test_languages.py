"""The texts of all languages: the same keys, placeholders and plurals, and none that nobody says."""

import re

import pytest

from insights.digest.catalogue import Language, placeholders
from insights.digest.languages.de import GERMAN
from insights.digest.languages.en import ENGLISH
from insights.digest.languages.es import SPANISH
from insights.digest.languages.fr import FRENCH
from insights.digest.lines import FRESH, MOVERS
from insights.digest.words import LANGUAGES, Words
from insights.domain.feedback import FeedbackKind
from insights.domain.night import NewsKind

OTHERS = (GERMAN, SPANISH, FRENCH)
COUNTS = {"n", "word"}


def test_there_are_four() -> None:
    assert LANGUAGES == ("de", "en", "es", "fr")
    assert {one.code for one in (ENGLISH, *OTHERS)} == set(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.code)
def test_each_has_the_same_keys_placeholders_and_plurals(language: Language) -> None:
    assert set(language.texts) == set(ENGLISH.texts)
    for key, text in ENGLISH.texts.items():
        other = language.texts[key]
        assert isinstance(other, str) is isinstance(text, str), key
        assert placeholders(other) - COUNTS == placeholders(text) - COUNTS, key
        assert bool(placeholders(other) & COUNTS) is bool(placeholders(text) & COUNTS), key


@pytest.mark.parametrize("language", [ENGLISH, *OTHERS], ids=lambda one: one.code)
def test_each_has_numbers_to_twelve_twelve_months_and_no_space_at_an_end(language: Language) -> None:
    assert (len(language.numbers), len(language.months)) == (13, 12)
    for key, text in language.texts.items():
        for pattern in (text,) if isinstance(text, str) else text:
            assert pattern == pattern.strip() or key == "join", key


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.code)
def test_only_names_are_left_in_english(language: Language) -> None:
    same = {key for key, text in language.texts.items() if text == ENGLISH.texts[key] and letters(text) - set("n")}

    assert same <= MAY_BE_THE_SAME


MAY_BE_THE_SAME = {"noun.mention", "noun.note", "noun.ticket", "filter.segment", "data.sources"}


def letters(text: str | tuple[str, str]) -> set[str]:
    whole = text if isinstance(text, str) else "".join(text)
    return set(re.sub(r"\{\w+\}", "", whole)) & set("abcdefghijklmnopqrstuvwxyz")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_feedback_can_be_counted_and_every_kind_of_news_can_be_a_headline(language: str) -> None:
    words = Words(language)

    assert all(words.counted(2, kind.value).startswith("2 ") for kind in FeedbackKind)
    assert all(words.has(f"headline.fresh.{kind.value}") for kind in FRESH)
    assert all(words.has(f"headline.{kind.value}") for kind in MOVERS if kind is not NewsKind.MOVED)
