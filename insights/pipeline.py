"""One run, the stages in their order under one `Run`: protect, split, kinds, restate, embed, group, settle, review,
describe, theme, assess, estimate, compare.

Each stage takes only what lacks its output and commits as it goes: running again is the recovery.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from insights.config import Settings
from insights.domain.access import Act, use_case
from insights.domain.feedback import Mention
from insights.domain.run import Run, RunStatus
from insights.domain.step import Step
from insights.errors import InsightsError
from insights.language.assessing import Assessor
from insights.language.completions import ANSWERED
from insights.language.describer import Describer
from insights.language.distilled import Distilled
from insights.language.kinds import KindTeller
from insights.language.questions import Desk
from insights.language.reviews import Reviewer
from insights.language.statements import Restater
from insights.language.theme_namer import ThemeNamer
from insights.metrics.gather import Watched, metrics_of
from insights.metrics.stage_seconds import keep_seconds
from insights.metrics.telemetry import Telemetry, Watch, followed
from insights.news.record import record_night
from insights.outcomes import verdicts
from insights.ports import Embedder, Follow, Progress, unfollowed
from insights.privacy.presidio import finders_of
from insights.review import Review
from insights.stages.assess import assess_for_nothing, assess_problems
from insights.stages.collect import rematch
from insights.stages.describe import describe_problems
from insights.stages.effort import embed_waiting
from insights.stages.embed import embed
from insights.stages.estimate import estimate_problems
from insights.stages.group import group_mentions
from insights.stages.kinds import tell_for_nothing, tell_kinds
from insights.stages.protect import protect
from insights.stages.restate import restate
from insights.stages.split import split
from insights.stages.theme import find_themes
from insights.storage.calls import Call
from insights.storage.lock import OwnerLock
from insights.storage.repository import Repository
from insights.storage.vectors import VectorStore

AUTO_SHARE = 0.5
"""Of what a run may cost: what fits into it, statements may take where the settings leave it to us."""
_DIGITS = 9
"""Of a dollar: sums of the same calls in another order differ beyond, and would seem to fall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The work that language models do besides describing; None for what the settings leave out."""

    desk: Desk
    teller: KindTeller | None
    restater: Restater | None
    reviewer: Reviewer | None
    assessor: Assessor
    namer: ThemeNamer


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What a run works with."""

    repository: Repository
    settings: Settings
    embedder: Embedder
    describer: Describer
    models: Models | None
    distilled: Distilled
    vectors: VectorStore
    lock_file: Path
    now: Callable[[], datetime]
    progress: Progress
    follow: Follow = unfollowed


@use_case(Act.BRING)
def analyze(analysis: Analysis) -> Run:
    """Bring problems up to date with the feedback. Raises InsightsError where a person must help; what was done
    until then is kept."""
    with OwnerLock(analysis.lock_file, what="this workspace, for an import or an analysis"):
        runs = analysis.repository.runs
        run = runs.start(mode=analysis.describer.name, at=analysis.now())
        analysis.repository.audit.record("analysis.run", f"run-{run.id}", facts={"mode": run.mode})
        with followed(_watch(analysis, run)) as telemetry:
            run = _staged(analysis, replace(run, failures=telemetry.notes), telemetry)
            keep_seconds(analysis.repository, run_id=run.id, seconds=telemetry.seconds)
            run = replace(run, status=RunStatus.DONE, stage=None, finished_at=analysis.now())
            runs.save(run)
        return run


def _staged(analysis: Analysis, run: Run, telemetry: Telemetry) -> Run:
    """Through all stages; a run that one of them ends is kept as stopped."""
    runs = analysis.repository.runs
    try:
        with analysis.vectors:
            for number, (name, stage) in enumerate(_STAGES, 1):
                run = replace(run, stage=name)
                runs.save(run)
                with telemetry.stage(name):
                    run = _with_spend(analysis, stage(_followed(analysis, run, number), run))
    except BaseException as error:
        words = error.message if isinstance(error, InsightsError) else type(error).__name__
        run = _with_spend(analysis, run)
        runs.save(replace(run, status=RunStatus.STOPPED, failures=(*run.failures, words)))
        raise
    return run


