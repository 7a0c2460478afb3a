"""The sentence that opens a digest: what to know first. Code gives the facts; a model may word them, else code does, in
the reader's language."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from insights.digest.contents import Decided, Digest, Fix, Line, Opening, Shortlist
from insights.digest.words import Words, capital, result_of
from insights.domain.figures import counted
from insights.domain.night import News, NewsKind
from insights.domain.problem import TOLD
from insights.domain.run import RunStatus
from insights.text.clean import one_line
from insights.text.orders import is_order

if TYPE_CHECKING:
    from insights.language.opening import Opener

LONGEST = 200
"""Characters."""
MODELS_LANGUAGE = "en"
"""What a model is asked to write; in other languages the sentence is made by code."""
_TOLD = ("fell", "less", "rose")
"""What a fix did, where that can be said."""
_TITLES = (50, 36, 20)
"""Characters of each: shorter where more can be told so."""


def opened(digest: Digest, *, opener: "Opener | None", currency: str) -> Digest:
    """The digest with a model's opening, where there is a model, it writes the reader's language, and its sentence
    holds. Raises InsightsError for a refused key."""
    if opener is None or digest.reader.language != MODELS_LANGUAGE:
        return digest
    told = opener.open(facts_of(digest, currency=currency))
    return replace(digest, opening=Opening(*told)) if told is not None else digest


# -- facts ------------------------------------------------------------------------------------------------------


def facts_of(digest: Digest, *, currency: str) -> list[str]:
    """What the digest tells, a fact a line, without the day it is made on: the same facts are worded once. Nobody's
    name is in it."""
    return list(_facts(digest, Words(currency=currency)))


def _facts(digest: Digest, words: Words) -> Iterator[str]:
    for name, shortlist in (("New or spiking", digest.fresh), ("Moved", digest.movers)):
        yield f"{name}: {counted(shortlist.total, 'problem')}"
        yield from (f"{name}: {_fact(line, digest, words)}" for line in shortlist.lines)
    fixes = [fix for fix in digest.fixes if fix.is_news]
    yield from (f"Fix: {fix.line.ref} {_shown(fix.line.title)}: {words.fix(fix)}" for fix in fixes)
    yield f"Decided in the period: {counted(digest.decided_total, 'problem')}"
    yield from (f"Decided: {_decision(one)}" for one in digest.decided)
    yield f"Waiting for a decision: {counted(digest.waiting.total, 'problem')}"
    run = digest.run
    if run is not None:
        stopped = f", stopped{f' at {run.stage}' if run.stage else ''}" if run.status is RunStatus.STOPPED else ""
        yield f"Last run: ${run.spend_usd:,.2f} spent on models{stopped}"


def _fact(line: Line, digest: Digest, words: Words) -> str:
    titles = {number: _shown(title) for number, title in digest.titles.items()}
    told = [
        part
        for news in line.news
        for part in (f"{words.badge(news)}, {words.news(news, titles=titles)}", words.reasons(news))
        if part
    ]
    worth = words.worth(line.value)
    told += [counted(line.accounts, "account"), *([worth] if worth else [])]
    return f"{line.ref} {_shown(line.title)}: {'; '.join(told)}"


def _decision(decided: Decided) -> str:
    return f"{decided.ref} {_shown(decided.title)}: {decided.words or TOLD[decided.action]} on {decided.at:%Y-%m-%d}"


def _shown(title: str) -> str:
    """An offline title may be a customer's own words: what gives orders to a machine is shown to none."""
    return "(title left out)" if is_order(title) else title


# -- without a model --------------------------------------------------------------------------------------------


def offline_opening(digest: Digest) -> Opening:
    """What is new, what moved, which fixes worked, what was decided: in one sentence, as far as there is room."""
    return Opening(headline(digest, Words(digest.reader.language, currency=digest.currency), longest=LONGEST))


def headline(digest: Digest, words: Words, *, longest: int) -> str:
    """The same in at most so many characters, which is room for one title at least."""
    tries = [_joined([*_parts(digest, words, title=title)], longest - 1, words.say("join")) for title in _TITLES]
    whole = next((told for told, is_whole in tries if is_whole), None)
    fitting = next((told for told, _ in tries if len(told) < longest), tries[-1][0])
    sentence = f"{capital(whole or fitting)}."
    return sentence if len(sentence) <= longest else one_line(sentence, longest)


