"""Set figures of one problem's estimate, and try other assumptions on the whole list without changing anything."""

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from insights.config import RANGES, Settings, Worth
from insights.domain.access import Act, use_case
from insights.domain.estimate import Estimate, Revision
from insights.domain.facts import Facts
from insights.domain.problem import (
    LONGEST_REASON,
    Action,
    Decision,
    Problem,
    parse_problem_ref,
)
from insights.domain.typed_figures import (
    FORMS,
    chances_text,
    number_text,
    read_figure,
    read_number,
    read_range,
    read_size,
    weeks_text,
)
from insights.errors import ExitCode, InsightsError
from insights.storage.repository import Repository
from insights.valuation import Grounds, assumptions_of, folded, grounds_of, revalue, value_problems
from insights.worth.estimate import Standing, estimate_one, standing
from insights.worth.value import effort_of

ALIASES = {"churn": "loss", "effort": "weeks", "avoided": "share_avoided", "minutes": "minutes_per_item"}
"""What people call a setting of `worth` that has another name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A problem and its estimate as it is and as it would be."""

    problem: Problem
    before: Estimate
    after: Estimate

    @property
    def rise(self) -> int:
        """By how many places it would rise; negative where it would fall."""
        return (self.before.rank or 0) - (self.after.rank or 0)


@use_case(Act.DECIDE)
def set_figures(
    problem_id: int,
    revision: Revision,
    *,
    repository: Repository,
    settings: Settings,
    who: str,
    now: Callable[[], datetime],
    why: str | None = None,
    seen_version: int | None = None,
    others_later: bool = False,
) -> Decision:
    """Record what a person says of a problem, and estimate all anew. A figure that is None stays what it was.
    `others_later`: estimate this problem alone, which takes a moment, and leave the others and the ranks to a `revalue`
    that the caller sees to. Raises InsightsError where somebody else was first, or where nothing is set."""
    if revision == Revision():
        raise InsightsError(
            "Nothing is set.",
            remedy="Say what: --effort 2-3-6, --set churn=2%-5%-10%, --set severity=blocks …",
            exit_code=ExitCode.USAGE,
        )
    problem = repository.problems.get(problem_id)
    decision = Decision(
        id=0,
        problem_id=problem.id,
        action=Action.ESTIMATE,
        who=who,
        at=now(),
        why=why[:LONGEST_REASON] if why else None,
    )
    version = problem.version if seen_version is None else seen_version
    made = repository.revisions.decide(decision, revision, seen_version=version)
    if others_later:
        estimate_alone(problem.id, repository, settings)
    else:
        revalue(repository, settings)
    return made


@use_case(Act.DECIDE)
def estimate_alone(problem_id: int, repository: Repository, settings: Settings) -> None:
    """Estimate one problem anew, so that what is decided next rests on what was just set; the others and the ranks wait
    for a `revalue`. One without facts keeps what it has."""
    grounds = grounds_of(repository)
    if problem_id in grounds.facts:
        made = estimate_one(
            problem_id, grounds.facts, grounds.firm, assumptions_of(settings), revisions=grounds.revisions
        )
        repository.problems.save_estimates({problem_id: made})


# -- one problem ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of one problem's estimate as it counts now. `name` and `text` are what `read_figure` takes; `text` is
    empty where nobody told it. `source` says where it is from, in words: "ana, 2026-11-20", "similar finished work",
    "settings"; `is_set` whether a person set it. `form` is how it is written."""

    name: str
    text: str
    source: str
    form: str
    is_set: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One problem among all as they were read, to be tried with other figures as fast as they are typed: the others
    keep their estimates, `others` is their order. `set_by`: field of `Revision` -> the decision that set it."""

    problem: Problem
    grounds: Grounds
    settings: Settings
    others: Sequence[Standing]
    set_by: Mapping[str, Decision]

    @property
    def facts(self) -> Facts:
        return self.grounds.facts[self.problem.id]

    @property
    def revision(self) -> Revision:
        """What people set of it, the latest of each figure."""
        return self.grounds.revisions.get(self.problem.id, Revision())

    def tried(self, revision: Revision) -> Tried:
        """The problem as it is and as it would be. Value, cost and return are those that setting the figures would
        give; the rank is that among the others as they are, and what else compares it with them is left out."""
        before = self.problem.estimate or self._estimated(Revision())
        return Tried(
            problem=self.problem, before=before, after=before if revision == Revision() else self._estimated(revision)
        )

    def _estimated(self, revision: Revision) -> Estimate:
        number = self.problem.id
        revisions = {**self.grounds.revisions, number: folded([self.revision, revision])}
        made = estimate_one(
            number, self.grounds.facts, self.grounds.firm, assumptions_of(self.settings), revisions=revisions
        )
        return replace(made, rank=bisect_left(self.others, standing(number, made.roi.likely, self.facts)) + 1)

    def figures(self, *, who: str = "") -> tuple[Figure, ...]:
        """What its estimate rests on now, in the order of `FORMS`; what `who` set is told as "you"."""
        said, a, facts = self.revision, assumptions_of(self.settings), self.facts
        weeks, effort_by, _ = effort_of(facts, said, a)
        severity_by = (
            ("a rule" if facts.voices else facts.severity_by or "a model") if facts.severity else "nobody told"
        )
        minutes = a.minutes_per_item if said.minutes is None else said.minutes
        told = (
            ("effort", "weeks", weeks_text(weeks), _DEFAULTS.get(effort_by, effort_by)),
            ("churn", "loss", chances_text(said.loss or a.loss), "settings"),
            ("win", "win", chances_text(said.win or a.win), "settings"),
            ("avoided", "share_avoided", chances_text(said.share_avoided or a.share_avoided), "settings"),
            ("minutes", "minutes", number_text(minutes), "settings"),
            ("severity", "severity", said.severity or facts.severity or "", severity_by),
        )
        return tuple(
            Figure(
                name=name,
                text=text,
                source=self._setter(field, who) or source,
                form=FORMS[name],
                is_set=getattr(said, field) is not None,
            )
            for name, field, text, source in told
        )

    def _setter(self, field: str, who: str) -> str:
        """Who set it and on which day; empty where nobody did."""
        decision = self.set_by.get(field)
        if decision is None:
            return ""
        return f"{'you' if decision.who == who else decision.who}, {decision.at:%Y-%m-%d}"


