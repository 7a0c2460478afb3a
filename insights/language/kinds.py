"""Ask a chat model what remarks do where the offline classifier is unsure: a second opinion, paid once.

It is a word against a word: what the model answers for a number that it was not shown, or twice and differently, is
dropped, and an answer that is wrong about remarks which we know is not believed at all. Without an answer the offline
kind stays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from insights.domain.feedback import Mention, Stance
from insights.language.answers import KindsDraft
from insights.language.controls import chosen, is_believed, mixed
from insights.language.lines import Lines, in_batches
from insights.language.questions import Desk, Question, Task, fence_mark, halved

PROMPT = "tell_kind"
BATCH = 60
BATCH_TOKENS = 1_800
"""With the prompt's own words a request stays below 2,500 tokens."""
TOKENS_EACH = 16
"""What the answer about one remark is reckoned at."""
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
    """Shows up to sixty remarks at a time, as many as fit. `name` is "openai:MODEL"."""

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
            is_sound=lambda lines, draft: bool(_believed(lines, draft)),
            tokens_out=lambda lines: TOKENS_EACH * len(lines),
        )

    def tell_many(self, mentions: Sequence[Mention], *, run_id: int | None) -> Iterator[Told]:
        """Opinions as they come, one an answer; mentions that got no answer are in none. Raises InsightsError where a
        person must help (a refused key)."""
        for question, answered in self._desk.ask_many(self.task, self.questions(mentions), run_id=run_id):
            if answered.value is not None and answered.by is not None:
                yield Told(_opinions(answered.value, question.subject), answered.by)

    def questions(self, mentions: Sequence[Mention]) -> list[Question[Lines]]:
        """What would be asked."""
        batches = in_batches(mentions, size=BATCH, tokens=BATCH_TOKENS, longest=_LONGEST_ITEM)
        return [self._question(lines) for lines in batches]

    def _question(self, lines: Lines) -> Question[Lines]:
        mark = fence_mark(list(lines))
        shown = {text: lines.get(text, ()) for text in mixed(list(lines), chosen(mark), mark)}
        return self._desk.question(PROMPT, shown, list(shown))


def _halves(lines: Lines) -> list[Lines]:
    """Without the controls, which each half gets anew."""
    own = [(text, some) for text, some in lines.items() if some]
    return [dict(part) for part in halved(own)] if len(own) > 1 else []


def _kinds(draft: KindsDraft) -> dict[int, Stance]:
    """number -> kind, where the answer says one."""
    said: dict[int, set[str]] = {}
    for one in draft.kinds:
        said.setdefault(one.item, set()).add(one.kind)
    return {number: Stance(next(iter(some))) for number, some in said.items() if len(some) == 1}


def _believed(lines: Lines, draft: KindsDraft) -> dict[int, Stance]:
    """The same, or nothing where the remarks of which we know better are wrong."""
    kinds = _kinds(draft)
    told = {text: kinds[number] for number, text in enumerate(lines, 1) if number in kinds}
    return kinds if is_believed(told) else {}


def _opinions(draft: KindsDraft, lines: Lines) -> Opinions:
    kinds = _believed(lines, draft)
    return {mention: kinds.get(number) for number, some in enumerate(lines.values(), 1) for mention in some}


def _holds(lines: Lines, draft: KindsDraft) -> bool:
    sure = {one.item for one in draft.kinds if one.sure} & set(_believed(lines, draft))
    return len(sure & set(range(1, len(lines) + 1))) >= (1 - _MOST_UNSURE) * len(lines)


def _agreement(lines: Lines, small: KindsDraft, large: KindsDraft) -> float:
    """Share of the remarks of which both say the same."""
    first, second = _kinds(small), _kinds(large)
    return sum(first.get(number) == second.get(number) for number in range(1, len(lines) + 1)) / max(len(lines), 1)
