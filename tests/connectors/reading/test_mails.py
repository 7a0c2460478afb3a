"""Mails as programs really write them: charsets that lie, broken headers, machines that answer."""

import gzip
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import check_source
from connectors.reading.mails import (
    Ours,
    Threads,
    made_item,
    read_head,
    read_mail,
    read_mail_time,
    read_text,
    source_id_of,
)
from connectors.sources.mbox import MBOX, Mbox
from insights.domain.feedback import FeedbackRecord
from insights.errors import InsightsError
from insights.ports import Page, Setup

BODY = "Content-Type: text/plain; charset={charset}\r\n\r\n"
OURS = Ours.of(["acme.example", "help@elsewhere.example"])


@pytest.mark.parametrize(
    ("declared", "data", "text"),
    [
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("iso-8859-1", "Grüße".encode(), "Grüße"),
        ("utf-8", "Grüße".encode("cp1252"), "Grüße"),
        ("iso-8859-1", "10 €".encode("cp1252"), "10 €"),
        ("iso-8859-2", "ďěkuji".encode("iso-8859-2"), "ďěkuji"),
        ("gb2312", "你好".encode("gb2312"), "你好"),
        ("no-such-charset", "Grüße".encode(), "Grüße"),
        ("punycode", b"plain words", "plain words"),
        ("iso-2022-jp", "日本".encode("iso-2022-jp"), "日本"),
    ],
)
def test_a_charset_that_lies_is_not_believed(declared: str, data: bytes, text: str) -> None:
    assert read_text(BODY.format(charset=declared).encode() + data) == text


@pytest.mark.parametrize(
    ("head", "subject"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?= aus =?iso-8859-1?q?K=F6ln?=", "Grüße aus Köln"),
        ("=?utf-8?b?R3LDvMOfZQ==?=\r\n =?utf-8?q?_zwei?=", "Grüße zwei"),
        ("=?utf-8?b?%%%?=", "=?utf-8?b?%%%?="),
        ("=?nonsense?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
    ],
)
def test_encoded_words_are_read_whatever_is_wrong_with_them(head: str, subject: str) -> None:
    assert read_head(f"Subject: {head}\r\n\r\n".encode()).subject == subject


def test_raw_bytes_in_a_header_are_read() -> None:
    head = read_head("Subject: Grüße\r\nFrom: Jörg <j@x.example>\r\n\r\n".encode())

    assert (head.subject, head.name, head.address) == ("Grüße", "Jörg", "j@x.example")


def test_the_plain_form_is_taken_and_the_attached_left() -> None:
    raw = b"""From: ann@x.example
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

It h=C3=A4ngs.
--a
Content-Type: text/html

<p>It <b>hangs</b> in HTML.</p>
--a--
--m
Content-Type: text/plain; name=log.txt
Content-Disposition: attachment; filename=log.txt

a log
--m
Content-Type: message/rfc822

Subject: other

another mail
--m--
"""
    assert read_text(raw).strip() == "It hängs."


def test_html_alone_becomes_its_words() -> None:
    raw = b"Content-Type: text/html; charset=utf-8\r\n\r\n<html><style>x</style><p>It hangs.</p><p>Often.</p></html>"

    assert read_text(raw).split() == ["It", "hangs.", "Often."]


@pytest.mark.parametrize(
    "line",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; owner=x",
        "Precedence: bulk",
        "X-Autoreply: yes",
        "Return-Path: <>",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x",
        "From: MAILER-DAEMON@firm.example",
    ],
)
def test_machines_are_left_out(line: str) -> None:
    sender = "" if line.startswith("From") else "From: ann@firm.example\r\n"

    assert OURS.customer(read_head(f"{sender}{line}\r\n\r\nx".encode())) is None


@pytest.mark.parametrize("line", ["Auto-Submitted: no", "Precedence: list", "Precedence: first-class"])
def test_people_on_a_list_are_not_machines(line: str) -> None:
    assert OURS.customer(read_head(f"From: ann@firm.example\r\n{line}\r\n\r\nx".encode())) is not None


@pytest.mark.parametrize(
    ("sender", "reply_to", "customer"),
    [
        ("Ann <Ann@Firm.example>", "", ("Ann", "ann@firm.example")),
        ("Eve <eve@acme.example>", "", None),
        ("Eve <eve@mail.acme.example>", "", None),
        ("Eve <eve@notacme.example>", "", ("Eve", "eve@notacme.example")),
        ("help@elsewhere.example", "", None),
        ("Form <forms@acme.example>", "ann@firm.example", ("", "ann@firm.example")),
        ("Eve <eve@acme.example>", "support@acme.example", None),
        ("", "", None),
        ('"Doe, Ann" <ann@firm.example>', "", ("Doe, Ann", "ann@firm.example")),
        ("=?utf-8?q?Doe=2C_Ann?= <ann@firm.example>", "", ("Doe, Ann", "ann@firm.example")),
        ("ann@firm.example (Ann", "", ("Ann", "ann@firm.example")),
    ],
)
def test_our_own_addresses_are_no_customers(sender: str, reply_to: str, customer: tuple[str, str] | None) -> None:
    head = read_head(f"From: {sender}\r\nReply-To: {reply_to}\r\n\r\nx".encode())

    assert OURS.customer(head) == customer


def test_ids_that_answer_each_other_in_a_circle_end() -> None:
    threads = Threads()
    heads = [
        read_head(f"Message-ID: <{a}>\r\nIn-Reply-To: <{b}>\r\n\r\n".encode())
        for a, b in [("a", "b"), ("b", "c"), ("c", "a"), ("d", "d")]
    ]
    for head in heads:
        threads.add(head)

    assert all(threads.key(head) for head in heads)


