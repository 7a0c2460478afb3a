"""One service over HTTP: ask it within its limits, wait when it says so, believe no half answer, and never let its key
out. Every source and tracker that speaks JSON shares this.

What only reads is asked again after a cut, a time-out or half an answer. What writes is not: whoever wrote looks first.
"""

import json
import logging
import re
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

from connectors.addresses import LOCAL, checked_url, is_at, server_of
from connectors.answers import asked_to_wait, is_limit, is_sign_in, moment_of, parsed, reason_of
from insights.errors import ExitCode, InsightsError
from insights.ports import Unanswered
from insights.text.clean import one_line

if TYPE_CHECKING:
    import httpx2

LONGEST_WAIT = 900.0
"""Seconds. A service that asks for more is left for another time: what was read is kept."""
_ATTEMPTS = 6
_TIMEOUT = 30.0
_MOST_BYTES = 200_000_000
_LONGEST_REASON = 200
_BUSY = (429, 500, 502, 503, 504, 520, 522, 524, 529)


class NotThere(InsightsError):
    """The service has no such thing, or no longer (404, 410)."""


class Forbidden(InsightsError):
    """The service knows who asks, and does not let them (403)."""


class Refused(InsightsError):
    """The service understood and said no: `status` is its number. `location` is where it points to instead (3xx), which
    was not followed. `data` is what it said, parsed; None where that was no JSON."""

    def __init__(self, message: str, *, remedy: str, status: int, location: str = "", data: Any = None) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.location = location
        self.data = data


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `calls` in `seconds`, as the service's terms have it."""

    calls: int
    seconds: float


