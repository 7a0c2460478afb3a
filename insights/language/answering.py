"""Have a model answer a question from customers' remarks: every sentence names the remarks that it rests on.

What rests on nothing that was shown, holds a figure or an address that its remarks do not hold, or is about something
of which they do not speak, is dropped and counted. What is left is customers' word; nothing here says that it is true.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from insights.errors import ExitCode, InsightsError
from insights.language.answers import AnswerDraft, SentenceDraft
from insights.language.checked import backed
from insights.language.lines import how_many_fit
from insights.language.questions import Desk, Question, Task
from insights.language.topics import speaks_of, topics
from insights.text.clean import one_line, sanitise

PROMPT = "answer_question"
LONGEST_QUESTION = 300
_LONGEST_ITEM = 320
_ITEM_TOKENS = 2_700
"""For the remarks: two dozen fit, and with prompt and answer they fit models that take 4,096 tokens."""
_MOST_SENTENCES = 8
_LONGEST_SENTENCE = 400
_MARKS = re.compile(r"\s*[\[(]\d+(?:\s*[,;–-]\s*\d+)*[\])]")
"""Numbers that a model writes into the sentence itself; they count where it lists them."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, and the numbers of the remarks that it rests on, from 1."""

    words: str
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is left of an answer. No sentence: the remarks do not say. `dropped` sentences did not pass the check."""

    sentences: tuple[Sentence, ...]
    dropped: int
    by: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the remarks that are shown with it."""

    question: str
    remarks: tuple[str, ...]


class Answerer:
    """`name` is "openai:MODEL"."""

    def __init__(self, desk: Desk) -> None:
        self.name = desk.name
        self._desk = desk
        self.task: Task[Asked, AnswerDraft] = Task(
            stage="ask", prompt=PROMPT, output=AnswerDraft, holds=_holds, agrees=_agreement
        )

    @property
    def failures(self) -> tuple[str, ...]:
        """What went wrong so far, for people."""
        return self._desk.ledger.totals.failures

    def answer(self, question: str, remarks: Sequence[str]) -> Answer | None:
        """From as many of the remarks, the first before the others, as may be shown; their numbers stay. None where
        the model gave no usable answer. Raises InsightsError for a refused key."""
        asked = self.question(question, remarks)
        answered = self._desk.ask(self.task, asked, run_id=None)
        if answered.value is None or answered.by is None:
            return None
        sentences, dropped = supported(answered.value, asked.subject)
        return Answer(sentences, dropped, answered.by)

    def question(self, question: str, remarks: Sequence[str]) -> Question[Asked]:
        """What would be asked. The question stands outside the fence, on a line of its own, which it cannot leave."""
        shown = _fitting([one_line(remark, _LONGEST_ITEM) for remark in remarks])
        return self._desk.question(PROMPT, Asked(question, tuple(shown)), shown, question=question_line(question))


def question_line(text: str) -> str:
    """The question on one line. Raises InsightsError where there is none, or it is too long to be one."""
    line = one_line(text, len(sanitise(text)) + 1)
    if not line:
        raise InsightsError(
            "There is no question.", remedy='Write one: insights ask "why do trials fail?"', exit_code=ExitCode.USAGE
        )
    if len(line) > LONGEST_QUESTION:
        raise InsightsError(
            f"The question has {len(line):,} characters; at most {LONGEST_QUESTION} are asked.",
            remedy="Ask for one thing at a time; filters such as --account narrow the evidence.",
            exit_code=ExitCode.USAGE,
        )
    return line


def supported(draft: AnswerDraft, asked: Asked) -> tuple[tuple[Sentence, ...], int]:
    """The sentences that the remarks bear out, each once; and how many they do not. An answer that says of itself that
    it is none has no sentence."""
    if not draft.answers:
        return (), 0
    read = [_borne_out(one, asked) for one in draft.sentences[:_MOST_SENTENCES]]
    once: dict[str, Sentence] = {}
    for one in read:
        if one is not None:
            once.setdefault(one.words.casefold(), one)
    return tuple(once.values()), read.count(None)


def _borne_out(draft: SentenceDraft, asked: Asked) -> Sentence | None:
    """The sentence with the remarks that speak of what it says; None where one was not shown, none does, or what they
    hold does not back its figures."""
    words = one_line(_MARKS.sub("", draft.text), _LONGEST_SENTENCE)
    cites = list(dict.fromkeys(draft.items))
    if any(not 1 <= number <= len(asked.remarks) for number in cites):
        return None
    beyond = topics(asked.question)
    cites = [number for number in cites if speaks_of(words, [asked.remarks[number - 1]], beyond=beyond)]
    is_backed = bool(backed([words], [asked.remarks[number - 1] for number in cites])[0])
    return Sentence(words, tuple(cites)) if cites and is_backed else None


def _fitting(lines: Sequence[str]) -> list[str]:
    """The first lines, at least one, that fit."""
    return list(lines[: how_many_fit(lines, tokens=_ITEM_TOKENS)])


def _holds(asked: Asked, draft: AnswerDraft) -> bool:
    """Whether it is usable as it is: nothing to drop, and sentences where it says that there are."""
    kept, dropped = supported(draft, asked)
    return not dropped and bool(kept) == draft.answers


def _agreement(asked: Asked, small: AnswerDraft, large: AnswerDraft) -> float:
    """Share of the remarks that the large model's sentences rest on which the small one's rest on, too."""
    wanted = _cited(supported(large, asked)[0])
    return len(wanted & _cited(supported(small, asked)[0])) / len(wanted) if wanted else 1.0


def _cited(sentences: Iterable[Sentence]) -> set[int]:
    return {number for sentence in sentences for number in sentence.cites}
