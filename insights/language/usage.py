"""What a run's models did: calls and money by stage, what went on to the large model, what passed the checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insights.config import Language
from insights.domain.run import Run
from insights.language.completions import ANSWERED
from insights.language.models import Model, large_model
from insights.storage.calls import RECALLED, CallStore, CallTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """`escalated_share` of the questions went on to the large model; `saved_usd` is what the small model's tokens would
    have cost at the large one's price, less what they did; `agreement` (0 to 1) is between both on `audited` answers.
    The shares of quotes and sentences are those that passed the check. None where there is nothing to tell."""

    calls: Sequence[CallTotals]
    usd: float
    recalled: int
    failed: int
    escalated_share: float | None
    saved_usd: float | None
    audited: int
    agreement: float | None
    quotes_passed: float | None
    sentences_passed: float | None


def usage_of(calls: Sequence[CallTotals], counts: Mapping[str, int], *, large: Model | None) -> Usage:
    """`calls` and `counts` of one run; `large` as the settings name it now."""
    answered = [one for one in calls if one.outcome == ANSWERED and one.stage != "embed"]
    by_small = [one for one in answered if large is None or one.model != large.name]
    questions = sum(one.calls for one in by_small)
    return Usage(
        calls=calls,
        usd=sum(one.usd for one in calls),
        recalled=sum(one.calls for one in calls if one.outcome == RECALLED),
        failed=sum(one.calls for one in calls if one.outcome not in (ANSWERED, RECALLED)),
        escalated_share=_share(counts.get("escalated", 0), questions) if large else None,
        saved_usd=_saved(by_small, large) if large and by_small else None,
        audited=counts.get("audited", 0),
        agreement=_share(counts.get("agreed", 0), counts.get("audited", 0)),
        quotes_passed=_passed(counts, "quotes"),
        sentences_passed=_passed(counts, "sentences"),
    )


def past_usage(run: Run, *, calls: CallStore, settings: Language) -> Usage:
    """What the models of a past run did; the large one as the settings name it now. Raises InsightsError for a setting
    that names no model."""
    return usage_of(calls.of_run(run.id), run.counts, large=large_model(settings))


def _saved(by_small: Sequence[CallTotals], large: Model) -> float:
    return sum(large.usd(one.tokens_in, one.tokens_out) - one.usd for one in by_small)


def _passed(counts: Mapping[str, int], what: str) -> float | None:
    kept, dropped = counts.get(f"{what}_kept", 0), counts.get(f"{what}_dropped", 0)
    return _share(kept, kept + dropped)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def usage_in_words(usage: Usage) -> list[str]:
    """What a table of the calls does not say."""
    lines = []
    if usage.calls:
        kept = f", {usage.recalled:,} answers were paid before" if usage.recalled else ""
        failed = f", {usage.failed:,} calls brought no answer" if usage.failed else ""
        lines.append(f"Spent ${usage.usd:.4f}{kept}{failed}.")
    if usage.escalated_share is not None:
        saved = f"; the small model saved ${usage.saved_usd:.4f}" if usage.saved_usd is not None else ""
        lines.append(f"{usage.escalated_share:.0%} of the questions went on to the large model{saved}.")
    if usage.agreement is not None:
        lines.append(f"On {usage.audited:,} answers asked of both, the models agree to {usage.agreement:.0%}.")
    if usage.quotes_passed is not None:
        lines.append(f"Quotes found in their source: {usage.quotes_passed:.0%}.")
    if usage.sentences_passed is not None:
        lines.append(f"Sentences without unbacked figures: {usage.sentences_passed:.0%}.")
    return lines
