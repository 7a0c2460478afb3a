"""File a problem in a tracker, once: find its issue, update or create it, then keep the link.

The tracker is asked before anything is created, and the link is kept last: whoever is interrupted in between finds
the issue next time instead of making another. What customers wrote is evidence here; none of it acts.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path

from connectors.trackers.files import FileTracker
from insights.config import Settings
from insights.domain.brief import BRIEF, Brief, Entry, Origin, Told, brief_from_json, entries_of
from insights.domain.estimate import Estimate, Range
from insights.domain.feedback import GIVES_ORDERS, Evidence
from insights.domain.figures import counted, likely, money, money_range, spark, times, times_range
from insights.domain.problem import COLUMN_TITLES, ExportLink, Problem, State, problem_ref
from insights.errors import ExitCode, InsightsError
from insights.ports import Filed, Issue, Progress, Tracker
from insights.storage.repository import Repository
from insights.text.clean import one_line
from insights.text.markdown import literal

TRACKERS = "insights.trackers"
LONGEST_COMMENT = 500
"""Characters of why an issue is closed; the rest is cut."""
_DECIDED = (State.ACCEPTED, State.SHIPPED)
"""States whose issue carries the discovery brief in any case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """Where the problem stands now; `created` is False where an issue was updated. `warnings` are for the person."""

    link: ExportLink
    created: bool
    issue: Issue
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an export would file, in which tracker; `found` is the issue that it would bring up to date, None where it
    would make one. `warnings` are for the person."""

    issue: Issue
    tracker: str
    found: Filed | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedAll:
    """What became of several: those that were filed, and problem id -> why one was not."""

    done: tuple[Exported, ...]
    failed: dict[int, InsightsError]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that is told of one problem: `voices` are its mentions, `quotes` those that were verified, `brief` the fields
    of the discovery brief; none for a problem that nobody accepted and no model was asked of. `brief_by` is that
    model."""

    problem: Problem
    voices: Sequence[Evidence]
    quotes: Sequence[Evidence]
    currency: str
    brief: tuple[Entry, ...] = ()
    brief_by: str = ""

    @property
    def known_revenue(self) -> float | None:
        """What the accounts concerned pay a year, as far as it is known; None where it is of none."""
        revenue = {hit.account_id: hit.account_revenue for hit in self.voices if hit.account_revenue is not None}
        return sum(revenue.values()) if revenue else None


def export_problem(
    problem_id: int,
    *,
    repository: Repository,
    tracker: Tracker,
    now: datetime,
    currency: str,
    limit_quotes: int = 3,
    settings: Settings | None = None,
) -> Exported:
    """File the problem or bring its issue up to date; a merged id files the one it was merged into. `settings` say
    when evidence is enough, and which competitors to look for; None: the defaults. Raises InsightsError for an unknown
    problem, or where the tracker refuses; nothing is linked then."""
    case = _case(
        problem_id, repository=repository, now=now, currency=currency, limit_quotes=limit_quotes, settings=settings
    )
    problem, issue = case.problem, issue_of(case)
    found = tracker.find(issue.problem)
    filed = tracker.create(issue) if found is None else tracker.update(found, issue)
    link = ExportLink(
        problem_id=problem.id,
        tracker=tracker.name,
        external_id=filed.external_id,
        url=filed.url,
        exported_at=now,
    )
    repository.problems.save_link(link)
    return Exported(link=link, created=found is None, issue=issue, warnings=tuple(_warnings(case)))


def preview(
    problem_id: int,
    *,
    repository: Repository,
    tracker: Tracker,
    now: datetime,
    currency: str,
    limit_quotes: int = 3,
    settings: Settings | None = None,
) -> Preview:
    """What `export_problem` would file there now; nothing is written. Raises InsightsError for an unknown problem, or
    where the tracker cannot be read."""
    case = _case(
        problem_id, repository=repository, now=now, currency=currency, limit_quotes=limit_quotes, settings=settings
    )
    found = tracker.find(case.problem.ref)
    warnings = tuple(_warnings(case, is_filed=False))
    return Preview(issue=issue_of(case), tracker=tracker.name, found=found, warnings=warnings)


