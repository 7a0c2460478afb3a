"""Whose what is: everything that belongs to a person or an account, found by e-mail address, or by name where no
address says otherwise."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from insights.errors import ExitCode, InsightsError
from insights.storage.erasing import Item
from insights.storage.erasures import ACCOUNT, DOMAIN, ITEM, PERSON
from insights.storage.repository import Repository
from insights.text.clean import one_line
from insights.text.personal import EMAIL, NAME, PHONE, Value, digits_of, is_telling, normal, numbers_in, value_of

_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who or what it is about. `values` are what names the person in any text; `shared` counts names that others have,
    too, which therefore stay where others wrote them; `digests` are by kind what is remembered."""

    kind: str
    items: frozenset[int]
    accounts: frozenset[int]
    values: tuple[Value, ...]
    digests: dict[str, tuple[str, ...]]
    tokens: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    """Under which the store of pseudonyms knows them."""
    shared: int = 0
    untelling: int = 0
    """Names of one word: looked for nowhere but in what they wrote."""


class Several(InsightsError):
    """A name is several persons'. `choices` are their e-mail addresses."""

    def __init__(self, name: str, choices: Sequence[str]) -> None:
        self.choices = tuple(choices)
        shown = ", ".join(one_line(one, 80) for one in self.choices[:_MOST_SHOWN])
        super().__init__(
            f"{len(choices)} persons are called {one_line(name, 80)}.",
            remedy=f"Name one by e-mail address: {shown}{', …' if len(choices) > _MOST_SHOWN else ''}.",
            exit_code=ExitCode.USAGE,
        )


def person(repository: Repository, identity: str) -> Subject:
    """Whose address or name that is. Raises Several, and InsightsError where it is neither."""
    wanted = normal(identity)
    if len(wanted) < 2:
        raise InsightsError(
            "That is no name and no e-mail address.",
            remedy="Write it as in: insights privacy erase ann@acme.example",
            exit_code=ExitCode.USAGE,
        )
    authors = _Authors.of(repository.erasing.items())
    emails = {wanted} if "@" in wanted else _emails_of(authors, identity)
    names = {name for email in emails for name in authors.names.get(email, ())}
    if "@" not in wanted and value_of(identity).label == NAME:
        names.add(wanted)
    own_names = {name for name in names if authors.emails.get(name, set()) <= emails}
    mine = [
        one for one in authors.items if one.email in emails or (not one.email and one.name and one.name in own_names)
    ]
    values = {Value(EMAIL, one) for one in emails} | authors.phones_of(mine)
    asked = value_of(identity)
    values |= {asked} if asked.label != NAME or wanted in own_names else set()
    return _subject(
        repository, "person", mine, emails=emails, own=own_names, values=values, shared=len(names - own_names)
    )


def account(repository: Repository, name: str) -> Subject:
    """An account by its name, its id at its source, or both as in "crm:17", with all that was written under it, and its
    people: those who wrote for no other account. Raises InsightsError where there is none, or several."""
    wanted = normal(name)
    rows = repository.erasing.accounts()
    found = [row for row in rows if name == _account_ref(row)]
    found = found or [row for row in rows if wanted in (normal(row.name), normal(row.source_id))]
    refs = ", ".join(one_line(_account_ref(row), 80) for row in found[:_MOST_SHOWN])
    if len(found) != 1:
        raise InsightsError(
            f"{len(found)} accounts are called {one_line(name, 80)}."
            if found
            else f"There is no account {one_line(name, 80)}.",
            remedy=f"Name one by source and id: {refs}."
            if found
            else "`insights fairness` and `insights show P-1 --items` name accounts.",
            exit_code=ExitCode.USAGE,
        )
    return account_of(repository, found[0].id)


def _account_ref(row: Any) -> str:
    return f"{row.source}:{row.source_id}"


