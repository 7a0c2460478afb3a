"""A file as a source: tickets, NPS answers, notes, reviews, accounts, deals, subscriptions or departures from CSV,
JSON, Parquet or Excel.

Reads and yields; stores nothing. A file that did not change since the last time yields nothing. One that only grew
yields, of feedback, what is new: its first bytes are those of then, and so are the records that are made of them.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.files.columns import (
    apply_overrides,
    check_fields,
    flag_of_leaving,
    is_monthly,
    may_be_turnover,
    recognise,
)
from connectors.files.dates import DateOrder, DateVotes
from connectors.files.decoding import open_bytes, unreadable
from connectors.files.fields import FEEDBACK_KINDS, KINDS
from connectors.files.readers import open_table
from connectors.files.records import Reading, RecordMaker, missing_field, read_factors
from connectors.files.rows import Cell, Row, Table
from connectors.files.values import ScoreRange, ScoreScale, decide_decimal, read_stage, read_text
from insights.domain.customers import DealStage
from insights.errors import ExitCode, InsightsError
from insights.ports import Page, Record, Reject

PAGE_RECORDS = 500
SAMPLE_ROWS = 2_000
_DATES = ("date", "renewal_date", "closed_on", "customer_since", "left_on", "started_on", "ended_on", "came_back")
_AMOUNTS = ("annual_revenue", "amount")
_MONTHS = 12
_EXAMPLE_LENGTH = 80
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class RecognisedColumn:
    """Which column fills a field, and a value from it."""

    field: str
    column: str
    example: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an import would make of a file. `dates` says per field in which order day and month were found."""

    form: str
    columns: tuple[RecognisedColumn, ...]
    unused: tuple[str, ...]
    rows: tuple[Mapping[str, Cell], ...]
    dates: Mapping[str, str]
    warnings: tuple[str, ...]
    rejects: tuple[Reject, ...]


@dataclass(frozen=True, slots=True)
class _Survey:
    form: str
    header: tuple[str, ...]
    sample: tuple[Row | Reject, ...]
    reading: Reading
    warnings: tuple[str, ...]

    @property
    def rows(self) -> list[Row]:
        return [item for item in self.sample if isinstance(item, Row)]


@dataclass(frozen=True, kw_only=True)
class FileSource:
    """A file with one kind of record in it. `overrides` ("text=comment") beat what is recognised; `defaults`
    fill what a row leaves empty; `factors` ("annual_revenue=1000000") multiply amounts; `full` reads an
    unchanged file again."""

    name: str
    path: Path
    kind: str
    overrides: Sequence[str] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    factors: Sequence[str] = ()
    full: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))
        if self.kind not in KINDS:
            raise InsightsError(
                f"{self.kind!r} is no kind of record.",
                remedy=f"Use one of: {', '.join(KINDS)}.",
                exit_code=ExitCode.USAGE,
            )
        check_fields([*self.defaults, *(words.partition("=")[0].strip() for words in self.overrides)], self.kind)

    def preview(self) -> Preview:
        """What the first rows look like; reads on only where they leave a doubt about dates or scores. Raises
        InsightsError where the file cannot be read."""
        survey = _survey(self)
        maker = RecordMaker(survey.reading)
        made = [item if isinstance(item, Reject) else maker.make(item) for item in survey.sample]
        columns = tuple(_example(f, c, survey.rows) for f, c in survey.reading.columns.items())
        used = set(survey.reading.columns.values())
        missing = _missing(survey.reading)
        return Preview(
            form=survey.form,
            columns=columns,
            unused=tuple(column for column in survey.header if column not in used),
            rows=tuple(row.cells for row in survey.rows[:5]),
            dates={name: order.words for name, order in survey.reading.orders.items()},
            warnings=(*survey.warnings, *([missing] if missing else _counted(maker.notes))),
            rejects=tuple(item for item in made if isinstance(item, Reject)),
        )

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        """Pages of at most 500 records. The last one carries the new state, whose `warnings` say what was
        left out. Raises InsightsError where the file cannot be read, after the pages before the damage."""
        fresh = self._fingerprint(state)
        if fresh is None:
            return
        survey = _survey(self)
        _require(survey)
        with ExitStack() as stack:
            items, maker, held = self._begun(survey.reading, state, stack)
            for page in _pages(items, maker, state):
                if held.records or held.rejects or held.unchanged:
                    yield held
                held = page
            new_state = {**fresh, "records": maker.made, "content": maker.content}
            new_state["warnings"] = [*survey.warnings, *_counted(maker.notes)]
            yield replace(held, state=new_state)

    def _fingerprint(self, state: dict[str, Any]) -> dict[str, Any] | None:
        """The file's state now; None where there is nothing new to read."""
        with open_bytes(self.path):
            stat = self.path.stat()
        quick = {"size": stat.st_size, "mtime": stat.st_mtime_ns, "reading": self._settings_digest()}
        if not self.full and all(state.get(key) == value for key, value in quick.items()):
            return None
        digest = _file_digest(self.path)
        is_same = state.get("sha256") == digest and state.get("reading") == quick["reading"]
        return None if is_same and not self.full else {**quick, "sha256": digest}

    def _begun(
        self, reading: Reading, state: dict[str, Any], stack: ExitStack
    ) -> tuple[Iterator[Row | Reject], RecordMaker, Page]:
        """The rows to read, past those that are known where the file only grew, with a page that says so."""
        if self._has_grown(state):
            table, maker = stack.enter_context(open_table(self.path)), RecordMaker(reading)
            known = _past_known(table.items, maker, state)
            if known is not None:
                return table.items, maker, known
        return stack.enter_context(open_table(self.path)).items, RecordMaker(reading), Page((), state=state)

    def _has_grown(self, state: dict[str, Any]) -> bool:
        """Whether the file begins with all that it held when it was read last. Only then, and only of feedback, is it
        of use to know what was read: accounts and what hangs on them are matched anew each time."""
        if self.full or self.kind not in FEEDBACK_KINDS or not state.get("records"):
            return False
        return _file_digest(self.path, size=int(state["size"])) == state.get("sha256")

    def _settings_digest(self) -> str:
        """A changed mapping makes an unchanged file new."""
        settings = [self.kind, list(self.overrides), dict(self.defaults), list(self.factors)]
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


