"""The composition root: a workspace's settings become objects here and nowhere else."""

import getpass
import os
import re
import secrets
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from insights.config import SETTINGS_FILE, Privacy, Settings, SourceSettings, default_file, load_settings, with_settings
from insights.config.actors import admitted
from insights.config.leaving import embedder_leaves
from insights.corrections import Corrections
from insights.domain.access import Act, Actor, use_case
from insights.errors import ExitCode, InsightsError
from insights.storage.encryption import fingerprint_of
from insights.storage.keys import KeyHolder, anchor_file, find_key, make_key
from insights.storage.lock import OwnerLock
from insights.storage.repository import Repository
from insights.storage.vectors import VectorPlace, VectorStore, has_vectors
from insights.text.clean import one_line
from insights.triage import Triage

if TYPE_CHECKING:
    from insights.backup.make import Bench as BackupBench
    from insights.backup.restore import Staged, Target
    from insights.connecting import Credentials
    from insights.data_rights.erase import Bench
    from insights.distillation import Outcome
    from insights.domain.run import Run
    from insights.forecast import Forecast
    from insights.health import Standing
    from insights.key_rotation import KeyBench
    from insights.language.opening import Opener
    from insights.language.questions import Desk
    from insights.pipeline import Analysis, Models
    from insights.ports import Embedder, Follow, Progress, Sender, Tracker
    from insights.pulling import Pulled, Puller, Reading

DATA_FOLDER = ".insights"
RUN_LOCK = "run.lock"
KEYS_LOCK = "keys.lock"
WORKSPACE_VARIABLE = "INSIGHTS_WORKSPACE"
NOW_VARIABLE = "INSIGHTS_NOW"
LONGEST_READING = 30
"""Seconds that an analysis waits for a search to have read all vectors: 50,000 take six."""


@dataclass(frozen=True, slots=True)
class Made:
    """What `init` made, and where the key is, in words."""

    folder: Path
    key_place: str


def make_workspace(folder: Path, *, product: str = "our product") -> Made:
    """Make key, data folder and, last of all, settings: one that was stopped half-way is completed by the next call.
    An existing workspace is left as it is: InsightsError."""
    settings_file, data = folder / SETTINGS_FILE, folder / DATA_FOLDER
    if settings_file.exists():
        raise InsightsError(f"{folder} is a workspace already.", remedy="Use it as it is, or choose another folder.")
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(data / ".gitignore", "*\n")
    workspace_id, place = _workspace_id(data), "where it was"
    if workspace_id is None:
        _refuse_orphan(data)
        workspace_id = secrets.token_hex(8)
        place = make_key(workspace_id)
        write_whole(data / "id", workspace_id + "\n")
    Repository(_sqlite(data), key=find_key(workspace_id)).close()
    write_whole(settings_file, default_file(product))
    opened = open_workspace(folder)
    opened.repository.filings.workspace_marker()  # what is restored from a backup must know its issues again
    opened.close()
    return Made(folder, place)


def set_language(folder: Path, values: Mapping[str, str | float]) -> None:
    """Set these settings of `[language]` in the workspace's file; the others stay. Raises InsightsError."""
    set_section(folder, "language", values)


def set_section(folder: Path, section: str, values: Mapping[str, str | float]) -> None:
    """Set these settings of one section in the workspace's file; the others stay, and where the whole would not be
    usable, the file stays as it was. Raises InsightsError."""
    path = folder / SETTINGS_FILE
    before = path.read_text(encoding="utf-8")
    write_whole(path, with_settings(before, section=section, values=values))
    try:
        load_settings(path)
    except InsightsError:
        write_whole(path, before)
        raise


def _workspace_id(data: Path) -> str | None:
    """None where there is none, or one that a full disk cut off."""
    try:
        found = (data / "id").read_bytes().decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None
    return found if re.fullmatch(r"[0-9a-f]{16}", found) else None


def _refuse_orphan(data: Path) -> None:
    """A database without an id has a key that we could not name: a new one must not come beside it."""
    if (data / "insights.db").exists():
        raise InsightsError(
            f"{data} holds a database, but {data / 'id'} is missing or damaged.",
            remedy="Write the name of its key file (without .key) into that file, or move the folder away.",
        )


