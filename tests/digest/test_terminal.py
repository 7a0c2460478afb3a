"""A digest in a terminal: within its width, figures whole, words from outside as written."""

import io
import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from insights.digest.story import Entry, Part, Section, Story, Tone
from insights.digest.story_of import story_of
from insights.digest.terminal import to_terminal
from tests.digest.test_story_of import a_full_digest

HOSTILE = "[bold red]Login[/] @everyone <script>alert(1)</script> \x1b[31m\x07 [x](https://evil.example)\u202e 日本語"


def printed(story: Story, width: int, *, color: bool = False) -> str:
    screen = Console(
        width=width,
        file=io.StringIO(),
        force_terminal=True,
        color_system="standard" if color else None,
        markup=False,
    )
    screen.print(to_terminal(story, width))
    assert isinstance(screen.file, io.StringIO)
    page = screen.file.getvalue()
    return page if color else re.sub(r"\x1b\[[0-9;]*m", "", page)


def a_story(*entries: Entry, part: Part = Part.FRESH, **fields: str) -> Story:
    said = {"language": "en", "title": "What changed", "headline": "Nothing.", "period": "today", "subject": "s"}
    section = Section(part=part, heading="New", entries=entries, more=fields.pop("more", ""))
    return Story(**{**said, **fields}, sections=(section,))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return story_of(a_full_digest(tmp_path_factory.mktemp("w")))


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(story: Story, width: int) -> None:
    assert max(cell_len(line) for line in printed(story, width).splitlines()) <= width


def test_a_problem_of_which_nothing_is_told_is_one_line() -> None:
    lines = printed(a_story(Entry(title="Export", ref="P-1"), Entry(title="Logins", ref="P-2")), 60).splitlines()

    assert [line.strip() for line in lines[-2:]] == ["P-1   Export", "P-2   Logins"]


def test_a_problem_has_its_title_beside_its_trend_and_below_them_what_happened(story: Story) -> None:
    lines = printed(story, 80).splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("P-1 "))

    assert lines[at].split() == ["P-1", "Fault", "1", "▅" * 12]
    assert lines[at + 1].strip() == "new  9 customers in a week, after weeks without one"
    assert lines[at + 2].strip() == "1 account, rank 1 · likely $400k a year ($100k to $1M)"


def test_a_wide_terminal_shows_half_a_year(story: Story) -> None:
    assert "▅" * 26 in printed(story, 120)
    assert "▅" * 13 not in printed(story, 80)


def test_figures_are_never_broken_across_lines(story: Story) -> None:
    lines = [line.strip() for line in printed(story, 48).splitlines()]

    assert "likely $400k a year ($100k to $1M)" in lines


def test_the_story_is_told_in_its_order(story: Story) -> None:
    page = printed(story, 80)
    places = [page.index(section.heading) for section in story.sections]

    assert places == sorted(places)
    assert "2 more: insights problems" in page
    assert [line.strip() for line in page.splitlines()[-2:]] == ["More: insights triage", "Worded without a model"]


@pytest.mark.parametrize(
    ("tone", "code"), [(Tone.ALERT, "1;31"), (Tone.BAD, "1;33"), (Tone.GOOD, "1;32"), (Tone.PLAIN, "1")]
)
def test_a_tone_has_a_colour_beside_its_word(tone: Tone, code: str) -> None:
    entry = Entry(title="Export hangs", ref="P-1", badge="spiking", tone=tone, told=("9 customers",))

    assert f"\x1b[{code}mspiking" in printed(a_story(entry), 80, color=True)
    assert "spiking  9 customers" in printed(a_story(entry), 80)


@pytest.mark.parametrize("part", [Part.FRESH, Part.DATA, Part.TROUBLES])
def test_words_from_outside_show_as_written_and_do_nothing(part: Part) -> None:
    entry = Entry(title=HOSTILE, ref="P-1", badge=HOSTILE, told=(HOSTILE, HOSTILE), worth=HOSTILE, quote=HOSTILE)
    story = a_story(entry, part=part, title=HOSTILE, headline=HOSTILE, period=HOSTILE, footer=HOSTILE, more=HOSTILE)
    page = printed(story, 400)

    assert "[bold red]Login[/] @everyone <script>" in page
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", page)


def test_an_entry_may_have_a_badge_and_nothing_else() -> None:
    page = printed(a_story(Entry(title="Export hangs", ref="P-1", badge="merged")), 80)

    assert [line.strip() for line in page.splitlines()[-2:]] == ["P-1   Export hangs", "merged"]


def test_a_quote_stands_below(tmp_path: Path) -> None:
    entry = Entry(title="Export hangs", ref="P-1", told=("9 customers",), quote="It stops at half.")

    assert printed(a_story(entry), 80).splitlines()[-1].strip() == "“It stops at half.”"
