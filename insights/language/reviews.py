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
from insights.language.prompts import load_prompt
from insights.language.questions import Desk, Question, Task, fenced
from insights.ports import Vectors
from insights.text.clean import one_line

SAME, SPLIT = "same_problem", "split_problem"
SHARE = 0.85
"""Of what the run may cost; the rest is kept for describing problems."""
_SHOWN_OF_EACH = 8
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
        """One opinion a pair, when all its questions are answered."""
        questions = [question for first, second in pairs for question in self.same_questions(first, second)]
        wanted = {(a.problem_id, b.problem_id): len(self.same_questions(a, b)) for a, b in pairs}
        said: dict[tuple[int, int], list[tuple[SameDraft | None, str, Sequence[str]]]] = {}
        for question, answered in self._desk.ask_many(self.same, questions, run_id=run_id):
            pair = question.subject
            key = pair.first.problem_id, pair.second.problem_id
            said.setdefault(key, []).append((answered.value, answered.by or "", pair.texts))
            if len(said[key]) == wanted[key]:
                yield _together(key, said[key])

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

    def same_questions(self, first: Side, second: Side) -> list[Question[_Pair]]:
        """Two with other remarks each, where both problems have enough; else one."""
        juries = 2 if min(len(first.mentions), len(second.mentions)) >= 4 else 1
        return [self._same_question(first, second, jury=jury, juries=juries) for jury in range(juries)]

    def _same_question(self, first: Side, second: Side, *, jury: int, juries: int) -> Question[_Pair]:
        left, right = ([_line(m) for m in side.mentions[jury::juries]][:_SHOWN_OF_EACH] for side in (first, second))
        values, canary = fenced([*left, *right])
        prompt = load_prompt(SAME).render(product=self._product, first=len(left), **values)
        return Question(_Pair(first, second, [*left, *right]), prompt, canary)

    def split_question(self, side: Side) -> Question[Side]:
        """With remarks spread over the whole problem."""
        shown = _spread(side)
        values, canary = fenced([_line(mention) for mention in shown.mentions])
        prompt = load_prompt(SPLIT).render(product=self._product, **values)
        return Question(shown, prompt, canary)

    @property
    def _product(self) -> str:
        return one_line(self._desk.product, 80)


def _together(key: tuple[int, int], said: Sequence[tuple[SameDraft | None, str, Sequence[str]]]) -> SameOpinion:
    """One only where all who were asked are sure of it."""
    drafts = [draft for draft, _, _ in said if draft is not None]
    if len(drafts) < len(said):
        return SameOpinion(*key, None, "", "")
    same = all(draft.same and draft.confidence == "high" for draft in drafts)
    speaker = next((n for n, draft in enumerate(drafts) if draft.same == same), 0)
    return SameOpinion(*key, same, _reason(drafts[speaker].reason, said[speaker][2]), said[speaker][1])


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
