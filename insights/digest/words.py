"""Word what a digest tells, in the reader's language. Pure; words from outside are cleaned, and escaped by no one here.

Sentences begin with a small letter where the language lets them, and have no full stop: who joins them adds both.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from insights.digest.catalogue import Catalogue, Language
from insights.digest.contents import Cost, Decided, Digest, Fix, Line, Reader, SourceLine
from insights.digest.languages.de import GERMAN
from insights.digest.languages.en import ENGLISH
from insights.digest.languages.es import SPANISH
from insights.digest.languages.fr import FRENCH
from insights.digest.story import Part, Tone
from insights.domain.estimate import Range
from insights.domain.night import News, NewsKind, Reason, ReasonKind
from insights.domain.problem import problem_ref
from insights.domain.run import OFFLINE, Run, RunStatus
from insights.text.clean import one_line

_ALL: Mapping[str, Language] = {one.code: one for one in (ENGLISH, GERMAN, SPANISH, FRENCH)}
LANGUAGES = tuple(sorted(_ALL))
"""ISO 639-1 codes."""

TITLE_LIMIT = 160
_SHORT_TITLE = 60
_NAME_LIMIT = 60
_NAMED = 2
"""Accounts that a reason names; the rest are counted."""
_RARE = 0.05
"""Voices a week that count as none."""

_MONTHLY = frozenset({NewsKind.GROWING, NewsKind.FADING})
_WORKED, _FAILED, _UNCLEAR, _EARLY = "fell", "rose", "no clear change", "too early to say"
_TONES = {
    NewsKind.NEW: Tone.ALERT,
    NewsKind.SPIKING: Tone.ALERT,
    NewsKind.BACK: Tone.BAD,
    NewsKind.GROWING: Tone.BAD,
    NewsKind.FADING: Tone.GOOD,
    NewsKind.FELL: Tone.GOOD,
    NewsKind.STAYED: Tone.BAD,
}

Titles = Mapping[int, str]
Names = Mapping[int, str]


class Words(Catalogue):
    """Everything that a digest says in one language."""

    def __init__(self, language: str = "en", *, currency: str = "$") -> None:
        super().__init__(_ALL.get(language, ENGLISH), currency=currency)

    # -- frame ------------------------------------------------------------------------------------------------------

    def heading(self, part: Part) -> str:
        return self.say(f"heading.{part.value}")

    def title(self, digest: Digest) -> str:
        """Desk: what changed."""
        key = "title.first" if digest.is_first else "title"
        product = one_line(digest.product, _NAME_LIMIT)
        return self.say(key, product=product) if product else self.say(f"{key}.plain")

    def period(self, digest: Digest) -> str:
        """20–26 November 2026; the first one is of all there is up to a day."""
        since = None if digest.is_first else digest.since
        return self.days(since.date() if since else None, digest.now.date())

    def filters(self, reader: Reader) -> str:
        """What the digest is narrowed to; empty where it holds everything."""
        said = (("theme", reader.theme), ("segment", reader.segment), ("owner", reader.owner))
        told = [self.say(f"filter.{key}", name=one_line(name, _NAME_LIMIT)) for key, name in said if name]
        return self.say("filters", what=", ".join(told)) if told else ""

    def by(self, mode: str) -> str:
        """Who worded the first sentence."""
        return self.say("by.offline") if mode == OFFLINE else self.say("by.model", model=one_line(mode, _NAME_LIMIT))

    def more(self, number: int, command: str = "") -> str:
        """How many are left out, and what lists them; empty where none is."""
        if number <= 0:
            return ""
        return self.say("more", n=number, command=command) if command else self.say("more.plain", n=number)

    def sentences(self, told: Sequence[str]) -> str:
        """As prose: each with its capital and its full stop."""
        return " ".join(f"{capital(one)}{'' if one[-1:] in '.!?…' else '.'}" for one in told if one)

    # -- news -------------------------------------------------------------------------------------------------------

    def badge(self, news: News) -> str:
        """A word or two: new, spiking again, up 3."""
        if news.kind is NewsKind.MOVED and news.before is not None and news.after is not None:
            moved = int(news.before - news.after)
            return self.say(f"badge.moved.{'up' if moved > 0 else 'down'}", n=abs(moved))
        if news.kind is NewsKind.MOVED:
            return self.say(f"badge.moved.{'in' if news.after is not None else 'out'}")
        is_again = news.times > 1 and news.kind in _COUNTED
        kind = NewsKind.SPIKING if is_again and news.kind is NewsKind.NEW else news.kind
        badge = self.say(f"badge.{kind.value}")
        return self.say("badge.again", badge=badge) if is_again else badge

    def tone(self, news: News) -> Tone:
        return _TONES.get(news.kind, Tone.PLAIN)

    def news(self, news: News, *, titles: Titles | None = None) -> str:
        """One sentence on what happened: 9 customers in a week, usually 1.2. `titles` are those of other problems."""
        if news.kind in (NewsKind.MERGED, NewsKind.SPLIT):
            return self.say(f"news.{news.kind.value}", other=self.titled(news.other_id, titles or {}))
        if news.kind is NewsKind.MOVED:
            return self._moved(news)
        if news.kind is NewsKind.BACK and news.after is None:
            return self.say("news.back.reopened")
        if news.kind in _COUNTED:
            return self._counted(news)
        return self.say(f"news.{news.kind.value}")

    def _moved(self, news: News) -> str:
        before, after = ("" if rank is None else self.number(rank) for rank in (news.before, news.after))
        key = "news.moved" if before and after else "news.moved.in" if after else "news.moved.out"
        told = self.say(key, before=before, after=after)
        if news.since is None or (news.day - news.since).days <= 1:
            return told
        return self.say("news.since", told=told, day=self.day(news.since, with_year=news.since.year != news.day.year))

    def _counted(self, news: News) -> str:
        """What was heard, beside what is usual."""
        if news.after is None:
            return self.say(f"news.{'new' if news.kind is NewsKind.SPIKING else news.kind.value}.plain")
        customers = self.counted(round(news.after), "customer")
        if news.kind is NewsKind.NEW:
            return self.say("news.new", customers=customers)
        stem = "news.month" if news.kind in _MONTHLY else "news.back" if news.kind is NewsKind.BACK else "news.week"
        if news.before is None or news.before < _RARE:
            return self.say(f"{stem}.none", customers=customers)
        return self.say(stem, customers=customers, usual=self.number(news.before))

    def titled(self, problem_id: int | None, titles: Titles) -> str:
        """P-4 “…”."""
        if problem_id is None:
            return "–"
        title = one_line(titles.get(problem_id, ""), _SHORT_TITLE)
        return self.say("ref.titled", ref=problem_ref(problem_id), title=title) if title else problem_ref(problem_id)

    # -- reasons ----------------------------------------------------------------------------------------------------

    def reasons(self, news: News, *, accounts: Names | None = None) -> str:
        """Why: "+3: two renewals within 60 days, one new detractor at Acme"; empty where nothing is known of it."""
        told = self.why(news, accounts=accounts)
        if not told or news.kind is not NewsKind.MOVED or news.before is None or news.after is None:
            return told
        moved = int(news.before - news.after)
        return self.say("reasons.moved", sign=f"{'+' if moved > 0 else '−'}{abs(moved)}", reasons=told)

    def why(self, news: News, *, accounts: Names | None = None) -> str:
        """The reasons alone."""
        return ", ".join(self.reason(reason, accounts=accounts) for reason in news.reasons)

    def reason(self, reason: Reason, *, accounts: Names | None = None) -> str:
        """One reason, with the names of the first accounts that it is about."""
        told = _SAY.get(reason.kind, Words._by_count)(self, reason)
        names = [one_line(name, _NAME_LIMIT) for name in _names(reason, accounts or {})]
        if not names:
            return told
        rest = abs(reason.count) - len(names)
        shown = [*names, self.say("reason.others", n=rest)] if rest > 0 else names
        key = "reason.at" if reason.kind in _AT else "reason.of"
        return self.say(key, what=told, names=self.listed(shown))

    def _by_count(self, reason: Reason) -> str:
        key = f"reason.{reason.kind.value}"
        fewer = f"{key}.fewer"
        number = abs(reason.count)
        return self.say(fewer if reason.count < 0 and self.has(fewer) else key, n=number, days=reason.days)

    def _revenue(self, reason: Reason) -> str:
        return self.say(f"reason.revenue{'.less' if reason.amount < 0 else ''}", amount=self.money(abs(reason.amount)))

    def _severity(self, reason: Reason) -> str:
        key = f"severity.{reason.word}"
        return self.say("reason.severity", severity=self.say(key if self.has(key) else "severity.unknown"))

    def _effort(self, reason: Reason) -> str:
        key = f"reason.effort{'.less' if reason.amount < 0 else ''}"
        return self.say(key, weeks=self.counted(round(abs(reason.amount), 1), "week"))

    # -- figures ----------------------------------------------------------------------------------------------------

    def worth(self, value: Range | None, currency: str = "") -> str:
        """Likely $400k a year ($100k–1M); empty where nothing was estimated."""
        if value is None:
            return ""
        own = self if not currency or currency == self.currency else Words(self.language, currency=currency)
        if value.low == value.high:
            return own.say("worth.point", likely=own.likely(value))
        return own.say("worth", likely=own.likely(value), range=own.money_range(value))

    def standing(self, line: Line) -> str:
        """7 accounts, rank 4 (tied), theme Logins, owner Ada. Where a move says the rank, that is not said twice; news
        have their theme."""
        told = [self.counted(line.accounts, "account") if line.accounts else self.say("standing.no_account")]
        if line.rank is not None and all(one.kind is not NewsKind.MOVED for one in line.news):
            told.append(self.say("standing.tied" if line.is_tied else "standing.rank", rank=self.number(line.rank)))
        if line.theme and line.news:
            told.append(self.say("filter.theme", name=one_line(line.theme, _NAME_LIMIT)))
        return ", ".join([*told, *self.owners(line)])

    def owners(self, line: Line) -> tuple[str, ...]:
        """Owner Ada and Bo; nothing where it has none."""
        names = self.listed([one_line(name, _NAME_LIMIT) for name in line.owners[:_NAMED]])
        return (self.say("filter.owner", name=names),) if names else ()

    def trend(self, weekly: Sequence[int]) -> str:
        """What a sparkline shows: 24 items in the last four weeks, 4 in the four before."""
        if not any(weekly):
            return self.say("trend.none")
        items = self.counted(sum(weekly[-4:]), "item")
        return self.say("trend", items=items, before=self.number(sum(weekly[-8:-4])))

    # -- fixes and decisions ----------------------------------------------------------------------------------------

    def fix_badge(self, fix: Fix) -> str:
        """Worked, did not work, too early to say."""
        return self.say(f"badge.fix.{result_of(fix)}")

    def fix_tone(self, fix: Fix) -> Tone:
        return {"fell": Tone.GOOD, "less": Tone.GOOD, "rose": Tone.BAD}.get(result_of(fix), Tone.PLAIN)

    def fix(self, fix: Fix) -> str:
        """Shipped on 3 October 2026: mentions fell by 63% (40–80%) in 6 weeks; 30–60% fewer were predicted."""
        told = [f"{self.say('fix.shipped', day=self.day(fix.shipped_on))}, {self._effect(fix)}"]
        if fix.predicted is not None:
            ends = self.percent_range(fix.predicted.low, fix.predicted.high)
            told.append(self.say("fix.true" if fix.came_true else "fix.predicted", range=ends))
        return self.joined(told)

    def _effect(self, fix: Fix) -> str:
        weeks = self.counted(fix.weeks_watched, "week")
        if fix.verdict not in (_WORKED, _FAILED, _UNCLEAR) or fix.avoided is None:
            return self.say("fix.early", weeks=weeks) if fix.weeks_watched else self.say("fix.unwatched")
        if fix.verdict == _UNCLEAR:
            return self.say("fix.unclear", weeks=weeks)
        some = (
            fix.avoided if fix.verdict == _WORKED else Range(-fix.avoided.high, -fix.avoided.likely, -fix.avoided.low)
        )
        key = "fix.fell" if fix.verdict == _WORKED else "fix.rose"
        share, ends = self.percent(some.likely), self.percent_range(some.low, some.high)
        return self.say(key, share=share, range=ends, weeks=weeks)

    def action(self, decided: Decided) -> str:
        """Accepted: Now; snoozed until 3 December 2026; taken back."""
        told = self.say(f"action.{decided.action.value}")
        if decided.column is not None:
            told = self.say("action.to", action=told, column=self.say(f"column.{decided.column.value}"))
        if decided.until is not None:
            told = self.say("action.until", action=told, day=self.day(decided.until))
        return self.say("action.again", action=told) if decided.is_again else told

    def decided(self, decided: Decided) -> str:
        """What was done, by whom, when, and why where that was said."""
        who = one_line(decided.who, _NAME_LIMIT)
        day = self.day(decided.at.date(), with_year=False)
        told = self.say("decided", action=self.action(decided), who=who, day=day)
        return self.say("decided.why", decided=told, why=one_line(decided.why, 300)) if decided.why else told

    # -- data and cost ----------------------------------------------------------------------------------------------

    def trouble(self, source: SourceLine) -> tuple[str, ...]:
        """What is wrong with a source, and the command that mends it or tells more."""
        if source.error:
            said = self.say("trouble.error", error=source.error)
        else:
            said = self.say("trouble.silent", n=source.silent_days or 0)
        return (said, self.say("trouble.command", command=source.command)) if source.command else (said,)

    def sources(self, sources: Iterable[SourceLine], today: date) -> list[str]:
        """How fresh they are, those that fell silent first: silent for 9 days: desk; newest today: tickets, nps. Of
        lists that hold no feedback, as of accounts, nothing is told."""
        some = [one for one in sources if one.newest is not None or not one.items]
        ordered = sorted(some, key=lambda one: (not one.is_stale, -(one.newest or date.min).toordinal(), one.name))
        names: dict[tuple[date | None, bool], list[SourceLine]] = {}
        for one in ordered:
            names.setdefault((one.newest and min(one.newest, today), one.is_stale), []).append(one)
        return [self._freshness(some, today) for some in names.values()]

    def _freshness(self, some: Sequence[SourceLine], today: date) -> str:
        """Of sources with the same newest day."""
        names, newest = ", ".join(one_line(one.name, _NAME_LIMIT) for one in some), some[0].newest
        if newest is None:
            return self.say("data.source.empty", names=names)
        if some[0].is_stale:
            return self.say("data.source.stale", n=some[0].silent_days or 0, names=names)
        if newest >= today:
            return self.say("data.source.today", names=names)
        return self.say("data.source", day=self.day(newest, with_year=newest.year != today.year), names=names)

    def cost(self, cost: Cost, *, runs: int = 0) -> str:
        """$0.42 on models in 7 runs of at most $2 each; $3.10 of at most $50 this month."""
        if not cost.spent and not cost.month:
            return self.say("data.cost.none")
        spent, most = self.dollars(cost.spent), self.dollars(cost.of_run)
        if cost.of_run > 0 and runs:
            told = [self.say("data.cost.runs", n=runs, spent=spent, most=most)]
        else:
            told = [self.say("data.cost.period", spent=spent)]
        if cost.of_month > 0:
            told.append(self.say("data.cost.month", spent=self.dollars(cost.month), most=self.dollars(cost.of_month)))
        return self.joined(told)

    def run(self, run: Run | None) -> str:
        """How the last run ended."""
        if run is None:
            return self.say("data.run.none")
        stage = one_line(run.stage or "", _NAME_LIMIT)
        key = f"data.run.{run.status.value}{'.at' if run.status is RunStatus.STOPPED and stage else ''}"
        told = self.say(key, day=self.day((run.finished_at or run.started_at).date()), stage=stage)
        return f"{told}, {self.say('data.run.failures', n=len(run.failures))}" if run.failures else told

    def run_tone(self, run: Run | None) -> Tone:
        return Tone.BAD if run is not None and (run.failures or run.status is RunStatus.STOPPED) else Tone.PLAIN

    def joined(self, parts: Sequence[str]) -> str:
        """Half-sentences as one."""
        return self.say("join").join(parts)


def result_of(fix: Fix) -> str:
    """Fell, less (than was predicted), rose (or surely did not fall as predicted), unclear or early."""
    if fix.came_true is False and fix.verdict in (_WORKED, _UNCLEAR):
        return "less" if fix.verdict == _WORKED else "rose"
    return {_WORKED: "fell", _FAILED: "rose", _UNCLEAR: "unclear"}.get(fix.verdict, "early")


def capital(text: str) -> str:
    """With its first letter large."""
    return f"{text[:1].upper()}{text[1:]}"


def _names(reason: Reason, accounts: Names) -> list[str]:
    return [accounts[one] for one in reason.accounts[:_NAMED] if accounts.get(one)]


_COUNTED = frozenset({NewsKind.NEW, NewsKind.SPIKING, NewsKind.GROWING, NewsKind.FADING, NewsKind.BACK})
_AT = frozenset({ReasonKind.DETRACTORS})
"""What happens at an account; of all else it is said which accounts they are."""
_SAY: Mapping[ReasonKind, Callable[[Words, Reason], str]] = {
    ReasonKind.REVENUE: Words._revenue,
    ReasonKind.SEVERITY: Words._severity,
    ReasonKind.EFFORT: Words._effort,
}
