"""A form: keys in, what was said out; nothing that is not understood is saved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.typed_figures import read_figure
from insights.errors import InsightsError
from tui.models.forms import MOST_TYPED, Field, Form, Outcome

NAMES = ("effort", "churn", "severity")


def a_form() -> Form:
    return Form(fields=[Field(name=name, words=name, current="1-3-8") for name in NAMES], read=read_figure)


def typed(form: Form, *keys: str) -> Outcome:
    """The outcome of the last key; single characters type themselves."""
    return [form.take_key(key, key if len(key) == 1 else None) for key in keys][-1]


def test_two_keys_set_the_effort() -> None:
    form = a_form()

    assert typed(form, "L", "enter") is Outcome.SAVE
    assert form.said == {"effort": "L"}


def test_a_range_is_typed_as_it_is_written() -> None:
    form = a_form()

    assert typed(form, *"2-3-6", "enter") is Outcome.SAVE
    assert form.said == {"effort": "2-3-6"}


@pytest.mark.parametrize(
    ("keys", "at"),
    [
        (("down",), "churn"),
        (("tab", "tab"), "severity"),
        (("up",), "severity"),
        (("down", "shift+tab"), "effort"),
        (("down", "down", "down"), "effort"),
    ],
)
def test_the_fields_are_walked_around(keys: tuple[str, ...], at: str) -> None:
    form = a_form()

    assert typed(form, *keys) is Outcome.MOVED
    assert form.current.name == at


def test_letters_that_move_elsewhere_are_typed_here() -> None:
    form = a_form()
    typed(form, "j", "k", "q", "?")

    assert form.text(form.current) == "jkq?"


def test_each_field_keeps_what_was_typed_into_it() -> None:
    form = a_form()
    typed(form, "M", "down", *"5%", "down", *"hurts")

    assert form.said == {"effort": "M", "churn": "5%", "severity": "hurts"}
    assert typed(form, "enter") is Outcome.SAVE


def test_what_is_not_understood_is_told_and_not_saved_and_the_cursor_goes_there() -> None:
    form = a_form()
    typed(form, *"2-x", "down", *"5%")

    assert typed(form, "enter") is Outcome.REFUSED
    assert form.current.name == "effort"
    error = form.error(form.current)
    assert error is not None and error.message == "'2-x' is no range for effort."
    assert form.understood == {"churn": "5%"}
    assert typed(form, "backspace", "backspace", "enter") is Outcome.SAVE


def test_enter_with_nothing_typed_leaves_as_escape_does() -> None:
    form = a_form()

    assert typed(form, "enter") is Outcome.LEAVE
    assert typed(form, "space") is Outcome.IGNORED
    assert typed(form, "escape") is Outcome.LEAVE


def test_what_was_typed_can_be_taken_back() -> None:
    form = a_form()
    typed(form, *"12", "backspace")
    assert form.text(form.current) == "1"
    typed(form, "ctrl+u")
    assert form.said == {}
    typed(form, *"1 2", "ctrl+w")
    assert form.text(form.current) == "1"


def test_a_click_goes_to_a_field_and_beside_them_nowhere() -> None:
    form = a_form()
    form.go_to(2)
    form.go_to(9)

    assert form.current.name == "severity"


def test_what_is_pasted_is_one_inert_line_of_bounded_length() -> None:
    form = a_form()
    form.type("\x1b]52;c;QQ==\x07 2-3-6\r\n" + "9" * 300_000)

    assert "\x1b" not in form.text(form.current) and "\n" not in form.text(form.current)
    assert len(form.text(form.current)) <= MOST_TYPED


@given(st.lists(st.one_of(st.sampled_from(["up", "down", "tab", "backspace", "ctrl+w", "enter"]), st.characters())))
def test_whatever_is_typed_is_saved_only_where_it_is_understood(keys: list[str]) -> None:
    form = a_form()
    for key in keys:
        if form.take_key(key, key if len(key) == 1 else None) is Outcome.SAVE:
            for name, text in form.said.items():
                read_figure(name, text)


def test_an_error_of_a_field_is_its_own() -> None:
    def read(name: str, text: str) -> None:
        raise InsightsError(f"{name} {text}", remedy="Write it otherwise.")

    form = Form(fields=[Field(name="a", words="a"), Field(name="b", words="b")], read=read)
    typed(form, "x")

    assert [error.message if (error := form.error(one)) else None for one in form.fields] == ["a x", None]
