"""A digest as a story: every word of it, in the reader's language. Forms lay it out, and word nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from insights.digest.contents import Data, Decided, Digest, Fix, Line, Reader, Shortlist
from insights.digest.opening import headline
from insights.digest.story import Entry, Part, Section, Story, Tone
from insights.digest.words import Words, capital, result_of
from insights.domain.night import NewsKind
from insights.domain.problem import Movement
from insights.domain.run import OFFLINE
from insights.text.clean import one_line

LONGEST_SUBJECT = 110
"""Characters."""
MOST_SOURCES = 5
_MOST_NEWS = 3
_DIFF = "insights diff"
_COMMANDS = {
    Part.FRESH: _DIFF,
    Part.MOVERS: _DIFF,
    Part.FIXES: "insights shipped",
    Part.WAITING: "insights problems",
    Part.UNFILED: "insights board",
    Part.DECIDED: _DIFF,
}
_SOURCES = "insights sources"
_READ_MORE = "insights triage"
_MOVING = {Movement.NEW: NewsKind.NEW, Movement.GROWING: NewsKind.GROWING, Movement.FADING: NewsKind.FADING}


def story_of(digest: Digest) -> Story:
    """What is told of it, in its order; a section without an entry is left out."""
    words = Words(digest.reader.language, currency=digest.currency)
    teller = _Teller(digest, words)
    return Story(
        language=words.language,
        title=words.title(digest),
        headline=digest.opening.words,
        period=_period(digest, words),
        sections=tuple(section for section in teller.sections() if section.entries or section.more),
        subject=subject_of(digest, words),
        by=words.by(digest.opening.mode),
        footer=_footer(digest.reader, words),
    )


def subject_of(digest: Digest, words: Words) -> str:
    """Product and headline, in what lists of mails show."""
    product = f"{one_line(digest.product, 30)}: " if digest.product else ""
    room = LONGEST_SUBJECT - len(product)
    told = headline(digest, words, longest=room) if digest.opening.mode == OFFLINE else digest.opening.words
    return f"{product}{one_line(told, room)}".rstrip(".")


def _period(digest: Digest, words: Words) -> str:
    filters, period = words.filters(digest.reader), capital(words.period(digest))
    return f"{period} · {filters}" if filters else period


def _footer(reader: Reader, words: Words) -> str:
    if not reader.name:
        return words.say("footer", command=_READ_MORE)
    return words.say("footer.named", command=_READ_MORE, name=one_line(reader.name, 60))


class _Teller:
    """Makes the sections of one digest."""

    def __init__(self, digest: Digest, words: Words) -> None:
        self._digest, self._words = digest, words
        self._above = {line.problem_id for some in (digest.fresh, digest.movers) for line in some.lines}

    def sections(self) -> Iterator[Section]:
        digest = self._digest
        yield self._section(Part.TROUBLES, self._troubles())
        yield self._section(Part.FRESH, map(self._news, digest.fresh.lines), digest.fresh.more)
        yield self._section(Part.MOVERS, map(self._news, digest.movers.lines), digest.movers.more)
        yield self._fixes()
        yield self._listed(Part.WAITING, digest.waiting)
        yield self._listed(Part.UNFILED, digest.unfiled)
        left = digest.decided_total - len(digest.decided)
        yield self._section(Part.DECIDED, map(self._decided, digest.decisions), left)
        yield self._section(Part.DATA, self._data())

    def _section(self, part: Part, entries: Iterable[Entry], more: int = 0) -> Section:
        words = self._words
        return Section(
            part=part,
            heading=words.heading(part),
            entries=tuple(entries),
            more=words.more(more, self._command(part)),
        )

    def _command(self, part: Part) -> str:
        """What lists all of a section. A night of a day is the newest one before the next."""
        command, since, today = _COMMANDS.get(part, ""), self._digest.since, self._digest.now.date()
        if command != _DIFF or since is None or since.date() >= today:
            return command
        return f"{command} --since {since.date() + timedelta(days=1)}"

    def _fixes(self) -> Section:
        """What is new of them or can be told at last; of the others, night after night, only how many there are."""
        digest, words = self._digest, self._words
        told = [fix for fix in digest.fixes if fix.is_news or result_of(fix) != "early"]
        left = digest.fixes_total - len(told)
        more = words.say("fix.watched", n=left, command=_COMMANDS[Part.FIXES]) if left else ""
        return replace(self._section(Part.FIXES, map(self._fix, told)), more=more)

    def _listed(self, part: Part, lines: Shortlist) -> Section:
        return self._section(part, map(self._line, lines.lines), lines.more)

    # -- problems -----------------------------------------------------------------------------------------------

    def _line(self, line: Line) -> Entry:
        """A problem that is listed for what it is; its name alone where it was told of above."""
        if line.problem_id in self._above:
            return Entry(title=line.title, ref=line.ref, url=line.url)
        kind = _MOVING.get(line.movement)
        return self._entry(line, badge=self._words.say(f"badge.{kind.value}") if kind else "")

    def _news(self, line: Line) -> Entry:
        """A problem that is listed for what happened to it."""
        first = line.news[0]
        return self._entry(line, self._told(line), badge=self._words.badge(first), tone=self._words.tone(first))

    def _told(self, line: Line) -> Iterator[str]:
        for news in line.news[:_MOST_NEWS]:
            reasons = self._words.why(news, accounts=self._digest.accounts)
            said = self._words.news(news, titles=self._digest.titles)
            yield self._words.say("news.because", news=said, reasons=reasons) if reasons else said

    def _fix(self, fix: Fix) -> Entry:
        words = self._words
        shipped = words.joined([words.fix(fix), *words.owners(fix.line)])
        told = [shipped, *(words.news(news) for news in fix.line.news if news.kind is NewsKind.BACK)]
        return Entry(
            title=fix.line.title,
            ref=fix.line.ref,
            badge=words.fix_badge(fix),
            tone=words.fix_tone(fix),
            told=tuple(told),
            weekly=fix.line.weekly,
            trend=words.trend(fix.line.weekly),
            url=fix.line.url,
        )

    def _entry(self, line: Line, told: Iterable[str] = (), *, badge: str, tone: Tone = Tone.PLAIN) -> Entry:
        words = self._words
        is_there = bool(line.items)
        return Entry(
            title=line.title,
            ref=line.ref,
            badge=badge,
            tone=tone,
            told=(*told, *([words.standing(line)] if is_there else [])),
            weekly=line.weekly,
            trend=words.trend(line.weekly) if is_there else "",
            worth=words.worth(line.value),
            quote=line.quote,
            url=line.url,
        )

    def _decided(self, decided: Decided) -> Entry:
        title = decided.title or self._words.say("no_evidence")
        return Entry(title=title, ref=decided.ref, told=(self._words.decided(decided),))

    # -- what it rests on ---------------------------------------------------------------------------------------

    def _troubles(self) -> Iterator[Entry]:
        own = {source.trouble for source in self._digest.sources if source.trouble}
        for source in self._digest.sources:
            if source.trouble:
                yield Entry(title=source.name, tone=Tone.BAD, told=self._words.trouble(source))
        for told in self._digest.troubles:
            if told not in own:
                yield Entry(title=told, tone=Tone.BAD)

    def _data(self) -> Iterator[Entry]:
        data, digest, words = self._digest.data, self._digest, self._words
        if digest.reader.filters:
            yield self._fact("all", [words.say("data.all.told")])
        if sources := [*self._sources()]:
            yield self._fact("sources", sources)
        yield self._fact("items", self._items(data))
        if data.covered is not None:
            yield self._fact("coverage", [self._coverage(data.covered)])
        if data.ranked:
            yield self._fact("unassigned", self._unassigned(data))
        is_spent = [words.say("data.cost.is_spent")] if digest.cost.is_spent else []
        yield self._fact("cost", [words.cost(digest.cost, runs=digest.runs), *is_spent])
        yield self._fact("run", [words.run(digest.run)], tone=words.run_tone(digest.run))

    def _fact(self, key: str, told: Iterable[str], tone: Tone = Tone.PLAIN) -> Entry:
        return Entry(title=self._words.say(f"data.{key}"), told=tuple(told), tone=tone)

    def _sources(self) -> Iterator[str]:
        silent = {one.name for one in self._digest.sources if one.trouble and not one.error}  # told of in the beginning
        others = [one for one in self._digest.sources if one.name not in silent]
        told = self._words.sources(others, self._digest.now.date())
        yield from told[:MOST_SOURCES]
        if left := self._words.more(len(told) - MOST_SOURCES, _SOURCES):
            yield left

    def _items(self, data: Data) -> Iterator[str]:
        words = self._words
        kinds = [words.counted(number, kind.value) for kind, number in data.by_kind.items()]
        whole = words.counted(data.items, "item")
        yield f"{whole} ({', '.join(kinds)})" if kinds else whole
        if data.items_since is not None and not self._digest.is_first:
            yield words.say("data.items.since", n=data.items_since)
        if data.uncertain_accounts:
            yield words.say("data.uncertain", n=data.uncertain_accounts)
        if data.redacted:
            yield words.say("data.redacted", details=words.counted(data.redacted, "personal"))

    def _coverage(self, share: float) -> str:
        key = "told" if self._digest.data.covers_revenue else "accounts"
        return self._words.say(f"data.coverage.{key}", share=self._words.percent(share))

    def _unassigned(self, data: Data) -> Iterator[str]:
        words = self._words
        if data.unassigned:
            mentions, share = words.counted(data.unassigned, "mention"), words.percent(data.unassigned_share)
            yield words.say("data.unassigned.told", mentions=mentions, share=share)
        else:
            yield words.say("data.unassigned.none")
        if data.settled:
            yield words.say("data.unassigned.settled", n=data.settled)
