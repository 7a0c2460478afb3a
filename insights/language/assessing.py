"""Ask a model how severe and urgent problems are and what mending them may take: several problems a question.

It suggests inputs, never a figure of worth: ranges are bounded, reasons lose sentences with figures that nobody gave.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from insights.domain.assessed import Assessed
from insights.domain.estimate import Range
from insights.language.answers import AssessmentDraft, AssessmentsDraft
from insights.language.checked import backed, sentences_of
from insights.language.questions import Desk, Question, Task, halved
from insights.text.clean import one_line

PROMPT = "assess_problems"
BATCH = 9
SHARE = 1.0
LEAST_WEEKS, MOST_WEEKS = 0.1, 52.0
_LONGEST_LINE = 600
_LONGEST_REASON = 240
_MOST_UNSURE = 0.3


@dataclass(frozen=True, slots=True)
class Summary:
    """A problem as the model is shown it."""

    problem_id: int
    title: str
    summary: str
    quotes: tuple[str, ...]

    @property
    def line(self) -> str:
        said = " / ".join(self.quotes)
        return one_line(f"{self.title}. {self.summary} Customers: {said}", _LONGEST_LINE)


class Assessor:
    """`name` is the model that does most of the work."""

    def __init__(self, desk: Desk) -> None:
        self.name = desk.name
        self._desk = desk
        self.task: Task[Sequence[Summary], AssessmentsDraft] = Task(
            stage="assess",
            prompt=PROMPT,
            output=AssessmentsDraft,
            share=SHARE,
            holds=lambda shown, draft: len(_usable(shown, draft, sure=True)) >= (1 - _MOST_UNSURE) * len(shown),
            halves=lambda question: [self._question(part) for part in _halves(question.subject)],
            agrees=_agreement,
            tokens_out=lambda shown: 120 * len(shown),
        )

    def assess_many(self, summaries: Sequence[Summary], *, run_id: int | None) -> Iterator[list[Assessed]]:
        """As they come, one list an answer; problems without a usable answer are in none."""
        for question, answered in self._desk.ask_many(self.task, self.questions(summaries), run_id=run_id):
            if answered.value is not None and answered.by is not None:
                yield _assessed(question.subject, answered.value, by=answered.by)

    def questions(self, summaries: Sequence[Summary]) -> list[Question[Sequence[Summary]]]:
        """What would be asked."""
        return [self._question(summaries[start : start + BATCH]) for start in range(0, len(summaries), BATCH)]

    def _question(self, shown: Sequence[Summary]) -> Question[Sequence[Summary]]:
        return self._desk.question(PROMPT, shown, [summary.line for summary in shown])


def _halves(shown: Sequence[Summary]) -> list[Sequence[Summary]]:
    return list(halved(shown)) if len(shown) > 1 else []


def _usable(shown: Sequence[Summary], draft: AssessmentsDraft, *, sure: bool = False) -> dict[int, AssessmentDraft]:
    """number -> what is said of that line, once and within bounds."""
    found: dict[int, AssessmentDraft] = {}
    twice: set[int] = set()
    for one in draft.problems:
        twice |= {one.item} & set(found)
        ordered = LEAST_WEEKS <= one.weeks_low <= one.weeks_likely <= one.weeks_high <= MOST_WEEKS
        if 1 <= one.item <= len(shown) and ordered and (one.confidence == "high" or not sure):
            found[one.item] = one
    return {number: one for number, one in found.items() if number not in twice}


def _assessed(shown: Sequence[Summary], draft: AssessmentsDraft, *, by: str) -> list[Assessed]:
    usable = _usable(shown, draft)
    return [
        Assessed(
            problem_id=shown[number - 1].problem_id,
            severity=one.severity,
            urgency=one.urgency,
            severity_reason=_reason(one.severity_reason, shown[number - 1]),
            weeks=Range(one.weeks_low, one.weeks_likely, one.weeks_high),
            effort_reason=_reason(one.effort_reason, shown[number - 1]),
            is_sure=one.confidence == "high",
            by=by,
        )
        for number, one in sorted(usable.items())
    ]


def _reason(text: str, summary: Summary) -> str:
    return " ".join(backed(sentences_of(text, longest=_LONGEST_REASON), [summary.line])[0])


def _agreement(shown: Sequence[Summary], small: AssessmentsDraft, large: AssessmentsDraft) -> float:
    """Share of the problems of which both say the same severity."""
    first, second = _usable(shown, small), _usable(shown, large)
    same = sum(
        number in first and number in second and first[number].severity == second[number].severity
        for number in range(1, len(shown) + 1)
    )
    return same / max(len(shown), 1)
