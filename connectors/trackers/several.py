"""One issue for a problem: where a tracker shows several, a person has to say which."""

from collections.abc import Callable, Sequence
from typing import Any

from insights.errors import InsightsError
from insights.ports import Sought

OUR_PART = "Delete our part, between its marks, from all but one of them."
"""What to do where an issue is found by its block."""


def only(
    found: Sequence[Any],
    sought: Sought,
    *,
    tracker: str,
    place: Callable[[Any], str],
    remedy: str = OUR_PART,
    noun: str = "issues",
) -> Any:
    """The one row that was found, None where there is none. Raises InsightsError that names the `place` of each where
    there are several."""
    if len(found) > 1:
        places = ", ".join(map(place, found))
        raise InsightsError(f"{sought.problem} has {len(found)} {noun} in {tracker}: {places}.", remedy=remedy)
    return found[0] if found else None
