"""Whether sources could be read, and whether one fell silent."""

import shlex
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from insights.config import FileSettings, SourceSettings
from insights.domain.access import Act, use_case
from insights.domain.figures import counted
from insights.domain.freshness import Freshness, day_of, freshness
from insights.domain.health import Check, CheckState
from insights.health.standing import Standing, ago, days
from insights.storage.runs import Delivered, SourceState
from insights.text.clean import one_line

_TODAY = timedelta(days=1)
_MAY_IT_READ = "It was read since: see as whom, and that this login may still read everything."
_LEFT = (
    "The settings name it no longer; what came of it is kept. If it was renamed, give it its old name back: under a "
    "new one all of it comes once more."
)
_PLURAL = {"nps": "NPS answers"}


@use_case(Act.LOOK)
def source_checks(standing: Standing) -> list[Check]:
    """One for each source: those that the settings name in their order, then those that were imported."""
    delivered = standing.delivered
    states = {state.source: state for state in standing.repository.sources.all()}
    configured = {source.name: source for source in standing.settings.sources}
    imported = sorted({*delivered, *(name for name, state in states.items() if state.read_at)} - set(configured))
    found = [
        _Source(name, configured.get(name), states.get(name), delivered.get(name), standing).check()
        for name in [*configured, *imported]
    ]
    return found or [
        Check(
            name="sources",
            state=CheckState.NOTE,
            words="No feedback was brought in yet.",
            remedy="Import some, or name what to read under [[sources]] in insights.toml.",
            command="insights import FILE --kind ticket",
        )
    ]


@use_case(Act.LOOK)
def source_troubles(standing: Standing) -> list[str]:
    """A sentence for each source of the settings that could not be read or fell silent, with the command that mends it
    or tells more: who looks at problems must know what they do not rest on. What was imported by hand may rest."""
    told = (trouble_of(check) for check in source_checks(standing) if check.facts.get("is_configured"))
    return [words for words in told if words]


def trouble_of(check: Check) -> str:
    """The same of one source; empty where nothing is wrong with it."""
    name, why = check.facts["source"], check.facts["error"] or check.remedy
    if check.state is CheckState.WRONG:
        return f"{name} could not be read: {one_line(str(why), 200)} Mend it: {check.command}"
    if check.facts["is_stale"]:
        return f"Nothing came from {name} for {counted(check.facts['silent_days'], 'day')}. See: insights sources"
    return ""


@dataclass(frozen=True, slots=True)
class _Source:
    """A source: what the settings say of it, how far it was read, and what is kept of it; None where nothing is."""

    name: str
    settings: SourceSettings | None
    state: SourceState | None
    delivered: Delivered | None
    standing: Standing

    def check(self) -> Check:
        fresh = freshness(self.delivered.days if self.delivered else (), today=day_of(self.standing.now.date()))
        state, remedy = self._judged(fresh)
        return Check(
            name="source",
            state=state,
            words=f"{self.name}: {self._told(fresh)}",
            remedy=remedy,
            command="" if state is CheckState.OK else self._command(),
            needs_login=self.state is not None and self.state.needs_login,
            facts=self._facts(fresh),
        )

    def _judged(self, fresh: Freshness | None) -> tuple[CheckState, str]:
        """The first thing that is not as it should be, and what it means."""
        if self._is_left:
            return CheckState.NOTE, _LEFT
        if self._file is not None and not self._file.exists():
            where = f"Its file is not there: {self._file}."
            return CheckState.WRONG, f"{where} Put it back, or correct path in insights.toml."
        if self.state is not None and self.state.error:
            since = f" ({ago(self.standing.now - self.state.failed_at)})" if self.state.failed_at else ""
            remedy = f" {self.state.remedy}" if self.state.remedy else ""
            return CheckState.WRONG, f"It could not be read the last time{since}: {self.state.error}{remedy}"
        if self._read_at is None and self.settings is not None:
            return CheckState.NOTE, "It was not read to its end yet." if self.delivered else "It was not read yet."
        if self._has_changed():
            return CheckState.NOTE, "Its file changed since it was read."
        if fresh is not None and fresh.is_stale:
            silence = f"Nothing came for {counted(fresh.silent_days, 'day')}."
            told = f"{silence} This is told from {fresh.stale_from} days on: {fresh.why}."
            return CheckState.NOTE, f"{told} {_MAY_IT_READ}" if self._is_silent_though_read() else told
        return CheckState.OK, ""

    def _is_silent_though_read(self) -> bool:
        """A service that was read well today: to read it again would bring no more."""
        is_service = self.settings is not None and self._file is None
        is_well = self.state is not None and not self.state.error
        return is_service and is_well and self._read_at is not None and self.standing.now - self._read_at < _TODAY

    def _told(self, fresh: Freshness | None) -> str:
        """747 tickets, newest 2026-11-22 (4 d), read 6 h ago, where that is known."""
        kept = "nothing kept" if self.delivered is None else _rows(self.delivered)
        newest = "" if fresh is None else f", newest {fresh.newest:%Y-%m-%d} ({days(fresh.silent_days)})"
        read = f", read {ago(self.standing.now - self._read_at)}" if self._read_at else ""
        return f"{kept}{newest}{read}"

    @property
    def _file(self) -> Path | None:
        """None of a service, and of what no setting names."""
        settings = self.settings
        return self.standing.folder / settings.path if isinstance(settings, FileSettings) else None

    @property
    def _read_at(self) -> datetime | None:
        return self.state.read_at if self.state else None

    def _has_changed(self) -> bool:
        """Whether a configured file is another than the one that was read. One that was only touched before it was read
        the last time was found to be the same."""
        known = self.state.state if self.state else {}
        if self._file is None or self._read_at is None or "mtime" not in known:
            return False
        found = self._file.stat()
        is_touched = found.st_mtime_ns != known["mtime"] and found.st_mtime > self._read_at.timestamp()
        return is_touched or found.st_size != known.get("size")

    @property
    def _is_left(self) -> bool:
        """A service that the settings name no longer: only services log in or are looked through for deletions."""
        state = self.state
        return self.settings is None and state is not None and (state.needs_login or state.swept_at is not None)

    def _command(self) -> str:
        if self._is_left:
            return ""
        if self.state is not None and self.state.needs_login:
            return f"insights auth {shlex.quote(self.name)}"
        if self._is_silent_though_read():
            return f"insights auth {shlex.quote(self.name)} --status"
        if self.settings is not None:
            return f"insights pull {shlex.quote(self.name)}"
        kind = self.delivered.kind if self.delivered else "ticket"
        return f"insights import FILE --kind {kind} --source {shlex.quote(self.name)}"

    def _facts(self, fresh: Freshness | None) -> dict[str, object]:
        return {
            "source": self.name,
            "is_configured": self.settings is not None,
            "kind": self.delivered.kind if self.delivered else None,
            "rows": self.delivered.rows if self.delivered else 0,
            "newest": fresh.newest if fresh else None,
            "silent_days": fresh.silent_days if fresh else None,
            "is_stale": fresh is not None and fresh.is_stale and not self._is_left,
            "stale_from_days": fresh.stale_from if fresh else None,
            "read_at": self._read_at,
            "error": self.state.error if self.state else None,
            "failed_at": self.state.failed_at if self.state else None,
            "swept_at": self.state.swept_at if self.state else None,
        }


def _rows(delivered: Delivered) -> str:
    name = _PLURAL.get(delivered.kind)
    return f"{delivered.rows:,} {name}" if name else counted(delivered.rows, delivered.kind)
