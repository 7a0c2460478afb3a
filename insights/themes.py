"""List the themes with what is in them. Writes nothing."""

from dataclasses import dataclass

from insights.domain.access import Act, use_case
from insights.domain.problem import Problem
from insights.domain.run import OFFLINE
from insights.storage.repository import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A theme in figures: distinct items and accounts of its problems, which are the best ranked first. `named_by` is
    "offline" or the model that named it."""

    id: int
    name: str
    problems: tuple[Problem, ...]
    items: int
    accounts: int
    named_by: str = OFFLINE


@use_case(Act.LOOK)
def areas(repository: Repository) -> list[Area]:
    """Themes, the one with the most items first."""
    problems: dict[int, list[Problem]] = {}
    for problem in repository.problems.all():
        problems.setdefault(problem.theme_id or 0, []).append(problem)
    counts = repository.themes.counts()
    found = [
        Area(
            id=theme.id,
            name=theme.name,
            problems=tuple(problems.get(theme.id, ())),
            items=counts.get(theme.id, (0, 0))[0],
            accounts=counts.get(theme.id, (0, 0))[1],
            named_by=theme.named_by,
        )
        for theme in repository.themes.all()
    ]
    return sorted(found, key=lambda area: (-area.items, area.id))
