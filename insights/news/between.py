"""What happened over several nights, told as one: what a reader of the last of them must know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from insights.domain.access import Act, use_case
from insights.domain.night import News, NewsKind, Night, Reason
from insights.news.reasons import MOST
from insights.storage.repository import Repository

_ORDER = tuple(NewsKind)
_SAID_BY_NEW = frozenset({NewsKind.SPIKING, NewsKind.GROWING, NewsKind.MOVED})
_VERDICTS = (NewsKind.FELL, NewsKind.STAYED)


@use_case(Act.LOOK)
def news_between(repository: Repository, *, after_run: int | None, until: Night) -> list[News]:
    """The news of all nights after a run (None: of all there are) until a night, best rank of that night first. Of each
    problem and kind one: the latest, a move from where the first began to where the last ended. What was merged away
    is told as that alone, and not at all where it was not there before."""
    nights = repository.nights.news(after_run=after_run or 0, until_run=until.run_id)
    start = repository.nights.get(after_run) if after_run is not None else None
    return joined([news for _, news in nights], start=start, until=until, heirs=repository.problems.heirs())


def joined(
    nights: Iterable[Sequence[News]], *, start: Night | None, until: Night, heirs: Mapping[int, int]
) -> list[News]:
    """The same of news night by night, oldest first. `heirs`: merged problem -> the one that stands for it."""
    by_problem: dict[int, list[News]] = {}
    for news in nights:
        for one in news:
            by_problem.setdefault(one.problem_id, []).append(_resolved(one, heirs))
    known = start.problems if start else by_problem
    told = [
        one
        for number, every in by_problem.items()
        for one in _of_problem(every, is_there=number in until.problems, was_there=number in known)
        if not _is_back(one, until)
    ]
    return sorted(told, key=lambda one: _place(one, until))


def _resolved(news: News, heirs: Mapping[int, int]) -> News:
    return replace(news, other_id=heirs.get(news.other_id, news.other_id)) if news.other_id is not None else news


def _of_problem(every: Sequence[News], *, is_there: bool, was_there: bool) -> list[News]:
    """What is told of one problem's news, oldest first."""
    latest = {one.kind: one for one in every}
    if NewsKind.MERGED in latest and not is_there:
        return [latest[NewsKind.MERGED]] if was_there else []
    moves = [one for one in every if one.kind is NewsKind.MOVED]
    if moves:
        latest[NewsKind.MOVED] = _one_move(moves)
    hidden = set(_SAID_BY_NEW) if NewsKind.NEW in latest else set()
    verdicts = [one.kind for one in every if one.kind in _VERDICTS]
    hidden |= set(verdicts) - set(verdicts[-1:])
    return [one for kind, one in latest.items() if kind not in hidden]


def _one_move(moves: Sequence[News]) -> News:
    """From the first rank to the last, with the reasons of those that went the same way, the latest first."""
    whole = replace(moves[-1], before=moves[0].before, since=moves[0].since)
    reasons: dict[object, Reason] = {}
    for one in reversed(moves):
        if _is_up(one) is _is_up(whole):
            for reason in one.reasons:
                reasons.setdefault(reason.kind, reason)
    return replace(whole, reasons=tuple(reasons.values())[:MOST])


def _is_up(move: News) -> bool:
    return (move.after or 0) < (move.before or 0)


def _is_back(news: News, until: Night) -> bool:
    """Whether a problem stands where it stood before it moved, or beyond."""
    if news.kind is not NewsKind.MOVED or news.before is None or news.after is None:
        return False
    seen = until.problems.get(news.problem_id)
    rank = seen.rank if seen and seen.rank is not None else news.after
    return (news.before - news.after) * (news.before - rank) <= 0


def _place(news: News, until: Night) -> tuple[float, int, int]:
    seen = until.problems.get(news.problem_id)
    rank = seen.rank if seen and seen.rank is not None else float("inf")
    return rank, news.problem_id, _ORDER.index(news.kind)
