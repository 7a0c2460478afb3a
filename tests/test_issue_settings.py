"""What the settings say of issues: how many quotes, and which template."""

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from connectors.trackers.files import FileTracker
from insights.config import Settings
from insights.errors import InsightsError
from insights.export import preview
from insights.ports import Issue
from tests.stored import NOW, a_stored_problem, a_workspace, an_item


@pytest.fixture
def repository(tmp_path: Path):
    items = [an_item(f"It hangs, {number}", url=f"https://desk.example/{number}") for number in range(5)]
    opened = a_workspace(tmp_path, problems=[a_stored_problem("Export hangs", items=items, quotes=5)])
    yield opened
    opened.close()


def issue(repository, folder: Path, **settings: object) -> Issue:
    return preview(
        1,
        repository=repository,
        tracker=FileTracker(folder / "backlog.md"),
        now=NOW,
        currency="$",
        settings=Settings.model_validate({"export": settings}),
        folder=folder,
    ).issue


def body(repository, folder: Path, **settings: object) -> str:
    return issue(repository, folder, **settings).body


@pytest.mark.parametrize(("given", "quotes"), [({}, 3), ({"quotes": 1}, 1), ({"quotes": 0}, 0), ({"quotes": 20}, 5)])
def test_an_issue_carries_as_many_quotes_as_the_team_allows(repository, tmp_path, given, quotes):
    assert body(repository, tmp_path, **given).count("\n> — ") == quotes


def test_quotes_that_the_team_does_not_want_are_not_said_to_be_unverified(repository, tmp_path):
    found = preview(
        1,
        repository=repository,
        tracker=FileTracker(tmp_path / "backlog.md"),
        now=NOW,
        currency="$",
        settings=Settings.model_validate({"export": {"quotes": 0}}),
    )

    assert "What customers say" not in found.issue.body
    assert not [warning for warning in found.warnings if "quote" in warning]


def test_a_template_of_the_workspace_is_used(repository, tmp_path):
    (tmp_path / "ours.md").write_text("# {{ title }} ({{ ref }})\n", encoding="utf-8")

    assert body(repository, tmp_path, template="ours.md") == "# Export hangs (P-1)"


def test_a_template_with_a_mistake_keeps_the_issue_from_being_filed(repository, tmp_path):
    (tmp_path / "ours.md").write_text("# {{ title }}\n{{ nothing }}\n", encoding="utf-8")

    with pytest.raises(InsightsError, match=r"ours\.md, line 2"):
        body(repository, tmp_path, template="ours.md")


def test_the_links_to_items_work_in_a_backlog_of_markdown(repository, tmp_path):
    FileTracker(tmp_path / "backlog.md").create(issue(repository, tmp_path, quotes=2))
    page = MarkdownIt("commonmark").render((tmp_path / "backlog.md").read_text(encoding="utf-8"))

    assert sorted(set(re.findall(r'href="([^"]*)"', page))) == ["https://desk.example/0", "https://desk.example/1"]
