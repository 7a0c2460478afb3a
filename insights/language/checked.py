"""Trust nothing that a model wrote: words are cleaned, figures and quotes must stand in what it was shown. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from insights.domain.feedback import Mention, Quote
from insights.language.answers import ProblemDraft
from insights.language.quotes import find_span
from insights.text.clean import one_line

LONGEST_TITLE = 80
_LONGEST_SUMMARY = 700
_MOST_QUOTES = 3
_FIGURE = re.compile(r"\d+(?:[.,:/]\d+)*")
_ADDRESS = re.compile(r"(?:https?:|www\.)\S*|\S+@\S+", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


@dataclass(frozen=True, slots=True)
class Checked:
    """What is left of a draft: title and summary may be empty, `dropped` counts quotes that were not found."""

    title: str
    summary: str
    quotes: tuple[Quote, ...]
    dropped: int


def checked(draft: ProblemDraft, shown: Mapping[int, Mention]) -> Checked:
    """`shown` are the mentions by the numbers that the prompt gave them."""
    evidence = "\n".join(mention.text for mention in shown.values())
    quotes, dropped = _quotes(draft, shown)
    title = one_line(draft.title, LONGEST_TITLE).strip(" \"'.;:,")
    sentences = _SENTENCE_END.split(one_line(draft.summary, _LONGEST_SUMMARY))
    return Checked(
        title=title if _is_backed(title, evidence) else "",
        summary=" ".join(sentence for sentence in sentences if _is_backed(sentence, evidence)),
        quotes=quotes,
        dropped=dropped,
    )


def _quotes(draft: ProblemDraft, shown: Mapping[int, Mention]) -> tuple[tuple[Quote, ...], int]:
    """Those that stand in the very remark they name, once each; and how many do not."""
    found: list[Quote] = []
    dropped = 0
    for quoted in draft.quotes:
        mention = shown.get(quoted.item)
        span = find_span(mention.text, quoted.text) if mention is not None else None
        if mention is None or span is None:
            dropped += 1
            continue
        quote = Quote(feedback_id=mention.feedback_id, start=mention.start + span[0], end=mention.start + span[1])
        if quote not in found:
            found.append(quote)
    return tuple(found[:_MOST_QUOTES]), dropped


def _is_backed(words: str, evidence: str) -> bool:
    """Whether every figure and address in the words stands in the evidence."""
    known = set(_FIGURE.findall(evidence))
    is_known = all(figure in known for figure in _FIGURE.findall(words))
    return is_known and all(address in evidence for address in _ADDRESS.findall(words))
