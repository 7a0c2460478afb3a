"""Read a world through a source into a real database, and compare."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from insights.ports import Setup, Source, Sweepable
from insights.stages.collect import Collected, collect
from insights.stages.sweep import sweep
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.fakes import quiet
from tests.hostile.server import SECRET, Dialect, HostileServer, serving
from tests.hostile.world import World
from tests.stored import KEY, NOW

NAME = "desk"


@dataclass
class Reader:
    """`slept` are the waits, in seconds, that the source asked for: none is really waited."""

    hostile: HostileServer
    repository: Repository
    folder: Path
    overlap: timedelta = timedelta(0)
    slept: list[float] = field(default_factory=list)

    @property
    def world(self) -> World:
        return self.hostile.world

    def source(self) -> Source:
        kind = self.hostile.dialect.kind
        settings = kind.settings.model_validate(self.hostile.dialect.settings(self.hostile.base))
        setup = Setup(
            name=NAME,
            settings=settings,
            folder=self.folder,
            secret=lambda: SECRET,
            overlap=self.overlap,
            sleep=self.slept.append,
        )
        return kind.make(setup)

    def pull(self, *, full: bool = False) -> Collected:
        return collect(
            self.source(),
            repository=self.repository,
            rejects_folder=self.folder / "rejects",
            now=NOW,
            progress=quiet,
            full=full,
        )

    def sweep(self) -> int:
        source = self.source()
        if not isinstance(source, Sweepable):
            return 0
        return sweep(source, name=NAME, repository=self.repository, progress=quiet).removed

    def stored(self) -> dict[str, str]:
        """Source id -> text of all that is kept."""
        return {item.source_id: item.text for item in self.repository.feedback.unprotected(100_000)}

    def differences(self) -> list[str]:
        """What is lost, doubled, old or not wanted; empty where all is as in the world."""
        dialect, stored = self.hostile.dialect, self.stored()
        wanted = {dialect.source_id(self.world.items[number]): words for number, words in self.world.truth().items()}
        found = [f"{name} is lost" for name in sorted(set(wanted) - set(stored))]
        found += [f"{name} should be gone" for name in sorted(set(stored) - set(wanted))]
        for name in sorted(set(wanted) & set(stored)):
            places = [stored[name].find(words) for words in wanted[name]]
            if -1 in places or places != sorted(places):
                found.append(f"{name}: {stored[name]!r} is not {wanted[name]}")
        unwanted = list(self.world.unwanted())
        found += [f"{name} has our own words" for name, text in stored.items() if any(one in text for one in unwanted)]
        return found


@contextmanager
def reading(dialect: type[Dialect], folder: Path, *, overlap: timedelta = timedelta(0)) -> Iterator[Reader]:
    """A new world behind a dialect, and an empty database."""
    repository = Repository(f"sqlite:///{folder / 'insights.db'}", key=KEY, actor=ADA)
    try:
        with serving(World(), dialect()) as hostile:
            yield Reader(hostile, repository, folder, overlap=overlap)
    finally:
        repository.close()
