"""Put many questions to the models at once: the small one first, the large one where its answer does not do.

An answer is kept under all that decides it: rendered prompt, model, parameters and schema. It is paid once, and it is
kept by the thread that got it, in one transaction with its entry in the ledger, before anybody works with it.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from insights.config import Language
from insights.language.chat import schema_of
from insights.language.completions import Calls, Completions, Purpose, expected_tokens
from insights.language.prompts import load_prompt
from insights.language.spend import Ledger, NoAnswer, TooLong
from insights.storage.calls import RECALLED, Call
from insights.storage.runs import StoredAnswer

Subject = TypeVar("Subject")
Output = TypeVar("Output", bound=BaseModel)

_MOST_HALVINGS = 8
"""From some 250 remarks down to one: whoever asks about more at once gives up some that could be answered."""
TOKENS_OUT = 200
"""What an answer is reckoned at before it is there, where a task does not say."""


class Answers(Protocol):
    """Where answers are kept: `insights.storage.runs.AnswerStore`."""

    def get(self, key: str) -> StoredAnswer | None: ...

    def put(self, answer: StoredAnswer, *, run_id: int | None = None, call: Call | None = None) -> None: ...


class Batches(Protocol):
    """Answers questions ahead, at half the price: `insights.language.batches.Batches`. Questions come by the keys of
    their answers; what comes back are the keys of those that may still be answered, and must not be asked."""

    def fetch(
        self, questions: Mapping[str, "Question[Any]"], output: type[BaseModel], *, purpose: Purpose, share: float
    ) -> Collection[str]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Question(Generic[Subject]):
    """What it is about, and the prompt to send; no answer may hold the `canary`."""

    subject: Subject
    prompt: str
    canary: str = ""


@dataclass(frozen=True, slots=True)
class Answered(Generic[Output]):
    """An answer and the model that gave it; both None where there is none."""

    value: Output | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """About what questions will take, by the small model's prices."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float = 0.0

    def __add__(self, other: "Expected") -> "Expected":
        return Expected(
            self.calls + other.calls,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.usd + other.usd,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Generic[Subject, Output]):
    """One kind of question. `stage` is where the ledger books it; who may spend but a `share` of the run's money leaves
    the rest to others. `holds` says whether a small model's answer will do; `halves` asks for less at a time, where a
    model takes no more; `agrees` compares two answers, 0 to 1, to see what the small model loses; `tokens_out` is
    what an answer is reckoned at before it is there. An answer that is not sound may come of one remark that the model
    obeyed: it is asked for in halves, until that remark stands alone."""

    stage: str
    prompt: str
    output: type[Output]
    share: float = 1.0
    holds: Callable[[Subject, Output], bool] = lambda _subject, _answer: True
    halves: Callable[[Question[Subject]], Sequence[Question[Subject]]] = lambda _question: ()
    agrees: Callable[[Subject, Output, Output], float] | None = None
    tokens_out: Callable[[Subject], int] = lambda _subject: TOKENS_OUT
    is_sound: Callable[[Subject, Output], bool] = lambda _subject, _answer: True

    @property
    def version(self) -> str:
        """The prompt file's name and version, as answers and the ledger name it."""
        return f"{self.prompt} {load_prompt(self.prompt).version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The models of one run, the answers there are, and the money; `product` is its name on one line. May be shared by
    all that ask."""

    settings: Language
    small: Completions
    large: Completions | None
    answers: Answers
    calls: Calls
    ledger: Ledger
    product: str
    batches: Batches | None = field(default=None)

    @property
    def name(self) -> str:
        """The model that does most of the work: "openai:MODEL"."""
        return self.small.model.name

    def ask_many(
        self, task: Task[Subject, Output], questions: Sequence[Question[Subject]], *, run_id: int | None
    ) -> Iterator[tuple[Question[Subject], Answered[Output]]]:
        """Each question with its answer as they come; one that was too long comes in halves. Raises InsightsError for
        a refused key."""
        left, waiting = self._ahead(task, questions, run_id=run_id)
        yield from ((question, Answered()) for question in waiting)
        pool = ThreadPoolExecutor(self.settings.concurrency)
        asked = [pool.submit(self._answered, task, question, run_id) for question in left]
        try:
            for future in as_completed(asked):
                yield from future.result()
        finally:
            # Reached in the middle too, by a refused key or an interrupt: what was not begun is not paid for; what was
            # paid for is kept by its own thread.
            pool.shutdown(wait=True, cancel_futures=True)

    def ask(self, task: Task[Subject, Output], question: Question[Subject], *, run_id: int | None) -> Answered[Output]:
        """One question. Raises InsightsError for a refused key."""
        return self._answered(task, question, run_id)[0][1]

    def question(self, prompt: str, subject: Subject, lines: Sequence[str], **values: Any) -> Question[Subject]:
        """A prompt file rendered with these remarks in its fence, and the other values that it takes."""
        fence, canary = fenced(lines)
        text = load_prompt(prompt).render(product=self.product, **fence, **values)
        return Question(subject, text, canary)

    def is_known(self, task: Task[Subject, Output], question: Question[Subject]) -> bool:
        """Whether the small model has answered it before: then it costs nothing."""
        return self.answers.get(self._key(self.small, task, question.prompt)) is not None

    def expected(self, task: Task[Subject, Output], question: Question[Subject]) -> Expected:
        """About what asking would take: nothing where it was answered before."""
        if self.is_known(task, question):
            return Expected()
        tokens = expected_tokens(question.prompt), task.tokens_out(question.subject)
        return Expected(1, *tokens, self.small.model.usd(*tokens))

    # -- one question -----------------------------------------------------------------------------------------

    def _answered(
        self, task: Task[Subject, Output], question: Question[Subject], run_id: int | None, halvings: int = 0
    ) -> list[tuple[Question[Subject], Answered[Output]]]:
        parts = task.halves(question) if halvings < _MOST_HALVINGS else ()
        try:
            answered = self._routed(task, question, run_id)
        except TooLong as why:
            if not parts:
                self.ledger.note(str(why))
                return [(question, Answered())]
        else:
            is_odd = answered.value is not None and not task.is_sound(question.subject, answered.value)
            if not (is_odd and len(parts) > 1):
                return [(question, answered)]
        return [found for part in parts for found in self._answered(task, part, run_id, halvings + 1)]

    def _routed(self, task: Task[Subject, Output], question: Question[Subject], run_id: int | None) -> Answered[Output]:
        """The small model's answer where it holds, else the large one's, else what there is."""
        first = self._from(self.small, task, question, run_id)
        does = first.value is not None and task.holds(question.subject, first.value)
        if self.large is None or (first.by is None and self.small.is_closed):
            return first
        if does and not self._is_audited(question):
            return first
        second = self._second(self.large, task, question, run_id, first=first)
        if second.value is None:
            return first
        if not does:
            self.ledger.count(escalated=1)
        elif task.agrees is not None and first.value is not None:
            agreed = task.agrees(question.subject, first.value, second.value)
            self.ledger.count(audited=1, agreed=agreed)
        return second

    def _second(
        self,
        large: Completions,
        task: Task[Subject, Output],
        question: Question[Subject],
        run_id: int | None,
        *,
        first: Answered[Output],
    ) -> Answered[Output]:
        """The large model's answer. Too long for it is no reason to ask in halves where there is a first answer."""
        try:
            return self._from(large, task, question, run_id)
        except TooLong as why:
            if first.value is None:
                raise
            self.ledger.note(str(why))
            return Answered()

    def _is_audited(self, question: Question[Subject]) -> bool:
        """The same questions every time: by the prompt's own digits."""
        number = int(hashlib.sha256(question.prompt.encode()).hexdigest()[:8], 16)
        return number < self.settings.audit_share * 2**32

    def _from(
        self, model: Completions, task: Task[Subject, Output], question: Question[Subject], run_id: int | None
    ) -> Answered[Output]:
        """Recalled, or asked and kept. Raises TooLong."""
        key = self._key(model, task, question.prompt)
        purpose = Purpose(run_id, task.stage, task.version, question.canary)
        known = self._recalled(key, model, task.output, purpose)
        if known is not None:
            return Answered(known, model.model.name)
        try:
            answer = model.complete(question.prompt, task.output, purpose=purpose, share=task.share)
        except TooLong:
            raise
        except NoAnswer as why:
            self.ledger.note(str(why))
            return Answered()
        stored = StoredAnswer(
            key=key,
            prompt=task.version,
            model=model.model.name,
            text=answer.text,
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            usd=answer.usd,
        )
        self.answers.put(stored, run_id=run_id, call=answer.call)
        return Answered(answer.value, model.model.name)

    def _recalled(self, key: str, model: Completions, output: type[Output], purpose: Purpose) -> Output | None:
        stored = self.answers.get(key)
        if stored is None:
            return None
        try:
            value = output.model_validate_json(stored.text)
        except ValidationError:
            return None
        self.ledger.count(recalled=1)
        call = Call(
            run_id=purpose.run_id, stage=purpose.stage, model=model.model.name, prompt=purpose.prompt, outcome=RECALLED
        )
        self.calls.add(call)
        return value

    def _key(self, model: Completions, task: Task[Subject, Output], prompt: str) -> str:
        whole: list[Any] = [prompt, model.model.name, model.parameters, schema_of(task.output)]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()

    def _ahead(
        self, task: Task[Subject, Output], questions: Sequence[Question[Subject]], *, run_id: int | None
    ) -> tuple[Sequence[Question[Subject]], Sequence[Question[Subject]]]:
        """Have a batch answer what is not known. What it leaves is asked one by one; what it may still answer waits for
        the next run."""
        if self.batches is None:
            return questions, ()
        keys = [self._key(self.small, task, question.prompt) for question in questions]
        open_ones = {key: one for key, one in zip(keys, questions, strict=True) if self.answers.get(key) is None}
        purpose = Purpose(run_id, task.stage, task.version)
        held = self.batches.fetch(open_ones, task.output, purpose=purpose, share=task.share)
        left = [one for key, one in zip(keys, questions, strict=True) if key not in held]
        return left, [one for key, one in zip(keys, questions, strict=True) if key in held]


def halved(items: Sequence[Subject]) -> tuple[Sequence[Subject], Sequence[Subject]]:
    """Two halves of at least one; for questions about many things."""
    middle = max(len(items) // 2, 1)
    return items[:middle], items[middle:]


def fence_mark(lines: Sequence[str]) -> str:
    """Drawn from all remarks: no customer can write it, and the same remarks make the same prompt."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def canary_of(mark: str) -> str:
    """A word that stands in the prompt and that no honest answer holds."""
    return hashlib.sha256(f"canary {mark}".encode()).hexdigest()[:12]


def fenced(lines: Sequence[str]) -> tuple[dict[str, Any], str]:
    """The values that every prompt about remarks takes (items numbered from 1, mark, canary), and the canary."""
    mark = fence_mark(lines)
    items = [{"id": number, "text": line} for number, line in enumerate(lines, 1)]
    return {"items": items, "mark": mark, "canary": canary_of(mark)}, canary_of(mark)
