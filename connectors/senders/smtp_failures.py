"""What a mail server answers, and where it fails, in words that hold no password."""

import base64
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from insights.errors import ExitCode, InsightsError, quoting
from insights.ports import Unanswered
from insights.text.clean import one_line

_LONGEST_REPLY = 200
_UNTOLD = "its answer is not usable"
_NUMBERS = re.compile(r"[1-5][0-9]{2}(?= |$)(?: [245]\.[0-9]{1,3}\.[0-9]{1,3}(?= |$))?")


@dataclass(kw_only=True)
class Talk:
    """One conversation with a server: at `place`, as host and port."""

    name: str
    place: str
    secret: str = field(default="", repr=False)
    server: smtplib.SMTP = field(init=False, repr=False)

    @contextmanager
    def asking(self, what: str, *, may_be_done: bool = False) -> Iterator[None]:
        """Around a step, which a cut or silence ends: raises Unanswered where the server `may_be_done` with what it was
        asked, InsightsError else. None of them has a cause: what the library says may hold the login."""
        try:
            yield
        except InsightsError:
            raise
        except smtplib.SMTPAuthenticationError as error:
            raise self._refused_login(error) from None
        except UnicodeEncodeError:
            raise self._login("it holds a character that cannot be sent") from None
        except smtplib.SMTPNotSupportedError:
            raise self._unable(what) from None
        except (smtplib.SMTPException, OSError) as error:
            told = self._why(error)
            if may_be_done:
                raise _numbered(self.unanswered, told) from None
            raise _numbered(partial(self._could_not, what), told) from None

    def _could_not(self, what: str, told: str) -> InsightsError:
        return InsightsError(
            f"{self.name} could not {what} at {self.place}: {told}.",
            remedy="Nothing was sent. Check host, port and security in insights.toml, and the network here.",
        )

    def expect(self, answer: tuple[int, bytes], *, about: str, wanted: int = 250) -> None:
        """Raises InsightsError for a refusal."""
        code, reply = answer
        if code == wanted or (wanted == 250 and 200 <= code < 300):
            return
        said = self.words(code, reply)
        if code in (530, 538):
            raise _numbered(self._login, said)
        raise _numbered(partial(self._not_taken, about, 400 <= code < 500), said)

    def _not_taken(self, about: str, is_later: bool, said: str) -> InsightsError:
        return InsightsError(
            f"{self.name} does not take {about}{' now' if is_later else ''}: {said}.",
            remedy="Nothing was sent; it may work later."
            if is_later
            else "Nothing was sent. Ask whoever runs the mail server, or correct the [[senders]] block.",
        )

    def unanswered(self, told: str) -> Unanswered:
        return Unanswered(
            f"{self.name} did not answer after it had the whole mail ({told}): whether it was taken is not known.",
            remedy="Look whether it has arrived. Sent again it has the same Message-ID.",
        )

    def words(self, code: int, reply: bytes | str) -> str:
        """Number and words of an answer, on one line."""
        text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        for secret in sorted(self._forms(), key=len, reverse=True):
            text = text.replace(secret, "…")
        return f"{code} {one_line(text, _LONGEST_REPLY)}".strip() if code > 0 else _UNTOLD

    def _forms(self) -> set[str]:
        """The password as it is, and as it goes over the line."""
        user = str(getattr(getattr(self, "server", None), "user", "") or "")
        plain = [self.secret, f"\0{user}\0{self.secret}"]
        coded = [base64.b64encode(one.encode("utf-8", "replace")).decode() for one in plain]
        return {one for one in (*plain, *coded) if self.secret and one}

    def _refused_login(self, error: smtplib.SMTPAuthenticationError) -> InsightsError:
        said = self.words(error.smtp_code, error.smtp_error)
        if 400 <= error.smtp_code < 500:
            return _numbered(self._no_login_now, said)
        return _numbered(self._login, said)

    def _no_login_now(self, said: str) -> InsightsError:
        return InsightsError(f"{self.name} takes no login now: {said}.", remedy="Nothing was sent; try it later.")

    def _login(self, why: str) -> InsightsError:
        return InsightsError(
            f"{self.name} refused the login: {why}.",
            remedy=f"Give it a password that may send mail: insights auth {self.name}",
            exit_code=ExitCode.LOGIN,
        )

    def _unable(self, what: str) -> InsightsError:
        if what == "log in":
            return InsightsError(
                f"The server of {self.name} takes no login, or none that we know.",
                remedy="Leave out user in insights.toml, or take the port for sending mail (587 or 465).",
            )
        return InsightsError(
            f"The server of {self.name} offers no STARTTLS: nothing was sent to it.",
            remedy='Use security = "tls" with its port (465), or ask whoever runs the mail server.',
        )

    def _why(self, error: Exception) -> str:
        """By the error's kind; the words of a server's answer alone are told."""
        if isinstance(error, smtplib.SMTPResponseException):
            return self.words(error.smtp_code, error.smtp_error)
        if isinstance(error.__context__, TimeoutError):  # smtplib takes silence for a cut
            error = error.__context__
        told = {
            socket.gaierror: "no server has this name",
            ssl.SSLCertVerificationError: "its certificate is not trusted, or is another server's",
            ssl.SSLError: "it does not speak TLS there, or not as we do",
            ConnectionRefusedError: "nothing answers there",
            TimeoutError: "no answer came in time",
            smtplib.SMTPServerDisconnected: "it broke off",
            ConnectionError: "it broke off",
        }
        return next((words for kind, words in told.items() if isinstance(error, kind)), type(error).__name__)


def numbers(said: str) -> str:
    """Of `Talk.words`, the codes of RFC 5321 and 3463 without the server's words; our own words as they are."""
    found = _NUMBERS.match(said)
    return found[0] if found else said


def _numbered(make: Callable[[str], InsightsError], said: str) -> InsightsError:
    return quoting(make, said, numbers(said))
