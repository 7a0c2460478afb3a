"""Correct the grouping: merge, split, move, rename. Every screen and command goes through here.

A correction is one transaction: the decision, the rules that later runs keep to, the mentions that moved, and an entry
in the life of each problem concerned. Words and figures of changed problems follow with the next run.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from insights.domain.access import Act, use_case
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
from insights.domain.problem import LONGEST_REASON, Action, Decision, Problem, Standing, State, fold, problem_ref
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    """What is kept with a correction's decision: why, the batch that it is part of, the undo that it takes back."""

    why: str | None = None
    batch: int | None = None
    redoes: int | None = None


@dataclass(frozen=True, slots=True)
class Corrections:
    """The corrections of one person. `now` is the clock. A `seen_version` is the version of a problem that the person
    looked at: if someone else changed it since, Conflict is raised and nothing is written."""

    repository: Repository
    who: str
    now: Callable[[], datetime]

    @use_case(Act.DECIDE)
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
        it takes the state of the first, and its spot on the board."""
        part, whole = self._to_merge(problem_id, into)
        with self.repository.correcting() as step:
            step.hold({part.id: _seen(part, seen_version), whole.id: _seen(whole, into_version)})
            return self._merge(step, part.id, whole.id, _Note(why=why))

    @use_case(Act.DECIDE)
    def merge_all(
        self,
        problem_ids: Iterable[int],
        into: int,
        *,
        why: str | None = None,
        seen_versions: Mapping[int, int] | None = None,
    ) -> list[Corrected]:
        """Several problems go into one, all or none of them, and one undo takes them all back. `seen_versions` is
        problem id -> the version that the person looked at, also of the one that they go into. Raises Conflict that
        names all that somebody changed since."""
        ends = [self._to_merge(number, into) for number in dict.fromkeys(problem_ids)]
        if not ends:
            raise _refused("No problem was named.", f"Name those that go into {problem_ref(into)}.")
        whole = ends[0][1]
        seen = seen_versions or {}
        with self.repository.correcting() as step:
            step.hold({one.id: seen.get(one.id, one.version) for one in (*(part for part, _ in ends), whole)})
            note = _Note(why=why, batch=step.new_batch() if len(ends) > 1 else None)
            return [self._merge(step, part.id, whole.id, note) for part, _ in ends]

    @use_case(Act.DECIDE)
    def split(
        self, problem_id: int, items: Iterable[int], *, why: str | None = None, seen_version: int | None = None
    ) -> Corrected:
        """The items become a new problem, in the inbox. Refused where one of them is not in the problem, or where
        either part would be empty."""
        problem = self.repository.problems.get(problem_id)
        with self.repository.correcting() as step:
            step.hold({problem.id: _seen(problem, seen_version)})
            return self._split(step, problem.id, sorted(set(items)), _Note(why=why))

    @use_case(Act.DECIDE)
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
        versions = {problem.id: _seen(problem, seen_version)}
        if target is not None:
            versions[target.id] = _seen(target, to_version)
        with self.repository.correcting() as step:
            step.hold(versions)
            return self._move(step, item, problem.id, target.id if target else None, _Note(why=why))

    @use_case(Act.DECIDE)
    def rename(
        self, problem_id: int, title: str, *, why: str | None = None, seen_version: int | None = None
    ) -> Corrected:
        """A title of 1 to 120 characters, which stays when the problem is described anew."""
        problem = self.repository.problems.get(problem_id)
        name = _title(title)
        with self.repository.correcting() as step:
            step.hold({problem.id: _seen(problem, seen_version)})
            return self._rename(step, problem.id, name, _Note(why=why))

    @use_case(Act.DECIDE)
    def repeat(self, original: Decision, *, undo: Decision, batch: int | None, step: Correcting) -> Corrected:
        """Correct again as a decision did that was taken back by `undo`; part of the caller's transaction. A split
        brings back the problem that it had made. Refused as the first time, and for items that have gone elsewhere."""
        done = self.repository.corrections.of([original.id])[original.id]
        note = _Note(why=original.why, batch=batch, redoes=undo.id)
        if original.action is Action.RENAME:
            problem = self.repository.problems.get(done.source)
            step.hold({problem.id: None})
            return self._rename(step, problem.id, done.title or "", note)
        if original.action is Action.MERGE:
            part, whole = self._to_merge(done.source, done.target or 0)
            step.hold({part.id: None, whole.id: None})
            return self._merge(step, part.id, whole.id, note)
        return self._part_again(step, original.action, done, note)

    # -- parts ------------------------------------------------------------------------------------------------

    def _part_again(self, step: Correcting, action: Action, done: Correction, note: _Note) -> Corrected:
        """Split or move again what of it is in the problem still."""
        moved = {place.mention_id for place in done.places}
        if action is Action.SPLIT:
            source = self.repository.problems.get(done.source).id
            step.hold({source: None, done.target or source: None})
            items = sorted(item for item, mentions in step.members(source).items() if moved.intersection(mentions))
            return self._split(step, source, items, note, again=done.target)
        problem, target = self._ends_of_move(done.source, done.target)
        step.hold({problem.id: None, target.id if target else problem.id: None})
        there = step.members(problem.id)
        item = next((item for item, mentions in there.items() if moved.intersection(mentions)), None)
        if item is None:
            raise _refused(
                f"The item is not in {problem.ref} any more.", f"`insights show {problem.ref} --items` lists what is."
            )
        return self._move(step, item, problem.id, target.id if target else None, note)

    def _merge(self, step: Correcting, part: int, whole: int, note: _Note) -> Corrected:
        own = step.stands(part)
        takes = own if step.stands(whole).state is State.INBOX and own.state is not State.INBOX else None
        moving, there = step.members(part), step.members(whole)
        described = step.described_from(part), step.described_from(whole)
        places = step.move_all(_mentions(moving.values()), to=whole)
        step.redirect(part, into=whole)
        step.reshape(whole, standing=takes)
        decision = step.decide(
            self._decision(whole, Action.MERGE, note, takes=takes),
            Correction(
                source=part,
                target=whole,
                places=places,
                source_described=described[0],
                target_described=described[1],
                target_mentions=len(_mentions(there.values())),
            ),
        )
        against = denied_by_merge(step.standing_rules(), part, whole)
        step.rule(rules_of_merge(decision.id, part, whole), against=against, decision_id=decision.id)
        came = f"{problem_ref(part)} was merged into it"
        step.tell(
            *_lives(
                decision,
                len(moving),
                _End(part, Event.MERGED, f"merged into {problem_ref(whole)}", share=1.0),
                _End(whole, Event.GREW, came, _share(moving, {*moving, *there})),
            )
        )
        return Corrected(
            decision=decision, problem_id=whole, other_id=part, items=len(moving), overruled=tuple(against)
        )

    def _split(
        self, step: Correcting, problem: int, chosen: Sequence[int], note: _Note, *, again: int | None = None
    ) -> Corrected:
        members = step.members(problem)
        self._refuse_parts(problem, chosen, members)
        mentions = _mentions(members[item] for item in chosen)
        new = self._apart(step, problem, chosen, mentions, again=again)
        places = step.move(mentions, to=new)
        step.reshape(problem)
        decision = step.decide(
            self._decision(problem, Action.SPLIT, note), Correction(source=problem, target=new, places=places)
        )
        against = _denied(step, chosen, source=problem, target=new)
        rules = rules_of_split(decision.id, problem, new, items=chosen)
        step.rule(rules, against=against, decision_id=decision.id)
        became = f"{counted(len(chosen), 'item')} became {problem_ref(new)}"
        step.tell(
            *_lives(
                decision,
                len(chosen),
                _End(problem, Event.SPLIT, became, _share(chosen, members)),
                _End(new, Event.BORN, f"split from {problem_ref(problem)}", share=1.0),
            )
        )
        return Corrected(
            decision=decision, problem_id=problem, other_id=new, items=len(chosen), overruled=tuple(against)
        )

    def _apart(
        self, step: Correcting, problem: int, chosen: Sequence[int], mentions: Sequence[int], *, again: int | None
    ) -> int:
        """The problem that was split off before, where its id leads home; else a new one."""
        if again is None or step.leads(again) != problem:
            return step.make(mentions, title=self._excerpt(problem, chosen))
        step.revive(again, standing=fold(step.history(again)))
        return again

    def _move(self, step: Correcting, item: int, problem: int, target: int | None, note: _Note) -> Corrected:
        members = step.members(problem)
        self._refuse_parts(problem, [item], members)
        places = step.move(members[item], to=target)
        step.reshape(problem)
        if target is not None:
            step.reshape(target)
        decision = step.decide(
            self._decision(problem, Action.MOVE, note), Correction(source=problem, target=target, places=places)
        )
        against = _denied(step, [item], source=problem, target=target)
        rules = rules_of_move(decision.id, problem, target, item=item)
        step.rule(rules, against=against, decision_id=decision.id)
        went = f"an item went to {problem_ref(target)}" if target is not None else "an item was taken out"
        ends = [_End(problem, Event.MOVED, went, _share([item], members))]
        if target is not None:
            came = f"an item came from {problem_ref(problem)}"
            ends.append(_End(target, Event.MOVED, came, _share([item], step.members(target))))
        step.tell(*_lives(decision, 1, *ends))
        return Corrected(decision=decision, problem_id=problem, other_id=target, items=1, overruled=tuple(against))

    def _rename(self, step: Correcting, problem: int, name: str, note: _Note) -> Corrected:
        step.name(problem, title=name, by=self.who)
        decision = step.decide(self._decision(problem, Action.RENAME, note), Correction(source=problem, title=name))
        step.tell(*_lives(decision, 0, _End(problem, Event.RENAMED, "a person gave it its title")))
        return Corrected(decision=decision, problem_id=problem)

    def _decision(self, problem_id: int, action: Action, note: _Note, *, takes: Standing | None = None) -> Decision:
        return Decision(
            id=0,
            problem_id=problem_id,
            action=action,
            who=self.who,
            at=self.now(),
            why=note.why[:LONGEST_REASON] if note.why else None,
            until=takes.until if takes else None,
            state=takes.state if takes else None,
            column=takes.column if takes else None,
            place=takes.place if takes else None,
            batch=note.batch,
            redoes=note.redoes,
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

    def _refuse_parts(self, problem_id: int, chosen: Sequence[int], members: Mapping[int, list[int]]) -> None:
        """Items that are not in the problem, and a part or a rest that would be empty."""
        ref = problem_ref(problem_id)
        strange = [item for item in chosen if item not in members]
        if strange:
            names = ", ".join(list(self.repository.feedback.refs(strange[:5]).values()))
            words = f"Not in {ref}: {names or 'an item that is gone'}."
            raise _refused(words, f"`insights show {ref} --items` lists what is in it.")
        if not chosen:
            raise _refused("No item was named: a part cannot be empty.", "Name the items that are another problem.")
        if len(chosen) == len(members):
            words = f"Nothing would be left in {ref}: it has {counted(len(members), 'item')}."
            raise _refused(words, f"Keep at least one item in it, or merge it: insights merge {ref} P-7")

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


def check_title(text: str) -> str | None:
    """What is wrong with a title, in words; None where it may be given."""
    try:
        _title(text)
    except InsightsError as error:
        return f"{error.message} {error.remedy}"
    return None


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