def export_all(
    problem_ids: Iterable[int],
    *,
    repository: Repository,
    tracker: Tracker,
    now: datetime,
    currency: str,
    progress: Progress,
    settings: Settings | None = None,
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
                    number, repository=repository, tracker=tracker, now=now, currency=currency, settings=settings
                )
            )
        except InsightsError as error:
            failed[number] = error
        progress("exporting", count, len(wanted))
    return ExportedAll(done=tuple(done), failed=failed)


def close_issue(problem_id: int, *, repository: Repository, tracker: Tracker, comment: str) -> Filed:
    """Close the issue that carries a problem, with a comment; the problem counts as not exported there any more.
    Exporting again opens the same issue. A merged id closes its own issue, not that of its heir. Raises InsightsError
    where the problem is not known or has no issue there, or where the tracker refuses."""
    repository.problems.get(problem_id)
    ref = problem_ref(problem_id)
    found = tracker.find(ref)
    if found is None:
        raise InsightsError(
            f"{ref} has no issue in {tracker.name}.", remedy=f"Name the tracker it was filed in: insights show {ref}"
        )
    closed = tracker.close(found, one_line(comment, LONGEST_COMMENT))
    repository.problems.drop_link(problem_id, tracker=tracker.name)
    return closed


def _case(
    problem_id: int,
    *,
    repository: Repository,
    now: datetime,
    currency: str,
    limit_quotes: int,
    settings: Settings | None,
) -> Case:
    # SciPy comes with them, for which who only looks for a tracker must not wait.
    from insights.grounds.gather import known_of
    from insights.grounds.known import asking, told_by_data

    problem = repository.problems.get(problem_id)
    voices = repository.evidence.of_problem(problem.id)
    brief = repository.assessments.get(problem.id, BRIEF)
    entries: tuple[Entry, ...] = ()
    if brief is not None or problem.state in _DECIDED:
        known = known_of(problem, voices, repository=repository, settings=settings or Settings(), now=now)
        data = told_by_data(problem, known, currency=currency, is_short=True)
        entries = entries_of(data, brief_from_json(brief.text) if brief else Brief(), asking=asking(known))
    return Case(
        problem=problem,
        voices=voices,
        quotes=repository.evidence.of_quotes(repository.problems.quotes(problem.id))[:limit_quotes],
        currency=currency,
        brief=entries,
        brief_by=brief.told_by if brief else "",
    )


def _warnings(case: Case, *, is_filed: bool = True) -> Iterator[str]:
    problem = case.problem
    if problem.state not in _DECIDED:
        all_the_same = "; it was filed all the same" if is_filed else ""
        yield f"{problem.ref} is not accepted ({problem.state.value}){all_the_same}."
    if not case.quotes:
        yield f"{problem.ref} has no verified quote; the issue stands on counts alone."


def tracker_for(target: str, *, folder: Path) -> Tracker:
    """The tracker behind `file:backlog.md`; a relative path is one in `folder`. Others register under
    `insights.trackers` and are called with what follows the colon. Raises InsightsError for what is not installed."""
    kind, _, place = target.partition(":")
    others = {point.name: point for point in entry_points(group=TRACKERS) if point.name != "file"}
    if kind == "file" and place.strip():
        return FileTracker(folder / Path(place.strip()).expanduser())
    if kind in others and place:
        make: Callable[[str], Tracker] = others[kind].load()
        return make(place)
    forms = ["file:backlog.md", "file:backlog.csv", "file:backlog.jsonl", *(f"{name}:…" for name in sorted(others))]
    raise InsightsError(
        f"{one_line(target, 120)!r} is no place to file problems in.",
        remedy=f"Use one of: {', '.join(forms)}.",
        exit_code=ExitCode.USAGE,
    )


# -- the issue --------------------------------------------------------------------------------------------------


def issue_of(case: Case) -> Issue:
    """Title and fields are plain text; the body is Markdown in which no word from outside acts."""
    return Issue(
        problem=case.problem.ref,
        title=one_line(case.problem.title),
        body="\n\n".join(_paragraphs(case)),
        fields=_fields(case),
    )


def _paragraphs(case: Case) -> Iterator[str]:
    problem = case.problem
    yield literal(problem.summary or problem.title)
    yield f"**Who:** {_who(case)}."
    yield f"**When:** {_when(problem)}."
    if problem.estimate is not None:
        yield from _worth(problem.estimate, case.currency)
    if case.brief:
        yield from _discovered(case.brief, by=case.brief_by)
    yield "**What customers say**" if case.quotes else "**What customers say:** no quote could be verified."
    yield from (_quotation(quote) for quote in case.quotes)
    described = f"; described by {literal(problem.described_by, limit=80)}" if problem.described_by else ""
    where = f", accepted to {COLUMN_TITLES[problem.column]}" if problem.column else ""
    yield f"{problem.ref} in insights{where}{described}."