def write_whole(path: Path, text: str) -> None:
    """The whole file or none. Whatever the umask, not everybody may write it: settings give roles."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o664), "w", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _sqlite(data: Path) -> str:
    return f"sqlite:///{data / 'insights.db'}"


def find_workspace(chosen: Path | None, *, environment: Mapping[str, str] = os.environ) -> Path:
    """The folder that was named, else INSIGHTS_WORKSPACE, else the nearest one at or above the current folder."""
    named = chosen or (Path(environment[WORKSPACE_VARIABLE]) if environment.get(WORKSPACE_VARIABLE) else None)
    if named is not None:
        return named.expanduser()
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / SETTINGS_FILE).is_file()), here)


def settings_here(chosen: Path | None) -> Settings:
    """The settings of the workspace that was named or is found here; the defaults where there is none. Raises
    InsightsError where they are not usable."""
    return load_settings(find_workspace(chosen) / SETTINGS_FILE, may_be_missing=True)


def embedding_of(chosen: Path | None, *, embedder: str | None) -> tuple[Settings, "Embedder"]:
    """Settings and embedder for what needs no workspace: those of the one that was named or is found here, else the
    defaults. A named `embedder` outranks them; its folder is relative to the current one. Raises InsightsError."""
    from insights.embedding.choose import embedder_for

    folder = find_workspace(chosen)
    is_named = chosen is not None or bool(os.environ.get(WORKSPACE_VARIABLE))
    settings = load_settings(folder / SETTINGS_FILE, may_be_missing=not is_named)
    if embedder is None:
        return settings, embedder_for(settings.embedding, folder=folder)
    named = settings.embedding.named(embedder)
    if not settings.privacy.text_may_leave and embedder_leaves(named.embedder, named.base_url):
        raise InsightsError(
            f"privacy.text_may_leave is false, and {one_line(embedder, 120)} would send text away from this machine.",
            remedy="Name static, onnx:FOLDER, or a server at 127.0.0.1.",
            exit_code=ExitCode.USAGE,
        )
    return settings, embedder_for(named)


def privacy_of(chosen: Path | None, *, regions: str | None) -> tuple[Privacy, tuple[str, ...]]:
    """Settings of what is taken out of texts, and whose telephone numbers are known, for what needs no workspace: those
    of the one that was named or is found here, else the defaults. Raises InsightsError."""
    from insights.privacy.redaction import REGIONS

    settings_file = find_workspace(chosen) / SETTINGS_FILE
    is_named = chosen is not None or bool(os.environ.get(WORKSPACE_VARIABLE))
    settings = load_settings(settings_file, may_be_missing=not is_named).privacy
    if regions is None:
        return settings, tuple(settings.phone_regions) if settings_file.exists() else REGIONS
    named = tuple(part.strip().upper() for part in regions.split(",") if part.strip())
    if not named or not all(len(part) == 2 and part.isascii() and part.isalpha() for part in named):
        raise InsightsError(
            f"{one_line(regions, 60)!r} are no countries.", remedy="Name them such as US,DE.", exit_code=ExitCode.USAGE
        )
    return settings, named


def open_workspace(folder: Path, *, to: Act = Act.LOOK) -> "Workspace":
    """Settings, key and database of a workspace, to do this there. Raises Forbidden for whoever may not, before any of
    it is read, and InsightsError that says what is missing."""
    data = folder / DATA_FOLDER
    _finish_restore(folder)
    settings = load_settings(folder / SETTINGS_FILE)
    actor = actor_in(folder, settings)
    actor.require(to)
    workspace_id = _workspace_id(data)
    if workspace_id is None:
        _refuse_orphan(data)
        raise InsightsError(
            f"{folder} has settings but no data: {data / 'id'} is missing or damaged.",
            remedy="Restore .insights from a backup, or remove insights.toml and run `insights init` again.",
        )
    url = settings.storage.database_url or _existing_sqlite(data)
    holder = KeyHolder(workspace_id=workspace_id, command=tuple(settings.keys.command))
    key = holder.find()
    opened = Workspace(folder, settings, Repository(url, key=key, actor=actor, other_keys=holder.others))
    opened.repository.audit.anchors = tuple(_anchors(folder, settings, workspace_id))
    _notice_settings(opened)
    if opened.repository.rotation.fingerprint != fingerprint_of(key):
        opened.settle_keys()
    return opened


def _finish_restore(folder: Path) -> None:
    """End what a restore that was cut off left to do. Raises Forbidden for somebody without any role."""
    data = folder / DATA_FOLDER
    if data.with_name(f"{data.name}.restoring").exists():
        from insights.backup.restore import finish_restore

        actor_in(folder, load_settings(folder / SETTINGS_FILE, may_be_missing=True))
        finish_restore(data)


def restore_target(folder: Path, *, progress: "Progress") -> "Target":
    """Where a backup is to be restored, by whoever may: by the settings that are there, else by the folder's owner.
    Raises Forbidden, and InsightsError where there is no such place."""
    from insights.backup.fitting import fitting_key
    from insights.backup.restore import Target

    settings = load_settings(folder / SETTINGS_FILE, may_be_missing=True)

    def key(workspace_id: str, fingerprint: str) -> bytes:
        return fitting_key(KeyHolder(workspace_id=workspace_id, command=tuple(settings.keys.command)), fingerprint)

    def settle() -> None:
        """The log of what was restored ends earlier than the one that was anchored last."""
        opened = open_workspace(folder)
        with suppress(OSError):  # verifying tells of an anchor that is ahead, and what explains it
            opened.repository.audit.anchor_anew()
        opened.close()

    folder.mkdir(parents=True, exist_ok=True)
    return Target(
        folder=folder.absolute(),
        data=(folder / DATA_FOLDER).absolute(),
        actor=actor_in(folder, settings),
        key=key,
        now=now,
        progress=progress,
        erase=lambda staged, digests: _erase_again(staged, digests, progress=progress),
        settle=settle,
    )


def _erase_again(staged: "Staged", digests: Collection[str], *, progress: "Progress") -> int:
    """Whoever was erased since a backup goes from it, before it is in its place; how many they were."""
    from insights.data_rights.erase import Bench, erase_again

    place = VectorPlace(staged.data / "vectors", staged.settings.storage.vectors_url)
    bench = Bench(
        repository=staged.repository,
        folder=staged.folder,
        data=staged.data,
        vectors=lambda: VectorStore(place),
        has_vectors=bool(place.url) or place.folder.exists(),
        vectors_on_server=bool(place.url),
        run_lock=lambda: OwnerLock(staged.data / RUN_LOCK, what="what is restored"),
        now=now,
        progress=progress,
        keep_backups=staged.settings.backups.keep,
    )
    return len(erase_again(bench, digests))


def _anchors(folder: Path, settings: Settings, workspace_id: str) -> list[Path]:
    """Where the head of the audit log is kept."""
    named = [folder / Path(settings.audit.anchor).expanduser()] if settings.audit.anchor else []
    return [anchor_file(workspace_id), *named]


def _notice_settings(workspace: "Workspace") -> None:
    """A change of the file is written into the audit log by whoever opens the workspace next; where that cannot be
    written now, the next time."""
    import json
    import tomllib

    try:
        text = (workspace.folder / SETTINGS_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    with suppress(InsightsError):
        workspace.repository.audit.notice_settings(
            text,
            lambda: {
                name: json.dumps(value, sort_keys=True, default=str) for name, value in tomllib.loads(text).items()
            },
        )


def actor_in(folder: Path, settings: Settings) -> Actor:
    """Who uses this workspace. Raises Forbidden for somebody without any role."""
    return admitted(folder / DATA_FOLDER, settings.roles, who=user())


def _existing_sqlite(data: Path) -> str:
    """Never a new database in place of one that went missing: that would look like a workspace without data."""
    path = data / "insights.db"
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        raise InsightsError(
            f"The database {path} is missing or empty.",
            remedy="Restore it from a backup; or, to begin anew, remove insights.toml and .insights and run "
            "`insights init`.",
        )
    return _sqlite(data)


@dataclass
class Workspace:
    """An open workspace. What is heavy is made when first asked for."""

    folder: Path
    settings: Settings
    repository: Repository

    @property
    def data(self) -> Path:
        return self.folder / DATA_FOLDER

    def close(self) -> None:
        self.repository.close()

    @cached_property
    def embedder(self) -> "Embedder":
        """One with a server embeds nothing for whoever may ask none."""
        from insights.embedding.choose import embedder_for
        from insights.embedding.unasked import UnaskedEmbedder

        made = embedder_for(self.settings.embedding, folder=self.folder, memory=self.repository.paid_vectors)
        may_ask = self._is_local or self.repository.actor.may(Act.ASK)
        return made if may_ask else UnaskedEmbedder(made, self.repository.actor)

    @property
    def _is_local(self) -> bool:
        return not self.settings.embedding.embedder.startswith("openai:")

    def vectors(self, *, anew: bool = False, wait_seconds: float = 0) -> VectorStore:
        """The store, to be opened with `with`; `anew` opens it empty, whatever state it is in."""
        place = VectorPlace(self.data / "vectors", self.settings.storage.vectors_url)
        return VectorStore(place, anew=anew, wait_seconds=wait_seconds)

    def key_bench(self, *, progress: "Progress" = lambda *_: None) -> "KeyBench":
        """What changing the keys works on."""
        from insights.key_rotation import KeyBench

        return KeyBench(
            repository=self.repository,
            holder=KeyHolder(workspace_id=_workspace_id(self.data) or "", command=tuple(self.settings.keys.command)),
            lock=lambda: OwnerLock(self.data / KEYS_LOCK, what="the keys of this workspace"),
            grace=timedelta(hours=self.settings.keys.grace_hours),
            now=lambda: datetime.now(UTC),
            progress=progress,
        )

    def settle_keys(self) -> None:
        """Complete a change of the workspace's key that was stopped; whoever is at it now does so by itself."""
        from insights.key_rotation import settle

        bench = self.key_bench()
        with suppress(InsightsError), bench.lock():
            settle(bench)

    def finish_keys(self, *, progress: "Progress") -> int:
        """Delete former data keys whose time is over; how many. Raises InsightsError."""
        from insights.key_rotation import finish_due

        return finish_due(self.key_bench(progress=progress))

    @cached_property
    def credentials(self) -> "Credentials":
        """What sources and trackers log in with."""
        from insights.connecting import Credentials

        return Credentials(self.repository.credentials)

    @use_case(Act.MANAGE)
    def keep_login(self, name: str, secret: str) -> str:
        """Keep it, where it is taken; as whom it logs in, in words. Raises InsightsError."""
        from insights.logins import keep_and_try

        who = keep_and_try(name, secret, settings=self.settings, folder=self.folder, logins=self.credentials, at=now())
        self.repository.sources.note_login(name)
        self.repository.audit.record("login.keep", name)
        return who

    @use_case(Act.MANAGE)
    def forget_login(self, name: str) -> bool:
        """Whether the workspace kept one."""
        was_kept = self.credentials.forget(name)
        if was_kept:
            self.repository.audit.record("login.forget", name)
        return was_kept

    @use_case(Act.MANAGE)
    def logged_in_as(self, name: str) -> str:
        """As whom the login that is there is taken; empty where that cannot be told. Raises InsightsError."""
        from insights.logins import logged_in_as

        return logged_in_as(name, settings=self.settings, folder=self.folder, logins=self.credentials)

    @use_case(Act.BRING)
    def puller(self, *, progress: "Progress") -> "Puller":
        """What reads the sources of the settings."""
        from insights.pulling import Puller

        return Puller(
            repository=self.repository,
            folder=self.folder,
            rejects_folder=self.data / "rejects",
            credentials=self.credentials,
            now=now,
            progress=progress,
        )

    @use_case(Act.BRING)
    def pull(self, source: SourceSettings, how: "Reading", *, progress: "Progress") -> "Pulled":
        """Read one source of the settings; not beside an analysis, which would work on words that change under it.
        Raises InsightsError."""
        with self.run_lock():
            return self.puller(progress=progress).pull(source, how)

    def bench(self, *, progress: "Progress") -> "Bench":
        """What erasing works on."""
        from insights.config import FileSettings
        from insights.data_rights.erase import Bench

        files = [one for one in self.settings.sources if isinstance(one, FileSettings)]
        return Bench(
            repository=self.repository,
            folder=self.folder.absolute(),
            data=self.data.absolute(),
            vectors=lambda: self.vectors(wait_seconds=LONGEST_READING),
            has_vectors=bool(self.settings.storage.vectors_url) or has_vectors(self.data / "vectors"),
            vectors_on_server=bool(self.settings.storage.vectors_url),
            run_lock=self.run_lock,
            now=now,
            progress=progress,
            sources=tuple(self.folder / one.path for one in files),
            keep_backups=self.settings.backups.keep,
            embedder=None if self.settings.embedding.embedder.startswith("openai:") else self.embedder,
        )

    def backup_bench(self, *, progress: "Progress") -> "BackupBench":
        """What a backup is made of."""
        from insights.backup.fitting import fitting_key
        from insights.backup.make import Bench as BackupBench

        workspace_id = _workspace_id(self.data) or ""
        holder = KeyHolder(workspace_id=workspace_id, command=tuple(self.settings.keys.command))
        return BackupBench(
            repository=self.repository,
            folder=self.folder.absolute(),
            data=self.data.absolute(),
            workspace=workspace_id,
            key=lambda fingerprint: fitting_key(holder, fingerprint),
            vectors_on_server=bool(self.settings.storage.vectors_url),
            keep=self.settings.backups.keep,
            now=now,
            progress=progress,
        )

    @property
    def backups_folder(self) -> Path | None:
        """Where the settings want backups; None where they do not say."""
        named = self.settings.backups.folder
        return (self.folder / Path(named).expanduser()).absolute() if named else None

    def finish_erasure(self, *, progress: "Progress") -> None:
        """End an erasure that was cut off, if there is one: it was allowed when it began."""
        if self.repository.erasures.is_under_way():
            from insights.data_rights.erase import resume

            resume(self.bench(progress=progress))

    def run_lock(self) -> OwnerLock:
        """Whoever brings feedback in or analyses it holds it."""
        return OwnerLock(self.data / RUN_LOCK, what="this workspace, for an import or an analysis")

    def triage(self) -> Triage:
        return Triage(self.repository, who=user(), now=now, revalue=lambda _: self.revalue())

    @use_case(Act.BRING)
    def reindex(self, *, progress: "Progress") -> int:
        """Make all vectors anew from the database; how many."""
        from insights.stages.embed import embed

        with self.vectors(anew=True) as vectors:
            self.repository.mentions.forget_embeddings()
            return embed(self.repository, embedder=self.embedder, vectors=vectors, progress=progress)

    @use_case(Act.DECIDE)
    def revalue(self) -> None:
        """Estimate and rank all problems anew, from the facts that the last analysis kept."""
        from insights.valuation import revalue

        revalue(self.repository, self.settings)

    @use_case(Act.MANAGE)
    def set_worth(self, values: Mapping[str, float]) -> None:
        """Write these settings of `[worth]`, and rank all problems anew by them. Raises InsightsError."""
        set_section(self.folder, "worth", values)
        again = open_workspace(self.folder)
        again.revalue()
        again.close()

    def standing(self, moment: datetime) -> "Standing":
        """What `insights.health` looks at, with the time that it is then."""
        from insights.health import Standing

        return Standing(
            repository=self.repository, settings=self.settings, folder=self.folder, data=self.data, now=moment
        )

    def corrections(self) -> Corrections:
        return Corrections(self.repository, who=user(), now=now)

    def desk(self) -> "Desk | None":
        """The language models, with what is left of their money; None where the settings name none, and for whoever may
        ask none."""
        from insights.language.choose import desk_for

        kept = self.repository
        if not kept.actor.may(Act.ASK):
            return None
        return desk_for(self.settings, answers=kept.answers, calls=kept.calls, batches=kept.batches, now=now())

    def opener(self) -> "Opener | None":
        """What words the opening of a digest; None where no model may be asked."""
        from insights.language.opening import Opener

        desk = self.desk()
        return Opener(desk) if desk is not None else None

    @use_case(Act.FILE)
    def tracker(self, name: str, *, folder: Path | None = None) -> "Tracker":
        """A tracker as links know it; relative paths begin in the workspace, or in `folder`. Raises InsightsError."""
        from insights.connecting import find_tracker

        start = (folder or self.folder).absolute()
        return find_tracker(name, settings=self.settings, folder=start, credentials=self.credentials)

    @use_case(Act.MANAGE)
    def sender(self, name: str) -> "Sender":
        """What sends with a channel, to be tried. Raises InsightsError."""
        from insights.connecting import find_sender

        return find_sender(name, settings=self.settings, folder=self.folder, credentials=self.credentials)

    @use_case(Act.BRING)
    def analyze(self, *, progress: "Progress", follow: "Follow | None" = None) -> "Run":
        """Run every stage on what is new; `follow` is told every step."""
        from insights.pipeline import analyze
        from insights.ports import unfollowed

        self.finish_erasure(progress=progress)
        return analyze(replace(self._analysis(progress=progress), follow=follow or unfollowed))

    @use_case(Act.BRING)
    def forecast(self, *, progress: "Progress") -> "list[Forecast]":
        """What an analysis would ask its models, before anything is sent; nothing where there is no model."""
        from insights.forecast import forecast

        return forecast(self._analysis(progress=progress))

    def _analysis(self, *, progress: "Progress") -> "Analysis":
        from insights.language.choose import describer_for
        from insights.language.distilled import load_distilled
        from insights.pipeline import Analysis

        desk = self.desk()
        return Analysis(
            repository=self.repository,
            settings=self.settings,
            embedder=self.embedder,
            describer=describer_for(desk),
            models=self._models(desk) if desk else None,
            distilled=load_distilled(self.repository.distilled, self._local_embedder()),
            vectors=self.vectors(wait_seconds=LONGEST_READING),
            lock_file=self.data / RUN_LOCK,
            now=now,
            progress=progress,
        )

    @use_case(Act.MANAGE)
    def distil(self, *, precision: float, progress: "Progress") -> "list[Outcome]":
        """Learn small classifiers from what the models answered, and use those that are good enough."""
        from insights.distillation import distil
        from insights.language.models import large_model

        large = large_model(self.settings.language)
        return distil(
            self.repository,
            embedder=self._local_embedder(),
            large=large.name if large else "",
            precision=precision,
            at=now(),
            progress=progress,
        )

    def _local_embedder(self) -> "Embedder":
        """The workspace's own, or the static one where that is with a server, which would have to be paid and told."""
        from insights.embedding.static import StaticEmbedder

        return self.embedder if self._is_local else StaticEmbedder()

    def _models(self, desk: "Desk") -> "Models":
        from insights.embedding.static import StaticEmbedder
        from insights.language.assessing import Assessor
        from insights.language.kinds import KindTeller
        from insights.language.reviews import Reviewer
        from insights.language.statements import Restater
        from insights.language.theme_namer import ThemeNamer
        from insights.pipeline import Models

        wanted = self.settings.language
        return Models(
            desk=desk,
            teller=KindTeller(desk) if wanted.unsure_below else None,
            restater=Restater(desk, embed=StaticEmbedder().embed) if wanted.statements != "off" else None,
            reviewer=Reviewer(desk) if wanted.review else None,
            assessor=Assessor(desk),
            namer=ThemeNamer(desk),
        )