def _file_digest(path: Path, *, size: int | None = None) -> str:
    """Of the whole file, or of its first bytes."""
    digest = hashlib.sha256()
    left = sys.maxsize if size is None else size
    try:
        with path.open("rb") as stream:
            while left > 0 and (block := stream.read(min(left, _BLOCK_BYTES))):
                digest.update(block)
                left -= len(block)
    except OSError as error:
        raise unreadable(path, error) from error
    return digest.hexdigest()


def _past_known(items: Iterator[Row | Reject], maker: RecordMaker, state: dict[str, Any]) -> Page | None:
    """Make the records that the last reading made, for what is counted on the way, and leave them out of the page: its
    rejects are those among them. None where they are not the same, or cannot be read, or many are refused."""
    rejects = list[Reject]()
    with suppress(InsightsError):
        while maker.made < state["records"] and len(rejects) <= PAGE_RECORDS and (item := next(items, None)):
            made = item if isinstance(item, Reject) else maker.make(item)
            if isinstance(made, Reject):
                rejects.append(made)
    is_same = maker.made == state["records"] and maker.content == state.get("content")
    return Page((), rejects=rejects, state=state, unchanged=maker.made) if is_same else None


def _pages(items: Iterator[Row | Reject], maker: RecordMaker, state: dict[str, Any]) -> Iterator[Page]:
    """Full pages, and what was read before an error; none of them moves the state."""
    records, rejects = list[Record](), list[Reject]()
    try:
        for item in items:
            made = item if isinstance(item, Reject) else maker.make(item)
            if isinstance(made, Reject):
                rejects.append(made)
            elif made is not None:
                records.append(made)
            if len(records) >= PAGE_RECORDS or len(rejects) >= PAGE_RECORDS:
                yield Page(records, rejects=rejects, state=state)
                records, rejects = [], []
    except InsightsError:
        yield Page(records, rejects=rejects, state=state)
        yield Page((), state=state)
        raise
    yield Page(records, rejects=rejects, state=state)


def _survey(source: FileSource) -> _Survey:
    """Look at the first rows, and at the rest where they leave a doubt about dates or scores."""
    with open_table(source.path) as table:
        sample = tuple(_sample(table))
        rows = [item for item in sample if isinstance(item, Row)]
        header = table.header or tuple(dict.fromkeys(name for row in rows for name in row.cells))
        found = recognise(header, [row.cells for row in rows], source.kind)
        columns = apply_overrides(found, source.overrides, header)
        votes, scores = _settle(columns, rows, rest=table.items, is_nps=source.kind == "nps")
        reading = Reading(
            source=source.name,
            kind=source.kind,
            columns=columns,
            orders=_orders(votes),
            decimals={n: decide_decimal(r.cells.get(columns[n]) for r in rows) for n in _AMOUNTS if n in columns},
            scale=scores.scale(is_nps=source.kind == "nps"),
            factors=_yearly(columns) | read_factors(source.factors, source.kind),
            defaults=source.defaults,
        )
        return _Survey(
            table.form,
            header,
            sample,
            reading,
            (
                *table.notes,
                *_warnings(reading),
                *_revenue_warnings(reading),
                *_leaving_warning(reading, header),
                *_stage_warning(reading, rows),
            ),
        )


def _sample(table: Table) -> Iterator[Row | Reject]:
    """The first rows. Damage after the first of them is found again, and told, when the file is read."""
    count = 0
    try:
        for item in islice(table.items, SAMPLE_ROWS):
            count += 1
            yield item
    except InsightsError:
        if not count:
            raise


