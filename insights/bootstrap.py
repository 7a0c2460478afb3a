"""The composition root: a workspace's settings become objects here and nowhere else."""

import getpass
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from insights.config import SETTINGS_FILE, Settings, SourceSettings, default_file, load_settings, with_settings
from insights.corrections import Corrections
from insights.errors import ExitCode, InsightsError
from insights.storage.keys import find_key, make_key
from insights.storage.lock import OwnerLock
from insights.storage.repository import Repository
from insights.storage.vectors import VectorPlace, VectorStore
from insights.triage import Triage

if TYPE_CHECKING:
    from insights.connecting import Credentials
    from insights.distillation import Outcome
    from insights.domain.run import Run
    from insights.forecast import Forecast
    from insights.health import Standing
    from insights.language.opening import Opener
    from insights.language.questions import Desk
    from insights.pipeline import Analysis, Models
    from insights.ports import Embedder, Follow, Progress, Tracker
    from insights.pulling import Pulled, Puller, Reading

DATA_FOLDER = ".insights"
RUN_LOCK = "run.lock"
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
    """The whole file or none."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
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
    return settings, embedder_for(settings.embedding.named(embedder))


def open_workspace(folder: Path) -> "Workspace":
    """Settings, key and database of a workspace. Raises InsightsError that says what is missing."""
    settings = load_settings(folder / SETTINGS_FILE)
    data = folder / DATA_FOLDER
    workspace_id = _workspace_id(data)
    if workspace_id is None:
        _refuse_orphan(data)
        raise InsightsError(
            f"{folder} has settings but no data: {data / 'id'} is missing or damaged.",
            remedy="Restore .insights from a backup, or remove insights.toml and run `insights init` again.",
        )
    url = settings.storage.database_url or _existing_sqlite(data)
    return Workspace(folder, settings, Repository(url, key=find_key(workspace_id)))


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
        from insights.embedding.choose import embedder_for

        return embedder_for(self.settings.embedding, folder=self.folder, memory=self.repository.paid_vectors)

    def vectors(self, *, anew: bool = False, wait_seconds: float = 0) -> VectorStore:
        """The store, to be opened with `with`; `anew` opens it empty, whatever state it is in."""
        place = VectorPlace(self.data / "vectors", self.settings.storage.vectors_url)
        return VectorStore(place, anew=anew, wait_seconds=wait_seconds)

    @cached_property
    def credentials(self) -> "Credentials":
        """What sources and trackers log in with."""
        from insights.connecting import Credentials

        return Credentials(self.repository.credentials)

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

    def pull(self, source: SourceSettings, how: "Reading", *, progress: "Progress") -> "Pulled":
        """Read one source of the settings; not beside an analysis, which would work on words that change under it.
        Raises InsightsError."""
        with self.run_lock():
            return self.puller(progress=progress).pull(source, how)

    def run_lock(self) -> OwnerLock:
        """Whoever brings feedback in or analyses it holds it."""
        return OwnerLock(self.data / RUN_LOCK, what="this workspace, for an import or an analysis")

    def triage(self) -> Triage:
        return Triage(self.repository, who=user(), now=now, revalue=lambda _: self.revalue())

    def revalue(self) -> None:
        """Estimate and rank all problems anew, from the facts that the last analysis kept."""
        from insights.valuation import revalue

        revalue(self.repository, self.settings)

    def standing(self, moment: datetime) -> "Standing":
        """What `insights.health` looks at, with the time that it is then."""
        from insights.health import Standing

        return Standing(
            repository=self.repository, settings=self.settings, folder=self.folder, data=self.data, now=moment
        )

    def corrections(self) -> Corrections:
        return Corrections(self.repository, who=user(), now=now)

    def desk(self) -> "Desk | None":
        """The language models, with what is left of their money; None where the settings name none."""
        from insights.language.choose import desk_for

        kept = self.repository
        return desk_for(self.settings, answers=kept.answers, calls=kept.calls, batches=kept.batches, now=now())

    def opener(self) -> "Opener | None":
        """What words the opening of a digest; None where the settings name no model."""
        from insights.language.opening import Opener

        desk = self.desk()
        return Opener(desk) if desk is not None else None

    def tracker(self, name: str) -> "Tracker":
        """A tracker as links know it. Raises InsightsError."""
        from insights.connecting import find_tracker

        folder = self.folder.absolute()
        return find_tracker(name, settings=self.settings, folder=folder, credentials=self.credentials)

    def analyze(self, *, progress: "Progress", follow: "Follow | None" = None) -> "Run":
        """Run every stage on what is new; `follow` is told every step."""
        from insights.pipeline import analyze
        from insights.ports import unfollowed

        return analyze(replace(self._analysis(progress=progress), follow=follow or unfollowed))

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

        return StaticEmbedder() if self.settings.embedding.embedder.startswith("openai:") else self.embedder

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


def moment_in(text: str, *, said_by: str) -> datetime:
    """A time as somebody wrote it, UTC where it says no zone; a day alone is its last second. Raises InsightsError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InsightsError(
            f"{said_by}={text!r} is not a time.",
            remedy="Write it as 2026-06-01T08:00:00+00:00, or a day as 2026-06-01.",
            exit_code=ExitCode.USAGE,
        ) from error
    if re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", text):
        moment = moment.replace(hour=23, minute=59, second=59)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
