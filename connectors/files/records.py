"""Turn rows into records of feedback, accounts, deals, subscriptions and departures, given which column is which and
how its values are written.

A row that lacks what it needs, or says something impossible, is refused with the reason. What is only nice to
have is left out with a note. Nothing is ever made up: empty is None.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from connectors.files.columns import check_fields
from connectors.files.dates import DateOrder, read_date, read_day
from connectors.files.fields import FEEDBACK_KINDS
from connectors.files.rows import Cell, Row, refuse
from connectors.files.values import (
    ScoreScale,
    read_flag,
    read_id,
    read_number,
    read_score,
    read_stage,
    read_text,
    says_trial,
)
from insights.domain.customers import AccountRecord, DealRecord, DepartureRecord, SubscriptionRecord
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import ExitCode, InsightsError
from insights.ports import Record, Reject

_EMAIL = re.compile(r"[^@\s<>,;\"']+@[^@\s<>,;\"']+\.[^@\s<>,;\"']{2,}")
_MONTH_FIRST = DateOrder(day_first=False)

NO_TEXT = "Rows without any text were left out."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How to read one file: the column of each field, and how its dates, amounts and scores are written."""

    source: str
    kind: str
    columns: Mapping[str, str]
    orders: Mapping[str, DateOrder] = field(default_factory=dict)
    decimals: Mapping[str, str] = field(default_factory=dict)
    scale: ScoreScale = ScoreScale.TEN
    factors: Mapping[str, float] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class RecordMaker:
    """Makes records of one file's rows, in order. Keeps about 100 bytes a row, to know an id that comes
    twice; `notes` counts what was left out, `made` the records."""

    reading: Reading
    notes: Counter[str] = field(default_factory=Counter)
    made: int = 0
    _content: "hashlib.blake2b" = field(default_factory=lambda: hashlib.blake2b(digest_size=16))
    _first: dict[int, int] = field(default_factory=dict)
    _copies: Counter[int] = field(default_factory=Counter)

    def make(self, row: Row) -> Record | Reject | None:
        """The row's record, its refusal, or None where it says nothing."""
        self.notes.update(row.notes)
        try:
            record = self._record(row)
            return record and self._identified(record, row)
        except ValueError as error:
            words = {name: cell for name, cell in row.cells.items() if cell is not None}
            raw = json.dumps(words, ensure_ascii=False, default=str)
            return refuse(row.line, f"{str(error)[:1].upper()}{str(error)[1:]}.", raw=raw)

    @property
    def content(self) -> str:
        """The same where the same records were made in the same order, hexadecimal."""
        return self._content.hexdigest()

    def _count(self, content: int) -> None:
        self.made += 1
        self._content.update(content.to_bytes(8))

    def _record(self, row: Row) -> Record | None:
        makers: dict[str, Callable[[Row], Record | None]] = {
            "account": self._account,
            "deal": self._deal,
            "subscription": self._subscription,
            "departure": self._departure,
        }
        return makers.get(self.reading.kind, self._feedback)(row)

    def _feedback(self, row: Row) -> FeedbackRecord | None:
        text, subject = self._text(row, "text"), self._text(row, "subject")
        if text is None and subject is None:
            self.notes[NO_TEXT] += 1
            return None
        return FeedbackRecord(
            source=self.reading.source,
            kind=FeedbackKind(self.reading.kind),
            text=text or subject or "",
            subject=subject if text else None,
            created_at=self._moment(row, "date"),
            author_name=self._text(row, "author_name"),
            author_email=self._email(row),
            account=self._account_hint(row),
            score=self._score(row),
            url=self._text(row, "url"),
            source_id=read_id(self._cell(row, "id")) or "",
        )

    def _account(self, row: Row) -> AccountRecord:
        name, given = self._text(row, "name"), read_id(self._cell(row, "id"))
        if not (name or given):
            raise ValueError("the row has neither an id nor a name")
        return AccountRecord(
            source=self.reading.source,
            name=(name or given or "").strip(),
            domain=_host(self._text(row, "domain")),
            annual_revenue=self._amount(row, "annual_revenue"),
            segment=self._text(row, "segment"),
            plan=self._text(row, "plan"),
            region=self._text(row, "region"),
            renewal_date=self._day(row, "renewal_date"),
            customer_since=self._day(row, "customer_since"),
            left_on=self._day(row, "left_on"),
            source_id=given or (name or "").strip(),
        )

    def _deal(self, row: Row) -> DealRecord:
        return DealRecord(
            source=self.reading.source,
            stage=read_stage(self._cell(row, "stage")),
            name=self._text(row, "name"),
            amount=self._amount(row, "amount"),
            account=self._account_hint(row),
            reason_lost=self._text(row, "reason_lost"),
            closed_on=self._day(row, "closed_on"),
            source_id=read_id(self._cell(row, "id")) or "",
        )

    def _subscription(self, row: Row) -> SubscriptionRecord:
        started_on, ended_on = self._day(row, "started_on"), self._day(row, "ended_on")
        if started_on and ended_on and ended_on < started_on:
            self.notes["A subscription ends before it starts; it was kept and never counts as running."] += 1
        return SubscriptionRecord(
            source=self.reading.source,
            account=self._account_hint(row),
            annual_revenue=self._amount(row, "annual_revenue"),
            started_on=started_on,
            ended_on=ended_on,
            is_trial=self._is_trial(row),
            source_id=read_id(self._cell(row, "id")) or "",
        )

    def _departure(self, row: Row) -> DepartureRecord:
        left_on = self._day(row, "left_on")
        if left_on is None:
            self.notes["A departure without a day was kept, and says of no account that it left."] += 1
        return DepartureRecord(
            source=self.reading.source,
            account=self._account_hint(row),
            left_on=left_on,
            reason=self._text(row, "reason"),
            came_back=self._came_back(row),
            source_id=read_id(self._cell(row, "id")) or "",
        )

    def _is_trial(self, row: Row) -> bool:
        """A status that names no trial is none."""
        cell = self._cell(row, "is_trial")
        with suppress(ValueError):
            return read_flag(cell) or False
        return says_trial(cell)

    def _came_back(self, row: Row) -> bool:
        """Yes, or the day on which it did."""
        cell = self._cell(row, "came_back")
        with suppress(ValueError):
            return read_flag(cell) or False
        return self._day(row, "came_back") is not None

    def _cell(self, row: Row, name: str) -> Cell:
        column = self.reading.columns.get(name)
        cell = row.cells.get(column) if column is not None else None
        return self.reading.defaults.get(name) if read_text(cell) is None else cell

    def _text(self, row: Row, name: str) -> str | None:
        return read_text(self._cell(row, name))

    def _moment(self, row: Row, name: str) -> datetime | None:
        return read_date(self._cell(row, name), self.reading.orders.get(name, _MONTH_FIRST))

    def _day(self, row: Row, name: str) -> date | None:
        """A date that the record can do without."""
        try:
            return read_day(self._cell(row, name), self.reading.orders.get(name, _MONTH_FIRST))
        except ValueError:
            self.notes[f"A value of {name} is no likely date and was left out."] += 1
            return None

    def _amount(self, row: Row, name: str) -> float | None:
        try:
            amount = read_number(self._cell(row, name), self.reading.decimals.get(name, "."))
        except ValueError:
            self.notes[f"A value of {name} is not a number and was left out."] += 1
            return None
        return None if amount is None else amount * self.reading.factors.get(name, 1.0)

    def _score(self, row: Row) -> float | None:
        try:
            return read_score(self._cell(row, "score"), self.reading.scale)
        except ValueError:
            self.notes["A value of score is no score and was left out."] += 1
            return None

    def _email(self, row: Row) -> str | None:
        match = _EMAIL.search(self._text(row, "author_email") or "")
        return match.group() if match else None

    def _account_hint(self, row: Row) -> str | None:
        """The account's id and its name, a line each, or the one that is there: the accounts that are known may have
        come without ids."""
        given = (read_id(self._cell(row, name)) for name in ("account", "account_name"))
        return "\n".join(dict.fromkeys(" ".join(hint.split()) for hint in given if hint)) or None

    def _identified(self, record: Record, row: Row) -> Record:
        """The record with an id: its own, else one made of the row's content, where a second row of it gets
        #2. Raises ValueError where its own id stands in an earlier row that says something else."""
        if not record.source_id:
            content = _digest(json.dumps(row.cells, sort_keys=True, default=str))
            self._copies[content] += 1
            copy = self._copies[content]
            self._count(content)
            return replace(record, source_id=f"row-{content:016x}" + (f"#{copy}" if copy > 1 else ""))
        content = _digest(repr(record))
        first = self._first.setdefault(_digest(record.source_id), row.line << 32 | content >> 32)
        if first & 0xFFFFFFFF != content >> 32:
            where = first >> 32
            raise ValueError(f"the id {record.source_id[:60]!r} stands in line {where} already, with other content")
        self._count(content)
        return record


