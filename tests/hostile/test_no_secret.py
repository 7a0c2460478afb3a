"""A login is found nowhere: not in what is said or logged, not in errors and their causes, not in a repr, not in the
workspace's files, whatever a service answers and wherever a connector fails."""

import base64
import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from connectors.http import Service
from insights.bootstrap import open_workspace
from insights.cli.main import app
from insights.config import SenderSettings, SourceSettings, TrackerSettings, own_settings, variable_of
from insights.connecting import ContainedTracker, Credentials, make_sender, make_source, make_tracker
from insights.errors import InsightsError
from insights.ports import Checkable, Filed, Setup, Source, contained
from insights.stages.collect import collect
from insights.stages.sweep import sweep
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.cli.calling import Run, caller, made
from tests.fakes import quiet
from tests.hostile.dialects.every import EVERY as SOURCES
from tests.hostile.dialects.freshdesk import FreshdeskDialect
from tests.hostile.reading import Reader, reading
from tests.hostile.server import SECRET, Call, HostileServer, Reply
from tests.hostile.server import serving as serving_source
from tests.hostile.trackers.every import EVERY as TRACKERS
from tests.hostile.trackers.github import GitHubTrackerDialect
from tests.hostile.tracking import TrackerServer, an_issue, serving, sought
from tests.hostile.world import World
from tests.stored import KEY, NOW, a_stored_problem, fill

ODD = 'canary/7f+3a=9c51&"x%41'
"""A login whose spellings differ in an address, in JSON and as it is."""


def spellings(secret: str) -> set[str]:
    return {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}


def sent_by(calls: Iterable[Call]) -> set[str]:
    """All logins as they went over the line, with what is in them: a token that was given for the login is one, too."""
    found: set[str] = set()
    for call in calls:
        for name in ("authorization", "private-token", "x-redmine-api-key"):
            sent = call.headers.get(name, "")
            found |= {sent, sent.rpartition(" ")[2], *_decoded(sent)}
        found |= {call.form.get("client_secret", "")}
    return {one for one in found if len(one) > 5}


def _decoded(sent: str) -> Iterator[str]:
    scheme, _, coded = sent.partition(" ")
    if scheme.casefold() == "basic":
        yield base64.b64decode(coded).decode()


@dataclass
class Search:
    """What was said anywhere, and that no login is in it."""

    texts: list[str] = field(default_factory=list)

    def note(self, *said: object) -> None:
        self.texts += map(str, said)

    def note_error(self, error: BaseException) -> None:
        """Message, remedy and the whole traceback, with all causes."""
        self.note(str(error), repr(error), error.args, *traceback.format_exception(error))

    def note_object(self, made: object) -> None:
        """The object, and what it holds of ours: what a service told it is data."""
        self.note(repr(made), made)
        for part in getattr(made, "__dict__", {}).values():
            if type(part).__module__.startswith(("connectors", "insights")):
                self.note(repr(part), part)

    def note_files(self, folder: Path) -> None:
        for path in folder.rglob("*"):
            if path.is_file():
                self.note(path, path.read_bytes().decode("latin-1"))

    def assert_without(self, secrets: set[str]) -> None:
        whole = "\n".join(self.texts)
        for secret in {form for one in secrets for form in spellings(one)}:
            place = whole.find(secret)
            assert place < 0, whole[max(place - 300, 0) : place + 60]


# -- what a service may do --------------------------------------------------------------------------------------


def echo(call: Call, secret: str) -> str:
    """The login as it was sent, and as it is in an address."""
    return f"{dict(call.headers)} {secret} {quote(secret, safe='')} {call.form}"


Answering = Callable[[Call, str], Reply]


def refusing(status: int, *, shape: Callable[[str], Any] = lambda said: {"message": said}) -> Answering:
    return lambda call, secret: Reply(shape(echo(call, secret)), status)


def leading_away(call: Call, secret: str) -> Reply:
    return Reply({}, 302, {"Location": f"https://evil.example/{quote(secret)}?token={quote_plus(secret)}"})


