"""A digest as JSON knows it. Field names are those of `insights.digest.contents` and stay."""

from dataclasses import asdict
from datetime import date, datetime
from enum import Enum
from typing import Any

from insights.digest.contents import Digest
from insights.text.clean import sanitise


def to_json(digest: Digest) -> dict[str, Any]:
    """Dates as ISO 8601, unknown as null, texts as plain ones without what acts on a terminal; `is_quiet` says whether
    there is anything to tell."""
    data = {name: _plain(value) for name, value in asdict(digest).items()}
    return {**data, "is_quiet": digest.is_quiet}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return sanitise(value)
    return value.isoformat() if isinstance(value, date | datetime) else value
