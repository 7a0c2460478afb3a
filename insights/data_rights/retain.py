"""Let old words go by the rules of the settings: `[[retention]]`. Counts, trends and estimates stay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from insights.config import RetentionSettings
from insights.domain.access import Act, use_case
from insights.ports import Progress
from insights.storage.repository import Repository
from insights.storage.retaining import Due, Gone
from insights.text.meaning import meaning_of

ANY = "*"
BATCH = 500


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
    """What went; `pseudonyms` are those that stand nowhere any more."""

    gone: Gone = field(default_factory=Gone)
    pseudonyms: int = 0


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
    repository: Repository, rules: Sequence[RetentionSettings], *, now: Callable[[], datetime], progress: Progress
) -> Retained:
    """Let go what is due. A kill leaves what was done; the next call goes on."""
    return _retain(repository, rules, now(), progress)


@use_case(Act.BRING)
def retain_nightly(
    repository: Repository, rules: Sequence[RetentionSettings], *, now: Callable[[], datetime], progress: Progress
) -> Retained:
    """The same as a part of the night: whoever wrote the rules into the settings has decided already, and the night
    chooses nothing."""
    return _retain(repository, rules, now(), progress)


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


def _retain(repository: Repository, rules: Sequence[RetentionSettings], now: datetime, progress: Progress) -> Retained:
    planned = _plan(repository, rules, now)
    total, gone = sum(one.items for one in planned), Gone()
    for one in planned:
        for due in one.due:
            while items := repository.retaining.next(due.source, due.kind, one.before, limit=BATCH):
                gone += _expire(repository, items, now)
                progress("letting old words go", gone.items, total)
    if not repository.retaining.is_to_sweep():
        return Retained(gone=gone)
    with repository.writing() as connection:
        pseudonyms = repository.retaining.sweep(connection=connection)
    repository.erasures.vacuum()
    return Retained(gone=gone, pseudonyms=pseudonyms)


def _expire(repository: Repository, items: Sequence[int], now: datetime) -> Gone:
    """One batch, with its entry in the log, in one transaction."""
    keys = _paid_keys(repository, items)
    with repository.writing() as connection:
        gone = repository.retaining.expire(items, at=now, paid_keys=keys, connection=connection)
        facts = {"items": gone.items, "mentions": gone.mentions, "quotes": gone.quotes, "problems": gone.problems}
        repository.audit.record("words.retain", facts=facts, connection=connection)
    return gone


def _paid_keys(repository: Repository, items: Sequence[int]) -> list[str]:
    """Under which a server's vectors of these words are kept; who else said the same is asked for again."""
    mentions = repository.mentions.get(repository.erasing.mentions_of(items))
    texts = {text for one in mentions for text in (meaning_of(one.text), one.text, one.statement)}
    by = repository.erasing.embedders()
    return [repository.paid_vectors.key(name, text) for name in by for text in texts if name and text]
