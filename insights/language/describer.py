"""Give problems their words: offline, or by a model with the offline words to fall back on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from insights.config import Settings
from insights.domain.feedback import MentionText, Quote
from insights.language.background import Background
from insights.language.offline import Draft, describe
from insights.ports import Vectors
from insights.storage.runs import AnswerStore


@dataclass(frozen=True, slots=True)
class Job:
    """A problem to be described: its mentions, and their vectors row by row."""

    problem_id: int
    mentions: Sequence[MentionText]
    vectors: Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A problem's words, and who wrote them: "offline" or a model's name."""

    problem_id: int
    title: str
    summary: str
    described_by: str
    quotes: tuple[Quote, ...]


@dataclass(slots=True)
class Report:
    """What describing took: named counts, money, and what went wrong in words."""

    counts: dict[str, int] = field(default_factory=dict)
    usd: float = 0.0
    failures: list[str] = field(default_factory=list)


class Describer(Protocol):
    """Writes words for problems, one after the other, as they are ready."""

    @property
    def name(self) -> str: ...

    @property
    def report(self) -> Report: ...

    def describe_many(
        self, jobs: Sequence[Job], *, background: Background, taken: set[str], run_id: int
    ) -> Iterator[Described]: ...


class OfflineDescriber:
    """Needs nothing but the mentions."""

    name = "offline"

    def __init__(self) -> None:
        self.report = Report()

    def describe_many(
        self,
        jobs: Sequence[Job],
        *,
        background: Background,
        taken: set[str],
        run_id: int,  # noqa: ARG002
    ) -> Iterator[Described]:
        for job in jobs:
            draft = describe(job.mentions, job.vectors, background=background, taken=taken)
            taken.add(draft.title.casefold())
            yield offline_words(job, draft)


def offline_words(job: Job, draft: Draft) -> Described:
    """A draft's places in the mentions become places in the items."""
    quotes = []
    for excerpt in draft.quotes:
        mention = job.mentions[excerpt.mention]
        quotes.append(
            Quote(feedback_id=mention.feedback_id, start=mention.start + excerpt.start, end=mention.start + excerpt.end)
        )
    return Described(
        problem_id=job.problem_id,
        title=draft.title,
        summary=draft.summary,
        described_by="offline",
        quotes=tuple(quotes),
    )


def describer_for(settings: Settings, answers: AnswerStore) -> Describer:  # noqa: ARG001
    """The describer that the settings ask for."""
    return OfflineDescriber()
