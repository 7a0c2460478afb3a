"""Give new and much changed problems their title, summary and quotes; the others keep theirs, and cost nothing."""

from collections.abc import Mapping

import numpy as np

from insights.domain.feedback import Mention
from insights.language.background import Background
from insights.language.describer import Describer, Job
from insights.language.offline import NAME as OFFLINE
from insights.ports import Progress
from insights.storage.problems import Words
from insights.storage.repository import Repository
from insights.storage.vectors import VectorStore

GROWTH = 1.25
"""A group this many times larger or smaller than when it was described is described anew."""


def describe_problems(
    repository: Repository, *, describer: Describer, vectors: VectorStore, run_id: int, progress: Progress
) -> dict[str, int]:
    """Describe what needs it; each problem's words are committed as they come, so a kill loses none. Returns counts by
    name."""
    sizes = repository.mentions.sizes()
    known = repository.problems.described()
    waiting = {p for p, size in sizes.items() if needs_words(known.get(p, (None, None)), size, describer.name)}
    members = repository.mentions.by_problem(waiting) if waiting else {}
    waiting = set(members)  # whose words all went by rule has nothing to be described by
    if not waiting:
        return {}
    background = Background.of(heard.text for heard in repository.mentions.heard())
    jobs = _jobs(members, vectors)
    taken = {title.casefold() for title in repository.problems.titles(sizes.keys() - waiting).values()}
    told: dict[int, bool] = {}
    for words in describer.describe_many(jobs, background=background, taken=taken, run_id=run_id):
        repository.problems.save_words(
            words.problem_id,
            Words(
                title=words.title,
                summary=words.summary,
                described_by=words.described_by,
                described_from=str(sizes[words.problem_id]),
                quotes=words.quotes,
            ),
        )
        told[words.problem_id] = words.described_by == OFFLINE and describer.name != OFFLINE
        progress("describing problems", len(told), len(jobs))
    counts = {"described": len(told), "described_offline": sum(told.values())}
    return {name: count for name, count in counts.items() if count}


def needs_words(known: tuple[str | None, str | None], size: int, name: str) -> bool:
    """Never described, described by less than what is at hand now, or the group is another by size, in mentions."""
    by, before = known
    if by is None or not before or (by == OFFLINE and name != OFFLINE):
        return True
    ratio = size / max(int(before), 1)
    return not 1 / GROWTH <= ratio <= GROWTH


def _jobs(waiting: Mapping[int, list[Mention]], vectors: VectorStore) -> list[Job]:
    """Largest first: they take the best titles."""
    order = sorted(waiting, key=lambda problem: (-len(waiting[problem]), problem))
    matrix = vectors.matrix([mention.id for problem in order for mention in waiting[problem]])
    ends = np.cumsum([len(waiting[problem]) for problem in order])
    return [
        Job(problem, waiting[problem], matrix[end - len(waiting[problem]) : end])
        for problem, end in zip(order, ends, strict=True)
    ]