FIELDS = (
    *("id", "data", "results", "issues", "issue", "tickets", "items", "records", "calls", "user", "values", "key"),
    *("name", "status", "count", "total_count", "end_time", "next", "messages", "conversations", "channel", "fields"),
    *("url", "number", "created_at", "updated_at", "paging", "workItems", "value", "viewer", "state", "gid"),
)
ANSWERS: dict[str, Answering] = {
    **{str(status): refusing(status) for status in (400, 401, 403, 404, 409, 422)},
    "plain": refusing(400, shape=lambda said: said.encode()),
    "errors": refusing(400, shape=lambda said: {"errors": [{"message": said, said: said}], "error_description": said}),
    "by field": refusing(422, shape=lambda said: {"errors": {said: said}}),
    "graphql": refusing(
        200, shape=lambda said: {"errors": [{"message": said, "type": said, "extensions": {"code": said}}]}
    ),
    "not ok": refusing(200, shape=lambda said: {"ok": False, "error": said, "message": said}),
    "away": leading_away,
}
AS_DATA: dict[str, Answering] = {
    "another shape": refusing(200, shape=lambda said: [said, {said: said}]),
    "values": refusing(200, shape=lambda said: dict.fromkeys(FIELDS, said)),
    "rows": refusing(200, shape=lambda said: {name: [dict.fromkeys(FIELDS, said)] for name in FIELDS}),
    "rows in rows": refusing(200, shape=lambda said: {name: {one: [{one: said}] for one in FIELDS} for name in FIELDS}),
}
"""A login that a service gives as data is data; a connector that fails over it must not tell it all the same."""


def _answer_all(server: HostileServer | TrackerServer, answer: Answering, secret: str) -> None:
    """Whatever it is asked from here on."""

    def answered(_: object, call: Call) -> Reply:
        return answer(call, secret)

    server.dialect.answer = answered  # type: ignore[method-assign, assignment]


FAULTS = ("500", "half", "cut", "page")


class Defect(Exception):
    """What a connector's own mistake raises."""


@contextmanager
def failing_inside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(self: Service, *_: Any, **__: Any) -> None:
        raise Defect(f"{self.headers()} {self.secrets()} {self.auth() if self.auth else ''}")

    with monkeypatch.context() as patched:
        patched.setattr(Service, "_sent", fail)
        yield


# -- sources ----------------------------------------------------------------------------------------------------


@pytest.fixture(params=SOURCES, ids=lambda dialect: dialect.__name__.removesuffix("Dialect").lower())
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reader]:
    with reading(request.param, tmp_path) as opened:
        yield opened


