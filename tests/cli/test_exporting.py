"""`export` as a person calls it: one, several, looked at before, taken back."""

import json
from pathlib import Path

import pytest

from insights.bootstrap import open_workspace
from insights.errors import ExitCode, InsightsError
from tests.cli.calling import Run, caller, made
from tests.stored import a_stored_problem, fill


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three problems, the first of a hostile title; the current folder is another one."""
    folder = made(tmp_path, monkeypatch)
    opened = open_workspace(folder)
    fill(opened.repository, [a_stored_problem(title) for title in ("Export \x1b[2Jhangs [/]", "Login loops", "Slow")])
    opened.close()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return folder


@pytest.fixture
def call(workspace: Path) -> Run:
    return caller(workspace)


def test_it_goes_where_the_settings_say_beside_them(call: Run, workspace: Path) -> None:
    told = call("export", "P-1", everything=True)

    assert "Filed: file://" in told
    assert "<!-- insights:P-1 -->" in (workspace / "backlog.md").read_text()


def test_a_place_that_is_named_is_of_the_current_folder(call: Run) -> None:
    call("export", "P-1", "--to", "file:mine.csv")

    assert Path("mine.csv").exists()


def test_several_are_filed_and_told_one_by_one(call: Run, workspace: Path) -> None:
    links = json.loads(call("export", "P-1", "P-2", "P-1", "--json"))

    assert [link["external_id"] for link in links] == ["P-1", "P-2"]
    assert call("export", "P-1", "P-3", everything=True).count("Updated: ") == 1


def test_one_alone_gives_a_script_one_link(call: Run) -> None:
    assert json.loads(call("export", "P-1", "--json"))["external_id"] == "P-1"


def test_where_some_are_not_filed_the_others_are_and_the_exit_says_so(call: Run, workspace: Path) -> None:
    with pytest.raises(InsightsError, match="1 of 2 problems were not filed; the first is P-99") as caught:
        call("export", "P-99", "P-2")

    assert caught.value.exit_code is ExitCode.PARTIAL
    assert "<!-- insights:P-2 -->" in (workspace / "backlog.md").read_text()


def test_a_preview_shows_the_issue_and_writes_nothing(call: Run, workspace: Path) -> None:
    told = call("export", "P-1", "--preview", everything=True)

    assert "# Export hangs [/]" in told and "1 item, from no known account" in told and "Nothing was written." in told
    assert "\x1b" not in told
    assert not (workspace / "backlog.md").exists()
    assert json.loads(call("export", "P-1", "--preview", "--json"))[0]["found"] is None


def test_a_preview_says_of_each_whether_and_where_it_is_filed(call: Run, workspace: Path) -> None:
    call("export", "P-1", "P-2")
    path = workspace / "backlog.md"
    path.write_text(path.read_text().replace("\n\n>", "\n\n**Done.**\n\n>", 1))

    told = call("export", "P-1", "P-2", "P-3", "--dry-run", everything=True)
    assert f"P-1 is filed already, and closed there: {path.as_uri()}" in told
    assert f"P-2 is filed already: {path.as_uri()}" in told
    assert f"P-3 is not filed in file:{path}." in told


def test_what_was_filed_is_closed_with_a_comment_and_opened_by_the_next_export(call: Run, workspace: Path) -> None:
    call("export", "P-1")
    told = call("export", "P-1", "--close", "taken back", everything=True)

    assert "Closed: file://" in told and "Exporting it again opens it." in told
    assert "**Closed.** taken back" in (workspace / "backlog.md").read_text()
    assert json.loads(call("show", "P-1", "--json"))["exported"] == []
    assert "Updated" in call("export", "P-1", everything=True)
    assert "Closed" not in (workspace / "backlog.md").read_text()


def test_where_some_are_not_closed_the_others_are_and_are_told(call: Run, workspace: Path) -> None:
    call("export", "P-1", "P-3")

    with pytest.raises(InsightsError, match="1 of 3 problems were not closed; the first is P-2") as caught:
        call("export", "P-1", "P-2", "P-3", "--close", "taken back")

    assert caught.value.exit_code is ExitCode.PARTIAL
    assert (workspace / "backlog.md").read_text().count("**Closed.**") == 2


def test_a_script_reads_that_it_is_closed(call: Run) -> None:
    call("export", "P-1")

    (told,) = json.loads(call("export", "P-1", "P-1", "--close", "taken back", "--json"))
    assert (told["problem_id"], told["is_closed"]) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("P-1", "--close", "x"), "P-1 has no issue in file:"),
        (("P-1", "--close", " "), "No reason is given."),
        (("P-1", "--close", "x", "--preview"), "Nothing can be shown of closing."),
        (("P-1", "--to", "jira:X"), "no place to file problems in"),
        (("many",), "is not a problem's id"),
    ],
)
def test_what_cannot_be_done_is_refused(call: Run, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(InsightsError, match=message):
        call("export", *arguments)


def test_all_that_are_accepted_are_filed_and_told_in_a_table(call: Run, workspace: Path) -> None:
    call("decide", "P-1", "P-3", "accept")
    told = call("export", "--accepted", everything=True)

    assert "P-1" in told and "P-3" in told and "created" in told
    assert "insights:P-2 " not in (workspace / "backlog.md").read_text()
    assert [one["did"] for one in json.loads(call("export", "--accepted", "--json"))] == ["unchanged", "unchanged"]


def test_only_what_is_filed_is_brought_up_to_date(call: Run, workspace: Path) -> None:
    call("export", "P-1")
    call("rename", "P-1", "Exports stop")
    told = call("export", "--update", "P-1", "P-2", everything=True)

    assert "not filed there, so not updated: P-2" in told
    assert "Updated: " in call("export", "P-1", everything=True)
    assert "insights:P-2 " not in (workspace / "backlog.md").read_text()
    assert len(json.loads(call("export", "--update", "--json"))) == 1


def test_a_closed_issue_is_opened_by_its_name_alone(call: Run, workspace: Path) -> None:
    call("decide", "P-1", "accept")
    call("export", "P-1")
    path = workspace / "backlog.md"
    path.write_text(path.read_text().replace("\n\n>", "\n\n**Done.**\n\n>", 1))

    assert "Closed there, and left so" in call("export", "--accepted", everything=True)
    assert "**Done.**" in path.read_text()
    assert "it was closed and is open again" in call("export", "P-1", everything=True)
    assert "**Done.**" not in path.read_text()


def test_what_opens_a_closed_issue_names_the_place_that_it_is_in(call: Run) -> None:
    call("decide", "P-1", "accept")
    call("export", "P-1", "--to", "file:ours.md")
    path = Path("ours.md")
    path.write_text(path.read_text().replace("\n\n>", "\n\n**Done.**\n\n>", 1))

    told = call("export", "--accepted", "--to", "file:ours.md", everything=True)
    assert f"Open it again with: insights export P-1 --to file:{path.absolute()}" in told


def test_the_done_issue_of_what_was_shipped_is_opened_as_it_is_told(call: Run, workspace: Path) -> None:
    path = workspace / "backlog.md"
    call("export", "P-1")
    path.write_text(path.read_text().replace("\n\n>", "\n\n**Done.**\n\n>", 1))
    assert "what takes that back: insights decide P-1 accept" in " ".join(call("sync").split())

    told = call("export", "P-1", everything=True)
    assert (
        f"P-1 is shipped. Where that is not so: insights decide P-1 accept, then: insights export P-1 --to file:{path}"
        in told
    )
    call("decide", "P-1", "accept")
    assert "and is open again" in call("export", "P-1", "--to", f"file:{path}", everything=True)
    assert "0 changes" in call("sync", everything=True)


def test_what_was_deleted_there_is_filed_anew_on_request(call: Run, workspace: Path) -> None:
    call("export", "P-1")
    (workspace / "backlog.md").unlink()

    with pytest.raises(InsightsError, match="is gone"):
        call("export", "P-1")
    assert "--again files it anew" in " ".join(call("export", "P-1", "--dry-run", everything=True).split())
    assert "Filed: " in call("export", "P-1", "--again", everything=True)


@pytest.mark.parametrize(
    "arguments",
    [(), ("--accepted", "P-1"), ("--accepted", "--update"), ("P-1", "--close", "x", "--again"), ("--close", "x")],
)
def test_words_that_do_not_go_together_are_refused(call: Run, arguments: tuple[str, ...]) -> None:
    with pytest.raises(InsightsError) as caught:
        call("export", *arguments)

    assert caught.value.exit_code is ExitCode.USAGE
