"""A discovery brief as Markdown, to be pasted or piped. No word from outside acts in it."""

from collections.abc import Iterator

from insights.briefing import Discovery, heard_in_words
from insights.domain.brief import Entry, Origin, Told
from insights.domain.feedback import GIVES_ORDERS, Evidence
from insights.domain.figures import counted, likely, money_range
from insights.domain.trend import change_in_words
from insights.text.markdown import literal

_WORDS = 300


def brief_markdown(found: Discovery, *, currency: str) -> str:
    """Headings, one a field, with what is told and by whom; what nobody told is a task."""
    return "\n\n".join(_blocks(found, currency)) + "\n"


def _blocks(found: Discovery, currency: str) -> Iterator[str]:
    problem = found.problem
    yield f"# {problem.ref} {literal(problem.title, limit=160)}"
    if problem.summary:
        yield literal(problem.summary)
    yield f"**Heard:** {heard_in_words(problem)}; {change_in_words(problem)}."
    if problem.estimate is not None:
        value = problem.estimate.value
        worth = f"{likely(value, currency)} a year ({money_range(value, currency)})"
        yield f"**Worth:** {literal(worth)}; {literal(problem.estimate.reason)}".rstrip("; ")
    for entry in found.entries:
        yield f"## {entry.name}"
        yield "\n".join(_lines(entry, found.mode))
    if found.known.quotes:
        yield "## Quotes"
        yield from (_quotation(quote) for quote in found.known.quotes)
    yield f"Words: {literal(found.mode, limit=120)}{literal(origin_in_words(found))}."


def origin_in_words(found: Discovery) -> str:
    """From what and when a model wrote it, and what of it did not pass the check."""
    if found.at is None or found.told_from is None:
        return ""
    dropped = f"; {counted(found.brief.dropped, 'part')} dropped as unbacked" if found.brief.dropped else ""
    return f", from {counted(found.told_from, 'item')}, {found.at:%Y-%m-%d}{dropped}"


def source_of(told: Told, *, mode: str) -> str:
    """Who says so, and on which items: "data", "openai:small: tickets/T-3"."""
    by = mode if told.origin is Origin.MODEL else told.origin.value
    return f"{by}: {', '.join(told.refs)}" if told.refs else by


def _lines(entry: Entry, mode: str) -> Iterator[str]:
    for told in entry.told:
        yield f"- {literal(told.words)} — {literal(source_of(told, mode=mode), limit=400)}"
    if entry.asks:
        yield f"- [ ] {entry.asks} — {Origin.NOBODY.value}"


def _quotation(quote: Evidence) -> str:
    account = quote.account_name or "account unknown"
    said = f"{literal(quote.ref, limit=120)}, {quote.created_at:%Y-%m-%d}"
    mark = f"\n>\n> {GIVES_ORDERS}" if quote.is_order else ""
    return f"> {literal(quote.text, limit=_WORDS)}\n>\n> — {literal(account, limit=120)}, {said}{mark}"
