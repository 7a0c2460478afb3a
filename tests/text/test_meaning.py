"""What texts are compared by is the same however loudly they are written."""

import pytest

from insights.text.meaning import meaning_of


@pytest.mark.parametrize(
    ("shouted", "said"),
    [
        ("THE EXPORT STOPS AT HALF!!!", "the export stops at half!!!"),
        ("LOGIN BROKEN AGAIN", "login broken again"),
        ("ВСЁ СЛОМАЛОСЬ ОПЯТЬ", "всё сломалось опять"),
    ],
)
def test_what_is_shouted_is_compared_in_small_letters(shouted: str, said: str) -> None:
    assert meaning_of(shouted) == said


@pytest.mark.parametrize(
    "text",
    [
        "The CSV export NEVER works on iOS",
        "SSO SAML",
        "Ask Anna Smith of Brightwater Foods Ltd",
        "登录 失败 了",
        "500 404 503",
    ],
)
def test_names_abbreviations_and_single_loud_words_stay_as_they_are(text: str) -> None:
    assert meaning_of(text) == text


def test_placeholders_of_redaction_do_not_make_a_text_a_shouted_one() -> None:
    assert meaning_of("<NAME_1> <EMAIL> Export hangs, see SSO log") == "Export hangs, see SSO log"
