"""Correct the grouping: merge, split, move, rename. Every screen and command goes through here.

A correction is one transaction: the decision, the rules that later runs keep to, the mentions that moved, and an entry
in the life of each problem concerned. Words and figures of changed problems follow with the next run.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from insights.domain.correction import (
    Correction,
    denied_by_merge,
    denied_by_move,
    rules_of_merge,
    rules_of_move,
    rules_of_split,
)
from insights.domain.figures import counted
from insights.domain.lineage import Event, LineageEntry
from insights.domain.problem import LONGEST_REASON, Action, Decision, Problem, State, problem_ref
from insights.domain.rule import Rule
from insights.errors import ExitCode, InsightsError
from insights.storage.corrections import Correcting
from insights.storage.repository import Repository
from insights.text.clean import one_line

LONGEST_TITLE = 120
_EXCERPT = 90
"""Characters of a customer's words that stand for a title until the new problem is described."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What a correction did. `problem_id` is the problem that a person goes on with, `other_id` the one at the other
    end: merged away, split off, moved to. `items` went from one to the other; `overruled` are the rules that somebody
    had made and that no longer count."""

    decision: Decision
    problem_id: int
    other_id: int | None = None
    items: int = 0
    overruled: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Corrections:
    """The corrections of one person. `now` is the clock. A `seen_version` is the version of a problem that the person
    looked at: if someone else changed it since, InsightsError is raised and nothing is written."""

    repository: Repository
    who: str
    now: Callable[[], datetime]

    def merge(
        self,
        problem_id: int,
        into: int,
        *,
        why: str | None = None,
        seen_version: int | None = None,
        into_version: int | None = None,
    ) -> Corrected:
        """All of one problem goes into another, and its id leads there for ever. Where nobody decided on the other,
        it takes the state of the first."""
        part, whole = self._to_merge(problem_id, into)
        takes = part.state if whole.state is State.INBOX and part.state is not State.INBOX else None
        until = part.snoozed_until if takes else None
        with self.repository.correcting() as step:
            step.hold({part.id: _seen(part, seen_version), whole.id: _seen(whole, into_version)})
            moving, there = step.members(part.id), step.members(whole.id)
            places = step.move_all(_mentions(moving.values()), to=whole.id)
            step.redirect(part.id, into=whole.id)
            step.reshape(whole.id, state=takes, until=until)
            decision = step.decide(
                self._decision(whole.id, Action.MERGE, why, state=takes, until=until),
                Correction(source=part.id, target=whole.id, places=places),
            )
            against = denied_by_merge(step.standing_rules(), part.id, whole.id)
            step.rule(rules_of_merge(decision.id, part.id, whole.id), against=against, decision_id=decision.id)
            step.tell(
                *_lives(
                    decision,
                    len(moving),
                    _End(part.id, Event.MERGED, f"merged into {whole.ref}", share=1.0),
                    _End(whole.id, Event.GREW, f"{part.ref} was merged into it", _share(moving, {*moving, *there})),
                )
            )
        return Corrected(
            decision=decision, problem_id=whole.id, other_id=part.id, items=len(moving), overruled=tuple(against)
        )

    def split(
        self, problem_id: int, items: Iterable[int], *, why: str | None = None, seen_version: int | None = None
    ) -> Corrected:
        """The items become a new problem, in the inbox. Refused where one of them is not in the problem, or where
        either part would be empty."""
        problem = self.repository.problems.get(problem_id)
        chosen = sorted(set(items))
        title = self._excerpt(problem.id, chosen)
        with self.repository.correcting() as step:
            step.hold({problem.id: _seen(problem, seen_version)})
            members = step.members(problem.id)
            self._refuse_parts(problem, chosen, members)
            mentions = _mentions(members[item] for item in chosen)
            new = step.make(mentions, title=title)
            places = step.move(mentions, to=new)
            step.reshape(problem.id)
            decision = step.decide(
                self._decision(problem.id, Action.SPLIT, why), Correction(source=problem.id, target=new, places=places)
            )
            against = _denied(step, chosen, source=problem.id, target=new)
            rules = rules_of_split(decision.id, problem.id, new, items=chosen)
            step.rule(rules, against=against, decision_id=decision.id)
            became = f"{counted(len(chosen), 'item')} became {problem_ref(new)}"
            step.tell(
                *_lives(
                    decision,
                    len(chosen),
                    _End(problem.id, Event.SPLIT, became, _share(chosen, members)),
                    _End(new, Event.BORN, f"split from {problem.ref}", share=1.0),
                )
            )
        return Corrected(
            decision=decision, problem_id=problem.id, other_id=new, items=len(chosen), overruled=tuple(against)
        )

    def move(
        self,
        item: int,
        source: int,
        *,
        to: int | None,
        why: str | None = None,
        seen_version: int | None = None,
        to_version: int | None = None,
    ) -> Corrected:
        """One item leaves a problem, for another or, with `to=None`, for none. Refused where it is not there, or
        where nothing would be left."""
        problem, target = self._ends_of_move(source, to)
        target_id = target.id if target else None
        versions = {problem.id: _seen(problem, seen_version)}
        if target is not None:
            versions[target.id] = _seen(target, to_version)
        with self.repository.correcting() as step:
            step.hold(versions)
            members = step.members(problem.id)
            self._refuse_parts(problem, [item], members)
            places = step.move(members[item], to=target_id)
            step.reshape(problem.id)
            if target is not None:
                step.reshape(target.id)
            decision = step.decide(
                self._decision(problem.id, Action.MOVE, why),
                Correction(source=problem.id, target=target_id, places=places),
            )
            against = _denied(step, [item], source=problem.id, target=target_id)
            rules = rules_of_move(decision.id, problem.id, target_id, item=item)
            step.rule(rules, against=against, decision_id=decision.id)
            went = f"an item went to {target.ref}" if target else "an item was taken out"
            ends = [_End(problem.id, Event.MOVED, went, _share([item], members))]
            if target is not None:
                came = f"an item came from {problem.ref}"
                ends.append(_End(target.id, Event.MOVED, came, _share([item], step.members(target.id))))
            step.tell(*_lives(decision, 1, *ends))
        return Corrected(
            decision=decision, problem_id=problem.id, other_id=target_id, items=1, overruled=tuple(against)
        )

    def rename(
        self, problem_id: int, title: str, *, why: str | None = None, seen_version: int | None = None
    ) -> Corrected:
        """A title of 1 to 120 characters, which stays when the problem is described anew."""
        problem = self.repository.problems.get(problem_id)
        name = _title(title)
        with self.repository.correcting() as step:
            step.hold({problem.id: _seen(problem, seen_version)})
            step.name(problem.id, title=name, by=self.who)
            decision = step.decide(
                self._decision(problem.id, Action.RENAME, why), Correction(source=problem.id, title=name)
            )
            step.tell(*_lives(decision, 0, _End(problem.id, Event.RENAMED, "a person gave it its title")))
        return Corrected(decision=decision, problem_id=problem.id)

    # -- parts ------------------------------------------------------------------------------------------------

    def _decision(
        self, problem_id: int, action: Action, why: str | None, *, state: State | None = None, until: date | None = None
    ) -> Decision:
        return Decision(
            id=0,
            problem_id=problem_id,
            action=action,
            who=self.who,
            at=self.now(),
            why=why[:LONGEST_REASON] if why else None,
            until=until,
            state=state,
        )

    def _to_merge(self, problem_id: int, into: int) -> tuple[Problem, Problem]:
        part, whole = self.repository.problems.get(problem_id), self.repository.problems.get(into)
        if problem_id == into:
            raise _refused(f"{problem_ref(into)} cannot be merged into itself.", "Name two problems.")
        if part.id == whole.id:
            words = f"{problem_ref(problem_id)} and {problem_ref(into)} are one already: {part.ref}."
            raise _refused(words, f"`insights history {problem_ref(problem_id)}` tells since when.")
        if part.id != problem_id:
            words = f"{problem_ref(problem_id)} was merged into {part.ref} already."
            raise _refused(words, f"To merge that one, too: insights merge {part.ref} {whole.ref}")
        return part, whole

    def _ends_of_move(self, source: int, to: int | None) -> tuple[Problem, Problem | None]:
        problem = self.repository.problems.get(source)
        target = None if to is None else self.repository.problems.get(to)
        if target is not None and target.id == problem.id:
            words = f"The item would go from {problem_ref(source)} to {problem_ref(to or 0)}, which are one problem."
            raise _refused(words, "Name another one, or none.")
        return problem, target

    def _refuse_parts(self, problem: Problem, chosen: Sequence[int], members: Mapping[int, list[int]]) -> None:
        """Items that are not in the problem, and a part or a rest that would be empty."""
        strange = [item for item in chosen if item not in members]
        if strange:
            names = ", ".join(list(self.repository.feedback.refs(strange[:5]).values()))
            words = f"Not in {problem.ref}: {names or 'an item that is gone'}."
            raise _refused(words, f"`insights show {problem.ref} --items` lists what is in it.")
        if not chosen:
            raise _refused("No item was named: a part cannot be empty.", "Name the items that are another problem.")
        if len(chosen) == len(members):
            words = f"Nothing would be left in {problem.ref}: it has {counted(len(members), 'item')}."
            raise _refused(words, f"Keep at least one item in it, or merge it: insights merge {problem.ref} P-7")

    def _excerpt(self, problem_id: int, items: Collection[int]) -> str:
        """The words of the item that is nearest to the problem's centre."""
        evidence = self.repository.evidence.of_problem(problem_id)
        return next((one_line(one.text, _EXCERPT) for one in evidence if one.feedback_id in items), "")


