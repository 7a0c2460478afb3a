"""Estimate what each problem is worth from the accounts, deals and items behind it, and rank by return."""

from collections.abc import Mapping, Sequence

import numpy as np

from insights.config import Settings
from insights.domain.assessed import assessed_of
from insights.domain.customers import Deal
from insights.domain.facts import Effort
from insights.grouping.centres import Centres, attach, centres_of, nearest_centres
from insights.ports import Embedder
from insights.stages.effort import similar_effort
from insights.stages.facts import (
    Evidence,
    Named,
    gather_evidence,
    gather_facts,
    lost_deals,
    open_deals,
    told_losses,
)
from insights.storage.assessments import ASSESSED
from insights.storage.repository import Repository
from insights.storage.vectors import VectorStore
from insights.valuation import revalue

SIMILAR_WORK = "similar finished work"


def estimate_problems(repository: Repository, *, settings: Settings, embedder: Embedder, vectors: VectorStore) -> int:
    """Gather the facts of every problem that has evidence, estimate and rank all, always anew. Returns how many."""
    evidence = gather_evidence(repository.mentions.heard(), repository.retaining.signs())
    deals = repository.customers.deals()
    told = told_losses(deals)
    has_work = bool(repository.finished_work.counts(embedder.fingerprint))
    centres = _centres(evidence, vectors) if evidence and (told or has_work) else None
    amounts, renewals = open_deals(deals, evidence)
    lost = _named_by_reason(told, centres, sorted(evidence), embedder=embedder)
    kept = repository.assessments.all(ASSESSED)
    facts, firm = gather_facts(
        evidence,
        repository,
        named=Named(open=amounts, lost=lost, renewals=renewals),
        efforts=_efforts(repository, centres, sorted(evidence), embedder=embedder) if has_work else {},
        assessed={n: assessed_of(one.text, problem_id=n, by=one.told_by) for n, one in kept.items()},
    )
    repository.problems.save_facts(facts, firm)
    return len(revalue(repository, settings))


def _centres(evidence: Mapping[int, Evidence], vectors: VectorStore) -> Centres | None:
    """The middles of all problems, in the order of their ids; None where all words went by rule."""
    problems = sorted(evidence)
    ids = [mention for problem in problems for mention in evidence[problem].mentions]
    sizes = [len(evidence[problem].mentions) for problem in problems]
    matrix, labels = vectors.matrix(ids), np.repeat(np.arange(len(problems)), sizes)
    rows = np.flatnonzero(matrix.any(axis=1))  # words that went by rule have no vector
    return centres_of(matrix[rows], labels[rows], groups=len(problems)) if len(rows) else None


def _efforts(
    repository: Repository, centres: Centres | None, problems: Sequence[int], *, embedder: Embedder
) -> dict[int, Effort]:
    """Weeks by what similar finished work took."""
    if centres is None:
        return {}
    found = similar_effort(repository, embedder, dict(zip(problems, centres.means, strict=True)))
    return {number: Effort(weeks=weeks, source=SIMILAR_WORK, words=words) for number, (weeks, words) in found.items()}


def _named_by_reason(
    told: Sequence[Deal], centres: Centres | None, problems: Sequence[int], *, embedder: Embedder
) -> dict[int, list[float | None]]:
    """A lost deal names the problem that the reason it was lost for belongs to, by meaning."""
    if centres is None or not told:
        return {}
    reasons = embedder.embed([deal.reason_lost or "" for deal in told])
    return lost_deals(told, attach(nearest_centres(reasons, centres), centres), problems)
