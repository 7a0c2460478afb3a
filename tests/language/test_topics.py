import pytest

from insights.language.topics import speaks_of, topics

GERMAN = "Der Import ist nicht fertig und die Etiketten sind leer"


@pytest.mark.parametrize(
    ("sentence", "texts", "expected"),
    [
        ("The exports are slow.", ["export takes long"], True),
        ("The exports are slow.", ["login loops", "exporting fails"], True),
        ("The exports are slow.", ["login loops"], False),
        ("The exports are slow.", [], False),
        ("It does not work for them.", ["it does not work"], False),
        ("The exports can’t be slow.", ["we can't log in"], False),
        ("Exports took 14 days.", ["it ends after 14 days"], False),
        ("", ["export"], False),
        ("The exports are slow for all of us.", [GERMAN], True),
        ("The exports are slow for all of us.", [GERMAN, "the login loops for us"], False),
    ],
    ids=[
        "another form",
        "in one of them",
        "in none",
        "no text",
        "no topic",
        "a denial",
        "a number",
        "no word",
        "another language",
        "in both",
    ],
)
def test_a_sentence_speaks_of_what_shares_a_topical_word(sentence: str, texts: list[str], expected: bool) -> None:
    assert speaks_of(sentence, texts) is expected


def test_words_that_prove_nothing_count_only_where_there_are_no_others() -> None:
    question = topics("Why do trials fail?")

    assert not speaks_of("Trials fail by their price.", ["the trial fails at login"], beyond=question)
    assert speaks_of("Trials fail at login.", ["the trial fails at login"], beyond=question)
    assert speaks_of("Trials fail.", ["the trial fails at login"], beyond=question)
