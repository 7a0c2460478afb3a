"""Have a model write the discovery brief of a problem, and keep of it what remarks bear out.

Every sentence names the remarks that it rests on. It is kept where one of them, that was shown, speaks of what it says;
figures and addresses must stand in those remarks or in the facts, the date by which it is needed in a remark.
Competitors must stand in a remark. A word in common is no proof: what is kept is a suggestion with its sources.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from insights.domain.brief import Brief, Cited, Risk
from insights.language import small_words as small
from insights.language.answers import BriefDraft, RiskDraft, SentenceDraft
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
_MOST_SENTENCES = 3
_MOST_CITED = 5
_MOST_RISKS = 4
_MOST_COMPETITORS = 6
_LONGEST_NAME = 40
_GRAMMAR = small.ARTICLES | small.PREPOSITIONS | small.JOINERS | small.PRONOUNS | small.AUXILIARIES
_NOTHING = frozenset(("", "not said", "not stated", "not mentioned", "none", "nothing", "n/a", "unknown", "-", "–"))
"""What models write for an empty field."""
_WITHHELD = "(left out)"
_FIRST = 3
"""The number of the first remark: 1 and 2 are title and summary, which nobody said."""
_MARKS = re.compile(r"\s*[\[(]\d+(?:\s*[,;–-]\s*\d+)*[\])]")
"""Numbers that a model writes into the sentence itself; they count where it lists them."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a customer wrote, and the item that it stands in."""

    words: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A problem as a brief is written from it. `title` and `summary` may be empty: then nothing may be shown of them.
    `remarks` come in the order in which they are shown, as many as fit; `facts` are what code counted; `product` is no
    competitor of its own."""

    title: str
    summary: str
    remarks: tuple[Remark, ...]
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
            tokens_out=lambda _case: 600,
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
        return self._desk.question(PROMPT, shown, [title, summary, *(one.words for one in remarks)], facts=facts)


def _fitting(remarks: Iterable[Remark], *, tokens: int) -> list[Remark]:
    """The first that fit, at least one, on one line each; no text twice."""
    shown: dict[str, Remark] = {}
    for remark in remarks:
        line = one_line(remark.words, _LONGEST_ITEM)
        shown.setdefault(line.casefold(), Remark(line, remark.ref))
    lines = list(shown.values())
    return lines[: how_many_fit([one.words for one in lines], tokens=tokens, most=MOST_REMARKS)]


# -- what of an answer is believed ------------------------------------------------------------------------------


def checked_brief(draft: BriefDraft, case: Case) -> Brief:
    """The brief without what the case does not bear out; `dropped` says how many sentences, citations and names that
    were."""
    checks = _Checks(case)
    return Brief(
        who_hurts=checks.cited(draft.who_hurts),
        wasted=checks.cited(draft.wasted),
        bottleneck=checks.cited(draft.bottleneck),
        outcome=checks.cited(draft.outcome),
        simple_rule=checks.cited(draft.simple_rule),
        enough_evidence=draft.enough_evidence,
        evidence_reason=checks.judged(draft.evidence_reason),
        risks=tuple(checks.risks(draft.risks)),
        competitors=checks.names(draft.competitors),
        by_when=checks.cited(draft.by_when, facts=()),
        dropped=checks.dropped,
    )


class _Checks:
    """Checks field after field against one case, and counts what it dropped."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._shown = dict(enumerate(case.remarks, _FIRST))
        self.dropped = 0

    def cited(self, drafts: Iterable[SentenceDraft], *, facts: Sequence[str] | None = None) -> tuple[Cited, ...]:
        """Sentences with the remarks that bear them out, each once; figures may stand in the case's facts, too, or in
        the given ones."""
        evidence = self._case.facts if facts is None else facts
        found = [one for draft in drafts for one in self._borne_out(draft.text, draft.items, evidence)]
        once = {one.words.casefold(): one for one in reversed(found)}
        return tuple(reversed(once.values()))[:_MOST_SENTENCES]

    def judged(self, text: str) -> str:
        """Sentences whose figures stand in remarks or facts."""
        remarks = [one.words for one in self._case.remarks]
        kept, dropped = backed(_sentences(text), [*remarks, *self._case.facts])
        self.dropped += dropped
        return " ".join(kept)

    def risks(self, drafts: Iterable[RiskDraft]) -> Iterator[Risk]:
        for draft in list(drafts)[:_MOST_RISKS]:
            some = list(self._borne_out(draft.what, draft.items, self._case.facts))
            if some:
                refs = dict.fromkeys(ref for one in some for ref in one.refs)
                yield Risk(draft.area, " ".join(one.words for one in some), tuple(refs))

    def names(self, names: Iterable[str]) -> tuple[Cited, ...]:
        """Those that stand in a remark as they are written here, but for case, with these remarks; once each."""
        found = {name.casefold(): name for name in (one_line(name, 200).strip(" .,;:\"'") for name in names)}
        wanted = [name for key, name in found.items() if key not in _NOTHING and key != self._case.product.casefold()]
        cited = [Cited(name, tuple(_refs(_where(name, self._case.remarks)))) for name in wanted]
        kept = [one for one in cited if one.refs and len(one.words) <= _LONGEST_NAME]
        self.dropped += len(wanted) - len(kept)
        return tuple(kept[:_MOST_COMPETITORS])

    def _borne_out(self, text: str, items: Sequence[int], facts: Sequence[str]) -> Iterator[Cited]:
        """Each sentence of a text with those of the named remarks that speak of it; what was not shown names none."""
        sentences = _sentences(_MARKS.sub("", text))
        named = [self._shown[number] for number in dict.fromkeys(items) if number in self._shown]
        self.dropped += len(set(items) - set(self._shown)) if sentences else 0
        for sentence in sentences:
            cites = [one for one in named if _is_about(sentence, [one.words])][:_MOST_CITED]
            if cites and backed([sentence], [*(one.words for one in cites), *facts])[0]:
                yield Cited(sentence, tuple(_refs(cites)))
            else:
                self.dropped += 1


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


def _where(name: str, remarks: Iterable[Remark]) -> list[Remark]:
    """The remarks in which it stands as whole words, not as the mark of something that was taken out."""
    wanted = re.compile(rf"(?<![\w<]){re.escape(name)}(?![\w>])", re.IGNORECASE)
    is_name = "<" not in name and any(char.isalnum() for char in name)
    return [one for one in remarks if is_name and wanted.search(one.words)][:_MOST_CITED]


def _refs(remarks: Iterable[Remark]) -> Iterator[str]:
    """Of each item once."""
    yield from dict.fromkeys(one.ref for one in remarks)
