"""What the application can ask of the core: made by the command that opens it, so that it knows no settings' file, no
key and no storage."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insights.config import Settings
from insights.corrections import Corrections
from insights.domain.access import Act, use_case
from insights.domain.estimate import Revision
from insights.domain.problem import Decision
from insights.errors import InsightsError
from insights.ports import Embedder, Tracker
from insights.storage.repository import Repository
from insights.storage.vectors import VectorStore
from insights.triage import Triage

if TYPE_CHECKING:
    from insights.health import Standing


@dataclass(frozen=True, kw_only=True)
class Office:
    """One person's way to the core. `folder` is the workspace's, `outbox` the file for decisions that the database did
    not take yet, `analysis` the program that reads what is new, `ranking` the one that ranks all anew; each None where
    there is none. `examine` looks at what the workspace depends on, and asks servers where it is told to;
    `standing` tells how its sources are."""

    triage: Triage
    workspace: str
    settings: Settings = field(default_factory=Settings)
    embedder: Callable[[], Embedder] | None = None
    vectors: Callable[[], VectorStore] | None = None
    examine: Callable[[bool], Sequence[Any]] | None = None
    standing: "Callable[[], Standing] | None" = None
    analysis: Sequence[str] | None = None
    ranking: Sequence[str] | None = None
    folder: Path | None = None
    outbox: Path | None = None

    @property
    def repository(self) -> Repository:
        return self.triage.repository

    @property
    def who(self) -> str:
        return self.triage.who

    @property
    def place(self) -> Path:
        """Where relative paths begin."""
        return self.folder or Path.cwd()

    def may(self, act: Act) -> bool:
        """Whether this person's roles allow it."""
        return self.repository.actor.may(act)

    def now(self) -> datetime:
        return self.triage.now()

    @use_case(Act.FILE)
    def tracker(self) -> Tracker:
        """Where problems are filed. Raises InsightsError where the settings name none that can be used."""
        from insights.connecting import Credentials, find_tracker

        credentials = Credentials(self.repository.credentials)
        target = self.settings.triage.export_to
        return find_tracker(target, settings=self.settings, folder=self.place, credentials=credentials)

    @property
    def corrections(self) -> Corrections:
        return Corrections(self.repository, self.who, self.triage.now)

    def set_figures(self, problem_id: int, revision: Revision, *, seen_version: int) -> Decision:
        """Record what a person says of a problem, and estimate it anew; the others and the ranks are for `rank`."""
        from insights.estimating import set_figures

        return set_figures(
            problem_id,
            revision,
            repository=self.repository,
            settings=self.settings,
            who=self.who,
            now=self.triage.now,
            seen_version=seen_version,
            others_later=True,
        )

    @use_case(Act.DECIDE)
    def rank(self) -> None:
        """Estimate and rank all problems anew; takes seconds for a thousand."""
        from insights.valuation import revalue

        revalue(self.repository, self.settings)

    def remember(self, session: dict[str, Any]) -> None:
        """Keep what the session looked like, for the next one."""
        self.repository.sessions.save(self.who, session, self.now())

    def remembered(self) -> dict[str, Any]:
        """What the last session looked like; nothing before the first, or where it cannot be read."""
        try:
            return self.repository.sessions.get(self.who) or {}
        except InsightsError:
            return {}


def with_theme(office: Office, theme: str) -> Office:
    """The same with another look, whatever the settings say."""
    triage = office.settings.triage.model_copy(update={"theme": theme})
    return replace(office, settings=office.settings.model_copy(update={"triage": triage}))
