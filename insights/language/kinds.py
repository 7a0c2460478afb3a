"""Ask a chat model what remarks do where the offline classifier is unsure: a second opinion, paid once.

It is a word against a word: what the model answers for a number that it was not shown, or twice and differently, is
dropped. Without an answer the offline kind stays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from insights.domain.feedback import Mention, Stance
from insights.language.answers import KindsDraft
from insights.language.lines import Lines, in_batches
from insights.language.prompts import load_prompt
from insights.language.questions import Desk, Question, Task, fenced, halved
from insights.text.clean import one_line

PROMPT = "tell_kind"
BATCH = 20
SHARE = 0.5
"""Of what the run may cost: the other half is kept for describing problems, which comes later."""
_LONGEST_ITEM = 400
_MOST_UNSURE = 0.25
"""Of a batch; above it the large model is asked."""

Opinions = dict[int, Stance | None]
"""mention id -> what it does; None where the model was asked and said nothing of use."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one answer says, and which model said it."""

    opinions: Opinions
    by: str


class KindTeller:
    """Shows about twenty remarks at a time. `name` is "openai:MODEL"."""

    def __init__(self, desk: Desk) -> None:
        self.name = desk.name
        self.unsure_below = desk.settings.unsure_below
        self._desk = desk
        self.task: Task[Lines, KindsDraft] = Task(
            stage="kinds",
            prompt=PROMPT,
            output=KindsDraft,
            share=SHARE,
            holds=_holds,
            halves=lambda question: [self._question(part) for part in _halves(question.subject)],
            agrees=_agreement,
        )

    def tell_many(self, mentions: Sequence[Mention], *, run_id: int | None) -> Iterator[Told]:
        """Opinions as they come, one an answer; mentions that got no answer are in none. Raises InsightsError where a
        person must help (a refused key)."""
        for question, answered in self._desk.ask_many(self.task, self.questions(mentions), run_id=run_id):
            if answered.value is not None and answered.by is not None:
                yield Told(_opinions(answered.value, question.subject), answered.by)

    def questions(self, mentions: Sequence[Mention]) -> list[Question[Lines]]:
        """What would be asked."""
        return [self._question(lines) for lines in in_batches(mentions, size=BATCH, longest=_LONGEST_ITEM)]

    def _question(self, lines: Lines) -> Question[Lines]:
        values, canary = fenced(list(lines))
        prompt = load_prompt(PROMPT).render(product=one_line(self._desk.product, 80), **values)
        return Question(lines, prompt, canary)


def _halves(lines: Lines) -> list[Lines]:
    return [dict(part) for part in halved(list(lines.items()))] if len(lines) > 1 else []


def _kinds(draft: KindsDraft) -> dict[int, Stance]:
    """number -> kind, where the answer says one."""
    said: dict[int, set[str]] = {}
    for one in draft.kinds:
        said.setdefault(one.item, set()).add(one.kind)
    return {number: Stance(next(iter(some))) for number, some in said.items() if len(some) == 1}


def _opinions(draft: KindsDraft, lines: Lines) -> Opinions:
    kinds = _kinds(draft)
    return {mention: kinds.get(number) for number, some in enumerate(lines.values(), 1) for mention in some}


def _holds(lines: Lines, draft: KindsDraft) -> bool:
    sure = {one.item for one in draft.kinds if one.sure} & set(_kinds(draft))
    return len(sure & set(range(1, len(lines) + 1))) >= (1 - _MOST_UNSURE) * len(lines)


def _agreement(lines: Lines, small: KindsDraft, large: KindsDraft) -> float:
    """Share of the remarks of which both say the same."""
    first, second = _kinds(small), _kinds(large)
    return sum(first.get(number) == second.get(number) for number in range(1, len(lines) + 1)) / max(len(lines), 1)
