"""Set figures of one problem's estimate, and try other assumptions on the whole list without changing anything."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from insights.config import RANGES, Settings, Worth
from insights.domain.estimate import Estimate, Range, Revision
from insights.domain.problem import (
    LONGEST_REASON,
    Action,
    Decision,
    Problem,
    parse_problem_ref,
)
from insights.errors import ExitCode, InsightsError
from insights.storage.repository import Repository
from insights.valuation import revalue, value_problems

SIZES = {
    "S": Range(0.5, 1, 2),
    "M": Range(1, 3, 6),
    "L": Range(3, 6, 12),
    "XL": Range(6, 12, 26),
}
"""Effort in weeks of one engineer, for people who think in sizes."""

LONGEST_WORK, SHORTEST_WORK = 520.0, 0.01
"""Weeks of one engineer: ten years, and less than half an hour. Beyond is a slip of the keyboard."""
LONGEST_HANDLING = 6_000.0
"""Minutes of one item: a hundred hours."""

SEVERITIES = ("blocks", "hurts", "annoys", "wish")
ALIASES = {"churn": "loss", "effort": "weeks", "avoided": "share_avoided", "minutes": "minutes_per_item"}
"""What people call a setting of `worth` that has another name."""

_FIGURE = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(%?)\s*")


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
) -> Decision:
    """Record what a person says of a problem, and estimate all anew. A figure that is None stays what it was. Raises
    InsightsError where somebody else was first, or where nothing is set."""
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
    revalue(repository, settings)
    return made


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
    found = _FIGURE.fullmatch(text)
    return {full: _number(*found.groups()) if found else text}


def read_figure(name: str, text: str) -> dict[str, Any]:
    """A figure of one problem as people write it, under the name of its field in `Revision`. Raises InsightsError."""
    field = {"effort": "weeks", "churn": "loss", "avoided": "share_avoided"}.get(name.strip(), name.strip())
    if field not in {one.name for one in fields(Revision)}:
        raise InsightsError(
            f"A problem has no figure {name.strip()!r}.",
            remedy="There are effort, churn, win, avoided, minutes and severity.",
            exit_code=ExitCode.USAGE,
        )
    if field == "severity":
        if text.strip() not in SEVERITIES:
            raise InsightsError(
                f"{text!r} is no severity.", remedy=f"Use {', '.join(SEVERITIES)}.", exit_code=ExitCode.USAGE
            )
        return {field: text.strip()}
    if field == "minutes":
        return {field: read_range(text, name, most=LONGEST_HANDLING).likely}
    return {field: read_weeks(text, name) if field == "weeks" else read_range(text, name, most=1.0)}


def read_weeks(text: str, name: str) -> Range:
    """An effort, which takes some time and ends; S, M, L or XL, too. Raises InsightsError."""
    found = read_size(text) or read_range(text, name, most=LONGEST_WORK)
    if found.likely < SHORTEST_WORK:
        raise InsightsError(
            f"{text!r} is no effort: the likely one must be at least {SHORTEST_WORK:g} weeks.",
            remedy="Write low-likely-high in weeks, such as 0.5-1-2.",
            exit_code=ExitCode.USAGE,
        )
    return found


def read_size(text: str) -> Range | None:
    """The weeks of S, M, L or XL; None for anything else."""
    return SIZES.get(text.strip().upper())


def read_range(text: str, name: str, *, most: float | None = None) -> Range:
    """ "2-3-6" as low, likely and high; "2-6" with the geometric middle; "3" as 3 alone; each figure may be a
    percentage. Raises InsightsError where they do not rise or exceed `most`."""
    parts = [_FIGURE.fullmatch(part) for part in re.split(r"[-–—…:]", text)]
    figures = [_number(*part.groups()) for part in parts if part]
    if len(figures) != len(parts) or len(figures) > 3:
        raise InsightsError(
            f"{text!r} is no range for {name}.",
            remedy="Write low-likely-high, such as 2-3-6 or 2%-5%-10%.",
            exit_code=ExitCode.USAGE,
        )
    low, high = figures[0], figures[-1]
    likely = figures[1] if len(figures) == 3 else (low * high) ** 0.5
    if not low <= likely <= high or (most is not None and high > most) or (most is None and high <= 0):
        limit = f" and stay within 0 and {most:g}" if most is not None else " and exceed 0"
        raise InsightsError(
            f"{text!r} is no range for {name}: low, likely and high must rise{limit}.",
            remedy="Write low-likely-high, such as 2-3-6 or 2%-5%-10%.",
            exit_code=ExitCode.USAGE,
        )
    return Range(low, likely, high)


def _number(digits: str, percent: str) -> float:
    return float(digits) / 100 if percent else float(digits)
