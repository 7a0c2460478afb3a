"""Whether segments, regions, plans, languages and channels get their share of the top of the list. Writes nothing.

A voice is an account, or an item of no known account. A problem's voices weigh the same, and together 1: one customer
that writes forty times is one voice. A voice in several languages or channels is shared among them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from insights.domain.access import Act, use_case
from insights.domain.customers import Account
from insights.domain.feedback import Evidence
from insights.domain.problem import State
from insights.errors import ExitCode, InsightsError
from insights.grouping.languages import languages
from insights.storage.repository import Repository
from insights.text.clean import one_line
from insights.worth.fairness import TOP, Shares, shares_of

LANGUAGES = ("English", "German", "Spanish", "French", "Italian", "Portuguese", "Dutch")
"""In the order of `insights.grouping.languages.SMALL_WORDS`."""

OF_ACCOUNTS: Mapping[str, Callable[[Account], str | None]] = {
    "segment": lambda account: account.segment,
    "region": lambda account: account.region,
    "plan": lambda account: account.plan,
}
OF_ITEMS = ("language", "channel")
ATTRIBUTES = (*OF_ACCOUNTS, *OF_ITEMS)

_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """One attribute. Accounts are, of segment, region and plan, all customers and those heard from that have left; of
    language and channel, those heard from."""

    attribute: str
    shares: Shares


@dataclass(frozen=True, slots=True)
class _Said:
    """An item of a problem: whose, and what it is of each attribute of items."""

    item: int
    account: int | None
    labels: Mapping[str, str | None]


@use_case(Act.LOOK)
def fairness(
    repository: Repository,
    *,
    order: Sequence[int] | None = None,
    by: Sequence[str] = ATTRIBUTES,
    top: int = TOP,
) -> list[Fairness]:
    """Each attribute in `by` for problems in any order, best first; of none, those that stand open or accepted, by
    return. Raises InsightsError for an unknown attribute, and where nothing has an order yet."""
    unknown = [name for name in by if name not in ATTRIBUTES]
    if unknown:
        raise InsightsError(
            f"There is no attribute {one_line(unknown[0], 60)!r}.",
            remedy=f"Use one of: {', '.join(ATTRIBUTES)}.",
            exit_code=ExitCode.USAGE,
        )
    wanted = standing_order(repository) if order is None else list(order)
    said = _said_of_all(repository, wanted, by=by)
    heard = {number: some for number, some in said.items() if some}
    if not heard:
        raise InsightsError(
            "No problem has a rank yet, so there is nothing to compare.",
            remedy="Import feedback and run `insights analyze`, or see it in `insights demo`.",
        )
    accounts = {account.id: account for account in repository.customers.accounts()}
    return [Fairness(attribute=name, shares=_shares(name, heard, accounts, top=top)) for name in by]


@use_case(Act.LOOK)
def standing_order(repository: Repository) -> list[int]:
    """Ids of ranked problems, best return first, without those that were dismissed, shipped or merged."""
    gone = (State.DISMISSED, State.SHIPPED, State.MERGED)
    return [
        problem.id
        for problem in repository.problems.all()
        if problem.estimate is not None and problem.estimate.rank is not None and problem.state not in gone
    ]


def _said_of_all(repository: Repository, wanted: Sequence[int], *, by: Sequence[str]) -> dict[int, list[_Said]]:
    """problem id -> its items. Their words are read only where an attribute of items is asked for."""
    if set(by) & set(OF_ITEMS):
        speaks = "language" in by
        return {number: _said(repository.evidence.of_problem(number), speaks=speaks) for number in wanted}
    voices = repository.evidence.voices()
    return {number: [_Said(item, account, {}) for item, account in voices.get(number, ())] for number in wanted}


def _said(evidence: Sequence[Evidence], *, speaks: bool) -> list[_Said]:
    """One for each item; its language only where it is asked for."""
    items = {one.feedback_id: one for one in evidence}
    spoken = languages([one.context for one in items.values()]).tolist() if speaks else [-1] * len(items)
    return [
        _Said(
            item,
            one.account_id,
            {"language": LANGUAGES[language] if language >= 0 else None, "channel": _channel(one)},
        )
        for (item, one), language in zip(items.items(), spoken, strict=True)
    ]


def _channel(one: Evidence) -> str:
    """The source, with the kind of its items where the name does not say it."""
    source, kind = one_line(one.source, _LONGEST_NAME), one.kind.value
    return source if kind in source.casefold() else f"{source} ({kind})"


def _shares(
    attribute: str, heard: Mapping[int, Sequence[_Said]], accounts: Mapping[int, Account], *, top: int
) -> Shares:
    labels = _labels(attribute, accounts)
    rows = [_row(some, labels) for some in heard.values()]
    counts = _of_heard(heard, labels) if attribute in OF_ITEMS else _of_customers(attribute, heard, accounts)
    spelled = _spellings([*rows, counts])
    folded = sorted({name.casefold() for name in spelled})
    places = {name: place for place, name in enumerate(folded)}
    weights = np.zeros((len(rows), len(folded) + 1))
    for number, row in enumerate(rows):
        for name, weight in row.items():
            weights[number, -1 if name is None else places[name.casefold()]] += weight
    by_account = np.zeros(len(folded))
    for name, count in counts.items():
        if name is not None:
            by_account[places[name.casefold()]] += count
    names = [max((n for n in spelled if n.casefold() == name), key=lambda n: (spelled[n], n)) for name in folded]
    return shares_of(names, weights, accounts=by_account, order=range(len(rows)), top=top)


_Labels = Callable[[_Said], str | None]


def _labels(attribute: str, accounts: Mapping[int, Account]) -> _Labels:
    """What tells the group of an item; None where it is not known."""
    if attribute in OF_ITEMS:
        return lambda said: said.labels[attribute]
    names = {number: _name(OF_ACCOUNTS[attribute](account)) for number, account in accounts.items()}
    return lambda said: names.get(said.account) if said.account is not None else None


def _name(value: str | None) -> str | None:
    return one_line(value, _LONGEST_NAME).strip() or None if value else None


def _row(some: Sequence[_Said], labels: _Labels) -> dict[str | None, float]:
    """A problem's voices by group; together 1."""
    voices = _voices(some)
    found: dict[str | None, float] = defaultdict(float)
    for voice in voices:
        for said in voice:
            found[labels(said)] += 1 / len(voice) / len(voices)
    return found


