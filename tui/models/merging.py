"""Two problems beside each other before they are made one: what goes where, and what speaks for it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from insights.domain.feedback import Evidence
from insights.domain.figures import counted
from insights.domain.problem import Problem, State
from insights.errors import InsightsError
from insights.triage import Triage
from tui.models.dossier import Neighbour
from tui.models.picks import Pick

_GONE = frozenset((State.MERGED,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """`part` becomes part of `whole`. `cosine` is that of their centres, None where it is not known. `shared` are names
    of accounts that have both, `accounts` how many have one of them; a quote of each, None where there is none.
    `is_read` is False until quotes and accounts were looked up."""

    part: Problem
    whole: Problem
    cosine: float | None = None
    shared: tuple[str, ...] = ()
    accounts: int = 0
    part_quote: Evidence | None = None
    whole_quote: Evidence | None = None
    is_read: bool = False
    error: str | None = None


def read_meeting(triage: Triage, part: Problem, whole: Problem) -> Meeting:
    """Look up what speaks for making them one. What cannot be read is told in `error`."""
    cosine = None
    try:
        cosine = dict(triage.similar(part.id)).get(whole.id) or dict(triage.similar(whole.id)).get(part.id)
        here, there = triage.items(part.id), triage.items(whole.id)
        quotes = [next(iter(triage.quotes(one.id)), None) for one in (part, whole)]
    except InsightsError as error:
        return Meeting(part=part, whole=whole, cosine=cosine, is_read=True, error=f"{error.message} {error.remedy}")
    ours, theirs = _accounts(here), _accounts(there)
    return Meeting(
        part=part,
        whole=whole,
        cosine=cosine,
        shared=tuple(sorted(ours[number] for number in ours.keys() & theirs.keys())),
        accounts=len(ours.keys() | theirs.keys()),
        part_quote=quotes[0] or next(iter(here), None),
        whole_quote=quotes[1] or next(iter(there), None),
        is_read=True,
    )


def merge_picks(
    similar: Sequence[Neighbour], others: Iterable[Problem], *, parts: Collection[int]
) -> list[Pick[Problem]]:
    """What these problems may become part of: the similar ones first, nearest first, then all others as they come;
    never one of themselves, nor one that was merged."""
    found = {
        one.problem.id: _pick(one.problem, f"{one.cosine:.2f}")
        for one in sorted(similar, key=lambda one: -one.cosine)
        if one.problem.id not in parts and one.problem.state not in _GONE
    }
    for problem in others:
        if problem.id not in parts and problem.state not in _GONE:
            found.setdefault(problem.id, _pick(problem, ""))
    return list(found.values())


def _pick(problem: Problem, hint: str) -> Pick[Problem]:
    about = f"{counted(problem.items, 'item')}, {problem.state.value}"
    return Pick(value=problem, words=f"{problem.ref} {problem.title}", hint=hint, more=about)


def _accounts(items: Iterable[Evidence]) -> dict[int, str]:
    """account id -> its name."""
    return {one.account_id: one.account_name or "" for one in items if one.account_id is not None}
