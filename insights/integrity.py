"""Whether a workspace is whole, by reading all of it: the database, what is sealed in it, vectors against rows, the
keys, what was begun and not ended, and the backups. Nothing is mended here."""

import hashlib
import shlex
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from insights.domain.access import Act, use_case
from insights.domain.figures import counted
from insights.domain.health import Check, CheckState, skipped, wrong
from insights.errors import InsightsError
from insights.ports import Progress
from insights.storage.backups import Backup
from insights.storage.checking import Spanned
from insights.storage.lock import holder_of
from insights.storage.repository import Repository
from insights.storage.snapshot import faults
from insights.storage.vectors import VectorStore

_RESTORE = "Restore a backup: what is there is moved aside, not lost."
_RESTORE_COMMAND = "insights restore FILE"
_REINDEX = "insights reindex"
_MOST_NAMED = 3
_ITEMS = 500
_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Deep:
    """What is looked through. `vectors` opens the store; `has_vectors` is False where there are none to open."""

    repository: Repository
    folder: Path
    data: Path
    vectors: Callable[[], VectorStore]
    has_vectors: bool
    progress: Progress = lambda *_: None


@use_case(Act.MANAGE)
def deep_checks(deep: Deep) -> list[Check]:
    """All of them, those on which the others rest first. Raises nothing that a person can mend."""
    first = [_looked("pages", _pages, deep), _looked("tables", _tables, deep)]
    looks: Sequence[tuple[str, Callable[[Deep], Check]]] = (
        ("sealed values", _sealed),
        ("items", _items),
        ("references", _references),
        ("spans", _spans),
        ("vectors and rows", _vectors),
        ("keys", _keys),
        ("unfinished", _unfinished),
        ("backups", _backups),
    )
    if first[-1].state is CheckState.WRONG:
        return [*first, *(skipped(name, "not looked at: tables or columns are missing") for name, _ in looks)]
    return [*first, *(_looked(name, look, deep) for name, look in looks)]


def file_checks(database: Path) -> list[Check]:
    """What can be said of a database that does not open: what SQLite finds in its file."""
    return [_of_faults(faults(f"sqlite:///{database}"))] if database.is_file() else []


def _looked(name: str, look: Callable[[Deep], Check], deep: Deep) -> Check:
    try:
        return look(deep)
    except InsightsError as error:
        return wrong(name, error)
    except (ValueError, TypeError, KeyError, OverflowError) as error:  # values that no code of ours wrote
        return _wrong(name, f"what is stored cannot be read: {type(error).__name__}", _RESTORE, _RESTORE_COMMAND)


# -- the database ---------------------------------------------------------------------------------------------------


def _pages(deep: Deep) -> Check:
    if not deep.repository.checking.is_sqlite:
        return skipped("pages", "the database's server looks after its own files")
    deep.progress("checking pages", 0, 0)
    return _of_faults(deep.repository.checking.faults())


def _of_faults(found: Sequence[str]) -> Check:
    if not found:
        return _ok("pages", "pages, indexes and references of the database are whole")
    words = f"the database is damaged: {_first(found)}"
    return _wrong("pages", words, _RESTORE, _RESTORE_COMMAND, faults=len(found))


def _tables(deep: Deep) -> Check:
    found = deep.repository.checking.schema()
    if found:
        return _wrong("tables", _first(found), _RESTORE, _RESTORE_COMMAND, faults=len(found))
    return _ok("tables", "tables and columns are those of this version")


def _sealed(deep: Deep) -> Check:
    found = deep.repository.checking.opened(progress=deep.progress)
    kept, lost = deep.repository.persons.unopened()
    by_column = {one.column: one.opened for one in found if one.opened}
    by_column |= {"pseudonym.sealed": kept} if kept else {}
    opened, closed = sum(by_column.values()), sum(len(one.unopened) for one in found) + len(lost)
    if not closed:
        return _ok("sealed values", f"all {opened:,} open, each in its place", opened=opened, by_column=by_column)
    named = [f"{one.column} row {row}" for one in found for row in one.unopened]
    named += [f"pseudonym {token}" for token in lost]
    return _wrong(
        "sealed values",
        f"{counted(closed, 'value')} of {opened + closed:,} cannot be opened: {_first(named)}",
        f"They were damaged, moved or sealed with another key. {_RESTORE}",
        _RESTORE_COMMAND,
        opened=opened,
        unopened={one.column: len(one.unopened) for one in found if one.unopened}
        | ({"pseudonym.sealed": len(lost)} if lost else {}),
    )


