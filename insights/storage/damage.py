"""Values in the database that no code of ours wrote: a bit that changed where nothing is sealed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from insights.errors import InsightsError
from insights.text.clean import one_line

_ROOT = Path(__file__).parents[1]


def unreadable(error: Exception) -> InsightsError | None:
    """In words, where storage could make nothing of what it had read; None for anything else, which is a defect."""
    if not isinstance(error, (ValueError, KeyError)):
        return None
    rooms = list(_rooms(error.__traceback__))
    while rooms and rooms[-1] in ("domain", "text"):  # where storage has its values made
        rooms.pop()
    if not rooms or rooms[-1] != "storage":
        return None
    return InsightsError(
        f"The database holds a value that cannot be read: {one_line(str(error), 120)}.",
        remedy="See what else is wrong: insights doctor --deep. Then restore a backup.",
    )


@contextmanager
def damage_in_words() -> Iterator[None]:
    """Raises InsightsError for such a value."""
    try:
        yield
    except (ValueError, KeyError) as error:
        if (told := unreadable(error)) is not None:
            raise told from error
        raise


def _rooms(trace: TracebackType | None) -> Iterator[str]:
    """The rooms of this package that the error came through, where it was raised last."""
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(_ROOT) and path != Path(__file__):
            yield path.relative_to(_ROOT).parts[0]
        trace = trace.tb_next
