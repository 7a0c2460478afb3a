"""Have a model restate remarks as plain sentences in common words, by which they are grouped; never quoted.

A statement must be of its own remark: one that fits others of the batch as well as its own is dropped, and so is an
answer that says the same of most, so that a remark that gives orders cannot speak for others. Figures and addresses
must stand in the remark. Without a usable answer the customer's own words are grouped.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from insights.domain.feedback import Mention
from insights.language.answers import StatementsDraft
from insights.language.checked import backed
from insights.language.lines import Lines, in_batches
from insights.language.questions import Desk, Question, Task, halved
from insights.ports import Vectors
from insights.text.clean import one_line

PROMPT = "restate"
BATCH = 20
BATCH_TOKENS = 1_800
"""With the prompt's own words a request stays below 2,500 tokens."""
SHARE = 0.75
"""Of what the run may cost: the rest is kept for describing problems, which comes later."""
MOST = 3
"""Statements of one remark."""
TOKENS_EACH = 24
"""What the answer about one remark is reckoned at."""
_LONGEST_ITEM = 500
_LONGEST_STATEMENT = 160
_LEAST_LETTERS = 8
_MOST_ALIKE = 0.5
"""Share of a batch's remarks about which one sentence may be said, where there are at least `_FEW` of them."""
_FEW = 6
_ABOUT, _NEAR = 0.2, 0.35
"""Cosine of the default embedder: of two remarks of one topic 9 and 7 in 10 have as much, of two topics 1 in 4 and
1 in 14 (banking77)."""
_NEARLY_ALL = 0.8
_MOST_UNUSABLE = 0.3
"""Of a batch; above it the large model is asked."""

Embed = Callable[[Sequence[str]], Vectors]
Statements = dict[int, tuple[str, ...] | None]
"""mention id -> its statements; none: it states no problem; None where the model said nothing of use."""


@dataclass(frozen=True, slots=True)
class Restated:
    """What one answer says, and which model said it."""

    statements: Statements
    by: str


class Restater:
    """Shows some twenty remarks at a time. `embed` tells how near a statement is to its remark, on this machine."""

    def __init__(self, desk: Desk, *, embed: Embed) -> None:
        self.name = desk.name
        self._desk = desk
        self._embed = embed
        self.task: Task[Lines, StatementsDraft] = Task(
            stage="restate",
            prompt=PROMPT,
            output=StatementsDraft,
            share=SHARE,
            holds=self._holds,
            halves=lambda question: [self._question(part) for part in _halves(question.subject)],
            agrees=self._agreement,
            tokens_out=lambda lines: TOKENS_EACH * len(lines),
            is_sound=self._holds,
        )

    def restate_many(self, mentions: Sequence[Mention], *, run_id: int | None) -> Iterator[Restated]:
        """As they come, one an answer; mentions that got no answer are in none. Raises InsightsError where a person
        must help (a refused key)."""
        for question, answered in self._desk.ask_many(self.task, self.questions(mentions), run_id=run_id):
            if answered.value is not None and answered.by is not None:
                said = self._said(question.subject, answered.value)
                lines = enumerate(question.subject.values(), 1)
                yield Restated({mention: said.get(n) for n, some in lines for mention in some}, answered.by)

    def questions(self, mentions: Sequence[Mention]) -> list[Question[Lines]]:
        """What would be asked."""
        batches = in_batches(mentions, size=BATCH, tokens=BATCH_TOKENS, longest=_LONGEST_ITEM)
        return [self._question(lines) for lines in batches]

    def expected_usd(self, mentions: Sequence[Mention]) -> float:
        """About what restating them would cost."""
        return sum(self._desk.expected(self.task, question).usd for question in self.questions(mentions))

    def _question(self, lines: Lines) -> Question[Lines]:
        return self._desk.question(PROMPT, lines, list(lines))

    # -- what of an answer is believed ------------------------------------------------------------------------

    def _said(self, lines: Lines, draft: StatementsDraft) -> dict[int, tuple[str, ...]]:
        """number -> its usable statements, where the answer has an entry for it that can be used."""
        texts = list(lines)
        given = _entries(draft, texts)
        sentences = [(number, sentence) for number, some in given.items() for sentence in some]
        own = self._is_own(texts, sentences) if sentences else []
        said: dict[int, tuple[str, ...]] = {number: () for number, some in given.items() if not some}
        for (number, sentence), is_own in zip(sentences, own, strict=True):
            if is_own:
                said[number] = (*said.get(number, ()), sentence)
        return said

    def _is_own(self, texts: Sequence[str], sentences: Sequence[tuple[int, str]]) -> list[bool]:
        """Whether each sentence is about its remark: near to it, or nearer than to half of the others. One that is said
        of most remarks must be near to nearly all of them."""
        cosines = self._embed([sentence for _, sentence in sentences]) @ self._embed(texts).T
        own = cosines[np.arange(len(sentences)), [number - 1 for number, _ in sentences]]
        is_own = (own >= _NEAR) | (own >= np.median(cosines, axis=1) - 1e-6)
        if len(texts) == 1:
            is_own = own >= _ABOUT
        for rows in _said_of_most(sentences, len(texts)):
            is_about = own[rows] >= _ABOUT
            is_own[rows] = is_about & (is_about.mean() >= _NEARLY_ALL)
        return [bool(one) for one in is_own]

    def _holds(self, lines: Lines, draft: StatementsDraft) -> bool:
        return len(self._said(lines, draft)) >= (1 - _MOST_UNUSABLE) * len(lines)

    def _agreement(self, lines: Lines, small: StatementsDraft, large: StatementsDraft) -> float:
        """Share of the remarks about which both say equally much, and of these how near their sentences are."""
        first, second = self._said(lines, small), self._said(lines, large)
        return sum(self._likeness(first.get(n), second.get(n)) for n in range(1, len(lines) + 1)) / max(len(lines), 1)

    def _likeness(self, one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> float:
        if not one or not other or len(one) != len(other):
            return float(one == other)
        rows = self._embed([*one, *other])
        return float(np.clip(np.sum(rows[: len(one)] * rows[len(one) :], axis=1), 0, 1).mean())


def _said_of_most(sentences: Sequence[tuple[int, str]], remarks: int) -> list[list[int]]:
    """The rows of each sentence that is said of more than half of the remarks, where there are some."""
    rows: dict[str, list[int]] = {}
    for row, (_, sentence) in enumerate(sentences):
        rows.setdefault(sentence.casefold(), []).append(row)
    return [some for some in rows.values() if remarks >= _FEW and len(some) > _MOST_ALIKE * remarks]


def _entries(draft: StatementsDraft, texts: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """number -> cleaned sentences whose figures stand in the remark; what is said of a remark twice is not believed."""
    times = Counter(one.item for one in draft.items)
    found: dict[int, tuple[str, ...]] = {}
    for one in draft.items:
        if times[one.item] > 1 or not 1 <= one.item <= len(texts):
            continue
        clean = [one_line(sentence, _LONGEST_STATEMENT) for sentence in one.statements]
        told = [sentence for sentence in clean if sum(map(str.isalpha, sentence)) >= _LEAST_LETTERS]
        usable = backed(dict.fromkeys(told), [texts[one.item - 1]])[0][:MOST]
        if usable or not one.statements:
            found[one.item] = tuple(usable)
    return found


def _halves(lines: Lines) -> list[Mapping[str, Sequence[int]]]:
    return [dict(part) for part in halved(list(lines.items()))] if len(lines) > 1 else []
