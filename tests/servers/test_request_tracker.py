"""Request Tracker 5, the real one."""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.sources.request_tracker import REQUEST_TRACKER, RequestTrackerSettings
from connectors.sources.request_tracker import RequestTracker as Tickets
from insights.domain.feedback import FeedbackRecord
from insights.ports import Setup
from insights.stages.collect import Collected, collect
from insights.stages.sweep import sweep
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.cli.calling import caller, made
from tests.fakes import quiet
from tests.servers.helpdesk import Helpdesk
from tests.servers.others import RequestTracker
from tests.stored import KEY, NOW

pytestmark = pytest.mark.servers


def test_a_ticket_is_written_read_and_vanishes_from_lists_once_deleted(request_tracker: RequestTracker) -> None:
    ticket = {"Queue": "General", "Subject": "the export fails", "Requestor": "ada@example.org", "Content": "Error 500"}
    created, answer = request_tracker.ask("POST", "/ticket", ticket | {"ContentType": "text/plain"})
    at = f"/ticket/{answer['id']}"
    _, read = request_tracker.ask("GET", at)
    request_tracker.ask("PUT", at, {"Status": "deleted"})
    _, listed = request_tracker.ask("GET", f"/tickets?query=id={answer['id']}")

    assert created == 201
    assert (read["Subject"], read["Status"]) == ("the export fails", "new")
    assert listed["total"] == 0


def test_a_wrong_password_is_refused(request_tracker: RequestTracker) -> None:
    status, _ = RequestTracker(url=request_tracker.url, password="wrong").ask("GET", "/rt")

    assert status == 401


# -- read as a source -----------------------------------------------------------------------------------------------

TICKETS = 1000
BATCH = 40


@dataclass
class Reader:
    """A helpdesk's queue, read into a real database, a little at a time."""

    desk: Helpdesk
    repository: Repository
    folder: Path
    overlap: timedelta = timedelta(seconds=5)

    def source(self) -> Tickets:
        reader = self.desk.reader
        settings = RequestTrackerSettings(url=reader.url, user=reader.user, queues=[self.desk.queue])
        setup = Setup(
            name="rt", settings=settings, folder=self.folder, secret=lambda: reader.password, overlap=self.overlap
        )
        read_by = REQUEST_TRACKER.make(setup)
        assert isinstance(read_by, Tickets)
        return read_by

    def pull(self) -> Collected:
        return collect(self.source(), repository=self.repository, rejects_folder=self.folder, now=NOW, progress=quiet)

    def sweep(self) -> int:
        return sweep(self.source(), name="rt", repository=self.repository, progress=quiet).removed

    def stored(self) -> dict[str, str]:
        return {item.source_id: item.text for item in self.repository.feedback.unprotected(100_000)}


@pytest.fixture
def desk(request_tracker: RequestTracker) -> Helpdesk:
    return Helpdesk(request_tracker)


@pytest.fixture
def reader(desk: Helpdesk, tmp_path: Path) -> Iterator[Reader]:
    repository = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    yield Reader(desk, repository, tmp_path)
    repository.close()


def test_a_ticket_comes_with_what_its_requester_wrote_and_nothing_of_ours(reader: Reader) -> None:
    [one, other, html] = reader.desk.open(3)
    reader.desk.reply([one])
    reader.desk.comment([one])
    reader.desk.answer_by_mail(one)

    found = {item.source_id: item for page in reader.source().fetch({}) for item in page.records}

    record = found[str(one)]
    assert isinstance(record, FeedbackRecord)
    assert set(found) == {str(one), str(other), str(html)}
    assert record.text == "The export x1x hangs.\n\nIt x6x stops again."
    assert (record.subject, record.author_email) == ("Subject s1s", "person1@firm1.example")
    assert found[str(html)].text == "The export x3x hangs."  # type: ignore[union-attr]


