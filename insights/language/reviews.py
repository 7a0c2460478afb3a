"""Ask a model to review the grouping: are two near problems one, is a loose one several. It proposes; code decides.

What one remark says must not decide it. Two near problems are one only where two questions with other remarks each say
so, if there are enough remarks; the parts of a loose one must lie apart in meaning, too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from insights.domain.feedback import Mention
from insights.language.answers import PartsDraft, SameDraft
from insights.language.checked import backed, sentences_of
from insights.language.questions import Answered, Desk, Question, Task
from insights.ports import Vectors
from insights.text.clean import one_line

SAME, SPLIT = "same_problem", "split_problem"
SHARE = 0.85
"""Of what the run may cost; the rest is kept for describing problems."""
_SHOWN_OF_EACH = 8
_ENOUGH_FOR_TWO = 4
_SHOWN_OF_LOOSE = 32
_LONGEST_ITEM = 300
_LONGEST_REASON = 200
_MOST_PARTS = 5
_FEWEST_OF_PART = 2


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A problem to be compared: its mentions that may be shown, nearest to its centre first, and their vectors, shape
    (n, dimensions)."""

    problem_id: int
    mentions: Sequence[Mention]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class SameOpinion:
    """Whether two problems are one, why, and who says so; None where nobody gave a usable answer."""

    first: int
    second: int
    same: bool | None
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class PartsOpinion:
    """The parts of a problem, each the items (feedback ids) in it, largest first; one part or none: it is one
    problem."""

    problem_id: int
    parts: tuple[tuple[int, ...], ...]
    reason: str
    by: str


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    first: Side
    second: Side
    texts: Sequence[str]
    has_more: bool


class Reviewer:
    """`name` is the model that does most of the work."""

    def __init__(self, desk: Desk) -> None:
        self.name = desk.name
        self._desk = desk
        self.same: Task[_Pair, SameDraft] = Task(
            stage="review",
            prompt=SAME,
            output=SameDraft,
            share=SHARE,
            holds=lambda _pair, draft: draft.confidence == "high",
            agrees=lambda _pair, small, large: float(small.same == large.same),
            tokens_out=lambda _pair: 50,
        )
        self.split: Task[Side, PartsDraft] = Task(
            stage="review",
            prompt=SPLIT,
            output=PartsDraft,
            share=SHARE,
            holds=lambda side, draft: draft.confidence == "high" and _is_whole(side, draft),
            agrees=lambda _side, small, large: float((len(small.parts) > 1) == (len(large.parts) > 1)),
            tokens_out=lambda side: 60 + 3 * min(len(side.mentions), _SHOWN_OF_LOOSE),
        )

    def are_same(self, pairs: Sequence[tuple[Side, Side]], *, run_id: int | None) -> Iterator[SameOpinion]:
        """One opinion a pair. Where the first question says that both are one and there are remarks enough, a second
        one with others must say so, too."""
        agreed: list[_Pair] = []
        questions = [self.same_question(first, second) for first, second in pairs]
        for question, answered in self._desk.ask_many(self.same, questions, run_id=run_id):
            said = _opinion(question.subject, answered)
            if said.same and question.subject.has_more:
                agreed.append(question.subject)
            else:
                yield said
        again = [self.same_question(pair.first, pair.second, jury=1) for pair in agreed]
        for question, answered in self._desk.ask_many(self.same, again, run_id=run_id):
            yield _opinion(question.subject, answered)

    def are_several(self, loose: Sequence[Side], *, run_id: int | None) -> Iterator[PartsOpinion]:
        """As they come; nothing for what got no usable answer."""
        questions = [self.split_question(side) for side in loose]
        for question, answered in self._desk.ask_many(self.split, questions, run_id=run_id):
            side, draft = question.subject, answered.value
            if draft is None or answered.by is None:
                continue
            parts = _parts(side, draft) if draft.confidence == "high" and _is_whole(side, draft) else ()
            reason = _reason(draft.reason, [mention.text for mention in side.mentions])
            yield PartsOpinion(side.problem_id, parts, reason, answered.by)

    def same_question(self, first: Side, second: Side, *, jury: int = 0) -> Question[_Pair]:
        """With every other remark where both problems have enough for two questions, else with all."""
        has_more = min(len(first.mentions), len(second.mentions)) >= _ENOUGH_FOR_TWO
        step = 2 if has_more else 1
        left, right = ([_line(m) for m in side.mentions[jury::step]][:_SHOWN_OF_EACH] for side in (first, second))
        lines = [*left, *right]
        return self._desk.question(SAME, _Pair(first, second, lines, has_more), lines, first=len(left))

    def split_question(self, side: Side) -> Question[Side]:
        """With remarks spread over the whole problem."""
        shown = _spread(side)
        return self._desk.question(SPLIT, shown, [_line(mention) for mention in shown.mentions])


def _opinion(pair: _Pair, answered: Answered[SameDraft]) -> SameOpinion:
    """One only where the model is sure of it."""
    key, draft = (pair.first.problem_id, pair.second.problem_id), answered.value
    if draft is None or answered.by is None:
        return SameOpinion(*key, None, "", "")
    same = draft.same and draft.confidence == "high"
    return SameOpinion(*key, same, _reason(draft.reason, pair.texts), answered.by)


def _is_whole(side: Side, draft: PartsDraft) -> bool:
    """Every number was shown, none stands twice, and not too many parts."""
    numbers = [number for part in draft.parts for number in part.items]
    is_known = all(1 <= number <= len(side.mentions) for number in numbers)
    return is_known and len(set(numbers)) == len(numbers) and len(draft.parts) <= _MOST_PARTS


def _parts(side: Side, draft: PartsDraft) -> tuple[tuple[int, ...], ...]:
    """The rows of parts that are large enough and lie apart; nothing where fewer than two are left."""
    rows = [[number - 1 for number in part.items] for part in draft.parts if len(part.items) >= _FEWEST_OF_PART]
    if len(rows) < 2 or not _lie_apart(side.vectors, rows):
        return ()
    items = [tuple(dict.fromkeys(side.mentions[row].feedback_id for row in part)) for part in rows]
    return tuple(sorted(items, key=len, reverse=True))


def _lie_apart(vectors: Vectors, parts: Sequence[Sequence[int]]) -> bool:
    """Whether most remarks are nearer to the others of their part than to those of any other part."""
    centres = np.stack([vectors[part].mean(axis=0) for part in parts])
    right = total = 0
    for own, part in enumerate(parts):
        for row in part:
            rest = [other for other in part if other != row]
            near = vectors[row] @ centres.T
            near[own] = vectors[row] @ vectors[rest].mean(axis=0)
            right += int(near.argmax()) == own
            total += 1
    return right >= 0.7 * total


def _spread(side: Side) -> Side:
    """Remarks from the centre to the rim, without repeated words."""
    rows = list({_line(mention).casefold(): row for row, mention in reversed(list(enumerate(side.mentions)))}.values())
    rows.sort()
    places = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), _SHOWN_OF_LOOSE), dtype=int))
    chosen = [rows[place] for place in places]
    return Side(side.problem_id, [side.mentions[row] for row in chosen], side.vectors[chosen])


def _reason(text: str, evidence: Sequence[str]) -> str:
    """Its sentences whose figures stand in the remarks."""
    return " ".join(backed(sentences_of(text, longest=_LONGEST_REASON), evidence)[0])


def _line(mention: Mention) -> str:
    return one_line(mention.text, _LONGEST_ITEM)
