"""What lies on the desk of one session: the frozen order, the cursor, the search, and what was decided.

Pure: no widget, no thread, no storage. Decisions take effect here at once; whoever writes them puts a problem back
when the write fails.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from rapidfuzz import fuzz, process

from insights.domain.problem import Action, Problem
from insights.errors import InsightsError
from tui.cells import shown

_NEAR_ENOUGH = 80
"""Of 100: one slip in six letters. Shorter words must stand there as typed."""
_SHORTEST_FUZZY = 4
_SEARCHED_CHARACTERS = 400


@dataclass
class Desk:
    """The problems that wait, best rank first; `visible` are those that are undecided and match the search, `waiting`
    counts all undecided ones, `unwritten` are those whose decision is still on its way, `newest_day` is that of the
    newest feedback."""

    problems: list[Problem] = field(default_factory=list)
    decided: dict[int, Action] = field(default_factory=dict)
    unwritten: set[int] = field(default_factory=set)
    cursor: int = 0
    wanted: str = ""
    is_read: bool = False
    has_any: bool = True
    error: InsightsError | None = None
    visible: list[Problem] = field(default_factory=list)
    waiting: int = 0
    newest_day: date | None = None
    _texts: dict[int, str] = field(default_factory=dict)

    # -- filling ----------------------------------------------------------------------------------------------

    def lay_out(self, problems: list[Problem], *, has_any: bool) -> None:
        """A new order; the cursor stays with its problem if that is still there."""
        current = self.current
        self.problems, self.has_any, self.is_read, self.error = list(problems), has_any, True, None
        for problem in problems:
            if problem.id not in self.unwritten:
                self.decided.pop(problem.id, None)
        self.newest_day = max((p.weeks_end or p.last_seen.date() for p in problems), default=self.newest_day)
        self._texts = {}
        self._choose_visible(current)

    def update(self, problems: list[Problem]) -> None:
        """What storage knows now, in the order that was: nothing new comes in, what is gone leaves."""
        fresh = {problem.id: problem for problem in problems}
        kept = [fresh.get(problem.id, problem) for problem in self.problems]
        current = self.current
        self.problems = [problem for problem in kept if problem.id in fresh or problem.id in self.decided]
        self._choose_visible(current)

    # -- looking ----------------------------------------------------------------------------------------------

    @property
    def current(self) -> Problem | None:
        return self.visible[self.cursor] if self.cursor < len(self.visible) else None

    @property
    def done(self) -> Counter[Action]:
        """Decisions of this session that stand, by kind."""
        return Counter(self.decided.values())

    def move_to(self, index: int) -> None:
        self.cursor = min(max(index, 0), max(len(self.visible) - 1, 0))

    def find(self, wanted: str) -> None:
        """Show what matches, as typed or nearly; an empty search shows all."""
        current = self.current
        self.wanted = wanted
        self._choose_visible(current)

    # -- deciding ---------------------------------------------------------------------------------------------

    def take_out(self, problem: Problem, action: Action) -> None:
        """It is decided: it leaves the list, and the cursor stands on the next."""
        self.decided[problem.id] = action
        self.unwritten.add(problem.id)
        index = self.cursor
        self._choose_visible(None)
        self.move_to(index)

    def written(self, problem: Problem) -> None:
        """Its decision is in storage, or was refused there."""
        self.unwritten.discard(problem.id)

    def put_back(self, problem: Problem) -> None:
        """It waits again, at its old place or that of its rank, under the cursor."""
        self.decided.pop(problem.id, None)
        place = next((n for n, other in enumerate(self.problems) if other.id == problem.id), None)
        if place is None:
            place = next((n for n, other in enumerate(self.problems) if _rank(other) > _rank(problem)), None)
            self.problems.insert(len(self.problems) if place is None else place, problem)
        else:
            self.problems[place] = problem
        self.has_any = True
        self._choose_visible(problem)

    def forget(self, problem: Problem) -> None:
        """It was taken back to something else than waiting: not done in this session, and not on the list."""
        self.decided.pop(problem.id, None)
        self.problems = [other for other in self.problems if other.id != problem.id]
        self._choose_visible(self.current)

    def _choose_visible(self, keep: Problem | None) -> None:
        waiting = [problem for problem in self.problems if problem.id not in self.decided]
        self.waiting = len(waiting)
        self.visible = self._matching(waiting) if self.wanted.strip() else waiting
        place = next((n for n, problem in enumerate(self.visible) if keep and problem.id == keep.id), None)
        self.move_to(self.cursor if place is None else place)

    def _matching(self, problems: list[Problem]) -> list[Problem]:
        wanted = " ".join(self.wanted.casefold().split())
        texts = [self._text(problem) for problem in problems]
        literal = [problem for problem, text in zip(problems, texts, strict=True) if wanted in text]
        if literal or len(wanted) < _SHORTEST_FUZZY:
            return literal
        found = process.extract(wanted, texts, scorer=fuzz.partial_ratio, score_cutoff=_NEAR_ENOUGH, limit=None)
        return [problems[index] for index in sorted(index for _, _, index in found)]

    def _text(self, problem: Problem) -> str:
        """What a search looks at, made once."""
        text = self._texts.get(problem.id)
        if text is None:
            words = f"{shown(problem.title, 200)} {shown(problem.summary, _SEARCHED_CHARACTERS)}"
            text = self._texts[problem.id] = f"{problem.ref} {words}".casefold()
        return text


def _rank(problem: Problem) -> tuple[float, int]:
    rank = problem.estimate.rank if problem.estimate else None
    return (float("inf") if rank is None else rank, problem.id)