def test_of_a_source_s_login_nothing_is_told_or_kept(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    search = Search()
    reader.world.add(3)
    search.note(reader.pull(), reader.sweep())
    _try(lambda: _checked(reader.source(), "desk"), search)
    for fault in FAULTS:
        reader.hostile.faults += [fault] * 12
        _try(reader.pull, search)
        reader.hostile.faults.clear()
    for secret in (SECRET, ODD):
        source = _source_with(reader, secret)
        search.note_object(source)
        with failing_inside(monkeypatch):
            _try_all(source, reader, search)
        for answer in ANSWERS.values():
            _answer_all(reader.hostile, answer, secret)
            _try_all(_source_with(reader, secret), reader, search)

    search.note(caplog.text, reader.repository.sources.get("desk"))
    search.note_files(tmp_path)
    assert len(search.texts) > 100
    search.assert_without({SECRET, ODD, *sent_by(reader.hostile.calls)})


def test_a_source_that_fails_over_what_it_read_does_not_tell_what_that_was(reader: Reader) -> None:
    search = Search()
    for answer in AS_DATA.values():
        _answer_all(reader.hostile, answer, SECRET)
        _try_all(_source_with(reader, SECRET), reader, search, only_errors=True)

    search.assert_without({SECRET, *sent_by(reader.hostile.calls)})


def _source_with(reader: Reader, secret: str) -> Source:
    kind = reader.hostile.dialect.kind
    settings = kind.settings.model_validate(reader.hostile.dialect.settings(reader.hostile.base))
    return kind.make(
        Setup(name="desk", settings=settings, folder=reader.folder, secret=lambda: secret, sleep=lambda _: None)
    )


def _checked(made: object, name: str) -> str:
    with contained(name):
        return made.check() if isinstance(made, Checkable) else ""


def _try_all(source: Source, reader: Reader, search: Search, *, only_errors: bool = False) -> None:
    def pull() -> object:
        rejects = reader.folder / "rejects"
        return collect(source, repository=reader.repository, rejects_folder=rejects, now=NOW, progress=quiet)

    def look() -> object:
        return sweep(source, name="desk", repository=reader.repository, progress=quiet)  # type: ignore[arg-type]

    for act in (pull, lambda: _checked(source, "desk"), *([look] if hasattr(source, "living") else [])):
        _try(act, search, only_errors=only_errors)
    search.note_object(source)


def _try(act: Callable[[], object], search: Search, *, only_errors: bool = False) -> None:
    try:
        done = act()
        search.note("" if only_errors else done)
    except InsightsError as error:
        search.note_error(error)


# -- trackers ---------------------------------------------------------------------------------------------------


@pytest.fixture(params=TRACKERS, ids=lambda dialect: dialect.__name__.removesuffix("TrackerDialect").lower())
def server(request: pytest.FixtureRequest) -> Iterator[TrackerServer]:
    with serving(request.param()) as opened:
        yield opened


def _tracker_with(server: TrackerServer, secret: str) -> ContainedTracker:
    kind = server.dialect.kind
    settings = kind.settings.model_validate(server.dialect.settings(server.base))
    setup = Setup(name="board", settings=settings, folder=Path(), secret=lambda: secret, sleep=lambda _: None)
    return ContainedTracker(kind.make(setup))


def _ask_all(tracker: ContainedTracker, known: Filed, search: Search, *, only_errors: bool = False) -> None:
    acts: tuple[Callable[[], object], ...] = (
        lambda: _checked(tracker, "board"),
        lambda: tracker.find(sought()),
        lambda: tracker.read([known.external_id]),
        lambda: tracker.create(an_issue(13)),
        lambda: tracker.update(known, an_issue(body="Now *twelve*.")),
        lambda: tracker.close(known, "taken back"),
    )
    for act in acts:
        _try(act, search, only_errors=only_errors)
    search.note_object(tracker)
    search.note_object(tracker.inner)


def test_of_a_tracker_s_login_nothing_is_told(
    server: TrackerServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    search = Search()
    known = _tracker_with(server, SECRET).create(an_issue())
    _ask_all(_tracker_with(server, SECRET), known, search)
    for fault in FAULTS:
        server.faults += [fault] * 12
        _ask_all(_tracker_with(server, SECRET), known, search)
        server.faults.clear()
    for secret in (SECRET, ODD):
        with failing_inside(monkeypatch):
            _ask_all(_tracker_with(server, secret), known, search)
        for answer in ANSWERS.values():
            _answer_all(server, answer, secret)
            _ask_all(_tracker_with(server, secret), known, search)

    search.note(caplog.text)
    assert len(search.texts) > 100
    search.assert_without({SECRET, ODD, *sent_by(server.calls)})


def test_a_tracker_that_fails_over_what_it_read_does_not_tell_what_that_was(server: TrackerServer) -> None:
    search = Search()
    known = _tracker_with(server, SECRET).create(an_issue())
    for answer in AS_DATA.values():
        _answer_all(server, answer, SECRET)
        _ask_all(_tracker_with(server, SECRET), known, search, only_errors=True)

    search.assert_without({SECRET, *sent_by(server.calls)})


# -- commands ---------------------------------------------------------------------------------------------------

TAP = """
import json, os, sys
print(json.dumps({"type": "SCHEMA", "stream": "tickets", "schema": {}, "key_properties": ["id"]}))
row = {"id": 1, "description": " ".join(f"{k}={v}" for k, v in os.environ.items()), "at": "2026-03-01T08:00:00Z"}
print(json.dumps({"type": "RECORD", "stream": "tickets", "record": row}))
config = json.load(open(sys.argv[sys.argv.index("--config") + 1]))
print("logged in with", config["token"], file=sys.stderr)
sys.exit(0 if config["token"] == "tap-" + "canary" else 1)
"""
OF_TAP = "tap-canary"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Run, HostileServer, TrackerServer]]:
    """A helpdesk and a tracker with logins that the workspace keeps, and a tap with one of the environment."""
    folder = made(tmp_path, monkeypatch)
    opened = open_workspace(folder)
    fill(opened.repository, [a_stored_problem()])
    opened.close()
    (tmp_path / "tap.py").write_text(TAP)
    monkeypatch.setenv("INSIGHTS_SECRET_TAP", OF_TAP)
    with serving_source(World(), FreshdeskDialect()) as desk, serving(GitHubTrackerDialect()) as board:
        desk.world.add(3)
        blocks = f"""
[[sources]]
name = "desk"
type = "freshdesk"
url = "{desk.base}"
[[sources]]
name = "tap"
type = "singer"
command = ["{sys.executable}", "-S", "{tmp_path / "tap.py"}"]
config = {{ token = "$SECRET" }}
select = "none"
streams.tickets = {{ kind = "ticket", id = "id", text = "description", date = "at" }}
[[trackers]]
name = "board"
type = "github"
repository = "acme/app"
url = "{board.base}"
"""
        with (folder / "insights.toml").open("a") as file:
            file.write(blocks)
        yield caller(folder), desk, board


