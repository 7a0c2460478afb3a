"""A tap's streams become records, state and data move together, and the tap is gone when its reading ends."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import check_source
from connectors.sources.singer import PAGE_RECORDS, SINGER, Singer
from connectors.sources.singer_messages import read_message
from connectors.sources.singer_streams import pick
from connectors.sources.singer_tap import environment, split_lines
from insights.domain.customers import AccountRecord
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import ExitCode, InsightsError
from insights.ports import Page, Setup
from insights.stages.collect import collect
from insights.stages.sweep import sweep
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.fakes import quiet
from tests.stored import KEY, NOW

SECRET = 'canary "7f3a9c51'
TICKETS = {"kind": "ticket", "id": "id", "text": "description", "date": "updated_at"}
HEAD = """
import json, os, sys, time
def say(**message):
    print(json.dumps(message), flush=True)
def record(number, text="it hangs", stream="tickets", **more):
    row = {"id": number, "description": text, "updated_at": "2026-03-01T08:00:00+01:00"}
    say(type="RECORD", stream=stream, record=row, **more)
def given(name):
    return json.load(open(sys.argv[sys.argv.index(name) + 1])) if name in sys.argv else None
def schema(stream="tickets"):
    say(type="SCHEMA", stream=stream, schema={}, key_properties=["id"])
"""
MakeSource = Callable[..., Singer]


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeSource:
    """A source whose tap is this Python code; temporary files have a folder of the test's own."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))

    def make(code: str, **changes: Any) -> Singer:
        (tmp_path / "tap.py").write_text(HEAD + code)
        since = changes.pop("since", None)
        settings: dict[str, Any] = {
            "command": [sys.executable, "-S", "tap.py"],
            "streams": {"tickets": TICKETS},
            "select": "none",
            "timeout_seconds": 20,
        }
        setup: Setup[Any] = Setup(
            name="desk",
            settings=SINGER.settings.model_validate(settings | changes),
            folder=tmp_path,
            secret=lambda: SECRET,
            since=since,
        )
        made = SINGER.make(setup)
        assert isinstance(made, Singer)
        return made

    return make


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    yield opened
    opened.close()


def pull(source: Singer, repository: Repository, folder: Path) -> Any:
    return collect(source, repository=repository, rejects_folder=folder / "rejects", now=NOW, progress=quiet)


def records(pages: list[Page]) -> list[Any]:
    return [record for page in pages for record in page.records]


def test_mapped_fields_become_records_and_other_streams_are_left_out(source: MakeSource) -> None:
    code = """
say(type="SCHEMA", stream="tickets", schema={}, key_properties=["id"])
say(type="RECORD", stream="tickets", record={"id": 12, "title": "Export", "comments": [{"body": "it hangs"}],
    "requester": {"email": "ann@acme.example", "org.id": 9}, "updated_at": "2026-03-01T08:00:00+01:00", "stars": 4})
say(type="RECORD", stream="users", record={"id": 1})
schema("orgs")
say(type="RECORD", stream="orgs", record={"id": 9, "name": "Acme", "mrr": 10})
"""
    mapping = {
        "kind": "ticket",
        "id": "id",
        "subject": "title",
        "text": "comments.0.body",
        "date": "updated_at",
        "author_email": "requester.email",
        "account": "requester.org.id",
        "score": "stars",
        "scores": "1-5",
    }
    accounts = {"kind": "account", "name": "name", "annual_revenue": "mrr"}

    found = records(list(source(code, streams={"tickets": mapping | {"account": "org"}, "orgs": accounts}).fetch({})))

    [ticket, account] = found if isinstance(found[0], FeedbackRecord) else found[::-1]
    assert (ticket.source_id, ticket.kind, ticket.text) == ("tickets-12", FeedbackKind.TICKET, "it hangs")
    assert (ticket.subject, ticket.author_email, ticket.score) == ("Export", "ann@acme.example", 7.5)
    assert ticket.created_at.isoformat() == "2026-03-01T07:00:00+00:00"
    assert isinstance(account, AccountRecord)
    assert (account.source_id, account.name, account.annual_revenue) == ("orgs-9", "Acme", 120.0)


