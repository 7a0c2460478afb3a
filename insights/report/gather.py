"""Read what a report holds beside its digest: the ranked list with what explains each problem, and what fixes did."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from insights.config import Settings
from insights.digest.contents import Reader
from insights.digest.decided import accepted_by
from insights.digest.lines import narrowed, owners_of
from insights.digest.story import Story
from insights.domain.access import Act, use_case
from insights.domain.feedback import Evidence
from insights.domain.problem import Problem, State
from insights.outcomes import Outcome, outcomes
from insights.privacy.account_names import without_person
from insights.report.contents import LISTED_WEEKS, WATCHED_WEEKS, Fixed, Listed, Quoted, Report
from insights.storage.repository import Repository

WHOLE = 150
"""Problems, the first by rank, that are explained in full: of a thousand the rest would make the file twice as large,
and nobody reads the reasons for rank 700."""
_QUOTES = 4


@use_case(Act.LOOK)
def gather(
    repository: Repository,
    settings: Settings,
    *,
    story: Story,
    now: datetime,
    only: frozenset[int] | None = None,
    quotes: bool = True,
) -> Report:
    """The report of a workspace as it stands; of these problems alone where `only` says which. Without `quotes` no
    words of customers are read but those in titles and summaries."""
    every = [one for one in repository.problems.all(weeks=WATCHED_WEEKS) if one.state is not State.MERGED]
    chosen = [one for one in every if only is None or one.id in only]
    told = outcomes(repository, settings, now.date())
    return Report(
        story=story,
        made_at=now,
        currency=settings.product.currency,
        listed=tuple(_listed(repository, chosen, quotes=quotes)),
        fixed=tuple(_fixed(told, {one.id: one for one in every}, only)),
        of_all=len(every),
        has_quotes=quotes,
    )


def _listed(repository: Repository, chosen: Sequence[Problem], *, quotes: bool) -> Iterable[Listed]:
    themes = {one.id: one.name for one in repository.themes.all()}
    owners = _owners(repository, chosen)
    said = _quotes(repository, chosen[:WHOLE]) if quotes else {}
    for place, problem in enumerate(chosen):
        yield Listed(
            problem=problem,
            theme=themes.get(problem.theme_id or 0, ""),
            owners=owners.get(problem.id, ()),
            quotes=said.get(problem.id, ()),
            is_whole=place < WHOLE,
        )


@use_case(Act.LOOK)
def chosen_by(repository: Repository, reader: Reader) -> frozenset[int] | None:
    """The ids of the problems that a reader asks for; None where that is all. Raises InsightsError for a theme that
    there is not."""
    if not reader.filters:
        return None
    every = repository.problems.all()
    theme = repository.themes.find(reader.theme).id if reader.theme else None
    having = _of_segment(repository, reader.segment) if reader.segment else None
    found = narrowed(every, theme_id=theme, owner=reader.owner, owners=_owners(repository, every), having=having)
    return frozenset(one.id for one in found)


def _of_segment(repository: Repository, segment: str) -> frozenset[int]:
    """Problems that accounts of the segment have."""
    wanted = segment.strip().casefold()
    accounts = repository.customers.accounts()
    inside = {one.id for one in accounts if (one.segment or "").strip().casefold() == wanted}
    facts = repository.problems.facts()
    return frozenset(number for number, some in facts.items() if any(one.account in inside for one in some.accounts))


def _owners(repository: Repository, problems: Iterable[Problem]) -> dict[int, tuple[str, ...]]:
    """problem id -> who accepted it, and who works on its issues."""
    accepted = accepted_by(repository.decisions.since(None))
    return {one.id: owners_of(one, accepted.get(one.id, "")) for one in problems}


def _quotes(repository: Repository, problems: Iterable[Problem]) -> Mapping[int, tuple[Quoted, ...]]:
    """problem id -> its first checked quotes whose item still belongs to it."""
    return {
        one.id: tuple(map(_quoted, repository.evidence.of_quotes(repository.problems.quotes(one.id)[:_QUOTES])))
        for one in problems
    }


def _quoted(evidence: Evidence) -> Quoted:
    return Quoted(
        words=evidence.text,
        kind=evidence.kind,
        day=evidence.created_at.date(),
        account=without_person(evidence.account_name or ""),
        score=evidence.score,
        gives_orders=evidence.is_order,
    )


def _fixed(told: Iterable[Outcome], problems: Mapping[int, Problem], only: frozenset[int] | None) -> Iterable[Fixed]:
    """The latest release first."""
    for outcome in sorted(told, key=lambda one: one.shipped_on, reverse=True):
        if only is None or outcome.problem_id in only:
            problem = problems.get(outcome.problem_id)
            weekly, end = (problem.weekly, problem.weeks_end) if problem else ((), None)
            yield Fixed(outcome=outcome, weekly=_heard(weekly), weeks_end=end)


def _heard(weekly: Sequence[int]) -> tuple[int, ...]:
    """Without the weeks before it was heard of, but half a year at least."""
    first = next((place for place, count in enumerate(weekly) if count), 0)
    return tuple(weekly[max(min(first - 1, len(weekly) - LISTED_WEEKS), 0) :])
