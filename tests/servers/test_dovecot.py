"""Dovecot, the real one: a mailbox with conversations that grow, move and vanish."""

import imaplib
import os
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import check_source
from connectors.sources.imap import IMAP, Imap
from connectors.sources.imap_mailbox import encoded_name, quoted
from insights.errors import ExitCode, InsightsError
from insights.ports import Setup
from insights.stages.collect import Collected, collect
from insights.stages.sweep import sweep
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.fakes import quiet
from tests.stored import KEY, NOW

pytestmark = pytest.mark.servers

PASSWORD = "some-password-9"
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


class Account:
    """An account of one test, and what is kept of it."""

    def __init__(self, port: int, folder: Path, repository: Repository) -> None:
        self.user = f"u{uuid.uuid4().hex[:8]}"
        self._port, self._folder, self._repository = port, folder, repository
        self.client = imaplib.IMAP4("127.0.0.1", port)
        words = f"\0{self.user}\0{PASSWORD}".encode()
        self.client.authenticate("PLAIN", lambda _: words)

    def put(
        self, number: int, *, to: int | None = None, folder: str = "INBOX", sender: str = "ann@firm.example"
    ) -> None:
        answers = f"In-Reply-To: <{to}@x>\r\n" if to is not None else ""
        raw = f"From: {sender}\r\nMessage-ID: <{number}@x>\r\nSubject: S{number}\r\n{answers}\r\nWord{number}.\r\n"
        at = imaplib.Time2Internaldate(time.mktime(AT.timetuple()) + number)
        self.client.append(quoted(encoded_name(folder)), "", at, raw.encode())

    def source(self, password: str = PASSWORD, **changes: Any) -> Imap:
        settings = {"host": "127.0.0.1", "port": self._port, "tls": "none", "user": self.user, "own": ["acme.example"]}
        chosen = IMAP.settings.model_validate(settings | changes)
        made = IMAP.make(
            Setup(name="mail", settings=chosen, folder=self._folder, secret=lambda: password, sleep=lambda _: None)
        )
        assert isinstance(made, Imap)
        return made

    def pull(self) -> Collected:
        where = self._folder / "rejects"
        return collect(self.source(), repository=self._repository, rejects_folder=where, now=NOW, progress=quiet)

    def sweep(self) -> int:
        return sweep(self.source(), name="mail", repository=self._repository, progress=quiet).removed

    def stored(self) -> dict[str, list[str]]:
        """Item -> the words of its mails, in order."""
        items = self._repository.feedback.unprotected(1000)
        return {item.source_id: [word for word in item.text.split() if word.startswith("Word")] for item in items}


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    port = os.environ.get("INSIGHTS_TEST_IMAP", "")
    if not port:
        pytest.skip("no server of others is named in INSIGHTS_TEST_IMAP: make test-servers starts it")
    repository = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    yield Account(int(port), tmp_path, repository)
    repository.close()


def test_conversations_grow_with_nothing_lost_and_nothing_doubled(account: Account) -> None:
    for number in range(230):
        account.put(number, to=number // 2 if number % 3 == 0 and number else None)
    first = account.pull()
    before = account.stored()
    assert sorted(word for words in before.values() for word in words) == sorted(f"Word{n}." for n in range(230))

    account.put(230, to=1)
    account.put(231)
    account.put(232, to=231, sender="eve@acme.example")
    second = account.pull()

    after = account.stored()
    assert (first.refused, second.saved.new, second.saved.changed) == (0, 1, 1)
    assert after["1@x"] == [*before["1@x"], "Word230."] and after["231@x"] == ["Word231."]
    assert account.pull().saved.changed == 0


def test_what_was_expunged_goes_and_what_was_moved_stays(account: Account) -> None:
    account.client.create(quoted(encoded_name("Erledigt & weg")))
    for number in range(8):
        account.put(number)
    account.pull()
    account.client.select("INBOX")
    account.client.uid("MOVE", "1", quoted(encoded_name("Erledigt & weg")))
    account.client.uid("MOVE", "2", "Papierkorb")
    account.client.uid("STORE", "3", "+FLAGS", r"(\Deleted)")
    account.client.expunge()

    assert account.sweep() == 2
    assert set(account.stored()) == {f"{number}@x" for number in range(8) if number not in (1, 2)}


def test_a_folder_that_was_made_anew_doubles_nothing(account: Account) -> None:
    for number in range(4):
        account.put(number)
    account.pull()
    account.client.select("INBOX")
    account.client.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
    account.client.expunge()
    for number in range(5):
        account.put(number)

    done = account.pull()

    assert (done.saved.new, done.saved.changed) == (1, 0)


def test_the_source_keeps_its_contract(account: Account) -> None:
    for number in range(230):
        account.put(number, to=number // 2 if number % 3 == 0 and number else None)

    check_source(account.source(), secret=PASSWORD)
    assert account.source().check() == f"{account.user} at 127.0.0.1, INBOX"


def test_a_wrong_password_is_said_as_such_without_it(account: Account) -> None:
    with pytest.raises(InsightsError) as caught:
        list(account.source("canary-7f3a9c51").fetch({}))

    assert caught.value.exit_code is ExitCode.LOGIN
    assert "7f3a9c51" not in caught.value.message
