"""A mailbox over IMAP (RFC 3501), read only: heads and mails by their numbers, over a connection that is made again
where it broke. Python's imaplib: what others put on top of it fetches no time of arrival.
"""

import base64
import imaplib
import re
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from connectors.reading.mails import HEADERS, LARGEST_MAIL, read_mail_time
from insights.errors import ExitCode, InsightsError, quoting
from insights.text.clean import one_line

_ATTEMPTS = 4
_TIMEOUT = 60.0
_NUMBERS_A_SEARCH = 100_000
"""So that its answer stays below the million bytes that imaplib takes for a line."""
_HEADS_A_CALL = 200
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UID = re.compile(rb"\bUID (\d+)")
_ARRIVED = re.compile(rb'\bINTERNALDATE "([^"]{1,60})"')
_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:NIL|"(?:[^"\\]|\\.)*") (?P<name>.+)$')
_THROWN_AWAY = ("\\trash", "\\junk", "\\noselect", "\\nonexistent")
_THROWN_NAMES = re.compile(
    r"\b(?:trash|junk|spam|deleted (?:items|messages)|papierkorb|papelera|corbeille)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail, or its head: its number in the folder, when the server got it, its bytes."""

    uid: int
    arrived: datetime | None
    raw: bytes


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as it was opened. Numbers hold while `validity` is the same; `next` is the next one to be given."""

    name: str
    validity: int
    next: int


@dataclass(kw_only=True)
class Mailbox:
    """`tls`: "tls" from the first byte, "starttls", or "none"."""

    source: str
    host: str
    port: int
    tls: str
    user: str
    password: Callable[[], str]
    sleep: Callable[[float], object] = time.sleep
    timeout: float = _TIMEOUT
    _client: Any = field(default=None, repr=False)
    _open: Folder | None = field(default=None, repr=False)

    def folder(self, name: str) -> Folder:
        """Opened for reading. Raises InsightsError where there is no such folder."""
        found: Folder = self._asked(lambda client: self._select(client, name))
        return found

    def numbers(self, folder: Folder, *, first: int = 1, since: date | None = None) -> list[int]:
        """Those of the mails that are there, from `first` on, in order; that came on the day `since` or later."""
        found = set[int]()
        for start in range(first, folder.next, _NUMBERS_A_SEARCH):
            words = ["UID", f"{start}:{min(start + _NUMBERS_A_SEARCH, folder.next) - 1}"]
            words += ["SINCE", f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"] if since else []
            data = self._in(folder, "SEARCH", *words)
            found |= {int(number) for line in data if line for number in line.split() if number.isdigit()}
        return sorted(number for number in found if number >= first)

    def heads(self, folder: Folder, uids: Sequence[int]) -> Iterator[Fetched]:
        """What tells where a mail belongs, and nothing of its body."""
        wanted = f"(UID INTERNALDATE BODY.PEEK[HEADER.FIELDS ({' '.join(HEADERS)})])"
        for start in range(0, len(uids), _HEADS_A_CALL):
            yield from self._fetched(folder, uids[start : start + _HEADS_A_CALL], wanted)

    def mail(self, folder: Folder, uid: int) -> Fetched | None:
        """Its first bytes, as many as are read of a mail; None where it is gone."""
        found = self._fetched(folder, [uid], f"(UID INTERNALDATE BODY.PEEK[]<0.{LARGEST_MAIL}>)")
        return next((one for one in found if one.uid == uid), None)

    def other_folders(self, known: Sequence[str]) -> list[str]:
        """All folders but the known ones and those for what was thrown away."""
        data = self._asked(lambda client: _checked(client.list()))
        return [name for line in data if (name := _listed(line)) and name not in known]

    def close(self) -> None:
        client, self._client, self._open = self._client, None, None
        if client is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                client.logout()

    # -- asking ---------------------------------------------------------------------------------------------------

    def _in(self, folder: Folder, command: str, *words: str) -> list[Any]:
        def ask(client: Any) -> list[Any]:
            if self._open is None or self._open.name != folder.name:
                again = self._select(client, folder.name)
                if again.validity != folder.validity:
                    raise InsightsError(
                        f"The folder {one_line(folder.name, 60)} of {self.source} was made anew while it was read.",
                        remedy="Run the same command again: it reads the folder from its start.",
                    )
            return _checked(client.uid(command, *words))

        found: list[Any] = self._asked(ask)
        return found

    def _fetched(self, folder: Folder, uids: Sequence[int], wanted: str) -> list[Fetched]:
        return parsed(self._in(folder, "FETCH", ",".join(map(str, uids)), wanted)) if uids else []

    def _asked(self, ask: Callable[[Any], Any]) -> Any:
        """Its answer, over a new connection where the old one broke. Raises InsightsError."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return ask(self._connected())
            except (imaplib.IMAP4.abort, OSError, EOFError) as error:
                self._client = self._open = None
                if isinstance(error, ssl.SSLCertVerificationError):
                    raise self._no_trust(error) from None
                if attempt == _ATTEMPTS:
                    raise InsightsError(
                        f"{self.source} could not be read: the connection to {self.host} broke off "
                        f"({type(error).__name__}, {attempt} times).",
                        remedy="What was read is kept. See that the server is well, then run the same command again.",
                    ) from None
                self.sleep(2.0 ** (attempt - 1))
            except imaplib.IMAP4.error as error:
                raise quoting(self._refused_later, self._shown(error)) from None
        raise AssertionError("the last attempt raises")

    def _connected(self) -> Any:
        if self._client is None:
            self._client = self._logged_in(self._opened())
        return self._client

    def _opened(self) -> Any:
        if self.tls == "tls":
            context = ssl.create_default_context()
            return imaplib.IMAP4_SSL(self.host, self.port, ssl_context=context, timeout=self.timeout)
        client = imaplib.IMAP4(self.host, self.port, timeout=self.timeout)
        if self.tls == "starttls":
            client.starttls(ssl.create_default_context())
        return client

    def _logged_in(self, client: Any) -> Any:
        password = self.password()
        try:
            if "AUTH=PLAIN" in client.capabilities:
                words = f"\0{self.user}\0{password}".encode()
                client.authenticate("PLAIN", lambda _: words)
            else:
                _checked(client._simple_command("LOGIN", quoted(self.user), quoted(password)))
                client.state = "AUTH"
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeError) as error:
            raise self._refused(error) from None
        return client

    def _select(self, client: Any, name: str) -> Folder:
        self._open = None
        _checked(client.select(quoted(encoded_name(name)), readonly=True))
        validity, following = _number(client, "UIDVALIDITY"), _number(client, "UIDNEXT")
        if not following:
            _, data = client.uid("SEARCH", "ALL") if _number(client, "EXISTS") else ("OK", [b""])
            following = max((int(n) for line in data if line for n in line.split() if n.isdigit()), default=0) + 1
        self._open = Folder(name, validity, following)
        return self._open

    # -- words ----------------------------------------------------------------------------------------------------

    def _refused(self, error: Exception) -> InsightsError:
        if isinstance(error, imaplib.IMAP4.error):
            return quoting(self._refused_login, self._shown(error))
        return self._refused_login("the name or password is no plain text")

    def _refused_login(self, said: str) -> InsightsError:
        return InsightsError(
            f"{self.source} refused the login of {one_line(self.user, 80)}: {said}.",
            remedy=f"Most providers want an app password: insights auth {self.source}",
            exit_code=ExitCode.LOGIN,
        )

    def _refused_later(self, said: str) -> InsightsError:
        return InsightsError(
            f"{self.source} refused: {said}.", remedy="Check its folders in insights.toml; what was read is kept."
        )

    def _no_trust(self, error: ssl.SSLCertVerificationError) -> InsightsError:
        return InsightsError(
            f"The certificate of {self.host} is not trusted: {one_line(error.verify_message)}.",
            remedy=f"Check host and port of {self.source} in insights.toml.",
        )

    def _shown(self, error: Exception) -> str:
        """What the server said, without the password in any spelling."""
        said = " ".join(
            part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in error.args
        )
        password = self.password()
        plain = base64.b64encode(f"\0{self.user}\0{password}".encode()).decode()
        for spelling in (plain, quoted(password), password, base64.b64encode(password.encode()).decode()):
            said = said.replace(spelling, "[secret]") if spelling else said
        return one_line(said, 200).rstrip(".")


