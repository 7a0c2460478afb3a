"""What lies on the desk of one session: every problem, the frozen order of the Inbox, the cursor, the search, what is
selected, and what was decided.

Pure: no widget, no thread, no storage. Decisions take effect here at once; whoever writes them puts a problem back
when the write fails.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from rapidfuzz import fuzz, process

from insights.domain.intent import Intent
from insights.domain.problem import STATE_AFTER, Action, Problem, State, awaits_decision
from insights.errors import InsightsError
from tui.cells import shown
from tui.figures import Comparison, compared

_NEAR_ENOUGH = 80
"""Of 100: one slip in six letters. Shorter words must stand there as typed."""
_SHORTEST_FUZZY = 4
_SEARCHED_CHARACTERS = 400


@dataclass
class Desk:
    """`problems` are all there are, as they are shown: as stored, with this session's decisions. `order` holds the ids
    of those that waited when it was made. `visible` are those of them that are undecided and match the search,
    `waiting` counts all undecided ones, `unwritten` counts the decisions of a problem that are still on their way,
    `earlier` holds what was decided before the order was last read, `newest_day` is that of the newest feedback.
    `mark` is the place from which a range is selected. `changes` rises with every change of a problem. `comparison` is
    what all of them share. `clock` rises with whatever is decided here, written or put back: what was read before is
    older than what shows."""

    problems: dict[int, Problem] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    decided: dict[int, Action] = field(default_factory=dict)
    earlier: dict[int, Action] = field(default_factory=dict)
    unwritten: Counter[int] = field(default_factory=Counter)
    selected: set[int] = field(default_factory=set)
    mark: int | None = None
    cursor: int = 0
    wanted: str = ""
    is_read: bool = False
    is_whole: bool = False
    error: InsightsError | None = None
    visible: list[Problem] = field(default_factory=list)
    waiting: int = 0
    newest_day: date | None = None
    changes: int = 0
    comparison: Comparison = field(default_factory=Comparison)
    clock: int = 0
    _touched: dict[int, int] = field(default_factory=dict)
    _texts: dict[int, str] = field(default_factory=dict)

    # -- filling ----------------------------------------------------------------------------------------------

    def lay_out(self, reading: "Reading", today: date, *, keep: int | None = None, as_of: int | None = None) -> None:
        """A new order; the cursor stays with its problem, or the one of id `keep`, if that is still there. `as_of` is
        the clock when the reading began: what was decided or put back here since is newer, and stays."""
        current = self.problems.get(keep or 0) or self.current
        read, newer = {p.id: p for p in reading.problems}, self._newer(as_of)
        self.problems = read | {number: self.problems[number] for number in newer if number in self.problems}
        self.is_read, self.is_whole, self.error = True, reading.is_whole, None
        self.comparison, self._texts = reading.comparison, reading.texts
        self.earlier |= self.decided
        self.decided = {number: action for number, action in self.decided.items() if number in newer}
        self.order = [p.id for p in self.problems.values() if p.id in self.decided or awaits_decision(p, today)]
        self.earlier = {number: action for number, action in self.earlier.items() if number not in set(self.order)}
        self.newest_day = reading.newest_day or self.newest_day
        self.selected &= set(self.order)
        self._choose_visible(self.problems.get(keep or 0) or current)

    def refresh(self, problems: Iterable[Problem], today: date, *, as_of: int | None = None) -> None:
        """What storage knows of a few, `as_of` the clock when it was asked."""
        current, newer = self.current, self._newer(as_of)
        fresh = [problem for problem in problems if problem.id not in newer]
        if not fresh:
            return
        for problem in fresh:
            self.problems[problem.id] = problem
            self._texts.pop(problem.id, None)
        gone = {problem.id for problem in fresh if not self._stays(problem.id, today)}
        self.order = [number for number in self.order if number not in gone]
        self._choose_visible(current)

    def _newer(self, as_of: int | None) -> set[int]:
        """Ids of what is on its way to storage, or changed here since."""
        on_the_way = {number for number, count in self.unwritten.items() if count}
        return on_the_way | {n for n, at in self._touched.items() if as_of is not None and at > as_of}

    def _touch(self, *numbers: int) -> None:
        self.clock += 1
        self._touched.update(dict.fromkeys(numbers, self.clock))

    def _stays(self, number: int, today: date) -> bool:
        return number in self.decided or awaits_decision(self.problems[number], today)

    # -- looking ----------------------------------------------------------------------------------------------

    @property
    def has_any(self) -> bool:
        return bool(self.problems)

    @property
    def is_bare(self) -> bool:
        """All was read, and there is no problem at all."""
        return self.is_read and self.error is None and not self.problems

    @property
    def current(self) -> Problem | None:
        return self.visible[self.cursor] if self.cursor < len(self.visible) else None

    @property
    def chosen(self) -> list[Problem]:
        """What a decision is about: the selected ones in the order of the list, else the one under the cursor."""
        marked = self.marked
        some = [self.problems[n] for n in self.order if n in marked and n not in self.decided] if marked else []
        return some or ([self.current] if self.current else [])

    @property
    def marked(self) -> set[int]:
        """Ids of what is selected, the range under way included."""
        if self.mark is None:
            return self.selected
        first, last = sorted((self.mark, self.cursor))
        return self.selected | {problem.id for problem in self.visible[first : last + 1]}

    @property
    def done(self) -> Counter[Action]:
        """Decisions of this session that stand, by kind."""
        return Counter((self.earlier | self.decided).values())

    def move_to(self, index: int) -> None:
        self.cursor = min(max(index, 0), max(len(self.visible) - 1, 0))

    def find(self, wanted: str) -> None:
        """Show what matches, as typed or nearly; an empty search shows all."""
        current = self.current
        self.wanted, self.mark = wanted, None
        self._choose_visible(current)

    # -- selecting --------------------------------------------------------------------------------------------

    def select(self) -> None:
        """The one under the cursor, or not any more."""
        if self.current is not None:
            self.selected ^= {self.current.id}

    def select_range(self) -> None:
        """Begin a range at the cursor, or keep the one that was begun."""
        if self.mark is None:
            self.mark = self.cursor
        else:
            self.selected, self.mark = self.marked, None

    def unselect(self) -> bool:
        """Whether there was anything selected."""
        had = bool(self.marked)
        self.selected, self.mark = set(), None
        return had

    # -- deciding ---------------------------------------------------------------------------------------------

    def decide(self, intents: Sequence[Intent]) -> None:
        """They are decided: what no longer waits leaves the list, and the cursor stands on the next."""
        index = self.cursor
        for intent in intents:
            before = self.problems[intent.problem_id]
            self.problems[before.id] = _decided(before, intent)
            self._begin(before.id)
            if intent.action in STATE_AFTER:
                self.decided[before.id] = intent.action
        self._leave(index)

    def take_out(self, problems: Sequence[Problem], action: Action) -> None:
        """They are merged away: they leave the list at once."""
        index = self.cursor
        for problem in problems:
            before = self.problems[problem.id]
            self.problems[problem.id] = replace(before, state=State.MERGED, version=before.version + 1)
            self._begin(problem.id)
            self.decided[problem.id] = action
        self._leave(index)

    def expect(self, raises: Mapping[int, int]) -> None:
        """Something else about these problems is written, which raises their versions by so much: what is decided
        meanwhile is decided on top of it."""
        for number, rise in raises.items():
            before = self.problems[number]
            self.problems[number] = replace(before, version=before.version + rise)
            self._begin(number)
        self._choose_visible(self.current)

    def _begin(self, number: int) -> None:
        self.unwritten[number] += 1
        self._touch(number)

    def written(self, numbers: Iterable[int]) -> None:
        """Their decisions are in storage, or were refused there."""
        for number in numbers:
            self.unwritten[number] = max(self.unwritten[number] - 1, 0)
            self._touch(number)

    def give_back(self, problem: Problem, today: date, *, follow: bool = False) -> None:
        """It is this, whatever was decided here. Where it waits, it stands at its old place or that of its rank, under
        the cursor if that is to `follow`; else it leaves the list. It counts as done in this session while it is what
        was decided here."""
        current = self.current
        for done in (self.decided, self.earlier):
            if problem.id in done and STATE_AFTER.get(done[problem.id]) is not problem.state:
                del done[problem.id]
        self.problems[problem.id] = problem
        self._touch(problem.id)
        self._texts.pop(problem.id, None)
        if not awaits_decision(problem, today):
            self.order = [number for number in self.order if number != problem.id]
        elif problem.id not in self.order:
            above = (n for n, other in enumerate(self.order) if _rank(self.problems[other]) > _rank(problem))
            self.order.insert(next(above, len(self.order)), problem.id)
        self._choose_visible(problem if follow else current)

    def list_below(self, number: int, above: int) -> None:
        """A problem that was made of another stands below it, or where that would stand; it counts as waiting."""
        if number in self.problems and number not in self.order:
            place = self.order.index(above) + 1 if above in self.order else 0
            self.order.insert(place, number)
            self._choose_visible(self.current)

    def drop(self, numbers: Iterable[int]) -> None:
        """They stand for themselves no longer: what is left of them is in another problem."""
        gone = {number for number in numbers if number in self.problems}
        for number in gone:
            self.problems[number] = replace(self.problems[number], state=State.MERGED)
            self._touch(number)
        self.order = [number for number in self.order if number not in gone]
        self._choose_visible(self.current)

    def go_to_first(self, numbers: Collection[int]) -> None:
        """The cursor stands on the first of these that shows, if any does."""
        self.cursor = next((n for n, one in enumerate(self.visible) if one.id in numbers), self.cursor)

    def settle(self, problem: Problem, action: Action) -> None:
        """It is decided after all; the cursor stays with its problem, or stands on the next."""
        self.problems[problem.id] = problem
        self._touch(problem.id)
        if problem.id in self.order:
            self.decided[problem.id] = action
        self._leave(self.cursor)

    def _leave(self, index: int) -> None:
        above = sum(1 for p in self.visible[:index] if p.id in self.decided)
        self.selected, self.mark = set(), None
        self._choose_visible(None)
        self.move_to(index - above)

    def _choose_visible(self, keep: Problem | None) -> None:
        self.changes += 1
        first = self.visible[self.mark] if self.mark is not None and self.mark < len(self.visible) else None
        waiting = [self.problems[number] for number in self.order if number not in self.decided]
        self.waiting = len(waiting)
        self.visible = self._matching(waiting) if self.wanted.strip() else waiting
        place = next((n for n, problem in enumerate(self.visible) if keep and problem.id == keep.id), None)
        self.move_to(self.cursor if place is None else place)
        if first is not None:  # a range that was begun stays with its problem, too
            ids = [problem.id for problem in self.visible]
            self.mark = ids.index(first.id) if first.id in ids else self.cursor

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
            text = self._texts[problem.id] = _searched(problem)
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Problems in their order, with what would take a moment to make of them: made off the screen's thread. Only the
    first of them where it `is_whole` not."""

    problems: Sequence[Problem]
    comparison: Comparison
    texts: dict[int, str]
    newest_day: date | None
    is_whole: bool


