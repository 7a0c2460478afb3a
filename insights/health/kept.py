"""Database, disk, key, last run and backup."""

import shlex
import shutil
from datetime import datetime
from pathlib import Path

from insights.domain.access import Act, use_case
from insights.domain.figures import counted
from insights.domain.health import Check, CheckState
from insights.domain.run import Run, RunStatus, was_interrupted
from insights.health.standing import Standing, ago, is_sqlite, size_in_words
from insights.storage.keys import place_of_key
from insights.storage.lock import holder_of

RUN_LOCK = "run.lock"
_LEAST_FREE, _LITTLE_FREE = 100_000_000, 1_000_000_000
"""Bytes. A hundred thousand mentions take about 200 MB with their vectors."""
_OLD_DAYS = 7


@use_case(Act.LOOK)
def database_check(standing: Standing) -> Check:
    """That it answers, and how much is in it. Raises InsightsError where it does not."""
    kind = "SQLite" if is_sqlite(standing.settings) else "a server"
    words = f"{kind}, opened with its key; {counted(standing.items, 'item')}"
    return Check(name="database", state=CheckState.OK, words=words, facts={"items": standing.items})


def disk_check(data: Path) -> Check:
    """Whether there is room for what a run writes."""
    free = shutil.disk_usage(data if data.exists() else data.parent).free
    state = CheckState.WRONG if free < _LEAST_FREE else CheckState.NOTE if free < _LITTLE_FREE else CheckState.OK
    is_well = state is CheckState.OK
    return Check(
        name="disk",
        state=state,
        words=f"{size_in_words(free)} free",
        remedy="" if is_well else "Free some space: a run that finds none ends half-way.",
        command="" if is_well else f"du -h {shlex.quote(str(data))}",
        facts={"bytes_free": free},
    )


def run_check(standing: Standing) -> Check:
    """What became of the last run, and whether something waits for the next one."""
    runs = standing.repository.runs.recent(1)
    waiting = standing.items - standing.repository.feedback.count_protected()
    if not runs:
        state = CheckState.NOTE if waiting else CheckState.SKIPPED
        return Check(name="last run", state=state, words="There was none yet.", command="insights analyze")
    run = runs[0]
    state, words, remedy = _run_in_words(run, holder=holder_of(standing.data / RUN_LOCK), now=standing.now)
    if state is CheckState.OK and waiting and run.status is RunStatus.DONE:
        state, remedy = CheckState.NOTE, f"{counted(waiting, 'item')} came since, and is in no problem yet."
    return Check(
        name="last run",
        state=state,
        words=words,
        remedy=remedy,
        command="" if state is CheckState.OK else "insights analyze",
        facts={"run": run.id, "status": run.status, "stage": run.stage, "spend_usd": run.spend_usd, "waiting": waiting},
    )


def _run_in_words(run: Run, *, holder: int | None, now: datetime) -> tuple[CheckState, str, str]:
    """State, words and what to do."""
    cost = f"${run.spend_usd:.2f}"
    if run.status is RunStatus.DONE:
        ended = run.finished_at or run.started_at
        words = f"Run {run.id} was done {ended:%Y-%m-%d %H:%M} UTC, {ago(now - ended)}; {cost}"
        return (CheckState.NOTE, words, run.failures[0]) if run.failures else (CheckState.OK, words, "")
    begun = f"begun {run.started_at:%Y-%m-%d %H:%M} UTC; {cost}"
    if run.status is RunStatus.RUNNING and holder is not None:
        return CheckState.OK, f"Run {run.id} is at {run.stage}, process {holder}, {begun}", ""
    goes_on = "What was done is kept; another run goes on where it was."
    if run.status is RunStatus.RUNNING:
        return CheckState.WRONG, f"Run {run.id} was killed at {run.stage}, {begun}", goes_on
    words = f"Run {run.id} was stopped at {run.stage}, {begun}"
    if was_interrupted(run) or not run.failures:
        return CheckState.NOTE, words, goes_on
    return CheckState.WRONG, words, f"{run.failures[-1]} {goes_on}"


def key_check(standing: Standing) -> Check:
    """Where the key of the workspace is: what is stored cannot be read without it."""
    place = _place_ofkey_check(standing)
    if place is None:
        return Check(
            name="key",
            state=CheckState.WRONG,
            words=f"the file {standing.data / 'id'}, which names the key, is gone",
            remedy="Put it back from a copy of the workspace: the next command cannot find the key without it.",
        )
    words = f"in {place}; without it the stored text is lost"
    return Check(name="key", state=CheckState.OK, words=words, facts={"place": str(place)})


def _place_ofkey_check(standing: Standing) -> str | Path | None:
    """None where what names the key cannot be read."""
    try:
        named = (standing.data / "id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return place_of_key(named, command=standing.settings.keys.command)


def backup_check(standing: Standing) -> Check:
    """How old the newest backup is that was restored on trial, and whether one lost disk would take both."""
    proved = [one for one in standing.repository.backups.all() if one.checked_at is not None]
    there = [one for one in proved if Path(one.place).exists()]
    command = "insights backup" if standing.settings.backups.folder else "insights backup --to FOLDER"
    if not there:
        what = "None was made yet." if not proved else "None of those that were made is where it was."
        remedy = "Make one, on another disk, and keep the key apart from it. It is proved by restoring it."
        state = CheckState.NOTE if standing.items or proved else CheckState.SKIPPED
        return Check(name="backup", state=state, words=what, remedy=remedy, command=command, facts={"backups": 0})
    newest = there[-1]
    days = (standing.now - newest.made_at).days
    is_apart = _is_on_another_disk(Path(newest.place), standing.data)
    words = f"The newest was made {ago(standing.now - newest.made_at)} and restored on trial; {len(there):,} are there"
    notes = [f"It is more than {_OLD_DAYS} days old: make one."] if days > _OLD_DAYS else []
    notes += [] if is_apart else ["It is on the same disk as the workspace: one disk lost takes both."]
    return Check(
        name="backup",
        state=CheckState.NOTE if days > _OLD_DAYS else CheckState.OK,
        words=words,
        remedy=" ".join(notes),
        command=command if days > _OLD_DAYS else "",
        facts={"backups": len(there), "newest": newest.made_at, "days": days, "other_disk": is_apart},
    )


def _is_on_another_disk(backup: Path, data: Path) -> bool:
    try:
        return backup.stat().st_dev != data.stat().st_dev
    except OSError:
        return False
