"""A mailbox becomes one item for each conversation: only customers' words, each once, whatever mail programs do."""

import ssl
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import check_source
from connectors.sources.imap import IMAP
from connectors.sources.imap_mailbox import decoded_name, encoded_name
from insights.domain.feedback import FeedbackRecord
from insights.errors import ExitCode, InsightsError
from insights.ports import Page, Setup, Source
from insights.stages.collect import Collected, collect
from insights.stages.sweep import sweep
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.connectors.sources.imap_server import Box, ImapServer, certified, serving_imap
from tests.fakes import quiet
from tests.stored import KEY, NOW


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with serving_imap() as running:
        yield running


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    yield opened
    opened.close()


def source(server: ImapServer, *, password: str = "", since: date | None = None, **changes: Any) -> Source:
    settings: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": server.port,
        "tls": "none",
        "user": server.user,
        "own": ["acme.example"],
    }
    return IMAP.make(
        Setup(
            name="mail",
            settings=IMAP.settings.model_validate(settings | changes),
            folder=Path(),
            secret=lambda: password or server.password,
            since=since,
            sleep=lambda _: None,
        )
    )


def pull(server: ImapServer, repository: Repository, folder: Path, **changes: Any) -> Collected:
    made = source(server, **changes)
    return collect(made, repository=repository, rejects_folder=folder / "r", now=NOW, progress=quiet)


def items(pages: Iterator[Page]) -> dict[str, FeedbackRecord]:
    found = [record for page in pages for record in page.records]
    return {record.source_id: record for record in found if isinstance(record, FeedbackRecord)}


def a_mail(
    text: str = "The export hangs.",
    *,
    named: str = "a@x",
    to: str = "",
    sender: str = "Ann <ann@firm.example>",
    **more: str,
) -> bytes:
    heads = {
        "From": sender,
        "Message-ID": f"<{named}>",
        "Subject": "Export",
        **({"References": to} if to else {}),
        **more,
    }
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in heads.items() if value]
    return ("\r\n".join([*lines, "Content-Type: text/plain; charset=utf-8", "", text]) + "\r\n").encode()


def test_a_conversation_is_one_item_of_the_customers_words_in_order(server: ImapServer) -> None:
    server.inbox.put(a_mail("It hangs.", named="a@x"), datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=2))))
    server.inbox.put(a_mail("We look into it.", named="b@x", to="<a@x>", sender="support@acme.example"))
    server.inbox.put(a_mail("Thanks, it still hangs.\n\n> We look into it.", named="c@x", to="<a@x> <b@x>"))
    server.inbox.put(a_mail("Another thing.", named="d@x", sender="Bob <bob@other.example>"))

    found = items(source(server).fetch({}))

    assert set(found) == {"a@x", "d@x"}
    first = found["a@x"]
    assert first.text == "It hangs.\n\nThanks, it still hangs."
    assert (first.author_name, first.author_email, first.subject) == ("Ann", "ann@firm.example", "Export")
    assert first.created_at == datetime(2026, 3, 1, 7, tzinfo=UTC)


def test_a_reply_that_names_only_the_mail_before_it_finds_its_conversation(server: ImapServer) -> None:
    server.inbox.put(a_mail("one", named="a@x"))
    server.inbox.put(a_mail("two", named="b@x", In_Reply_To="<a@x>"))
    server.inbox.put(a_mail("three", named="c@x", In_Reply_To="<b@x>"))

    assert {name: item.text for name, item in items(source(server).fetch({})).items()} == {"a@x": "one\n\ntwo\n\nthree"}


def test_a_later_reply_comes_with_all_that_was_said_before(
    server: ImapServer, repository: Repository, tmp_path: Path
) -> None:
    server.inbox.put(a_mail("one", named="a@x"))
    server.inbox.put(a_mail("other", named="o@x"))
    pull(server, repository, tmp_path)
    server.inbox.put(a_mail("two", named="b@x", to="<a@x>"))

    done = pull(server, repository, tmp_path)

    texts = {item.source_id: item.text for item in repository.feedback.unprotected(10)}
    assert "one\n\ntwo" in texts["a@x"] and set(texts) == {"a@x", "o@x"}
    assert (done.saved.new, done.saved.changed) == (0, 1)


