"""Reviews of apps from files: Google Play's monthly exports (CSV, UTF-16), what the API of App Store Connect answers
(`customerReviews`), what the API of Google Play answers, and other tools' tables, whose columns are recognised.

A review has one item, whichever files it is in: what it was changed to last counts. What developers answered is no
feedback. Reads and yields; stores nothing.
"""

import glob
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pydantic import Field

from connectors.files.decoding import SAMPLE_BYTES, find_encoding, open_bytes
from connectors.files.json_rows import flatten
from connectors.files.readers import find_format, open_table, read_rows
from connectors.files.records import Reading, RecordMaker
from connectors.files.rows import Cell, Row, checked, refuse
from connectors.files.values import ScoreScale
from connectors.sources.files import FileSource
from insights.config import Section
from insights.domain.feedback import FeedbackRecord
from insights.errors import ExitCode, InsightsError
from insights.ports import Page, Record, Reject, Setup, SourceKind

PAGE_RECORDS = 500
LARGEST_DOCUMENT = 64_000_000
"""Bytes of a JSON file that is read as a whole; a larger one is read row by row."""
_PLAY_ID = re.compile(r"[?&#]review_?id=([^&#\s]+)", re.IGNORECASE)
_BEGINNING = datetime(1971, 1, 1, tzinfo=UTC)

_PLAY = {
    "id": "id",
    "text": "Review Text",
    "subject": "Review Title",
    "date": "date",
    "score": "Star Rating",
    "url": "Review Link",
}
_APPLE = {
    "id": "id",
    "text": "attributes.body",
    "subject": "attributes.title",
    "date": "attributes.createdDate",
    "score": "attributes.rating",
    "author_name": "attributes.reviewerNickname",
}
_PLAY_API = {name: name for name in ("id", "text", "subject", "date", "score", "author_name")}

Cells = dict[str, Cell]
Columns = Mapping[str, str]


class AppReviewsSettings(Section):
    """`[[sources]]` with type = "app-reviews"."""

    path: str = Field(
        min_length=1,
        description='The files, relative to the workspace; * stands for any part of a name: "play/reviews_*.csv".',
    )
    map: dict[str, str] = Field(
        default_factory=dict,
        description="Our field = the column, where a file is neither store's own and it is not guessed.",
    )


@dataclass(frozen=True, slots=True)
class _Review:
    """A review as one file has it. `rank` orders its versions: the last one counts."""

    record: FeedbackRecord
    rank: tuple[float, int, int]

    @property
    def digest(self) -> int:
        return int.from_bytes(hashlib.blake2b(self.record.source_id.encode(), digest_size=8).digest())


@dataclass(slots=True)
class _Told:
    """What is told of a reading besides its records."""

    notes: Counter[str] = field(default_factory=Counter)
    broken: dict[str, InsightsError] = field(default_factory=dict)