COMMANDS = (
    ("pull", "--json"),
    ("pull", "--full"),
    ("sources",),
    ("sources", "--json"),
    ("auth", "desk", "--status"),
    ("auth", "desk", "--status", "--json"),
    ("auth", "board", "--status"),
    ("auth", "tap", "--status"),
    ("trackers",),
    ("trackers", "--json"),
    ("export", "P-1", "--to", "board", "--json"),
    ("export", "P-1", "--to", "board"),
    ("sync",),
    ("sync", "--json"),
    ("doctor", "--json"),
    ("problems", "--json"),
    ("show", "P-1", "--json"),
)


def test_no_command_tells_a_login_and_no_file_of_the_workspace_holds_one(
    workspace: tuple[Run, HostileServer, TrackerServer], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    call, desk, board = workspace
    caplog.set_level(logging.DEBUG)
    search = Search()
    for name in ("desk", "board"):
        kept = CliRunner().invoke(app, ["-C", str(tmp_path / "w"), "auth", name], input=f"{SECRET}\n")
        search.note(kept.output)
        assert "kept" in kept.output
    for answer in (None, *ANSWERS.values()):
        if answer is not None:
            _answer_all(desk, answer, SECRET)
            _answer_all(board, answer, SECRET)
        for words in COMMANDS if answer in (None, ANSWERS["401"], ANSWERS["away"]) else (("pull", "desk", "--json"),):
            _try(lambda words=words: call(*words, everything=True), search)  # type: ignore[misc]

    search.note(caplog.text)
    search.note_files(tmp_path / "w")
    search.assert_without({SECRET, OF_TAP, *sent_by([*desk.calls, *board.calls])})


def test_a_tap_is_given_no_login_by_its_environment(
    workspace: tuple[Run, HostileServer, TrackerServer], tmp_path: Path
) -> None:
    call, _, _ = workspace
    call("pull", "tap")

    opened = open_workspace(tmp_path / "w")
    [said] = [one.text for one in opened.repository.feedback.unprotected(100) if one.source == "tap"]
    opened.close()
    assert "PATH=" in said
    assert "INSIGHTS" not in said and "canary" not in said


def test_a_login_in_the_settings_is_refused_without_being_told() -> None:
    search = Search()
    kinds: list[tuple[Any, Any]] = [(dialect, SourceSettings) for dialect in SOURCES]
    kinds += [(dialect, TrackerSettings) for dialect in TRACKERS]
    for dialect, table in kinds:
        given = {**dialect().settings("https://desk.example"), "token": SECRET, "password": [SECRET]}
        with pytest.raises(ValidationError) as invalid:
            dialect.kind.settings.model_validate(given)
        search.note_error(invalid.value)
        with pytest.raises(InsightsError) as refused:
            own_settings(table.model_validate({"name": "desk", "type": "any", **given}), dialect.kind.settings)
        search.note_error(refused.value)
    search.assert_without({SECRET})


def test_what_a_connector_is_made_of_does_not_show_its_login(tmp_path: Path) -> None:
    repository, search = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA), Search()
    logins = Credentials(repository.credentials, environment={variable_of("desk"): SECRET}).with_given("board", ODD)
    source = SourceSettings.model_validate({"name": "desk", "type": "freshdesk", "url": "https://desk.example"})
    tracker = TrackerSettings.model_validate({"name": "board", "type": "github", "repository": "acme/app"})
    chat = SenderSettings(name="desk", type="slack")
    mail = SenderSettings.model_validate({"name": "board", "type": "smtp", "host": "a", "sender": "a@b", "user": "a"})

    for made_of in (
        logins,
        Setup(name="desk", settings=source, folder=tmp_path, secret=partial(logins.get, "desk")),
        Setup(name="desk", settings=source, folder=tmp_path, secret=lambda: SECRET),
        make_source(source, folder=tmp_path, credentials=logins),
        make_tracker(tracker, folder=tmp_path, credentials=logins),
        make_sender(chat, folder=tmp_path, credentials=logins),
        make_sender(mail, folder=tmp_path, credentials=logins),
    ):
        search.note_object(made_of)

    repository.close()
    assert logins.get("desk") == SECRET and logins.get("board") == ODD
    search.assert_without({SECRET, ODD})
