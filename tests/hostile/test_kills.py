"""A pull that is killed at any moment, again and again, while the helpdesk goes on: nothing lost, nothing doubled."""

import os
import random
from pathlib import Path

import pytest

from tests.hostile.dialects.freshdesk import FreshdeskDialect
from tests.hostile.killing import killed_after, pull
from tests.hostile.reading import reading
from tests.hostile.world import World

pytestmark = pytest.mark.kill

KILLS = int(os.environ.get("INSIGHTS_KILLS", "6"))


def test_pulls_that_are_killed_lose_and_double_nothing(tmp_path: Path) -> None:
    chance, kills = random.Random(7), 0
    with reading(FreshdeskDialect, tmp_path) as reader:
        world, base = reader.world, reader.hostile.base
        world.add(30)
        while kills < KILLS:
            _something_happens(reader.world, chance)
            kills += killed_after(chance.uniform(0.02, 0.35), pull, base, str(tmp_path), kills % 5 == 0)
        reader.pull()
        reader.sweep()

        assert reader.differences() == []
        stored = reader.repository.feedback.unprotected(100_000)
        assert len({item.source_id for item in stored}) == len(stored) == len(world.visible())


def _something_happens(world: World, chance: random.Random) -> None:
    with world.lock:
        there = [item.number for item in world.visible()]
        world.add(chance.randrange(0, 4), apart=chance.choice([0, 1]))
        world.edit(*chance.sample(there, k=min(len(there), chance.randrange(0, 6))))
        world.reply(chance.choice(there))
        if chance.random() < 0.5 and len(there) > 20:
            world.delete(chance.choice(there))
        world.pass_time(seconds=chance.choice([0, 1, 3]))
