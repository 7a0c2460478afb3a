"""The discovery brief of a problem: what code knows of it, what a model reads out of its remarks, and what is left to
ask.

What a model wrote is kept, and shown again until the problem has grown by a quarter; what code knows is told as it is
today. Without a model, what code cannot know is a question.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from insights.config import Settings
from insights.domain.access import Act, use_case
from insights.domain.brief import BRIEF, Brief, Entry, brief_from_json, brief_to_json, entries_of
from insights.domain.feedback import Evidence, Stance
from insights.domain.figures import counted
from insights.domain.problem import Problem
from insights.domain.run import OFFLINE
from insights.domain.trend import change_in_words
from insights.grounds.gather import known_of
from insights.grounds.known import Known, asking, from_accounts, shares_in_words, told_by_data
from insights.language.briefs import Briefer, Case, Remark
from insights.stages.describe import GROWTH
from insights.storage.assessments import Assessment
from insights.storage.repository import Repository
from insights.text.orders import is_order

NO_MODEL = "No language model is set"
MAY_ASK_NONE = "Asking a model needs the role triager or admin"
NO_ANSWER = "The model gave no usable answer"
_WEEKS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """A problem, what is known of it, and its brief: `entries` are all fields, whoever tells of them. `mode` is
    "offline" or the model that wrote `brief`, at `at`, when the problem had `told_from` items. `note` and `failures`
    are for people."""

    problem: Problem
    known: Known
    brief: Brief
    entries: tuple[Entry, ...]
    mode: str
    told_from: int | None = None
    at: datetime | None = None
    note: str = ""
    failures: tuple[str, ...] = ()

    @property
    def questions(self) -> tuple[Entry, ...]:
        """The fields that ask."""
        return tuple(entry for entry in self.entries if entry.asks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grounds:
    """A problem, its mentions, and what is known of it."""

    problem: Problem
    voices: Sequence[Evidence]
    known: Known
    currency: str

    def discovery(self, kept: Assessment | None = None, *, note: str = "", failures: tuple[str, ...] = ()) -> Discovery:
        """With the brief that is kept, if any."""
        brief = brief_from_json(kept.text) if kept else Brief()
        data = told_by_data(self.problem, self.known, currency=self.currency)
        return Discovery(
            problem=self.problem,
            known=self.known,
            brief=brief,
            entries=entries_of(data, brief, asking=asking(self.known)),
            mode=kept.told_by if kept else OFFLINE,
            told_from=int(kept.told_from) if kept else None,
            at=kept.at if kept else None,
            note=note,
            failures=failures,
        )


@use_case(Act.LOOK)
def discover(
    problem_id: int,
    *,
    repository: Repository,
    briefer: Briefer | None,
    settings: Settings,
    now: datetime,
    anew: bool = False,
) -> Discovery:
    """The brief that is kept while it holds, else a new one, which is kept; `anew` asks in any case. A merged id leads
    to the problem it was merged into. Raises InsightsError for an unknown problem, and for a refused key."""
    problem = repository.problems.get(problem_id, weeks=_WEEKS)
    voices = repository.evidence.of_problem(problem.id)
    known = known_of(problem, voices, repository=repository, settings=settings, now=now)
    grounds = _Grounds(problem=problem, voices=voices, known=known, currency=settings.product.currency)
    kept = repository.assessments.get(problem.id, BRIEF)
    if kept is not None and not anew and _holds(kept, problem.items):
        return grounds.discovery(kept)
    may_ask = repository.actor.may(Act.ASK)
    made, why, failures = _made(grounds, briefer=briefer, now=now) if may_ask else (None, MAY_ASK_NONE, ())
    if made is not None:
        repository.assessments.put([made])
        return grounds.discovery(made)
    if kept is not None:
        note = f"{why}: the brief of {kept.at:%Y-%m-%d} is shown."
        return grounds.discovery(kept, note=note, failures=failures)
    return grounds.discovery(note=f"{why}: only what code knows is told.", failures=failures)


def _holds(kept: Assessment, items: int) -> bool:
    """Whether the problem is about as large as when the brief was written."""
    return 1 / GROWTH <= items / max(int(kept.told_from), 1) <= GROWTH


def _made(
    grounds: _Grounds, *, briefer: Briefer | None, now: datetime
) -> tuple[Assessment | None, str, tuple[str, ...]]:
    """A new brief; or None, why there is none, and what went wrong."""
    if briefer is None:
        return None, NO_MODEL, ()
    problem = grounds.problem
    facts = facts_of(problem, grounds.known, currency=grounds.currency)
    case = _case(problem, grounds.voices, facts=facts)
    written = briefer.write(case) if case.remarks else None
    if written is None:
        return None, NO_ANSWER, briefer.failures
    made = Assessment(
        problem_id=problem.id,
        what=BRIEF,
        told_by=written.by,
        told_from=str(problem.items),
        text=brief_to_json(written.brief),
        at=now,
    )
    return made, "", ()


def _case(problem: Problem, voices: Sequence[Evidence], *, facts: tuple[str, ...]) -> Case:
    """What gives orders to a machine is shown to none; an offline title may be a customer's own words."""
    return Case(
        title="" if is_order(problem.title) else problem.title,
        summary="" if is_order(problem.summary) else problem.summary,
        remarks=tuple(Remark(one.text, one.ref) for one in voices if not one.is_order),
        facts=facts,
    )


# -- what code knows --------------------------------------------------------------------------------------------


def facts_of(problem: Problem, known: Known, *, currency: str) -> tuple[str, ...]:
    """What code counted, a line a fact; no account's name."""
    return tuple(_facts(problem, known, currency))


def _facts(problem: Problem, known: Known, currency: str) -> Iterator[str]:
    yield f"{counted(problem.items, 'item')} {from_accounts(problem, known, currency=currency)}"
    groups = (("segment", known.segments), ("plan", known.plans), ("region", known.regions))
    yield from (f"Accounts by {name}: {shares_in_words(shares)}" for name, shares in groups if shares)
    yield heard_in_words(problem)
    yield f"Trend: {change_in_words(problem)}"
    if problem.estimate is not None and problem.estimate.reason:
        yield f"Estimate: {problem.estimate.reason}"
    yield f"Evidence: {known.gate.words}"


def heard_in_words(problem: Problem) -> str:
    """What it is, since when and how it moves: "A problem, first heard 2026-10-11, last 2026-11-20; steady"."""
    stance = "request" if problem.stance is Stance.REQUEST else "problem"
    return f"A {stance}, first heard {problem.first_seen:%Y-%m-%d}, last {problem.last_seen:%Y-%m-%d}; " + (
        problem.movement.value
    )