_DEFAULTS = {"default": "settings", "default, new work": "settings, for new work"}


@use_case(Act.LOOK)
def trial_of(problem_id: int, *, repository: Repository, settings: Settings) -> Trial:
    """Read what it takes to try figures of one problem; a merged id leads to its heir. Raises InsightsError for one
    that is not known or that no analysis has estimated."""
    problem = repository.problems.get(problem_id)
    grounds = grounds_of(repository)
    if problem.id not in grounds.facts:
        raise InsightsError(f"{problem.ref} is not estimated yet.", remedy="`insights analyze` estimates it.")
    returns = repository.problems.returns()
    others = sorted(
        standing(number, roi, grounds.facts[number])
        for number, roi in returns.items()
        if number in grounds.facts and number != problem.id
    )
    return Trial(
        problem=problem,
        grounds=grounds,
        settings=settings,
        others=others,
        set_by=_setters(problem.id, grounds.heirs, repository),
    )


def _setters(problem_id: int, heirs: Mapping[int, int], repository: Repository) -> dict[str, Decision]:
    """field -> the decision that set what counts: those on the problem outrank those on what was merged into it."""
    parts = sorted(part for part, heir in heirs.items() if heir == problem_id)
    found: dict[str, Decision] = {}
    for number in (*parts, problem_id):
        history = repository.decisions.of(number)
        undone = {decision.undoes for decision in history}
        standing_ones = {one.id: one for one in history if one.action is Action.ESTIMATE and one.id not in undone}
        for made_by, revision in sorted(repository.revisions.of(list(standing_ones)).items()):
            said = (field.name for field in fields(revision) if getattr(revision, field.name) is not None)
            found |= dict.fromkeys(said, standing_ones[made_by])
    return found


# -- the whole list ---------------------------------------------------------------------------------------------


@use_case(Act.LOOK)
def what_if(repository: Repository, settings: Settings, changes: Sequence[str]) -> list[Tried]:
    """Every problem as it is and as it would be, the best as it would be first; nothing is kept. `changes` are
    NAME=VALUE: a setting of `worth` ("churn.high=0.2", "hourly_cost=60") or a figure of one problem
    ("P-12.effort=2-3-6"). Raises InsightsError."""
    ours, theirs = _sorted_out(changes)
    for number in theirs:
        repository.problems.get(number)  # one that there is not would change nothing, in silence
    before = value_problems(repository, settings)
    after = value_problems(repository, changed(settings, ours), tried=theirs)
    problems = {problem.id: problem for problem in repository.problems.all()}
    return [
        Tried(problem=problems[number], before=before[number], after=estimate)
        for number, estimate in after.items()
        if number in problems
    ]


def _sorted_out(changes: Sequence[str]) -> tuple[dict[str, str], dict[int, Revision]]:
    """Settings that change, and figures of problems."""
    settings: dict[str, str] = {}
    figures: dict[int, Revision] = {}
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals:
            raise InsightsError(
                f"{change!r} sets nothing.", remedy="Write it as churn.high=0.2.", exit_code=ExitCode.USAGE
            )
        problem, dot, figure = name.strip().partition(".")
        if dot and re.fullmatch(r"[Pp]-?\d+", problem):
            number = parse_problem_ref(problem)
            figures[number] = replace(figures.get(number, Revision()), **read_figure(figure, value))
        else:
            settings[name.strip()] = value.strip()
    return settings, figures


def changed(settings: Settings, changes: Mapping[str, str]) -> Settings:
    """The settings with some of `worth` changed, checked as the file is. Raises InsightsError."""
    values = {name: value for said, text in changes.items() for name, value in _setting(said, text).items()}
    try:
        worth = Worth.model_validate(settings.worth.model_dump() | values)
    except ValidationError as error:
        first = error.errors()[0]
        message = first["msg"].removeprefix("Value error, ")
        where = ".".join(str(part) for part in first["loc"])
        raise InsightsError(
            f"{where + ': ' if where else ''}{message[:1].lower()}{message[1:]}.",
            remedy="What it may be stands under [worth] in insights.toml."
            if where
            else "Set the others of the range, too: --set churn.likely=0.1 --set churn.high=0.2.",
            exit_code=ExitCode.USAGE,
        ) from error
    return settings.model_copy(update={"worth": worth})


def _setting(said: str, text: str) -> dict[str, Any]:
    """Names and values of settings: one, or all three of a range."""
    stem, _, end = said.removeprefix("worth.").partition(".")
    name = ALIASES.get(stem, stem)
    if name in RANGES and not end:
        some = (read_size(text) if name.endswith("weeks") else None) or read_range(text, name)
        return {f"{name}_low": some.low, f"{name}_likely": some.likely, f"{name}_high": some.high}
    full = f"{name}_{end}" if end else name
    if full not in Worth.model_fields:
        known = sorted({*RANGES, *ALIASES, *(key for key in Worth.model_fields if key.rsplit("_", 1)[0] not in RANGES)})
        raise InsightsError(
            f"There is no assumption {said!r}.", remedy=f"There are: {', '.join(known)}.", exit_code=ExitCode.USAGE
        )
    number = read_number(text)
    return {full: text if number is None else number}
