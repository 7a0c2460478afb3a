"""What came of the fixes as the page shows it: a year of weeks with the release in it, and what is said of it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from insights.digest.contents import Line
from insights.digest.lines import fix_of
from insights.digest.words import Words
from insights.domain.problem import Movement, State
from insights.outcomes import Outcome, Rate
from insights.report.charts import Release, Weeks, weeks_of
from insights.report.contents import Fixed
from insights.text.clean import one_line

_TITLE = 160
_WEEK = 7

WeeksWords = Callable[[Sequence[int], date | None], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FixRow:
    """One fix. `told` is a sentence; `before` and `since` are the mean weeks in words, empty where none was seen."""

    id: int
    ref: str
    title: str
    badge: str
    tone: str
    told: str
    before: str
    since: str
    weeks: Weeks | None
    weeks_words: str


class FixMaker:
    """Makes rows in one language."""

    def __init__(self, words: Words, labels: Mapping[str, str], weeks_words: WeeksWords) -> None:
        self._words, self._labels, self._weeks_words = words, labels, weeks_words

    def row(self, one: Fixed) -> FixRow:
        """What the page shows of a fix."""
        outcome, fix = one.outcome, fix_of(one.outcome, _line(one.outcome))
        before, since = _a_week(outcome.before), _a_week(outcome.after)
        return FixRow(
            id=outcome.problem_id,
            ref=outcome.ref,
            title=fix.line.title,
            badge=self._words.fix_badge(fix),
            tone=self._words.fix_tone(fix).value,
            told=self._words.sentences([self._words.fix(fix)]),
            before=self._mean("before", before),
            since=self._mean("since", since),
            weeks=_weeks(one, before=before or 0.0, since=since or 0.0),
            weeks_words=self._weeks_words(one.weekly, one.weeks_end),
        )

    def _mean(self, key: str, items: float | None) -> str:
        return "" if items is None else self._labels[key].format(n=self._words.number(items))


def _line(outcome: Outcome) -> Line:
    """Of a problem of which nothing may tell any more."""
    return Line(
        problem_id=outcome.problem_id,
        ref=outcome.ref,
        title=one_line(outcome.title, _TITLE),
        state=State.SHIPPED,
        movement=Movement.STEADY,
        items=outcome.before.items + outcome.after.items,
        accounts=outcome.leaving.accounts,
        weekly=(),
    )


def _a_week(rate: Rate) -> float | None:
    return _WEEK * rate.items / rate.days if rate.days else None


def _weeks(one: Fixed, *, before: float, since: float) -> Weeks | None:
    if not one.weekly or one.weeks_end is None:
        return None
    release = Release(day=one.outcome.shipped_on, before=before, since=since, days_before=one.outcome.before.days)
    return weeks_of(one.weekly, end=one.weeks_end, release=release)
