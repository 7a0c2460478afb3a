"""Servers of others, as `tests/servers/run` starts them, and plain calls of them."""

import json
import urllib.error
import urllib.request
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class RequestTracker:
    """Request Tracker 5 with its REST 2; empty when the run starts, and all of the run's tests share it."""

    url: str
    user: str = "root"
    password: str = "password"

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and answer of a call below /REST/2.0, as `POST` of `/ticket`."""
        secret = b64encode(f"{self.user}:{self.password}".encode()).decode()
        return ask(method, f"{self.url}/REST/2.0{path}", body, {"Authorization": f"Basic {secret}"})


@dataclass(frozen=True, kw_only=True)
class Redmine:
    """Redmine 5; without issues when the run starts, and all of the run's tests share it."""

    url: str
    key: str = field(repr=False)
    project: str = "insights"
    field_id: int
    """Of the issues' custom field `External ID`, which can be filtered and searched."""

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and answer of a call, as `GET` of `/issues.json`."""
        return ask(method, f"{self.url}{path}", body, {"X-Redmine-API-Key": self.key})


@dataclass(frozen=True, kw_only=True)
class Described:
    """A vendor's description, served: what it does not allow is refused."""

    url: str
    before: int = 0
    """How many calls the server had before this test."""

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """Status and answer of a call with some token."""
        return ask(method, f"{self.url}{path}", body, {"Authorization": "Bearer some"} | (headers or {}))

    def calls(self) -> list[dict[str, Any]]:
        """This test's calls: `method`, `path`, `status`, and in `refused` what was wrong with it."""
        _, answer = ask("GET", f"{self.url}/__calls")
        found: list[dict[str, Any]] = answer[self.before :]
        return found

    def refused(self) -> list[str]:
        """What was wrong with this test's calls: empty where the vendor would have taken all of them."""
        return [f"{one['method']} {one['path']}: {why}" for one in self.calls() for why in one["refused"]]


def ask(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Status and answer, read as JSON where there is one."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} | (headers or {}), method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    return status, json.loads(text) if text.strip() else None
