"""Have a model write the discovery brief of a problem, and keep of it what remarks and facts bear out.

What a field says of customers must share its subject with a remark; figures and addresses must stand in remarks or
facts, competitors and the date by which it is needed in a remark. What the model judges (outcome, rule, risks) is its
judgement: only the figures in it are checked.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from insights.domain.brief import Brief, Risk
from insights.language import small_words as small
from insights.language.answers import BriefDraft, RiskDraft
from insights.language.background import WORD, stem
from insights.language.checked import backed, figures, sentences_of
from insights.language.completions import estimated_tokens
from insights.language.lines import how_many_fit
from insights.language.questions import Desk, Question, Task
from insights.language.topics import speaks_of, topics
from insights.text.clean import one_line

PROMPT = "discovery_brief"
MOST_REMARKS = 40
_ITEM_TOKENS = 1_900
_LONGEST_ITEM = 500
_LONGEST_SUMMARY = 700
_LONGEST_FIELD = 600
_MOST_RISKS = 4
_MOST_COMPETITORS = 6
_LONGEST_NAME = 40
_GRAMMAR = small.ARTICLES | small.PREPOSITIONS | small.JOINERS | small.PRONOUNS | small.AUXILIARIES
_NOTHING = frozenset(("", "not said", "not stated", "not mentioned", "none", "nothing", "n/a", "unknown", "-", "–"))
"""What models write for an empty field."""
_WITHHELD = "(left out)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A problem as a brief is written from it. `title` and `summary` may be empty: then nothing may be shown of them.
    `remarks` come in the order in which they are shown, as many as fit; `facts` are what code counted; `product` is no
    competitor of its own."""

    title: str
    summary: str
    remarks: tuple[str, ...]
    facts: tuple[str, ...]
    product: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A brief that was checked, and which model wrote it."""

    brief: Brief
    by: str


class Briefer:
    """`name` is "openai:MODEL"."""

    def __init__(self, desk: Desk) -> None:
        self.name = desk.name
        self._desk = desk
        self.task: Task[Case, BriefDraft] = Task(
            stage="brief",
            prompt=PROMPT,
            output=BriefDraft,
            holds=lambda case, draft: not checked_brief(draft, case).dropped,
            tokens_out=lambda _case: 400,
        )

    @property
    def failures(self) -> tuple[str, ...]:
        """What went wrong so far, for people."""
        return self._desk.ledger.totals.failures

    def write(self, case: Case) -> Written | None:
        """None where the model gave no usable answer. Raises InsightsError for a refused key."""
        question = self.question(case)
        answered = self._desk.ask(self.task, question, run_id=None)
        if answered.value is None or answered.by is None:
            return None
        return Written(checked_brief(answered.value, question.subject), answered.by)

    def question(self, case: Case) -> Question[Case]:
        """What would be asked; its subject is the case with what is shown of it."""
        title = one_line(case.title, 120) or _WITHHELD
        summary = one_line(case.summary, _LONGEST_SUMMARY) or _WITHHELD
        remarks = _fitting(case.remarks, tokens=_ITEM_TOKENS - estimated_tokens(title + summary))
        facts = [one_line(fact, 300) for fact in case.facts]
        shown = Case(
            title=title, summary=summary, remarks=tuple(remarks), facts=tuple(facts), product=self._desk.product
        )
        return self._desk.question(PROMPT, shown, [title, summary, *remarks], facts=facts)


def _fitting(remarks: Iterable[str], *, tokens: int) -> list[str]:
    """The first that fit, at least one, on one line each; no text twice."""
    shown: dict[str, str] = {}
    for line in (one_line(remark, _LONGEST_ITEM) for remark in remarks):
        shown.setdefault(line.casefold(), line)
    lines = list(shown.values())
    return lines[: how_many_fit(lines, tokens=tokens, most=MOST_REMARKS)]


# -- what of an answer is believed ------------------------------------------------------------------------------


def checked_brief(draft: BriefDraft, case: Case) -> Brief:
    """The brief without what the case does not bear out; `dropped` says how many sentences and names that were."""
    checks = _Checks(case)
    return Brief(
        who_hurts=checks.told(draft.who_hurts),
        wasted=checks.told(draft.wasted),
        bottleneck=checks.told(draft.bottleneck),
        outcome=checks.judged(draft.outcome),
        simple_rule=checks.judged(draft.simple_rule),
        enough_evidence=draft.enough_evidence,
        evidence_reason=checks.judged(draft.evidence_reason),
        risks=tuple(checks.risks(draft.risks)),
        competitors=checks.names(draft.competitors),
        by_when=checks.heard(draft.by_when),
        dropped=checks.dropped,
    )


class _Checks:
    """Checks field after field against one case, and counts what it dropped."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.dropped = 0

    def judged(self, text: str) -> str:
        """Sentences whose figures stand in remarks or facts."""
        return self._kept(_sentences(text), [*self._case.remarks, *self._case.facts])

    def told(self, text: str) -> str:
        """The same, of what a remark or fact speaks of."""
        return self._about(text, [*self._case.remarks, *self._case.facts])

    def heard(self, text: str) -> str:
        """The same, by remarks alone."""
        return self._about(text, self._case.remarks)

    def risks(self, drafts: Iterable[RiskDraft]) -> Iterator[Risk]:
        for draft in list(drafts)[:_MOST_RISKS]:
            what = self.judged(draft.what)
            if what:
                yield Risk(draft.area, what)

    def names(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those that stand in a remark as they are written here, but for case; once each."""
        found = {name.casefold(): name for name in (one_line(name, 200).strip(" .,;:\"'") for name in names)}
        wanted = [name for key, name in found.items() if key not in _NOTHING and key != self._case.product.casefold()]
        kept = [name for name in wanted if len(name) <= _LONGEST_NAME and _stands(name, self._case.remarks)]
        self.dropped += len(wanted) - len(kept)
        return tuple(kept[:_MOST_COMPETITORS])

    def _about(self, text: str, evidence: Sequence[str]) -> str:
        sentences = _sentences(text)
        spoken = [sentence for sentence in sentences if _is_about(sentence, evidence)]
        self.dropped += len(sentences) - len(spoken)
        return self._kept(spoken, evidence)

    def _kept(self, sentences: Sequence[str], evidence: Sequence[str]) -> str:
        kept, dropped = backed(sentences, evidence)
        self.dropped += dropped
        return " ".join(kept)


def _sentences(text: str) -> list[str]:
    is_empty = one_line(text, _LONGEST_FIELD).strip(" .\"'[]").casefold() in _NOTHING
    return [] if is_empty else sentences_of(text, longest=_LONGEST_FIELD)


def _is_about(sentence: str, evidence: Sequence[str]) -> bool:
    """Whether it speaks of what the evidence does. Times carry no topic ("two hours a day", "by Monday"): where there
    is nothing else, all its words must stand there."""
    if topics(sentence):
        return speaks_of(sentence, evidence)
    said = _plain_words(sentence)
    return said <= _plain_words("\n".join(evidence)) and bool(said or figures(sentence))


def _plain_words(text: str) -> set[str]:
    """Stems of the words that are neither grammar nor figures, which are checked apart."""
    return {stem(word) for word in map(str.casefold, WORD.findall(text)) if word not in _GRAMMAR and not figures(word)}


def _stands(name: str, remarks: Iterable[str]) -> bool:
    """Whether it stands in a remark as whole words, not as the mark of something that was taken out."""
    wanted = re.compile(rf"(?<![\w<]){re.escape(name)}(?![\w>])", re.IGNORECASE)
    is_name = "<" not in name and any(char.isalnum() for char in name)
    return is_name and any(wanted.search(remark) for remark in remarks)
