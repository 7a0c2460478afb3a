"""Describe problems with a chat model: paid once, checked always, offline where the model has no usable answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from insights.domain.feedback import Mention
from insights.language.answers import ProblemDraft
from insights.language.background import Background
from insights.language.checked import Checked, checked
from insights.language.describer import OfflineDescriber
from insights.language.jobs import Described, Job
from insights.language.lines import how_many_fit
from insights.language.offline import nearest
from insights.language.questions import Answered, Desk, Question, Task
from insights.ports import Progress
from insights.text.clean import one_line

PROMPT = "describe_problem"
_MOST_ITEMS = 40
_ITEM_TOKENS = 1_800
"""For the remarks; with the prompt's own words a request stays below 2,500 tokens."""
_LONGEST_ITEM = 500
_FEWEST_ITEMS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A job with what the model is shown of it: mentions by the numbers that stand before them; `is_part` where it is
    half of what could be shown."""

    job: Job
    mentions: Mapping[int, Mention]
    is_part: bool = False


class ModelDescriber:
    """Asks several problems at once."""

    def __init__(self, desk: Desk, *, offline: OfflineDescriber) -> None:
        self.name = desk.name
        self._desk = desk
        self._offline = offline
        self.task: Task[Shown, ProblemDraft] = Task(
            stage="describe",
            prompt=PROMPT,
            output=ProblemDraft,
            holds=_holds,
            halves=self._halves,
            agrees=_agreement,
            is_sound=lambda shown, draft: shown.is_part or bool(checked(draft, shown.mentions).title),
        )

    def describe_many(
        self,
        jobs: Sequence[Job],
        *,
        background: Background,
        taken: Iterable[str] = (),
        run_id: int | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Described]:
        """Words for each job as they come. Where half of a problem's remarks had to be asked about at a time, words of
        a model may follow on offline ones, and take their place."""
        titles = {title.casefold() for title in taken}
        told: dict[int, bool] = {}
        for shown, answered in self._answers(jobs, run_id=run_id):
            if told.get(shown.job.problem_id):
                continue
            described = self._described(shown, answered, background=background, taken=titles)
            titles.add(described.title.casefold())
            told[shown.job.problem_id] = described.described_by != self._offline.name
            if progress is not None:
                progress("describe", len(told), len(jobs))
            yield described

    def _answers(self, jobs: Sequence[Job], *, run_id: int | None) -> Iterator[tuple[Shown, Answered[ProblemDraft]]]:
        questions = self.questions(jobs)
        for question, answered in self._desk.ask_many(self.task, questions, run_id=run_id):
            yield question.subject, answered
        shown = {question.subject.job.problem_id for question in questions}
        for job in jobs:
            if job.problem_id not in shown:
                yield Shown(job, {}), Answered()

    def questions(self, jobs: Sequence[Job]) -> list[Question[Shown]]:
        """What would be asked. A problem of nothing but items that give orders is shown to no model."""
        return [self._question(job, most=_MOST_ITEMS) for job in jobs if not all(m.is_order for m in job.mentions)]

    def _described(
        self, shown: Shown, answered: Answered[ProblemDraft], *, background: Background, taken: set[str]
    ) -> Described:
        """The model's words where they hold; the offline ones for what does not."""
        job = shown.job
        found = checked(answered.value, shown.mentions) if answered.value is not None else None
        if found is not None:
            self._count(found)
        if found is None or not found.quotes or answered.by is None:
            return self._offline.describe(job, background=background, taken=taken)
        if found.title and found.summary and found.title.casefold() not in taken:
            return Described(job.problem_id, found.title, found.summary, answered.by, found.quotes)
        instead = self._offline.describe(job, background=background, taken=taken)
        if not found.summary:
            return instead
        return Described(job.problem_id, instead.title, found.summary, answered.by, found.quotes)

    def _count(self, found: Checked) -> None:
        self._desk.ledger.count(
            quotes_kept=len(found.quotes),
            quotes_dropped=found.dropped,
            sentences_kept=found.kept_sentences,
            sentences_dropped=found.unbacked,
        )

    def _question(self, job: Job, *, most: int) -> Question[Shown]:
        return self._asked(Shown(job, _shown(job, most=most)))

    def _asked(self, shown: Shown) -> Question[Shown]:
        return self._desk.question(PROMPT, shown, [_line(mention) for mention in shown.mentions.values()])

    def _halves(self, question: Question[Shown]) -> list[Question[Shown]]:
        """Every other remark, twice, so that one that speaks for the others is in one half only; nothing when few are
        left."""
        shown = question.subject
        rows = list(shown.mentions.values())
        if len(rows) < 2 * _FEWEST_ITEMS:
            return []
        halves = (dict(enumerate(rows[place::2], 1)) for place in (0, 1))
        return [self._asked(Shown(shown.job, half, is_part=True)) for half in halves]


def _holds(shown: Shown, draft: ProblemDraft) -> bool:
    """Whether the words will do as they are: quotes found, nothing unbacked, the model sure of it."""
    found = checked(draft, shown.mentions)
    return bool(found.title and found.summary and found.quotes) and not found.dropped and draft.confidence == "high"


def _agreement(shown: Shown, small: ProblemDraft, large: ProblemDraft) -> float:
    """Share of the large model's verified quotes' items that the small one quotes, too: do they see the same?"""
    first, second = checked(small, shown.mentions), checked(large, shown.mentions)
    wanted = {quote.feedback_id for quote in second.quotes}
    return len(wanted & {quote.feedback_id for quote in first.quotes}) / len(wanted) if wanted else 1.0


def _shown(job: Job, *, most: int) -> dict[int, Mention]:
    """The mentions nearest the centre that fit, numbered from 1; no text twice."""
    distinct: dict[str, Mention] = {}
    for place in nearest(job.vectors)[0]:
        if len(distinct) == most:
            break
        if not job.mentions[place].is_order:
            distinct.setdefault(_line(job.mentions[place]).casefold(), job.mentions[place])
    mentions = list(distinct.values())
    fitting = how_many_fit([_line(mention) for mention in mentions], tokens=_ITEM_TOKENS)
    return dict(enumerate(mentions[:fitting], 1))


def _line(mention: Mention) -> str:
    """One line, so that no remark can begin another."""
    return one_line(mention.text, _LONGEST_ITEM)
