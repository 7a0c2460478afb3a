"""A tracker behind a server on loopback, for processes that are killed while they file: it keeps its issues in this
process, and shows a new one to a search only after a while. Not a test.
"""

import json
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from insights.errors import InsightsError
from insights.ports import Filed, Issue, Sought, Unanswered
from tests.loopback import QuietHandler, QuietServer, send

LAG_SECONDS = 0.15
MOST_WORK_SECONDS = 0.03
"""Before and after a request is carried out."""


@dataclass
class Kept:
    project: str
    marker: str
    shows_at: float
    updates: int = 0


@dataclass
class TrackerServer(QuietServer):
    """Issues by their ids, ISS-1, ISS-2, …, of all projects."""

    kept: dict[str, Kept] = field(default_factory=dict)
    asked: int = 0
    lock: Any = field(default_factory=Lock)

    def __post_init__(self) -> None:
        super().__init__(_Handler)
        self.serve()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def issues_of(self, project: str) -> dict[str, list[str]]:
        """marker -> the ids of its issues."""
        found: dict[str, list[str]] = {}
        for name, one in self.kept.items():
            if one.project == project:
                found.setdefault(one.marker, []).append(name)
        return found


class _Handler(QuietHandler):
    server: TrackerServer

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        self.server.asked += 1
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        with self.server.lock:
            found = [name for name, one in self.server.kept.items() if _matches(name, one, asked)]
        send(self, (200, {}, {"issues": found}))

    def do_POST(self) -> None:  # noqa: N802 - the library's name
        self.server.asked += 1
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(random.uniform(0, MOST_WORK_SECONDS))
        with self.server.lock:
            name = said.get("id") or f"ISS-{len(self.server.kept) + 1}"
            if "id" in said:
                self.server.kept[name].updates += 1
            else:
                self.server.kept[name] = Kept(said["project"], said["marker"], time.monotonic() + LAG_SECONDS)
        time.sleep(random.uniform(0, MOST_WORK_SECONDS))
        send(self, (200, {}, {"id": name}))


def _matches(name: str, one: Kept, asked: Mapping[str, str]) -> bool:
    if "ids" in asked:
        return name in asked["ids"].split(",")
    shows = one.shows_at <= time.monotonic()
    return shows and (one.project, one.marker) == (asked["project"], asked["marker"])


@dataclass(frozen=True)
class LoopbackTracker:
    """The client of one project."""

    name: str
    port: int
    lag_seconds: float = LAG_SECONDS

    def find(self, sought: Sought) -> Filed | None:
        found = self._ask("GET", f"/?project={quote(self.name)}&marker={quote(sought.marker)}")["issues"]
        if len(found) > 1:
            raise InsightsError(f"{sought.problem} has {len(found)} issues.", remedy="Delete all but one.")
        return Filed(external_id=found[0], url=None) if found else None

    def read(self, external_ids: Sequence[str]) -> dict[str, Filed]:
        found = self._ask("GET", f"/?ids={quote(','.join(external_ids))}")["issues"]
        return {name: Filed(external_id=name, url=None) for name in found}

    def create(self, issue: Issue) -> Filed:
        said = {"project": self.name, "marker": issue.sought.marker}
        return Filed(external_id=self._ask("POST", "/", said)["id"], url=None)

    def update(self, filed: Filed, issue: Issue, *, reopens: bool = True) -> Filed:
        self._ask("POST", "/", {"id": filed.external_id})
        return filed

    def close(self, filed: Filed, comment: str) -> Filed:
        return filed

    def _ask(self, method: str, path: str, said: Mapping[str, str] | None = None) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body=json.dumps(said) if said else None)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        except (OSError, HTTPException, ValueError) as error:
            raise Unanswered("No answer.", remedy="Try again.") from error
        finally:
            connection.close()
        return answer