def test_an_account_is_named_as_its_own_stream_names_it_and_as_the_record_does(source: MakeSource) -> None:
    code = 'say(type="RECORD", stream="tickets", record={"id": 1, "description": "x", "org": 9})'
    streams = {"tickets": TICKETS | {"account": "org"}, "orgs": {"kind": "account", "id": "id"}}

    [ticket] = records(list(source(code, streams=streams).fetch({})))

    assert ticket.account == "orgs-9\n9"


def test_the_taps_state_is_kept_only_with_all_records_before_it(source: MakeSource) -> None:
    code = f"""
for number in range({PAGE_RECORDS + 3}):
    if number == 400: say(type="STATE", value={{"to": 400}})
    record(number)
say(type="STATE", value={{"to": "end"}})
record("late")
"""
    first, last = list(source(code).fetch({}))

    assert (len(first.records), first.state["tap"]) == (PAGE_RECORDS, {"to": 400})
    assert (len(last.records), last.state["tap"]) == (4, {"to": "end"})


def test_the_state_is_given_back_and_what_was_read_before_comes_no_more(
    source: MakeSource, repository: Repository, tmp_path: Path
) -> None:
    code = """
start = (given("--state") or {"to": 0})["to"]
for number in range(start, start + 3): record(number)
say(type="STATE", value={"to": start + 3})
"""
    first = pull(source(code), repository, tmp_path)
    second = pull(source(code), repository, tmp_path)

    assert (first.saved.new, second.saved.new, second.saved.unchanged) == (3, 3, 0)
    assert repository.source_ids("desk") == {f"tickets-{number}" for number in range(6)}


def test_a_tap_that_reads_everything_again_changes_nothing(
    source: MakeSource, repository: Repository, tmp_path: Path
) -> None:
    code = "for number in range(7): record(number)"
    pull(source(code), repository, tmp_path)

    done = pull(source(code), repository, tmp_path)

    assert (done.saved.new, done.saved.changed, done.saved.unchanged) == (0, 0, 7)


def test_the_latest_of_several_records_of_one_id_counts(source: MakeSource) -> None:
    [item] = records(list(source('record(1, "old")\nrecord(1, "new")').fetch({})))

    assert item.text == "new"


def test_a_record_that_says_it_is_deleted_goes_and_comes_back_when_it_is_there_again(source: MakeSource) -> None:
    code = """
record(1)
say(type="RECORD", stream="tickets", record={"id": 1, "_sdc_deleted_at": "2026-03-02T00:00:00Z"})
say(type="RECORD", stream="tickets", record={"id": 2, "_sdc_deleted_at": "2026-03-02T00:00:00Z"})
record(2)
"""
    [page] = source(code).fetch({})

    assert list(page.tombstones) == ["tickets-1"]
    assert [record.source_id for record in page.records] == ["tickets-2"]


def test_a_new_version_of_a_whole_table_removes_what_is_not_in_it(
    source: MakeSource, repository: Repository, tmp_path: Path
) -> None:
    code = """
schema()
schema("notes")
config = given("--config")
for number in config["there"]: record(number, version=config["version"])
if not given("--state"): record(1, stream="notes")
say(type="ACTIVATE_VERSION", stream="tickets", version=config["version"])
say(type="STATE", value={})
"""
    streams = {"tickets": TICKETS, "notes": TICKETS}
    before = source(code, streams=streams, config={"there": list(range(9)), "version": 1})
    pull(before, repository, tmp_path)
    assert sweep(before, name="desk", repository=repository, progress=quiet).removed == 0

    after = source(code, streams=streams, config={"there": list(range(7)), "version": 2})
    pull(after, repository, tmp_path)
    done = sweep(after, name="desk", repository=repository, progress=quiet)

    assert done.removed == 2
    assert repository.source_ids("desk") == {*(f"tickets-{number}" for number in range(7)), "notes-1"}


def test_a_version_that_was_begun_in_an_earlier_reading_removes_nothing(source: MakeSource) -> None:
    code = 'record(8, version=1)\nsay(type="ACTIVATE_VERSION", stream="tickets", version=1)'
    resumed = source(code)

    list(resumed.fetch({"versions": {"tickets": 1}}))

    assert list(resumed.living()) == [] and list(resumed.are_gone(["tickets-1"])) == []


