"""What is about to be filed, and what was: one key for ever, one sender at a time, people's names sealed."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from insights.bootstrap import make_workspace, open_workspace
from insights.domain.problem import ExportLink, Progressed
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.stored import KEY, NOW, a_stored_problem, fill


@pytest.fixture
def filled(repository: Repository) -> Repository:
    fill(repository, [a_stored_problem("Export hangs"), a_stored_problem("Slow")])
    return repository


def a_link(problem_id: int = 1, **fields: object) -> ExportLink:
    given = {"tracker": "linear", "external_id": "LIN-1", "url": None, "exported_at": NOW}
    return ExportLink(problem_id=problem_id, **(given | fields))  # type: ignore[arg-type]


def test_an_intent_keeps_its_key_until_the_link_is_kept(filled: Repository) -> None:
    first = filled.filings.begin(1, "linear", NOW)
    assert filled.filings.begin(1, "linear", NOW + timedelta(days=1)) == first
    assert filled.filings.begin(1, "jira", NOW).key != first.key
    assert len(first.key) == 36 and first.key[14] == "4"

    filled.filings.done(a_link(key=first.key))

    assert filled.filings.get(1, "linear") is None
    assert filled.problems.get(1).exported == (a_link(key=first.key),)


def test_only_one_of_several_may_send(filled: Repository) -> None:
    seen = filled.filings.begin(1, "linear", NOW)

    claimed = filled.filings.claim(seen, NOW)

    assert claimed is not None and (claimed.attempts, claimed.tried_at) == (1, NOW)
    assert filled.filings.claim(seen, NOW) is None


def test_open_are_those_that_were_sent_and_not_answered(filled: Repository) -> None:
    for problem in (1, 2):
        begun = filled.filings.begin(problem, "linear", NOW)
    sent = filled.filings.claim(begun, NOW)

    assert filled.filings.open() == filled.filings.open("linear") == [sent]
    assert filled.filings.open("jira") == []
    assert sent is not None
    filled.filings.refused(sent)
    assert filled.filings.open() == []


def test_what_is_released_keeps_its_key_for_the_next_time(filled: Repository) -> None:
    key = filled.filings.begin(1, "linear", NOW).key
    filled.filings.done(a_link(key=key))

    filled.filings.release(1, "linear", key=key, at=NOW)

    assert (filled.problems.get(1).exported, filled.filings.open()) == ((), [])
    assert filled.filings.begin(1, "linear", NOW).key == key


def test_all_that_was_read_of_an_issue_comes_back(filled: Repository) -> None:
    link = a_link(
        progress=Progressed.DONE,
        status="Released",
        assignee="Ann",
        estimate="3 points",
        due_on=date(2026, 12, 1),
        closed_on=date(2026, 11, 19),
        seen_at=NOW,
        is_gone=True,
        key="k",
        block_digest="d",
    )

    filled.filings.done(link)

    assert filled.filings.links() == filled.filings.links("linear") == list(filled.problems.get(1).exported) == [link]
    assert (filled.filings.links("jira"), filled.filings.trackers()) == ([], ["linear"])


def test_names_are_sealed_to_their_issue(filled: Repository, database_url: str) -> None:
    filled.filings.done(a_link(assignee="Zebedee"))
    with filled.writing() as connection:
        row = connection.exec_driver_sql("SELECT sealed FROM export_link").one()

    assert b"Zebedee" not in bytes(row.sealed)


def test_a_reading_is_not_kept_where_the_issue_was_filed_anew_meanwhile(filled: Repository) -> None:
    old = a_link()
    filled.filings.done(old)
    assert filled.filings.note(replace(old, status="Doing"))

    filled.filings.done(a_link(exported_at=NOW + timedelta(hours=1), external_id="LIN-2"))

    assert not filled.filings.note(replace(old, status="Done"))
    assert filled.filings.links()[0].external_id == "LIN-2"


def test_a_reading_is_not_kept_where_somebody_else_read_it_meanwhile(filled: Repository) -> None:
    old = a_link()
    filled.filings.done(old)
    assert filled.filings.note(replace(old, status="Done", seen_at=NOW), since=None)

    assert not filled.filings.note(replace(old, status="Doing", seen_at=NOW), since=None)
    assert filled.filings.note(replace(old, status="Released", seen_at=NOW), since=NOW)


def test_what_is_released_is_known_to_be_settled(filled: Repository) -> None:
    claimed = filled.filings.claim(filled.filings.begin(1, "linear", NOW), NOW)
    assert claimed is not None

    filled.filings.release(1, "linear", key=claimed.key, at=NOW)

    kept = filled.filings.get(1, "linear")
    assert kept is not None
    assert (kept.key, kept.attempts, kept.tried_at) == (claimed.key, 0, None)


def test_the_issue_of_a_merged_problem_counts_after_its_own_and_what_is_gone_last(filled: Repository) -> None:
    from insights.corrections import Corrections

    filled.filings.done(a_link(2, external_id="LIN-2"))
    Corrections(filled, who="ann", now=lambda: NOW).merge(2, 1)
    assert [one.external_id for one in filled.filings.of_problem(1, "linear")] == ["LIN-2"]

    filled.filings.done(a_link(1))
    assert [one.external_id for one in filled.filings.of_problem(1, "linear")] == ["LIN-1", "LIN-2"]

    filled.filings.done(a_link(1, is_gone=True))
    assert [one.external_id for one in filled.filings.of_problem(1, "linear")] == ["LIN-2", "LIN-1"]


def test_a_workspace_has_one_marker_for_ever(filled: Repository, database_url: str) -> None:
    marker = filled.filings.workspace_marker()
    again = Repository(database_url, key=KEY, actor=ADA)

    assert again.filings.workspace_marker() == marker
    assert len(marker) == 8 and int(marker, 16) >= 0
    again.close()


def test_a_backup_of_before_the_first_export_knows_its_issues_again(tmp_path: Path) -> None:
    def marker() -> str:
        opened = open_workspace(tmp_path)
        found = opened.repository.filings.workspace_marker()
        opened.close()
        return found

    make_workspace(tmp_path)
    database = tmp_path / ".insights" / "insights.db"
    backup = database.read_bytes()
    kept = marker()

    for path in database.parent.glob("insights.db*"):
        path.unlink()
    database.write_bytes(backup)

    assert marker() == kept
