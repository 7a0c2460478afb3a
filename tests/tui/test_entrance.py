"""What a caller learns of how the application ended."""

import pytest

import tui.app
import tui.entrance
from insights.errors import InsightsError
from tui.themes import known_theme


class Ended:
    """An application that ran and ended with this code."""

    has_mouse = True

    def __init__(self, code):
        self.return_code = code

    def run(self, *, mouse):
        assert mouse


@pytest.fixture
def end_with(monkeypatch, office):
    """Run an application that ends with a code."""
    monkeypatch.setattr(tui.entrance, "check_terminal", lambda *_: None)
    monkeypatch.setattr("gc.freeze", lambda: None)

    def run(code):
        monkeypatch.setattr(tui.app, "InsightsApp", lambda _: Ended(code))
        tui.entrance.run(lambda: office)

    return run


@pytest.mark.parametrize("code", [0, None])
def test_one_that_was_left_ends_well(end_with, code):
    end_with(code)  # raises nothing


def test_one_that_failed_says_so_to_scripts(end_with):
    with pytest.raises(SystemExit) as ended:
        end_with(1)

    assert ended.value.code == 1


def test_a_theme_that_there_is_not_is_refused_by_a_name_that_acts_on_nothing():
    with pytest.raises(InsightsError) as refused:
        known_theme("dark\x1b]0;title\x07")

    assert refused.value.message.isprintable()
