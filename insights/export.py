"""File a problem in a tracker, once: find its issue, update or create it, then keep the link.

The tracker is asked before anything is created, and the link is kept last: whoever is interrupted in between finds
the issue next time instead of making another. What customers wrote is evidence here; none of it acts.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path

from connectors.trackers.files import FileTracker
from insights.domain.brief import BRIEF, NOT_SAID, Brief, brief_from_json
from insights.domain.estimate import Estimate, Range
from insights.domain.feedback import GIVES_ORDERS, Evidence
from insights.domain.figures import counted, money, money_range, spark, times
from insights.domain.problem import ExportLink, Problem, State
from insights.errors import ExitCode, InsightsError
from insights.ports import Issue, Tracker
from insights.storage.repository import Repository
from insights.text.clean import one_line
from insights.text.markdown import literal

TRACKERS = "insights.trackers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """Where the problem stands now; `created` is False where an issue was updated. `warnings` are for the person."""

    link: ExportLink
    created: bool
    issue: Issue
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that is told of one problem: `voices` are its mentions, `quotes` those that were verified, `brief` what a
    model (`brief_by`) read out of them, where one was asked."""

    problem: Problem
    voices: Sequence[Evidence]
    quotes: Sequence[Evidence]
    currency: str
    brief: Brief | None = None
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
) -> Exported:
    """File the problem or bring its issue up to date; a merged id files the one it was merged into. Raises
    InsightsError for an unknown problem, or where the tracker refuses; nothing is linked then."""
    problem = repository.problems.get(problem_id)
    brief = repository.assessments.get(problem.id, BRIEF)
    case = Case(
        problem=problem,
        voices=repository.evidence.of_problem(problem.id),
        quotes=repository.evidence.of_quotes(repository.problems.quotes(problem.id))[:limit_quotes],
        currency=currency,
        brief=brief_from_json(brief.text) if brief else None,
        brief_by=brief.told_by if brief else "",
    )
    issue = issue_of(case)
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


def _warnings(case: Case) -> Iterator[str]:
    problem = case.problem
    if problem.state is not State.ACCEPTED:
        yield f"{problem.ref} is not accepted ({problem.state.value}); it was filed all the same."
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
    if case.brief is not None:
        yield from _discovered(case.brief, by=case.brief_by)
    yield "**What customers say**" if case.quotes else "**What customers say:** no quote could be verified."
    yield from (_quotation(quote) for quote in case.quotes)
    described = f"; described by {literal(problem.described_by, limit=80)}" if problem.described_by else ""
    yield f"{problem.ref} in insights{described}."


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
    yield f"**Value a year:** {money(value.likely, currency)} likely ({money_range(value, currency)})."
    yield (
        f"**Cost:** {money(cost.likely, currency)} likely ({money_range(cost, currency)}), {estimate.weeks.likely:g} "
        f"weeks. **Return:** {times(roi.likely)} ({times(roi.low)} to {times(roi.high)})."
    )
    if estimate.parts:
        yield "\n".join(
            f"- {literal(part.name)}: {money(part.value.likely, currency)} ({literal(part.words)})"
            for part in estimate.parts
        )
    if estimate.assumptions:
        said = "; ".join(f"{literal(a.name)} {literal(a.value)} ({literal(a.source)})" for a in estimate.assumptions)
        yield f"**Assumes:** {said}."


def _discovered(brief: Brief, *, by: str) -> Iterator[str]:
    """The lines of the brief, and what nobody said, which is what to find out."""
    yield f"**Discovery brief** by {literal(by, limit=80)}"
    yield "\n".join(f"- {name}: {literal(words)}" for name, words in brief.lines() if words != NOT_SAID)
    unsaid = [name.lower() for name, words in brief.lines() if words == NOT_SAID]
    if unsaid:
        yield f"Not said: {', '.join(unsaid)}."


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
