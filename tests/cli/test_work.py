"""`insights work` as its users see it: import twice, refused rows, a list in the terminal's width, forget."""

import json
from pathlib import Path

import pytest

from insights.errors import InsightsError
from tests.cli.calling import Run, caller, made

JIRA = """Issue key,Summary,Description,Resolved,Time Spent,Story Points
PROJ-12,Export times out,The export stops at half.,2026-03-04 10:00,288000,5
PROJ-13,Login loops,It asks again and again.,2026-03-09 11:30,,3
PROJ-14,Not done yet,Later.,,3600,
PROJ-15,Nobody noted it,Fixed.,2026-03-10,0,
"""


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return caller(made(tmp_path, monkeypatch))


@pytest.fixture
def jira(tmp_path: Path) -> Path:
    path = tmp_path / "jira.csv"
    path.write_text(JIRA)
    return path


def test_an_import_shows_the_columns_counts_and_refused_rows(call: Run, jira: Path, tmp_path: Path) -> None:
    page = call("work", "import", str(jira), "--name", "backend", "--weeks-per-point", "0.4", everything=True)

    recognised = {line.split()[0]: line for line in page.splitlines() if line.startswith("  ")}
    assert "Issue key" in recognised["id"]
    assert "Time Spent" in recognised["seconds"]
    assert "Story Points" in recognised["points"]
    assert "backend: 2 new, 0 changed, 0 unchanged, 2 refused" in page
    rejects = (tmp_path / "w" / ".insights" / "rejects" / "work-backend.rejects.csv").read_text()
    assert "Not done yet" in rejects
    assert "not finished" in rejects
    assert "not above 0" in rejects


def test_a_second_import_changes_nothing(call: Run, jira: Path) -> None:
    call("work", "import", str(jira), "--weeks-per-point", "0.4", "-y")

    page = call("work", "import", str(jira), "--weeks-per-point", "0.4", "-y")

    assert "0 new, 0 changed, 2 unchanged, 2 refused" in page
    assert len(json.loads(call("work", "list", "--json"))["issues"]) == 2


def test_json_holds_what_came_of_it_and_nothing_else_is_printed(call: Run, jira: Path) -> None:
    done = json.loads(call("work", "import", str(jira), "--name", "backend", "--json"))

    assert done["saved"] == {"new": 1, "changed": 0, "unchanged": 0}
    assert (done["source"], done["embedded"], done["refused"]) == ("backend", 1, 3)
    assert len(done["reasons"]) == 3


def test_a_column_can_be_named(call: Run, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("Ref,What,Took\nA-1,Export hangs,16\n")

    call("work", "import", str(path), "--map", "hours=Took", "--map", "title=What", "--map", "id=Ref")

    issue = json.loads(call("work", "list", "--json"))["issues"][0]
    assert (issue["source_id"], issue["title"], issue["weeks"]) == ("A-1", "Export hangs", 0.4)


def test_an_unknown_field_a_missing_column_and_a_senseless_point_are_wrong_usage(call: Run, jira: Path) -> None:
    with pytest.raises(InsightsError, match="no field 'minutes'"):
        call("work", "import", str(jira), "--map", "minutes=Time Spent")
    with pytest.raises(InsightsError, match="no column 'Took'"):
        call("work", "import", str(jira), "--map", "hours=Took")
    with pytest.raises(InsightsError, match="must be above 0"):
        call("work", "import", str(jira), "--weeks-per-point", "0")


def test_the_list_fits_eighty_columns_whatever_the_titles_hold(call: Run, tmp_path: Path) -> None:
    path = tmp_path / "hostile.csv"
    titles = [
        "[red]Export[/red] hangs",
        "\x1b[2J\x1b]0;owned\x07Login",
        "界" * 90,
        "a" * 3_000,
        "\u202egpj.exe",
        "=cmd|' /C calc'!A0",
    ]
    rows = [f'"KEY-{n} {"x" * 60}","{title}",{n + 1}' for n, title in enumerate(titles)]
    path.write_text("id,title,weeks\n" + "\n".join(rows) + "\n")

    call("work", "import", str(path), "--name", "n" * 70)
    page = call("work", "list")

    assert "[red]Exp" in page
    assert "Login" in page
    assert not {"\x1b", "\x07", "\u202e"} & set(page)
    from rich.cells import cell_len

    assert max(cell_len(line.rstrip()) for line in page.splitlines()) <= 80


def test_the_list_shows_the_latest_first_and_counts_by_source(call: Run, jira: Path) -> None:
    call("work", "import", str(jira), "--name", "backend", "--weeks-per-point", "0.4")

    lines = call("work", "list", everything=True).splitlines()

    assert lines[0].split() == ["id", "title", "weeks", "finished", "source"]
    assert lines[1].split() == ["PROJ-13", "Login", "loops", "1.2", "2026-03-09", "backend"]
    assert lines[2].split() == ["PROJ-12", "Export", "times", "out", "2", "2026-03-04", "backend"]
    assert lines[3] == "backend: 2 finished issues"
    assert len(json.loads(call("work", "list", "--limit", "1", "--json"))["issues"]) == 1


def test_an_empty_list_says_what_to_do(call: Run) -> None:
    assert "insights work import FILE" in call("work", "list", everything=True)


def test_a_source_is_forgotten_by_its_name(call: Run, jira: Path) -> None:
    call("work", "import", str(jira), "--name", "backend")

    assert "Forgotten: 1 finished issue of backend." in call("work", "forget", "backend", everything=True)
    assert json.loads(call("work", "list", "--json")) == {"sources": [], "issues": []}
    with pytest.raises(InsightsError, match="No finished work came from 'backend'"):
        call("work", "forget", "backend")
