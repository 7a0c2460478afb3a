"""All that a screen shows of one problem, read in one go off the screen's thread."""

from dataclasses import dataclass

from insights.domain.feedback import Evidence
from insights.domain.problem import Decision, Problem
from insights.errors import InsightsError
from insights.triage import Triage

MOST_SIMILAR = 5


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A similar problem and the cosine of its centre with ours."""

    problem: Problem
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A problem with its quotes, neighbours and decisions; `is_read` is False until those were looked up."""

    problem: Problem
    quotes: tuple[Evidence, ...] = ()
    similar: tuple[Neighbour, ...] = ()
    history: tuple[Decision, ...] = ()
    is_read: bool = False
    error: str | None = None


def read_dossier(triage: Triage, problem: Problem) -> Dossier:
    """Look everything up. What cannot be read is told in `error`, and the rest of the screen stands."""
    try:
        return Dossier(
            problem=problem,
            quotes=tuple(triage.quotes(problem.id)),
            similar=_neighbours(triage, problem.id),
            history=tuple(triage.history(problem.id)),
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
