"""What a Singer tap writes on its standard output, line by line (Singer specification 0.3.0, with ACTIVATE_VERSION).

Pure: bytes in, messages out.
"""

import json
from dataclasses import dataclass
from typing import Any

_BATCHES = "BATCH"


@dataclass(frozen=True, slots=True)
class StreamSchema:
    """What a stream's records are known by: the names of the fields that make their key."""

    stream: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """One record. `version` is that of the whole table that it belongs to, where the tap says so."""

    stream: str
    values: dict[str, Any]
    version: Any = None


@dataclass(frozen=True, slots=True)
class TapState:
    """Where the tap goes on the next time, given that all records before it were kept. Any JSON value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Activation:
    """From here on only a table's records of this version count."""

    stream: str
    version: Any


@dataclass(frozen=True, slots=True)
class OtherMessage:
    """A kind of message that this reader does not need, or does not know."""

    kind: str

    @property
    def is_batch(self) -> bool:
        """Whether records are in files that are named here instead of in lines."""
        return self.kind == _BATCHES


Message = StreamSchema | StreamRecord | TapState | Activation | OtherMessage


def read_message(line: bytes) -> Message:
    """The message of one line. Bytes that are no UTF-8 become replacement characters. Raises ValueError, in words,
    where the line is no message."""
    try:
        found = json.loads(line.decode("utf-8", "replace"), parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        raise ValueError("The line is not valid JSON.") from None
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        raise ValueError("The line is no message of a tap.")
    kind = found["type"].upper()
    if kind == "STATE":
        return TapState(found.get("value"))
    if kind not in ("RECORD", "SCHEMA", "ACTIVATE_VERSION"):
        return OtherMessage(kind)
    return _of_stream(kind, found)


def _of_stream(kind: str, found: dict[str, Any]) -> Message:
    stream = found.get("stream")
    if not isinstance(stream, str) or not stream:
        raise ValueError(f"The {kind} message names no stream.")
    if kind == "SCHEMA":
        return StreamSchema(stream, _names(found.get("key_properties")))
    if kind == "ACTIVATE_VERSION":
        return Activation(stream, found.get("version"))
    values = found.get("record")
    if not isinstance(values, dict):
        raise ValueError("The RECORD message holds no record.")
    return StreamRecord(stream, values, found.get("version"))


def _names(value: Any) -> tuple[str, ...]:
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, list) else ()
