"""Describe problems with a chat model: paid once, checked always, offline where the model has no usable answer."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, Protocol

from insights.config import Language
from insights.domain.feedback import Mention
from insights.language.answers import ProblemDraft
from insights.language.background import Background
from insights.language.checked import checked
from insights.language.completions import Answer, Completions, estimated_tokens
from insights.language.describer import OfflineDescriber
from insights.language.jobs import Described, Job, Totals
from insights.language.offline import nearest
from insights.language.prompts import load_prompt
from insights.language.spend import Ledger, NoAnswer
from insights.ports import Progress
from insights.storage.runs import StoredAnswer
from insights.text.clean import one_line

PROMPT = "describe_problem"
_MOST_ITEMS = 40
_ITEM_TOKENS = 1_900
"""For the remarks; with the prompt's own words a request stays below 2,500 tokens."""
_LONGEST_ITEM = 500


class Answers(Protocol):
    """Where answers are kept: `insights.storage.runs.AnswerStore`."""

    def get(self, key: str) -> StoredAnswer | None: ...

    def put(self, answer: StoredAnswer, *, run_id: int | None = None) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """A job with what the model is shown of it."""

    job: Job
    shown: Mapping[int, Mention]
    prompt: str
    key: str


class ModelDescriber:
    """Asks several problems at once; answers are recalled and kept in the caller's thread."""

    def __init__(
        self,
        settings: Language,
        *,
        product: str,
        answers: Answers,
        offline: OfflineDescriber,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = settings.model
        self._product = product
        self._answers = answers
        self._offline = offline
        self._threads = settings.concurrency
        self._ledger = Ledger(settings)
        self._completions = Completions(settings, ledger=self._ledger, sleep=sleep)

    @property
    def totals(self) -> Totals:
        return self._ledger.totals

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
        titles = {title.casefold() for title in taken}
        for done, (question, draft) in enumerate(self._drafts([self._question(job) for job in jobs], run_id), 1):
            described = self._described(question, draft, background=background, taken=titles)
            titles.add(described.title.casefold())
            if progress is not None:
                progress("describe", done, len(jobs))
            yield described

    def _drafts(
        self, questions: Sequence[_Question], run_id: int | None
    ) -> Iterator[tuple[_Question, ProblemDraft | None]]:
        """Each question with its answer, None where there is none."""
        open_questions = []
        for question in questions:
            draft = self._recalled(question)
            if draft is None:
                open_questions.append(question)
            else:
                yield question, draft
        pool = ThreadPoolExecutor(self._threads)
        try:
            asked = {pool.submit(self._completions.complete, q.prompt, ProblemDraft): q for q in open_questions}
            for future in as_completed(asked):
                yield asked[future], self._kept(future, asked[future], run_id=run_id)
        finally:
            # Reached in the middle too, by a refused key or an interrupt: what was not begun is not paid for.
            pool.shutdown(wait=True, cancel_futures=True)

    def _recalled(self, question: _Question) -> ProblemDraft | None:
        stored = self._answers.get(question.key)
        if stored is None:
            return None
        self._ledger.count(recalled=1)
        return ProblemDraft.model_validate_json(stored.text)

    def _kept(
        self, future: Future[Answer[ProblemDraft]], question: _Question, *, run_id: int | None
    ) -> ProblemDraft | None:
        try:
            answer = future.result()
        except NoAnswer as why:
            self._ledger.note(str(why))
            return None
        stored = StoredAnswer(
            key=question.key,
            prompt=f"{PROMPT} {load_prompt(PROMPT).version}",
            model=self.name,
            text=answer.text,
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            usd=answer.usd,
        )
        self._answers.put(stored, run_id=run_id)
        return answer.value

    def _described(
        self, question: _Question, draft: ProblemDraft | None, *, background: Background, taken: set[str]
    ) -> Described:
        """The model's words where they hold; the offline ones for what does not."""
        job = question.job
        found = checked(draft, question.shown) if draft is not None else None
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

    def _question(self, job: Job) -> _Question:
        shown = _shown(job)
        items = [{"id": number, "text": _line(mention)} for number, mention in shown.items()]
        # Drawn from all remarks: no customer can write it, and the same remarks make the same prompt.
        mark = hashlib.sha256("\n".join(str(item["text"]) for item in items).encode()).hexdigest()[:16]
        prompt = load_prompt(PROMPT).render(product=one_line(self._product, 80), mark=mark, items=items)
        return _Question(job, shown, prompt, _key(prompt, self.name, self._completions.parameters))


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


def _key(prompt: str, model: str, parameters: Mapping[str, Any]) -> str:
    """Stands for all that decides an answer."""
    whole = [prompt, model, parameters, ProblemDraft.model_json_schema()]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