def _who(case: Case) -> str:
    problem, revenue = case.problem, case.known_revenue
    paying = "whose revenue is not known" if revenue is None else f"paying {money(revenue, case.currency)} a year"
    unknown = problem.estimate.unknown_revenue_accounts if problem.estimate else 0
    rest = f" ({unknown} of unknown revenue)" if revenue is not None and unknown else ""
    if not problem.accounts:
        return f"{counted(problem.items, 'item')}, from no known account"
    return f"{counted(problem.items, 'item')} from {counted(problem.accounts, 'account')} {paying}{rest}"


def _when(problem: Problem) -> str:
    span = f"first heard {problem.first_seen:%Y-%m-%d}, last {problem.last_seen:%Y-%m-%d}"
    if not problem.weekly:
        return span
    end = f" to {problem.weeks_end:%Y-%m-%d}" if problem.weeks_end else ""
    counts = " ".join(map(str, problem.weekly))
    return f"{span}; items a week{end}, oldest first: {counts} {spark(problem.weekly)} ({problem.movement.value})"


def _worth(estimate: Estimate, currency: str) -> Iterator[str]:
    value, cost, roi = estimate.value, estimate.cost, estimate.roi
    yield f"**Value a year:** {likely(value, currency)} likely ({money_range(value, currency)})."
    yield (
        f"**Cost:** {likely(cost, currency)} likely ({money_range(cost, currency)}), {estimate.weeks.likely:g} "
        f"weeks. **Return:** {times(roi.likely)} ({times_range(roi)})."
    )
    if estimate.parts:
        yield "\n".join(
            f"- {literal(part.name)}: {likely(part.value, currency)} ({literal(part.words)})" for part in estimate.parts
        )
    if estimate.main_assumptions:
        said = "; ".join(
            f"{literal(a.name)} {literal(a.value)} ({literal(a.source)})" for a in estimate.main_assumptions
        )
        yield f"**Assumes:** {said}."


def _discovered(brief: Sequence[Entry], *, by: str) -> Iterator[str]:
    """A line a field that somebody tells of, and what is left to ask. Days, no ages: the same tomorrow."""
    yield "**Discovery brief**"
    yield "\n".join(f"- {entry.name}: {'; '.join(_sayings(entry, by))}" for entry in brief if entry.told)
    questions = [f"- {entry.name}: {entry.asks}" for entry in brief if entry.asks]
    if questions:
        yield "**To find out**"
        yield "\n".join(questions)


def _sayings(entry: Entry, by: str) -> Iterator[str]:
    for told in entry.told:
        yield f"{literal(told.words, limit=600)}{_sources(told, by)}"


def _sources(told: Told, by: str) -> str:
    """The items that it rests on, and the model where one says so."""
    some = [by] if told.origin is Origin.MODEL and by else []
    some += [", ".join(told.refs)] if told.refs else []
    return f" ({literal(': '.join(some), limit=400)})" if some else ""


def _quotation(quote: Evidence) -> str:
    """The words as a quotation, and who said them where and when; marked where they give orders to a machine, since a
    machine may read the tracker."""
    account = _account(quote)
    said = f"{literal(quote.source, limit=80)} {literal(quote.source_id, limit=80)}, {quote.created_at:%Y-%m-%d}"
    mark = f"\n>\n> {GIVES_ORDERS}" if quote.is_order else ""
    return f"> {literal(quote.text)}\n>\n> — {literal(account, limit=120)}, {said}{mark}"


def _account(quote: Evidence) -> str:
    if not quote.account_name:
        return "account unknown"
    return quote.account_name if quote.account_is_certain else f"{quote.account_name} (uncertain)"


def _fields(case: Case) -> dict[str, str]:
    """Columns of a table, beside those for problem and title. Amounts are plain numbers, unknown ones are empty."""
    problem, estimate = case.problem, case.problem.estimate
    quotes = (f"“{one_line(quote.text, 300)}” — {one_line(_account(quote))}" for quote in case.quotes)
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