class AppReviews:
    """The reviews in a few files."""

    def __init__(self, setup: Setup[AppReviewsSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        words = json.dumps([setup.settings.map, str(setup.since)], sort_keys=True)
        self._reading = hashlib.sha256(words.encode()).hexdigest()[:16]

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        """Pages of at most 500 records; the last one carries the new state. All files are read where one is new or
        changed, for another one may hold the newer words. Raises InsightsError, after all pages, where one cannot be
        read: it is tried again the next time."""
        files = self._files()
        stamps = {str(path): _stamp(path) for path in files}
        if state.get("reading") == self._reading and stamps.items() <= dict(state.get("files", {})).items():
            return
        told = _Told()
        newest = self._newest(files, told)
        told.notes.clear()
        records, rejects = list[Record](), list[Reject]()
        for one in self._every(files, told):
            if isinstance(one, Reject):
                rejects.append(one)
            elif newest.get(one.digest) == one.rank:
                records.append(one.record)
            if len(records) >= PAGE_RECORDS or len(rejects) >= PAGE_RECORDS:
                yield Page(records, rejects=rejects, state=state, total=len(newest))
                records, rejects = [], []
        read = {name: stamp for name, stamp in stamps.items() if name not in told.broken}
        yield Page(records, rejects=rejects, state=self._state(read, told), total=len(newest))
        self._raise(told, of=len(files))

    def check(self) -> str:
        files = self._files()
        return f"{len(files)} {'file' if len(files) == 1 else 'files'}, {files[0].name} to {files[-1].name}"

    def _files(self) -> list[Path]:
        """By name: Play's bear their month. Raises InsightsError where there are none."""
        pattern = str(self._setup.folder / Path(self._setup.settings.path).expanduser())
        found = sorted(Path(name) for name in glob.glob(pattern) if Path(name).is_file())  # noqa: PTH207 - may be absolute
        if not found:
            raise InsightsError(
                f"There is no file {self._setup.settings.path} for {self.name}.",
                remedy="Check path in insights.toml; it is relative to the workspace.",
                exit_code=ExitCode.USAGE,
            )
        return found

    def _newest(self, files: Sequence[Path], told: _Told) -> dict[int, tuple[float, int, int]]:
        """Which version of each review counts. About 250 bytes a review."""
        newest: dict[int, tuple[float, int, int]] = {}
        for one in self._every(files, told):
            if isinstance(one, _Review):
                newest[one.digest] = max(one.rank, newest.get(one.digest, one.rank))
        return newest

    def _every(self, files: Sequence[Path], told: _Told) -> Iterator[_Review | Reject]:
        since = self._setup.since
        for number, path in enumerate(files):
            try:
                for place, one in enumerate(self._of_file(path, told.notes)):
                    if isinstance(one, Reject):
                        yield replace(one, reason=f"{path.name}: {one.reason}")
                    elif since is None or (one.created_at or _BEGINNING).date() >= since:
                        yield _Review(one, ((one.created_at or _BEGINNING).timestamp(), number, place))
            except InsightsError as error:
                told.broken[str(path)] = error

    def _of_file(self, path: Path, notes: Counter[str]) -> Iterator[FeedbackRecord | Reject]:
        """Raises InsightsError where the file cannot be read."""
        with open_bytes(path) as stream:
            sample = stream.read(SAMPLE_BYTES)
        if sample.strip() and find_format(path, sample) == "json":
            yield from self._of_json(path, notes)
            return
        with open_table(path) as table:
            is_play = {"Star Rating", "Review Text"} <= set(table.header)
            if is_play:
                yield from self._of_rows((_play_row(item) for item in table.items), _PLAY, notes)
        if not is_play:
            yield from self._of_table(path, notes)

    def _of_json(self, path: Path, notes: Counter[str]) -> Iterator[FeedbackRecord | Reject]:
        for row, columns in _json_reviews(path):
            yield from self._of_rows(iter([row]), columns, notes)

    def _of_rows(
        self, rows: Iterator[Row | Reject], columns: Columns, notes: Counter[str]
    ) -> Iterator[FeedbackRecord | Reject]:
        reading = Reading(source=self.name, kind="review", columns=columns, scale=ScoreScale.FIVE)
        for row in rows:
            made = row if isinstance(row, Reject) else RecordMaker(reading, notes=notes).make(row)
            if isinstance(made, FeedbackRecord | Reject):
                yield made

    def _of_table(self, path: Path, notes: Counter[str]) -> Iterator[FeedbackRecord | Reject]:
        """Another tool's table: its columns are recognised as any file's are."""
        overrides = [f"{name}={column}" for name, column in self._setup.settings.map.items()]
        source = FileSource(name=self.name, path=path, kind="review", overrides=overrides)
        for page in source.fetch({}):
            yield from (record for record in page.records if isinstance(record, FeedbackRecord))
            yield from page.rejects
            notes.update(str(warning) for warning in page.state.get("warnings", ()))

    def _state(self, files: Mapping[str, Sequence[int]], told: _Told) -> dict[str, Any]:
        notes = [note if count == 1 else f"{note} ({count} times)" for note, count in told.notes.items()]
        return {"files": dict(files), "reading": self._reading, "warnings": notes}

    def _raise(self, told: _Told, *, of: int) -> None:
        if told.broken:
            first = next(iter(told.broken.values()))
            count = f"{len(told.broken)} of {of} files could not be read to the end."
            bare, bare_remedy = first.unquoted
            raise InsightsError(f"{count} {first.message}", remedy=f"{first.remedy} The others were read.").quoting(
                f"{count} {bare}", f"{bare_remedy} The others were read."
            )


def _stamp(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns]


def _play_row(item: Row | Reject) -> Row | Reject:
    """With the review's id, which is in its link alone, and the time of its latest words."""
    if isinstance(item, Reject):
        return item
    cells = item.cells
    found = _PLAY_ID.search(str(cells.get("Review Link") or ""))
    submitted = cells.get("Review Submit Millis Since Epoch")
    made = f"{cells.get('Package Name') or 'app'}-{submitted}" if submitted else None
    date = cells.get("Review Last Update Date and Time") or cells.get("Review Submit Date and Time")
    return replace(item, cells={**cells, "id": unquote(found[1]) if found else made, "date": date})


def _json_reviews(path: Path) -> Iterator[tuple[Row | Reject, Columns]]:
    """Each review with where our fields are in it. Raises InsightsError."""
    with open_bytes(path) as stream:
        data = stream.read(LARGEST_DOCUMENT + 1)
    if len(data) > LARGEST_DOCUMENT:
        yield from ((_apple_row(row), _APPLE) for row in read_rows(path))
        return
    text = data.decode(find_encoding(data[:SAMPLE_BYTES], path), "replace")
    for line, value in _values(text):
        if isinstance(value, Reject):
            yield value, _APPLE
        for one in _unwrapped(value):
            yield _json_row(line, one)


def _values(text: str) -> Iterator[tuple[int, Any]]:
    """The document, or the one of each line."""
    try:
        yield 1, json.loads(text)
        return
    except (ValueError, RecursionError):
        lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, refuse(number, "The line is not valid JSON.", raw=line)


def _unwrapped(value: Any) -> Iterator[dict[str, Any]]:
    """The reviews in an answer, in a list of answers, or in a list of reviews."""
    if isinstance(value, list):
        for one in value:
            yield from _unwrapped(one)
    elif isinstance(value, dict):
        inner = next((value[name] for name in ("data", "reviews") if isinstance(value.get(name), list)), None)
        if inner is not None:
            yield from _unwrapped(inner)
        elif value.get("type") in (None, "customerReviews"):
            yield value


def _json_row(line: int, review: dict[str, Any]) -> tuple[Row | Reject, Columns]:
    try:
        if isinstance(review.get("comments"), list):
            return checked(Row(line, _play_answer(review))), _PLAY_API
        return _apple_row(checked(Row(line, flatten(review)))), _APPLE
    except (ValueError, RecursionError):
        return refuse(line, "The review is nested too deeply.", raw=""), _APPLE


def _apple_row(row: Row | Reject) -> Row | Reject:
    if isinstance(row, Reject) or {"attributes.body", "attributes.rating"} & set(row.cells):
        return row
    return refuse(row.line, "This is no review as a store gives it.", raw=json.dumps(row.cells, default=str))


def _play_answer(review: dict[str, Any]) -> Cells:
    """A review as the API of Google Play gives it: a title stands before a tab."""
    comments = [one for one in review["comments"] if isinstance(one, dict)]
    said: dict[str, Any] = next(
        (one["userComment"] for one in comments if isinstance(one.get("userComment"), dict)), {}
    )
    title, tab, text = str(said.get("text") or "").strip().partition("\t")
    cells = flatten({"id": review.get("reviewId"), "author_name": review.get("authorName")})
    cells |= flatten({"score": said.get("starRating"), "modified": said.get("lastModified")})
    cells |= {"text": text if tab else title, "subject": title if tab else None}
    return {**cells, "date": cells.get("modified.seconds")}


APP_REVIEWS = SourceKind(settings=AppReviewsSettings, make=AppReviews)
