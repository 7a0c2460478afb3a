"""Whatever a digest, a name or an address holds: one mail, of the headers that we write, that any server takes."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.senders.mail_addresses import Mailbox, mailbox, mailboxes
from connectors.senders.mail_message import mail, message_id
from connectors.senders.smtp import as_sent
from connectors.senders.webhook import split_address
from insights.errors import ExitCode, InsightsError
from insights.ports import Image, Message
from insights.text.clean import one_line
from tests.hostile.acting import WORDS as HOSTILE

SENDER, ANN = Mailbox("insights@acme.example", "Insights"), Mailbox("ann@acme.example")
NOW = datetime(2026, 11, 26, 5, 30, tzinfo=UTC)
HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "List-Id"),
    *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
}
WORDS = st.text() | st.text(alphabet='a .\r\n:<>@,;"\\=?\x00\u2028é語😀') | st.sampled_from(HOSTILE)
ADDRESSES = st.text(alphabet="ab.-@<>\" ,;:\\\r\nü語'+_") | st.text() | st.emails()


def sent(message: Message, *, to: Mailbox = ANN) -> bytes:
    return as_sent(mail(message, sender=SENDER, to=[to], reply_to=None, now=NOW))


def read(content: bytes):
    """As a mail program does, once the server has taken the end and the doubled dots off."""
    assert content.endswith(b"\r\n.\r\n")
    return message_from_bytes(re.sub(rb"(?m)^\.", b"", content[: -len(b".\r\n")]), policy=default)


@given(WORDS, WORDS, WORDS, WORDS)
@example("a\r\nBcc: all@evil.example", ".\r\n.", "\r\n.\r\nMAIL FROM:<eve@evil.example>", "\r\nX-Evil: 1")
@example("é" * 500, "x" * 2000, "\ud800", "k" * 300)
@example("=?utf-8?q?a=0D=0ABcc:_eve@evil.example?=", "t", "h", "n")
@example("s", "t", "h", f"{'n' * 60}, eve@evil.example <eve@evil.example>, é")
def test_a_mail_is_one_whatever_it_holds(subject: str, text: str, html: str, name: str) -> None:
    message = Message(key=name, subject=subject, text=text, html=html)
    content = sent(message, to=Mailbox("ann@acme.example", one_line(name, 100)))
    lines = content.split(b"\r\n")

    assert content.isascii()
    assert max(map(len, lines)) <= 998
    assert b"\r" not in b"".join(lines) and b"\n" not in b"".join(lines)
    assert [one for one in lines if one == b"."] == [b"."]
    found = read(content)
    assert set(found.keys()) <= HEADERS
    assert seen(str(found["Subject"])) == seen(one_line(subject))
    assert [one.addr_spec for one in found["To"].addresses] == ["ann@acme.example"]
    plain = found.get_body(("plain",)).get_content()
    lines_of = re.compile(r"\r\n|\r|\n")
    wanted = text.encode("utf-8", "replace").decode()
    assert lines_of.split(plain.rstrip("\r\n")) == lines_of.split(wanted.rstrip("\r\n"))


def seen(text: str) -> str:
    """Without spaces, at which lines are folded, and without what cannot be seen of ours."""
    return "".join(text.replace("\u2060", "").split())


@given(st.text(min_size=1))
def test_an_id_is_always_one_and_differs_where_keys_do(key: str) -> None:
    made = message_id(key, "acme.example")

    assert re.fullmatch(r"<[\w=-]+(\.[\w=-]+)*@acme\.example>", made, re.ASCII)
    assert made != message_id(f"{key}x", "acme.example")


@given(ADDRESSES)
@example("a@b\r\nBcc: c@d")
@example('"a" <a@b>, c@d')
def test_an_address_is_one_or_is_refused(text: str) -> None:
    try:
        found = mailbox(text)
    except InsightsError as refused:
        assert refused.exit_code is ExitCode.USAGE and "\n" not in refused.message
        return
    assert re.fullmatch(r"[!-?A-~]+@[a-z0-9.-]+", found.address)
    assert found.name.isprintable() and len(found.address) <= 254
    assert found.header.addr_spec == found.address


@pytest.mark.parametrize(
    ("text", "address", "name"),
    [
        ("ann@acme.example", "ann@acme.example", ""),
        ("  ann@ACME.example ", "ann@acme.example", ""),
        ("<ann@acme.example>", "ann@acme.example", ""),
        ("Ann Lee <ann+d@acme.example>", "ann+d@acme.example", "Ann Lee"),
        ('"Lee, Ann" <ann@acme.example>', "ann@acme.example", "Lee, Ann"),
        ("Änne <änne@acme.example>", None, None),
        ("Änne <anne@bücher.example>", "anne@xn--bcher-kva.example", "Änne"),
        ("root@localhost", "root@localhost", ""),
    ],
)
def test_addresses_are_read_as_people_write_them(text: str, address: str | None, name: str | None) -> None:
    if address is None:
        with pytest.raises(InsightsError):
            mailbox(text)
    else:
        assert mailbox(text) == Mailbox(address, name or "")


def test_who_is_named_twice_gets_one() -> None:
    assert [one.address for one in mailboxes(["ann@acme.example", "Ann <ann@ACME.example>"])] == ["ann@acme.example"]


@pytest.mark.parametrize("name", ["", "../x", "a b", 'a"b', "a\r\nb", "<a>"])
def test_a_picture_s_name_is_one(name: str) -> None:
    message = Message(key="k", subject="s", text="t", html="<p>", images=(Image(name=name, content=b"x", alt="a"),))
    with pytest.raises(ValueError, match="not a picture's name"):
        sent(message)


@given(st.text(alphabet="htps:/.@#?[]%hooks.slackcom1 \u2028é") | st.text())
def test_an_address_of_a_webhook_leads_to_its_service_or_is_refused(text: str) -> None:
    try:
        base, path = split_address(f"https://{text}", name="team", hosts=["hooks.slack.com"])
    except InsightsError as refused:
        assert refused.exit_code is ExitCode.LOGIN
        return
    assert re.fullmatch(r"https://([a-z0-9.-]+\.)?hooks\.slack\.com(:\d*)?", base, re.IGNORECASE)
    assert path.startswith("/")
