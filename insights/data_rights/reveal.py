"""Who is behind a pseudonym, and how often each is named."""

from collections.abc import Sequence
from dataclasses import dataclass

from insights.domain.access import Act, use_case
from insights.errors import ExitCode, InsightsError
from insights.storage.persons import Counted
from insights.storage.repository import Repository
from insights.text.clean import one_line
from insights.text.placeholders import ERASED, PLACEHOLDER, with_pseudonyms


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """An item that names somebody: its redacted words, with pseudonyms."""

    ref: str
    text: str


@use_case(Act.PERSONS)
def reveal(repository: Repository, token: str) -> str:
    """What a pseudonym stands for, as EMAIL_7KQ2M4XA or <EMAIL_7KQ2M4XA>; the audit log notes it. Raises InsightsError
    where nobody is behind it."""
    token = _checked(token)
    value = repository.persons.reveal(token)
    repository.audit.record("person.reveal", token, facts={"found": int(value is not None)})
    if value is None:
        raise InsightsError(
            f"Nobody is behind {token}: it is of another workspace, stands in no item, or was erased.",
            remedy="`insights privacy people` lists pseudonyms.",
        )
    return value


@use_case(Act.PERSONS)
def people(repository: Repository, *, limit: int) -> list[Counted]:
    """Whom items name most, by pseudonym: no value is in it."""
    return repository.persons.counted(limit=limit)


@use_case(Act.PERSONS)
def naming(repository: Repository, token: str, *, limit: int) -> list[Naming]:
    """Items that name one person, by id."""
    return _namings(repository, repository.persons.items_of(_checked(token), limit=limit))


def _namings(repository: Repository, numbers: Sequence[int]) -> list[Naming]:
    places, refs = repository.persons.places(numbers), repository.feedback.refs(numbers)
    found = sorted(repository.feedback.get(numbers).items())
    return [
        Naming(ref=refs[number], text=with_pseudonyms(item.redacted or "", places.get(number, {})))
        for number, item in found
    ]


def _checked(token: str) -> str:
    token = token.strip().strip("<>").upper()
    found = PLACEHOLDER.fullmatch(f"<{token}>")
    if found is None or not found["token"] or found["token"] == ERASED:
        raise InsightsError(
            f"{one_line(token, 40)} is no pseudonym.",
            remedy="Write it as it stands in a text: insights privacy reveal EMAIL_7KQ2M4XA",
            exit_code=ExitCode.USAGE,
        )
    return token
