"""What customers and services write does nothing: not in a tracker, not in a file, not in a mail, not on a terminal."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from connectors.trackers.files import FileTracker
from insights.cli.spreadsheet import save_problems
from insights.config import Settings
from insights.export import export_all
from insights.filing import Once
from insights.ports import Tracker
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.connectors.rendering.hostile import UNSEEN
from tests.connectors.rendering.test_adf import nodes
from tests.fakes import quiet
from tests.hostile.acting import READERS, assert_file_is_inert, assert_title_is_inert, hostile_problems
from tests.hostile.trackers.every import EVERY
from tests.hostile.tracking import TrackerServer, serving, tracker_on
from tests.stored import KEY, NOW
from tests.text.test_cells import runs

SETTINGS = Settings.model_validate({"export": {"quotes": 20}})


def name_of(dialect: Any) -> str:
    return str(dialect.__name__.removesuffix("TrackerDialect").lower())


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    yield opened
    opened.close()


@dataclass(frozen=True)
class Office:
    """A vendor's side after all problems were filed there."""

    server: TrackerServer
    tracker: Tracker
    repository: Repository

    def marker(self, number: int) -> str:
        return f"insights-{self.repository.filings.workspace_marker()}-P-{number}"

    def assert_inert(self) -> None:
        """Titles and our parts: of the bodies, what is not people's."""
        read = READERS[name_of(type(self.server.dialect))]
        for issue in self.server.office.there():
            assert_title_is_inert(issue.title)
            read(without_marks(issue.body, self.marker(issue.number)))


@pytest.fixture(params=EVERY, ids=name_of, scope="module")
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    repository = Repository(f"sqlite:///{folder / 'insights.db'}", key=KEY, actor=ADA)
    with serving(request.param()) as server:
        tracker = tracker_on(server.dialect, server.base, sleep=nobody_waits)
        hostile_problems(repository)
        file_all(repository, tracker)
        yield Office(server, tracker, repository)
    repository.close()


def nobody_waits(_: float) -> None:
    """Trackers' budgets are not what is tested."""


def file_all(repository: Repository, tracker: Tracker, *, currency: str = "$") -> None:
    numbers = [problem.id for problem in repository.problems.all()]
    done = export_all(
        numbers,
        repository=repository,
        tracker=tracker,
        now=NOW,
        currency=currency,
        progress=quiet,
        settings=SETTINGS,
        once=Once(sleep=nobody_waits),
    )
    assert not done.failed and len(done.done) == len(numbers)


def without_marks(body: Any, marker: str) -> Any:
    """The body without the two marks around our part, of which there are no more than two."""
    if not isinstance(body, str):
        texts = json.dumps(body)
        assert texts.count(marker) == 2
        return json.loads(texts.replace(marker, "mark"))
    assert body.count(marker) == 2
    return re.sub(rf"<!-- /?{marker} -->|{marker}:", "", body)


def test_no_word_of_a_customer_acts_in_a_tracker(office: Office) -> None:
    assert len(office.server.office.there()) == len(office.repository.problems.all())
    office.assert_inert()


def test_what_people_wrote_around_our_part_stays_when_it_is_brought_up_to_date(office: Office) -> None:
    dialect, issues = office.server.dialect, office.server.office.there()
    for issue in issues:
        issue.body = dialect.written_around(issue.body, "ABOVE @ann fixes #1", "BELOW {macro} [[x]]")
    before = {issue.number: issue.body for issue in issues}

    file_all(office.repository, office.tracker, currency="£")

    for issue in issues:
        marker = office.marker(issue.number)
        assert issue.body != before[issue.number]
        assert around(issue.body, marker) == around(before[issue.number], marker)
        assert all("@ann" in part or "macro" in part for part in around(issue.body, marker))


