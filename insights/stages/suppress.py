"""Keep out what was erased: records of erased persons and accounts are left out, their values in what others wrote
become placeholders. Only keyed digests are known of them, so everything that may be one is compared by its digest."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from insights.domain.customers import AccountRecord
from insights.domain.feedback import FeedbackRecord
from insights.ports import Page, Record
from insights.storage.erasures import ACCOUNT, DOMAIN, ITEM, PERSON, ErasureStore
from insights.text.personal import EMAIL, NAME, PHONE, addresses_in, apart, names_in, normal, numbers_in

_KEPT = ("source", "source_id")


@dataclass(frozen=True, slots=True)
class Suppression:
    """What was erased, as it stood when a reading began."""

    _digest: Callable[[str, str], str]
    _known: frozenset[str]

    @classmethod
    def of(cls, erasures: ErasureStore) -> "Suppression":
        return cls(erasures.digest, frozenset(one.digest for one in erasures.all()))

    def kept(self, page: Page) -> tuple[Page, int]:
        """The page without what was erased, and how many records were left out."""
        if not self._known:
            return page, 0
        records = [self._without_values(record) for record in page.records if not self._is_erased(record)]
        rejects = [one for one in page.rejects if self.without(one.raw) == one.raw]
        return replace(page, records=records, rejects=rejects), len(page.records) - len(records)

    def without(self, text: str) -> str:
        """The text with a placeholder for every value that was erased."""
        if not self._known:
            return text
        found = [(start, end, EMAIL) for start, end, value in addresses_in(text) if self._is(PERSON, value)]
        found += [(start, end, PHONE) for start, end, value in numbers_in(text) if self._is(PERSON, value)]
        found += [(start, end, NAME) for start, end, value in names_in(text) if self._is(PERSON, value)]
        for start, end, label in reversed(apart(found)):
            text = f"{text[:start]}<{label}>{text[end:]}"
        return text

    def _is(self, kind: str, text: str) -> bool:
        return self._digest(kind, text) in self._known

    def _is_erased(self, record: Record) -> bool:
        if self._is(ITEM, f"{record.source}\n{record.source_id}") or any(self._accounts_of(record)):
            return True
        return isinstance(record, FeedbackRecord) and self._is_theirs(record)

    def _is_theirs(self, record: FeedbackRecord) -> bool:
        """By the author's address; by the name where there is no address."""
        email = normal(record.author_email or "")
        if "@" in email:
            return self._is(PERSON, email) or self._is(DOMAIN, email.rpartition("@")[2])
        return bool(record.author_name) and self._is(PERSON, normal(record.author_name or ""))

    def _accounts_of(self, record: Record) -> Iterator[bool]:
        if isinstance(record, AccountRecord):
            yield self._is(ACCOUNT, f"{record.source}\n{record.source_id}")
            names: Sequence[str] = [record.name, record.source_id]
        else:
            names = (record.account or "").splitlines()
        for name in names:
            yield self._is(ACCOUNT, normal(name))
            yield "@" in name and self._is(PERSON, normal(name))

    def _without_values(self, record: Record) -> Record:
        texts = {one.name: getattr(record, one.name) for one in fields(record) if one.name not in _KEPT}
        changed: dict[str, Any] = dict(_changed(texts.items(), self.without))
        return replace(record, **changed)


def _changed(texts: Iterable[tuple[str, object]], change: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    for name, text in texts:
        if type(text) is str and (other := change(text)) != text:
            yield name, other
