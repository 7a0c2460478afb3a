"""Digests by mail, to a server that others wrote: what arrives, and what happens where one refuses or falls silent."""

import base64
import inspect
import logging
import re
import ssl
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.senders.smtp import Smtp, SmtpSettings
from insights.errors import ExitCode, InsightsError
from insights.ports import Image, Message, Setup, Unanswered
from tests.connectors.senders.mail_server import (
    CUT,
    PASSWORD,
    SILENCE,
    USER,
    Faulty,
    MailServer,
    certificate,
    faulty,
    mail_server,
    speaking,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
ANN, BOB = "ann@acme.example", "bob@acme.example"


def a_message(**fields: Any) -> Message:
    given = {
        "key": "w4f2.product.2026-11-26",
        "subject": "Acme Desk: two problems are new",
        "text": "Two problems are new.\n\nP-1  Export times out\n",
        "html": '<p>Two problems are new.</p><img src="cid:chart" alt="Rises">',
        "images": (Image(name="chart", content=PNG, alt="Mentions rise to 12 a week"),),
        "to": (ANN,),
    }
    return Message(**{**given, **fields})


def a_sender(server: MailServer | Faulty, *, folder: Path = Path(), secret: str = PASSWORD, **fields: Any) -> Smtp:
    port = server.port if isinstance(server, MailServer) else server.server_address[1]
    given = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "Insights <insights@acme.example>"}
    settings = SmtpSettings.model_validate({**given, "timeout": 5, **fields})
    return Smtp(Setup(name="team-mail", settings=settings, folder=folder, secret=lambda: secret))


