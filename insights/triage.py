"""Decide on problems: accept, place on the board, dismiss, snooze; take back what was decided or corrected, and do it
again.

Every screen and command goes through here.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from insights.corrections import Corrections
from insights.domain.access import Act, use_case
from insights.domain.assessed import Assessed, assessed_of
from insights.domain.feedback import Evidence
from insights.domain.intent import Intent, Reversal
from insights.domain.problem import (
    CORRECTIONS,
    LONGEST_REASON,
    STATE_AFTER,
    Action,
    Column,
    Decision,
    Problem,
    Standing,
    State,
    awaits_decision,
    fold,
    problem_ref,
    spot,
)
from insights.errors import ExitCode, InsightsError
from insights.storage.assessments import ASSESSED
from insights.storage.corrections import Correcting
from insights.storage.deciding import Deciding, Held
from insights.storage.problems import changed_meanwhile
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
    revalue: Callable[[Collection[int]], object] = lambda _: None

    @use_case(Act.LOOK)
    def problems(self) -> list[Problem]:
        """All problems, best rank first."""
        return self.repository.problems.all()

    @use_case(Act.LOOK)
    def inbox(self) -> list[Problem]:
        """Those that wait for a decision, best rank first; snoozed ones return when their time has come."""
        today = self.now().date()
        return [problem for problem in self.problems() if awaits_decision(problem, today)]

    @use_case(Act.LOOK)
    def problem(self, problem_id: int) -> Problem:
        return self.repository.problems.get(problem_id)

    @use_case(Act.LOOK)
    def quotes(self, problem_id: int) -> list[Evidence]:
        """The verified quotes of a problem, with their origin."""
        return self.repository.evidence.of_quotes(self.repository.problems.quotes(problem_id))

    @use_case(Act.LOOK)
    def items(self, problem_id: int) -> list[Evidence]:
        """The items of a problem, newest first, each with its first words there."""
        return _by_item(self.repository.evidence.of_problem(problem_id))

    @use_case(Act.LOOK)
    def items_elsewhere(self, problem_id: int) -> list[Evidence]:
        """The items of other problems that state this one, too, newest first, each with its first words that do so.
        They are counted there, not here."""
        mentions = self.repository.also.of_problem(problem_id)
        return _by_item(self.repository.evidence.of_mentions(list(mentions)).values())

    @use_case(Act.LOOK)
    def count_elsewhere(self, problem_id: int) -> int:
        """How many items of other problems state this one, too."""
        return len(set(self.repository.also.of_problem(problem_id).values()))

    @use_case(Act.LOOK)
    def similar(self, problem_id: int) -> list[tuple[int, float]]:
        """The nearest other problems with their cosine."""
        return self.repository.problems.similar(problem_id)

    @use_case(Act.LOOK)
    def assessed(self, problem_id: int) -> Assessed | None:
        """How severe and urgent a model says that it is, and what mending it may take."""
        found = self.repository.assessments.get(problem_id, ASSESSED)
        return assessed_of(found.text, problem_id=problem_id, by=found.told_by) if found else None

    @use_case(Act.LOOK)
    def history(self, problem_id: int) -> list[Decision]:
        return self.repository.decisions.of(problem_id)

    @use_case(Act.DECIDE)
    def decide(
        self,
        problem_id: int,
        action: Action,
        *,
        why: str | None = None,
        until: date | None = None,
        column: Column | None = None,
        place: float | None = None,
        seen_version: int | None = None,
    ) -> Decision:
        """Record a decision, as an `Intent` says it. Raises Conflict, and changes nothing, where somebody else changed
        the problem since `seen_version`."""
        intent = Intent(
            problem_id=problem_id,
            action=action,
            why=why,
            until=until,
            column=column,
            place=place,
            seen_version=seen_version,
        )
        return self.decide_all([intent])[0]

    @use_case(Act.DECIDE)
    def decide_all(self, intents: Sequence[Intent]) -> list[Decision]:
        """Record decisions, all or none of them, so that one undo takes them all back. What is accepted goes to Next
        where no column is said, what was shipped to where it was, and its estimate is kept as it stands: what was
        predicted. Only what is accepted has a place on the board. Raises Conflict that names all problems that somebody
        else changed since they were seen, InsightsError for an unknown problem."""
        with self.repository.deciding() as step:
            heirs = step.heirs()
            homes = [heirs.get(intent.problem_id, intent.problem_id) for intent in intents]
            step.hold({**dict.fromkeys(homes), **_seen(intents)})
            batch = step.new_batch() if len(intents) > 1 else None
            return [self._decide(step, intent, home, batch) for intent, home in zip(intents, homes, strict=True)]

    @use_case(Act.DECIDE)
    def undo(self) -> Reversal:
        """Take back this person's latest decision or correction, or all that were made as one; what stood before it
        counts again, and what somebody else decided since stays. Survives a restart."""
        with self.repository.deciding() as step, self.repository.correcting(step.connection) as correcting:
            last = self._newest(step, step.last_standing)
            if not last:
                raise InsightsError(
                    "There is no decision of yours to take back.",
                    remedy="`insights problems --all` shows what was decided. "
                    "What a tracker recorded as shipped is taken back by: insights decide P-12 accept",
                    exit_code=ExitCode.ERROR,
                )
            about = last[::-1]
            batch = step.new_batch() if len(about) > 1 else None
            made = [self._take_back(one, step, correcting, batch) for one in about]
        return self._reversal(made, about, about)

    @use_case(Act.DECIDE)
    def redo(self) -> Reversal:
        """Do again what this person took back last, as long as they decided nothing new. It is a new decision, which
        can be taken back. Raises Conflict where it would overwrite what somebody else decided since, InsightsError
        where there is nothing to do again, or where it cannot be done any more."""
        with self.repository.deciding() as step, self.repository.correcting(step.connection) as correcting:
            undos = self._newest(step, step.last_undone)[::-1]
            if not undos:
                raise InsightsError(
                    "There is nothing of yours to do again.",
                    remedy="Only what was taken back can be done again, until something new is decided.",
                    exit_code=ExitCode.ERROR,
                )
            found = step.by_ids([one.undoes or 0 for one in undos])
            originals = [found[one.undoes or 0] for one in undos]
            _refuse_overwriting(step, originals, undos)
            batch = step.new_batch() if len(undos) > 1 else None
            made = [
                self._repeat(original, undo, step, correcting, batch)
                for original, undo in zip(originals, undos, strict=True)
            ]
        return self._reversal(made, undos, originals)

    # -- parts ------------------------------------------------------------------------------------------------

    def _decide(self, step: Deciding, intent: Intent, home: int, batch: int | None) -> Decision:
        held = step.held(home)
        is_placed = intent.action is Action.PLACE
        if is_placed and held.state is not State.ACCEPTED:
            raise _not_accepted(home, held.state)
        on_board = intent.action in (Action.ACCEPT, Action.PLACE)
        decision = Decision(
            id=0,
            problem_id=home,
            action=intent.action,
            who=self.who,
            at=self.now(),
            why=intent.why[:LONGEST_REASON] if intent.why else None,
            until=intent.until,
            state=None if is_placed else STATE_AFTER[intent.action],
            column=(intent.column or held.column or _column_before(step, held)) if on_board else None,
            place=intent.place if on_board else None,
            batch=batch,
        )
        made = step.write(decision, fold([*step.history(home), decision]))
        if intent.action is Action.ACCEPT:
            step.predict(made, held.estimate, anew=True)
        return made

    def _newest(self, step: Deciding, read: Callable[[str], list[Decision]]) -> list[Decision]:
        """What is to be taken back or done again, with its problems kept from others."""
        found = read(self.who)
        step.hold(dict.fromkeys(one.problem_id for one in found))
        if read(self.who) != found:
            raise changed_meanwhile(*sorted({one.problem_id for one in found}))
        return found

    def _take_back(self, last: Decision, step: Deciding, correcting: Correcting, batch: int | None) -> Decision:
        if last.action in CORRECTIONS:
            return take_back(correcting, last, repository=self.repository, who=self.who, now=self.now(), batch=batch)
        before = None if last.action is Action.ESTIMATE else _stands(step, last.problem_id, without=last)
        undo = Decision(
            id=0,
            problem_id=last.problem_id,
            action=Action.UNDO,
            who=self.who,
            at=self.now(),
            until=before.until if before else None,
            undoes=last.id,
            state=before.state if before else None,
            column=before.column if before else None,
            place=before.place if before else None,
            batch=batch,
        )
        return step.write(undo, before)

    def _repeat(
        self, original: Decision, undo: Decision, step: Deciding, correcting: Correcting, batch: int | None
    ) -> Decision:
        if original.action in CORRECTIONS:
            corrections = Corrections(self.repository, self.who, self.now)
            return corrections.repeat(original, undo=undo, batch=batch, step=correcting).decision
        state = correcting.stands(original.problem_id).state
        if original.action is Action.PLACE and state is not State.ACCEPTED:
            raise _not_accepted(original.problem_id, state)
        again = replace(original, id=0, at=self.now(), batch=batch, redoes=undo.id)
        is_figure = original.action is Action.ESTIMATE
        made = step.write(again, None if is_figure else _stands(step, original.problem_id, further=again))
        step.repeat(original, by=made)
        return made

    def _reversal(self, made: Sequence[Decision], about: Sequence[Decision], undone: Sequence[Decision]) -> Reversal:
        revised = sorted({one.problem_id for one in undone if one.action in _RANKED_ANEW})
        if revised:
            self.revalue(revised)
        corrected = self.repository.corrections.of([one.id for one in (*undone, *made)])
        ends = {end for one in corrected.values() for end in (one.source, one.target) if end is not None}
        numbers = {one.problem_id for one in made} | ends
        heirs = self.repository.problems.heirs()
        changed = numbers | {heirs[one] for one in numbers if one in heirs}
        return Reversal(decisions=tuple(made), about=tuple(about), problem_ids=tuple(sorted(changed)))


_RANKED_ANEW = frozenset((Action.ESTIMATE, Action.MERGE))
"""What changes ranks when it is taken back: one that was merged had none while the others got theirs."""


def _column_before(step: Deciding, held: Held) -> Column:
    """Where a shipment that is taken back puts the problem again; anything else is new on the board."""
    return spot(step.history(held.problem_id))[0] if held.state is State.SHIPPED else Column.NEXT


def _seen(intents: Iterable[Intent]) -> dict[int, int]:
    """problem id -> the version that was looked at, the oldest where several were."""
    seen: dict[int, int] = {}
    for intent in intents:
        if intent.seen_version is not None:
            seen[intent.problem_id] = min(intent.seen_version, seen.get(intent.problem_id, intent.seen_version))
    return seen


def _stands(
    step: Deciding, problem_id: int, *, without: Decision | None = None, further: Decision | None = None
) -> Standing:
    """What a problem is when a decision on it no longer counts, or a further one does; what was merged since stays
    merged."""
    if problem_id in step.heirs():
        return Standing(state=State.MERGED)
    history = step.history(problem_id)
    return fold([*history, further] if further else history, without=[without.id] if without else [])


def _refuse_overwriting(step: Deciding, originals: Sequence[Decision], undos: Sequence[Decision]) -> None:
    """Somebody else decided on the same since it was taken back."""
    stale = []
    for original, undo in zip(originals, undos, strict=True):
        matter = _matter(original)
        later = [one for one in step.history(original.problem_id) if one.id > undo.id]
        undone = {one.undoes for one in later}
        others = [one for one in later if one.who != undo.who and one.id not in undone]
        if matter and any(_matter(one) == matter for one in others):
            stale.append(original.problem_id)
    if stale:
        raise changed_meanwhile(*sorted(set(stale)))


def _matter(decision: Decision) -> str | None:
    """What a decision is about, so that another about the same overwrites it; None where a correction keeps to what it
    finds."""
    if decision.action in STATE_AFTER or decision.action is Action.PLACE:
        return "state"
    return decision.action.value if decision.action in (Action.ESTIMATE, Action.RENAME) else None


def _not_accepted(problem_id: int, state: State) -> InsightsError:
    ref = problem_ref(problem_id)
    return InsightsError(
        f"{ref} is not on the board ({state.value}): only what is accepted has a place there.",
        remedy=f"Accept it first: insights decide {ref} accept --to next",
        exit_code=ExitCode.USAGE,
    )


def _by_item(found: Iterable[Evidence]) -> list[Evidence]:
    """One mention an item, the first; the newest item first."""
    mentions = sorted(found, key=lambda one: one.mention_id or 0)
    first = {one.feedback_id: one for one in reversed(mentions)}
    return sorted(first.values(), key=lambda one: (one.created_at, one.feedback_id), reverse=True)


def snooze_until(length: str, *, today: date, is_growing: bool = False) -> date | None:
    """The last day of a snooze: day, week, month, a date, or growth (None). What `is_growing` already would be back at
    once: it comes back when the four weeks by which growth is told lie after today. Raises InsightsError otherwise."""
    if length == "growth":
        return today + timedelta(weeks=4) if is_growing else None
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
