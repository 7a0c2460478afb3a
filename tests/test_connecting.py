"""Sources and trackers by their names: where their secrets come from, and what a connector of others may do."""

import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from insights import connecting
from insights.config import Section, Settings, SourceSettings, TrackerSettings
from insights.connecting import ContainedTracker, Credentials, login_of, make_source, make_tracker, source_kind
from insights.errors import ExitCode, InsightsError
from insights.logins import LONGEST_SECRET, checked_secret, keep_and_try
from insights.ports import Defect, Setup, SourceKind, TrackerKind, Unanswered
from insights.storage.credentials import CredentialStore
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.hostile.tracking import an_issue, sought
from tests.stored import KEY

NOW = datetime(2026, 11, 20, tzinfo=UTC)
CANARY = "canary-3b9e"


class Nothing(Section):
    pass


class Desk:
    """A source that says what secret it was given, and refuses one."""

    def __init__(self, setup: Setup[Any]) -> None:
        self.name, self._setup = setup.name, setup

    def check(self) -> str:
        secret = self._setup.secret()
        if secret == "refused":
            raise InsightsError("desk refused the login.", remedy="", exit_code=ExitCode.LOGIN)
        if secret == "away":
            raise InsightsError("desk is away.", remedy="Wait.")
        if secret == "stopped":
            raise KeyboardInterrupt
        if secret == "broken":
            raise KeyError(CANARY)
        return f"someone with {len(secret)} characters" + ("\x1b[31m\nand more" if secret == "hostile" else "")


def failing(_: Setup[Any]) -> Any:
    raise AttributeError(CANARY)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CredentialStore]:
    repository = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    yield repository.credentials
    repository.close()


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """One type of source that works, and one that does not."""
    made = {"acme": Desk, "broken": failing}

    def kind(type_: str) -> Any:
        return SourceKind(settings=Nothing, make=made[type_], login="API key")

    monkeypatch.setattr(connecting, "source_kind", kind)
    monkeypatch.setattr(connecting, "tracker_kind", lambda type_: TrackerKind(settings=Nothing, make=made[type_]))


def settings(type_: str = "acme") -> Settings:
    return Settings.model_validate({"sources": [{"name": "desk", "type": type_}]})


def keep(secret: str, logins: Credentials) -> str:
    return keep_and_try("desk", secret, settings=settings(), folder=Path(), logins=logins, at=NOW)


# -- where a secret comes from ------------------------------------------------------------------------------------


def test_the_environment_comes_before_the_workspace_and_an_empty_variable_counts_as_none(
    store: CredentialStore,
) -> None:
    store.keep("desk-eu", "kept", NOW)

    assert Credentials(store, environment={"INSIGHTS_SECRET_DESK_EU": " given "}).get("desk-eu") == "given"
    assert Credentials(store, environment={"INSIGHTS_SECRET_DESK_EU": "  "}).get("desk-eu") == "kept"
    assert Credentials(store, environment={"INSIGHTS_SECRET_DESK": "other"}).get("desk-eu") == "kept"


def test_its_place_is_told_in_words(store: CredentialStore) -> None:
    store.keep("desk", "kept", NOW)

    assert Credentials(store, environment={"INSIGHTS_SECRET_DESK": "x"}).place("desk") == "INSIGHTS_SECRET_DESK"
    assert Credentials(store, environment={}).place("desk") == "the workspace"
    assert Credentials(store, environment={}).place("other") is None


def test_where_there_is_none_both_ways_to_give_one_are_named(store: CredentialStore) -> None:
    with pytest.raises(InsightsError) as caught:
        Credentials(store, environment={}).get("desk.eu")

    assert caught.value.exit_code is ExitCode.LOGIN
    assert "insights auth desk.eu" in caught.value.remedy and "INSIGHTS_SECRET_DESK_EU" in caught.value.remedy


def test_one_that_is_only_tried_comes_first_and_is_not_kept(store: CredentialStore) -> None:
    logins = Credentials(store, environment={"INSIGHTS_SECRET_DESK": "old"})

    assert logins.with_given("desk", "new").get("desk") == "new"
    assert logins.get("desk") == "old" and store.names() == frozenset()


def test_no_secret_is_in_what_python_shows_of_these(store: CredentialStore) -> None:
    logins = Credentials(store, environment={"INSIGHTS_SECRET_DESK": CANARY})
    setup = Setup(name="desk", settings=Nothing(), folder=Path(), secret=lambda: logins.get("desk"))

    assert CANARY not in f"{logins!r} {setup!r} {logins.with_given('desk', CANARY)!r} {store!r}"


# -- a login is tried before it is kept ---------------------------------------------------------------------------


def test_a_login_that_is_taken_is_kept(store: CredentialStore, kinds: None) -> None:
    assert keep("good", Credentials(store, environment={})) == "someone with 4 characters"
    assert store.get("desk") == "good"


