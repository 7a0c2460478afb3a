"""How a workspace stands, by what is known here: sources and their freshness, the last run, key, backup, disk, models.

Quick: no server is asked, no model loaded, no keyring unlocked. What only an attempt can tell is for `insights.doctor`.
"""

import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from insights.config import DigestSettings, FileSettings, Language, Settings, SourceSettings
from insights.domain.figures import counted
from insights.domain.freshness import Freshness, day_of, freshness
from insights.domain.health import Check, CheckState, wrong
from insights.domain.run import Run, RunStatus, was_interrupted
from insights.embedding.credentials import OPENAI, is_loopback, key_remedy, key_variable, server_name, why_no_keyring
from insights.errors import InsightsError
from insights.language.models import Model, large_model, small_model
from insights.storage.calls import month_of
from insights.storage.deliveries import UNNAMED, Delivery, DeliveryStatus
from insights.storage.keys import place_of_key
from insights.storage.lock import holder_of
from insights.storage.repository import Repository
from insights.storage.runs import Delivered, SourceState
from insights.text.clean import one_line

RUN_LOCK = "run.lock"
_TODAY = timedelta(days=1)
_MAY_IT_READ = "It was read since: see as whom, and that this login may still read everything."
_LEFT = (
    "The settings name it no longer; what came of it is kept. If it was renamed, give it its old name back: under a "
    "new one all of it comes once more."
)
_LEAST_FREE, _LITTLE_FREE = 100_000_000, 1_000_000_000
"""Bytes. A hundred thousand mentions take about 200 MB with their vectors."""
_PLURAL = {"nps": "NPS answers"}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the quick checks look at. `data` is the workspace's folder of data."""

    repository: Repository
    settings: Settings
    folder: Path
    data: Path
    now: datetime

    @cached_property
    def delivered(self) -> Mapping[str, Delivered]:
        """What is kept of each source."""
        return self.repository.sources.delivered()

    @property
    def items(self) -> int:
        """All feedback that is kept."""
        return sum(one.rows for one in self.delivered.values() if one.days)


def known_checks(standing: Standing) -> list[Check]:
    """All quick checks, those on which the others rest first. Raises nothing that a person can mend."""
    try:
        return [
            database_check(standing),
            *kept_checks(standing),
            disk_check(standing.data),
            *_models(standing),
        ]
    except InsightsError as error:
        return [wrong("database", error), disk_check(standing.data)]


def kept_checks(standing: Standing) -> list[Check]:
    """Key, sources, last run and backup: what the database and the folder tell. Raises InsightsError where the database
    does not answer."""
    return [
        _key(standing),
        *source_checks(standing),
        run_check(standing),
        *digest_checks(standing),
        _backup(standing),
    ]


def database_check(standing: Standing) -> Check:
    """That it answers, and how much is in it. Raises InsightsError where it does not."""
    kind = "SQLite" if _is_sqlite(standing.settings) else "a server"
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
        words=f"{_size(free)} free",
        remedy="" if is_well else "Free some space: a run that finds none ends half-way.",
        command="" if is_well else f"du -h {shlex.quote(str(data))}",
        facts={"bytes_free": free},
    )


# -- sources ------------------------------------------------------------------------------------------------------


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
            since = f" ({_ago(self.standing.now - self.state.failed_at)})" if self.state.failed_at else ""
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
        newest = "" if fresh is None else f", newest {fresh.newest:%Y-%m-%d} ({_days(fresh.silent_days)})"
        read = f", read {_ago(self.standing.now - self._read_at)}" if self._read_at else ""
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


# -- runs, key, backup --------------------------------------------------------------------------------------------


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
        words = f"Run {run.id} was done {ended:%Y-%m-%d %H:%M} UTC, {_ago(now - ended)}; {cost}"
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


