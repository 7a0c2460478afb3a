"""Filters by names that there are: the beginning of a name is enough, and what names nothing is told and left out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial

from insights.domain.customers import Account
from insights.domain.query import Filters, Hint
from insights.finding.refusals import told
from insights.search import Wanted, called, in_segment
from insights.storage.repository import Repository

_MOST_NAMED = 3
_MOST_OFFERED = 10


class Names:
    """Accounts and sources as they were when first asked for."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    @cached_property
    def revenues(self) -> Mapping[int, float | None]:
        """Account id -> what it pays a year."""
        return {account.id: account.annual_revenue for account in self._accounts}

    @cached_property
    def _accounts(self) -> list[Account]:
        return self._repository.customers.accounts()

    @cached_property
    def _sources(self) -> list[str]:
        return self._repository.sought.sources()

    def resolved(self, filters: Filters, hints: list[Hint]) -> Wanted:
        """The filters that name something; guesses and what was left out are added to `hints`."""
        accounts = self._called(filters.account, hints) if filters.account else None
        inside = self._in_segment(filters.segment, hints) if filters.segment else None
        kept = replace(
            filters,
            account=filters.account if accounts else None,
            segment=filters.segment if inside else None,
            source=self._source(filters.source, hints) if filters.source else None,
            problem=self._problem(filters.problem, hints) if filters.problem is not None else None,
        )
        both = accounts & inside if accounts and inside else accounts or inside
        return Wanted(kept, both, kept.problem)

    def _called(self, typed: str, hints: list[Hint]) -> frozenset[int] | None:
        """The accounts of that name, else those whose names begin so, else the one whose name is most like it."""
        names = _beginning_with(typed, {account.name for account in self._accounts})
        if names:
            found = frozenset(account.id for account in self._accounts if account.name in names)
        else:
            like = told(partial(called, typed, self._accounts), hints) or frozenset()
            names = sorted({account.name for account in self._accounts if account.id in like})
            found = like
        _tell_guess("account", typed, names, hints)
        return found or None

    def _in_segment(self, typed: str, hints: list[Hint]) -> frozenset[int] | None:
        return told(partial(in_segment, typed, self._accounts), hints)

    def _source(self, typed: str, hints: list[Hint]) -> str | None:
        """The source of that name, or the only one whose name begins so."""
        names = _beginning_with(typed, self._sources)
        if len(names) == 1:
            _tell_guess("source", typed, names, hints)
            return names[0]
        offered = ", ".join((names or self._sources)[:_MOST_OFFERED]) or "nothing was imported yet"
        hints.append(Hint(f"source:{typed} is not a source: {offered}", is_pending=bool(names)))
        return None

    def _problem(self, number: int, hints: list[Hint]) -> int | None:
        """The problem of that id, or the one that it was merged into."""
        found = told(partial(self._repository.problems.get, number), hints)
        return None if found is None else found.id


def _beginning_with(typed: str, names: Collection[str]) -> list[str]:
    """The names that are meant to the letter, else all that begin so; case does not matter."""
    wanted = typed.casefold()
    exact = [name for name in names if name.casefold() == wanted]
    return exact or sorted(name for name in names if name.casefold().startswith(wanted))


def _tell_guess(what: str, typed: str, names: Sequence[str], hints: list[Hint]) -> None:
    if {name.casefold() for name in names} <= {typed.casefold()}:
        return
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    hints.append(Hint(f"{what}:{typed} is taken for {', '.join(names[:_MOST_NAMED])}{more}"))