def _denied(step: Correcting, items: Sequence[int], *, source: int, target: int | None) -> list[Rule]:
    """The rules that a move of items denies, once they are moved."""
    return denied_by_move(
        step.standing_rules(), step.problems_of(items), source=source, target=target, heir=step.heirs()
    )


@dataclass(frozen=True, slots=True)
class _End:
    """What a correction is in the life of one of the problems concerned."""

    problem_id: int
    event: Event
    reason: str
    share: float | None = None


def _lives(decision: Decision, items: int, *ends: _End) -> list[LineageEntry]:
    """One entry for each end, which names the other."""
    return [
        LineageEntry(
            problem_id=end.problem_id,
            event=end.event,
            reason=end.reason,
            items=items,
            at=decision.at,
            decision_id=decision.id,
            other_id=next((other.problem_id for other in ends if other is not end), None),
            share=end.share,
        )
        for end in ends
    ]


def _mentions(some: Iterable[Sequence[int]]) -> list[int]:
    return [mention for mentions in some for mention in mentions]


def _share(part: Collection[int], whole: Collection[int]) -> float:
    return len(part) / max(len(whole), 1)


def _seen(problem: Problem, version: int | None) -> int:
    return problem.version if version is None else version


def _title(text: str) -> str:
    """On one line, without anything that acts or hides. Raises InsightsError where nothing or too much is left."""
    title = one_line(text, len(text) + 1)
    if not 1 <= len(title) <= LONGEST_TITLE:
        raise _refused(
            f"A title has 1 to {LONGEST_TITLE} characters; this one has {len(title)}.",
            "Say in a few words what goes wrong for customers.",
        )
    return title


def _refused(words: str, remedy: str) -> InsightsError:
    return InsightsError(words, remedy=remedy, exit_code=ExitCode.USAGE)