def test_what_happens_to_tickets_later_is_read_in_another_time_zone_than_the_servers(reader: Reader) -> None:
    desk = reader.desk
    renamed, deleted, kept, into, moved = desk.open(5)
    reader.pull()

    desk.rename([renamed])
    desk.delete([deleted])
    desk.answer_by_mail(kept)
    desk.merge(kept, into)
    desk.answer_by_mail(kept)
    desk.move_away([moved])
    done = reader.pull()

    assert desk.truth.differences(reader.stored()) == []
    assert done.removed == 3


def test_what_was_deleted_is_found_by_looking_what_is_there(reader: Reader) -> None:
    numbers = reader.desk.open(3)
    reader.pull()
    reader.desk.delete(numbers[:1])

    assert reader.sweep() == 1
    assert reader.desk.truth.differences(reader.stored()) == []


def test_it_says_as_whom_it_is_logged_in(reader: Reader) -> None:
    said = reader.source().check()

    assert said.startswith(f"{reader.desk.reader.user} at {reader.desk.reader.url} (Request Tracker 5.")


def test_the_command_reads_it_and_then_what_changed(
    desk: Helpdesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = made(tmp_path, monkeypatch)
    monkeypatch.setenv("INSIGHTS_SECRET_RT", desk.reader.password)
    block = f"""
[[sources]]
name = "rt"
type = "request-tracker"
url = "{desk.reader.url}"
user = "{desk.reader.user}"
queues = ["{desk.queue}"]
"""
    with (workspace / "insights.toml").open("a") as settings:
        settings.write(block)
    call = caller(workspace)
    numbers = desk.open(3)

    first = call("pull", everything=True)
    desk.answer_by_mail(numbers[0])
    desk.delete(numbers[1:2])
    second = call("pull", everything=True)

    assert "3 new" in first and desk.reader.password not in first + second
    assert "1 changed" in second and "1 removed" in second
    assert f"as {desk.reader.user} at {desk.reader.url}" in call("auth", "rt", "--status", everything=True)


def test_a_thousand_tickets_that_change_while_they_are_read_come_once_and_whole(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tickets are written, answered, renamed, resolved, merged, moved and deleted while one reading follows the other;
    nothing is lost or doubled, without any look at what is there."""
    desk, started, pulls = reader.desk, time.monotonic(), list[float]()
    with desk.without_mails(), ThreadPoolExecutor(2) as people:
        opening = people.submit(_open, desk)
        working = people.submit(_work, desk, opening)
        while not working.done():
            begun = time.monotonic()
            reader.pull()
            pulls.append(time.monotonic() - begun)
        working.result()
    written = time.monotonic() - started
    reader.pull()
    stored = reader.stored()

    assert desk.truth.differences(stored) == []
    assert len(desk.truth.said) == TICKETS
    assert reader.sweep() == 0
    with capsys.disabled():
        sys.stdout.write(
            f"\n{TICKETS} tickets written and read in {written:.0f} s, by {len(pulls) + 1} readings, the longest of"
            f" {max(pulls):.0f} s; {len(stored)} are left; {time.monotonic() - started:.0f} s in all\n"
        )


def _open(desk: Helpdesk) -> None:
    for _ in range(0, TICKETS, BATCH):
        desk.open(BATCH)


def _work(desk: Helpdesk, opening: "Future[None]") -> None:
    """Something happens to some of each forty tickets, soon after they were opened."""
    for start in range(0, TICKETS, BATCH):
        while len(desk.truth.subjects) < start + BATCH:
            assert not opening.done() or opening.result() is None
            time.sleep(0.05)
        numbers = sorted(desk.truth.subjects)[start : start + BATCH]
        for number in numbers[:6]:
            desk.answer_by_mail(number)
        desk.reply(numbers[3:9])
        desk.comment(numbers[8:10])
        desk.rename(numbers[9:15])
        desk.resolve(numbers[14:22])
        desk.merge(numbers[0], numbers[5])
        desk.merge(numbers[22], numbers[23])
        desk.answer_by_mail(numbers[22])
        desk.delete(numbers[24:28])
        desk.move_away(numbers[28:30])