def around(body: Any, marker: str) -> tuple[str, str]:
    """What stands above our first mark and below our last one. Jira numbers blocks; Redmine takes either line end."""
    if isinstance(body, str):
        return body.partition(marker)[0].replace("\r", ""), body.rpartition(marker)[2].replace("\r", "")
    texts = ["".join(node["text"] for node in nodes(block) if "text" in node) for block in body["content"]]
    first, last = [place for place, text in enumerate(texts) if marker in text]
    return "\n".join(texts[:first]), "\n".join(texts[last + 1 :])


# -- files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["backlog.md", "backlog.csv", "backlog.jsonl"])
def test_no_word_of_a_customer_acts_in_a_file(repository: Repository, tmp_path: Path, name: str) -> None:
    numbers = hostile_problems(repository)
    path = tmp_path / name
    head, tail = PEOPLE[path.suffix]
    path.write_bytes(head)
    tracker = FileTracker(path)

    file_all(repository, tracker)
    path.write_bytes(path.read_bytes() + tail)
    file_all(repository, tracker, currency="£")

    content = path.read_bytes()
    assert content.startswith(head) and content.endswith(tail)
    assert set(tracker.read([f"P-{number}" for number in numbers])) == {f"P-{number}" for number in numbers}
    FILES[path.suffix](content.removeprefix(head).removesuffix(tail).decode(), len(numbers))


PEOPLE = {
    ".md": (b"# Backlog of @ann\r\n\r\n", b"\r\n<details>mine</details>"),
    ".csv": (b"problem;title;owner;body;quotes\r\nX-1;=1+1;ann;mine;\r\n", b"X-2;+1;bob;mine;\r\n"),
    ".jsonl": (b'{"mine": "@ann"}\n', b'{"mine": 2}'),
}


def assert_backlog_is_inert(text: str, entries: int) -> None:
    blocks = re.sub(r"(?m)^<!-- /?insights:P-\d+ -->\r?$", "", text)
    assert_file_is_inert(blocks)
    assert len(re.findall(r"(?m)^<!-- /?insights:P-\d+ -->\r?$", text)) == 2 * entries
    assert not UNSEEN.search(text.replace("\r\n", "\n"))


def assert_table_is_inert(text: str, entries: int) -> None:
    """Also where a program parts it at other separators than the file's, and in Excel's own form."""
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert [row[0] for row in rows] == [f"P-{number}" for number in range(1, entries + 1)]
    sheet = Workbook().create_sheet()
    for row in rows:
        sheet.append(row)  # raises where a character may not stand in a cell
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert len(cells) == 5 * entries and not [cell for cell in cells if cell.data_type == "f"]
    for separator in ";\t":
        parted = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        assert not [cell for row in parted for cell in row if runs(cell)]
    assert not UNSEEN.search(text.replace("\r\n", "\n"))


def assert_lines_are_inert(text: str, entries: int) -> None:
    lines = text.splitlines()  # at U+2028, too
    assert [json.loads(line)["problem"] for line in lines] == [f"P-{number}" for number in range(1, entries + 1)]
    assert not UNSEEN.search("".join(json.dumps(json.loads(line), ensure_ascii=False) for line in lines))


FILES = {".md": assert_backlog_is_inert, ".csv": assert_table_is_inert, ".jsonl": assert_lines_are_inert}


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_list_of_problems_as_a_table_runs_nothing(repository: Repository, tmp_path: Path, ending: str) -> None:
    hostile_problems(repository)
    path = tmp_path / f"problems{ending}"

    save_problems(repository.problems.all(), path)

    if ending == ".csv":
        cells = [cell for row in csv.reader(path.open(newline="", encoding="utf-8-sig")) for cell in row]
    else:
        sheet = [cell for row in load_workbook(path)["problems"].iter_rows() for cell in row]
        assert not [cell for cell in sheet if cell.data_type == "f" or cell.hyperlink]
        cells = [cell.value for cell in sheet if isinstance(cell.value, str)]
    assert len(cells) > 50 and not [cell for cell in cells if runs(cell)]
