"""A tap of others (tap-rest-api-msdk from PyPI, in an environment of its own) reads the real Request Tracker."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sources.singer import SINGER
from insights.errors import ExitCode, InsightsError
from insights.ports import Setup, Source
from insights.stages.collect import Collected, collect
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.fakes import quiet
from tests.servers.others import RequestTracker
from tests.stored import KEY, NOW

pytestmark = pytest.mark.servers

TAP = "tap-rest-api-msdk==1.4.2"


@pytest.fixture(scope="session")
def tap(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The tap's program, of INSIGHTS_TEST_TAP or installed for this session."""
    if named := os.environ.get("INSIGHTS_TEST_TAP"):
        return named
    folder = tmp_path_factory.mktemp("tap")
    made = subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True, check=False)
    if made.returncode == 0:
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", TAP]
        made = subprocess.run(pip, capture_output=True, timeout=600, check=False)
    if made.returncode != 0:
        pytest.skip(f"{TAP} could not be installed")
    return str(folder / "bin" / "tap-rest-api-msdk")


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    yield opened
    opened.close()


class Desk:
    """Tickets of one test: their subjects bear its mark."""

    def __init__(self, tracker: RequestTracker, tap: str, folder: Path, repository: Repository) -> None:
        self.mark = f"m{uuid.uuid4().hex[:8]}"
        self._tracker, self._tap, self._folder, self._repository = tracker, tap, folder, repository

    def write(self, count: int) -> list[int]:
        return [self._write(number) for number in range(count)]

    def rename(self, number: int) -> None:
        self._tracker.ask("PUT", f"/ticket/{number}", {"Subject": f"{self.mark} renamed {number}"})

    def pull(self, password: str = "password") -> Collected:
        return collect(
            self._source(password),
            repository=self._repository,
            rejects_folder=self._folder / "rejects",
            now=NOW,
            progress=quiet,
        )

    def stored(self) -> dict[str, str]:
        return {item.source_id: item.text for item in self._repository.feedback.unprotected(1000)}

    def truth(self) -> dict[str, str]:
        _, found = self._tracker.ask(
            "GET",
            f"/tickets?query=Subject LIKE '{self.mark}'&fields=Subject&per_page=100".replace(" ", "%20").replace(
                "'", "%27"
            ),
        )
        return {f"tickets-{row['id']}": row["Subject"] for row in found["items"]}

    def _write(self, number: int) -> int:
        ticket = {"Queue": "General", "Subject": f"{self.mark} export {number} hangs", "Requestor": "ada@example.org"}
        _, made = self._tracker.ask("POST", "/ticket", ticket | {"Content": "x", "ContentType": "text/plain"})
        return int(made["id"])

    def _source(self, password: str) -> Source:
        stream = {
            "name": "tickets",
            "path": "/tickets",
            "params": {
                "query": f"Subject LIKE '{self.mark}'",
                "orderby": "LastUpdated",
                "order": "ASC",
                "fields": "Subject,Created,LastUpdated",
                "per_page": 7,
            },
            "records_path": "$.items[*]",
            "primary_keys": ["id"],
            "replication_key": "LastUpdated",
            "source_search_field": "query",
            "source_search_query": f"Subject LIKE '{self.mark}' AND LastUpdated >= '$last_run_date'",
        }
        settings: dict[str, Any] = {
            "command": [self._tap],
            "config": {
                "api_url": f"{self._tracker.url}/REST/2.0",
                "auth_method": "basic",
                "username": self._tracker.user,
                "password": "$SECRET",
                "start_date": "2020-01-01T00:00:00Z",
                "pagination_request_style": "page_number_paginator",
                "pagination_response_style": "page",
                "next_page_token_path": "$.next_page",
                "streams": [stream],
            },
            "streams": {"tickets": {"kind": "ticket", "id": "id", "text": "Subject", "date": "Created"}},
            "timeout_seconds": 60,
        }
        setup: Setup[Any] = Setup(
            name="desk",
            settings=SINGER.settings.model_validate(settings),
            folder=self._folder,
            secret=lambda: password,
        )
        return SINGER.make(setup)


@pytest.fixture
def desk(request_tracker: RequestTracker, tap: str, tmp_path: Path, repository: Repository) -> Desk:
    return Desk(request_tracker, tap, tmp_path, repository)


def test_tickets_are_pulled_in_steps_with_nothing_lost_and_nothing_doubled(desk: Desk) -> None:
    numbers = desk.write(20)
    first = desk.pull()
    assert desk.stored() == desk.truth() and first.saved.new == 20

    desk.rename(numbers[3])
    desk.rename(numbers[17])
    desk.write(5)
    second = desk.pull()

    assert desk.stored() == desk.truth()
    assert (second.saved.new, second.saved.changed, second.refused) == (5, 2, 0)
    assert second.saved.unchanged < 20

    third = desk.pull()
    assert third.saved.new == third.saved.changed == 0


def test_a_wrong_password_is_said_as_such_without_it(desk: Desk) -> None:
    desk.write(1)

    with pytest.raises(InsightsError) as caught:
        desk.pull(password="canary-7f3a9c51")

    assert caught.value.exit_code is ExitCode.LOGIN
    assert "7f3a9c51" not in caught.value.message
