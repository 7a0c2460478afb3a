"""Mail servers on loopback: aiosmtpd, whom others wrote, and one that fails as it is told. Not a test."""

import asyncio
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "digests@acme.example", "canary-9c51 pass"


@dataclass
class MailServer:
    """What it was sent, and what it answers at which verb instead of yes."""

    port: int = 0
    refusing: dict[str, str] = field(default_factory=dict)
    refused_recipients: dict[str, str] = field(default_factory=dict)
    envelopes: list[Envelope] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    was_encrypted: list[bool] = field(default_factory=list)

    @property
    def mail(self) -> EmailMessage:
        """The last one; an empty one where none was sent."""
        read = message_from_bytes(self.content, policy=default)
        assert isinstance(read, EmailMessage)
        return read

    @property
    def content(self) -> bytes:
        """Of the last one, as it came."""
        content = self.envelopes[-1].content if self.envelopes else None
        return content if isinstance(content, bytes) else b""

    # -- what aiosmtpd calls ----------------------------------------------------------------------------------

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        if "MAIL" in self.refusing:
            return self.refusing["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        refusal = self.refused_recipients.get(address) or self.refusing.get("RCPT")
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" in self.refusing:
            return self.refusing["DATA"]
        self.envelopes.append(envelope)
        self.was_encrypted.append(session.ssl is not None)
        return "250 OK: taken"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        if not isinstance(given, LoginPassword):
            return AuthResult(success=False)
        self.logins.append((given.login, given.password))
        is_right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        refusal = f"535 5.7.8 no: {given.login!r} {given.password!r}"
        return AuthResult(success=is_right, handled=False, message=None if is_right else refusal)


@contextmanager
def mail_server(
    *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, **given: Any
) -> Iterator[MailServer]:
    """Encrypted from the start with `tls`, on demand with `starttls`; `given` are settings of aiosmtpd."""
    kept = MailServer()
    loop = asyncio.new_event_loop()

    def made() -> SMTP:
        return SMTP(
            kept,
            hostname="mail.acme.example",
            tls_context=starttls,
            authenticator=kept.authenticate,
            loop=loop,
            **given,
        )

    server = loop.run_until_complete(loop.create_server(made, "127.0.0.1", 0, ssl=tls))
    kept.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


# -- one that fails as it is told ---------------------------------------------------------------------------------

CUT, SILENCE = "cut", "silence"
ANSWERS = {"greeting": "220 mail.acme.example", "DATA": "354 go on", "QUIT": "221 bye", "content": "250 taken"}


class _Talking(socketserver.StreamRequestHandler):
    server: "Faulty"

    def handle(self) -> None:
        self.last = b""
        if self._answer("greeting"):
            while line := self.rfile.readline():
                self.last = line.strip()
                verb = line.split()[0].decode().upper() if line.split() else ""
                if not self._answer(verb):
                    return
                if verb == "DATA" and not (self._read_content() and self._answer("content")):
                    return

    def _answer(self, step: str) -> bool:
        self.server.steps.append(step)
        answer = self.server.answers.get(step, ANSWERS.get(step, "250 OK"))
        if answer == SILENCE:
            self.server.over.wait(20)
        if answer in (CUT, SILENCE):
            return False
        self.wfile.write(f"{answer.replace('ECHO', self.last.decode())}\r\n".encode())
        return step != "QUIT"

    def _read_content(self) -> bool:
        if self.server.answers.get("within") == CUT:
            self.rfile.read(1000)
            return False
        whole = b""
        while line := self.rfile.readline():
            if line == b".\r\n":
                self.server.contents.append(whole)
                return True
            whole += line
        return False


class Faulty(socketserver.ThreadingTCPServer):
    """Answers at each step what `answers` says: a line, in which ECHO is what it was sent, CUT or SILENCE. `contents`
    are mails whose end it has seen."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Talking)
        self.answers = answers
        self.steps: list[str] = []
        self.contents: list[bytes] = []
        self.over = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is part of the tests."""


@contextmanager
def faulty(**answers: str) -> Iterator[Faulty]:
    with Faulty(answers) as server:
        threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True).start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()


# -- certificates -------------------------------------------------------------------------------------------------


def certificate(
    folder: Path, *, names: Sequence[str] = (), addresses: Sequence[str] = ("127.0.0.1",)
) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key, for these names and addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mail server")])
    known: list[x509.GeneralName] = [x509.DNSName(one) for one in names]
    known += [x509.IPAddress(ipaddress.ip_address(one)) for one in addresses]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(known), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(exist_ok=True)
    at, secret = folder / "cert.pem", folder / "key.pem"
    at.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return at, secret


def speaking(paths: tuple[Path, Path]) -> ssl.SSLContext:
    """What a server with this certificate speaks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*paths)
    return context
