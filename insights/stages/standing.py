"""What people have said that a grouping must not undo."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.domain.problem import State
from insights.storage.groupings import Place
from insights.storage.repository import Repository


@dataclass(frozen=True, slots=True)
class Standing:
    """`problems`: decided on or corrected by a person; their mentions stay. `pinned`: item -> the problem it belongs
    to. `barred`: an item and a problem it must not be in."""

    problems: Set[int]
    pinned: Mapping[int, int]
    barred: Set[tuple[int, int]]

    def holds(self, place: Place) -> bool:
        return place.problem_id in self.problems and (place.feedback_id, place.problem_id) not in self.barred

    def leaves_open(self, place: Place) -> bool:
        """It waits, or is only loosely in a problem that nobody decided on."""
        return not place.problem_id or (place.is_loose and not self.holds(place))

    def barred_of(self, places: Sequence[Place], problems: NDArray[np.int64]) -> NDArray[np.bool_] | None:
        """Shape (places, problems): the item of the row must not be in the problem; None where nothing is barred."""
        items = {item for item, _ in self.barred}
        rows = [row for row, place in enumerate(places) if place.feedback_id in items]
        if not rows:
            return None
        found = np.zeros((len(places), len(problems)), dtype=bool)
        for row in rows:
            found[row] = [(places[row].feedback_id, int(problem)) in self.barred for problem in problems]
        return found


def standing_of(repository: Repository) -> Standing:
    decided = {
        problem for problem, state in repository.problems.states().items() if state not in (State.INBOX, State.MERGED)
    }
    return Standing(
        decided | repository.rules.corrected_problems(), repository.rules.pinned(), repository.rules.barred()
    )
