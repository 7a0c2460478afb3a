"""Make the copy of each item that may be embedded and sent to a model: personal data taken out. Keep beside it whose
each placeholder is. Tell which items give orders to a model, by their words before anything was taken out of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from insights.domain.feedback import Feedback
from insights.ports import Progress
from insights.privacy.patterns import Finder
from insights.privacy.pseudonyms import Named
from insights.privacy.redaction import Redacted, Redactor
from insights.storage.persons import Known
from insights.storage.repository import Repository
from insights.text.orders import RULES_VERSION, is_order

BATCH = 500
ORDERS_BY = "orders_by"
"""Under this name the workspace keeps which rules its items were looked at by."""
PSEUDONYMS_BY = "pseudonyms_by"
"""Under this name it keeps how its placeholders were named; while that goes on, with the last item that is done."""
PSEUDONYMS_VERSION = "1"


def protect(
    repository: Repository,
    *,
    regions: list[str],
    progress: Progress,
    pseudonyms: bool = True,
    finders: Iterable[Finder] = (),
) -> int:
    """Redact what has no redacted copy, a batch a transaction. Returns how many items. `finders` look besides our own
    rules."""
    _look_again(repository, progress=progress)
    make = _maker(repository, regions=regions, pseudonyms=pseudonyms, finders=finders)
    if pseudonyms:
        _name_again(repository, make, progress=progress)
    else:
        _name_nobody(repository)
    done = _redact(repository, make, progress=progress)
    if done and pseudonyms:
        with repository.writing() as connection:  # words that changed may have named who is named nowhere now
            repository.persons.sweep(connection=connection)
    return done


def _maker(
    repository: Repository, *, regions: Sequence[str], pseudonyms: bool, finders: Iterable[Finder]
) -> Callable[[], Redactor]:
    """To make one only where it is needed reads no item for nothing."""
    return lambda: Redactor(
        names=repository.feedback.author_names(),
        regions=tuple(regions),
        finders=finders,
        pseudonym=repository.persons.pseudonym if pseudonyms else None,
    )


def _redact(repository: Repository, make: Callable[[], Redactor], *, progress: Progress) -> int:
    total = repository.feedback.count_unprotected()
    if not total:
        return 0
    redactor, done = make(), 0
    while batch := repository.feedback.unprotected(BATCH):
        redacted = {item.id: _redacted(redactor, item) for item in batch}
        with repository.writing() as connection:
            saved = repository.feedback.save_redactions(
                {number: (one.text, sum(one.counts.values())) for number, one in redacted.items()},
                editions={item.id: item.edition for item in batch},
                orders={item.id for item in batch if is_order(item.body)},
                connection=connection,
            )
            named = {number: one.named for number, one in redacted.items() if number in saved}
            repository.persons.learn(_known(repository, named), connection=connection)
            repository.persons.place(_places(named), connection=connection)
        done += len(batch)
        progress("taking out personal data", done, total)
    return done


def _redacted(redactor: Redactor, item: Feedback) -> Redacted:
    return redactor.redact(item.body, also=[known for known in (item.author_name, item.author_email) if known])


def _known(repository: Repository, named: Mapping[int, Iterable[Named]]) -> Iterator[Known]:
    values = {one.token: one.value for of_item in named.values() for one in of_item}
    for token, value in values.items():
        yield Known(token=token, value=value, person=repository.persons.digest_of(value))


def _places(named: Mapping[int, Iterable[Named]]) -> dict[int, dict[int, str]]:
    return {number: {one.start: one.token for one in of_item} for number, of_item in named.items()}


def _look_again(repository: Repository, *, progress: Progress) -> None:
    """What was protected before there were these rules is looked at once; a run that was killed meanwhile begins
    again."""
    if repository.get_meta(ORDERS_BY) == RULES_VERSION:
        return
    total, done, last = repository.feedback.count_protected(), 0, 0
    while batch := repository.feedback.protected(BATCH, after=last):
        told = {item.id: is_order(item.body) for item in batch}
        repository.feedback.mark_orders(told)
        last, done = batch[-1].id, done + len(batch)
        progress("looking for orders to machines", done, total)
    repository.set_meta(ORDERS_BY, RULES_VERSION)


# -- what was protected before there were pseudonyms ------------------------------------------------------------------


def _name_again(repository: Repository, make: Callable[[], Redactor], *, progress: Progress) -> None:
    """Tell whose the placeholders of older copies are; the copies stay. A run that was killed meanwhile goes on."""
    version, _, reached = (repository.get_meta(PSEUDONYMS_BY) or "").partition(":")
    if version == PSEUDONYMS_VERSION and not reached:
        return
    total, done = repository.feedback.count_protected(), 0
    last = int(reached) if version == PSEUDONYMS_VERSION and reached.isdecimal() else 0
    redactor = make() if total else None
    while redactor is not None and (batch := repository.feedback.protected(BATCH, after=last)):
        named = {item.id: _of_copy(_redacted(redactor, item), item.redacted or "") for item in batch}
        last, done = batch[-1].id, done + len(batch)
        with repository.writing() as connection:
            repository.persons.learn(_known(repository, named), connection=connection)
            repository.persons.place(_places(named), connection=connection)
        repository.set_meta(PSEUDONYMS_BY, f"{PSEUDONYMS_VERSION}:{last}")
        progress("telling whose placeholders are", done, total)
    repository.set_meta(PSEUDONYMS_BY, PSEUDONYMS_VERSION)


def _of_copy(redacted: Redacted, copy: str) -> tuple[Named, ...]:
    """What was named, by its place in a copy that other rules may have made, or an erasure changed: what stands
    before the first difference, and after the last."""
    if redacted.text == copy:
        return redacted.named
    same = _same(redacted.text, copy)
    rest = min(len(redacted.text), len(copy)) - same
    end = min(rest, _same(redacted.text[::-1], copy[::-1]))
    return tuple(_moved(redacted, copy, same=same, end=end))


def _same(one: str, other: str) -> int:
    """How many letters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


def _moved(redacted: Redacted, copy: str, *, same: int, end: int) -> Iterator[Named]:
    for one in redacted.named:
        stop = one.start + len(f"<{one.token.partition('_')[0]}>")
        if stop <= same:
            yield one
        elif one.start >= len(redacted.text) - end:
            yield replace(one, start=one.start + len(copy) - len(redacted.text))


def _name_nobody(repository: Repository) -> None:
    """Where the settings want no pseudonyms any more, nobody is behind those that were made."""
    if repository.get_meta(PSEUDONYMS_BY):
        with repository.writing() as connection:
            repository.persons.forget_all(connection=connection)
        repository.set_meta(PSEUDONYMS_BY, "")
