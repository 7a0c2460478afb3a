"""From a tap's streams to our records: which field of a stream fills which of ours, and what an item is called."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.files.columns import is_monthly
from connectors.files.fields import fields_of
from connectors.files.json_rows import plain
from connectors.files.records import Reading, RecordMaker, missing_field
from connectors.files.rows import Row, checked
from connectors.files.values import ScoreScale, read_id
from connectors.sources.singer_messages import StreamRecord
from insights.domain.customers import AccountRecord
from insights.ports import Record, Reject

_LONGEST_ID = 300
_LONGEST_RAW = 2_000
_MONTHS = 12.0
_DELETED = "_sdc_deleted_at"
_SCALES = {"0-10": ScoreScale.TEN, "1-5": ScoreScale.FIVE, "0-100": ScoreScale.HUNDRED}


class StreamSettings(BaseModel):
    """`[sources.streams.NAME]`: what a record of the stream is, and our fields = paths in it, as `id = "id"` or
    `author_email = "requester.email"` or `text = "comments.0.body"`."""

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)

    kind: Literal["ticket", "nps", "note", "review", "account", "deal", "subscription", "departure"] = Field(
        description="What a record of the stream is."
    )
    scores: Literal["", "0-10", "1-5", "0-100"] = Field(
        "", description="What scores run from and to; needed where a score is mapped, but for nps, which is 0-10."
    )
    scale: dict[str, float] = Field(
        default_factory=dict, description="Our field = what its numbers are multiplied by: annual_revenue = 1000."
    )
    replication_method: Literal["", "FULL_TABLE", "INCREMENTAL", "LOG_BASED"] = Field(
        "", description="How the tap is to read the stream, where it leaves the choice; empty: as it does by itself."
    )
    replication_key: str = Field("", description="The field by which it finds what changed, where it asks for one.")

    @property
    def paths(self) -> dict[str, str]:
        """Our field -> path in a record."""
        return {str(name): str(path) for name, path in (self.model_extra or {}).items()}

    @model_validator(mode="after")
    def usable(self) -> Self:
        known = fields_of(self.kind)
        for name, path in (self.model_extra or {}).items():
            if name not in known:
                raise ValueError(f"{self.kind} has no field {name!r}; its fields are {', '.join(known)}")
            if not isinstance(path, str) or not path:
                raise ValueError(f"{name} must be the path of a field in the stream's records")
        lacking = missing_field(self.kind, {*self.paths, "id"} if self.kind != "account" else self.paths)
        if lacking:
            raise ValueError(lacking.replace("column", "path").rstrip("."))
        if "score" in self.paths and self.kind != "nps" and not self.scores:
            raise ValueError('say what its scores run to: scores = "0-10", "1-5" or "0-100"')
        return self


class Stream:
    """Makes records of one stream's. Ids are STREAM-ID, so that no two streams share one."""

    def __init__(
        self, name: str, settings: StreamSettings, *, source: str, accounts: Iterable[str], notes: Counter[str]
    ) -> None:
        """`accounts`: the streams that deliver accounts, to which the others' ids of accounts belong."""
        self.name = name
        self.keys: tuple[str, ...] = ()
        """Names of the fields that make a record's key, as the tap says."""
        self._paths = settings.paths
        self._accounts = tuple(accounts)
        self._notes = notes
        monthly = {"annual_revenue": _MONTHS} if is_monthly(_last(self._paths.get("annual_revenue", ""))) else {}
        self._reading = Reading(
            source=source,
            kind=settings.kind,
            columns={name: name for name in {"id", *self._paths}},
            scale=_SCALES[settings.scores or "0-10"],
            factors=monthly | settings.scale,
        )

    def id_of(self, record: StreamRecord) -> str | None:
        """What the record is called here; None where it has no id."""
        given = self._id(record.values)
        return f"{self.name}-{given}" if given and len(given) <= _LONGEST_ID else None

    def is_deleted(self, record: StreamRecord) -> bool:
        return bool(record.values.get(_DELETED))

    def make(self, line: int, record: StreamRecord) -> Record | Reject | None:
        """The record, its refusal, or None where it says nothing."""
        source_id = self.id_of(record)
        if source_id is None:
            return _refused(line, record, "The record has no id.")
        try:
            cells = {name: plain(pick(record.values, path)) for name, path in self._paths.items()}
        except (ValueError, RecursionError):
            return _refused(line, record, "The record is nested too deeply.")
        row = checked(Row(line, {**cells, "id": source_id}))
        made = RecordMaker(self._reading, notes=self._notes).make(row) if isinstance(row, Row) else row
        if isinstance(made, Reject):
            return _refused(line, record, made.reason)
        return self._with_accounts(made) if made is not None else None

    def _id(self, values: Mapping[str, Any]) -> str | None:
        if "id" in self._paths:
            return read_id(plain(pick(values, self._paths["id"])))
        parts = [read_id(plain(values.get(key))) for key in self.keys]
        return "-".join(part for part in parts if part) if parts and all(parts) else None

    def _with_accounts(self, record: Record) -> Record:
        """Ids of accounts as this source's own streams name them, before what the record says itself."""
        if isinstance(record, AccountRecord) or not record.account or "account" not in self._paths:
            return record
        first = record.account.partition("\n")[0]
        return replace(record, account="\n".join([*(f"{name}-{first}" for name in self._accounts), record.account]))


def pick(values: Any, path: str) -> Any:
    """What is at a dotted path: keys of objects, numbers of places in lists. A key that holds dots itself is found,
    too. None where there is nothing."""
    if isinstance(values, dict) and path in values:
        return values[path]
    found = values
    for part in path.split("."):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _refused(line: int, record: StreamRecord, why: str) -> Reject:
    try:
        raw = json.dumps({"stream": record.stream, **record.values}, ensure_ascii=False)
    except (ValueError, RecursionError):
        raw = record.stream
    return Reject(line, why, raw[:_LONGEST_RAW])
