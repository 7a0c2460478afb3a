"""Rows that a service wrote another way than it says: each is refused with its words, and the reading goes on."""

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial
from math import isfinite
from typing import Any, TypeVar

from connectors.reading.changes import Changed, read_time
from insights.errors import InsightsError
from insights.ports import Reject

_LONGEST_RAW = 2_000

Made = TypeVar("Made")


def made_or_refused(make: Callable[[], Made], row: Any) -> Made | Reject:
    """What `make` makes of the row, of which it must ask nobody; a Reject where something that it needs is missing or
    is written another way."""
    try:
        return make()
    except InsightsError as error:
        why = error.message
    except KeyError as error:
        why = f"It has no {error.args[0]}."
    except (TypeError, ValueError, AttributeError, OverflowError):
        why = "A value in it is written another way than the service says."
    return refused(row, why)


def changed_in(
    rows: Iterable[Any], read: Callable[[Any], tuple[str, datetime | None]], *, since: datetime
) -> list[Changed]:
    """The rows of a list that was asked for from `since` on, with the id and time that `read` finds in each. One where
    it finds none comes with its Reject in its place."""
    found = []
    for row in rows:
        made = made_or_refused(partial(read, row), row)
        if isinstance(made, Reject):
            found.append(Changed(f"refused {made.raw}", since, made))
        else:
            found.append(Changed(made[0], made[1] or since, row))
    return found


def id_in(value: Any) -> str:
    """An id, written as text or number. Raises TypeError for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise TypeError
    return str(value)


def text_in(value: Any) -> str | None:
    """A text; None where there is none. Raises TypeError for anything else."""
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value or None


def number_in(value: Any) -> float | None:
    """A number, also one in words of digits; None where there is none. Raises ValueError or TypeError for anything
    else."""
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not isfinite(number := float(value)):
        raise ValueError
    return number


def day_in(value: Any) -> date | None:
    """The day of a day or time, in UTC; None where there is none. Raises InsightsError for anything else."""
    moment = read_time(value)
    return moment.date() if moment else None


def refused(row: Any, why: str) -> Reject:
    """The row as it came, cut to 2,000 characters."""
    return Reject(0, why, json.dumps(row, ensure_ascii=False, default=str)[:_LONGEST_RAW])
