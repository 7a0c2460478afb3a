"""Tell the life of a problem on one time line: what runs made of it, what people decided and corrected."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from insights.domain.access import Act, use_case
from insights.domain.estimate import Range, Revision
from insights.domain.lineage import Event, LineageEntry
from insights.domain.problem import CORRECTIONS, TOLD, Action, Decision, done_in_words
from insights.storage.repository import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One thing that happened to a problem. `event` is one of a run (born, grew, …) or of a person (accept, merged, …);
    `words` tell it. A person stands behind it (`who`, and `why` in their words) or a run. `title` is the name that was
    given: a person's words, too."""

    at: datetime
    problem_id: int
    event: str
    words: str
    who: str | None = None
    why: str | None = None
    title: str | None = None
    other_id: int | None = None
    items: int = 0
    run_id: int | None = None
    decision_id: int | None = None


@use_case(Act.LOOK)
def history_of(problem_id: int, *, repository: Repository) -> list[Moment]:
    """Oldest first; a merged problem tells its own story and that of what it was merged into. Raises InsightsError for
    a problem that never was."""
    if repository.problems.born_in(problem_id) is None:
        repository.problems.get(problem_id)
    told: dict[int, Moment] = {}
    runs: list[Moment] = []
    for number in repository.problems.line_of(problem_id):
        for moment in _moments(number, repository):
            if moment.decision_id is None:
                runs.append(moment)
            else:  # a merge is told once, as the problem that was asked for lived it
                told.setdefault(moment.decision_id, moment)
    return sorted([*runs, *told.values()], key=lambda moment: (moment.at, moment.decision_id or 0))


def _moments(problem_id: int, repository: Repository) -> Iterator[Moment]:
    entries = [entry for entry in repository.lineage.of(problem_id) if entry.problem_id == problem_id]
    if not any(entry.event in (Event.BORN, Event.SPLIT) and entry.run_id for entry in entries):
        yield from _birth(problem_id, entries, repository)
    own = repository.decisions.of(problem_id)
    elsewhere = {entry.decision_id for entry in entries if entry.decision_id} - {decision.id for decision in own}
    by_id = repository.decisions.by_ids(elsewhere) | {decision.id: decision for decision in own}
    named = [decision.id for decision in own if decision.action is Action.RENAME]
    titles = {number: found.title for number, found in repository.corrections.of(named).items()}
    for entry in entries:
        yield _of_entry(entry, by_id.get(entry.decision_id or 0), titles)
    estimated = [decision.id for decision in own if decision.action is Action.ESTIMATE]
    yield from _of_decisions(own, by_id, repository.revisions.of(estimated) if estimated else {})


def _birth(problem_id: int, entries: Iterable[LineageEntry], repository: Repository) -> Iterator[Moment]:
    """Of problems that are older than the book of their lives."""
    if any(entry.event is Event.BORN for entry in entries):
        return
    born_in = repository.problems.born_in(problem_id)
    for run in repository.runs.recent(10_000):
        if run.id == born_in:
            yield Moment(
                at=run.started_at, problem_id=problem_id, event=Event.BORN.value, words="a run found it", run_id=run.id
            )


def _of_entry(entry: LineageEntry, decision: Decision | None, titles: Mapping[int, str | None]) -> Moment:
    return Moment(
        at=entry.at,
        problem_id=entry.problem_id,
        event=entry.event.value,
        words=entry.reason,
        who=decision.who if decision else None,
        why=decision.why if decision else None,
        title=titles.get(decision.id) if decision else None,
        other_id=entry.other_id,
        items=entry.items,
        run_id=entry.run_id,
        decision_id=entry.decision_id,
    )


def _of_decisions(
    decisions: Iterable[Decision], by_id: Mapping[int, Decision], revisions: Mapping[int, Revision]
) -> Iterator[Moment]:
    """What people decided on the worth of a problem; corrections stand in the book of its life."""
    for decision in decisions:
        undone = by_id.get(decision.undoes or 0)
        about = undone or decision
        if about.action in CORRECTIONS:
            continue
        words = _set(revisions[about.id]) if about.id in revisions else done_in_words(about, TOLD)
        words += f" until {decision.until}" if decision.until and not undone else ""
        yield Moment(
            at=decision.at,
            problem_id=decision.problem_id,
            event=decision.action.value,
            words=f"“{words}” was taken back" if undone else words,
            who=decision.who,
            why=decision.why,
            decision_id=decision.id,
        )


def _set(revision: Revision) -> str:
    """set effort 2–3–6 wk, severity hurts: what a person said of it."""
    told = (
        revision.weeks and f"effort {_three(revision.weeks)} wk",
        revision.loss and f"chance to leave {_three(revision.loss.scaled(100))}%",
        revision.win and f"chance to win {_three(revision.win.scaled(100))}%",
        revision.share_avoided and f"share avoided {_three(revision.share_avoided.scaled(100))}%",
        revision.minutes is not None and f"{revision.minutes:g} min an item",
        revision.severity and f"severity {revision.severity}",
    )
    return f"set {', '.join(words for words in told if words)}"


def _three(some: Range) -> str:
    return "–".join(dict.fromkeys(f"{end:.3g}" for end in (some.low, some.likely, some.high)))
