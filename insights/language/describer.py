"""Find words for problems: by a model where the settings name one, offline otherwise."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Protocol

from insights.config import Settings
from insights.domain.feedback import Mention, Quote
from insights.errors import InsightsError
from insights.language.background import Background
from insights.language.excerpts import Excerpt
from insights.language.jobs import Described, Job, Totals
from insights.language.offline import NAME, describe
from insights.ports import Progress

if TYPE_CHECKING:
    from insights.embedding.static import StaticEmbedder
    from insights.language.kinds import KindTeller
    from insights.language.spend import Ledger
    from insights.storage.runs import AnswerStore

__all__ = ["Background", "Described", "Describer", "Job", "OfflineDescriber", "Totals", "describer_for"]


class Describer(Protocol):
    """`name` is "offline" or "openai:MODEL"; `totals` say what describing took so far."""

    @property
    def name(self) -> str: ...

    @property
    def totals(self) -> Totals: ...

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
        self.totals = Totals()
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
        """`taken` in folded case."""
        from insights.embedding.static import StaticEmbedder

        self._embedder = self._embedder or StaticEmbedder()
        draft = describe(job.mentions, job.vectors, background=background, taken=taken, embed=self._embedder.embed)
        quotes = tuple(_quote(job.mentions, excerpt) for excerpt in draft.quotes)
        return Described(job.problem_id, draft.title, draft.summary, NAME, quotes)


def _quote(mentions: Sequence[Mention], excerpt: Excerpt) -> Quote:
    mention = mentions[excerpt.mention]
    return Quote(feedback_id=mention.feedback_id, start=mention.start + excerpt.start, end=mention.start + excerpt.end)


def describer_for(settings: Settings, answers: "AnswerStore", *, ledger: "Ledger | None" = None) -> Describer:
    """The describer that the settings name; `answers` keeps what models answer, `ledger` what they cost. Reads no key
    and sends nothing yet."""
    wanted = settings.language.model.strip()
    if not wanted:
        return OfflineDescriber()
    kind, _, model = wanted.partition(":")
    if kind != "openai" or not model:
        raise InsightsError(
            f"language.model is {wanted!r}, which names no model.",
            remedy="Write openai:MODEL (for any OpenAI-compatible server), or leave it empty to work offline.",
        )
    from insights.language.model import ModelDescriber

    return ModelDescriber(
        settings.language,
        product=settings.product.name,
        answers=answers,
        offline=OfflineDescriber(),
        ledger=ledger,
    )


def teller_for(settings: Settings, answers: "AnswerStore", *, ledger: "Ledger") -> "KindTeller | None":
    """Who gives second opinions on what mentions do: the model that the settings name, if any."""
    if not settings.language.model.strip() or not settings.language.unsure_below:
        return None
    from insights.language.kinds import KindTeller

    return KindTeller(settings.language, product=settings.product.name, answers=answers, ledger=ledger)