def test_the_given_login_is_tried_and_not_the_one_of_the_environment(store: CredentialStore, kinds: None) -> None:
    logins = Credentials(store, environment={"INSIGHTS_SECRET_DESK": "refused"})

    assert keep("good", logins) == "someone with 4 characters"


def test_what_a_service_says_of_who_we_are_is_one_line_without_control_characters(
    store: CredentialStore, kinds: None
) -> None:
    assert keep("hostile", Credentials(store, environment={})) == "someone with 7 characters and more"


@pytest.mark.parametrize("secret", ["refused", "stopped"])
def test_one_that_is_refused_or_whose_trial_is_stopped_leaves_the_one_before(
    store: CredentialStore, kinds: None, secret: str
) -> None:
    store.keep("desk", "before", NOW)

    with pytest.raises((InsightsError, KeyboardInterrupt)):
        keep(secret, Credentials(store, environment={}))
    assert store.get("desk") == "before"


@pytest.mark.parametrize("secret", ["away", "broken"])
def test_one_that_could_not_be_tried_is_kept_and_that_is_said(store: CredentialStore, kinds: None, secret: str) -> None:
    with pytest.raises(InsightsError, match="is kept, but could not be tried") as caught:
        keep(secret, Credentials(store, environment={}))

    assert store.get("desk") == secret and "insights auth desk --status" in caught.value.remedy
    assert CANARY not in f"{caught.value.message}{caught.value.remedy}"


@pytest.mark.parametrize(
    ("given", "kept"), [("abc\n", "abc"), ("abc\r\n", "abc"), ("one\ntwo\n", "one\ntwo"), (" a b ", " a b ")]
)
def test_a_secret_is_kept_without_the_line_end_after_it(given: str, kept: str) -> None:
    assert checked_secret(given) == kept


@pytest.mark.parametrize("given", ["", " \n", "a\x1b[31m", "a\u200bb", "x" * (LONGEST_SECRET + 1)])
def test_what_cannot_be_a_secret_is_refused_without_being_shown(given: str) -> None:
    with pytest.raises(InsightsError) as caught:
        checked_secret(given)
    assert not given.strip() or given not in f"{caught.value.message}{caught.value.remedy}"


# -- connectors of others -----------------------------------------------------------------------------------------


def test_a_connector_that_cannot_be_made_is_told_without_its_words(store: CredentialStore, kinds: None) -> None:
    logins = Credentials(store, environment={})
    source = SourceSettings.model_validate({"name": "desk", "type": "broken"})
    tracker = TrackerSettings.model_validate({"name": "backlog", "type": "broken"})

    with pytest.raises(InsightsError, match="desk has a defect: AttributeError") as of_source:
        make_source(source, folder=Path(), credentials=logins)
    with pytest.raises(InsightsError, match="backlog has a defect: AttributeError") as of_tracker:
        make_tracker(tracker, folder=Path(), credentials=logins)
    assert CANARY not in f"{of_source.value.message}{of_tracker.value.message}"


class Failing:
    """A tracker that fails over whatever it is told, and repeats it."""

    name, lag_seconds = "backlog", 2.5

    def find(self, _: object) -> None:
        raise KeyError(CANARY)

    read = create = update = close = find


def test_a_tracker_s_defect_is_told_without_its_words_and_leaves_open_whether_an_issue_was_made() -> None:
    tracker = ContainedTracker(Failing())  # type: ignore[arg-type]

    with pytest.raises(Defect, match=r"backlog has a defect: KeyError in test_connecting.py, line \d+") as caught:
        tracker.find(sought())
    with pytest.raises(Unanswered, match="backlog has a defect: KeyError") as unknown:
        tracker.create(an_issue())

    assert (tracker.name, tracker.lag_seconds, tracker.check()) == ("backlog", 2.5, "")
    for error in (caught.value, unknown.value):
        told = "".join(traceback.format_exception(error))
        assert "raise KeyError(CANARY)" in told and CANARY not in told


@pytest.mark.parametrize(("type_", "near"), [("freshdeks", "freshdesk"), ("files", "file"), ("qqqq", "zendesk")])
def test_a_type_that_is_not_installed_gets_the_nearest_or_all(type_: str, near: str) -> None:
    with pytest.raises(InsightsError) as caught:
        source_kind(type_)
    assert near in caught.value.remedy and caught.value.exit_code is ExitCode.USAGE


def test_what_logs_in_with_what_is_told_by_name(kinds: None) -> None:
    both = Settings.model_validate(
        {
            "sources": [{"name": "desk", "type": "acme"}, {"name": "notes", "path": "n.csv", "kind": "note"}],
            "trackers": [{"name": "backlog", "type": "acme"}],
        }
    )

    assert [login_of(name, both) for name in ("desk", "notes", "backlog", "other")] == ["API key", "", "", None]
