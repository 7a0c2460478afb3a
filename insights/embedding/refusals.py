"""What an exception of a server's client says, whatever the client: status, words, how long to wait, its causes.

What it means for whoever asked is told by `embedding.faults` and `language.faults`.
"""

import math
import time
from email.utils import parsedate_to_datetime
from typing import Any

_LONGEST_WORDS = 4000


def status_of(error: BaseException) -> int | None:
    """The HTTP status of a refusal; None where the server gave none."""
    found: Any = getattr(error, "status_code", None)
    return found if isinstance(found, int) and found >= 400 else None


def words_of(error: BaseException) -> str:
    """What the server said about it, in any of the places where servers say it, in folded case."""
    said = [str(error), *(str(getattr(error, name, "")) for name in ("code", "type", "body"))]
    return " ".join(said)[:_LONGEST_WORDS].casefold()


def causes_of(error: BaseException) -> list[BaseException]:
    """The exception and what it came of, the outermost first."""
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or current.__context__
    return found


def retry_after(error: BaseException) -> float | None:
    """Seconds that the server asks to wait, which it may give as a date; None where it does not say."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    said = headers.get("retry-after", "").strip()
    seconds = _number(headers.get("retry-after-ms", "")) / 1000
    seconds = _number(said) if math.isnan(seconds) else seconds
    seconds = _seconds_until(said) if math.isnan(seconds) else seconds
    return None if math.isnan(seconds) else max(seconds, 0.0)


def _number(said: str) -> float:
    """NaN for what is none."""
    try:
        return float(said)
    except ValueError:
        return math.nan


def _seconds_until(date: str) -> float:
    """NaN for what is no date."""
    try:
        return parsedate_to_datetime(date).timestamp() - time.time()
    except ValueError:
        return math.nan