def _settle(
    columns: Mapping[str, str], rows: Sequence[Row], *, rest: Iterator[Row | Reject], is_nps: bool
) -> tuple[dict[str, DateVotes], ScoreRange]:
    votes = {name: DateVotes() for name in _DATES if name in columns}
    scores = ScoreRange()

    def count(row: Row) -> None:
        for name, counted in votes.items():
            counted.add(row.cells.get(columns[name]))
        if "score" in columns:
            scores.add(row.cells.get(columns["score"]))

    for row in rows:
        count(row)
    with suppress(InsightsError):
        while _in_doubt(votes, scores, is_nps=is_nps) and (item := next(rest, None)):
            if isinstance(item, Row):
                count(item)
    return votes, scores


def _in_doubt(votes: Mapping[str, DateVotes], scores: ScoreRange, *, is_nps: bool) -> bool:
    """Whether no date decides which number is the day, or a later score may yet show that these are no
    stars."""
    stars = scores.high > 0 and scores.scale(is_nps=is_nps) is ScoreScale.FIVE
    return stars or any(not counted.order.is_certain for counted in votes.values())


def _orders(votes: Mapping[str, DateVotes]) -> dict[str, DateOrder]:
    """The order of each column; one whose own values do not tell is read as the other columns of the file are, where
    these agree."""
    told = {counted.order.day_first for counted in votes.values() if counted.day != counted.month}
    orders = {name: counted.order for name, counted in votes.items()}
    if len(told) != 1:
        return orders
    day_first = next(iter(told))
    return {n: o if o.is_certain else replace(o, day_first=day_first, borrowed=True) for n, o in orders.items()}


def _yearly(columns: Mapping[str, str]) -> dict[str, float]:
    """Twelve months are a year."""
    return {"annual_revenue": float(_MONTHS)} if is_monthly(columns.get("annual_revenue", "")) else {}


def _warnings(reading: Reading) -> Iterator[str]:
    for name, order in reading.orders.items():
        if not order.is_certain:
            yield f"No value of {reading.columns[name]!r} tells day from month: read as {order.words}."
    if "score" in reading.columns and reading.scale is not ScoreScale.TEN:
        yield f"Scores in {reading.columns['score']!r} run from {reading.scale.value}; scaled to 0 to 10."


def _revenue_warnings(reading: Reading) -> Iterator[str]:
    """What the name of a column leaves open about what an account pays."""
    column = reading.columns.get("annual_revenue", "")
    factor = reading.factors.get("annual_revenue", 1.0)
    if is_monthly(column):
        yield f"{column!r} is revenue of a month: a year's is {factor:g} times as much (--scale annual_revenue=NUMBER)."
    if reading.kind == "account" and may_be_turnover(column):
        yield (
            f"{column!r} is taken for what an account pays you in a year. If it is the account's own turnover, "
            "leave it out with --map annual_revenue="
        )


def _leaving_warning(reading: Reading, header: Sequence[str]) -> Iterator[str]:
    unused = [column for column in header if column not in reading.columns.values()]
    flag = flag_of_leaving(unused)
    if reading.kind == "account" and "left_on" not in reading.columns and flag:
        yield f"{flag!r} says whether an account left, not when: not taken. Bring departures in with --kind departure."


def _stage_warning(reading: Reading, rows: Sequence[Row]) -> Iterator[str]:
    """Services that name stages by number would make every deal an open one, unnoticed."""
    column = reading.columns.get("stage")
    if column and rows and all(read_stage(row.cells.get(column)) is DealStage.OPEN for row in rows):
        yield f"No value of {column!r} says won or lost, so every deal counts as open."


def _missing(reading: Reading) -> str | None:
    """What the kind cannot do without and no column gives."""
    return missing_field(reading.kind, {*reading.columns, *reading.defaults})


def _require(survey: _Survey) -> None:
    missing = _missing(survey.reading)
    if missing:
        others = {"account": "name", "deal": "stage", "subscription": "account", "departure": "account"}
        wanted = others.get(survey.reading.kind, "text")
        more = " …" if len(survey.header) > 30 else ""
        remedy = f"Say which one it is with --map {wanted}=COLUMN."
        listed = f"{remedy} The columns are: {', '.join(survey.header[:30])}{more}"
        raise InsightsError(missing, remedy=listed, exit_code=ExitCode.USAGE).quoting(missing, remedy)


def _counted(notes: Mapping[str, int]) -> list[str]:
    return [f"{note} ({count} {'time' if count == 1 else 'times'})" for note, count in notes.items()]


def _example(name: str, column: str, rows: Sequence[Row]) -> RecognisedColumn:
    texts = (read_text(row.cells.get(column)) for row in rows)
    example = next((text for text in texts if text), None)
    if example and len(example) > _EXAMPLE_LENGTH:
        example = f"{example[:_EXAMPLE_LENGTH]}…"
    return RecognisedColumn(name, column, example)
