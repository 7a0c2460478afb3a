"""See whether a workspace, its embedder and its models work, and say of each what is wrong and what to do.

Each server that the settings name is asked one tiny question. Nothing is mended here, and no customer's word is sent.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from insights.bootstrap import DATA_FOLDER, Workspace, actor_in, open_workspace
from insights.config import SETTINGS_FILE, Language, Roles, Settings, load_settings
from insights.config.actors import holders, unknown_names
from insights.domain.access import Act, Actor, Role
from insights.domain.health import Check, CheckState, skipped, wrong
from insights.embedding.credentials import OPENAI, is_loopback, key_place, key_remedy, server_name
from insights.errors import ExitCode, InsightsError
from insights.health import database_check, disk_check, kept_checks, model_checks
from insights.language.doctor import Pinged, ping
from insights.language.models import Model, large_model, small_model
from insights.language.nearby import FoundKey, LocalServer, found_keys, local_servers
from insights.logins import logged_in_as
from insights.ports import Progress
from insights.storage.damage import damage_in_words
from insights.storage.lock import holder_of
from insights.storage.vectors import VECTORS_BY
from insights.text.clean import one_line

_OLD_MONTHS = 12
_NOT_ASKED = "not asked (--offline)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """All checks in their order, and what is here though no setting names it."""

    checks: Sequence[Check]
    unused_keys: Sequence[FoundKey]
    unused_servers: Sequence[LocalServer]

    @property
    def wrong(self) -> Sequence[Check]:
        return [check for check in self.checks if check.state is CheckState.WRONG]

    @property
    def exit_code(self) -> ExitCode:
        """4 where nothing but logins is missing, 1 where anything else is wrong."""
        if not self.wrong:
            return ExitCode.OK
        return ExitCode.LOGIN if all(check.needs_login for check in self.wrong) else ExitCode.ERROR


def examine(
    folder: Path,
    *,
    now: datetime,
    offline: bool = False,
    deep: bool = False,
    progress: Progress = lambda *_: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Examined:
    """Look at everything, `deep` at every row of it; `offline` asks no server, on this machine neither, as for whoever
    may ask none. Raises nothing that a person can mend, but Forbidden for somebody without any role."""
    settings, first = _settings(folder)
    checks = [first]
    if settings is not None:
        actor = actor_in(folder, settings)
        offline = offline or not actor.may(Act.ASK)
        checks.append(roles_check(settings.roles, actor))
        examination = _Examination(folder, settings, now, offline, progress, sleep)
        checks += examination.checks() + (examination.deep() if deep else [])
    used = settings or Settings()
    servers = [] if offline else local_servers()
    return Examined(
        checks=checks,
        unused_keys=found_keys(without=_providers(used)),
        unused_servers=[server for server in servers if server.address not in _addresses(used)],
    )


@dataclass(frozen=True, slots=True)
class _Examination:
    """The checks that need settings."""

    folder: Path
    settings: Settings
    now: datetime
    offline: bool
    progress: Progress
    sleep: Callable[[float], None]

    def checks(self) -> list[Check]:
        workspace, database = self._database()
        try:
            return [
                database,
                *self._kept(workspace),
                *self._logins(workspace),
                self._vectors(workspace),
                disk_check(self.folder / DATA_FOLDER),
                self._embedder(workspace),
                *self._models(workspace),
            ]
        finally:
            if workspace is not None:
                workspace.close()

    def deep(self) -> list[Check]:
        """Whether all that is kept is whole."""
        from insights.integrity import Deep, deep_checks, file_checks

        try:
            with damage_in_words():
                workspace = open_workspace(self.folder)
        except InsightsError:
            return file_checks(self.folder / DATA_FOLDER / "insights.db")
        try:
            if not workspace.repository.actor.may(Act.MANAGE):
                return [skipped("integrity", "looking at every row needs the role admin")]
            has_vectors = bool(self.settings.storage.vectors_url) or (workspace.data / "vectors").is_dir()
            given = Deep(
                repository=workspace.repository,
                folder=self.folder,
                data=workspace.data,
                vectors=workspace.vectors,
                has_vectors=has_vectors,
                progress=self.progress,
            )
            return [*deep_checks(given), _audit_check(workspace)]
        finally:
            workspace.close()

    def _database(self) -> tuple[Workspace | None, Check]:
        url = self.settings.storage.database_url
        if self.offline and url and not url.startswith("sqlite"):
            return None, skipped("database", _NOT_ASKED)
        try:
            with damage_in_words():
                workspace = open_workspace(self.folder)
                return workspace, database_check(workspace.standing(self.now))
        except InsightsError as error:
            return None, wrong("database", error)

    def _kept(self, workspace: Workspace | None) -> list[Check]:
        try:
            with damage_in_words():
                return kept_checks(workspace.standing(self.now)) if workspace is not None else []
        except InsightsError as error:
            return [wrong("database", error)]

    def _logins(self, workspace: Workspace | None) -> Iterator[Check]:
        """Whether each service that the settings name takes its login."""
        if workspace is not None:
            yield from (self._login(name, workspace) for name in self.settings.services)

    def _login(self, name: str, workspace: Workspace) -> Check:
        place = workspace.credentials.place(name)
        if self.offline:
            return skipped(f"login {name}", f"{_NOT_ASKED}; {f'kept in {place}' if place else 'none is kept'}")
        self.progress(f"asking {name}", 0, 0)
        try:
            who = logged_in_as(name, settings=self.settings, folder=self.folder, logins=workspace.credentials)
        except InsightsError as error:
            return wrong(f"login {name}", error)
        words = f"logged in as {who}" if who else "it needs none, or does not tell as whom it is logged in"
        return Check(name=f"login {name}", state=CheckState.OK, words=one_line(words, 300))

    def _vectors(self, workspace: Workspace | None) -> Check:
        url = self.settings.storage.vectors_url
        if url and self.offline:
            return skipped("vectors", _NOT_ASKED)
        if workspace is None:
            return skipped("vectors", "not opened: the database was not")
        holder = None if url else holder_of(workspace.data / "vectors.lock")
        if holder is not None:
            return skipped("vectors", f"Chroma in the workspace; not opened: process {holder} uses it")
        try:
            with workspace.vectors() as store:
                count = store.count()
        except InsightsError as error:
            return wrong("vectors", error)
        where = f"Chroma at {server_name(url)}" if url else "Chroma in the workspace"
        return Check(name="vectors", state=CheckState.OK, words=f"{where}; {count:,} vectors", facts={"vectors": count})

    def _embedder(self, workspace: Workspace | None) -> Check:
        wanted = self.settings.embedding
        if wanted.embedder.startswith(f"{OPENAI}:") and self.offline:
            return self._key_of("embedder", wanted.embedder, wanted.base_url, OPENAI)
        from insights.embedding.choose import embedder_for

        self.progress(f"asking {wanted.embedder}", 0, 0)
        try:
            # Without the workspace's memory: an answer that was kept says nothing about today.
            embedder = embedder_for(wanted, folder=self.folder)
            begun = time.monotonic()
            embedder.embed(["ready"])
        except InsightsError as error:
            return wrong("embedder", error)
        seconds = time.monotonic() - begun
        server = f" at {server_name(wanted.base_url)}" if wanted.embedder.startswith(f"{OPENAI}:") else ""
        words = f"{wanted.embedder}{server} gave {embedder.dimensions:,} numbers for a word, in {_in_seconds(seconds)}"
        facts = {"dimensions": embedder.dimensions, "seconds": round(seconds, 3)}
        made_by = workspace.repository.get_meta(VECTORS_BY) if workspace is not None else None
        if made_by not in (None, embedder.fingerprint):
            remedy = f"The vectors that are kept are of {made_by}: the next run makes all of them anew."
            return Check(name="embedder", state=CheckState.NOTE, words=words, remedy=remedy, facts=facts)
        return Check(name="embedder", state=CheckState.OK, words=words, facts=facts)

    def _models(self, workspace: Workspace | None) -> Iterator[Check]:
        return model_checks(self.settings.language, lambda name, model: self._model(name, model, workspace))

    def _model(self, name: str, model: Model, workspace: Workspace | None) -> Check:
        if self.offline:
            return self._key_of(name, model.name, model.base_url, model.provider)
        if workspace is None:
            return skipped(name, f"{model.name} was not asked: without the database its cost cannot be booked")
        self.progress(f"asking {model.name}", 0, 0)
        found = ping(model, self.settings.language, books=workspace.repository.calls, now=self.now, sleep=self.sleep)
        return check_of(found, self.settings.language, name=name, now=self.now)

    def _key_of(self, name: str, what: str, base_url: str, provider: str) -> Check:
        """What can be said of a server that may not be asked: whether there is a key for it."""
        place = key_place(provider)
        if place is None and not is_loopback(base_url):
            words = f"There is no key for {what}."
            return Check(name=name, state=CheckState.WRONG, words=words, remedy=key_remedy(provider), needs_login=True)
        return skipped(name, f"{what} was {_NOT_ASKED}; " + (f"its key is in {place}" if place else "it needs no key"))


def _audit_check(workspace: Workspace) -> Check:
    """Whether the audit log is the one that was written."""
    from insights.auditing import verify

    try:
        found = verify(workspace.repository)
    except InsightsError as error:
        return wrong("audit log", error)
    if found.is_whole:
        words = f"whole up to entry {found.head.number:,}"
        return Check(name="audit log", state=CheckState.OK, words=words, facts={"entries": found.head.number})
    return Check(
        name="audit log",
        state=CheckState.WRONG,
        words=one_line(found.troubles[0].words, 600),
        remedy="See all of it, and what may have happened.",
        command="insights audit verify",
    )


def roles_check(roles: Roles, actor: Actor) -> Check:
    """Who is at work, with which roles; a note where the settings name somebody unknown here, or nobody as admin."""
    named = holders(roles)
    words = f"{actor.name}: {', '.join(role.value for role in Role if role in actor.roles)}"
    words += "" if actor.may(Act.ASK) else "; no server is asked, for that needs the role triager or admin"
    notes = [f"No user of this machine is called {name}: mend [roles]." for name in unknown_names(roles)]
    if any(named.values()) and not named[Role.ADMIN]:
        notes.append("[roles] names nobody as admin: nobody may keep logins, schedule or rotate keys.")
    state = CheckState.NOTE if notes else CheckState.OK
    return Check(name="roles", state=state, words=one_line(words, 300), remedy=one_line(" ".join(notes), 600))


def check_of(found: Pinged, settings: Language, *, name: str, now: datetime) -> Check:
    """What came of one question to a model, in words."""
    model = found.model
    facts = {"model": model.name, "server": found.server, "works": found.works}
    if not found.works:
        return Check(
            name=name,
            state=CheckState.WRONG,
            words=f"{model.name}: {found.wrong}",
            remedy=found.remedy,
            needs_login=found.needs_login,
            facts=facts,
        )
    words = (
        f"{model.name} at {found.server} answered in {_in_seconds(found.seconds)}\n"
        f"{found.tokens_in:,} tokens in, {found.tokens_out:,} out, ${found.usd:.6f}, by the prices of "
        f"{settings.prices_of}: ${model.usd_in:g} a million in, ${model.usd_out:g} out"
    )
    notes = [*_of_schema(found), *_of_prices(model, settings, now)]
    facts |= {
        "schema": "prompt" if found.in_prompt else "server",
        "seconds": found.seconds,
        "tokens_in": found.tokens_in,
        "tokens_out": found.tokens_out,
        "usd": found.usd,
        "usd_per_million_input": model.usd_in,
        "usd_per_million_output": model.usd_out,
        "prices_of": settings.prices_of,
        "prices_are_old": bool(_of_prices(model, settings, now)),
    }
    state = CheckState.NOTE if notes else CheckState.OK
    return Check(name=name, state=state, words=words, remedy="\n".join(notes), facts=facts)


def months_since(month: str, now: datetime) -> int:
    """Whole months from "2025-08" to the month of `now`."""
    year, number = (int(part) for part in month.split("-"))
    return (now.year - year) * 12 + now.month - number


def _in_seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds:.2f} s"


def _of_schema(found: Pinged) -> list[str]:
    return ["Its server takes no schema; it works with the schema in the prompt."] if found.in_prompt else []


def _of_prices(model: Model, settings: Language, now: datetime) -> list[str]:
    if not (model.usd_in or model.usd_out) or months_since(settings.prices_of, now) <= _OLD_MONTHS:
        return []
    return ["The prices are more than a year old: look them up and mend them, and language.prices_of."]


def _settings(folder: Path) -> tuple[Settings | None, Check]:
    try:
        settings = load_settings(folder / SETTINGS_FILE)
    except InsightsError as error:
        return None, wrong("settings", error)
    return settings, Check(name="settings", state=CheckState.OK, words=str(folder / SETTINGS_FILE))


def _providers(settings: Settings) -> set[str]:
    """Whose keys the settings make use of."""
    language, embedder = settings.language, settings.embedding.embedder
    named = {name.strip().partition(":")[0] for name in (language.model, language.large_model) if name.strip()}
    return named | ({OPENAI} if embedder.startswith(f"{OPENAI}:") else set())


def _addresses(settings: Settings) -> set[str]:
    """Servers on this machine that the settings name: "127.0.0.1:11434"."""
    try:
        models = [model for model in (small_model(settings.language), large_model(settings.language)) if model]
    except InsightsError:
        models = []
    urls = [settings.embedding.base_url, settings.storage.vectors_url, *(model.base_url for model in models)]
    return {server_name(url).replace("localhost:", "127.0.0.1:") for url in urls if is_loopback(url)}