def outbox_file(workspace: Workspace) -> Path:
    """Where this person's decisions wait while the database is away."""
    import hashlib

    name = hashlib.sha256(user().encode()).hexdigest()[:16]  # a name may hold what a file's may not
    return workspace.data / f"outbox-{name}.jsonl"


def user() -> str:
    """Who decides: INSIGHTS_USER, else the operating system's name."""
    named = os.environ.get("INSIGHTS_USER")
    if named:
        return named.replace(":", "-")[:120]  # a colon marks what a model decided
    try:
        return getpass.getuser()[:120]
    except (OSError, KeyError):
        return "unknown"


def now() -> datetime:
    """The clock; INSIGHTS_NOW sets it for replays and demonstrations."""
    fixed = os.environ.get(NOW_VARIABLE)
    return moment_in(fixed, said_by=NOW_VARIABLE) if fixed else datetime.now(UTC)


def set_clock(moment: datetime) -> None:
    """What `now` is from here on, in this process and those that it starts."""
    os.environ[NOW_VARIABLE] = moment.isoformat()


def moment_in(text: str, *, said_by: str, starts: bool = False) -> datetime:
    """A time as somebody wrote it, UTC where it says no zone; a day alone is its last second, or its first where
    something `starts` then. Raises InsightsError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InsightsError(
            f"{said_by}={text!r} is not a time.",
            remedy="Write it as 2026-06-01T08:00:00+00:00, or a day as 2026-06-01.",
            exit_code=ExitCode.USAGE,
        ) from error
    if not starts and re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", text):
        moment = moment.replace(hour=23, minute=59, second=59)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
