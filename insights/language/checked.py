"""Trust nothing that a model wrote: words are cleaned, figures and quotes must stand in what it was shown. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from insights.domain.feedback import Mention, Quote
from insights.language.answers import ProblemDraft, QuoteDraft
from insights.language.background import terms
from insights.language.quotes import find_span
from insights.text.clean import one_line

LONGEST_TITLE = 80
_LONGEST_SUMMARY = 700
_MOST_QUOTES = 3
_FIGURE = re.compile(r"\d+(?:[.,:/]\d+)*")
_ADDRESS = re.compile(r"(?:https?:|www\.)\S*|\S+@\S+", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_SAID = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "twenty": "20", "thirty": "30", "fifty": "50", "hundred": "100",
    "hundreds": "100", "thousand": "1000", "thousands": "1000", "million": "1000000", "millions": "1000000",
    "dozen": "12", "dozens": "12", "half": "50", "twice": "2", "percent": "%",
}  # fmt: skip
"""Figures in words, which prove as little as digits; "most" and "some" are no figures."""
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Checked:
    """What is left of a draft: title and summary may be empty; `dropped` counts quotes, `unbacked` sentences (the title
    is one), that were not found in the evidence."""

    title: str
    summary: str
    quotes: tuple[Quote, ...]
    dropped: int
    kept_sentences: int
    unbacked: int


def checked(draft: ProblemDraft, shown: Mapping[int, Mention]) -> Checked:
    """`shown` are the mentions by the numbers that the prompt gave them."""
    evidence = [mention.text for mention in shown.values()]
    quotes, dropped = checked_quotes(draft.quotes, shown)
    title = one_line(draft.title, LONGEST_TITLE).strip(" \"'.;:,")
    backed_title, is_unbacked = backed([title], evidence) if title else ([], 0)
    summary, unbacked = backed(sentences_of(draft.summary), evidence)
    told_title, is_untold = told_in(backed_title, evidence)
    told, untold = told_in(summary, evidence)
    return Checked(
        title=" ".join(told_title),
        summary=" ".join(told),
        quotes=quotes,
        dropped=dropped,
        kept_sentences=len(told_title) + len(told),
        unbacked=is_unbacked + unbacked + is_untold + untold,
    )


def sentences_of(text: str, *, longest: int = _LONGEST_SUMMARY) -> list[str]:
    """On one line, cleaned, cut where sentences end."""
    return [sentence for sentence in _SENTENCE_END.split(one_line(text, longest)) if sentence]


def backed(sentences: Iterable[str], evidence: Sequence[str]) -> tuple[list[str], int]:
    """The sentences whose figures and addresses all stand in the evidence, and how many others there were."""
    known = figures("\n".join(evidence))
    whole = "\n".join(evidence)
    given = list(sentences)
    kept = [one for one in given if figures(one) <= known and all(found in whole for found in _ADDRESS.findall(one))]
    return kept, len(given) - len(kept)


def told_in(sentences: Sequence[str], evidence: Sequence[str]) -> tuple[list[str], int]:
    """The sentences that share a topical word with the evidence, and how many do not: those are of something else. One
    in another script than the evidence cannot be told, and stays."""
    known = {term for text in evidence for term in terms(text)}
    is_latin = _is_latin(" ".join(evidence))
    kept = [one for one in sentences if terms(one) & known or _is_latin(one) is not is_latin]
    return kept, len(sentences) - len(kept)


def _is_latin(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return sum(char < "\u0250" for char in letters) * 2 >= len(letters)


def figures(text: str) -> set[str]:
    """Numbers in digits and in words; 1,000 and 1000 and a thousand are the same."""
    digits = {re.sub(r"[.,](?=\d{3}(?!\d))", "", found) for found in _FIGURE.findall(text)}
    words = {_SAID[word] for word in map(str.casefold, _WORD.findall(text)) if word in _SAID}
    return digits | words | ({"%"} if "%" in text else set())


def checked_quotes(quotes: Iterable[QuoteDraft], shown: Mapping[int, Mention]) -> tuple[tuple[Quote, ...], int]:
    """Those that stand in the very remark they name, once each; and how many do not."""
    found: list[Quote] = []
    dropped = 0
    for quoted in quotes:
        mention = shown.get(quoted.item)
        span = find_span(mention.text, quoted.text) if mention is not None else None
        if mention is None or span is None:
            dropped += 1
            continue
        quote = Quote(feedback_id=mention.feedback_id, start=mention.start + span[0], end=mention.start + span[1])
        if quote not in found:
            found.append(quote)
    return tuple(found[:_MOST_QUOTES]), dropped
