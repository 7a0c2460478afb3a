"""How an issue stands, in few words: the tracker's own, and ours where those do not tell whether it is closed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from insights.domain.filed import age_of_reading, export_command, stand_of
from insights.domain.problem import ExportLink, Progressed, progress_of

SEEN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def a_link(**fields: object) -> ExportLink:
    given = {"problem_id": 1, "tracker": "t", "external_id": "1", "url": None, "exported_at": SEEN, "seen_at": SEEN}
    return ExportLink(**(given | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"seen_at": None, "status": "To do"}, ""),
        ({"status": "In review"}, "In review"),
        ({}, "open"),
        ({"progress": Progressed.DONE, "status": "Done", "closed_on": date(2026, 11, 19)}, "Done 2026-11-19"),
        ({"progress": Progressed.DONE, "status": "Closed"}, "done (Closed)"),
        ({"progress": Progressed.DROPPED, "status": "Won't fix"}, "dropped (Won't fix)"),
        ({"is_gone": True, "status": "To do"}, "deleted there"),
    ],
)
def test_it_stands_in_the_words_of_the_tracker(fields, words) -> None:
    assert stand_of(a_link(**fields)) == words


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-5), "read 0 min ago"),
        (timedelta(minutes=59), "read 59 min ago"),
        (timedelta(hours=47), "read 47 h ago"),
        (timedelta(days=9), "read 9 days ago"),
    ],
)
def test_how_old_it_is_is_told(age, words) -> None:
    assert age_of_reading(a_link(), SEEN + age) == words
    assert age_of_reading(a_link(seen_at=None), SEEN + age) == ""


@pytest.mark.parametrize(
    ("links", "progress"),
    [
        ([], None),
        ([a_link(is_gone=True)], None),
        ([a_link(progress=Progressed.DONE), a_link()], Progressed.OPEN),
        ([a_link(progress=Progressed.DONE), a_link(is_gone=True)], Progressed.DONE),
        ([a_link(progress=Progressed.DROPPED), a_link(progress=Progressed.DONE)], Progressed.DONE),
        ([a_link(progress=Progressed.DROPPED)], Progressed.DROPPED),
    ],
)
def test_several_issues_are_as_far_as_their_work(links, progress) -> None:
    assert progress_of(links) is progress


@pytest.mark.parametrize(
    ("tracker", "typed"),
    [
        ("linear", "linear"),
        ("file:/w/backlog.md", "file:/w/backlog.md"),
        ("file:/w/our backlog's.md", "'file:/w/our backlog'\"'\"'s.md'"),
        ("file:/w/$(x)\x1b[2J\n;y.md", "'file:/w/$(x)[2J;y.md'"),
    ],
)
def test_a_command_can_be_typed_whatever_the_backlog_is_called(tracker: str, typed: str) -> None:
    assert export_command(1, tracker) == f"insights export P-1 --to {typed}"