def _watch(analysis: Analysis, run: Run) -> Watch:
    """What may be told of it to whoever watches: no words."""
    repository = analysis.repository
    watched = Watched(
        repository=repository, settings=analysis.settings, data=analysis.lock_file.parent, now=analysis.now()
    )
    return Watch(
        run=run,
        calls=lambda after, run_id: repository.measures.calls_after(after, run_id=run_id),
        figures=lambda: metrics_of(replace(watched, now=analysis.now())),
    )


def _followed(analysis: Analysis, run: Run, number: int) -> Analysis:
    """The same for one stage, whose progress is told as steps of the run, too."""
    ledger = analysis.models.desk.ledger if analysis.models else None
    before = ledger.totals.usd if ledger else 0.0
    name, spent_before = run.stage or "", float(run.spend_usd)
    begun = Step(
        stage=number, stages=len(_STAGES), name=name, what=name, done=0, spent_usd=round(spent_before, _DIGITS)
    )

    def tell(what: str, done: int, total: int) -> None:
        analysis.progress(what, done, total)
        spent = spent_before + (ledger.totals.usd - before if ledger else 0.0)
        analysis.follow(replace(begun, what=what, done=done, of=total or None, spent_usd=round(spent, _DIGITS)))

    analysis.follow(begun)
    return replace(analysis, progress=tell)


def _counted(run: Run, **counts: int) -> Run:
    return replace(run, counts={**run.counts, **counts})


def _with_spend(a: Analysis, run: Run) -> Run:
    """What models cost so far, embedding included, what became of their answers, and what went wrong with them."""
    run = replace(run, spend_usd=sum(one.usd for one in a.repository.calls.of_run(run.id)))
    if a.models is None:
        return run
    totals = a.models.desk.ledger.totals
    failures = tuple(failure for failure in totals.failures if failure not in run.failures)
    return replace(_counted(run, **totals.counts()), failures=(*run.failures, *failures))


def _protect(a: Analysis, run: Run) -> Run:
    rematch(a.repository)
    privacy = a.settings.privacy
    protected = protect(
        a.repository,
        regions=privacy.phone_regions,
        pseudonyms=privacy.pseudonyms,
        finders=finders_of(privacy.engine, regions=privacy.phone_regions),
        progress=a.progress,
    )
    return _counted(run, protected=protected)


def _split(a: Analysis, run: Run) -> Run:
    return _counted(run, split=split(a.repository, progress=a.progress))


def _kinds(a: Analysis, run: Run) -> Run:
    """What a distilled classifier is sure of needs no model."""
    run, told = replace(run, failures=(*run.failures, *a.distilled.notes)), Counter[str]()
    if a.distilled.kinds is not None:
        below = a.settings.language.unsure_below
        classifier = a.distilled.kinds
        told.update(tell_for_nothing(a.repository, classifier=classifier, unsure_below=below, progress=a.progress))
    if a.models is not None and a.models.teller is not None:
        told.update(tell_kinds(a.repository, teller=a.models.teller, run_id=run.id, progress=a.progress))
    return _counted(run, **told)


def _restate(a: Analysis, run: Run) -> Run:
    """All that has no statement yet, where the settings ask for it or it fits half of the money."""
    if a.models is None or a.models.restater is None:
        return run
    waiting = a.repository.mentions.unstated()
    if not restates_all(a.models, a.settings, waiting):
        return run
    kept = restate(a.repository, waiting, restater=a.models.restater, run_id=run.id, progress=a.progress)
    return _counted(run, stated=kept)


def restates_all(models: Models, settings: Settings, waiting: Sequence[Mention]) -> bool:
    """Whether every mention is to be restated before it is grouped, not only those that grouping is unsure of."""
    wanted = settings.language.statements
    if wanted != "auto" or models.restater is None:
        return wanted == "all"
    return models.restater.expected_usd(waiting) <= AUTO_SHARE * models.desk.ledger.may_spend


