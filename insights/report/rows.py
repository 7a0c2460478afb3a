"""One problem of the list as the page shows it: words and figures in the reader's language, and the places of marks.

Pure. Nothing is escaped here; the templates do that to whatever they put in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from insights.digest.catalogue import Catalogue
from insights.domain.estimate import Estimate, Factor, Range
from insights.domain.feedback import FeedbackKind
from insights.domain.measure import Measure
from insights.domain.problem import Movement, Problem, State
from insights.domain.range_axis import Axis, Tick
from insights.report.charts import Bar, Mark, Weeks, bar_of, finite, measured, percent, spark_of, weeks_of
from insights.report.contents import LISTED_WEEKS, Listed, Quoted
from insights.text.addresses import web_address
from insights.text.clean import one_line, sanitise
from insights.worth.simulation import TOP

MEASURES = (Measure.VALUE, Measure.ROI, Measure.COST)
_TITLE, _NAME, _SENTENCE, _SUMMARY, _QUOTE = 160, 60, 400, 600, 400
"""Characters."""
_RECENT = 4
"""Weeks."""
_LEAST_SHARE = 0.05
"""Of the cost; what adds less to the return is told as 0×."""
_TONES = {Movement.NEW: "alert", Movement.GROWING: "bad", Movement.FADING: "good"}

Axes = Mapping[Measure, Axis]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A range: its mark, its likely amount, its ends, and all three in words. Without a mark where it is not finite."""

    bar: Bar | None = None
    likely: str = ""
    ends: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One line of the table of parts."""

    name: str
    low: str
    likely: str
    high: str
    words: str
    is_sum: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRow:
    """What one factor adds to the return: its bar begins at `start` per cent; zero stands in the middle."""

    name: str
    share: str
    words: str
    start: str
    width: str
    is_less: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRow:
    words: str
    origin: str
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One problem. `told` has what each bar shows, by the measure's name; `rest` says where to read what is left out.
    `tie` says that its rank is not its own. `badge` tells how it moves, `tone` how that is coloured."""

    id: int
    ref: str
    title: str
    summary: str
    rank: str
    tie: str
    state: str
    state_words: str
    theme: str
    badge: str
    tone: str
    owners: str
    told: Mapping[str, Told]
    items: str
    accounts: str
    spark: str
    trend: str
    heard: str
    url: str
    weeks: Weeks | None = None
    weeks_words: str = ""
    parts: tuple[PartRow, ...] = ()
    why: str = ""
    reasons: tuple[str, ...] = ()
    chances: str = ""
    factors: tuple[FactorRow, ...] = ()
    quotes: tuple[QuoteRow, ...] = ()
    rest: str = ""