def test_nothing_new_is_found_by_few_questions(server: ImapServer, repository: Repository, tmp_path: Path) -> None:
    for number in range(30):
        server.inbox.put(a_mail(named=f"{number}@x", to="<0@x>" if number % 2 else ""))
    pull(server, repository, tmp_path)
    server.asked.clear()

    done = pull(server, repository, tmp_path)

    assert done.saved.new == done.saved.changed == 0
    assert not any("FETCH" in words for words in server.asked)


def test_whoever_stops_after_any_page_goes_on_from_it(server: ImapServer) -> None:
    for number in range(250):
        server.inbox.put(a_mail(f"word{number}", named=f"{number}@x", to="<0@x>" if number == 249 else ""))
    pages = list(source(server).fetch({}))

    for count, page in enumerate(pages, 1):
        rest = items(source(server).fetch(page.state))
        assert set(items(iter(pages[:count]))) | set(rest) == {f"{number}@x" for number in range(249)}
    assert len(pages) == 3


def test_numbers_that_were_given_anew_double_nothing(
    server: ImapServer, repository: Repository, tmp_path: Path
) -> None:
    for number in range(5):
        server.inbox.put(a_mail(named=f"{number}@x"))
    pull(server, repository, tmp_path)
    mails = [raw for _, raw in server.inbox.mails.values()]
    server.boxes["INBOX"] = Box(validity=8)
    for raw in [a_mail(named="new@x"), *reversed(mails)]:
        server.inbox.put(raw)

    done = pull(server, repository, tmp_path)

    assert (done.saved.new, done.saved.changed, done.saved.unchanged) == (1, 0, 5)


def test_what_was_expunged_goes_and_what_was_moved_to_another_folder_stays(
    server: ImapServer, repository: Repository, tmp_path: Path
) -> None:
    server.boxes |= {"Archive/&APY-": Box(), "Trash": Box(), "Bin": Box(flags="\\HasNoChildren \\Trash")}
    for number in range(6):
        server.inbox.put(a_mail(named=f"{number}@x"))
    pull(server, repository, tmp_path)
    server.inbox.mails.pop(1)
    server.boxes["Archive/&APY-"].put(server.inbox.mails.pop(2)[1])
    server.boxes["Trash"].put(server.inbox.mails.pop(3)[1])
    server.boxes["Bin"].put(server.inbox.mails.pop(4)[1])

    done = sweep(source(server), name="mail", repository=repository, progress=quiet)  # type: ignore[arg-type]

    assert done.removed == 3
    assert repository.source_ids("mail") == {"1@x", "4@x", "5@x"}


def test_a_mail_in_two_folders_is_read_once(server: ImapServer) -> None:
    server.boxes["Done"] = Box()
    server.inbox.put(a_mail("one", named="a@x"))
    server.boxes["Done"].put(a_mail("one", named="a@x"))
    server.boxes["Done"].put(a_mail("two", named="b@x", to="<a@x>"))

    found = items(source(server, folders=["INBOX", "Done"]).fetch({}))

    assert found["a@x"].text == "one\n\ntwo"


def test_a_first_reading_goes_back_to_a_day(server: ImapServer) -> None:
    server.inbox.put(a_mail(named="old@x"), datetime(2026, 1, 1, tzinfo=UTC))
    server.inbox.put(a_mail(named="new@x"), datetime(2026, 2, 2, tzinfo=UTC))

    assert set(items(source(server, since=date(2026, 2, 1)).fetch({}))) == {"new@x"}


