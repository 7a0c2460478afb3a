"""What is an error for a command is a hint for a line that is still being typed."""

from collections.abc import Callable
from typing import TypeVar

from insights.domain.query import Hint
from insights.errors import InsightsError, Unreachable

Answer = TypeVar("Answer")


def told(ask: Callable[[], Answer], hints: list[Hint]) -> Answer | None:
    """The answer, or None and its refusal among the hints. A database that cannot be read stays an error."""
    try:
        return ask()
    except Unreachable:
        raise
    except InsightsError as error:
        hints.append(Hint(f"{error.message} {error.remedy}"))
        return None
