"""The classic mistakes of reading from a service, each tried on every source that shares the core."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from insights.domain.feedback import FeedbackKind
from insights.errors import ExitCode, InsightsError
from insights.storage.feedback import FeedbackStore
from tests.hostile.dialects.every import EVERY
from tests.hostile.reading import Reader, reading
from tests.hostile.server import SECRET, Dialect
from tests.hostile.world import World
from tests.thorough import THOROUGH

MINUTES = timedelta(minutes=15)
Open = Callable[..., Reader]


@pytest.fixture(params=EVERY, ids=lambda dialect: dialect.__name__.removesuffix("Dialect").lower())
def dialect(request: pytest.FixtureRequest) -> type[Dialect]:
    return request.param


@pytest.fixture
def reader(dialect: type[Dialect], tmp_path: Path) -> Iterator[Reader]:
    with reading(dialect, tmp_path) as opened:
        yield opened


def test_all_items_come_once_with_what_the_customer_wrote_in_them(reader: Reader) -> None:
    world = reader.world
    numbers = world.add(11)
    for number in numbers[::3]:
        world.reply(number)
        world.reply(number, is_customer=False)
        world.reply(number)

    done = reader.pull()

    assert reader.differences() == []
    assert done.saved.new == 11 and done.refused == 0


def test_times_are_made_utc_and_people_are_known_by_their_address(reader: Reader) -> None:
    [number] = reader.world.add()

    reader.pull()

    [item] = reader.repository.feedback.unprotected(10)
    assert item.created_at == reader.world.items[number].created
    assert item.kind in set(FeedbackKind)


def test_a_second_pull_brings_nothing_and_asks_little(reader: Reader) -> None:
    reader.world.add(11)
    reader.pull()
    first = len(reader.hostile.calls)

    done = reader.pull()

    assert done.saved.new == done.saved.changed == 0
    if not getattr(reader.hostile.dialect, "reads_again", False):
        assert len(reader.hostile.calls) - first < first


def test_an_edit_within_the_second_of_the_last_read_is_not_missed(reader: Reader) -> None:
    world = reader.world
    world.add(3, apart=0)
    reader.pull()

    world.edit(2)

    reader.pull()
    assert reader.differences() == []


def test_pages_that_shift_while_they_are_read_lose_nothing(reader: Reader) -> None:
    world = reader.world
    numbers = world.add(4 * reader.hostile.dialect.page + 1)
    world.plan += [_edit(number) for number in numbers[:6]]

    reader.pull()
    reader.pull()

    assert not world.plan
    assert reader.differences() == []


def test_a_bulk_edit_that_gives_many_items_one_time_is_read_to_its_end(reader: Reader) -> None:
    world = reader.world
    numbers = world.add(2)
    reader.pull()
    numbers += world.add(2 * reader.hostile.dialect.page + 1)
    world.pass_time(seconds=5)
    world.edit(*numbers)
    world.pass_time(seconds=5)
    world.add(2)

    reader.pull()

    assert reader.differences() == []


def test_rows_that_move_within_a_bulk_edit_lose_nothing(reader: Reader) -> None:
    world = reader.world
    numbers = world.add(2 * reader.hostile.dialect.page + 2)
    world.edit(*numbers)
    world.plan += [_edit(number) for number in numbers[:3]]

    reader.pull()
    reader.pull()

    assert reader.differences() == []


def test_a_cap_on_results_ends_no_reading(reader: Reader) -> None:
    reader.world.add(14 * reader.hostile.dialect.page)

    reader.pull()

    assert reader.differences() == []


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_the_last_page_may_be_full_short_or_empty(reader: Reader, extra: int) -> None:
    reader.world.add(2 * reader.hostile.dialect.page + extra)

    reader.pull()

    assert reader.differences() == []


def test_a_storm_of_refusals_is_waited_out_as_long_as_the_service_asks(reader: Reader) -> None:
    reader.world.add(9)
    reader.hostile.faults += ["429", "429", "429"]

    reader.pull()

    assert reader.differences() == []
    assert reader.slept.count(7.0) == 3


@pytest.mark.parametrize("fault", ["500", "half", "cut", "page"])
def test_half_an_answer_is_no_answer(reader: Reader, fault: str) -> None:
    reader.world.add(9)
    reader.pull()
    reader.world.add(9)
    reader.hostile.faults += [fault, fault]

    reader.pull()

    assert reader.differences() == []


def test_a_service_that_stays_broken_is_named_and_the_next_pull_goes_on(reader: Reader) -> None:
    reader.world.add(9)
    reader.hostile.faults += ["half"] * 50

    with pytest.raises(InsightsError) as caught:
        reader.pull()
    assert "desk" in caught.value.message and SECRET not in f"{caught.value.message}{caught.value.remedy}"

    reader.hostile.faults.clear()
    reader.pull()
    assert reader.differences() == []


def test_a_refused_login_is_said_as_such_without_the_key(dialect: type[Dialect], tmp_path: Path) -> None:
    with reading(dialect, tmp_path) as reader:
        reader.world.add(1)
        answer = reader.hostile.dialect.answer
        reader.hostile.dialect.answer = lambda world, call: answer(  # type: ignore[method-assign]
            world, type(call)(**{**call.__dict__, "headers": {}, "body": None, "form": {}, "query": {}})
        )

        with pytest.raises(InsightsError) as caught:
            reader.pull()

    assert caught.value.exit_code is ExitCode.LOGIN
    assert SECRET not in f"{caught.value.message}{caught.value.remedy}"


def test_a_server_whose_clock_is_ahead_of_ours_or_behind_changes_nothing(reader: Reader) -> None:
    world = reader.world
    world.pass_time(days=400)
    world.add(5)
    reader.pull()
    world.add(5)
    reader.pull()
    assert reader.differences() == []


def test_an_item_whose_time_is_ahead_of_the_servers_clock_hides_no_later_one(reader: Reader) -> None:
    world = reader.world
    world.add(3)
    world.pass_time(hours=2)
    world.edit(2)
    world.pass_time(hours=-2)
    reader.pull()
    world.add(3)
    world.edit(1)

    reader.pull()

    assert reader.differences() == []


def test_what_is_deleted_goes_here_too(reader: Reader) -> None:
    world = reader.world
    world.add(9)
    reader.pull()
    world.pass_time(seconds=5)
    world.delete(2, 5)
    world.plan += [lambda w: w.delete(7)]

    reader.pull()
    if reader.hostile.dialect.tells_deleted:  # what went while it was read is told the next time
        reader.pull()
    reader.sweep()

    assert reader.differences() == []


def test_a_sweep_over_pages_that_shift_removes_nothing_that_is_there(reader: Reader) -> None:
    world = reader.world
    numbers = world.add(3 * reader.hostile.dialect.page)
    reader.pull()
    world.plan += [_edit(number) for number in numbers[:4]]

    reader.sweep()

    assert set(reader.stored()) == {reader.hostile.dialect.source_id(item) for item in world.visible()}


def test_what_is_committed_late_with_an_earlier_time_comes_with_the_overlap(
    dialect: type[Dialect], tmp_path: Path
) -> None:
    with reading(dialect, tmp_path, overlap=MINUTES) as reader:
        world = reader.world
        world.add(2)
        late = world.add(2, is_hidden=True)
        world.add(5)
        reader.pull()

        world.pass_time(minutes=3)
        world.commit(*late)
        world.add(1)
        reader.pull()

        assert reader.differences() == []


def test_a_reply_that_leaves_its_item_as_it_is_comes_all_the_same(reader: Reader) -> None:
    if not reader.hostile.dialect.silent_children:
        pytest.skip("this service gives an item a new time with every reply")
    world = reader.world
    world.add(5)
    reader.pull()
    world.pass_time(hours=1)
    world.reply(2, is_silent=True)

    reader.pull()

    assert reader.differences() == []


def test_state_is_never_ahead_of_the_data(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database fails at every page in turn; what was not saved is read again."""
    world = reader.world
    world.add(5 * reader.hostile.dialect.page)
    save, failures = FeedbackStore.save, [2, 1, 3, 2]

    def failing(self: FeedbackStore, *args: object, **named: object) -> object:
        failures[0] -= 1
        if failures[0] == 0:
            failures.pop(0)
            raise OSError("the disk is gone")
        return save(self, *args, **named)  # type: ignore[arg-type]

    for _ in range(len(failures)):
        with monkeypatch.context() as patched:
            patched.setattr(FeedbackStore, "save", failing)
            with pytest.raises(OSError, match="disk"):
                reader.pull()
    reader.pull()

    assert reader.differences() == []


