"""A mail server, by SMTP (RFC 5321).

What is asked step by step here `smtplib.sendmail` asks at once: it does not tell whether a server that fell silent
had the whole mail already. Only after its last line has left, and no answer has come, may it have been taken.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.generator import BytesGenerator
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from io import BytesIO
from typing import Literal, Self

from pydantic import Field, model_validator

from connectors.addresses import LOCAL
from connectors.senders.mail_addresses import Mailbox, mailbox, mailboxes
from connectors.senders.mail_message import mail
from connectors.senders.smtp_failures import Talk, numbers
from insights.config import Section
from insights.errors import InsightsError
from insights.ports import Form, Message, SenderKind, Setup
from insights.text.clean import one_line

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_DOT = re.compile(rb"(?m)^\.")


class SmtpSettings(Section):
    """`[[senders]]` with type = "smtp"."""

    host: str = Field(description="The mail server.", max_length=253, pattern=r"^[\w.:-]+$")
    port: int = Field(0, ge=0, le=65_535, description="0: 587 for starttls, 465 for tls, 25 for none.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls: encrypted after the greeting; tls: from the start; none: on this machine."
    )
    insecure: bool = Field(
        False, description='Allow security = "none" to another machine: all of it can be read on the way.'
    )
    sender: str = Field(description="From whom: insights@acme.example, or Insights <insights@acme.example>.")
    reply_to: str = Field("", description="Whom an answer goes to; empty: the sender.")
    user: str = Field("", description="As whom to log in; empty: without a login.")
    ca_file: str = Field(
        "", description="Certificate to trust besides the system's, a PEM file relative to the workspace."
    )
    timeout: float = Field(30, gt=0, le=600, description="Seconds to wait for each answer.")

    @model_validator(mode="after")
    def kept_from_others(self) -> Self:
        if self.security == "none" and self.host not in LOCAL and not self.insecure:
            raise ValueError('security = "none" to another machine can be read on the way: say insecure = true')
        return self

    @property
    def needs_login(self) -> bool:
        return bool(self.user)

    @property
    def used_port(self) -> int:
        return self.port or _PORTS[self.security]


class Smtp:
    """A mail server that takes our mail."""

    def __init__(self, setup: Setup[SmtpSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        self._settings = setup.settings
        self._sender = mailbox(setup.settings.sender)
        self._reply_to = mailbox(setup.settings.reply_to) if setup.settings.reply_to else None

    def check(self) -> str:
        """By logging in, without a mail."""
        with self._connected():
            as_whom = self._settings.user or "nobody, without a login"
            how = {"none": "not encrypted"}.get(self._settings.security, self._settings.security.upper())
            return f"{as_whom} at {self._settings.host}:{self._settings.used_port} ({how})"

    def send(self, message: Message) -> str:
        """Those of its recipients that the server refuses are told in the receipt, where it takes others."""
        to = mailboxes(message.to)
        made = mail(message, sender=self._sender, to=to, reply_to=self._reply_to, now=datetime.now(UTC))
        content = as_sent(made)
        with self._connected() as talk:
            self._begin(talk, len(content))
            refused = self._address(talk, to)
            self._hand_over(talk, content)
        receipt = str(made["Message-ID"])
        if refused:
            receipt += f"; not to {', '.join(f'{who} ({numbers(why)})' for who, why in refused.items())}"
        return one_line(receipt, 1000)

    @contextmanager
    def _connected(self) -> Iterator[Talk]:
        """Encrypted and logged in, as the settings say; the connection is closed in the end."""
        talk = Talk(
            name=self.name,
            place=f"{self._settings.host}:{self._settings.used_port}",
            secret=self._setup.secret() if self._settings.user else "",
        )
        server = None
        try:
            with talk.asking("connect"):
                server = self._greeted()
            talk.server = server
            with talk.asking("log in"):
                if self._settings.user:
                    server.login(self._settings.user, talk.secret)
            yield talk
            with suppress(smtplib.SMTPException, OSError):  # it is done: how we part changes nothing
                server.quit()
        finally:
            if server is not None:
                server.close()

    def _greeted(self) -> smtplib.SMTP:
        """The name we give is the sender's domain: our machine's says nothing to anybody."""
        settings, name = self._settings, self._sender.domain
        place = settings.host, settings.used_port
        server: smtplib.SMTP
        if settings.security == "tls":
            server = smtplib.SMTP_SSL(*place, local_hostname=name, timeout=settings.timeout, context=self._context())
        else:
            server = smtplib.SMTP(*place, local_hostname=name, timeout=settings.timeout)
        try:
            server.ehlo_or_helo_if_needed()
            if settings.security == "starttls":
                server.starttls(context=self._context())
                server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def _context(self) -> ssl.SSLContext:
        """Certificate and name are always checked."""
        context = ssl.create_default_context()
        if self._settings.ca_file:
            path = self._setup.folder / self._settings.ca_file
            try:
                context.load_verify_locations(cafile=path)
            except (OSError, ssl.SSLError):
                raise InsightsError(
                    f"{self.name}: {path} is no certificate that can be read.", remedy="Correct ca_file, a PEM file."
                ) from None
        return context

    def _begin(self, talk: Talk, size: int) -> None:
        sender = self._sender.address
        options = (f"size={size}",) if talk.server.has_extn("size") else ()
        with talk.asking("name the sender"):
            talk.expect(talk.server.mail(sender, options), about=f"the sender {sender}")

    def _address(self, talk: Talk, to: Sequence[Mailbox]) -> Mapping[str, str]:
        """Those who are refused -> why. Raises InsightsError where all are."""
        refused: dict[str, str] = {}
        with talk.asking("name the recipients"):
            for one in to:
                code, reply = talk.server.rcpt(one.address)
                if code == 421:
                    talk.expect((code, reply), about="the recipients")
                if not 200 <= code < 300:
                    refused[one.address] = talk.words(code, reply)
        if len(refused) == len(to):
            remedy = "Correct whom the digest goes to, or ask whoever runs the mail server."
            told = ", ".join(f"{who} ({why})" for who, why in refused.items())
            nobody = InsightsError(f"{self.name} takes mail to none of {told}.", remedy=remedy)
            raise nobody.quoting(f"{self.name} takes mail to none of its {len(to)} recipients.", remedy)
        return refused

    def _hand_over(self, talk: Talk, content: bytes) -> None:
        with talk.asking("begin the mail"):
            talk.expect(talk.server.docmd("data"), about="the mail", wanted=354)
        with talk.asking("send the mail"):  # cut off in it, the server has no end of it and drops it
            talk.server.send(content)
        with talk.asking("take the mail", may_be_done=True):
            code, reply = talk.server.getreply()
            if code < 200:
                raise talk.unanswered("its answer is not usable")
        talk.expect((code, reply), about="the mail")


def as_sent(made: EmailMessage) -> bytes:
    """With the line that ends it; a dot at a line's beginning is doubled."""
    out = BytesIO()
    BytesGenerator(out, policy=SMTP_POLICY).flatten(made)
    whole = re.sub(rb"\r\n|\r|\n", b"\r\n", out.getvalue())
    return _DOT.sub(b"..", whole if whole.endswith(b"\r\n") else whole + b"\r\n") + b".\r\n"


SMTP = SenderKind(
    settings=SmtpSettings,
    make=Smtp,
    form=Form.MAIL,
    login="password of the mail account (for many providers one made for this program)",
)
