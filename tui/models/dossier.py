"""All that a screen shows of one problem, read in one go off the screen's thread."""

from dataclasses import dataclass

from insights.domain.assessed import Assessed
from insights.domain.feedback import Evidence
from insights.domain.problem import Problem
from insights.domain.trend import HALF_A_YEAR
from insights.errors import InsightsError
from insights.history import Moment, history_of
from insights.triage import Triage

MOST_SIMILAR = 5


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A similar problem and the cosine of its centre with ours."""

    problem: Problem
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A problem with its quotes, its neighbours, what a model says of it, its life (oldest first) and the items of half
    a year by week; `is_read` is False until those were looked up."""

    problem: Problem
    quotes: tuple[Evidence, ...] = ()
    similar: tuple[Neighbour, ...] = ()
    assessed: Assessed | None = None
    history: tuple[Moment, ...] = ()
    weekly: tuple[int, ...] = ()
    is_read: bool = False
    error: str | None = None


def read_dossier(triage: Triage, problem: Problem) -> Dossier:
    """Look everything up. What cannot be read is told in `error`, and the rest of the screen stands."""
    try:
        return Dossier(
            problem=problem,
            quotes=tuple(triage.quotes(problem.id)),
            similar=_neighbours(triage, problem.id),
            assessed=triage.assessed(problem.id),
            history=tuple(history_of(problem.id, repository=triage.repository)),
            weekly=triage.repository.problems.get(problem.id, weeks=HALF_A_YEAR).weekly,
            is_read=True,
        )
    except InsightsError as error:
        return Dossier(problem=problem, is_read=True, error=f"{error.message} {error.remedy}")


def _neighbours(triage: Triage, problem_id: int) -> tuple[Neighbour, ...]:
    """Those that still exist, nearest first."""
    found = []
    for other, cosine in triage.similar(problem_id)[:MOST_SIMILAR]:
        try:
            found.append(Neighbour(triage.problem(other), cosine))
        except InsightsError:  # its evidence was removed since the run
            continue
    return tuple(found)
