"""Half a year of the sample firm, night by night with a fixed clock: is what happens told in time, once, and no more?

    python -m benchmarks.replay
    python -m benchmarks.replay --nights 30 --keep DIR

Each night the firm's files are written as they stood at the end of that day, people decide what they decided on that
day, and `insights nightly --as-of DAY` runs in this process, its digest going to a file. Five weeks are history before
the first night. Besides the sample's own flow events are planted (`replay_stories`): each has the night from which it
can be told and a delay that was stated before the first run. A digest tells an event where it tells it of a problem
that is about the event's label (`replay_seen`). Prints Markdown.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

from benchmarks.replay_firm import FILES, Firm, World
from benchmarks.replay_pages import pages
from benchmarks.replay_seen import NightSeen, Told, Truth, of_news, told_in, truth_of
from benchmarks.replay_stories import ACTS, EVENTS, FIRST_NIGHT, LAST_NIGHT, WORLD, Act

DIGEST = "all"
RENEWAL_DAYS = 60
_FINE = (0, 3)
"""Exit codes: 3 where a source failed."""

Call = Callable[..., str]


class Replay:
    """One workspace, whose nights are replayed in their order."""

    def __init__(
        self, folder: Path, *, first: date = FIRST_NIGHT, world: World = WORLD, acts: Sequence[Act] = ACTS
    ) -> None:
        self.firm = Firm(world)
        self.workspace = folder / "w"
        self._acts = acts
        self._items = {item.key: item for item in self.firm.items}
        self._call = caller(self.workspace)
        self.truth = Truth()
        """What problems are about, as of the last night."""
        _make(self.workspace, first)

    def night(self, day: date) -> NightSeen:
        """What people decide on a day, and the night after it."""
        _set_clock(f"{day}T09:00:00+00:00")
        for act in self._acts:
            if act.day == day:
                self._act(act)
        self.firm.write(self.workspace, day)
        begun, cpu_begun = time.perf_counter(), time.process_time()
        self._call("nightly", "--as-of", day.isoformat())
        took, cpu_took = time.perf_counter() - begun, time.process_time() - cpu_begun
        return self._seen(day, seconds=took, cpu_seconds=cpu_took)

    def _act(self, act: Act) -> None:
        if act.words == ("done",):
            self._note_done()
        else:
            self._call(*self._words(act))

    def _words(self, act: Act) -> Iterator[str]:
        """The words of a command with problems and items in their places."""
        mixed = self._mixed(act.label) if "{mixed}" in act.words else 0
        for word in act.words:
            if word == "{items}":
                yield from self.truth.names[mixed][act.label]
            else:
                yield word.format(
                    label=_ref(self.truth.home(act.label)) if "{label}" in word else "",
                    second=_ref(self.truth.second(act.label)) if "{second}" in word else "",
                    mixed=_ref(mixed),
                    backlog=f"file:{self._backlog}",
                )

    @property
    def _backlog(self) -> Path:
        return self.workspace / "backlog.md"

    def _mixed(self, label: str) -> int:
        """The problem with most items of the label among those that hold more of others."""
        held = self.truth.of_problem
        found = [(count[label], -number) for number, count in held.items() if 2 * count[label] < count.total()]
        return -max(found)[1]

    def _note_done(self) -> None:
        """A person writes it into the backlog, below the heading of the first entry."""
        content = self._backlog.read_text(encoding="utf-8")
        self._backlog.write_text(
            re.sub(r"(?m)^(## P-\d+: .*)$", r"\1\n\n**Done.**", content, count=1), encoding="utf-8"
        )

    def _seen(self, day: date, *, seconds: float, cpu_seconds: float) -> NightSeen:
        from insights.bootstrap import open_workspace
        from insights.storage.deliveries import DeliveryStatus

        opened = open_workspace(self.workspace)
        try:
            self.truth = truth_of(opened, self._items, day)
            night, delivery = opened.repository.nights.last(), opened.repository.deliveries.get(DIGEST, day.isoformat())
            problems = len(opened.repository.problems.all())
        finally:
            opened.close()
        is_sent = delivery is not None and delivery.status is DeliveryStatus.SENT
        news = [asdict(one) for one in night.news] if night and night.at.date() == day else []
        return NightSeen(
            day=day,
            told=self._told(day) if is_sent else None,
            found=tuple(of_news(news, self.truth)),
            seconds=seconds,
            cpu_seconds=cpu_seconds,
            database_bytes=_bytes_of(self.workspace / ".insights", "insights.db*"),
            vectors_bytes=_bytes_of(self.workspace / ".insights/vectors", "**/*"),
            problems=problems,
        )

    def _told(self, day: date) -> tuple[Told, ...]:
        """Of the one digest that came."""
        files = sorted((self.workspace / "digests").glob(f"*{day}*.json"))
        if len(files) != 1:
            raise SystemExit(f"{day}: {len(files)} digests in the folder")
        return tuple(told_in(json.loads(files[0].read_text(encoding="utf-8")), self.truth))


def caller(workspace: Path) -> Call:
    """What calls `insights` there, in this process. What a command raises is raised."""
    from typer.testing import CliRunner

    from insights.cli.main import app

    def call(*words: str) -> str:
        done = CliRunner().invoke(app, ["-C", str(workspace), *words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        if done.exit_code not in _FINE:
            raise SystemExit(f"insights {' '.join(words[:6])}: {done.exit_code}\n{done.output}")
        return done.output

    return call


def _make(workspace: Path, first: date) -> None:
    from insights.bootstrap import make_workspace

    _set_clock(f"{first}T09:00:00+00:00")
    make_workspace(workspace, product="Crateline")
    path = workspace / "insights.toml"
    text = re.sub(r"(?m)^# renewal_days = .*$", f"renewal_days = {RENEWAL_DAYS}", path.read_text(encoding="utf-8"))
    blocks = [
        f'\n[[sources]]\nname = "{name}"\ntype = "file"\npath = "{name}.csv"\nkind = "{kind}"\n'
        for name, kind in FILES.items()
    ]
    digest = f'\n[[digests]]\nname = "{DIGEST}"\nchannel = "file:digests/"\nform = "json"\n'
    path.write_text(text + "".join(blocks) + digest, encoding="utf-8")


def _set_clock(moment: str) -> None:
    os.environ["INSIGHTS_NOW"] = moment


def _ref(problem_id: int | None) -> str:
    if problem_id is None:
        raise SystemExit("no problem holds what somebody decides on")
    return f"P-{problem_id}"


def _bytes_of(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file())


@contextmanager
def environment(folder: Path) -> Iterator[None]:
    """A person, a key beside the workspace, and the clock, which are put back in the end."""
    before = {name: os.environ.get(name) for name in ("INSIGHTS_KEY_DIR", "INSIGHTS_USER", "INSIGHTS_NOW")}
    os.environ |= {"INSIGHTS_KEY_DIR": str(folder / "keys"), "INSIGHTS_USER": "ada"}
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def nights_of(replay: Replay, first: date, last: date) -> Iterator[NightSeen]:
    for number in range((last - first).days + 1):
        yield replay.night(first + timedelta(days=number))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, help="Only so many.")
    parser.add_argument("--keep", type=Path, help="Folder, outside of the project, that keeps workspace and digests.")
    wanted = parser.parse_args()
    last = FIRST_NIGHT + timedelta(days=wanted.nights - 1) if wanted.nights else LAST_NIGHT
    with tempfile.TemporaryDirectory() as name:
        folder = (wanted.keep or Path(name)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        with environment(folder):
            replay = Replay(folder)
            nights = []
            for night in nights_of(replay, FIRST_NIGHT, last):
                nights.append(night)
                print(night.day, f"{night.cpu_seconds:.1f} s", night.told is not None, flush=True, file=sys.stderr)
    events = [event for event in EVENTS if event.last <= last]
    print("\n".join(pages(nights, events, world=WORLD, items=replay.firm.items)))


if __name__ == "__main__":
    main()