class RowMaker:
    """Makes rows in one language; the axes are those of the whole list."""

    def __init__(self, words: Catalogue, labels: Mapping[str, str], axes: Axes) -> None:
        self._words, self._labels, self._axes = words, labels, axes

    def row(self, one: Listed) -> Row:
        """What the page shows of a problem."""
        problem, estimate = one.problem, one.problem.estimate
        badge, tone = self._badge(problem)
        weekly = problem.weekly[-LISTED_WEEKS:]
        row = Row(
            id=problem.id,
            ref=problem.ref,
            title=one_line(problem.title, _TITLE),
            summary=one_line(problem.summary, _SUMMARY),
            rank=_rank(estimate),
            tie=self._tie(estimate) if estimate else "",
            state=problem.state.value,
            state_words=self._state(problem),
            theme=one_line(one.theme, _NAME),
            badge=badge,
            tone=tone,
            owners=self._owners(one.owners),
            told=self._told(estimate),
            items=self._words.number(problem.items),
            accounts=self._words.number(problem.accounts),
            spark=spark_of(weekly),
            trend=self._trend(problem),
            heard=self._heard(problem),
            url=_address(problem),
        )
        return self._opened(row, one)

    def amount(self, value: float, measure: Measure) -> str:
        """As ticks of an axis have it: $50k, 2×."""
        return self._times(value) if measure is Measure.ROI else self._words.money(value)

    def marks(self, ticks: Sequence[Tick], measure: Measure) -> list[Mark]:
        """The ticks of an axis, in the reader's language."""
        return [Mark(at=percent(tick.share), label=self.amount(tick.amount, measure)) for tick in ticks]

    def weeks_words(self, weekly: Sequence[int], end: date | None) -> str:
        """All weeks of a chart, for who does not see it."""
        if end is None:
            return ""
        counts = ", ".join(map(str, weekly))
        return self._say("weeks.told", count=len(weekly), day=self._words.day(end), counts=counts)

    # -- parts of a row ---------------------------------------------------------------------------------------------

    def _say(self, key: str, **values: object) -> str:
        return self._labels[key].format(**values)

    def _badge(self, problem: Problem) -> tuple[str, str]:
        if problem.is_spike:
            return self._labels["spiking"], "alert"
        if problem.movement is Movement.STEADY:
            return "", ""
        return self._words.say(f"badge.{problem.movement.value}"), _TONES[problem.movement]

    def _state(self, problem: Problem) -> str:
        words = self._labels[f"state.{problem.state.value}"]
        if problem.state is State.ACCEPTED and problem.column is not None:
            return f"{words}: {self._words.say(f'column.{problem.column.value}')}"
        if problem.state is State.SNOOZED and problem.snoozed_until:
            return self._say("state.until", state=words, day=self._words.day(problem.snoozed_until))
        return words

    def _owners(self, owners: Sequence[str]) -> str:
        names = [one_line(name, _NAME) for name in owners]
        return self._say("owners", names=self._words.listed(names)) if names else ""

    def _tie(self, estimate: Estimate) -> str:
        if estimate.tie is None:
            return ""
        return self._labels["tied.first"] if estimate.tie == estimate.rank else self._say("tied", rank=estimate.tie)

    def _told(self, estimate: Estimate | None) -> dict[str, Told]:
        if estimate is None:
            return {one.value: Told(words=self._labels["unestimated"]) for one in MEASURES}
        found = measured(estimate.value, estimate.cost, estimate.roi)
        return {one.value: self._one_told(found[one], one) for one in MEASURES}

    def _one_told(self, value: Range | None, measure: Measure) -> Told:
        if value is None:
            return Told(words=self._labels["unestimated"])
        low, likely, high = self._three(value, measure)
        return Told(
            bar=bar_of(value, self._axes[measure]),
            likely=likely,
            ends=self._ends(low, high, is_below_zero=value.low < 0)
            if measure is Measure.ROI
            else self._words.money_range(value),
            words=f"{self._labels[measure.value]}: {self._say('range.told', low=low, high=high, likely=likely)}",
        )

    def _three(self, value: Range, measure: Measure) -> tuple[str, str, str]:
        amounts = (value.low, value.likely, value.high)
        if measure is Measure.ROI:
            low, likely, high = map(self._times, amounts)
        else:
            low, likely, high = (self._words.likely(Range(value.low, amount, value.high)) for amount in amounts)
        return low, likely, high

    def _ends(self, low: str, high: str, *, is_below_zero: bool) -> str:
        return self._words.say("amount.to", low=low, high=high) if is_below_zero else f"{low}–{high}"

    def _times(self, value: float) -> str:
        return f"{self._words.number(value)}×"

    def _trend(self, problem: Problem) -> str:
        recent, before = sum(problem.weekly[-_RECENT:]), sum(problem.weekly[-2 * _RECENT : -_RECENT])
        return self._words.say("trend", items=self._words.counted(recent, "item"), before=self._words.number(before))

    def _heard(self, problem: Problem) -> str:
        first, last = (self._words.day(moment.date()) for moment in (problem.first_seen, problem.last_seen))
        return self._say("heard", first=first, last=last)

    # -- what is shown when it is opened --------------------------------------------------------------------------

    def _opened(self, row: Row, one: Listed) -> Row:
        """With what explains it."""
        estimate = one.problem.estimate
        if not one.is_whole:
            return replace(row, rest=self._say("rest", command=f"insights show {row.ref}"))
        weekly, end = one.problem.weekly[-LISTED_WEEKS:], one.problem.weeks_end
        row = replace(
            row,
            weeks=weeks_of(weekly, end=end) if weekly and end else None,
            weeks_words=self.weeks_words(weekly, end),
            quotes=tuple(self._quote(quote) for quote in one.quotes),
        )
        if estimate is None:
            return row
        return replace(
            row,
            parts=tuple(self._parts(estimate)),
            why=self._say("why", rank=estimate.rank) if estimate.rank else self._labels["why.plain"],
            reasons=tuple(_reasons(estimate)),
            chances=self._chances(estimate),
            factors=self._factors(estimate.factors),
        )

    def _parts(self, estimate: Estimate) -> Iterator[PartRow]:
        for part in estimate.parts:
            yield self._part(one_line(part.name, _NAME), part.value, one_line(part.words, _SENTENCE))
        yield self._part(self._labels["value"], estimate.value, "", is_sum=True)
        weeks = f"{estimate.weeks.low:g} – {estimate.weeks.likely:g} – {estimate.weeks.high:g} weeks"
        source = one_line(estimate.cost_source, _NAME)
        yield self._part(self._labels["cost"], estimate.cost, f"{weeks} ({source})")
        yield self._part(self._labels["roi"], estimate.roi, "", is_sum=True, measure=Measure.ROI)

    def _part(
        self, name: str, value: Range, words: str, *, is_sum: bool = False, measure: Measure = Measure.VALUE
    ) -> PartRow:
        known = finite(value)
        low, likely, high = self._three(known, measure) if known else ("", self._words.say("unknown"), "")
        return PartRow(name=name, low=low, likely=likely, high=high, words=words, is_sum=is_sum)

    def _chances(self, estimate: Estimate) -> str:
        if estimate.chance_positive is None or estimate.chance_top is None:
            return ""
        positive, first = map(self._words.percent, (estimate.chance_positive, estimate.chance_top))
        told = [self._say("chances", positive=positive, first=first, top=TOP)]
        if estimate.outranks_next is not None:
            told.append(self._say("chances.next", next=self._words.percent(estimate.outranks_next)))
        if estimate.tie is not None:
            told.append(self._tie(estimate))
        return f"{'; '.join(told)}."

    def _factors(self, factors: Sequence[Factor]) -> tuple[FactorRow, ...]:
        most = max((abs(one.share) for one in factors), default=0.0)
        telling = [one for one in factors if abs(one.share) >= _LEAST_SHARE]
        return tuple(self._factor(one, most) for one in sorted(telling, key=lambda one: -abs(one.share)))

    def _factor(self, one: Factor, most: float) -> FactorRow:
        half = abs(one.share) / most / 2 if most else 0.0
        sign = "+" if one.share >= 0 else ""
        return FactorRow(
            name=one_line(one.name, _NAME),
            share=f"{sign}{self._times(one.share)}",
            words=one_line(one.words, _SENTENCE),
            start=percent(0.5 - half if one.share < 0 else 0.5),
            width=percent(half),
            is_less=one.share < 0,
        )

    def _quote(self, quote: Quoted) -> QuoteRow:
        score = self._say("score", n=self._words.number(quote.score)) if quote.score is not None else ""
        account = one_line(quote.account, _NAME) or self._labels["unknown.account"]
        kind = self._labels[f"kind.{FeedbackKind(quote.kind).value}"]
        origin = " · ".join(part for part in (account, kind, self._words.day(quote.day), score) if part)
        mark = self._labels["orders"] if quote.gives_orders else ""
        return QuoteRow(words=one_line(quote.words, _QUOTE), origin=origin, mark=mark)


def _rank(estimate: Estimate | None) -> str:
    """With = where it shares it; a dash where there is none."""
    if estimate is None:
        return "–"
    return f"{estimate.rank or '–'}{'=' if estimate.tie is not None else ''}"


def _reasons(estimate: Estimate) -> Iterator[str]:
    """Sentences of the estimate, each with its capital and full stop."""
    for line in (estimate.reason, estimate.flip, estimate.worth_knowing, *estimate.notes):
        told = one_line(sanitise(line), _SENTENCE)
        if told:
            yield f"{told[:1].upper()}{told[1:]}{'' if told[-1] in '.!?…' else '.'}"


def _address(problem: Problem) -> str:
    """Of its first issue that has a web address and was not deleted."""
    found = (web_address(link.url) for link in problem.exported if link.url and not link.is_gone)
    return next((one for one in found if one), "")