def _items(deep: Deep) -> Check:
    """Kind, date and score of an item are not sealed; a keyed digest is kept of them."""
    deep.progress("comparing items with their digests", 0, 0)
    whole, changed = deep.repository.checking.editions()
    if not changed:
        return _ok("items", f"all {whole:,} are as they were taken in", items=whole)
    words = f"{counted(len(changed), 'item')} with another kind, date or score than was taken in: "
    named = _first([f"row {number}" for number in changed])
    return _wrong("items", words + named, _RESTORE, _RESTORE_COMMAND, changed=len(changed))


def _references(deep: Deep) -> Check:
    deep.progress("following references", 0, 0)
    found = deep.repository.checking.orphans()
    if not found:
        return _ok("references", "every row that names another one finds it")
    words = ", ".join(f"{count:,} of {name}" for name, count in found.items())
    return _wrong("references", f"rows name others that are not there: {words}", _RESTORE, _RESTORE_COMMAND, **found)


def _spans(deep: Deep) -> Check:
    """Mentions and quotes that point beyond the text they are of."""
    waiting: dict[int, list[Spanned]] = defaultdict(list)
    outside: dict[str, int] = defaultdict(int)
    total = 0
    for span in deep.repository.checking.spans():
        total += 1
        waiting[span.feedback_id].append(span)
        if len(waiting) > _ITEMS:
            _count_outside(deep, waiting, outside)
            waiting.clear()
            deep.progress("checking spans", total, 0)
    _count_outside(deep, waiting, outside)
    if not outside:
        return _ok("spans", f"all {total:,} mentions and quotes are within their item's text", spans=total)
    words = " and ".join(counted(count, what) for what, count in outside.items())
    return _wrong("spans", f"{words} outside of the text they are of", _RESTORE, _RESTORE_COMMAND, **outside)


def _count_outside(deep: Deep, spans: dict[int, list[Spanned]], outside: dict[str, int]) -> None:
    items = deep.repository.feedback.get(sorted(spans))
    for number, some in spans.items():
        item = items.get(number)
        length = len(item.redacted if item.redacted is not None else item.text) if item is not None else 0
        for span in some:
            if not 0 <= span.start < span.end <= length:
                outside[span.what] += 1


# -- vectors --------------------------------------------------------------------------------------------------------


def _vectors(deep: Deep) -> Check:
    embedded = deep.repository.checking.embedded()
    if not deep.has_vectors:
        return _no_store(len(embedded))
    holder = holder_of(deep.data / "vectors.lock")
    if holder is not None:
        return skipped("vectors and rows", f"process {holder} uses the vectors")
    try:
        with deep.vectors() as store:
            ids = store.ids()
            broken = _broken(store, sorted(ids), deep.progress)
    except InsightsError as error:
        return wrong("vectors and rows", error)
    missing = len(embedded.keys() - ids)
    strays = len(ids - deep.repository.checking.mention_ids() - set(deep.repository.mentions.gone_vectors()))
    mixed = len(set(embedded.values()))
    found = {"missing": missing, "strays": strays, "broken": broken, "embedders": mixed}
    parts = [f"{counted(missing, 'mention')} without the vector it should have"] if missing else []
    parts += [f"{counted(strays, 'vector')} of no mention"] if strays else []
    parts += [f"{counted(broken, 'vector')} of zeros or no numbers"] if broken else []
    parts += [f"vectors of {mixed} embedders"] if mixed > 1 else []
    if not parts:
        return _ok("vectors and rows", f"{len(ids):,} vectors, each of a mention", vectors=len(ids))
    return _wrong("vectors and rows", "; ".join(parts), "Make all vectors anew.", _REINDEX, **found)


def _no_store(embedded: int) -> Check:
    if not embedded:
        return skipped("vectors and rows", "there are none yet")
    words = f"the vectors of {counted(embedded, 'mention')} are gone"
    return _wrong("vectors and rows", words, "Make them anew.", _REINDEX, missing=embedded)


