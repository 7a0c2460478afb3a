import io
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from markdown_it import MarkdownIt
from rich.cells import cell_len
from rich.console import Console

from insights.digest.changes import changes
from insights.digest.render import to_json, to_markdown, to_terminal
from insights.domain.problem import Action
from insights.domain.run import RunStatus
from insights.triage import Triage
from tests.stored import NOW, a_stored_problem, a_workspace, an_estimate, an_item, items_by_week

HOSTILE = "[bold red]Login[/] @everyone <script>alert(1)</script> \x1b[31m\x07 [x](https://evil.example)\u202e 日本語"


@pytest.fixture
def digest(tmp_path):
    """P-1 hostile and growing; P-2 to P-8 new; P-9 dismissed with hostile words; the last run failed."""
    repository = a_workspace(
        tmp_path,
        problems=[
            a_stored_problem(HOSTILE, items=items_by_week([1] * 22 + [4, 5, 6, 9]), estimate=an_estimate()),
            *(a_stored_problem(f"Fault {n}", items=items_by_week([3, 2])) for n in range(2, 9)),
            a_stored_problem("Dark mode", items=[an_item("Dark mode please")]),
        ],
    )
    Triage(repository, "ann", lambda: NOW).decide(9, Action.DISMISS, why=HOSTILE)
    run = repository.runs.start(mode="offline", at=NOW)
    failed = replace(run, status=RunStatus.STOPPED, stage="describe", counts={"protected": 12}, spend_usd=0.5)
    repository.runs.save(replace(failed, failures=("[red]no[/] answer \x1b[2J",)))
    yield changes(repository, since=NOW - timedelta(days=7), now=NOW)
    repository.close()


def printed(digest, width):
    screen = Console(width=width, file=io.StringIO(), force_terminal=True, color_system=None)
    screen.print(to_terminal(digest, "$", width))
    assert isinstance(screen.file, io.StringIO)
    return re.sub(r"\x1b\[[0-9;]*m", "", screen.file.getvalue())


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(digest, width):
    assert max(cell_len(line) for line in printed(digest, width).splitlines()) <= width


def test_words_from_outside_show_as_written_in_the_terminal(digest):
    page = printed(digest, 120)

    assert "[bold red]Login[/] @everyone <script>" in page
    assert "[red]no[/] answer" in page
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", page)


def test_the_terminal_tells_change_worth_and_trend_of_a_problem(digest):
    page = printed(digest, 80)

    assert "4 → 24 in four weeks · no known account · $400k a year ($100k–1M)" in page
    assert "ROI 32×" in page
    assert "█" in page
    assert "stopped at describe" in page


def test_figures_are_never_broken_across_lines(digest):
    assert "ROI 32×" in printed(digest, 60)


def test_markdown_of_hostile_words_holds_no_html_link_or_mention(digest):
    page = MarkdownIt("commonmark").render(to_markdown(digest, "$"))

    assert "<script" not in page
    assert "<a " not in page
    assert not re.search(r"@\w", page)
    assert "\x1b" not in page


def test_markdown_lists_five_entries_and_says_how_many_more(digest):
    page = to_markdown(digest, "$")

    assert "## New (7)" in page
    assert page.count("5 items in the last 4 weeks, 0 before") == 5
    assert "- and 2 more" in page
    assert page.endswith("\n")


def test_json_holds_everything_in_plain_types(digest):
    plain = json.loads(json.dumps(to_json(digest), allow_nan=False))

    assert plain["growing"]["lines"][0]["ref"] == "P-1"
    assert plain["growing"]["lines"][0]["value"]["likely"] == 400_000
    assert plain["data"]["by_kind"] == {"ticket": 82}
    assert plain["run"]["status"] == "stopped"
    assert plain["now"] == "2026-11-20T09:00:00+00:00"
    assert "\x1b" not in plain["growing"]["lines"][0]["title"]


def test_what_is_wrong_with_sources_is_told_first_and_as_it_is_written(digest):
    troubled = replace(digest, troubles=(f"desk: 3 tickets. {HOSTILE} Mend it: insights pull desk",))
    shown, written = printed(troubled, 80), to_markdown(troubled, "EUR")

    assert shown.index("Mend it") < shown.rindex("P-1")
    assert "\x1b[31m" not in shown and "\x07" not in shown
    assert "## Sources" in written and written.index("## Sources") < written.rindex("P-1")
    assert "<script>" not in MarkdownIt().render(written)
    assert json.loads(json.dumps(to_json(troubled), default=str))["troubles"] == list(troubled.troubles)
    assert "## Sources" not in to_markdown(digest, "EUR")
