"""Change the keys of a workspace: what everything is sealed with, and the key that wraps it, while it is in use.

Each step is one transaction or safe to repeat, so that one that was stopped goes on when it is run again.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from insights.domain.access import Act, use_case
from insights.errors import ExitCode, InsightsError
from insights.ports import Progress
from insights.storage.encryption import fingerprint_of
from insights.storage.keys import KeyHolder
from insights.storage.repository import Repository
from insights.storage.rotation import Keys, Resealed

NEW_KEY = "INSIGHTS_NEW_KEY"


@dataclass(frozen=True, kw_only=True)
class KeyBench:
    """What changing the keys needs of a workspace. `lock` keeps others from changing them at the same time; the former
    data key is kept for `grace` after nothing in the database has it any more."""

    repository: Repository
    holder: KeyHolder
    lock: Callable[[], AbstractContextManager[object]]
    grace: timedelta
    now: Callable[[], datetime]
    """The real clock: a replay must not bring the deletion of a key forward."""
    progress: Progress = lambda *_: None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """Where the keys are. `waiting` values still have a former data key; `next_end` is when the former one may go."""

    place: str
    keys: Keys
    waiting: int
    next_end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What became of it. `key` is the number of the data key that seals now; `is_wrapped_anew` whether the workspace's
    own key was changed; `kept_until` when the former data key may be deleted, None where none is kept."""

    key: int
    resealed: Resealed
    deleted: int
    is_wrapped_anew: bool
    kept_until: datetime | None


@use_case(Act.MANAGE)
def key_state(bench: KeyBench) -> KeyState:
    """Look at the keys; where there are several data keys, at every value."""
    keys = bench.repository.rotation.keys()
    waiting = bench.repository.rotation.waiting() if len(keys.columns) > 1 else 0
    return KeyState(place=str(bench.holder.place), keys=keys, waiting=waiting, next_end=_end(bench, keys))


@use_case(Act.MANAGE)
def rotate(bench: KeyBench, *, at_once: bool = False) -> Rotated:
    """Take a new data key, and a new key of the workspace where it is kept here; seal everything anew. The former data
    key is deleted by `finish`; `at_once`, now, with former keys of the workspace: where no other program runs. One that
    was stopped goes on. Raises InsightsError."""
    with bench.lock():
        settle(bench)
        begun = bench.repository.rotation.keys()
        resealed = _reseal(bench) if begun.is_under_way else Resealed()
        if at_once or not begun.is_under_way:  # one that was begun before has keys that may be known, too
            _begin(bench)
            resealed = _reseal(bench)
        deleted = _finish(bench, at_once=True) if at_once else 0
        if at_once:
            _forget_former(bench)
        return _told(bench, resealed, deleted=deleted, before=begun.fingerprint)


@use_case(Act.MANAGE)
def finish(bench: KeyBench) -> Rotated:
    """Go on with a rotation that was stopped, and delete former data keys whose time is over; others stay."""
    with bench.lock():
        settle(bench)
        keys = bench.repository.rotation.keys()
        resealed = _reseal(bench) if keys.is_under_way else Resealed()
        deleted = _finish(bench)
        return _told(bench, resealed, deleted=deleted, before=keys.fingerprint)


def finish_due(bench: KeyBench) -> int:
    """Delete former data keys whose time is over; how many. No act of somebody's: it was allowed when it began."""
    if not bench.repository.rotation.due(bench.now(), bench.grace):
        return 0
    with bench.lock():
        return _finish(bench)


@use_case(Act.MANAGE)
def rewrap(bench: KeyBench, key: bytes) -> str:
    """Wrap the data keys by another key of the workspace, which is kept elsewhere; its fingerprint. Raises
    InsightsError where it is the present one."""
    with bench.lock():
        if fingerprint_of(key) == bench.repository.rotation.keys().fingerprint:
            raise InsightsError(
                f"The key in {NEW_KEY} is the one that the workspace has already.",
                remedy=f"Put another one into {NEW_KEY}.",
                exit_code=ExitCode.USAGE,
            )
        with bench.repository.rotation.alone() as connection:
            bench.repository.rotation.rewrap(connection, key)
            bench.repository.audit.record("keys.rewrap", fingerprint_of(key), connection=connection)
    return fingerprint_of(key)


def settle(bench: KeyBench) -> None:
    """Bring the keys that are kept here in line with the database: the next key takes its place where the database is
    wrapped by it already, and a database from a backup, which a former key fits, is wrapped by the present one."""
    holder, rotation = bench.holder, bench.repository.rotation
    if not holder.is_kept_here:
        return
    fits = rotation.keys().fingerprint
    if holder.promote(fits):
        return
    present = holder.find()
    if fingerprint_of(present) != fits:
        with rotation.alone() as connection:
            rotation.rewrap(connection, present)


def _begin(bench: KeyBench) -> None:
    """The new keys in one transaction: from its end on, whoever writes uses them."""
    rotation = bench.repository.rotation
    key = bench.holder.keep_next() if bench.holder.is_kept_here else None
    with rotation.alone() as connection:
        if key is not None:
            rotation.rewrap(connection, key)
        number = rotation.begin(connection, bench.now())
        bench.repository.audit.record("keys.rotate", f"data-key-{number}", connection=connection)
    if key is not None:
        bench.holder.promote(fingerprint_of(key))


def _reseal(bench: KeyBench) -> Resealed:
    rotation = bench.repository.rotation
    done = rotation.reseal(progress=bench.progress)
    with rotation.alone() as connection:
        rotation.retire(connection, bench.now())
    return done


def _finish(bench: KeyBench, *, at_once: bool = False) -> int:
    rotation = bench.repository.rotation
    due = rotation.due(bench.now(), timedelta(0) if at_once else bench.grace)
    if not due:
        return 0
    left = rotation.reseal(progress=bench.progress)
    with rotation.alone() as connection:
        rotation.delete(connection, due)
        facts = {"deleted": len(due), "resealed": left.values, "unreadable": left.unreadable}
        bench.repository.audit.record("keys.finish", facts=facts, connection=connection)
    rotation.overwrite()
    return len(due)


def _forget_former(bench: KeyBench) -> None:
    if bench.holder.is_kept_here:
        bench.holder.forget(bench.repository.rotation.keys().former)
    bench.repository.rotation.forget_former()


def _told(bench: KeyBench, resealed: Resealed, *, deleted: int, before: str) -> Rotated:
    keys = bench.repository.rotation.keys()
    return Rotated(
        key=keys.columns[0].id,
        resealed=resealed,
        deleted=deleted,
        is_wrapped_anew=keys.fingerprint != before,
        kept_until=_end(bench, keys),
    )


def _end(bench: KeyBench, keys: Keys) -> datetime | None:
    """When the next of the former data keys may go."""
    return min((key.retired_at + bench.grace for key in keys.retired if key.retired_at), default=None)
