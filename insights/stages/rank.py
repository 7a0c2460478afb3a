"""Put problems in order of their return, best first; merged ones have no place."""

from collections.abc import Sequence

from insights.domain.problem import Problem, State
from insights.storage.repository import Repository


def rank_problems(repository: Repository) -> int:
    """Write the ranks. Returns how many problems have one."""
    order = ranked(repository.problems.all())
    repository.problems.save_ranks(order)
    return len(order)


def ranked(problems: Sequence[Problem]) -> list[int]:
    """Ids by ROI; ties by distinct accounts, then items, then age, so that a digest does not reshuffle overnight."""
    estimated = [p for p in problems if p.estimate is not None and p.state is not State.MERGED]
    return [p.id for p in sorted(estimated, key=_key)]


def _key(problem: Problem) -> tuple[float, int, int, int]:
    roi = problem.estimate.roi.likely if problem.estimate else 0.0
    return (-roi, -problem.accounts, -problem.items, problem.id)
