"""`insights report` writes one file that can be opened anywhere, or says why not."""

import stat
import sys
from pathlib import Path

import pytest

from insights.errors import InsightsError
from tests.cli.calling import Run, caller, made
from tests.cli.ranked import ranked
from tests.stored import an_estimate


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INSIGHTS_NOW", "2026-11-20T09:00:00+00:00")
    return ranked(tmp_path, monkeypatch, {"Export hangs": an_estimate(), "Login loops": an_estimate(value=9000)})


def test_it_writes_one_page_and_says_where(call: Run) -> None:
    said = call("report", everything=True)
    html = Path("report.html").read_text("utf-8")

    assert said.strip() == "2 problems of 2 written to report.html."
    assert html.startswith("<!DOCTYPE html>") and "Export hangs" in html
    assert [path.name for path in Path().iterdir() if path.suffix] == ["report.html"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_it_is_for_its_owner_alone(call: Run) -> None:
    call("report", "--out", "r.html")

    assert stat.S_IMODE(Path("r.html").stat().st_mode) == 0o600


def test_an_older_one_is_replaced(call: Run) -> None:
    Path("report.html").write_text("old")
    call("report")

    assert "old" not in Path("report.html").read_text("utf-8")[:20]


def test_it_speaks_the_language_that_is_asked_for(call: Run) -> None:
    call("report", "--language", "de")

    html = Path("report.html").read_text("utf-8")
    assert '<html lang="de">' in html and "Alle Probleme" in html


def test_filters_narrow_the_list(call: Run) -> None:
    said = call("report", "--owner", "ada", everything=True)

    assert said.startswith("0 problems of 2")
    assert "No problem matches this report's filters." in Path("report.html").read_text("utf-8").replace("&#39;", "'")


def test_it_tells_what_changed_since_a_day(call: Run) -> None:
    call("report", "--since", "2026-11-01")

    assert "Up to 20 November 2026" in Path("report.html").read_text("utf-8")  # no night was kept before that day


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--since", "yesterday"], "neither a day nor a run"),
        (["--since", "77"], "No night is kept of run 77"),
        (["--language", "tlh"], "no digest in"),
        (["--theme", "Nothing"], "no theme"),
        (["--out", "."], "is a folder"),
        (["--out", "missing/report.html"], "no folder"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_written(call: Run, options: list[str], words: str) -> None:
    with pytest.raises(InsightsError, match=words):
        call("report", *options)
    assert not Path("report.html").exists()


def test_a_workspace_without_problems_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call = caller(made(tmp_path, monkeypatch))
    call("report", "--out", str(tmp_path / "empty.html"))

    assert "No problem is ranked yet." in (tmp_path / "empty.html").read_text("utf-8")