def test_a_full_pull_reads_all_again_and_doubles_nothing(reader: Reader) -> None:
    reader.world.add(9)
    reader.pull()

    done = reader.pull(full=True)

    assert done.saved.new == 0 and done.saved.unchanged >= 9
    assert reader.differences() == []


@pytest.mark.parametrize("seed", range(10 if THOROUGH else 1))
def test_a_long_day_of_everything_at_once_ends_as_it_is_there(
    dialect: type[Dialect], tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    with reading(dialect, tmp_path, overlap=MINUTES) as reader:
        world = reader.world
        world.add(6)
        for _ in range(6):
            world.plan += [_something(chance) for _ in range(5)]
            reader.hostile.faults += chance.choices(["429", "half", "cut", "500"], k=chance.randrange(3))
            reader.pull()
            world.pass_time(seconds=chance.choice([0, 0.3, 1, 50]))
        world.plan.clear()
        reader.hostile.faults.clear()
        reader.pull()
        reader.sweep()

        assert reader.differences() == []


def _edit(number: int) -> Callable[[World], object]:
    def happens(world: World) -> None:
        world.pass_time(seconds=1)
        world.edit(number)

    return happens


def _something(chance: random.Random) -> Callable[[World], object]:
    def happens(world: World) -> None:
        there = [item.number for item in world.visible()]
        kind = chance.randrange(6)
        world.pass_time(seconds=chance.choice([0, 0, 0.4, 2]))
        if kind == 0 or len(there) < 4:
            world.add(chance.randrange(1, 6), apart=chance.choice([0, 0.2, 1]))
        elif kind == 1:
            world.edit(*chance.sample(there, k=len(there) // 2))
        elif kind == 2:
            world.delete(chance.choice(there))
        else:
            world.reply(chance.choice(there), is_customer=kind != 5)

    return happens