def test_broken_lines_are_refused_one_by_one(source: MakeSource) -> None:
    code = """
print("starting up")
print('{"type": "RECORD", "stream": "tickets", "record": [1]}')
print('{"type": "RECORD", "record": {}}')
print('["x"]')
print("[" * 100000)
print('{"type": "RECORD", "stream": "tickets", "record": {"description": "no id"}}')
sys.stdout.flush()
sys.stdout.buffer.write(b'{"type": "RECORD", "stream": "tickets", "record": {"id": 2, "description": "caf\\xe9"}}\\n')
print('{"type": "SOMETHING_NEW", "a": 1}')
record(3)
"""
    [page] = source(code).fetch({})

    assert [record.source_id for record in page.records] == ["tickets-2", "tickets-3"]
    assert [reject.line for reject in page.rejects] == [1, 2, 3, 4, 5, 6]
    assert "caf\ufffd" in page.records[0].text  # type: ignore[union-attr]


def test_a_tap_that_prints_its_config_puts_no_secret_among_the_refused(source: MakeSource) -> None:
    code = 'print("config:", json.dumps(given("--config")), given("--config")["token"])'

    [page] = source(code, config={"token": "$SECRET", "other": {"api_key": "abc123"}}).fetch({})

    [refused] = page.rejects
    assert "config:" in refused.raw and "7f3a9c51" not in refused.raw and "abc123" not in refused.raw


def test_a_line_of_more_than_16_mb_is_refused_and_the_next_one_read(source: MakeSource) -> None:
    [page] = source('record(1, "x" * 16_000_001)\nrecord(2)').fetch({})

    assert [record.source_id for record in page.records] == ["tickets-2"]
    assert "16 MB" in page.rejects[0].reason


def test_a_tap_that_fails_is_named_with_its_last_words_and_without_the_secret(source: MakeSource) -> None:
    code = """
import base64
record(1)
secret = given("--config")["token"]
print("noise " * 5000, file=sys.stderr)
print("cannot log in with", secret, json.dumps(secret), file=sys.stderr)
print("Authorization: Basic " + base64.b64encode(("ann:" + secret).encode()).decode(), file=sys.stderr)
print("Traceback: \\x1b[31m500 Server Error", file=sys.stderr)
sys.exit(3)
"""
    pages: list[Page] = []
    with pytest.raises(InsightsError) as caught:
        pages.extend(source(code, config={"token": "$SECRET", "user": "ann"}).fetch({}))
    assert "code 3" in caught.value.message and "500 Server Error" in caught.value.message
    assert "7f3a9c51" not in caught.value.message and "\x1b" not in caught.value.message
    assert caught.value.exit_code is ExitCode.ERROR


def test_what_came_before_a_failure_is_kept_with_its_state(
    source: MakeSource, repository: Repository, tmp_path: Path
) -> None:
    code = 'record(1)\nsay(type="STATE", value={"to": 1})\nrecord(2)\nsys.exit(1)'

    with pytest.raises(InsightsError):
        pull(source(code), repository, tmp_path)

    assert repository.source_ids("desk") == {"tickets-1", "tickets-2"}
    assert repository.sources.get("desk").state["tap"] == {"to": 1}


def test_a_refused_login_is_said_as_such(source: MakeSource) -> None:
    with pytest.raises(InsightsError) as caught:
        list(source('print("401 Client Error: Unauthorized", file=sys.stderr)\nsys.exit(1)').fetch({}))

    assert caught.value.exit_code is ExitCode.LOGIN
    assert "Client Error" in caught.value.message and "Client Error" not in caught.value.unquoted[0]


