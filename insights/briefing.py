"""The discovery brief of a problem: what code knows of it, and what a model reads out of its remarks.

A brief that a model wrote is kept, and shown again until the problem has grown by a quarter. Without a model, only what
code knows is told.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from insights.digest.changes import change_in_words
from insights.domain.brief import BRIEF, Brief, brief_from_json, brief_to_json
from insights.domain.customers import Account
from insights.domain.feedback import Evidence
from insights.domain.figures import counted, money
from insights.domain.problem import Problem
from insights.domain.run import OFFLINE
from insights.language.briefs import Briefer, Case
from insights.stages.describe import GROWTH
from insights.storage.assessments import Assessment
from insights.storage.repository import Repository
from insights.text.clean import one_line
from insights.text.orders import is_order

NO_MODEL = "No language model is set"
NO_ANSWER = "The model gave no usable answer"
_WEEKS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """An account that has the problem: what it pays a year (None: nobody told us), and how many items are its own."""

    name: str
    revenue: float | None
    segment: str | None
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What code knows: accounts, those that pay most first; what they pay together, and of how many it is not known;
    how many are in each segment; and the verified quotes."""

    payers: tuple[Payer, ...]
    revenue: float | None
    unknown: int
    segments: tuple[tuple[str, int], ...]
    quotes: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """A problem, what is known of it, and its brief. `mode` is "offline" or the model that wrote the brief, at `at`,
    when the problem had `told_from` items. `note` and `failures` are for people."""

    problem: Problem
    known: Known
    brief: Brief
    mode: str
    told_from: int | None = None
    at: datetime | None = None
    note: str = ""
    failures: tuple[str, ...] = ()


def discover(
    problem_id: int,
    *,
    repository: Repository,
    briefer: Briefer | None,
    currency: str,
    now: datetime,
    anew: bool = False,
) -> Discovery:
    """The brief that is kept while it holds, else a new one, which is kept; `anew` asks in any case. A merged id leads
    to the problem it was merged into. Raises InsightsError for an unknown problem, and for a refused key."""
    problem = repository.problems.get(problem_id, weeks=_WEEKS)
    voices = repository.evidence.of_problem(problem.id)
    known = _known(voices, repository=repository, problem=problem)
    kept = repository.assessments.get(problem.id, BRIEF)
    if kept is not None and not anew and _holds(kept, problem.items):
        return _told(kept, problem=problem, known=known)
    made, why, failures = _made(problem, voices, known, briefer=briefer, currency=currency, now=now)
    if made is not None:
        repository.assessments.put([made])
        return _told(made, problem=problem, known=known)
    if kept is not None:
        note = f"{why}: the brief of {kept.at:%Y-%m-%d} is shown."
        return _told(kept, problem=problem, known=known, note=note, failures=failures)
    note = f"{why}: only what code knows is told."
    return Discovery(problem=problem, known=known, brief=Brief(), mode=OFFLINE, note=note, failures=failures)


def _holds(kept: Assessment, items: int) -> bool:
    """Whether the problem is about as large as when the brief was written."""
    return 1 / GROWTH <= items / max(int(kept.told_from), 1) <= GROWTH


def _told(
    kept: Assessment, *, problem: Problem, known: Known, note: str = "", failures: tuple[str, ...] = ()
) -> Discovery:
    return Discovery(
        problem=problem,
        known=known,
        brief=brief_from_json(kept.text),
        mode=kept.told_by,
        told_from=int(kept.told_from),
        at=kept.at,
        note=note,
        failures=failures,
    )


def _made(
    problem: Problem,
    voices: Sequence[Evidence],
    known: Known,
    *,
    briefer: Briefer | None,
    currency: str,
    now: datetime,
) -> tuple[Assessment | None, str, tuple[str, ...]]:
    """A new brief; or None, why there is none, and what went wrong."""
    if briefer is None:
        return None, NO_MODEL, ()
    case = _case(problem, voices, facts=facts_of(problem, known, currency=currency))
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
        remarks=tuple(one.text for one in voices if not one.is_order),
        facts=facts,
    )


# -- what code knows --------------------------------------------------------------------------------------------


def facts_of(problem: Problem, known: Known, *, currency: str) -> tuple[str, ...]:
    """What code counted, a line a fact; no account's name."""
    return tuple(_facts(problem, known, currency))


def _facts(problem: Problem, known: Known, currency: str) -> Iterator[str]:
    yield f"{counted(problem.items, 'item')} {from_accounts(problem, known, currency=currency)}"
    if known.segments:
        yield f"Accounts by segment: {segments_in_words(known)}"
    yield f"First heard {problem.first_seen:%Y-%m-%d}, last {problem.last_seen:%Y-%m-%d}; {problem.movement.value}"
    yield f"Trend: {change_in_words(problem)}"
    if problem.estimate is not None and problem.estimate.reason:
        yield f"Estimate: {problem.estimate.reason}"


def from_accounts(problem: Problem, known: Known, *, currency: str) -> str:
    """Whom it comes from: "from 7 accounts paying $610k a year, 2 of them of unknown revenue"."""
    if not problem.accounts:
        return "from no known account"
    accounts = f"from {counted(problem.accounts, 'account')}"
    if known.revenue is None:
        return f"{accounts} of unknown revenue"
    unknown = f", {known.unknown} of them of unknown revenue" if known.unknown else ""
    return f"{accounts} paying {money(known.revenue, currency)} a year{unknown}"


def segments_in_words(known: Known) -> str:
    """ "Enterprise 4, SMB 3"."""
    return ", ".join(f"{one_line(segment, 40)} {count}" for segment, count in known.segments)


def _known(voices: Sequence[Evidence], *, repository: Repository, problem: Problem) -> Known:
    accounts = {account.id: account for account in repository.customers.accounts()}
    payers = _payers(voices, accounts)
    revenues = [payer.revenue for payer in payers if payer.revenue is not None]
    segments = Counter(payer.segment for payer in payers if payer.segment)
    return Known(
        payers=payers,
        revenue=sum(revenues) if revenues else None,
        unknown=len(payers) - len(revenues),
        segments=tuple(sorted(segments.items(), key=lambda pair: (-pair[1], pair[0]))),
        quotes=tuple(repository.evidence.of_quotes(repository.problems.quotes(problem.id))),
    )


def _payers(voices: Sequence[Evidence], accounts: Mapping[int, Account]) -> tuple[Payer, ...]:
    items: dict[int, set[int]] = {}
    for one in voices:
        if one.account_id in accounts:
            items.setdefault(one.account_id or 0, set()).add(one.feedback_id)
    found = [_payer(accounts[number], items=len(own)) for number, own in items.items()]
    return tuple(sorted(found, key=lambda one: (-(one.revenue or 0), -one.items, one.name)))


def _payer(account: Account, *, items: int) -> Payer:
    return Payer(name=account.name, revenue=account.annual_revenue, segment=account.segment, items=items)
