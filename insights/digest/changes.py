"""What changed since a night or a day: problems that are new, moved or were mended, what was decided and what waits.

`changes` loads and asks the other modules of this folder what is told; nothing is written. Words from outside are
cleaned of what acts on a terminal; escaping them for Markdown or a page is the form's part.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from insights.config import Settings
from insights.digest.contents import MOST, Data, Digest, Opening, Reader, Shortlist, SourceLine
from insights.digest.decided import accepted_by, decided_since
from insights.digest.lines import (
    Known,
    fixes_of,
    fresh_lines,
    moved_lines,
    narrowed,
    owners_of,
    quoted,
    shortlist,
    unfiled_lines,
    waiting_lines,
)
from insights.digest.opening import offline_opening
from insights.digest.resting import cost_of, data_of, sources_of
from insights.domain.access import Act, use_case
from insights.domain.customers import Account
from insights.domain.night import News, Night
from insights.domain.problem import Action, Decision, Problem
from insights.domain.run import Run
from insights.health import Standing
from insights.news.between import news_between
from insights.outcomes import outcomes
from insights.privacy.account_names import without_person
from insights.storage.repository import Repository
from insights.text.clean import one_line
from insights.text.orders import is_order

WEEKS = 26
_RUNS = 2000
_FIRST_DAYS = 7
_NAME, _QUOTE = 60, 240
"""Characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What a digest is of. `after_run`: the last run whose news were told, None where none was; `night` is the last one
    that is kept. `is_first`: nothing is known of how things stood before."""

    since: datetime | None
    after_run: int | None
    night: Night | None
    is_first: bool


@use_case(Act.LOOK)
def changes(
    repository: Repository,
    settings: Settings,
    *,
    reader: Reader | None = None,
    since_run: int | None = None,
    since: datetime | None = None,
    now: datetime,
    standing: Standing | None = None,
    troubles: Sequence[str] = (),
    told_sources: Collection[str] | None = None,
) -> Digest:
    """What changed for a reader, with at most `MOST` entries in each list. News are those of the nights after a run, or
    else after a moment; decisions, items and cost those after the moment, or else after that run's night; without both,
    all of them. `standing` tells of the sources, `troubles` are other things that failed. `told_sources` are those
    whose trouble was told before; None where that is to be judged by when they were read."""
    period = period_of(repository, since_run=since_run, since=since, now=now)
    made = _Making(repository, settings, reader or Reader(), period=period, now=now)
    sources = tuple(sources_of(standing, since=period.since, runs=made.runs)) if standing else ()
    if told_sources is not None:
        sources = tuple(replace(one, is_news=bool(one.trouble) and one.name not in told_sources) for one in sources)
    digest = replace(made.digest(), sources=sources, troubles=_troubles(troubles, sources))
    return replace(digest, opening=offline_opening(digest))


def period_of(repository: Repository, *, since_run: int | None, since: datetime | None, now: datetime) -> Period:
    """Which nights a digest is of. Who was told nothing before gets the news of a week with what there is."""
    nights, after = repository.nights, since_run
    last = nights.last()
    if since_run is None and since is None:
        recent = nights.at(now - timedelta(days=_FIRST_DAYS))
        return Period(since=None, after_run=recent.run_id if recent else None, night=last, is_first=True)
    before = nights.at(since) if since_run is None and since is not None else None
    after = before.run_id if before else since_run
    if since is None and since_run:
        told = nights.get(since_run)
        since = told.at if told else None
    if last is None:
        return Period(since=since, after_run=after, night=None, is_first=since_run is None)
    is_first = (after or 0) < last.run_id and nights.last(before_run=last.run_id) is None
    return Period(since=since, after_run=after, night=last, is_first=is_first)


def _troubles(others: Sequence[str], sources: Sequence[SourceLine]) -> tuple[str, ...]:
    told = [*(one.trouble for one in sources if one.trouble), *(one_line(words, 400) for words in others)]
    return tuple(dict.fromkeys(told))


class _Making:
    """One digest on its way."""

    def __init__(
        self, repository: Repository, settings: Settings, reader: Reader, *, period: Period, now: datetime
    ) -> None:
        self._repository, self._settings, self._reader = repository, settings, reader
        self._period, self._now = period, now
        self.runs: Sequence[Run] = repository.runs.recent(_RUNS)
        # What is decided while this is made is for the next digest, which begins where this one ends.
        self._decisions: Sequence[Decision] = [one for one in repository.decisions.since(None) if one.at <= now]
        self._accounts: Sequence[Account] = repository.customers.accounts()

    def digest(self) -> Digest:
        """All but its opening and its sources."""
        repository, period, today = self._repository, self._period, self._now.date()
        every = repository.problems.all(weeks=WEEKS)
        news = news_between(repository, after_run=period.after_run, until=period.night) if period.night else []
        known = self._known(every, news)
        recent = [run for run in self.runs if period.since is None or run.started_at > period.since]
        fixes = fixes_of(outcomes(repository, self._settings, today), known, recent=self._just_shipped())
        decided = decided_since(self._decisions, period.since, titles={one.id: one.title for one in every})
        decided = [one for one in decided if not self._reader.filters or one.problem_id in known.problems]
        fresh = self._quoted(shortlist(fresh_lines(known, today), MOST))
        movers = shortlist(moved_lines(known, today), MOST)
        return Digest(
            opening=Opening(""),
            since=period.since,
            now=self._now,
            reader=self._reader,
            currency=self._settings.product.currency,
            product=one_line(self._settings.product.name, _NAME),
            fresh=fresh,
            movers=movers,
            fixes=tuple(fixes[:MOST]),
            fixes_total=len(fixes),
            waiting=shortlist(waiting_lines(known, today), MOST),
            unfiled=shortlist(unfiled_lines(known) if self._files() else [], MOST),
            decided=tuple(decided[:MOST]),
            decided_total=len(decided),
            data=self._data(recent),
            cost=cost_of(repository, self._settings, since=period.since, now=self._now),
            run=self.runs[0] if self.runs else None,
            runs=len(recent),
            problems=len(known.problems),
            accounts=self._names((fresh, movers)),
            titles=known.titles,
            is_first=period.is_first,
            until_run=period.night.run_id if period.night else 0,
        )

    def _known(self, every: Sequence[Problem], news: Sequence[News]) -> Known:
        accepted, night = accepted_by(self._decisions), self._period.night
        themes = {theme.id: theme.name for theme in self._repository.themes.all()}
        owners = {one.id: owners_of(one, accepted.get(one.id, "")) for one in every}
        wanted = narrowed(
            every,
            theme_id=_theme_id(themes, self._reader.theme),
            owner=self._reader.owner,
            owners=owners,
            having=self._of_segment(),
        )
        others = {one.other_id for one in news if one.other_id} | {one.problem_id for one in news}
        return Known(
            problems={one.id: one for one in wanted},
            news=news,
            severities={n: seen.drivers.severity for n, seen in night.problems.items()} if night else {},
            themes=themes,
            owners=owners,
            titles=_titles(self._repository, every, others),
        )

    def _of_segment(self) -> Collection[int] | None:
        """Problems that accounts of the reader's segment have; None where any will do."""
        segment = self._reader.segment.strip().casefold()
        if not segment:
            return None
        inside = {one.id for one in self._accounts if (one.segment or "").strip().casefold() == segment}
        facts = self._repository.problems.facts()
        return {number for number, some in facts.items() if any(one.account in inside for one in some.accounts)}

    def _just_shipped(self) -> set[int]:
        since = self._period.since
        heirs = self._repository.problems.heirs()
        shipped = (one for one in self._decisions if one.action is Action.SHIP and (since is None or one.at > since))
        return {heirs.get(one.problem_id, one.problem_id) for one in shipped}

    def _files(self) -> bool:
        """Whether problems are filed at all here."""
        return bool(self._settings.trackers or self._repository.filings.trackers())

    def _data(self, recent: Sequence[Run]) -> Data:
        return data_of(self._repository, runs=recent, since=self._period.since, accounts=self._accounts)

    def _names(self, lists: Iterable[Shortlist]) -> dict[int, str]:
        reasons = (one for some in lists for line in some.lines for news in line.news for one in news.reasons)
        wanted = {number for reason in reasons for number in reason.accounts}
        return {one.id: one_line(without_person(one.name), _NAME) for one in self._accounts if one.id in wanted}

    def _quoted(self, lines: Shortlist) -> Shortlist:
        """With a checked quote each, from the redacted copy, where the reader wants them."""
        if not self._reader.quotes:
            return lines
        return quoted(lines, {line.problem_id: self._quote(line.problem_id) for line in lines.lines})

    def _quote(self, problem_id: int) -> str:
        quotes = self._repository.problems.quotes(problem_id)
        found = (one_line(one.text, _QUOTE) for one in self._repository.evidence.of_quotes(quotes))
        return next((words for words in found if words and not is_order(words)), "")


def _theme_id(themes: Mapping[int, str], name: str) -> int | None:
    """None where no theme is asked for; that of none where it is not known, so that nothing is listed."""
    wanted = name.strip().casefold()
    if not wanted:
        return None
    return next((number for number, one in themes.items() if wanted in (one.casefold(), str(number))), -1)


def _titles(repository: Repository, every: Sequence[Problem], wanted: Collection[int]) -> dict[int, str]:
    """Of those that news speak of, merged ones too."""
    known = {one.id: one.title for one in every}
    missing = [number for number in wanted if number not in known]
    found = {number: known[number] for number in wanted if number in known}
    return found | (repository.problems.titles(missing) if missing else {})