class Budget:
    """Spends calls no faster than its rates allow; shared by threads."""

    def __init__(self, *rates: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rates = rates
        self._clock = clock
        self._calls: dict[Rate, deque[float]] = {rate: deque(maxlen=rate.calls) for rate in rates}
        self._lock = threading.Lock()

    def wait_time(self) -> float:
        """Seconds until the next call may be made, which is booked by this."""
        with self._lock:
            now = self._clock()
            at = now
            for rate, calls in self._calls.items():
                if len(calls) == rate.calls:
                    at = max(at, calls[0] + rate.seconds)
            for calls in self._calls.values():
                calls.append(at)
            return at - now


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: parsed JSON (None where there was no body), headers by lower-case name, and the server's own
    time, None where it does not say."""

    status: int
    data: Any
    headers: Mapping[str, str]
    moment: datetime | None = None
    url: str = ""

    @property
    def next_link(self) -> str | None:
        """The address of the next page as the Link header says it (RFC 8288)."""
        found = re.search(r'<([^<>]*)>\s*;[^,]*\brel="?next"?', self.headers.get("link", ""))
        return found[1] if found else None


@dataclass(kw_only=True)
class Service:
    """`name` is what the settings call it; `base_url` the only place that anything is sent to. `headers` are made when
    the first call is: they may need the secret. `secrets` are taken out of every message. `is_busy` tells whether an
    answer, of status 200 or a refusal, says that the service has no time now and did nothing. What `only_sends` reads
    nothing: its errors do not speak of what was read."""

    name: str
    base_url: str
    headers: Callable[[], Mapping[str, str]] = dict
    auth: "Callable[[], httpx2.Auth | tuple[str, str]] | None" = None
    budget: Budget = field(default_factory=Budget)
    write_budget: Budget = field(default_factory=Budget)
    secrets: Callable[[], tuple[str, ...]] = tuple
    timeout: float = _TIMEOUT
    sleep: Callable[[float], object] = time.sleep
    attempts: int = _ATTEMPTS
    is_busy: Callable[[Any], bool] = lambda _: False
    only_sends: bool = False

    def __post_init__(self) -> None:
        self.base_url = checked_url(self.base_url, name=self.name)
        self._made: httpx2.Client | None = None
        self._lock = threading.Lock()

    # -- asking ---------------------------------------------------------------------------------------------------

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        """Read. `path` is below `base_url`, or an address of the same server."""
        return self._read("GET", path, params=params)

    def get_text(self, path: str) -> str:
        """Read what is no JSON: a file of text."""
        return str(self._read("GET", path, is_text=True).data)

    def ask(self, path: str, body: Any, params: Mapping[str, Any] | None = None, *, form: bool = False) -> Answer:
        """Read by POST: a search, a query, a token. It must change nothing, for it may be sent again."""
        return self._read("POST", path, params=params, **{"data" if form else "json": body})

    def write(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        is_text: bool = False,
    ) -> Answer:
        """Change something: sent once, but again where it was surely not taken (429, no connection). Raises Unanswered
        where that is not known. The answer is JSON, but where it `is_text`."""
        for attempt in range(1, self.attempts + 1):
            self._spend(self.write_budget)
            try:
                return self._once(method, path, params=params, content=_content(body), extra=headers, is_text=is_text)
            except _Later as later:
                if not later.is_safe:
                    raise Unanswered(
                        f"{self.name} did not answer ({later.why}): whether it did what it was asked is not known.",
                        remedy="Look whether it is there before it is sent again."
                        if self.only_sends
                        else "Run the same command again: it looks first.",
                    ) from None
                self._wait(later, attempt)
        raise AssertionError("the last attempt raises")

    def close(self) -> None:
        if self._made is not None:
            self._made.close()

    # -- attempts -------------------------------------------------------------------------------------------------

    def _read(self, method: str, path: str, **given: Any) -> Answer:
        for attempt in range(1, self.attempts + 1):
            try:
                return _whole_answer(self._once(method, path, **given))
            except _Later as later:
                self._wait(later, attempt)
        raise AssertionError("the last attempt raises")

    def _wait(self, later: "_Later", attempt: int) -> None:
        """Until the service may be asked again. Raises InsightsError where that is too long, or was tried too often."""
        seconds = later.seconds if later.seconds is not None else min(2.0 ** (attempt - 1), 30.0)
        if seconds > LONGEST_WAIT:
            raise InsightsError(
                f"{self.name} asks to be left alone for {seconds / 60:.0f} minutes.",
                remedy="Nothing was sent; run the same command again then."
                if self.only_sends
                else "What was read is kept; the same command goes on from there.",
            )
        if attempt >= self.attempts:
            done, kept = ("reached", "Nothing was sent") if self.only_sends else ("read", "What was read is kept")
            raise InsightsError(
                f"{self.name} could not be {done}: {later.why} ({attempt} times).",
                remedy=f"{kept}. {later.remedy}, then run the same command again.",
            )
        self.sleep(seconds)

    def _spend(self, *budgets: Budget) -> None:
        for budget in budgets:
            seconds = budget.wait_time()
            if seconds > 0:
                self.sleep(seconds)

    def _once(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        extra: Mapping[str, str] | None = None,
        is_text: bool = False,
        **given: Any,
    ) -> Answer:
        self._spend(self.budget)
        url = self._url(path)
        content = given.pop("content", None)
        headers = {**self.headers(), **({"Content-Type": "application/json"} if content is not None else {})}
        try:
            request = self._client.build_request(
                method, url, params=params, content=content, headers={**headers, **(extra or {})}, **given
            )
        except UnicodeEncodeError:
            # Not "from": that error holds what could not be written.
            raise self._unusable_login() from None
        response, body = self._sent(request)
        if is_sign_in(response.status_code, body):
            raise self._refusal(401, body, {}, "")
        return self._judged(response, body, is_text=is_text)

    def _sent(self, request: "httpx2.Request") -> "tuple[httpx2.Response, bytes]":
        """The response with its whole body. Raises _Later where it did not come."""
        import httpx2

        auth = self.auth() if self.auth is not None else None
        try:
            response = self._client.send(request, auth=auth, stream=True)
            try:
                return response, _whole(response)
            finally:
                response.close()
        except httpx2.LocalProtocolError:  # its words hold the header
            raise self._unusable_login() from None
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            remedy = "Check its address in insights.toml, and the network here"
            raise _Later(f"no connection ({_why_none(error)})", is_safe=True, remedy=remedy) from None
        except (httpx2.TimeoutException, httpx2.TransportError, httpx2.DecodingError) as error:
            raise _Later(f"it broke off ({_kind(error)})", is_safe=False) from None

    def _unusable_login(self) -> InsightsError:
        return InsightsError(
            f"The login of {self.name} holds a character that cannot be sent.",
            remedy=f"Copy it again, by itself: insights auth {self.name}",
            exit_code=ExitCode.LOGIN,
        )

    def _judged(self, response: "httpx2.Response", body: bytes, *, is_text: bool = False) -> Answer:
        """The answer, or what is wrong with it."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        is_safe = response.status_code == 429 or is_limit(response.status_code, headers, body)
        if response.status_code in _BUSY or is_safe:
            seconds = asked_to_wait(headers, body)
            raise _Later(f"it is busy ({response.status_code})", is_safe=is_safe, seconds=seconds)
        if response.status_code >= 300:
            if self.is_busy(parsed(body)):
                raise _Later("it is busy", is_safe=True, seconds=asked_to_wait(headers))
            sent = response.request.headers.get("authorization", "")
            raise self._refusal(response.status_code, body, headers, sent)
        try:
            data = body.decode("utf-8", "replace") if is_text else json.loads(body) if body.strip() else None
        except (ValueError, RecursionError):
            raise _Later("half an answer came", is_safe=False) from None
        if self.is_busy(data):
            raise _Later("it is busy", is_safe=True, seconds=asked_to_wait(headers))
        return Answer(response.status_code, data, headers, moment_of(headers), str(response.url))

    def _refusal(self, status: int, body: bytes, headers: Mapping[str, str], sent: str) -> InsightsError:
        """`sent` is the login as it went over the line: a service may say it again."""
        reason = self.clean(reason_of(body), sent, sent.partition(" ")[2])
        bare = self._worded(status, body, headers, "")
        return self._worded(status, body, headers, f": {reason}" if reason else "").quoting(bare.message, bare.remedy)

    def _worded(self, status: int, body: bytes, headers: Mapping[str, str], said: str) -> InsightsError:
        if status in (404, 410):
            return NotThere(f"{self.name} has no such thing ({status}){said}.", remedy="It may have been deleted.")
        if status in (401, 403):
            kind = Forbidden if status == 403 else InsightsError
            return kind(
                f"{self.name} refused the login ({status}){said}.",
                remedy=f"Give it a key that may do this: insights auth {self.name}",
                exit_code=ExitCode.LOGIN,
            )
        if status < 400:
            there = self.clean(server_of(headers.get("location", "")))
            return Refused(
                f"{self.name} points to another place ({status}){f': {there}' if there else ''}.",
                remedy="Correct the address in insights.toml.",
                status=status,
                location=headers.get("location", ""),
            )
        return Refused(
            f"{self.name} refused ({status}){said}.",
            remedy="Check its settings in insights.toml.",
            status=status,
            data=parsed(body),
        )

    def clean(self, text: str, *more: str) -> str:
        """One line without the secrets, and `more` of them, as they are or in an address."""
        secrets = {form for one in (*self.secrets(), *more) for form in (one, quote(one), quote(one, safe=""))}
        for secret in sorted(secrets - {""}, key=len, reverse=True):
            text = text.replace(secret, "…")
        return one_line(text, _LONGEST_REASON)

    def _url(self, path: str) -> str:
        """Where a path or link leads; only the service's own server is ever asked. Raises InsightsError."""
        try:
            url = urljoin(f"{self.base_url}/", path if "://" in path.partition("?")[0] else path.lstrip("/"))
        except ValueError:
            url = ""
        if not is_at(url, self.base_url):
            raise InsightsError(
                f"{self.name} points to another server: nothing was sent there.",
                remedy="Correct the address in insights.toml.",
            )
        return url

    @property
    def _client(self) -> "httpx2.Client":
        import httpx2

        with self._lock:
            if self._made is None:
                agent = {"User-Agent": "insights", "Accept": "application/json"}
                # At DEBUG it logs the headers of answers: a service may say in them what it was sent.
                logging.getLogger("httpcore2").setLevel(logging.INFO)
                # Redirects are not followed: headers with a key would go along.
                # What is on this machine may be asked without encryption, but not through a proxy elsewhere.
                is_elsewhere = urlsplit(self.base_url).hostname not in LOCAL
                self._made = httpx2.Client(
                    timeout=self.timeout, follow_redirects=False, headers=agent, trust_env=is_elsewhere
                )
            return self._made


class _Later(Exception):
    """May work when it is tried again, after `seconds` where the service says so. `is_safe`: nothing was done. `remedy`
    is what to look at where it never does."""

    def __init__(
        self,
        why: str,
        *,
        is_safe: bool,
        seconds: float | None = None,
        remedy: str = "Look whether the service is well",
    ) -> None:
        super().__init__(why)
        self.why, self.is_safe, self.seconds, self.remedy = why, is_safe, seconds, remedy


def _content(body: Any) -> bytes | None:
    """Half a surrogate pair becomes a question mark: no server takes one."""
    return None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def _whole(response: "httpx2.Response") -> bytes:
    chunks, size = [], 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > _MOST_BYTES:
            raise _Later("its answer has no end", is_safe=False)
        chunks.append(chunk)
    return b"".join(chunks)


def _whole_answer(answer: Answer) -> Answer:
    """Raises _Later where it is empty and was to tell something."""
    if answer.status == 200 and answer.data is None:
        raise _Later("half an answer came", is_safe=False)
    return answer


def _kind(error: Exception) -> str:
    """By the error's kind: its words may hold an address with a key."""
    return type(error).__name__


def _why_none(error: Exception) -> str:
    """Why there is no connection, by what caused it."""
    causes = [error]
    while len(causes) < 10 and isinstance(cause := causes[-1].__cause__ or causes[-1].__context__, Exception):
        causes.append(cause)
    told = {
        socket.gaierror: "no server has this name",
        ssl.SSLCertVerificationError: "its certificate is not trusted",
        ConnectionRefusedError: "nothing answers there",
    }
    return next((words for one in causes for kind, words in told.items() if isinstance(one, kind)), _kind(error))