def parsed(data: Sequence[Any]) -> list[Fetched]:
    """The mails of an answer to FETCH: imaplib gives a pair for each literal, what follows it by itself."""
    found = []
    for place, part in enumerate(data):
        if not isinstance(part, tuple) or len(part) != 2:
            continue
        after = data[place + 1] if place + 1 < len(data) else b""
        words = part[0] + b" " + (after if isinstance(after, bytes) else b"")
        if number := _UID.search(words):
            arrived = _ARRIVED.search(words)
            moment = read_mail_time(arrived[1].decode("ascii", "replace")) if arrived else None
            found.append(Fetched(int(number[1]), moment, bytes(part[1])))
    return found


def quoted(text: str) -> str:
    """As IMAP's quoted string; there is none for what ends a line."""
    plain = re.sub(r"[\r\n\0]", "", text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def encoded_name(name: str) -> str:
    """A folder's name in modified UTF-7 (RFC 3501, 5.1.3)."""
    return re.sub(r"&|[^\x20-\x7e]+", _shifted, name)


def _shifted(found: re.Match[str]) -> str:
    if found[0] == "&":
        return "&-"
    data = base64.b64encode(found[0].encode("utf-16-be", "replace")).decode().rstrip("=")
    return f"&{data.replace('/', ',')}-"


def decoded_name(name: str) -> str:
    """The other way; what is not well formed stays as it is."""
    return re.sub(r"&([A-Za-z0-9+,]*)-", _unshifted, name)


def _unshifted(found: re.Match[str]) -> str:
    if not found[1]:
        return "&"
    data = found[1].replace(",", "/")
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4)).decode("utf-16-be")
    except ValueError:
        return found[0]


def _listed(line: Any) -> str | None:
    """The name of a folder that may be read."""
    whole = b" ".join(line) if isinstance(line, tuple) else line
    match = _LISTED.search(whole) if isinstance(whole, bytes) else None
    if match is None:
        return None
    name = re.sub(r"^\{\d+\} ", "", match["name"].decode("utf-8", "replace").strip())
    if name.startswith('"') and name.endswith('"') and len(name) > 1:
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    flags = match["flags"].decode("ascii", "replace").casefold().split()
    shown = decoded_name(name)
    return None if set(flags) & set(_THROWN_AWAY) or _THROWN_NAMES.search(shown) else shown


def _checked(answer: tuple[str, list[Any]]) -> list[Any]:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(*filter(None, data))
    return [part for part in data if part is not None]


def _number(client: Any, name: str) -> int:
    _, data = client.response(name)
    found = [part for part in data if isinstance(part, bytes) and part.isdigit()]
    return int(found[-1]) if found else 0