def _parts(digest: Digest, words: Words, *, title: int) -> Iterator[str]:
    quote = _Quote(words, title)
    if digest.is_first:
        yield from _first(digest, words, quote)
        return
    told = [*_fresh(digest.fresh, words, quote), *_movers(digest.movers, words, quote), *_rest(digest, words, quote)]
    yield from told or [words.say("headline.quiet")]
    if not told:
        yield from _broken([source.name for source in digest.sources if source.trouble], words)
        yield _waiting(digest.waiting.total, words)


class _Quote:
    """Titles in the quotation marks of the language."""

    def __init__(self, words: Words, limit: int) -> None:
        self._words, self._limit = words, limit

    def __call__(self, line: Line | Decided) -> str:
        shown = one_line(line.title, self._limit)
        return self._words.say("quoted", title=shown) if shown else line.ref


def _first(digest: Digest, words: Words, quote: Callable[[Line], str]) -> Iterator[str]:
    yield words.say("headline.first", n=digest.problems)
    best = next((line for line in digest.waiting.lines if line.value is not None), None)
    if best is not None:
        yield words.say("headline.first.top", problem=quote(best))


def _fresh(fresh: Shortlist, words: Words, quote: Callable[[Line], str]) -> Iterator[str]:
    if not fresh.lines:
        return
    first = fresh.lines[0]
    if fresh.total > 1:
        yield words.say("headline.fresh.more", n=fresh.total - 1, problem=quote(first))
        return
    kind = first.news[0].kind
    yield words.say(f"headline.fresh.{kind.value}", problem=quote(first))


def _movers(movers: Shortlist, words: Words, quote: Callable[[Line], str]) -> Iterator[str]:
    if not movers.lines:
        return
    first = movers.lines[0]
    told = _moved(first.news[0], quote(first), words)
    yield words.say("headline.movers.more", n=movers.total - 1, first=told) if movers.total > 1 else told


def _moved(news: News, problem: str, words: Words) -> str:
    if news.kind is not NewsKind.MOVED:
        return words.say(f"headline.{news.kind.value}", problem=problem)
    ranks = int((news.before or 0) - (news.after or 0))
    return words.say(f"headline.moved.{'up' if ranks > 0 else 'down'}", n=abs(ranks), problem=problem)


def _rest(digest: Digest, words: Words, quote: "_Quote") -> Iterator[str]:
    for fix in digest.fixes:
        yield from _fixed(fix, words, quote)
    yield from _broken([source.name for source in digest.sources if source.is_news], words)
    if digest.run is not None and digest.run.status is RunStatus.STOPPED:
        yield words.say("headline.run.stopped")
    yield from _decided(digest, words, quote)


def _broken(names: Sequence[str], words: Words) -> Iterator[str]:
    if names:
        key = "headline.trouble" if len(names) == 1 else "headline.trouble.more"
        yield words.say(key, n=len(names), source=names[0])


def _decided(digest: Digest, words: Words, quote: "_Quote") -> Iterator[str]:
    told = digest.decisions
    total = digest.decided_total - len(digest.decided) + len(told)
    if total == 1 and told:
        yield words.say("headline.decided.one", problem=quote(told[0]), action=words.action(told[0]))
    elif total:
        yield words.say("headline.decided", n=total)


def _fixed(fix: Fix, words: Words, quote: Callable[[Line], str]) -> Iterator[str]:
    """What came of it, or that it shipped; that it is back is told as what is fresh."""
    result, kinds = result_of(fix), {news.kind for news in fix.line.news}
    if result not in _TOLD:
        result = "fell" if NewsKind.FELL in kinds else "rose" if NewsKind.STAYED in kinds else "shipped"
    if fix.is_news and not (result == "shipped" and NewsKind.BACK in kinds):
        yield words.say(f"headline.fix.{result}", problem=quote(fix.line))


def _waiting(total: int, words: Words) -> str:
    return words.say("headline.waiting", n=total) if total else words.say("headline.waiting.none")


def _joined(parts: Sequence[str], longest: int, link: str) -> tuple[str, bool]:
    """As many parts as fit, the first in any case; and whether these are all."""
    sentence, is_whole = parts[0], len(parts[0]) <= longest
    for part in parts[1:]:
        if len(sentence) + len(link) + len(part) <= longest:
            sentence += f"{link}{part}"
        else:
            is_whole = False
    return sentence, is_whole