def test_a_connection_that_breaks_off_is_made_again(server: ImapServer) -> None:
    for number in range(5):
        server.inbox.put(a_mail(named=f"{number}@x"))
    server.cuts = 3

    assert len(items(source(server).fetch({}))) == 5


def test_a_server_that_stays_broken_is_named(server: ImapServer) -> None:
    server.inbox.put(a_mail())
    server.cuts = 99

    with pytest.raises(InsightsError, match="mail could not be read"):
        list(source(server).fetch({}))


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 AUTH=PLAIN", "IMAP4rev1"])
def test_a_refused_login_is_said_as_such_without_the_password(server: ImapServer, capabilities: str) -> None:
    server.capabilities = capabilities
    wrong = 'wr"ong\\word-9'

    with pytest.raises(InsightsError) as caught:
        list(source(server, password=wrong).fetch({}))

    assert caught.value.exit_code is ExitCode.LOGIN
    assert wrong not in caught.value.message and "ong\\" not in caught.value.message
    assert caught.value.unquoted[0].endswith("its words are left out here.")


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 AUTH=PLAIN", "IMAP4rev1"])
def test_any_password_logs_in(server: ImapServer, capabilities: str) -> None:
    server.capabilities, server.password = capabilities, 'p"a\\ss word'

    assert source(server).check() == "support@acme.example at 127.0.0.1, INBOX"  # type: ignore[attr-defined]


def test_a_folder_that_is_missing_is_said(server: ImapServer) -> None:
    with pytest.raises(InsightsError, match="no such folder"):
        list(source(server, folders=["Tickets"]).fetch({}))


@pytest.mark.parametrize("host", ["imap.example.com", "10.0.0.1"])
def test_a_password_is_not_sent_in_the_clear_to_another_machine(server: ImapServer, host: str) -> None:
    with pytest.raises(ValueError, match="in the clear"):
        source(server, host=host)


def test_a_server_that_nobody_vouches_for_gets_no_password(server: ImapServer, tmp_path: Path) -> None:
    server.tls, _ = certified(tmp_path)

    with pytest.raises(InsightsError, match="is not trusted"):
        list(source(server, tls="tls").fetch({}))

    assert server.asked == []


def test_a_mailbox_is_read_over_tls(server: ImapServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server.tls, voucher = certified(tmp_path)
    trusting = ssl.create_default_context(cafile=str(voucher))
    monkeypatch.setattr("ssl.create_default_context", lambda: trusting)
    server.inbox.put(a_mail())

    assert set(items(source(server, tls="tls").fetch({}))) == {"a@x"}


def test_a_huge_mail_is_read_without_what_is_attached(server: ImapServer) -> None:
    attached = "\r\n".join(["QUJD" * 18] * 130_000)
    raw = (
        "From: ann@firm.example\r\nMessage-ID: <a@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nIt hangs.\r\n"
        "--b\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{attached}\r\n--b--\r\n"
    )
    server.inbox.put(raw.encode())

    assert items(source(server).fetch({}))["a@x"].text == "It hangs."


def test_a_mail_of_broken_bytes_ends_nothing(server: ImapServer) -> None:
    server.inbox.put(bytes(range(256)) * 40)
    server.inbox.put(
        b"\xff\xfe\x00From: \x80\r\nMessage-ID: <<>>\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n\x00"
    )
    server.inbox.put(a_mail(named="good@x"))

    assert "good@x" in items(source(server).fetch({}))


@pytest.mark.parametrize("name", ["INBOX", "Entwürfe & mehr", "日本語/受信", "a&b", "&", "~x"])
def test_names_of_folders_go_there_and_back(name: str) -> None:
    assert encoded_name(name).isascii()
    assert decoded_name(encoded_name(name)) == name


def test_the_source_keeps_its_contract(server: ImapServer) -> None:
    for number in range(230):
        server.inbox.put(a_mail(f"word{number}", named=f"{number}@x", to=f"<{number // 2}@x>" if number % 3 else ""))

    check_source(source(server), secret=server.password)
