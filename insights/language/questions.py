"""Put many questions to a model at once: what was answered before is recalled, what is answered now is kept.

An answer is kept under all that decides it: rendered prompt, model, parameters and schema. It is paid once.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from insights.language.completions import Answer, Completions
from insights.language.prompts import load_prompt
from insights.language.spend import Ledger, NoAnswer
from insights.storage.runs import StoredAnswer

Subject = TypeVar("Subject")
Output = TypeVar("Output", bound=BaseModel)


class Answers(Protocol):
    """Where answers are kept: `insights.storage.runs.AnswerStore`."""

    def get(self, key: str) -> StoredAnswer | None: ...

    def put(self, answer: StoredAnswer, *, run_id: int | None = None) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Question(Generic[Subject]):
    """What it is about, and the prompt to send."""

    subject: Subject
    prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Questioner(Generic[Output]):
    """Asks for one type by one prompt file. Answers are recalled and kept in the caller's thread."""

    completions: Completions
    answers: Answers
    ledger: Ledger
    threads: int
    model: str
    prompt_name: str
    output: type[Output]

    def ask_many(
        self, questions: Sequence[Question[Subject]], *, run_id: int | None
    ) -> Iterator[tuple[Question[Subject], Output | None]]:
        """Each question with its answer as they come, None where there is none; recalled ones first. Raises
        InsightsError for a refused key."""
        open_questions = []
        for question in questions:
            value = self._recalled(question.prompt)
            if value is None:
                open_questions.append(question)
            else:
                yield question, value
        pool = ThreadPoolExecutor(self.threads)
        asked = {pool.submit(self.completions.complete, q.prompt, self.output): q for q in open_questions}
        try:
            for future in as_completed(list(asked)):
                question = asked.pop(future)
                yield question, self._kept(future, question.prompt, run_id=run_id)
        finally:
            # Reached in the middle too, by a refused key or an interrupt: what was not begun is not paid for, and what
            # was paid for is kept.
            pool.shutdown(wait=True, cancel_futures=True)
            for future, question in asked.items():
                if not future.cancelled() and future.exception() is None:
                    self._kept(future, question.prompt, run_id=run_id)

    def _recalled(self, prompt: str) -> Output | None:
        stored = self.answers.get(self._key(prompt))
        if stored is None:
            return None
        self.ledger.count(recalled=1)
        return self.output.model_validate_json(stored.text)

    def _kept(self, future: Future[Answer[Output]], prompt: str, *, run_id: int | None) -> Output | None:
        try:
            answer = future.result()
        except NoAnswer as why:
            self.ledger.note(str(why))
            return None
        stored = StoredAnswer(
            key=self._key(prompt),
            prompt=f"{self.prompt_name} {load_prompt(self.prompt_name).version}",
            model=self.model,
            text=answer.text,
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            usd=answer.usd,
        )
        self.answers.put(stored, run_id=run_id)
        return answer.value

    def _key(self, prompt: str) -> str:
        whole: list[Any] = [prompt, self.model, self.completions.parameters, self.output.model_json_schema()]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def fence_mark(lines: Sequence[str]) -> str:
    """Drawn from all remarks: no customer can write it, and the same remarks make the same prompt."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
