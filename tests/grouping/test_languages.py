"""Small words tell the language; where there are none, nobody guesses."""

from hypothesis import given
from hypothesis import strategies as st

from insights.grouping.languages import SMALL_WORDS, languages


def test_small_words_tell_the_language() -> None:
    texts = ["we do not have the report", "wir haben das nicht und es ist", "no se puede con los", "4711 XZ", ""]

    assert languages(texts).tolist() == [0, 1, 2, -1, -1]


@given(st.lists(st.text(), max_size=5))
def test_any_texts_have_a_language_of_the_list_or_none(texts: list[str]) -> None:
    found = languages(texts)

    assert found.shape == (len(texts),)
    assert ((found >= -1) & (found < len(SMALL_WORDS))).all()
