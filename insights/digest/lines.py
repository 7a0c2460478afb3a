"""Which problems a digest lists, in which order. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from insights.digest.contents import Fix, Line, Shortlist
from insights.domain.alarm import SEVERITY_WEIGHTS
from insights.domain.night import News, NewsKind
from insights.domain.problem import Column, Movement, Problem, State, awaits_decision, problem_ref
from insights.outcomes import Outcome
from insights.text.addresses import web_address
from insights.text.clean import one_line
from insights.worth.calibration import Quantity
from insights.worth.effect import Verdict

TITLE_LIMIT = 160
FRESH = (NewsKind.BACK, NewsKind.SPIKING, NewsKind.NEW)
MOVERS = (
    NewsKind.GROWING,
    NewsKind.MOVED,
    NewsKind.WOKE,
    NewsKind.FADING,
    NewsKind.MERGED,
    NewsKind.SPLIT,
)
"""The weightiest of one problem's first."""
JUDGED = (NewsKind.FELL, NewsKind.STAYED)
_OPEN = (Verdict.EARLY.value, Verdict.UNCLEAR.value)
"""Of a fix that is watched on, where its prediction may still come true."""
_NO_RANK = 10**9
_COLUMNS = {Column.NOW: 0, Column.NEXT: 1, Column.LATER: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What lines are made of. `problems` are all that have evidence and that the reader asked for, by rank; `titles`
    are of problems that news speak of, merged ones too; `severities` as of the last night."""

    problems: Mapping[int, Problem]
    news: Sequence[News] = ()
    severities: Mapping[int, str] = field(default_factory=dict)
    themes: Mapping[int, str] = field(default_factory=dict)
    owners: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    titles: Mapping[int, str] = field(default_factory=dict)


# -- lines ------------------------------------------------------------------------------------------------------


def line_of(problem: Problem, known: Known, news: Sequence[News] = ()) -> Line:
    """What is told of a problem, wherever it is listed."""
    estimate = problem.estimate
    return Line(
        problem_id=problem.id,
        ref=problem.ref,
        title=one_line(problem.title, TITLE_LIMIT),
        state=problem.state,
        movement=problem.movement,
        items=problem.items,
        accounts=problem.accounts,
        weekly=problem.weekly,
        news=tuple(news),
        rank=estimate.rank if estimate else None,
        is_tied=estimate is not None and estimate.tie is not None,
        value=estimate.value if estimate else None,
        roi=estimate.roi if estimate else None,
        severity=known.severities.get(problem.id, ""),
        theme=one_line(known.themes.get(problem.theme_id or 0, ""), TITLE_LIMIT),
        owners=known.owners.get(problem.id, ()),
        url=_url(problem),
    )


def _merged_line(problem_id: int, known: Known, news: Sequence[News]) -> Line:
    """Of a problem that has no evidence of its own any more."""
    return Line(
        problem_id=problem_id,
        ref=problem_ref(problem_id),
        title=one_line(known.titles.get(problem_id, ""), TITLE_LIMIT),
        state=State.MERGED,
        movement=Movement.STEADY,
        items=0,
        accounts=0,
        weekly=(),
        news=tuple(news),
    )


def _url(problem: Problem) -> str:
    return next((url for link in problem.exported if not link.is_gone and (url := web_address(link.url or ""))), "")


def shortlist(lines: Sequence[Line], limit: int) -> Shortlist:
    return Shortlist(tuple(lines[:limit]), len(lines))


# -- news -------------------------------------------------------------------------------------------------------


def is_quiet(problem: Problem, today: date) -> bool:
    """Dismissed or merged, or snoozed and not due: nothing is told of it."""
    if problem.state is State.SNOOZED:
        return not awaits_decision(problem, today)
    return problem.state in (State.DISMISSED, State.MERGED)


def fresh_lines(known: Known, today: date) -> list[Line]:
    """New, spiking and come back: the severest first, then what is worth most."""
    lines = _with_news(known, today, lambda kinds: any(kind in FRESH for kind in kinds))
    return sorted(lines, key=_by_severity)


def moved_lines(known: Known, today: date) -> list[Line]:
    """What grew, faded, moved in rank, was merged or split or woke, and is not fresh: the best by rank first."""
    lines = _with_news(known, today, lambda kinds: kinds[0] in MOVERS)
    return sorted(lines, key=_by_rank)


def _with_news(known: Known, today: date, is_wanted: Callable[[Sequence[NewsKind]], bool]) -> list[Line]:
    found = []
    for number, news in news_by_problem(known.news).items():
        problem = known.problems.get(number)
        kinds = [one.kind for one in news]
        if not kinds or not is_wanted(kinds):
            continue
        if problem is not None and not is_quiet(problem, today):
            found.append(line_of(problem, known, news))
        elif problem is None and _is_in_sight(news[0], known, today):
            found.append(_merged_line(number, known, news))
    return found


def _is_in_sight(news: News, known: Known, today: date) -> bool:
    """Whether what was merged is part of a problem that the reader sees."""
    other = known.problems.get(news.other_id or 0)
    return news.kind is NewsKind.MERGED and other is not None and not is_quiet(other, today)


def news_by_problem(news: Iterable[News]) -> dict[int, list[News]]:
    """problem id -> what is told of it in a list, the weightiest first, the last of each kind; what is told of its
    release is left to that."""
    order = {kind: place for place, kind in enumerate((*FRESH, *MOVERS))}
    latest = {(one.problem_id, one.kind): one for one in news if one.kind in order}
    found: dict[int, list[News]] = {}
    for one in sorted(latest.values(), key=lambda one: order[one.kind]):
        found.setdefault(one.problem_id, []).append(one)
    return found


def _by_severity(line: Line) -> tuple[float, float, float, int]:
    after = max((one.after or 0.0 for one in line.news if one.kind in FRESH), default=0.0)
    return -SEVERITY_WEIGHTS.get(line.severity, 1.0), -_worth(line), -after, line.problem_id


def _by_rank(line: Line) -> tuple[bool, float, float, int]:
    """Where it is or was, whichever is better: what fell from the first place is told as early as what came there."""
    moved = [rank for one in line.news if one.kind is NewsKind.MOVED for rank in (one.before, one.after) if rank]
    ranks = [*moved, *([line.rank] if line.rank else [])]
    return line.state is State.MERGED, min(ranks, default=_NO_RANK), -_worth(line), line.problem_id


def _worth(line: Line) -> float:
    return line.value.likely if line.value else 0.0


# -- decisions to come ------------------------------------------------------------------------------------------


def waiting_lines(known: Known, today: date) -> list[Line]:
    """What waits for a decision, best rank first."""
    return [line_of(one, known) for one in known.problems.values() if awaits_decision(one, today)]


def unfiled_lines(known: Known) -> list[Line]:
    """Accepted, and in no tracker: what is for now first."""
    found = [
        one
        for one in known.problems.values()
        if one.state is State.ACCEPTED and all(link.is_gone for link in one.exported)
    ]
    ordered = sorted(found, key=lambda one: _COLUMNS.get(one.column or Column.NEXT, 1))
    return [line_of(one, known) for one in ordered]


# -- fixes ------------------------------------------------------------------------------------------------------


def fixes_of(outcomes: Iterable[Outcome], known: Known, *, recent: Collection[int]) -> list[Fix]:
    """What shipped: the news of the period first, then what cannot be told yet, the latest release first. `recent` were
    recorded as shipped in the period."""
    news: dict[int, list[News]] = {}
    for one in known.news:
        if one.kind in (*JUDGED, NewsKind.BACK):
            news.setdefault(one.problem_id, []).append(one)
    fixes = [
        _fix(outcome, known.problems[outcome.problem_id], news.get(outcome.problem_id, ()), known, recent)
        for outcome in outcomes
        if outcome.problem_id in known.problems
    ]
    told = [fix for fix in fixes if fix.is_news or (fix.verdict in _OPEN and fix.came_true is None)]
    return sorted(told, key=lambda fix: (not fix.is_news, -fix.shipped_on.toordinal(), fix.line.problem_id))


def _fix(outcome: Outcome, problem: Problem, news: Sequence[News], known: Known, recent: Collection[int]) -> Fix:
    is_news = bool(news) or outcome.problem_id in recent
    return fix_of(outcome, line_of(problem, known, news), is_news=is_news)


def fix_of(outcome: Outcome, line: Line, *, is_news: bool = False) -> Fix:
    """What came of a release, as it is told."""
    effect = outcome.effect
    avoided = next((one for one in outcome.compared if one.quantity is Quantity.AVOIDED), None)
    verdict = effect.verdict if effect is not None else Verdict.EARLY
    return Fix(
        line=line,
        shipped_on=outcome.shipped_on,
        verdict=verdict.value,
        weeks_watched=effect.weeks_after if effect is not None else 0,
        avoided=effect.avoided if effect is not None and not effect.is_thin else None,
        predicted=avoided.predicted if avoided is not None else None,
        came_true=outcome.came_true,
        is_news=is_news,
    )


# -- readers ----------------------------------------------------------------------------------------------------


def narrowed(
    problems: Sequence[Problem],
    *,
    theme_id: int | None = None,
    owner: str = "",
    owners: Mapping[int, Collection[str]],
    having: Collection[int] | None = None,
) -> list[Problem]:
    """Those of a theme, of a person, and among those that accounts of a segment have; None and empty: all."""
    wanted = owner.strip().casefold()
    return [
        problem
        for problem in problems
        if (theme_id is None or problem.theme_id == theme_id)
        and (not wanted or wanted in {one.casefold() for one in owners.get(problem.id, ())})
        and (having is None or problem.id in having)
    ]


def owners_of(problem: Problem, accepted: str) -> tuple[str, ...]:
    """Who accepted it, and who works on its issues."""
    named = [accepted, *(link.assignee for link in problem.exported if not link.is_gone)]
    return tuple(dict.fromkeys(one_line(name, TITLE_LIMIT) for name in named if name.strip()))


def quoted(lines: Shortlist, quotes: Mapping[int, str]) -> Shortlist:
    """The same with their quotes."""
    return replace(lines, lines=tuple(replace(line, quote=quotes.get(line.problem_id, "")) for line in lines.lines))
