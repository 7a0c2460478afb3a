"""The audit log: every single change to it is found, and an entry is written with what it tells of or not at all."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.domain.access import Actor, Role
from insights.domain.audit import NO_HEAD, Head, Kind, head_of
from insights.domain.problem import Action, Decision
from insights.errors import InsightsError
from insights.storage import audit as audit_module
from insights.storage.anchors import read_anchor, write_anchor
from insights.storage.repository import Repository
from tests.stored import KEY, NOW, a_stored_problem, a_workspace

BEN = Actor.of("ben", {Role.PRIVACY, Role.TRIAGER})
ENTRIES = 12


def _record(repository: Repository, count: int = ENTRIES) -> None:
    with repository.writing() as connection:
        for number in range(1, count + 1):
            facts = {"decision": number}
            repository.audit.record("decision.accept", f"P-{number}", facts=facts, connection=connection)


def _a_log(folder: Path, count: int = ENTRIES) -> Repository:
    repository = Repository(f"sqlite:///{folder / 'insights.db'}", key=KEY, actor=BEN)
    repository.audit.anchors = (folder / "keys" / "w.audit",)
    _record(repository, count)
    return repository


def _change(folder: Path, *statements: str) -> None:
    """What somebody does who can write the file."""
    with closing(sqlite3.connect(folder / "insights.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Repository]:
    repository = _a_log(tmp_path)
    yield repository
    repository.close()


# -- writing --------------------------------------------------------------------------------------------------------


def test_numbers_have_no_gaps_and_say_who_in_which_roles_did_what(repository: Repository) -> None:
    repository.actor = BEN
    repository.audit.record("login.keep", "zendesk")
    repository.audit.record("decision.accept", "P-3", facts={"decision": 7, "share": 0.5})

    first, second = repository.audit.entries()

    assert (first.number, first.action, first.subject, first.facts) == (1, "login.keep", "zendesk", {})
    assert (second.number, second.who, second.roles) == (2, "ben", "triager,privacy")
    assert second.facts == {"decision": 7, "share": 0.5}
    assert abs(second.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert repository.audit.head() == Head(2, second.mac)


def test_what_is_recorded_is_what_is_read(repository: Repository) -> None:
    made = repository.audit.record("feedback.bring", "tickets", facts={"new": 4})

    assert repository.audit.entries() == [made]


def test_a_name_that_was_chosen_stands_beside_the_login(repository: Repository) -> None:
    repository.actor = Actor.of("boss", {Role.ADMIN}, login="ada")

    made = repository.audit.record("settings.change")

    assert made.who == "ada as boss"
    assert repository.audit.newest(who="ada") == repository.audit.newest(who="boss") == [made]
    assert repository.audit.newest(who="ad") == []


def test_the_time_is_the_clocks_whatever_a_replay_says(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_NOW", "2020-01-01T00:00:00+00:00")

    assert repository.audit.record("analysis.run").at.year > 2020


@pytest.mark.parametrize(
    "words", ["The export hangs", "jo@firm.example", "<b>", "a\nb", "Müller", "x" * 300, " ", "P-1; DROP", "\ud800"]
)
def test_free_text_does_not_get_in(repository: Repository, words: str) -> None:
    made = repository.audit.record("person.reveal", words, facts={"told": words})

    assert made.subject.startswith("digest~")
    assert made.facts == {"told": made.subject}
    assert repository.audit.newest(subject=words) == [made]
    assert repository.audit.verify().is_whole


@pytest.mark.parametrize("action", ["", "decision", "Decision.accept", "decision.accept now", "a.b.c", "decision.é"])
def test_an_action_of_another_form_is_refused(repository: Repository, action: str) -> None:
    with pytest.raises(ValueError, match="no name of an action"):
        repository.audit.record(action)
    assert repository.audit.entries() == []


def test_a_fact_of_another_name_is_refused(repository: Repository) -> None:
    with pytest.raises(ValueError, match="no name of a fact"):
        repository.audit.record("feedback.bring", facts={"The customer said": 1})
    assert repository.audit.head() == NO_HEAD


def test_a_transaction_that_fails_leaves_neither_entry_nor_number(log: Repository) -> None:
    before, anchored = log.audit.head(), log.audit.anchored()

    def fail() -> None:
        with log.writing() as connection:
            log.audit.record("decision.accept", "P-1", connection=connection)
            msg = "on purpose"
            raise RuntimeError(msg)

    with pytest.raises(RuntimeError):
        fail()

    assert log.audit.head() == before
    assert log.audit.anchored() == anchored
    assert log.audit.record("decision.accept", "P-1").number == ENTRIES + 1


def _a_decision(problem_id: int, *, redoes: int | None = None) -> Decision:
    return Decision(id=0, problem_id=problem_id, action=Action.DISMISS, who="ben", at=NOW, why=None, redoes=redoes)


def _with_problems(folder: Path) -> Repository:
    """Problems P-1 to P-3."""
    folder.mkdir(exist_ok=True)
    return a_workspace(folder, problems=[a_stored_problem(f"Export {number} hangs") for number in range(3)])


@pytest.fixture
def triaged(tmp_path: Path) -> Iterator[Repository]:
    repository = _with_problems(tmp_path / "triaged")
    yield repository
    repository.close()


def _decided(repository: Repository) -> list[Decision]:
    return repository.decisions.since(None)


def test_a_decision_and_its_entry_are_one_step(triaged: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    with triaged.deciding() as deciding:
        made = deciding.write(_a_decision(2), None)
    [entry] = triaged.audit.newest(limit=1)
    assert (entry.action, entry.subject, entry.facts) == ("decision.dismiss", "P-2", {"decision": made.id})

    def broken(*_: object, **__: object) -> None:
        msg = "the log cannot be written"
        raise OSError(msg)

    monkeypatch.setattr(triaged.audit, "record", broken)
    with pytest.raises(OSError, match="the log"), triaged.deciding() as deciding:
        deciding.write(_a_decision(3), None)
    assert [one.problem_id for one in _decided(triaged)] == [2]


def test_what_is_done_again_is_told_as_that(triaged: Repository) -> None:
    with triaged.deciding() as deciding:
        first = deciding.write(_a_decision(1), None)
        deciding.write(_a_decision(1, redoes=first.id), None)

    assert [one.action for one in triaged.audit.newest(limit=2)] == ["decision.redo", "decision.dismiss"]


DECIDE_FOR_EVER = """
import sys
from pathlib import Path
from tests.storage.test_audit import _a_decision
from insights.storage.repository import Repository
from tests.stored import KEY
repository = Repository(f"sqlite:///{sys.argv[1]}/insights.db", key=KEY)
repository.audit.anchors = (Path(sys.argv[1]) / "w.audit",)
for number in range(1, 100_000):
    with repository.deciding() as deciding:
        deciding.write(_a_decision(1), None)
    print(number, flush=True)