def digest_checks(standing: Standing) -> Iterator[Check]:
    """One for each digest that the settings name, or for that which is made where they name none: when it was sent
    last, and what keeps one from being sent. Where nothing says that the night is wanted, nothing is told."""
    kept = standing.repository.deliveries
    waiting = kept.waiting()
    for settings in standing.settings.digests or [DigestSettings(name=UNNAMED)] * bool(kept.last(UNNAMED)):
        newest = kept.last(settings.name)
        failing = next((one for one in waiting if one.digest == settings.name and one.error), None)
        if newest and newest.status is DeliveryStatus.DROPPED:
            failing = newest
        sent = kept.last(settings.name, among=[DeliveryStatus.SENT])
        yield _misdirected(settings, standing) or _digest_check(settings.name, newest, sent, failing, standing.now)


def _misdirected(settings: DigestSettings, standing: Standing) -> Check | None:
    """Where it goes nowhere, or would never tell anything."""
    from insights.connecting import Credentials, find_sender

    kept, name = standing.repository, settings.name
    try:
        logins = Credentials(kept.credentials)
        find_sender(settings.channel, settings=standing.settings, folder=standing.folder, credentials=logins)
    except InsightsError as error:
        return replace(wrong("digest", error), words=f"{name}: {error.message}")
    theme, segment = settings.theme.strip().casefold(), settings.segment.strip().casefold()
    themes = {known for one in kept.themes.all() for known in (one.name.casefold(), str(one.id))}
    what = f"theme is called {settings.theme!r}" if theme and theme not in themes else ""
    if segment and segment not in {(one.segment or "").strip().casefold() for one in kept.customers.accounts()}:
        what = f"account is of the segment {settings.segment!r}"
    if not what:
        return None
    remedy = "It tells nothing until there is one: correct its [[digests]] block, if it is written wrongly."
    return Check(name="digest", state=CheckState.NOTE, words=f"{name}: no {what}", remedy=remedy)


def _digest_check(
    name: str, newest: Delivery | None, sent: Delivery | None, failing: Delivery | None, now: datetime
) -> Check:
    words = f"{name}: sent {_ago(now - sent.sent_at)}" if sent and sent.sent_at else f"{name}: not sent yet"
    if newest and newest.status is DeliveryStatus.QUIET:
        words += f"; nothing to tell on {newest.period}"
    facts = {"digest": name, "sent_at": sent.sent_at if sent else None, "error": failing.error if failing else None}
    if failing is None:
        state, command = (CheckState.OK, "") if newest else (CheckState.SKIPPED, "insights nightly")
        return Check(name="digest", state=state, words=words, command=command, facts=facts)
    remedy = f"That of {failing.period} could not be sent: {failing.error} {failing.remedy or ''}".strip()
    return Check(
        name="digest", state=CheckState.WRONG, words=words, remedy=remedy, command="insights nightly", facts=facts
    )


def _key(standing: Standing) -> Check:
    """Where the key of the workspace is: what is stored cannot be read without it."""
    place = _place_of_key(standing)
    if place is None:
        return Check(
            name="key",
            state=CheckState.WRONG,
            words=f"the file {standing.data / 'id'}, which names the key, is gone",
            remedy="Put it back from a copy of the workspace: the next command cannot find the key without it.",
        )
    words = f"in {place}; without it the stored text is lost"
    return Check(name="key", state=CheckState.OK, words=words, facts={"place": str(place)})


