"""Let old words go by the rules of the settings: `[[retention]]`. Counts, trends and estimates stay."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from insights.config import RetentionSettings
from insights.data_rights.cleaning import Cleaned
from insights.data_rights.files import FilesDone
from insights.domain.access import Act, use_case
from insights.ports import Progress
from insights.storage.repository import Repository
from insights.storage.retaining import Due, Gone, Signs
from insights.text.intent import speaks_of_leaving
from insights.text.meaning import meaning_of
from insights.text.pieces import WORDS, pieces_of, without_shared
from insights.text.severity import severity_of

ANY = "*"
BATCH = 2_000
"""Items of one transaction: for each, all texts that are kept are looked through once."""

FilesCleaner = Callable[[Cleaned], FilesDone]
"""Frees the files of a workspace of words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What one rule lets go: items of each source and kind that it is the narrowest for."""

    rule: RetentionSettings
    before: datetime
    due: tuple[Due, ...] = ()

    @property
    def items(self) -> int:
        return sum(one.items for one in self.due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """What went; `pseudonyms` are those that stand nowhere any more, `files` were cleaned, `yours` are files that hold
    words of it and that only their owner can clean."""

    gone: Gone = field(default_factory=Gone)
    pseudonyms: int = 0
    files: int = 0
    yours: tuple[str, ...] = ()


def rule_for(source: str, kind: str, rules: Sequence[RetentionSettings]) -> RetentionSettings | None:
    """The narrowest: of source and kind, else of the source, else of the kind, else of all. Of several alike the one
    with the fewest days."""
    fitting = [one for one in rules if one.source in (ANY, source) and one.kind in (ANY, kind)]
    return min(fitting, key=lambda one: (-2 * (one.source != ANY) - (one.kind != ANY), one.days), default=None)


@use_case(Act.LOOK)
def plan(repository: Repository, rules: Sequence[RetentionSettings], now: datetime) -> list[Planned]:
    """What each rule would let go now, in their order; nothing is changed. Holds no words."""
    return _plan(repository, rules, now)


@use_case(Act.ERASE)
def retain(
    repository: Repository,
    rules: Sequence[RetentionSettings],
    *,
    now: Callable[[], datetime],
    progress: Progress,
    files: FilesCleaner | None = None,
) -> Retained:
    """Let go what is due, also in the workspace's files where `files` is given. A kill leaves what was done; the next
    call goes on."""
    return _retain(repository, rules, now(), progress, files)


@use_case(Act.BRING)
def retain_nightly(
    repository: Repository,
    rules: Sequence[RetentionSettings],
    *,
    now: Callable[[], datetime],
    progress: Progress,
    files: FilesCleaner | None = None,
) -> Retained:
    """The same as a part of the night: whoever wrote the rules into the settings has decided already, and the night
    chooses nothing."""
    return _retain(repository, rules, now(), progress, files)


def _plan(repository: Repository, rules: Sequence[RetentionSettings], now: datetime) -> list[Planned]:
    found: dict[int, list[Due]] = {number: [] for number, _ in enumerate(rules)}
    for source, kind in repository.retaining.kinds():
        rule = rule_for(source, kind, rules)
        if rule is not None and (due := repository.retaining.due(source, kind, now - timedelta(days=rule.days))):
            found[list(rules).index(rule)].append(due)
    return [
        Planned(rule=rule, before=now - timedelta(days=rule.days), due=tuple(found[number]))
        for number, rule in enumerate(rules)
    ]


def _retain(
    repository: Repository,
    rules: Sequence[RetentionSettings],
    now: datetime,
    progress: Progress,
    files: FilesCleaner | None,
) -> Retained:
    due = [number for one in _plan(repository, rules, now) for number in _items_of(repository, one)]
    gone, cleaned, yours, going = Gone(), 0, set[str](), set(due)
    for start in range(0, len(due), BATCH):
        items = due[start : start + BATCH]
        cleaner = _cleaner(repository, items, going)
        if files is not None:  # before the database: whoever is killed between them finds these items due again
            done = files(cleaner)
            cleaned += done.counts["files cleaned"] + done.counts["drafts of mails deleted"]
            yours |= set(done.yours)
        gone += _expire(repository, items, now, cleaner)
        progress("letting old words go", gone.items, len(due))
    pseudonyms = 0
    if repository.retaining.is_to_sweep():
        with repository.writing() as connection:
            pseudonyms = repository.retaining.sweep(connection=connection)
        repository.erasures.vacuum()
    return Retained(gone=gone, pseudonyms=pseudonyms, files=cleaned, yours=tuple(sorted(yours)))


def _items_of(repository: Repository, planned: Planned) -> list[int]:
    found = (repository.retaining.all_due(one.source, one.kind, planned.before) for one in planned.due)
    return [number for some in found for number in some]


def _cleaner(repository: Repository, items: Sequence[int], going: Collection[int]) -> Cleaned:
    """Takes out every run of six words that only items say whose words go: a shorter one is anybody's."""
    pieces = {key: raw for text in _texts(repository, items) for key, raw in pieces_of(text).items()}
    long = {key: raw for key, raw in pieces.items() if key.count(" ") + 1 >= WORDS}
    kept = (one.text for one in repository.erasing.items() if one.id not in going)
    return Cleaned.of((), pieces=without_shared(long, kept), tokens=())


def _texts(repository: Repository, items: Sequence[int]) -> Iterator[str]:
    for one in repository.feedback.get(items).values():
        yield one.text
        yield one.redacted or ""
    yield from (one.statement or "" for one in repository.mentions.get(repository.erasing.mentions_of(items)))


def _expire(repository: Repository, items: Sequence[int], now: datetime, cleaner: Cleaned) -> Gone:
    """One batch, with its entry in the log, in one transaction."""
    keys, signs = _paid_keys(repository, items), _signs(repository, items)
    with repository.writing() as connection:
        gone = repository.retaining.expire(
            items, at=now, cleaner=cleaner, signs=signs, paid_keys=keys, connection=connection
        )
        facts = {name: getattr(gone, name) for name in ("items", "mentions", "quotes", "problems", "texts")}
        repository.audit.record("words.retain", facts=facts, connection=connection)
    return gone


def _signs(repository: Repository, items: Sequence[int]) -> dict[int, Signs]:
    """What an estimate asks of words that go: whether they speak of leaving, and how severe each mention is."""
    severe: dict[int, dict[int, str]] = defaultdict(dict)
    for one in repository.mentions.get(repository.erasing.mentions_of(items)):
        if told := severity_of(one.text, one.stance):
            severe[one.feedback_id][one.id] = told
    texts = {number: one.redacted or "" for number, one in repository.feedback.get(items).items()}
    found = {number: Signs(speaks_of_leaving(text), severe.get(number, {})) for number, text in texts.items()}
    return {number: one for number, one in found.items() if one.is_leaving or one.severe}


def _paid_keys(repository: Repository, items: Sequence[int]) -> list[str]:
    """Under which a server's vectors of these words are kept; who else said the same is asked for again."""
    mentions = repository.mentions.get(repository.erasing.mentions_of(items))
    texts = {text for one in mentions for text in (meaning_of(one.text), one.text, one.statement)}
    by = repository.erasing.embedders()
    return [repository.paid_vectors.key(name, text) for name in by for text in texts if name and text]
