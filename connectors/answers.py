"""What an answer of a service says besides its data: to wait, to log in, its own time, why it refused. Pure."""

import email.utils
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_SECONDARY = 60.0
"""Seconds that GitHub wants to be left alone for where it tells its second kind of limit by words alone."""


def is_limit(status: int, headers: Mapping[str, str], body: bytes = b"") -> bool:
    """GitHub tells a spent budget with 403."""
    is_told = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    return status == 403 and (is_told or _is_secondary(body))


def _is_secondary(body: bytes) -> bool:
    return b"secondary rate limit" in body[:1000]


def is_sign_in(status: int, body: bytes) -> bool:
    """Azure DevOps answers a key that has ended with a page to sign in, as a success of its own kind."""
    return status == 203 and body.lstrip()[:1] == b"<"


def asked_to_wait(headers: Mapping[str, str], body: bytes = b"") -> float | None:
    """Seconds by Retry-After (RFC 9110: seconds or a date), else by the time at which the budget is whole again, else
    by what the answer says."""
    said = headers.get("retry-after", "").strip()
    now = moment_of(headers) or datetime.now(UTC)
    if re.fullmatch(r"\d+(\.\d+)?", said):
        return float(said)
    if said:
        try:
            at = email.utils.parsedate_to_datetime(said)
            return max((at.astimezone(UTC) - now).total_seconds(), 0.0)
        except (ValueError, OverflowError):
            return None
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and re.fullmatch(r"\d{9,11}", reset):
        return max(float(reset) - now.timestamp(), 0.0) + 1.0
    return _SECONDARY if _is_secondary(body) else _of_an_app(headers)


def _of_an_app(headers: Mapping[str, str]) -> float | None:
    """SurveyMonkey tells for how long a day's or a minute's calls are spent by headers of its own."""
    for span in ("day", "minute"):
        name = f"x-ratelimit-app-global-{span}"
        reset = headers.get(f"{name}-reset", "")
        if headers.get(f"{name}-remaining") == "0" and re.fullmatch(r"\d{1,6}", reset):
            return float(reset)
    return None


def moment_of(headers: Mapping[str, str]) -> datetime | None:
    try:
        return email.utils.parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None


def parsed(body: bytes) -> Any:
    """None where it is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def reason_of(body: bytes) -> str:
    """What the service says of its refusal, where it says it in one of the usual ways."""
    text = body[:4000].decode("utf-8", "replace")
    try:
        data = json.loads(text)
    except ValueError:
        return "" if text.lstrip().startswith("<") else text
    return _words_in(data) or text


def _words_in(data: Any) -> str:
    if isinstance(data, str):
        return data
    if isinstance(data, list):
        return "; ".join(filter(None, map(_words_in, data[:5])))
    if isinstance(data, dict):
        keys = ("message", "error_description", "detail", "description", "errorMessages", "errors", "error", "title")
        said = next((words for key in keys if (words := _words_in(data.get(key)))), "")
        return said or _words_by_field(data.get("errors"))
    return ""


def _words_by_field(errors: Any) -> str:
    """Where a service says what is wrong with each field, as Jira does."""
    said = errors.items() if isinstance(errors, dict) else ()
    return "; ".join(f"{name}: {words}" for name, words in said if isinstance(words, str))