def _embed(a: Analysis, run: Run) -> Run:
    before = tokens_used(a.embedder)
    made = embed(a.repository, embedder=a.embedder, vectors=a.vectors, progress=a.progress)
    embed_waiting(a.repository, a.embedder, a.progress)
    _book_embedding(a, run, tokens=tokens_used(a.embedder) - before)
    return _counted(run, embedded=run.counts.get("embedded", 0) + made)


def tokens_used(embedder: Embedder) -> int:
    """What a server counted so far; 0 for an embedder on this machine."""
    return int(getattr(embedder, "tokens_used", 0))


def _book_embedding(a: Analysis, run: Run, *, tokens: int) -> None:
    """One entry in the ledger for all texts of a stage."""
    if not tokens:
        return
    usd = tokens * a.settings.embedding.usd_per_million / 1_000_000
    model = a.embedder.fingerprint[:120]
    call = Call(run_id=run.id, stage="embed", model=model, prompt="texts", outcome=ANSWERED, tokens_in=tokens, usd=usd)
    a.repository.calls.add(call)


def _group(a: Analysis, run: Run) -> Run:
    done = group_mentions(a.repository, vectors=a.vectors, run_id=run.id, at=a.now(), progress=a.progress)
    told = {"joined": done.joined, "born": done.born, "settled": done.settled}
    counts = {name: run.counts.get(name, 0) + count for name, count in told.items()}
    run = _counted(run, **counts, unassigned=done.unassigned)
    weak = "The feedback has little structure: take the groups as a first guess."
    return replace(run, failures=(*run.failures, weak)) if done.is_weak and weak not in run.failures else run


def _settle(a: Analysis, run: Run) -> Run:
    """What grouping is unsure of is restated, and placed by that."""
    if a.models is None or a.models.restater is None:
        return run
    doubtful = a.repository.mentions.doubtful()
    kept = restate(a.repository, doubtful, restater=a.models.restater, run_id=run.id, progress=a.progress)
    run = _counted(run, stated=run.counts.get("stated", 0) + kept)
    return _group(a, _embed(a, run)) if kept else run


def _review(a: Analysis, run: Run) -> Run:
    if a.models is None or a.models.reviewer is None:
        return run
    review = Review(a.repository, a.models.reviewer, a.vectors, now=a.now, run_id=run.id, progress=a.progress)
    return _counted(run, **review.run())


def _describe(a: Analysis, run: Run) -> Run:
    done = describe_problems(a.repository, describer=a.describer, vectors=a.vectors, run_id=run.id, progress=a.progress)
    return _counted(run, **done)


def _theme(a: Analysis, run: Run) -> Run:
    return _counted(
        run,
        themes=find_themes(a.repository, vectors=a.vectors, run_id=run.id, namer=a.models.namer if a.models else None),
    )


def _assess(a: Analysis, run: Run) -> Run:
    """As with kinds."""
    if a.distilled.severity is not None:
        told = assess_for_nothing(a.repository, classifier=a.distilled.severity, at=a.now(), progress=a.progress)
        run = _counted(run, severity_distilled=told)
    if a.models is None:
        return run
    done = assess_problems(a.repository, assessor=a.models.assessor, run_id=run.id, at=a.now(), progress=a.progress)
    return _counted(run, assessed=done)


def _estimate(a: Analysis, run: Run) -> Run:
    made = estimate_problems(a.repository, settings=a.settings, embedder=a.embedder, vectors=a.vectors)
    return _counted(run, estimated=made, ranked=made)


def _compare(a: Analysis, run: Run) -> Run:
    """Later runs and digests tell from this what changed."""
    now = a.now()
    said = verdicts(a.repository, a.settings, now.date())
    night = record_night(a.repository, a.settings, run_id=run.id, at=now, verdicts=said)
    return _counted(run, news=len(night.news))


_STAGES: tuple[tuple[str, Callable[[Analysis, Run], Run]], ...] = (
    ("protect", _protect),
    ("split", _split),
    ("kinds", _kinds),
    ("restate", _restate),
    ("embed", _embed),
    ("group", _group),
    ("settle", _settle),
    ("review", _review),
    ("describe", _describe),
    ("theme", _theme),
    ("assess", _assess),
    ("estimate", _estimate),
    ("compare", _compare),
)
