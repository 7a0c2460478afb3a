"""One run: protect, split, kinds, embed, group, describe, theme, estimate, rank, in this order, under one `Run`.

Each stage takes only what lacks its output and commits as it goes: running again is the recovery.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from insights.config import Settings
from insights.domain.run import Run, RunStatus
from insights.errors import InsightsError
from insights.language.describer import Describer
from insights.language.kinds import KindTeller
from insights.language.spend import Ledger
from insights.ports import Embedder, Progress
from insights.stages.collect import rematch
from insights.stages.describe import describe_problems
from insights.stages.embed import embed
from insights.stages.estimate import estimate_problems
from insights.stages.group import group_mentions
from insights.stages.kinds import tell_kinds
from insights.stages.protect import protect
from insights.stages.rank import rank_problems
from insights.stages.split import split
from insights.stages.theme import find_themes
from insights.storage.lock import OwnerLock
from insights.storage.repository import Repository
from insights.storage.vectors import VectorStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What a run works with."""

    repository: Repository
    settings: Settings
    embedder: Embedder
    describer: Describer
    teller: KindTeller | None
    ledger: Ledger | None
    vectors: VectorStore
    lock_file: Path
    now: Callable[[], datetime]
    progress: Progress


def analyze(analysis: Analysis) -> Run:
    """Bring problems up to date with the feedback. Raises InsightsError where a person must help; what was done
    until then is kept."""
    with OwnerLock(analysis.lock_file, what="this workspace, for an import or an analysis"):
        runs = analysis.repository.runs
        run = runs.start(mode=analysis.describer.name, at=analysis.now())
        try:
            with analysis.vectors:
                for name, stage in _STAGES:
                    run = replace(run, stage=name)
                    runs.save(run)
                    run = _with_spend(stage(analysis, run), analysis.ledger)
        except BaseException as error:
            words = error.message if isinstance(error, InsightsError) else type(error).__name__
            run = _with_spend(run, analysis.ledger)
            runs.save(replace(run, status=RunStatus.STOPPED, failures=(*run.failures, words)))
            raise
        run = replace(run, status=RunStatus.DONE, stage=None, finished_at=analysis.now())
        runs.save(run)
        return run


def _counted(run: Run, **counts: int) -> Run:
    return replace(run, counts={**run.counts, **counts})


def _with_spend(run: Run, ledger: Ledger | None) -> Run:
    """What models cost so far, what became of their answers, and what went wrong with them."""
    if ledger is None:
        return run
    totals = ledger.totals
    failures = tuple(failure for failure in totals.failures if failure not in run.failures)
    return replace(_counted(run, **totals.counts()), spend_usd=totals.usd, failures=(*run.failures, *failures))


def _protect(a: Analysis, run: Run) -> Run:
    rematch(a.repository)
    regions = a.settings.privacy.phone_regions
    return _counted(run, protected=protect(a.repository, regions=regions, progress=a.progress))


def _split(a: Analysis, run: Run) -> Run:
    return _counted(run, split=split(a.repository, progress=a.progress))


def _kinds(a: Analysis, run: Run) -> Run:
    if a.teller is None:
        return run
    return _counted(run, **tell_kinds(a.repository, teller=a.teller, run_id=run.id, progress=a.progress))


def _embed(a: Analysis, run: Run) -> Run:
    made = embed(a.repository, embedder=a.embedder, vectors=a.vectors, progress=a.progress)
    return _counted(run, embedded=made)


def _group(a: Analysis, run: Run) -> Run:
    done = group_mentions(a.repository, vectors=a.vectors, run_id=run.id, at=a.now(), progress=a.progress)
    run = _counted(run, joined=done.joined, born=done.born, settled=done.settled, unassigned=done.unassigned)
    weak = "The feedback has little structure: take the groups as a first guess."
    return replace(run, failures=(*run.failures, weak)) if done.is_weak else run


def _describe(a: Analysis, run: Run) -> Run:
    done = describe_problems(a.repository, describer=a.describer, vectors=a.vectors, run_id=run.id, progress=a.progress)
    return _counted(run, **done)


def _theme(a: Analysis, run: Run) -> Run:
    return _counted(run, themes=find_themes(a.repository, vectors=a.vectors, run_id=run.id))


def _estimate(a: Analysis, run: Run) -> Run:
    made = estimate_problems(a.repository, settings=a.settings, embedder=a.embedder, vectors=a.vectors)
    return _counted(run, estimated=made)


def _rank(a: Analysis, run: Run) -> Run:
    return _counted(run, ranked=rank_problems(a.repository))


_STAGES: tuple[tuple[str, Callable[[Analysis, Run], Run]], ...] = (
    ("protect", _protect),
    ("split", _split),
    ("kinds", _kinds),
    ("embed", _embed),
    ("group", _group),
    ("describe", _describe),
    ("theme", _theme),
    ("estimate", _estimate),
    ("rank", _rank),
)
