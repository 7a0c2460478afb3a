"""Find words for problems: by a model where the settings name one, offline otherwise."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Protocol

from insights.domain.feedback import Mention, Quote
from insights.language.background import Background
from insights.language.excerpts import Excerpt
from insights.language.jobs import Described, Job
from insights.language.offline import NAME, describe
from insights.ports import Progress

if TYPE_CHECKING:
    from insights.embedding.static import StaticEmbedder

__all__ = ["Background", "Described", "Describer", "Job", "OfflineDescriber"]


class Describer(Protocol):
    """`name` is "offline" or "openai:MODEL"."""

    @property
    def name(self) -> str: ...

    def describe_many(
        self,
        jobs: Sequence[Job],
        *,
        background: Background,
        taken: Iterable[str] = (),
        run_id: int | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Described]:
        """Words for each job as they come, in any order; titles differ from each other and from those `taken`.

        Commit each as it arrives. Raises InsightsError where a person must help (a refused key).
        """
        ...


class OfflineDescriber:
    """Customers' own words; no network, no cost."""

    name = NAME

    def __init__(self) -> None:
        self._embedder: StaticEmbedder | None = None

    def describe_many(
        self,
        jobs: Sequence[Job],
        *,
        background: Background,
        taken: Iterable[str] = (),
        run_id: int | None = None,  # noqa: ARG002 - part of the port
        progress: Progress | None = None,
    ) -> Iterator[Described]:
        """In the order of the jobs."""
        titles = {title.casefold() for title in taken}
        for done, job in enumerate(jobs, 1):
            described = self.describe(job, background=background, taken=titles)
            titles.add(described.title.casefold())
            if progress is not None:
                progress("describe", done, len(jobs))
            yield described

    def describe(self, job: Job, *, background: Background, taken: AbstractSet[str]) -> Described:
        """`taken` in folded case. What gives orders to a machine is quoted only where nothing else is there."""
        from insights.embedding.static import StaticEmbedder

        self._embedder = self._embedder or StaticEmbedder()
        rows = [row for row, mention in enumerate(job.mentions) if not mention.is_order] or range(len(job.mentions))
        mentions = [job.mentions[row] for row in rows]
        draft = describe(mentions, job.vectors[rows], background=background, taken=taken, embed=self._embedder.embed)
        quotes = tuple(_quote(mentions, excerpt) for excerpt in draft.quotes)
        return Described(job.problem_id, draft.title, draft.summary, NAME, quotes)


def _quote(mentions: Sequence[Mention], excerpt: Excerpt) -> Quote:
    mention = mentions[excerpt.mention]
    return Quote(feedback_id=mention.feedback_id, start=mention.start + excerpt.start, end=mention.start + excerpt.end)