def _voices(some: Sequence[_Said]) -> list[list[_Said]]:
    by_account: dict[int, list[_Said]] = defaultdict(list)
    for said in some:
        by_account[said.account if said.account is not None else -said.item].append(said)
    return list(by_account.values())


def _of_heard(heard: Mapping[int, Sequence[_Said]], labels: _Labels) -> dict[str | None, float]:
    """Accounts by group of what they said of any problem; one in several groups is shared."""
    items = {said.item: said for some in heard.values() for said in some if said.account is not None}
    found: dict[str | None, float] = defaultdict(float)
    for voice in _voices(list(items.values())):
        for said in voice:
            found[labels(said)] += 1 / len(voice)
    return found


def _of_customers(
    attribute: str, heard: Mapping[int, Sequence[_Said]], accounts: Mapping[int, Account]
) -> dict[str | None, float]:
    speaking = {said.account for some in heard.values() for said in some}
    there = [one for one in accounts.values() if one.left_on is None or one.id in speaking]
    return dict(Counter(_name(OF_ACCOUNTS[attribute](one)) for one in there))


def _spellings(counted: Sequence[Mapping[str | None, float]]) -> dict[str, float]:
    """Every spelling of every group, with its weight: SMB and smb are one group, by its commoner name."""
    found: dict[str, float] = defaultdict(float)
    for name, weight in _pairs(counted):
        found[name] += weight
    return found


def _pairs(counted: Sequence[Mapping[str | None, float]]) -> Iterator[tuple[str, float]]:
    for some in counted:
        for name, weight in some.items():
            if name is not None:
                yield name, weight
