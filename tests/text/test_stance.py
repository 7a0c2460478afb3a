import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.feedback import Stance
from insights.text.stance import classify


def stance_of(text: str, *, score: float | None = None) -> Stance:
    return classify([text], scores=[score])[0][0]


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("The export crashes every Monday and we lose the file", Stance.PROBLEM),
        ("Die App stürzt beim Scannen ab und Buchungen gehen verloren", Stance.PROBLEM),
        ("La exportación no funciona y los datos no coinciden", Stance.PROBLEM),
        ("l'export ne marche pas depuis lundi", Stance.PROBLEM),
        ("Thanks for nothing, the invoice is wrong again", Stance.PROBLEM),
        ("Please add a dark mode, it would be great", Stance.REQUEST),
        ("We would love to have approval steps for purchase orders", Stance.REQUEST),
        ("Es wäre schön, wenn man mehrere Artikel gleichzeitig ändern könnte", Stance.REQUEST),
        ("Sería genial poder trabajar sin conexión", Stance.REQUEST),
        ("Thank you so much, works perfectly now!", Stance.PRAISE),
        ("love it", Stance.PRAISE),
        ("Sehr zufrieden, weiter so!", Stance.PRAISE),
        ("muy contentos, gracias", Stance.PRAISE),
        ("How do I change my password?", Stance.QUESTION),
        ("Gibt es Rabatt für Vereine?", Stance.QUESTION),
        ("Automatic reply: I am out of office until Monday", Stance.NOISE),
        ("n/a", Stance.NOISE),
        ("https://example.com/a", Stance.NOISE),
        ("", Stance.NOISE),
    ],
)
def test_plain_cases_are_told_apart(text: str, stance: Stance) -> None:
    assert stance_of(text) is stance


@pytest.mark.parametrize(
    "text", ["the app is good", "👍👍", "so good ❤️", "no problems at all", "nothing to complain about, easy to use"]
)
def test_praise_does_not_fill_the_list(text: str) -> None:
    assert not stance_of(text).is_ranked


@pytest.mark.parametrize("text", ["this is not good", "doesn't help at all", "not easy to use, not reliable"])
def test_a_negation_turns_praise_around(text: str) -> None:
    assert stance_of(text).is_ranked


@pytest.mark.parametrize(
    "text", ["the export fails on large lists", "login loops forever after the certificate change"]
)
def test_capitals_and_strong_words_lower_nothing(text: str) -> None:
    plain = classify([text])[0]

    assert classify([text.upper()])[0] == plain
    assert classify([f"{text}, damn crap"])[0][0].is_ranked


def test_a_detractors_doubtful_comment_is_ranked() -> None:
    assert stance_of("meh, the usual", score=2).is_ranked


def test_a_promoters_wish_stays_a_wish() -> None:
    assert stance_of("great app, please add offline mode", score=10) is Stance.REQUEST


@given(st.lists(st.text(max_size=60), max_size=5))
def test_every_text_gets_a_stance_and_a_chance(texts: list[str]) -> None:
    found = classify(texts, scores=[None] * len(texts))

    assert len(found) == len(texts)
    assert all(0 <= confidence <= 1 for _, confidence in found)


def test_a_text_is_judged_alone() -> None:
    texts = ["love it", "the export fails", "n/a"]

    assert classify(texts) == [classify([text])[0] for text in texts]