def test_a_mail_without_an_id_keeps_the_one_that_is_made_for_it() -> None:
    raw = b"From: ann@x.example\r\nSubject: s\r\nDate: Sun, 1 Mar 2026 08:00:00 +0100\r\n\r\nx"

    assert read_head(raw).id == read_head(b"X-Moved: yes\r\n" + raw).id


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Sun, 1 Mar 2026 08:00:00 +0100", datetime(2026, 3, 1, 7, tzinfo=UTC)),
        (" 1-Mar-2026 08:00:00 +0100", datetime(2026, 3, 1, 7, tzinfo=UTC)),
        ("Sun, 1 Mar 2026 08:00:00", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("Sun, 1 Mar 1900 08:00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times_of_mails_are_made_utc(text: str, moment: datetime | None) -> None:
    assert read_mail_time(text) == moment


@settings(max_examples=200)
@given(
    st.binary(max_size=600),
    st.sampled_from([b"", b"From: a@x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"]),
)
def test_any_bytes_are_a_mail_or_a_refusal(raw: bytes, head: bytes) -> None:
    found = read_head(head + raw)
    mail = read_mail(found, ("", "a@x"), datetime(2026, 3, 1, tzinfo=UTC), head + raw)
    assert mail is not None
    found.subject.encode()
    assert source_id_of(found.id)


@given(st.text(max_size=300))
def test_every_thread_has_a_short_plain_id(key: str) -> None:
    found = source_id_of(key)

    assert 0 < len(found) <= 200 and found.isascii() and found.isprintable()


def test_a_thread_that_says_nothing_is_no_item() -> None:
    head = read_head(b"From: a@x\r\nMessage-ID: <a@x>\r\n\r\n")
    mail = read_mail(head, ("", "a@x"), datetime(2026, 3, 1, tzinfo=UTC), b"\r\n\r\n--\r\n")

    assert made_item("a@x", [mail], source="mail") is None  # type: ignore[list-item]


# -- files of mails ---------------------------------------------------------------------------------------------------

FILE = b"""From ann@firm.example Sun Mar  1 08:00:00 2026
From: Ann <ann@firm.example>
Message-ID: <a@x>
Subject: Export
Date: Sun, 1 Mar 2026 09:00:00 +0100

It hangs.
>From the start it did.

From here on it is worse.

From eve@acme.example Sun Mar  1 09:00:00 2026
From: Eve <eve@acme.example>
Message-ID: <b@x>
In-Reply-To: <a@x>

We look.

From - Mon Mar 02 10:00:00 2026
From: Ann <ann@firm.example>
Message-ID: <c@x>
In-Reply-To: <b@x>

Still hangs.

From bob@other.example Tue Mar  3 08:00:00 2026
From: bob@other.example

No id here.
"""


def an_mbox(folder: Path, content: bytes = FILE, *, name: str = "mails.mbox", since: date | None = None) -> Mbox:
    (folder / name).write_bytes(content)
    chosen = MBOX.settings.model_validate({"path": name, "own": ["acme.example"]})
    setup: Setup[Any] = Setup(name="mail", settings=chosen, folder=folder, secret=lambda: "", since=since)
    made = MBOX.make(setup)
    assert isinstance(made, Mbox)
    return made


def items(pages: Sequence[Page]) -> dict[str, FeedbackRecord]:
    return {one.source_id: one for page in pages for one in page.records if isinstance(one, FeedbackRecord)}


def test_a_file_of_mails_becomes_its_conversations(tmp_path: Path) -> None:
    [page] = an_mbox(tmp_path).fetch({})

    found = items([page])
    assert found["a@x"].text == "It hangs.\nFrom the start it did.\n\nFrom here on it is worse.\n\nStill hangs."
    assert found["a@x"].created_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert len(found) == 2 and page.total == 2
    [other] = [item for name, item in found.items() if name != "a@x"]
    assert (other.text, other.created_at) == ("No id here.", datetime(2026, 3, 3, 8, tzinfo=UTC))


def test_a_packed_file_is_read_as_well(tmp_path: Path) -> None:
    assert set(items(list(an_mbox(tmp_path, gzip.compress(FILE), name="m.mbox.gz").fetch({})))) > {"a@x"}


def test_a_file_that_did_not_change_brings_nothing_and_one_that_grew_the_same_ids(tmp_path: Path) -> None:
    same = an_mbox(tmp_path)
    [page] = same.fetch({})
    state = page.state

    assert list(same.fetch(state)) == []
    grown = an_mbox(tmp_path, FILE + FILE.replace(b"b@x", b"n@x").replace(b"<a@x>", b"<z@x>"))
    assert set(items([page])) < set(items(list(grown.fetch(state))))


def test_mails_before_a_day_are_left_out(tmp_path: Path) -> None:
    assert items(list(an_mbox(tmp_path, since=date(2026, 3, 2)).fetch({})))["a@x"].text == "Still hangs."


def test_a_file_of_broken_mails_is_read_to_its_end(tmp_path: Path) -> None:
    junk = b"From x Mon Mar 02 10:00:00 2026\n" + bytes(range(256)) * 20 + b"\n\n"

    assert "a@x" in items(list(an_mbox(tmp_path, junk + FILE).fetch({})))


def test_what_is_no_file_of_mails_is_said(tmp_path: Path) -> None:
    with pytest.raises(InsightsError, match="no mbox"):
        list(an_mbox(tmp_path, b"id,text\n1,x\n").fetch({}))


def test_the_source_keeps_its_contract(tmp_path: Path) -> None:
    mail = b"From x Sun Mar  1 08:00:00 2026\nFrom: a@firm.example\nMessage-ID: <%d@x>\n\nWords %d.\n\n"

    check_source(an_mbox(tmp_path, b"".join(mail % (number, number) for number in range(450))))
