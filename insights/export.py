"""What is filed of a problem, and where; `filing` sees to it that it is filed once.

What customers wrote is evidence here; none of it acts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from insights.config import Settings
from insights.domain.access import Act, use_case
from insights.domain.brief import BRIEF, Brief, Entry, brief_from_json, entries_of
from insights.domain.estimate import Range
from insights.domain.problem import ExportLink, Problem, State, problem_ref
from insights.errors import InsightsError
from insights.filing import Did, Filer, Once
from insights.issue_body import Case, account_in_words, body_of
from insights.issue_template import template_in
from insights.ports import Filed, Issue, Progress, Sought, Tracker
from insights.storage.repository import Repository
from insights.text.clean import one_line

LONGEST_COMMENT = 500
"""Characters of why an issue is closed; the rest is cut."""
_DECIDED = (State.ACCEPTED, State.SHIPPED)
"""States whose issue carries the discovery brief in any case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """Where the problem stands now, and what was done about its issue. `warnings` are for the person."""

    link: ExportLink
    did: Did
    issue: Issue
    warnings: tuple[str, ...] = ()

    @property
    def created(self) -> bool:
        return self.did is Did.CREATED

    @property
    def is_left_as_shipped(self) -> bool:
        """Whether a closed issue stays closed, since its problem is shipped."""
        return self.did is Did.LEFT_CLOSED and self.issue.fields["state"] == State.SHIPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an export would file, in which tracker; `found` is the issue that it would bring up to date, None where it
    would make one. `is_gone` where its issue was deleted there: it is filed anew only on request. `warnings` are for
    the person."""

    issue: Issue
    tracker: str
    found: Filed | None = None
    is_gone: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedAll:
    """What became of several: those that have an issue, and problem id -> why one has none."""

    done: tuple[Exported, ...]
    failed: dict[int, InsightsError]


@use_case(Act.FILE)
def export_problem(
    problem_id: int,
    *,
    repository: Repository,
    tracker: Tracker,
    now: datetime,
    currency: str,
    limit_quotes: int | None = None,
    settings: Settings | None = None,
    folder: Path = Path(),
    once: Once | None = None,
) -> Exported:
    """File the problem or bring its issue up to date; a merged id files the one it was merged into. `settings` say
    when evidence is enough, which competitors to look for and how many quotes an issue carries; None: the defaults.
    `folder` is where they look for a template. Raises InsightsError for an unknown problem, a template with a mistake,
    or as `Filer.file` does."""
    case = _case(
        problem_id,
        repository=repository,
        now=now,
        currency=currency,
        limit_quotes=limit_quotes,
        settings=settings or Settings(),
        folder=folder,
    )
    filer = Filer(repository=repository, tracker=tracker, now=now, once=once or Once())
    made = filer.file(case.problem, partial(issue_of, case))
    warnings = (*_warnings(case), *_told_of(case.problem, made.link))
    return Exported(link=made.link, did=made.did, issue=made.issue, warnings=warnings)


@use_case(Act.FILE)
def preview(
    problem_id: int,
    *,
    repository: Repository,
    tracker: Tracker,
    now: datetime,
    currency: str,
    limit_quotes: int | None = None,
    settings: Settings | None = None,
    folder: Path = Path(),
) -> Preview:
    """What `export_problem` would file there now; nothing is written. Raises InsightsError for an unknown problem, or
    where the tracker cannot be read."""
    case = _case(
        problem_id,
        repository=repository,
        now=now,
        currency=currency,
        limit_quotes=limit_quotes,
        settings=settings or Settings(),
        folder=folder,
    )
    filer = Filer(repository=repository, tracker=tracker, now=now)
    found, link = filer.look_up(case.problem.id)
    warnings = [*_warnings(case, is_filed=False), *(_told_of(case.problem, link) if link else ())]
    is_gone = found is None and link is not None
    if link is not None and is_gone:
        gone = f"Its issue {one_line(link.external_id)} is gone from there: deleted, or hidden."
        warnings = [*_warnings(case, is_filed=False), gone]
    issue = issue_of(case, filer.sought(link.problem_id if link else case.problem.id))
    return Preview(issue=issue, tracker=tracker.name, found=found, is_gone=is_gone, warnings=tuple(warnings))


@use_case(Act.FILE)
def export_all(
    problem_ids: Iterable[int],
    *,
    repository: Repository,
    tracker: Tracker,
    now: datetime,
    currency: str,
    progress: Progress,
    settings: Settings | None = None,
    folder: Path = Path(),
    once: Once | None = None,
) -> ExportedAll:
    """File several, each once: ids that lead to one problem file it once. One that fails does not keep the others from
    being filed; who stops it in between keeps what was filed."""
    heirs = repository.problems.heirs()
    wanted = list(dict.fromkeys(heirs.get(number, number) for number in problem_ids))
    done: list[Exported] = []
    failed: dict[int, InsightsError] = {}
    for count, number in enumerate(wanted, 1):
        try:
            done.append(
                export_problem(
                    number,
                    repository=repository,
                    tracker=tracker,
                    now=now,
                    currency=currency,
                    settings=settings,
                    folder=folder,
                    once=once,
                )
            )
        except InsightsError as error:
            failed[number] = error
        progress("exporting", count, len(wanted))
    return ExportedAll(done=tuple(done), failed=failed)


@use_case(Act.FILE)
def close_issue(
    problem_id: int, *, repository: Repository, tracker: Tracker, comment: str, now: datetime, once: Once | None = None
) -> Filed:
    """Close the issue that carries a problem, with a comment; the problem counts as not exported there any more.
    Exporting again opens the same issue. A merged id closes its own issue, not that of its heir. Raises InsightsError
    where the problem is not known or has no issue there, or where the tracker refuses."""
    repository.problems.get(problem_id)
    filer = Filer(repository=repository, tracker=tracker, now=now, once=once or Once())
    return filer.close(problem_id, one_line(comment, LONGEST_COMMENT))


@use_case(Act.LOOK)
def accepted(repository: Repository) -> list[int]:
    """All problems that are accepted, best rank first."""
    return [problem.id for problem in repository.problems.all() if problem.state is State.ACCEPTED]


@use_case(Act.LOOK)
def filed_in(repository: Repository, tracker: str, among: Iterable[int] | None = None) -> list[int]:
    """The problems that have an issue there, or those of a few that have one; of merged ones those that they were
    merged into."""
    heirs = repository.problems.heirs()
    filed = [heirs.get(link.problem_id, link.problem_id) for link in repository.filings.links(tracker)]
    wanted = filed if among is None else [heirs.get(number, number) for number in among]
    return [number for number in dict.fromkeys(wanted) if number in filed]


def _case(
    problem_id: int,
    *,
    repository: Repository,
    now: datetime,
    currency: str,
    limit_quotes: int | None,
    settings: Settings,
    folder: Path,
) -> Case:
    # SciPy comes with them, for which who only looks for a tracker must not wait.
    from insights.grounds.gather import known_of
    from insights.grounds.known import asking, told_by_data

    problem = repository.problems.get(problem_id)
    voices = repository.evidence.of_problem(problem.id)
    brief = repository.assessments.get(problem.id, BRIEF)
    entries: tuple[Entry, ...] = ()
    most = settings.export.quotes if limit_quotes is None else limit_quotes
    if brief is not None or problem.state in _DECIDED:
        known = known_of(problem, voices, repository=repository, settings=settings, now=now)
        data = told_by_data(problem, known, currency=currency, is_short=True)
        entries = entries_of(data, brief_from_json(brief.text) if brief else Brief(), asking=asking(known))
    return Case(
        problem=problem,
        voices=voices,
        quotes=repository.evidence.of_quotes(repository.problems.quotes(problem.id))[:most],
        currency=currency,
        brief=entries,
        brief_by=brief.told_by if brief else "",
        shows_quotes=most > 0,
        template=template_in(folder, settings.export.template),
    )


def _told_of(problem: Problem, link: ExportLink) -> Iterator[str]:
    if link.problem_id != problem.id:
        own = problem_ref(link.problem_id)
        yield f"{own} was merged into {problem.ref}: its issue {one_line(link.external_id)} counts for both."


def _warnings(case: Case, *, is_filed: bool = True) -> Iterator[str]:
    problem = case.problem
    if problem.state not in _DECIDED:
        all_the_same = "; it was filed all the same" if is_filed else ""
        yield f"{problem.ref} is not accepted ({problem.state.value}){all_the_same}."
    if case.shows_quotes and not case.quotes:
        yield f"{problem.ref} has no verified quote; the issue stands on counts alone."


# -- the issue --------------------------------------------------------------------------------------------------


def issue_of(case: Case, sought: Sought) -> Issue:
    """Title and fields are plain text; the body is Markdown in which no word from outside acts."""
    return Issue(
        sought=sought,
        title=one_line(case.problem.title),
        body=body_of(case),
        fields=_fields(case),
    )


def _fields(case: Case) -> dict[str, str]:
    """Columns of a table, beside those for problem and title. Amounts are plain numbers, unknown ones are empty."""
    problem, estimate = case.problem, case.problem.estimate
    quotes = (f"“{one_line(quote.text, 300)}” — {one_line(account_in_words(quote))}" for quote in case.quotes)
    return {
        "state": problem.state.value,
        "rank": str(estimate.rank) if estimate and estimate.rank is not None else "",
        **_columns("value", estimate.value if estimate else None),
        **_columns("cost", estimate.cost if estimate else None),
        **_columns("roi", estimate.roi if estimate else None, digits=2),
        "items": str(problem.items),
        "accounts": str(problem.accounts),
        "first_seen": f"{problem.first_seen:%Y-%m-%d}",
        "last_seen": f"{problem.last_seen:%Y-%m-%d}",
        "summary": one_line(problem.summary, 1000),
        "quotes": " | ".join(quotes),
    }


def _columns(name: str, amount: Range | None, *, digits: int = 0) -> dict[str, str]:
    if amount is None:
        return {f"{name}_{end}": "" for end in ("low", "likely", "high")}
    return {f"{name}_{end}": f"{getattr(amount, end):.{digits}f}" for end in ("low", "likely", "high")}