def test_a_tap_sees_nothing_of_our_environment_and_gets_the_secret_in_a_file_for_us_alone(
    source: MakeSource, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("INSIGHTS_SECRET_DESK", "hidden")
    monkeypatch.setenv("OTHER_TOKEN", "hidden")
    monkeypatch.setenv("TAP_REGION", "eu")
    code = """
path = sys.argv[sys.argv.index("--config") + 1]
seen = {"names": sorted(os.environ), "mode": oct(os.stat(path).st_mode & 0o777), "config": given("--config"),
        "args": sys.argv[1:]}
record(1, json.dumps(seen))
"""
    config = {"token": "$SECRET", "headers": [{"auth": "Bearer $SECRET"}], "start_date": "2020-01-01"}
    made = source(code, config=config, environment=["TAP_REGION"], since=date(2026, 1, 31))

    [item] = records(list(made.fetch({})))

    seen = json.loads(item.text)
    assert set(seen["names"]) - {"LC_CTYPE"} <= {"PATH", "HOME", "LANG", "TMPDIR", "TAP_REGION"}
    assert seen["mode"] == "0o600"
    assert seen["config"] == {
        "token": SECRET,
        "headers": [{"auth": f"Bearer {SECRET}"}],
        "start_date": "2026-01-31T00:00:00Z",
    }
    assert not any(SECRET in argument for argument in seen["args"])
    assert list((tmp_path / "tmp").iterdir()) == []
    assert SECRET not in repr(made) and SECRET not in repr(made._tap())


def test_our_own_variables_are_passed_on_by_no_setting() -> None:
    given = {"PATH": "/bin", "INSIGHTS_SECRET_DESK": "x", "insights_key": "y"}

    assert environment(["INSIGHTS_SECRET_DESK", "insights_key"], given) == {"PATH": "/bin"}


def test_the_mapped_streams_alone_are_selected_in_the_taps_catalog(source: MakeSource) -> None:
    code = """
catalog = {"streams": [
    {"tap_stream_id": "tickets", "stream": "tickets", "schema": {"properties": {"id": {}, "description": {}}},
     "metadata": [{"breadcrumb": [], "metadata": {"table-key-properties": ["id"]}},
                  {"breadcrumb": ["properties", "id"], "metadata": {"inclusion": "automatic"}}]},
    {"tap_stream_id": "users", "stream": "users", "schema": {"properties": {"id": {}}}}]}
if "--discover" in sys.argv:
    print(json.dumps(catalog, indent=2))
else:
    record(1, json.dumps(given("--catalog")["streams"]))
"""
    mapping = TICKETS | {"replication_method": "INCREMENTAL", "replication_key": "updated_at"}
    made = source(code, select="catalog", streams={"tickets": mapping})

    [item] = records(list(made.fetch({})))

    tickets, users = json.loads(item.text)
    metadata = {tuple(one["breadcrumb"]): one["metadata"] for one in tickets["metadata"]}
    assert tickets["selected"] and tickets["schema"]["selected"] and not users["selected"]
    assert metadata[()] == {
        "table-key-properties": ["id"],
        "selected": True,
        "replication-method": "INCREMENTAL",
        "replication-key": "updated_at",
    }
    assert metadata["properties", "description"] == {"selected": True}
    assert all(one["metadata"]["selected"] is False for one in users["metadata"])
    assert made.check().endswith("with 2 streams")


def test_a_stream_that_the_tap_does_not_have_is_named_with_those_it_has(source: MakeSource) -> None:
    code = 'print(json.dumps({"streams": [{"stream": "issues"}, {"stream": "users"}]}))'

    with pytest.raises(InsightsError) as caught:
        list(source(code, select="catalog").fetch({}))

    assert "tickets" in caught.value.message and "issues, users" in caught.value.remedy


def test_a_silent_tap_is_stopped_with_all_its_children(source: MakeSource, tmp_path: Path) -> None:
    code = """
import subprocess
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
open("pids", "w").write(f"{os.getpid()} {child.pid}")
record(1)
time.sleep(60)
"""
    pages: list[Page] = []
    with pytest.raises(InsightsError, match="wrote no line"):
        pages.extend(source(code, timeout_seconds=0.7).fetch({}))

    assert [_is_running(int(number)) for number in (tmp_path / "pids").read_text().split()] == [False, False]


def test_a_tap_is_gone_when_nobody_reads_on(source: MakeSource, tmp_path: Path) -> None:
    code = f"""
import signal
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
open("pids", "w").write(str(os.getpid()))
for number in range({PAGE_RECORDS}): record(number)
time.sleep(60)
"""
    pages = source(code).fetch({})
    next(pages)
    [number] = (tmp_path / "pids").read_text().split()
    os.kill(int(number), 0)  # it is there

    pages.close()  # type: ignore[attr-defined]

    assert not _is_running(int(number))


def test_a_tap_waits_while_we_are_busy(source: MakeSource, tmp_path: Path) -> None:
    code = f"""
for number in range({6 * PAGE_RECORDS}):
    record(number, "x" * 1000)
    if number % 100 == 0: open("written", "w").write(str(number))
"""
    pages = source(code).fetch({})
    next(pages)
    time.sleep(0.2)
    written = int((tmp_path / "written").read_text())

    rest = list(pages)

    assert written < 2 * PAGE_RECORDS
    assert len(records(rest)) == 5 * PAGE_RECORDS


def test_files_that_a_killed_reader_left_are_removed(source: MakeSource, tmp_path: Path) -> None:
    left = tmp_path / "tmp" / "insights-tap-999999999-abc"
    left.mkdir()
    (left / "config.json").write_text(SECRET)
    os.utime(left, (0, 0))

    list(source("record(1)").fetch({}))

    assert not left.exists()


def test_batch_files_are_refused_rather_than_lost(source: MakeSource) -> None:
    with pytest.raises(InsightsError, match="BATCH"):
        list(source('say(type="BATCH", stream="tickets", manifest=[])').fetch({}))


def test_a_changed_mapping_is_said_until_all_is_read_again(source: MakeSource) -> None:
    [before] = source("record(1)").fetch({})
    other = source("record(1)", streams={"tickets": TICKETS | {"author_name": "who"}})

    [after] = other.fetch(before.state)
    [anew] = other.fetch({})

    assert "--full" in after.state["warnings"][0] and anew.state["warnings"] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"streams": {"tickets": {"kind": "ticket", "txt": "x"}}}, "no field 'txt'"),
        ({"streams": {"tickets": {"kind": "ticket", "id": "id"}}}, "No path holds the text"),
        ({"streams": {"tickets": TICKETS | {"score": "stars"}}}, "scores ="),
        ({"environment": ["INSIGHTS_SECRET_X"]}, "insights' own"),
        ({"command": []}, "at least 1"),
    ],
)
def test_settings_that_cannot_work_are_refused(source: MakeSource, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        source("", **changes)


def test_a_program_that_is_missing_is_named(source: MakeSource) -> None:
    with pytest.raises(InsightsError, match="tap-nothing") as caught:
        list(source("", command=["tap-nothing"]).fetch({}))

    assert caught.value.exit_code is ExitCode.USAGE


def test_the_source_keeps_its_contract(source: MakeSource) -> None:
    code = """
schema()
start = (given("--state") or {"to": 0})["to"]
for number in range(start, 1200):
    record(number)
    if number % 300 == 299: say(type="STATE", value={"to": number + 1})
"""
    check_source(source(code, config={"token": "$SECRET"}), secret=SECRET)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_line_is_a_message_or_refused_in_words(line: bytes) -> None:
    try:
        assert read_message(line) is not None
    except ValueError as error:
        assert str(error).endswith(".")


@given(JSON)
def test_a_state_comes_back_as_it_was_written(value: Any) -> None:
    message = read_message(json.dumps({"type": "STATE", "value": value}).encode())

    assert message.value == value  # type: ignore[union-attr]


@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line)), st.integers(1, 9), st.booleans())
def test_lines_are_the_same_however_the_pipe_cuts_them(lines: list[bytes], size: int, has_end: bool) -> None:
    whole = b"\n".join(lines) + (b"\n" if has_end and lines else b"")
    pieces = (whole[at : at + size] for at in range(0, len(whole), size))

    found = list(split_lines(pieces, limit=12))

    wanted = [None if len(line) > 12 else line for line in whole.split(b"\n")]
    assert found == (wanted[:-1] if wanted and wanted[-1] == b"" else wanted)


@given(JSON, st.text(max_size=20))
def test_a_path_leads_to_something_or_to_nothing(value: Any, path: str) -> None:
    pick(value, path)
    assert pick({"a": [{"b.c": value}]}, "a.0") == {"b.c": value}
    assert pick({path: value}, path) == value


def _is_running(number: int) -> bool:
    """A child that was killed may wait a moment for whoever inherits it."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        if state == "Z":
            return False
        time.sleep(0.01)
    return True