def _broken(store: VectorStore, ids: Sequence[int], progress: Progress) -> int:
    import numpy as np

    found, page = 0, 5000
    for start in range(0, len(ids), page):
        rows = store.matrix(ids[start : start + page])
        found += int((~np.isfinite(rows).all(axis=1) | (np.abs(rows).sum(axis=1) == 0)).sum())
        progress("reading vectors", min(start + page, len(ids)), len(ids))
    return found


# -- keys, what was begun, backups ----------------------------------------------------------------------------------


def _keys(deep: Deep) -> Check:
    """No value may be left that only a former key opens: that key goes one day."""
    keys = deep.repository.rotation.keys()
    former = sum(one.former for one in deep.repository.checking.opened()) if len(keys.columns) > 1 else 0
    facts = {"fingerprint": keys.fingerprint, "former": former}
    if keys.is_under_way:
        words = f"a rotation of the keys was begun and is not done: {counted(former, 'value')} wait"
        return _note("keys", words, "Go on with it.", "insights keys rotate", **facts)
    if former:
        words = f"only a former key opens {counted(former, 'value')}"
        return _wrong("keys", words, "Seal them anew before that key is deleted.", "insights keys rotate", **facts)
    return _ok("keys", f"key {keys.fingerprint} fits, and everything is sealed with the newest data key", **facts)


def _unfinished(deep: Deep) -> Check:
    left = list(_left_over(deep))
    if not left:
        return _ok("unfinished", "no erasure, restore or backup was cut off")
    _, remedy, command = left[0]
    return _note("unfinished", "; ".join(one for one, _, _ in left), remedy, command, left=len(left))


def _left_over(deep: Deep) -> Iterator[tuple[str, str, str]]:
    """In words, what to do, and the command."""
    if deep.repository.erasures.is_under_way():
        yield "an erasure was cut off", "End it.", "insights privacy erase --resume"
    restoring = deep.data.with_name(f"{deep.data.name}.restoring")
    if restoring.exists():
        yield f"{restoring} is left of a restore that was cut off", "Delete it.", f"rm -r {shlex.quote(str(restoring))}"
    if (deep.data / "backup.tmp").exists() and holder_of(deep.data / "backup.lock") is None:
        yield "a backup was cut off", "The next one clears up what it left.", "insights backup"


def _backups(deep: Deep) -> Check:
    known = deep.repository.backups.all()
    if not known:
        return _note("backups", "none was made yet", "Make one on another disk.", "insights backup --to FOLDER")
    bad = []
    for done, one in enumerate(known, 1):
        if (what := _changed(one)) is not None:
            bad.append(f"{one.place} {what}")
        deep.progress("reading backups", done, len(known))
    if not bad:
        return _ok("backups", f"all {len(known)} are as they were written", backups=len(known))
    remedy = "Attach the disk they were on; where they are lost or damaged, make another one."
    return _wrong("backups", _first(bad), remedy, "insights backup", backups=len(known), wrong=len(bad))


def _changed(one: Backup) -> str | None:
    digest = hashlib.sha256()
    try:
        if Path(one.place).exists() and not Path(one.place).is_file():
            return "is no file"
        with Path(one.place).open("rb") as file:
            while content := file.read(_BLOCK):
                digest.update(content)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None if digest.hexdigest() == one.digest else "is not as it was written"


# -- in words -------------------------------------------------------------------------------------------------------


def _first(found: Sequence[str]) -> str:
    more = f" and {len(found) - _MOST_NAMED:,} more" if len(found) > _MOST_NAMED else ""
    return "; ".join(found[:_MOST_NAMED]) + more


def _ok(name: str, words: str, **facts: object) -> Check:
    return Check(name=name, state=CheckState.OK, words=words, facts=facts)


def _note(name: str, words: str, remedy: str, command: str, **facts: object) -> Check:
    return Check(name=name, state=CheckState.NOTE, words=words, remedy=remedy, command=command, facts=facts)


def _wrong(name: str, words: str, remedy: str, command: str, **facts: object) -> Check:
    return Check(name=name, state=CheckState.WRONG, words=words, remedy=remedy, command=command, facts=facts)
