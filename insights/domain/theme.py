"""A theme: problems of one area, under one name. A label over problems, no more."""

from dataclasses import dataclass

from insights.domain.run import OFFLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Keeps its id from run to run. `problems` are those in it, `named_from` those that it was named after; `named_by`
    is "offline" or the model that named it."""

    id: int
    name: str
    problems: frozenset[int] = frozenset()
    named_from: frozenset[int] = frozenset()
    named_by: str = OFFLINE


def needs_name(theme: Theme) -> bool:
    """Without a name, or of other problems than it was named after, by more than half."""
    if not theme.name:
        return True
    both, either = theme.problems & theme.named_from, theme.problems | theme.named_from
    return len(both) < len(either) / 2