def _place_of_key(standing: Standing) -> str | Path | None:
    """None where what names the key cannot be read."""
    try:
        named = (standing.data / "id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return place_of_key(named)


def _backup(standing: Standing) -> Check:
    """No backup is made or recorded by this program: say so, and how to make one."""
    data, place = standing.data, _place_of_key(standing)
    settings = standing.folder / "insights.toml"
    size = sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
    copied = " ".join(shlex.quote(str(path)) for path in (data, settings))
    if _is_sqlite(standing.settings):
        what = f"{_size(size)}, while no insights command runs"
    else:
        what = f"{_size(size)}, while no insights command runs, and the database with its server's own program"
    key = f"cp -p {shlex.quote(str(place))} OTHER-PLACE/" if isinstance(place, Path) else ""
    where = f", which is in {place}," if place else ""
    secret = "the key apart from it" if key else f"and keep the key{where} apart from it"
    return Check(
        name="backup",
        state=CheckState.SKIPPED,
        words="None is known: insights makes none and keeps no record of any.",
        remedy=f"Copy the workspace ({what}), {secret}.",
        command=" && ".join(filter(None, [f"cp -a {copied} BACKUP/", key])),
        facts={"bytes": size},
    )


# -- models -------------------------------------------------------------------------------------------------------


def _models(standing: Standing) -> Iterator[Check]:
    """Embedder and language models, and whether their keys are at hand; none of them is asked."""
    embedding, language = standing.settings.embedding, standing.settings.language
    if embedding.embedder.startswith(f"{OPENAI}:"):
        where = f"{embedding.embedder} at {server_name(embedding.base_url)}"
        yield _at_hand("embedder", where, provider=OPENAI, base_url=embedding.base_url)
    else:
        yield _local_embedder(embedding.embedder, standing.folder)
    spent = standing.repository.calls.spent_usd(since=month_of(standing.now)) if language.model.strip() else 0.0
    limit = language.max_usd_month
    yield from model_checks(language, lambda name, model: _model(name, model, spent=spent, of_month=limit))


def model_checks(language: Language, check: Callable[[str, Model], Check]) -> Iterator[Check]:
    """Each model that the settings name, by `check`; or that none is named, or one that there cannot be."""
    try:
        models = {"model": small_model(language), "large model": large_model(language)}
    except InsightsError as error:
        yield wrong("model", error)
        return
    if models["model"] is None:
        yield Check(name="model", state=CheckState.OK, words="none is set: words are made offline")
    for name, model in models.items():
        if model is not None:
            yield check(name, model)


def _local_embedder(embedder: str, folder: Path) -> Check:
    kind, _, place = embedder.partition(":")
    weights = folder / place / "model.onnx"
    if kind != "onnx" or weights.exists():
        return Check(name="embedder", state=CheckState.OK, words=f"{embedder}, on this machine")
    return Check(
        name="embedder",
        state=CheckState.WRONG,
        words=f"{embedder}: there is no {weights}",
        remedy="Put the weights there, or correct embedding.embedder in insights.toml.",
        command="insights doctor",
    )


def _model(name: str, model: Model, *, spent: float, of_month: float) -> Check:
    where = (
        f"{model.name} at {server_name(model.base_url) if model.base_url or model.speaks_openai else model.provider}"
    )
    money = f"${spent:.2f} of ${of_month:.2f} spent this month"
    check = _at_hand(name, f"{where}; {money}", provider=model.provider, base_url=model.base_url)
    if check.state is CheckState.WRONG or spent < of_month:
        return check
    remedy = "The month's money is spent: words are made offline. Raise language.max_usd_month in insights.toml."
    return Check(name=name, state=CheckState.NOTE, words=check.words, remedy=remedy, facts=check.facts)


def _at_hand(name: str, words: str, *, provider: str, base_url: str) -> Check:
    """Whether there is a key for a server, as far as that can be told without asking the keyring."""
    place = key_variable(provider)
    facts: Mapping[str, object] = {"provider": provider, "key": place}
    if place is not None or is_loopback(base_url):
        told = f"; its key is in {place}" if place else "; it needs no key"
        return Check(name=name, state=CheckState.OK, words=f"{words}{told}", facts=facts)
    if not why_no_keyring():
        return Check(name=name, state=CheckState.SKIPPED, words=f"{words}; its key may be in the keyring", facts=facts)
    return Check(
        name=name,
        state=CheckState.WRONG,
        words=f"{words}; there is no key for it",
        remedy=key_remedy(provider),
        command=f"insights auth {provider}",
        needs_login=True,
        facts=facts,
    )


# -- words --------------------------------------------------------------------------------------------------------


def _is_sqlite(settings: Settings) -> bool:
    url = settings.storage.database_url
    return not url or url.startswith("sqlite")


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


def _days(days: int) -> str:
    return "today" if days == 0 else f"{days:,} d"


def _ago(since: timedelta) -> str:
    """5 min ago, 6 h ago, 12 d ago."""
    minutes = max(int(since.total_seconds() // 60), 0)
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // (24 * 60):,} d ago"
