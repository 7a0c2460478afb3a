"""Decide on problems: accept, dismiss, snooze, and take back what was decided or corrected.

Every screen and command goes through here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from insights.domain.assessed import Assessed, assessed_of
from insights.domain.feedback import Evidence
from insights.domain.problem import (
    CORRECTIONS,
    LONGEST_REASON,
    STATE_AFTER,
    Action,
    Decision,
    Problem,
    State,
    awaits_decision,
    standing,
)
from insights.errors import ExitCode, InsightsError
from insights.storage.assessments import ASSESSED
from insights.storage.repository import Repository
from insights.undo import take_back

SNOOZE_DAYS = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class Triage:
    """The decisions of one person. `now` is the clock, so that tests and replays set the time; `revalue` estimates all
    problems anew, for when a figure is taken back."""

    repository: Repository
    who: str
    now: Callable[[], datetime]
    revalue: Callable[[], object] = lambda: None

    def problems(self) -> list[Problem]:
        """All problems, best rank first."""
        return self.repository.problems.all()

    def inbox(self) -> list[Problem]:
        """Those that wait for a decision, best rank first; snoozed ones return when their time has come."""
        today = self.now().date()
        return [problem for problem in self.problems() if awaits_decision(problem, today)]

    def problem(self, problem_id: int) -> Problem:
        return self.repository.problems.get(problem_id)

    def quotes(self, problem_id: int) -> list[Evidence]:
        """The verified quotes of a problem, with their origin."""
        return self.repository.evidence.of_quotes(self.repository.problems.quotes(problem_id))

    def items(self, problem_id: int) -> list[Evidence]:
        """The items of a problem, newest first, each with its first words there."""
        return _by_item(self.repository.evidence.of_problem(problem_id))

    def items_elsewhere(self, problem_id: int) -> list[Evidence]:
        """The items of other problems that state this one, too, newest first, each with its first words that do so.
        They are counted there, not here."""
        mentions = self.repository.also.of_problem(problem_id)
        return _by_item(self.repository.evidence.of_mentions(list(mentions)).values())

    def count_elsewhere(self, problem_id: int) -> int:
        """How many items of other problems state this one, too."""
        return len(set(self.repository.also.of_problem(problem_id).values()))

    def similar(self, problem_id: int) -> list[tuple[int, float]]:
        """The nearest other problems with their cosine."""
        return self.repository.problems.similar(problem_id)

    def assessed(self, problem_id: int) -> Assessed | None:
        """How severe and urgent a model says that it is, and what mending it may take."""
        found = self.repository.assessments.get(problem_id, ASSESSED)
        return assessed_of(found.text, problem_id=problem_id, by=found.told_by) if found else None

    def history(self, problem_id: int) -> list[Decision]:
        return self.repository.decisions.of(problem_id)

    def decide(
        self,
        problem_id: int,
        action: Action,
        *,
        why: str | None = None,
        until: date | None = None,
        seen_version: int | None = None,
    ) -> Decision:
        """Record a decision. `seen_version` is the version the person looked at: if someone else decided since,
        InsightsError is raised and nothing changes. A snooze without `until` lasts until the problem grows. With an
        acceptance the estimate is kept as it stands: what was predicted."""
        problem = self.problem(problem_id)
        decision = Decision(
            id=0,
            problem_id=problem.id,
            action=action,
            who=self.who,
            at=self.now(),
            why=why[:LONGEST_REASON] if why else None,
            until=until,
            state=STATE_AFTER[action],
        )
        return self.repository.shipments.decide(
            decision,
            seen_version=problem.version if seen_version is None else seen_version,
            predicted=problem.estimate if action is Action.ACCEPT else None,
        )

    def undo(self) -> Decision:
        """Take back this person's latest decision or correction; what stood before it counts again. Survives a
        restart."""
        last = self.repository.decisions.last_standing(self.who)
        if last is None:
            raise InsightsError(
                "There is no decision of yours to take back.",
                remedy="`insights problems --all` shows what was decided.",
                exit_code=ExitCode.ERROR,
            )
        if last.action in CORRECTIONS:
            return take_back(last, repository=self.repository, who=self.who, now=self.now())
        if last.action is Action.ESTIMATE:
            return self._undo_estimate(last)
        state, until = self._state_without(last)
        return self.repository.decisions.add(
            last.problem_id,
            action=Action.UNDO,
            who=self.who,
            at=self.now(),
            state=state,
            seen_version=self.repository.problems.version_of(last.problem_id),
            until=until,
            undoes=last.id,
        )

    def _undo_estimate(self, last: Decision) -> Decision:
        """The figures that stood before count again, and everything is estimated anew."""
        version = self.repository.problems.version_of(last.problem_id)
        undo = Decision(
            id=0, problem_id=last.problem_id, action=Action.UNDO, who=self.who, at=self.now(), undoes=last.id
        )
        made = self.repository.revisions.decide(undo, None, seen_version=version)
        self.revalue()
        return made

    def _state_without(self, last: Decision) -> tuple[State, date | None]:
        """What a problem is when a decision on it no longer counts; one that was merged since stays merged."""
        if last.problem_id in self.repository.problems.heirs():
            return State.MERGED, None
        before = standing(self.history(last.problem_id), without=last.id)
        return (before.gives if before else None) or State.INBOX, before.until if before else None


def _by_item(found: Iterable[Evidence]) -> list[Evidence]:
    """One mention an item, the first; the newest item first."""
    mentions = sorted(found, key=lambda one: one.mention_id or 0)
    first = {one.feedback_id: one for one in reversed(mentions)}
    return sorted(first.values(), key=lambda one: (one.created_at, one.feedback_id), reverse=True)


def snooze_until(length: str, *, today: date) -> date | None:
    """The last day of a snooze: day, week, month, a date, or growth (None). Raises InsightsError otherwise."""
    if length == "growth":
        return None
    if length in SNOOZE_DAYS:
        return today + timedelta(days=SNOOZE_DAYS[length])
    try:
        return date.fromisoformat(length)
    except ValueError as error:
        raise InsightsError(
            f"{length!r} is not a time to snooze until.",
            remedy="Use day, week, month, growth, or a date such as 2026-12-31.",
            exit_code=ExitCode.USAGE,
        ) from error
