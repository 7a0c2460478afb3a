"""How the workspace stands, drawn: signs that need no colour, words that are inert, commands whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from insights.domain.health import Check, CheckState
from tui.pages.health import first_line_of_check, health_page, health_title, legend

CHECKS = [
    Check(name="database", state=CheckState.OK, words="SQLite, opened with its key; 1,291 items"),
    Check(
        name="source",
        state=CheckState.NOTE,
        words="desk: 747 tickets, newest 2026-11-22 (4 d), read 6 h ago",
        remedy="Nothing came for 4 days. This is told from 4 days on: "
        "items come every few days, and weekends are quiet.",
        command="insights pull desk",
    ),
    Check(name="source", state=CheckState.WRONG, words="crm: nothing kept", remedy="Its file is not there."),
    Check(name="backup", state=CheckState.SKIPPED, words="None is known.", command="cp -a x BACKUP/"),
]


def drawn(checks, width, **fields):
    return ["".join(text for text, _ in line) for line in health_page(checks, width, **fields)]


def test_each_check_has_a_sign_its_words_and_below_them_what_mends_it():
    assert drawn(CHECKS, 80) == [
        " ok  database     SQLite, opened with its key; 1,291 items",
        " !   source       desk: 747 tickets, newest 2026-11-22 (4 d), read 6 h ago",
        "                  Nothing came for 4 days. This is told from 4 days on: items",
        "                  come every few days, and weekends are quiet.",
        "                  insights pull desk",
        " !!               crm: nothing kept",
        "                  Its file is not there.",
        " ·   backup       None is known.",
        "                  cp -a x BACKUP/",
    ]


def test_with_room_a_remedy_takes_one_line():
    assert len(drawn(CHECKS, 140)) == len(drawn(CHECKS, 80)) - 1


def test_the_current_one_is_marked_on_all_its_lines():
    lines = drawn(CHECKS, 80, current=1)

    assert [number for number, line in enumerate(lines) if line.startswith("▌")] == [1, 2, 3, 4]
    assert first_line_of_check(CHECKS, 80, 1) == 1
    assert first_line_of_check(CHECKS, 80, 3) == 7


@pytest.mark.parametrize(
    ("checks", "title"),
    [
        (CHECKS, "Health · 2 of 4 checks need a look, 1 broken"),
        (CHECKS[:2], "Health · 1 of 2 checks needs a look"),
        (CHECKS[:1], "Health · all is well"),
        ([], "Health"),
    ],
)
def test_the_title_counts_what_needs_a_look(checks, title):
    assert health_title(checks) == title


def test_the_legend_offers_to_ask_servers_until_they_were_asked():
    assert len(legend(is_whole=False)) == 2
    assert len(legend(is_whole=True)) == 1


CHECK = st.builds(Check, name=st.text(), state=st.sampled_from(CheckState), words=st.text(), remedy=st.text())


@given(st.lists(CHECK, max_size=4), st.integers(40, 140))
def test_no_line_is_too_wide_and_none_acts(checks, width):
    for line in drawn(checks, width, current=0):
        assert cell_len(line) <= width
        assert not [char for char in line if ord(char) < 32 or 127 <= ord(char) < 160]
