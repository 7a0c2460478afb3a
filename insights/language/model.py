"""Describe problems with a chat model: paid once, checked always, offline where the model has no usable answer."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from insights.config import Language
from insights.domain.feedback import Mention
from insights.language.answers import ProblemDraft
from insights.language.background import Background
from insights.language.checked import checked
from insights.language.completions import Completions, estimated_tokens
from insights.language.describer import OfflineDescriber
from insights.language.jobs import Described, Job, Totals
from insights.language.offline import nearest
from insights.language.prompts import load_prompt
from insights.language.questions import Answers, Question, Questioner, fence_mark
from insights.language.spend import Ledger
from insights.ports import Progress
from insights.text.clean import one_line

PROMPT = "describe_problem"
_MOST_ITEMS = 40
_ITEM_TOKENS = 1_900
"""For the remarks; with the prompt's own words a request stays below 2,500 tokens."""
_LONGEST_ITEM = 500


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """A job with what the model is shown of it."""

    job: Job
    mentions: Mapping[int, Mention]


class ModelDescriber:
    """Asks several problems at once. A `ledger` that others write in, too, makes for one budget."""

    def __init__(
        self,
        settings: Language,
        *,
        product: str,
        answers: Answers,
        offline: OfflineDescriber,
        ledger: Ledger | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = settings.model
        self._product = product
        self._offline = offline
        self._ledger = ledger or Ledger(settings)
        self._begun: Totals | None = None
        self._questioner = Questioner(
            completions=Completions(settings, ledger=self._ledger, sleep=sleep),
            answers=answers,
            ledger=self._ledger,
            threads=settings.concurrency,
            model=self.name,
            prompt_name=PROMPT,
            output=ProblemDraft,
        )

    @property
    def totals(self) -> Totals:
        return self._ledger.totals.since(self._begun) if self._begun else Totals()

    def describe_many(
        self,
        jobs: Sequence[Job],
        *,
        background: Background,
        taken: Iterable[str] = (),
        run_id: int | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Described]:
        """Words for each job as they come; recalled answers first."""
        self._begun = self._begun or self._ledger.totals
        titles = {title.casefold() for title in taken}
        drafts = self._questioner.ask_many([self._question(job) for job in jobs], run_id=run_id)
        for done, (question, draft) in enumerate(drafts, 1):
            described = self._described(question.subject, draft, background=background, taken=titles)
            titles.add(described.title.casefold())
            if progress is not None:
                progress("describe", done, len(jobs))
            yield described

    def _described(
        self, shown: _Shown, draft: ProblemDraft | None, *, background: Background, taken: set[str]
    ) -> Described:
        """The model's words where they hold; the offline ones for what does not."""
        job = shown.job
        found = checked(draft, shown.mentions) if draft is not None else None
        if found is not None:
            self._ledger.count(quotes_dropped=found.dropped)
        if found is None or not found.quotes:
            return self._offline.describe(job, background=background, taken=taken)
        if found.title and found.summary and found.title.casefold() not in taken:
            return Described(job.problem_id, found.title, found.summary, self.name, found.quotes)
        instead = self._offline.describe(job, background=background, taken=taken)
        if not found.summary:
            return instead
        return Described(job.problem_id, instead.title, found.summary, self.name, found.quotes)

    def _question(self, job: Job) -> Question[_Shown]:
        shown = _shown(job)
        items = [{"id": number, "text": _line(mention)} for number, mention in shown.items()]
        mark = fence_mark([str(item["text"]) for item in items])
        prompt = load_prompt(PROMPT).render(product=one_line(self._product, 80), mark=mark, items=items)
        return Question(_Shown(job, shown), prompt)


def _shown(job: Job) -> dict[int, Mention]:
    """The mentions nearest the centre that fit, numbered from 1; no text twice."""
    chosen: dict[int, Mention] = {}
    seen: set[str] = set()
    left = _ITEM_TOKENS
    for place in nearest(job.vectors)[0]:
        line = _line(job.mentions[place])
        left -= 0 if line.casefold() in seen else estimated_tokens(line) + 4
        if len(chosen) == _MOST_ITEMS or (left < 0 and chosen):
            break
        if line.casefold() not in seen:
            seen.add(line.casefold())
            chosen[len(chosen) + 1] = job.mentions[place]
    return chosen


def _line(mention: Mention) -> str:
    """One line, so that no remark can begin another."""
    return one_line(mention.text, _LONGEST_ITEM)