def account_of(repository: Repository, number: int) -> Subject:
    """The account with this id, which is there, with its people."""
    (row,) = (one for one in repository.erasing.accounts() if one.id == number)
    authors = _Authors.of(repository.erasing.items())
    emails = {one.email for one in authors.items if one.email and authors.accounts[one.email] == {row.id}}
    names = {one.name for one in authors.items if one.account == row.id and one.name}
    own = {
        name
        for name in names
        if authors.emails.get(name, set()) <= emails and authors.accounts_by_name[name] == {row.id}
    }
    mine = [one for one in authors.items if one.account == row.id or one.email in emails]
    values = {Value(NAME, row.name)} | ({Value(EMAIL, row.name)} if "@" in row.name else set())
    digest = repository.erasures.digest
    digests = [
        (ACCOUNT, f"{row.source}\n{row.source_id}"),
        (ACCOUNT, normal(row.name)),
        (ACCOUNT, normal(row.source_id)),
    ]
    digests += [(DOMAIN, row.domain.casefold())] if row.domain else []
    return _subject(
        repository,
        "account",
        mine,
        emails=emails,
        own=own,
        values=values | {Value(EMAIL, one) for one in emails} | authors.phones_of(mine),
        accounts=frozenset([row.id]),
        digests=[(kind, digest(kind, text)) for kind, text in digests],
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """An item, as far as it tells who wrote it."""

    id: int
    ref: str
    account: int | None
    email: str
    name: str
    phones: tuple[str, ...]

    @property
    def who(self) -> str:
        return self.email or self.name or self.ref


@dataclass(frozen=True, slots=True)
class _Authors:
    items: list[_Said]
    names: dict[str, set[str]]
    """E-mail address -> names that it was used with."""
    emails: dict[str, set[str]]
    """Name -> addresses that it was used with."""
    accounts: dict[str, set[int | None]]
    accounts_by_name: dict[str, set[int | None]]
    phones: dict[str, set[str]]
    """Digits -> whose signature they are in."""

    @classmethod
    def of(cls, items: Iterable[Item]) -> "_Authors":
        found = cls([], {}, {}, {}, {}, {})
        for item in items:
            one = _said(item)
            found.items.append(one)
            if one.email:
                found.names.setdefault(one.email, set()).update([one.name] if one.name else [])
                found.accounts.setdefault(one.email, set()).add(one.account)
            if one.name:
                found.emails.setdefault(one.name, set()).update([one.email] if one.email else [])
                found.accounts_by_name.setdefault(one.name, set()).add(one.account)
            for text in one.phones:
                found.phones.setdefault(digits_of(text), set()).add(one.who)
        return found

    def phones_of(self, mine: Sequence[_Said]) -> set[Value]:
        """Numbers in their signatures that are in nobody else's: a hotline is not theirs."""
        who = {one.who for one in mine}
        texts = {" ".join(text.split()) for one in mine for text in one.phones}
        return {Value(PHONE, text) for text in texts if self.phones[digits_of(text)] <= who}


def _said(item: Item) -> _Said:
    # What stands in the text and not in the body is a signature or a quoted reply.
    rest = item.text.replace(item.body, "\n") if item.body != item.text else ""
    signature = "\n".join(line for line in rest.splitlines() if not line.lstrip().startswith(">"))
    return _Said(
        item.id,
        f"{item.source}\n{item.source_id}",
        item.account_id,
        normal(item.author_email or "") if "@" in (item.author_email or "") else "",
        normal(item.author_name or ""),
        tuple(signature[start:end] for start, end, _ in numbers_in(signature)),
    )


def _emails_of(authors: _Authors, identity: str) -> set[str]:
    """The one address that goes with a name, where any does. Raises Several."""
    emails = sorted(authors.emails.get(normal(identity), ()))
    if len(emails) > 1:
        raise Several(identity, emails)
    return set(emails)


def _subject(
    repository: Repository,
    kind: str,
    mine: Sequence[_Said],
    *,
    emails: Collection[str],
    own: Collection[str],
    values: Collection[Value],
    accounts: frozenset[int] = frozenset(),
    digests: Sequence[tuple[str, str]] = (),
    shared: int = 0,
) -> Subject:
    known = {*values, *(Value(NAME, one) for one in own)}
    vault = repository.persons
    persons = tuple(sorted({vault.digest_of(one) for one in (*emails, *own, *(one.text for one in values))}))
    known |= {_revealed(token, text) for one in persons for token, text in vault.values(one).items()}
    tokens = {token for one in persons for token in vault.tokens(one)}
    digest = repository.erasures.digest
    remembered = [*digests, *((ITEM, digest(ITEM, one.ref)) for one in mine)]
    remembered += [
        (PERSON, digest(PERSON, normal(one.text))) for one in sorted(known) if one.label != NAME or is_telling(one)
    ]
    owned = _accounts_of(repository, mine, emails) if kind == "person" else accounts
    return Subject(
        kind=kind,
        items=frozenset(one.id for one in mine),
        accounts=owned,
        values=tuple(sorted(one for one in known if is_telling(one))),
        digests={
            kind: tuple(dict.fromkeys(text for name, text in remembered if name == kind)) for kind, _ in remembered
        },
        tokens=tuple(sorted(tokens)),
        persons=persons,
        shared=shared,
        untelling=sum(not is_telling(one) for one in known),
    )


def _revealed(token: str, text: str) -> Value:
    label = token.partition("_")[0]
    return Value(label, text) if label in (EMAIL, NAME, PHONE) else value_of(text)


def _accounts_of(repository: Repository, mine: Sequence[_Said], emails: Collection[str]) -> frozenset[int]:
    """Accounts that are nobody but this person: named by their address, and nobody else wrote under them."""
    own = {one.id for one in mine}
    named = {row.id for row in repository.erasing.accounts() if {normal(row.name), normal(row.source_id)} & set(emails)}
    if not named:
        return frozenset()
    others = {one.account_id for one in repository.erasing.items() if one.id not in own}
    return frozenset(named - others)