@pytest.fixture(autouse=True)
def contexts_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests share one elsewhere, for it takes time to make; here each trusts another certificate."""
    monkeypatch.setattr(ssl, "create_default_context", inspect.unwrap(ssl.create_default_context))


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server(auth_require_tls=False) as opened:
        yield opened


@contextmanager
def refused(code: ExitCode = ExitCode.ERROR) -> Iterator[pytest.ExceptionInfo[InsightsError]]:
    """Not taken, and known not to be."""
    with pytest.raises(InsightsError) as caught:
        yield caught
    assert not isinstance(caught.value, Unanswered)
    assert caught.value.exit_code is code
    assert caught.value.__cause__ is None


# -- what arrives -------------------------------------------------------------------------------------------------


def test_a_mail_has_plain_text_first_then_html_with_its_pictures(server: MailServer) -> None:
    a_sender(server).send(a_message())

    plain, rich = server.mail.iter_parts()
    page, picture = rich.iter_parts()
    assert server.mail.get_content_type() == "multipart/alternative"
    assert plain.get_content_type() == "text/plain"
    assert plain.get_content().replace("\r\n", "\n") == a_message().text
    assert rich.get_content_type() == "multipart/related"
    assert page.get_content().strip() == a_message().html
    assert (picture["Content-ID"], picture.get_content_type()) == ("<chart>", "image/png")
    assert picture.get_content() == PNG
    assert picture["Content-Description"] == "Mentions rise to 12 a week"
    assert picture.get_content_disposition() == "inline"


def test_a_text_alone_is_a_plain_mail(server: MailServer) -> None:
    a_sender(server).send(a_message(html="", images=()))

    assert server.mail.get_content_type() == "text/plain"


def test_its_headers_say_what_it_is_so_that_nothing_answers_by_itself(server: MailServer) -> None:
    receipt = a_sender(server, reply_to="Product <product@acme.example>").send(a_message(to=(ANN, f"Bob <{BOB}>")))

    mail = server.mail
    assert str(mail["From"]) == "Insights <insights@acme.example>"
    assert str(mail["To"]) == f"{ANN}, Bob <{BOB}>"
    assert str(mail["Reply-To"]) == "Product <product@acme.example>"
    assert mail["Message-ID"] == receipt == "<w4f2.product.2026-11-26@acme.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["List-Id"] == "<insights-digest.acme.example>"
    assert abs(mail["Date"].datetime.timestamp() - time.time()) < 60
    assert server.envelopes[0].mail_from == "insights@acme.example"
    assert server.envelopes[0].rcpt_tos == [ANN, BOB]


def test_the_same_digest_has_the_same_id_and_another_another(server: MailServer) -> None:
    sender = a_sender(server)
    first, again, other = sender.send(a_message()), sender.send(a_message(text="x")), sender.send(a_message(key="k.2"))

    assert first == again != other


@pytest.mark.parametrize("key", ["w.größe.2026", "w..x.", ".w", "w x\r\nBcc: a@evil.example", "w<a>@b", "k" * 200])
def test_an_id_is_one_whatever_the_key(server: MailServer, key: str) -> None:
    a_sender(server).send(a_message(key=key))

    assert re.fullmatch(r"<[\w=-]+(\.[\w=-]+)*@acme\.example>", str(server.mail["Message-ID"]), re.ASCII)
    assert server.mail["Bcc"] is None


def test_names_and_words_of_any_script_arrive(server: MailServer) -> None:
    words = "Größe 语言 🎉 — “fein”\n" * 3
    message = a_message(subject="Größe 语言 🎉", text=words, html=f"<p>{words}</p>", to=(f"Ann Müller 语 <{ANN}>",))
    a_sender(server, sender="Einsicht für Ütz <insights@acme.example>").send(message)

    mail = server.mail
    plain, rich = mail.iter_parts()
    assert str(mail["Subject"]) == "Größe 语言 🎉"
    assert mail["From"].addresses[0].display_name == "Einsicht für Ütz"
    assert mail["To"].addresses[0].display_name == "Ann Müller 语"
    assert plain.get_content().replace("\r\n", "\n") == words
    assert words.strip() in next(rich.iter_parts()).get_content().replace("\r\n", "\n")
    assert server.content.isascii()


def test_a_domain_of_another_script_is_written_as_servers_read_it(server: MailServer) -> None:
    a_sender(server).send(a_message(to=("ann@bücher.example",)))

    assert server.envelopes[0].rcpt_tos == ["ann@xn--bcher-kva.example"]


@pytest.mark.parametrize("text", [".\n..\n.\r\n.x\n", "\n.\n\n.", "From here\n", "a\rb\r\r\nc"])
def test_dots_and_line_ends_arrive_as_they_are(server: MailServer, text: str) -> None:
    a_sender(server).send(a_message(text=text, html="", images=()))

    wanted = re.sub(r"\r\n|\r|\n", "\n", text)
    assert re.sub(r"\r\n|\r|\n", "\n", server.mail.get_content()).rstrip("\n") == wanted.rstrip("\n")


def test_a_large_mail_of_one_line_arrives_in_short_ones(server: MailServer) -> None:
    html = f"<p>{'größe ' * 50_000}</p>"
    a_sender(server).send(a_message(html=html, text="x" * 5000))

    content = server.content
    assert len(html) > 300_000
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert next(next(reversed(list(server.mail.iter_parts()))).iter_parts()).get_content().strip() == html


@pytest.mark.parametrize(
    "subject", ["a\r\nBcc: a@evil.example", "a\nX-Evil: 1", "a\x00b\x1b[2J", "a\u2028Bcc: b", "", "x" * 5000, "\ud800"]
)
def test_a_subject_is_one_line_and_no_other_header(server: MailServer, subject: str) -> None:
    a_sender(server).send(a_message(subject=subject))

    assert server.mail["Bcc"] is None and server.mail["X-Evil"] is None
    assert str(server.mail["Subject"]).isprintable()
    assert server.envelopes[0].rcpt_tos == [ANN]


@pytest.mark.parametrize(
    "address",
    [
        "ann@acme.example\r\nBcc: all@evil.example",
        "ann@acme.example, eve@evil.example",
        "ann@acme.example>\r\nRCPT TO:<eve@evil.example",
        "<ann@acme.example> <eve@evil.example>",
        "ann",
        "ann@",
        "@acme.example",
        "ann@acme..example",
        "ann@-acme.example",
        "ann b@acme.example",
        "größe@acme.example",
        "a" * 65 + "@acme.example",
        "a@" + "b." * 130 + "example",
        "eve@evil.example (ann@acme.example)",
        "",
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_sent(server: MailServer, address: str) -> None:
    with refused(ExitCode.USAGE) as caught:
        a_sender(server).send(a_message(to=(ANN, address)))

    assert server.envelopes == []
    assert "\n" not in caught.value.message
    with pytest.raises(InsightsError):
        a_sender(server, sender=address or "-")


def test_what_would_part_addresses_is_left_out_of_names(server: MailServer) -> None:
    a_sender(server).send(a_message(to=(f'"Lovelace, Ann \\"A\\"" <{ANN}>',)))

    assert server.mail["To"].addresses[0].display_name == "Lovelace Ann A"
    assert server.envelopes[0].rcpt_tos == [ANN]


def test_a_mail_to_nobody_is_refused(server: MailServer) -> None:
    with refused(ExitCode.USAGE) as caught:
        a_sender(server).send(a_message(to=()))

    assert "[[digests]]" in caught.value.remedy


# -- encryption and login -----------------------------------------------------------------------------------------


def test_the_login_goes_over_starttls(tmp_path: Path) -> None:
    paths = certificate(tmp_path)
    with mail_server(starttls=speaking(paths), auth_required=True) as server:
        sender = a_sender(server, folder=tmp_path, security="starttls", user=USER, ca_file="cert.pem")

        assert sender.check() == f"{USER} at 127.0.0.1:{server.port} (STARTTLS)"
        sender.send(a_message())

    assert server.logins == [(USER.encode(), PASSWORD.encode())] * 2
    assert server.was_encrypted == [True]


def test_tls_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(paths[0]))
    with mail_server(tls=speaking(paths), auth_require_tls=False) as server:
        a_sender(server, security="tls", user=USER).send(a_message())

    assert len(server.envelopes) == 1
    assert server.logins == [(USER.encode(), PASSWORD.encode())]


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("why", ["unknown", "of another"])
def test_a_certificate_that_is_not_trusted_ends_it_before_the_login(tmp_path: Path, security: str, why: str) -> None:
    paths = certificate(tmp_path, names=["other.example"], addresses=["127.0.0.1"] if why == "unknown" else [])
    trusted = {"ca_file": "cert.pem"} if why == "of another" else {}
    context = speaking(paths)
    with mail_server(**{security: context}, auth_require_tls=False) as server, refused() as caught:
        a_sender(server, folder=tmp_path, security=security, user=USER, **trusted).send(a_message())

    assert "certificate is not trusted" in caught.value.message
    assert server.logins == [] and server.envelopes == []


def test_a_server_without_starttls_gets_nothing(server: MailServer) -> None:
    with refused() as caught:
        a_sender(server, security="starttls", user=USER).send(a_message())

    assert "no STARTTLS" in caught.value.message
    assert server.logins == []


def test_where_tls_is_awaited_and_none_is_spoken_that_is_said(server: MailServer) -> None:
    with refused() as caught:
        a_sender(server, security="tls").check()

    assert "TLS" in caught.value.message


def test_a_ca_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("no certificate")
    with mail_server(starttls=speaking(certificate(tmp_path / "other"))) as server, refused() as caught:
        a_sender(server, folder=tmp_path, security="starttls", ca_file="cert.pem").check()

    assert "cert.pem is no certificate" in caught.value.message


def test_without_encryption_only_to_this_machine_or_where_it_is_said() -> None:
    given = {"host": "mail.acme.example", "security": "none", "sender": "a@b.example"}
    with pytest.raises(ValidationError, match="insecure = true"):
        SmtpSettings.model_validate(given)

    assert SmtpSettings.model_validate({**given, "insecure": True}).used_port == 25
    assert SmtpSettings.model_validate({**given, "security": "tls"}).used_port == 465
    assert SmtpSettings.model_validate({**given, "security": "starttls"}).used_port == 587


def test_without_a_user_no_password_is_looked_for(server: MailServer) -> None:
    def none() -> str:
        raise AssertionError("nobody asks for it")

    settings = SmtpSettings(host="127.0.0.1", port=server.port, security="none", sender="a@acme.example")
    sender = Smtp(Setup(name="team-mail", settings=settings, folder=Path(), secret=none))

    assert sender.check() == f"nobody, without a login at 127.0.0.1:{server.port} (not encrypted)"
    sender.send(a_message())
    assert not settings.needs_login


@pytest.mark.parametrize("secret", ["wrong", "größe", "with space"])
def test_a_refused_login_is_told_as_one_without_the_password(server: MailServer, secret: str) -> None:
    with refused(ExitCode.LOGIN) as caught:
        a_sender(server, user=USER, secret=secret).send(a_message())

    assert secret not in caught.value.message + caught.value.remedy
    assert "insights auth team-mail" in caught.value.remedy
    assert server.envelopes == []


@pytest.mark.parametrize(
    "answers",
    [
        {"AUTH": "535 you said ECHO"},
        {"AUTH": "454 you said ECHO"},
        {"AUTH": "ECHO"},
        {"AUTH": CUT},
        {"AUTH": "235 ok ECHO", "MAIL": f"550 {PASSWORD}"},
        {"AUTH": "235 ok", "content": f"554 {PASSWORD}"},
        {"AUTH": "235 ok", "content": CUT},
        {"AUTH": "235 ok", "RCPT": f"550 {PASSWORD}"},
    ],
)
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_the_password_is_told_nowhere(
    answers: dict[str, str], mechanism: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    hello = f"250-mail.acme.example\r\n250 AUTH {mechanism}"
    with faulty(EHLO=hello, **answers) as server:
        sender = a_sender(server, user=USER)
        with pytest.raises(InsightsError) as caught:
            sender.send(a_message())

    said = "\n".join(
        [*traceback.format_exception(caught.value), caught.value.remedy, repr(sender), repr(vars(sender)), caplog.text]
    )
    said += "".join(capfd.readouterr())
    for form in (PASSWORD, coded(PASSWORD), coded(f"\0{USER}\0{PASSWORD}")):
        assert form not in said


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_server_that_wants_a_login_is_told_as_that() -> None:
    with mail_server(auth_required=True, auth_require_tls=False) as server, refused(ExitCode.LOGIN) as caught:
        a_sender(server).send(a_message())

    assert "530" in caught.value.message


def test_a_server_that_takes_no_login_is_told_as_that() -> None:
    with faulty() as server, refused() as caught:
        a_sender(server, user=USER).send(a_message())

    assert "takes no login" in caught.value.message


# -- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("answer", "later"), [("550 5.7.1 no <b>\x1b[31m", False), ("451 4.3.0 not now", True)])
def test_what_a_server_refuses_was_not_sent(server: MailServer, verb: str, answer: str, later: bool) -> None:
    server.refusing[verb] = answer
    with refused() as caught:
        a_sender(server).send(a_message())

    assert answer[:9] in caught.value.message
    assert caught.value.unquoted[0].endswith((f": {answer[:9]}.", "of its 1 recipients."))
    assert caught.value.message.isprintable()
    assert ("later" in caught.value.remedy) == (later and verb != "RCPT")
    server.refusing.clear()
    assert a_sender(server).send(a_message())


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("greeting", "554 go away"),
        ("EHLO", "421 closing"),
        ("MAIL", "421 closing"),
        ("RCPT", "421 closing"),
        ("DATA", "503 no"),
        ("content", "554 spam"),
        ("content", "421 closing"),
        ("content", "452 full"),
    ],
)
def test_a_refusal_at_any_step_is_one(step: str, answer: str) -> None:
    with faulty(**{step: answer, **({"HELO": answer} if step == "EHLO" else {})}) as server, refused() as caught:
        a_sender(server).send(a_message())

    assert answer in caught.value.message


def test_a_mail_that_is_too_large_is_refused_before_it_is_sent() -> None:
    with mail_server(auth_require_tls=False, data_size_limit=2000) as server, refused() as caught:
        a_sender(server).send(a_message(text="x" * 5000))

    assert "552" in caught.value.message and server.envelopes == []


def test_where_some_recipients_are_refused_the_others_get_it_and_that_is_told(server: MailServer) -> None:
    server.refused_recipients[BOB] = "550 5.1.1 no such user"
    receipt = a_sender(server).send(a_message(to=(ANN, BOB)))

    assert receipt == f"<w4f2.product.2026-11-26@acme.example>; not to {BOB} (550 5.1.1)"
    assert server.envelopes[0].rcpt_tos == [ANN]


def test_where_all_recipients_are_refused_nothing_is_sent(server: MailServer) -> None:
    server.refused_recipients |= {ANN: "550 5.1.1 no such user", BOB: "452 4.2.2 full"}
    with refused() as caught:
        a_sender(server).send(a_message(to=(ANN, BOB)))

    assert f"{ANN} (550 5.1.1 no such user), {BOB} (452 4.2.2 full)" in caught.value.message
    assert server.envelopes == []


# -- cuts and silence ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [CUT, SILENCE])
@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
def test_cut_off_or_silent_before_the_mail_it_was_not_sent(step: str, fault: str) -> None:
    with faulty(**{step: fault}) as server, refused() as caught:
        a_sender(server, timeout=0.3).send(a_message())

    assert ("in time" if fault == SILENCE else "broke off") in caught.value.message
    assert "Nothing was sent" in caught.value.remedy
    assert server.contents == []


def test_cut_off_within_the_mail_it_was_not_sent() -> None:
    with faulty(within=CUT) as server, refused():
        a_sender(server).send(a_message(text=f"{'x' * 60}\n" * 100_000, html="", images=()))

    assert server.contents == []


@pytest.mark.parametrize("fault", [CUT, SILENCE, "nonsense", "25", "250" + "x" * 9000])
def test_without_a_usable_answer_after_the_whole_mail_it_is_not_known(fault: str) -> None:
    with faulty(content=fault) as server, pytest.raises(Unanswered) as caught:
        a_sender(server, timeout=0.5).send(a_message())

    assert len(server.contents) == 1
    assert "not known" in caught.value.message and "Message-ID" in caught.value.remedy


@pytest.mark.parametrize("fault", [CUT, "421 closing", "nonsense"])
def test_how_one_parts_changes_nothing(fault: str) -> None:
    with faulty(QUIT=fault) as server:
        assert a_sender(server).send(a_message()) == "<w4f2.product.2026-11-26@acme.example>"

    assert len(server.contents) == 1


def test_in_a_broken_mail_no_other_command_is_sent() -> None:
    with faulty(content=SILENCE) as server, pytest.raises(Unanswered):
        a_sender(server, timeout=0.3).send(a_message())

    assert server.steps[-1] == "content"


def test_where_nothing_answers_that_is_said() -> None:
    with faulty() as server:
        sender = a_sender(server)
    with refused() as caught:
        sender.send(a_message())

    assert "nothing answers there" in caught.value.message or "broke off" in caught.value.message


def test_a_name_that_no_server_has_is_said() -> None:
    with faulty() as server, refused() as caught:
        a_sender(server, host="no-such-host.invalid", insecure=True).check()

    assert "no server has this name" in caught.value.message
