"""Have a model open a digest with one sentence about facts that code gives; one that strays from them is refused.

Asked once for the same facts: the answer is kept.
"""

import re
from collections.abc import Sequence

from insights.language.answers import OpeningDraft
from insights.language.background import stem
from insights.language.checked import backed, sentences_of
from insights.language.questions import Answered, Desk, Question, Task
from insights.language.quotes import find_span
from insights.language.topics import topics
from insights.text.clean import one_line
from insights.text.words import word_set

PROMPT = "digest_opening"
LONGEST = 200
_LONGEST_FACT = 300
_LEAST_KNOWN = 0.5
"""Share of a clause's topical words that must stand in the facts."""
_REF = re.compile(r"\bP-?(\d+)\b", re.IGNORECASE)
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_QUOTED = re.compile(r"[“\"„«]([^“”\"„«»]{2,})[”\"“»]")
_CLAUSE = re.compile(r"[,;:()–—]| - |\b(?:and|while|but|whereas|as|with)\b", re.IGNORECASE)
_MOVES = frozenset(
    stem(word)
    for word in word_set(
        "grow grew grown growth grows rise rose risen rising rises fade faded fades fell fall falling drop dropped "
        "decline declined shrink shrank increase increased decrease decreased climb climbed jump jumped double doubled "
        "surge spike slow slowed ease eased appear appeared emerge emerged arrive arrived lead leads top remain "
        "remains stay stays strongest largest biggest fastest steepest sharply slightly quickly steady quiet "
        "accept accepted dismiss dismissed snooze snoozed decide decided decision decisions undo undone filed "
        "wait waits waiting await awaits merge merged split rename renamed item items mention mentions account "
        "accounts complaint complaints report reports reported remark remarks run spent cost digest period past "
        "previous recent ship shipped release released fix fixed worked helped back return returned rank ranks"
    )
)
"""What a digest says of any problem: how it moves and what was done."""


class Opener:
    """`name` is "openai:MODEL"."""

    def __init__(self, desk: Desk) -> None:
        self.name = desk.name
        self._desk = desk
        self.task: Task[Sequence[str], OpeningDraft] = Task(
            stage="digest",
            prompt=PROMPT,
            output=OpeningDraft,
            holds=lambda facts, draft: bool(checked_opening(draft, facts)),
            tokens_out=lambda _facts: 60,
        )

    @property
    def failures(self) -> tuple[str, ...]:
        """What went wrong so far, for people."""
        return self._desk.ledger.totals.failures

    def open(self, facts: Sequence[str]) -> tuple[str, str] | None:
        """The sentence, and which model wrote it; None where it wrote none that holds. Raises InsightsError for a
        refused key."""
        question = self.question(facts)
        answered: Answered[OpeningDraft] = self._desk.ask(self.task, question, run_id=None)
        if answered.value is None or answered.by is None:
            return None
        sentence = checked_opening(answered.value, question.subject)
        return (sentence, answered.by) if sentence else None

    def question(self, facts: Sequence[str]) -> Question[Sequence[str]]:
        """What would be asked."""
        lines = [one_line(fact, _LONGEST_FACT) for fact in facts]
        return self._desk.question(PROMPT, lines, lines)


def checked_opening(draft: OpeningDraft, facts: Sequence[str]) -> str:
    """The sentence where it is one, short enough, and all that it names and counts stands in the facts; else empty."""
    sentence = one_line(draft.sentence, 10 * LONGEST).strip("\"' ")
    if not sentence or len(sentence) > LONGEST or len(sentences_of(sentence)) > 1:
        return ""
    holds = (
        _names_known(sentence, draft.problems, facts)
        and _counts_known(sentence, facts)
        and all(_is_known(clause, facts) for clause in _CLAUSE.split(_DAY.sub("", _REF.sub("", sentence))))
    )
    if not holds:
        return ""
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def _names_known(sentence: str, problems: Sequence[str], facts: Sequence[str]) -> bool:
    """Whether every id and every quoted title is a fact's."""
    known = set(_REF.findall("\n".join(facts)))
    named = {*_REF.findall(sentence), *_REF.findall(" ".join(problems))}
    is_quoted = all(any(find_span(fact, title) for fact in facts) for title in _QUOTED.findall(sentence))
    return named <= known and is_quoted


def _counts_known(sentence: str, facts: Sequence[str]) -> bool:
    """Whether every day is a fact's, and every figure; the digits of ids and days are no figures."""
    days = set(_DAY.findall("\n".join(facts)))
    plain = [_DAY.sub("", _REF.sub("", text)) for text in (sentence, *facts)]
    return set(_DAY.findall(sentence)) <= days and bool(backed(plain[:1], plain[1:])[0])


def _is_known(clause: str, facts: Sequence[str]) -> bool:
    """Whether a part of the sentence speaks of nothing else than the facts do: of a problem that is not theirs no word
    stands in them."""
    said = topics(clause) - _MOVES
    known = {word for fact in facts for word in topics(fact)}
    return not said or len(said & known) >= _LEAST_KNOWN * len(said)
