"""What a reader of the last of several nights is told."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.domain.night import News, NewsKind, Night, Reason, ReasonKind, Seen
from insights.news.between import joined, news_between
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.news.nights import day_of, night_at, ranked, seen, told
from tests.news.test_once import quarters
from tests.stored import KEY

K, R = NewsKind, ReasonKind


def a_news(problem: int, kind: NewsKind, *, night: int = 1, **fields: Any) -> News:
    return News(problem_id=problem, kind=kind, day=day_of(night), **fields)


def a_night(run: int, problems: Mapping[int, Seen], news: Sequence[News] = ()) -> Night:
    return Night(run_id=run, at=night_at(run), day=day_of(run), problems=problems, news=tuple(news))


def there(*numbers: int, **ranks: int) -> dict[int, Seen]:
    return {number: seen(rank=ranks.get(f"p{number}", number)) for number in numbers}


def join(
    *nights: Sequence[News], now: Mapping[int, Seen] | None = None, heirs: Mapping[int, int] | None = None
) -> list[News]:
    until = a_night(len(nights) + 1, now if now is not None else there(*range(1, 10)))
    start = a_night(1, there(*range(1, 10)))
    return joined(nights, start=start, until=until, heirs=heirs or {})


def kinds(news: Sequence[News]) -> set[tuple[int, NewsKind]]:
    return {(one.problem_id, one.kind) for one in news}


def test_of_a_problem_and_a_kind_the_latest_is_told() -> None:
    (one,) = join([a_news(1, K.SPIKING, after=9)], [a_news(1, K.SPIKING, night=2, after=12, times=2)])

    assert (one.after, one.times) == (12, 2)


def test_news_of_different_kinds_and_problems_stand_beside_each_other_best_rank_first() -> None:
    told_of = join([a_news(3, K.SPIKING), a_news(2, K.FADING)], [a_news(3, K.GROWING), a_news(1, K.WOKE)])

    assert [(one.problem_id, one.kind) for one in told_of] == [
        (1, K.WOKE),
        (2, K.FADING),
        (3, K.SPIKING),
        (3, K.GROWING),
    ]


def test_a_move_is_told_from_its_first_rank_to_its_last() -> None:
    renewals, load = Reason(kind=R.RENEWALS, count=2, days=60), Reason(kind=R.LOAD, count=3)
    first = a_news(4, K.MOVED, before=12, after=8, reasons=(renewals,), since=day_of(2))
    second = a_news(4, K.MOVED, before=8, after=4, reasons=(load,), since=day_of(9))

    (one,) = join([first], [second])

    assert (one.before, one.after, one.reasons, one.since) == (12, 4, (load, renewals), day_of(2))


def test_a_move_is_explained_by_what_went_the_same_way() -> None:
    up, down = Reason(kind=R.RENEWALS, count=2, days=60), Reason(kind=R.LOAD, count=-3)
    moves = [
        [a_news(4, K.MOVED, before=12, after=3, reasons=(up,))],
        [a_news(4, K.MOVED, before=3, after=6, reasons=(down,))],
    ]

    (one,) = join(*moves, now=there(4, p4=6))

    assert (one.before, one.after, one.reasons) == (12, 6, (up,))


@pytest.mark.parametrize("rank", [9, 10])
def test_a_move_that_was_undone_is_not_told(rank: int) -> None:
    """Whether by another move that was told, or by small steps that were not."""
    there_and_back = [[a_news(4, K.MOVED, before=9, after=3)], [a_news(4, K.MOVED, before=3, after=9)]]

    assert join(*there_and_back) == []
    assert join(there_and_back[0], now=there(4, p4=rank)) == []


def test_what_was_merged_away_is_told_as_that_alone_with_what_stands_for_it_now() -> None:
    nights = [[a_news(1, K.SPIKING), a_news(2, K.GROWING)], [a_news(1, K.MERGED, other_id=2)]]

    (one,) = join(*nights, [a_news(2, K.MERGED, other_id=3)], now=there(3), heirs={1: 3, 2: 3})[:1]

    assert (one.problem_id, one.kind, one.other_id) == (1, K.MERGED, 3)


def test_what_came_and_was_merged_away_in_the_meantime_is_not_told() -> None:
    nights = [[a_news(20, K.SPLIT, other_id=1), a_news(20, K.SPIKING)], [a_news(20, K.MERGED, other_id=1)]]

    assert join(*nights, heirs={20: 1}) == []


def test_that_it_is_new_says_all_there_is_to_say_of_a_problem() -> None:
    nights = [[a_news(1, K.NEW)], [a_news(1, K.SPIKING), a_news(1, K.GROWING)], [a_news(1, K.MOVED, before=9, after=1)]]

    assert kinds(join(*nights, [a_news(1, K.BACK)])) == {(1, K.NEW), (1, K.BACK)}


def test_of_two_verdicts_the_later_one_stands() -> None:
    assert kinds(join([a_news(1, K.FELL)], [a_news(1, K.STAYED)])) == {(1, K.STAYED)}


# -- from what is kept ----------------------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    yield opened
    opened.close()


def keep(repository: Repository, *nights: Night) -> None:
    for night in nights:
        while repository.runs.start(mode="offline", at=night.at).id < night.run_id:
            pass
        repository.nights.keep(night)


def test_nights_after_a_run_until_another_are_told(repository: Repository) -> None:
    spikes = [a_night(run, there(*range(1, 10)), [a_news(run, K.SPIKING, night=run)]) for run in (1, 2, 4, 5)]
    keep(repository, *spikes)

    def numbers(after: int | None, until: Night) -> list[int]:
        return [one.problem_id for one in news_between(repository, after_run=after, until=until)]

    assert numbers(None, spikes[-1]) == [1, 2, 4, 5]
    assert numbers(1, spikes[2]) == [2, 4]
    assert numbers(3, spikes[-1]) == [4, 5]  # a run that kept no night
    assert numbers(5, spikes[-1]) == []


@settings(deadline=None)
@given(quarters(), st.data())
def test_however_nights_are_split_over_digests_nothing_is_lost_or_made_up(
    nights: list[Night], data: st.DataObject
) -> None:
    """What is told at once was told in one of the parts, and what was told in a part is told at once, unless it was
    taken back, or says the same as something else, since."""
    split = data.draw(st.integers(0, len(nights) - 1))

    def between(first: int, last: int) -> list[News]:
        return joined(
            [night.news for night in nights[first + 1 : last + 1]], start=nights[first], until=nights[last], heirs={}
        )

    parts = kinds(between(0, split)) | kinds(between(split, len(nights) - 1))
    whole = kinds(between(0, len(nights) - 1))

    assert whole <= set().union(*map(told, nights))
    lost = parts - whole
    merged = {number for number, kind in set().union(*map(told, nights)) if kind is K.MERGED}
    assert all(
        kind in (K.MOVED, K.FELL, K.STAYED) or (number, K.NEW) in whole or number in merged for number, kind in lost
    )
    assert all(kind is K.MOVED or number in merged for number, kind in whole - parts)


def test_a_rank_of_tonight_orders_what_is_told() -> None:
    now = ranked({1: seen(1), 2: seen(5)})

    assert [one.problem_id for one in join([a_news(1, K.WOKE), a_news(2, K.WOKE)], now=now)] == [2, 1]