def reading_of(problems: Sequence[Problem], *, is_whole: bool = True) -> Reading:
    """All that the desk needs of these."""
    return Reading(
        problems=problems,
        comparison=compared(problems),
        texts={problem.id: _searched(problem) for problem in problems},
        newest_day=max((p.weeks_end or p.last_seen.date() for p in problems), default=None),
        is_whole=is_whole,
    )


def _searched(problem: Problem) -> str:
    """What a search in the list looks at."""
    words = f"{shown(problem.title, 200)} {shown(problem.summary, _SEARCHED_CHARACTERS)}"
    return f"{problem.ref} {words}".casefold()


def _decided(problem: Problem, intent: Intent) -> Problem:
    """The problem as it will be once the intent is written: its version rises by one."""
    state = STATE_AFTER.get(intent.action, problem.state)
    is_placed = state is State.ACCEPTED
    return replace(
        problem,
        state=state,
        version=problem.version + 1,
        snoozed_until=intent.until if state is State.SNOOZED else None,
        column=(intent.column or problem.column) if is_placed else None,
        place=intent.place if is_placed else None,
    )


def _rank(problem: Problem) -> tuple[float, int]:
    rank = problem.estimate.rank if problem.estimate else None
    return (float("inf") if rank is None else rank, problem.id)