"""


@pytest.mark.kill
@pytest.mark.parametrize("count", [1, 5])
def test_after_a_kill_there_is_one_entry_for_each_decision_and_the_log_is_whole(tmp_path: Path, count: int) -> None:
    _with_problems(tmp_path).close()
    process = subprocess.Popen(
        [sys.executable, "-c", DECIDE_FOR_EVER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    while int(process.stdout.readline()) < count:
        pass
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()

    repository = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY)
    decided = [one.id for one in _decided(repository)]
    anchor = read_anchor(tmp_path / "w.audit")
    assert anchor is not None
    verdict = repository.audit.verify({"anchor": anchor})
    entries = repository.audit.entries()
    repository.close()

    assert [one.facts["decision"] for one in entries] == decided
    assert verdict.is_whole
    assert len(decided) >= count


def test_two_writers_do_not_take_the_same_head(database_url: str) -> None:
    Repository(database_url, key=KEY).close()

    def write(_: int) -> None:
        own = Repository(database_url, key=KEY, actor=BEN)
        for number in range(15):
            own.audit.record("decision.accept", f"P-{number}")
        own.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))

    repository = Repository(database_url, key=KEY)
    verdict = repository.audit.verify()
    repository.close()
    assert (verdict.entries, verdict.troubles) == (60, ())


def test_two_processes_write_one_chain_and_one_anchor(tmp_path: Path) -> None:
    script = DECIDE_FOR_EVER.replace("100_000", "16")
    _with_problems(tmp_path).close()
    both = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.DEVNULL) for _ in range(2)
    ]
    assert [process.wait(timeout=60) for process in both] == [0, 0]

    repository = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY)
    anchor = read_anchor(tmp_path / "w.audit")
    assert anchor is not None
    verdict = repository.audit.verify({"anchor": anchor})
    repository.close()
    assert (verdict.entries, verdict.troubles) == (30, ())


# -- reading --------------------------------------------------------------------------------------------------------


def test_the_newest_come_first_and_are_chosen_by_what_they_say(repository: Repository) -> None:
    repository.actor = BEN
    for action, subject in [("decision.accept", "P-1"), ("decision.dismiss", "P-2"), ("decisions.other", "P-1")]:
        repository.audit.record(action, subject)

    def subjects(**wanted: Any) -> list[str]:
        return [f"{one.action} {one.subject}" for one in repository.audit.newest(**wanted)]

    assert subjects(limit=1) == ["decisions.other P-1"]
    assert subjects(action="decision") == ["decision.dismiss P-2", "decision.accept P-1"]
    assert subjects(action="decision.accept") == ["decision.accept P-1"]
    assert subjects(subject="P-2") == ["decision.dismiss P-2"]
    assert subjects(who="nobody") == []
    assert subjects(since=datetime.now(UTC) + timedelta(hours=1)) == []
    assert len(subjects(since=datetime.now(UTC) - timedelta(hours=1))) == 3


# -- verifying ------------------------------------------------------------------------------------------------------


def test_an_empty_log_and_one_as_it_was_written_are_whole(tmp_path: Path) -> None:
    repository = _a_log(tmp_path, 0)
    assert repository.audit.verify().is_whole
    _record(repository)
    verdict = repository.audit.verify({"anchor": repository.audit.head()})
    repository.close()

    assert verdict.is_whole
    assert (verdict.entries, verdict.notes, verdict.head.number) == (ENTRIES, (), ENTRIES)


def test_pages_of_reading_do_not_matter(log: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    for at_once in (1, 5, ENTRIES, 100):
        monkeypatch.setattr(audit_module, "_AT_ONCE", at_once)
        assert log.audit.verify().entries == ENTRIES
        assert log.audit.verify().is_whole


COUNTER = "UPDATE counter SET last = (SELECT max(id) FROM audit) WHERE name = 'audit'"

FORGERIES: dict[str, tuple[tuple[str, ...], int, Kind]] = {
    "an edit": (("UPDATE audit SET who = 'eve' WHERE id = 5",), 5, Kind.EDITED),
    "a deletion": (("DELETE FROM audit WHERE id = 5",), 5, Kind.MISSING),
    "a deletion, with the rest moved up": (
        ("DELETE FROM audit WHERE id = 5", *(f"UPDATE audit SET id = {n - 1} WHERE id = {n}" for n in range(6, 13))),
        5,
        Kind.MOVED,
    ),
    "an insertion, with the rest moved down": (
        (
            *(f"UPDATE audit SET id = {n + 1} WHERE id = {n}" for n in range(12, 4, -1)),
            "INSERT INTO audit SELECT 5, at, who, roles, action, subject, facts, mac FROM audit WHERE id = 3",
        ),
        5,
        Kind.MOVED,
    ),
    "one before the first": (
        ("INSERT INTO audit SELECT 0, at, who, roles, action, subject, facts, mac FROM audit WHERE id = 3",),
        0,
        Kind.MOVED,
    ),
    "two that changed places": (
        (
            "UPDATE audit SET id = 99 WHERE id = 5",
            "UPDATE audit SET id = 5 WHERE id = 8",
            "UPDATE audit SET id = 8 WHERE id = 99",
        ),
        5,
        Kind.MOVED,
    ),
    "an end that was cut off": (("DELETE FROM audit WHERE id > 9",), 10, Kind.CUT),
    "an end that was cut off with the count": (("DELETE FROM audit WHERE id > 9", COUNTER), 10, Kind.CUT),
    "all of it deleted": (("DELETE FROM audit",), 1, Kind.CUT),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_verifying_names_the_first_place_and_what_was_done(tmp_path: Path, log: Repository, forgery: str) -> None:
    statements, number, kind = FORGERIES[forgery]
    [anchor] = log.audit.anchored().values()
    assert anchor is not None
    _change(tmp_path, *statements)

    verdict = log.audit.verify({"the anchor": anchor})

    assert not verdict.is_whole
    assert (verdict.troubles[0].number, verdict.troubles[0].kind) == (number, kind)


def test_without_an_anchor_a_cut_that_hides_the_count_is_not_seen(tmp_path: Path, log: Repository) -> None:
    """Why there are anchors: what a log cannot tell of itself."""
    _change(tmp_path, *FORGERIES["an end that was cut off with the count"][0])

    assert log.audit.verify().is_whole


def test_a_log_that_was_written_anew_with_the_key_is_not_the_one_that_was_anchored(
    tmp_path: Path, log: Repository
) -> None:
    [anchor] = log.audit.anchored().values()
    assert anchor is not None
    _change(tmp_path, "DELETE FROM audit", "UPDATE counter SET last = 0 WHERE name = 'audit'")
    for _ in range(ENTRIES + 3):
        log.audit.record("decision.accept", "P-1")

    assert log.audit.verify().is_whole
    [trouble] = log.audit.verify({"the anchor": anchor}).troubles
    assert (trouble.number, trouble.kind) == (ENTRIES, Kind.REPLACED)


COLUMNS = ("at", "who", "roles", "action", "subject", "facts", "mac")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_single_change_is_found(tmp_path: Path, log: Repository, data: st.DataObject) -> None:
    [anchor] = log.audit.anchored().values()
    assert anchor is not None
    with closing(sqlite3.connect(tmp_path / "insights.db")) as connection:
        rows = connection.execute("SELECT * FROM audit ORDER BY id").fetchall()
        changed = data.draw(st.sampled_from([_edited, _deleted, _swapped, _cut]))(data, list(rows))
        _put(connection, changed)
    try:
        assert changed == rows or not log.audit.verify({"the anchor": anchor}).is_whole
    finally:
        with closing(sqlite3.connect(tmp_path / "insights.db")) as connection:
            _put(connection, rows)
    assert log.audit.verify({"the anchor": anchor}).is_whole


Rows = list[tuple[Any, ...]]


def _put(connection: sqlite3.Connection, rows: Rows) -> None:
    """These rows and no others, with the count that hides what is gone."""
    connection.execute("DELETE FROM audit")
    connection.executemany("INSERT INTO audit VALUES (?,?,?,?,?,?,?,?)", rows)
    connection.execute("UPDATE counter SET last = ? WHERE name = 'audit'", (max((row[0] for row in rows), default=0),))
    connection.commit()


def _edited(data: st.DataObject, rows: Rows) -> Rows:
    place = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(1, len(COLUMNS)))
    old = rows[place][column]
    odd = st.one_of(st.text(max_size=12), st.binary(max_size=8), st.just(old + " "), st.just(old[:-1]))
    new = data.draw(odd.filter(lambda value: value not in (old, old.encode()) and value != b""))
    rows[place] = (*rows[place][:column], _storable(new), *rows[place][column + 1 :])
    return rows


def _storable(value: str | bytes) -> str | bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) and not value.isprintable() else value


def _deleted(data: st.DataObject, rows: Rows) -> Rows:
    place = data.draw(st.integers(0, len(rows) - 1))
    rest = rows[:place] + rows[place + 1 :]
    if data.draw(st.booleans()):
        return rest
    return [(number, *row[1:]) for number, row in enumerate(rest, 1)]


def _swapped(data: st.DataObject, rows: Rows) -> Rows:
    one, other = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=2, max_size=2, unique=True))
    rows[one], rows[other] = (rows[one][0], *rows[other][1:]), (rows[other][0], *rows[one][1:])
    return rows


def _cut(data: st.DataObject, rows: Rows) -> Rows:
    return rows[: data.draw(st.integers(0, len(rows) - 1))]


def test_a_text_that_is_none_is_a_trouble_and_no_crash(tmp_path: Path, log: Repository) -> None:
    _change(
        tmp_path,
        "UPDATE audit SET who = CAST(x'ff00fe' AS TEXT) WHERE id = 2",
        "UPDATE audit SET at = 'yesterday' WHERE id = 4",
        "UPDATE audit SET facts = '[' WHERE id = 6",
    )

    assert [(one.number, one.kind) for one in log.audit.verify().troubles] == [
        (2, Kind.EDITED),
        (4, Kind.EDITED),
        (6, Kind.EDITED),
    ]


def test_a_clock_that_was_set_back_is_a_note_and_no_trouble(log: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_module, "_now", lambda: datetime(2001, 1, 1, tzinfo=UTC))
    log.audit.record("decision.accept", "P-1")

    verdict = log.audit.verify()
    assert verdict.is_whole
    assert verdict.notes == (f"the clock was set back before entry {ENTRIES + 1}; the numbers tell the order.",)


def test_another_key_does_not_continue_a_chain_unseen(tmp_path: Path, log: Repository) -> None:
    forger = Repository(f"sqlite:///{tmp_path / 'other.db'}", key=bytes(32))
    forged = forger.audit.record("decision.accept", "P-1")
    forger.close()
    values = (1, "2026-01-01 00:00:00.000000", "nobody", "", forged.action, forged.subject, "{}", forged.mac)
    with closing(sqlite3.connect(tmp_path / "insights.db")) as connection:
        connection.execute("DELETE FROM audit WHERE id = 1")
        connection.execute("INSERT INTO audit VALUES (?,?,?,?,?,?,?,?)", values)
        connection.commit()

    assert log.audit.verify().troubles[0].number == 1


# -- anchors --------------------------------------------------------------------------------------------------------


def test_the_head_is_anchored_after_each_commit_for_its_owner_alone(log: Repository) -> None:
    [path] = log.audit.anchors
    assert read_anchor(path) == log.audit.head()

    made = log.audit.record("decision.accept", "P-1")

    assert read_anchor(path) == Head(made.number, made.mac)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_many_entries_of_one_transaction_are_anchored_once(log: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Head] = []
    monkeypatch.setattr(audit_module, "write_anchor", lambda _, head: written.append(head))

    _record(log, 50)

    assert [head.number for head in written] == [ENTRIES + 50]


def test_an_anchor_that_is_behind_is_caught_up_by_the_next_entry(log: Repository) -> None:
    [path] = log.audit.anchors
    third = log.audit.entries(limit=3)[2]
    write_anchor(path, Head(3, third.mac))

    made = log.audit.record("decision.accept", "P-1")

    assert read_anchor(path) == Head(made.number, made.mac)


@pytest.mark.parametrize("more", [1, 20])
def test_entries_after_a_cut_do_not_hide_it_from_the_anchor(tmp_path: Path, log: Repository, more: int) -> None:
    [path] = log.audit.anchors
    kept = read_anchor(path)
    _change(tmp_path, *FORGERIES["an end that was cut off with the count"][0])

    _record(log, more)

    assert kept is not None
    assert read_anchor(path) == kept
    assert not log.audit.verify({"the anchor": kept}).is_whole


def test_a_folder_that_cannot_be_written_keeps_nobody_from_deciding(tmp_path: Path, log: Repository) -> None:
    (tmp_path / "a file").write_text("")
    log.audit.anchors = (tmp_path / "a file" / "w.audit", *log.audit.anchors)

    made = log.audit.record("decision.accept", "P-1")

    assert list(log.audit.anchored().values()) == [None, Head(made.number, made.mac)]


@pytest.mark.parametrize(
    "text", ["", "12", "12:ab", "x:" + "0" * 64, "1:" + "g" * 64, "\0" * 100, "1" * 13 + ":" + "0" * 64]
)
def test_what_is_no_head_is_no_anchor(tmp_path: Path, text: str) -> None:
    (tmp_path / "w.audit").write_text(text)

    assert head_of(text) is None
    assert read_anchor(tmp_path / "w.audit") is None
    assert read_anchor(tmp_path / "missing") is None


# -- settings -------------------------------------------------------------------------------------------------------


def _sections(**content: str) -> Callable[[], dict[str, str]]:
    return lambda: content


def test_a_change_of_settings_is_told_once_by_sections_and_without_values(repository: Repository) -> None:
    notice = repository.audit.notice_settings
    notice("one", _sections(worth="a", language="b"))
    notice("one", _sections(worth="a", language="b"))
    assert repository.audit.entries() == []

    notice("two", _sections(worth="secret", roles="c"))
    notice("two", _sections(worth="secret", roles="c"))
    notice("two with a comment", _sections(worth="secret", roles="c"))

    [made] = repository.audit.entries()
    assert (made.action, made.facts) == ("settings.change", {"sections": "language,roles,worth"})
    assert "secret" not in json.dumps(repository.get_meta(audit_module.SETTINGS))


def test_a_busy_database_is_not_waited_for_to_note_settings(tmp_path: Path) -> None:
    repository = Repository(f"sqlite:///{tmp_path / 'busy.db'}", key=KEY)
    repository.audit.notice_settings("one", _sections(worth="a"))
    busy = sqlite3.connect(tmp_path / "busy.db", isolation_level=None)
    busy.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    with pytest.raises(InsightsError):
        repository.audit.notice_settings("two", _sections(worth="b"))
    waited = time.monotonic() - begun
    busy.execute("ROLLBACK")
    busy.close()

    repository.audit.notice_settings("two", _sections(worth="b"))

    made = [entry.action for entry in repository.audit.entries()]
    repository.close()
    assert waited < 3
    assert made == ["settings.change"]
