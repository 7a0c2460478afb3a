"""The audit log as its readers see it: list it, anchor its head outside the database, verify it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from insights.domain.access import Act, use_case
from insights.domain.audit import NO_HEAD, Entry, Head, Verdict, head_of
from insights.errors import ExitCode, InsightsError
from insights.storage.anchors import read_anchor
from insights.storage.repository import Repository


@use_case(Act.AUDIT)
def log(
    repository: Repository,
    *,
    since: datetime | None = None,
    who: str = "",
    action: str = "",
    subject: str = "",
    limit: int = 50,
) -> list[Entry]:
    """The newest entries first. Raises InsightsError where one cannot be read."""
    return repository.audit.newest(since=since, who=who, action=action, subject=subject, limit=limit)


@use_case(Act.AUDIT)
def head(repository: Repository) -> Head:
    """The newest entry's number and seal, to be kept where nobody changes it."""
    return repository.audit.head()


@use_case(Act.AUDIT)
def verify(repository: Repository, *, given: str = "") -> Verdict:
    """Whether the log is the one that was written, by its seals and by every anchor there is: the files that are kept,
    and `given`, a file or NUMBER:MAC. Where it is, the files are brought up to its head. Raises InsightsError where
    `given` is neither."""
    # Read before the log is: a head that is anchored meanwhile is not yet in what was read of it.
    kept = repository.audit.anchored()
    anchors: dict[str, Head] = {f"the anchor {path}": one for path, one in kept.items() if one is not None}
    if given:
        anchors[f"the anchor {given}" if head_of(given) is None else "the head that was given"] = _given(given)
    verdict = repository.audit.verify(anchors)
    notes = [*verdict.notes, *_notes(kept, anchors)]
    if verdict.is_whole and verdict.head != NO_HEAD:
        repository.audit.anchor(verdict.head)
    return replace(verdict, notes=tuple(notes))


@use_case(Act.AUDIT, Act.MANAGE)
def anchor_anew(repository: Repository) -> Head:
    """Take the log as it is for the right one, as after a backup was restored; it says so itself. Raises InsightsError
    where its seals do not hold, or an anchor cannot be written."""
    verdict = repository.audit.verify()
    if not verdict.is_whole:
        raise InsightsError(
            f"The log was changed: {verdict.troubles[0].words}",
            remedy="An anchor would not mend that. Restore a backup in which it is whole: insights audit verify",
        )
    try:
        return repository.audit.anchor_anew()
    except OSError as error:
        raise InsightsError(
            f"The anchor cannot be written: {error.strerror or type(error).__name__}.",
            remedy="Check the folder of keys, and anchor under [audit] in insights.toml.",
        ) from error


def _given(text: str) -> Head:
    found = head_of(text) or read_anchor(Path(text).expanduser())
    if found is None:
        raise InsightsError(
            f"{text} is no anchor: no file that holds one, and no NUMBER:MAC.",
            remedy="Give what `insights audit head` printed.",
            exit_code=ExitCode.USAGE,
        )
    return found


def _notes(kept: Mapping[Path, Head | None], anchors: Mapping[str, Head]) -> list[str]:
    notes = [
        f"{path} {'holds no head: it was damaged' if path.exists() else 'is not there'}; it is written anew."
        for path, one in kept.items()
        if one is None
    ]
    if not anchors:
        notes.append("no anchor was there: an end that was cut off with its count would not be seen.")
    return notes