def missing_field(kind: str, given: Collection[str]) -> str | None:
    """What a kind cannot do without and none of the given fields holds, in words."""
    if kind in FEEDBACK_KINDS and not {"text", "subject"} & set(given):
        return "No column holds the text."
    if kind == "account" and not {"id", "name"} & set(given):
        return "No column holds the accounts' ids or names."
    if kind == "deal" and "stage" not in given:
        return "No column holds the stage of the deals."
    if kind in ("subscription", "departure") and not {"account", "account_name"} & set(given):
        return f"No column holds the account of the {kind}s."
    return None


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())


def _host(text: str | None) -> str | None:
    """The domain alone of a web address."""
    host = re.sub(r"^[a-z]+://", "", (text or "").strip().casefold()).split("/")[0].removeprefix("www.")
    return host.partition(":")[0] or None


def read_factors(factors: Sequence[str], kind: str) -> dict[str, float]:
    """Factors for amounts from words such as "annual_revenue=1000000". Raises InsightsError."""
    result: dict[str, float] = {}
    for words in factors:
        name, _, number = words.partition("=")
        try:
            factor = read_number(number)
        except ValueError:
            factor = None
        if factor is None or name.strip() not in ("annual_revenue", "amount"):
            raise InsightsError(
                f"{words!r} is no factor for an amount.",
                remedy="Write it as annual_revenue=1000000 or amount=1000.",
                exit_code=ExitCode.USAGE,
            )
        result[name.strip()] = factor
    check_fields(list(result), kind)
    return result
