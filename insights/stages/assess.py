"""Say how severe and urgent problems are: a distilled classifier where it is sure, a model for the rest. The model also
says what they may take. Without either nothing happens."""

from collections.abc import Mapping
from datetime import datetime

from insights.domain.assessed import Assessed
from insights.domain.feedback import Mention
from insights.language.assessing import Assessor, Summary
from insights.language.distilled import DISTILLED, DistilledSeverity
from insights.ports import Progress
from insights.storage.assessments import ASSESSED, Assessment
from insights.storage.repository import Repository

GROWTH = 2.0
"""A problem this many times larger or smaller than when it was assessed is assessed anew."""


def assess_for_nothing(
    repository: Repository, *, classifier: DistilledSeverity, at: datetime, progress: Progress
) -> int:
    """Assess what was never assessed, or by a classifier and has changed much, where the classifier is sure. What a
    model or a person said is theirs to change. Returns how many."""
    members, sizes = repository.mentions.by_problem(), repository.mentions.sizes()
    known = repository.assessments.all(ASSESSED)
    waiting = {
        problem: some
        for problem, some in sorted(members.items())
        if _needs(known.get(problem), sizes[problem]) and (problem not in known or known[problem].told_by == DISTILLED)
    }
    progress("telling severity", 0, len(waiting))
    assessed = classifier.assess(waiting)
    repository.assessments.put([_stored(one, sizes[one.problem_id], at=at) for one in assessed])
    return len(assessed)


def assess_problems(
    repository: Repository, *, assessor: Assessor, run_id: int, at: datetime, progress: Progress
) -> int:
    """Assess what was never assessed or has changed much; each answer is committed as it comes. A problem that quotes
    an item which gives orders to a machine is shown to no model. Returns how many."""
    members, sizes = repository.mentions.by_problem(), repository.mentions.sizes()
    known = repository.assessments.all(ASSESSED)
    waiting = {problem for problem, some in members.items() if _needs(known.get(problem), sizes[problem])}
    summaries = _summaries(repository, {problem: members[problem] for problem in waiting})
    done = 0
    for some in assessor.assess_many(summaries, run_id=run_id):
        repository.assessments.put([_stored(one, sizes[one.problem_id], at=at) for one in some])
        done += len(some)
        progress("assessing problems", done, len(summaries))
    return done


def _needs(known: Assessment | None, size: int) -> bool:
    if known is None:
        return True
    ratio = size / max(int(known.told_from), 1)
    return not 1 / GROWTH <= ratio <= GROWTH


def _summaries(repository: Repository, members: Mapping[int, list[Mention]]) -> list[Summary]:
    """In the order of ids, so that after a kill the same problems stand together."""
    titles = {problem.id: problem for problem in repository.problems.all()}
    found = []
    for problem in sorted(members):
        orders = {mention.feedback_id for mention in members[problem] if mention.is_order}
        quotes = repository.evidence.of_quotes(repository.problems.quotes(problem))
        if problem in titles and not any(quote.feedback_id in orders for quote in quotes):
            one = titles[problem]
            found.append(Summary(problem, one.title, one.summary, tuple(quote.text for quote in quotes)))
    return found


def _stored(one: Assessed, size: int, *, at: datetime) -> Assessment:
    return Assessment(
        problem_id=one.problem_id,
        what=ASSESSED,
        told_by=one.by,
        told_from=str(size),
        text=one.to_json(),
        at=at,
    )
