"""The triage application in a real pseudo-terminal: how fast it starts, how fast a key shows, what it costs.

    python -m benchmarks.tui
    python -m benchmarks.tui --problems 100 --starts 5 --keys 10
    python -m benchmarks.tui --columns 140 --rows 40

Start: from the process's start until the emulated screen shows the list's first title. The application is started by
its command line (`insights triage`) and by `tui.entrance.run` without the command line, in turn with a bare Textual
application of one line; ratios are made within one round, of seconds and of CPU seconds. Key: from writing the byte
until the screen shows what the key does, the time of the emulator included; "arrived" is until the bytes that show it
were read; CPU is the process's until all is quiet again, with what is read of the problem under the cursor. Each key
follows when the screen has been quiet, and each is followed by one of the bare application, which redraws a line: what
this machine takes just then. An escape alone shows 100 ms later, as a longer sequence
might follow; it is told apart. All is compiled beforehand. Prints Markdown.
"""

import argparse
import compileall
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median

from benchmarks.tui_filter import filter_milliseconds
from benchmarks.tui_workspace import code_of, make
from tests.tui.terminal import ROOT, Terminal

BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    presses = 0

    def compose(self):
        yield Static("bare and ready")

    def on_key(self, event):
        self.presses += 1
        self.query_one(Static).update(f"pressed {self.presses} times")

Bare().run()
"""

DIRECT = """
import sys
from pathlib import Path
from insights.bootstrap import open_workspace
from insights.cli.triage import run_triage

run_triage(lambda: open_workspace(Path(sys.argv[1])))
"""

GOAL_START, GOAL_KEY, GOAL_FILTER = 1.25, 50.0, 30.0
"""Times the bare application; milliseconds at p95; milliseconds."""

QUIET = 0.15
"""Seconds without a byte after which a screen counts as at rest; what a problem rests on is read by then."""

_CURSOR = "▌"


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Where and how large; `environment` is that of every process."""

    folder: Path
    columns: int
    rows: int
    environment: dict[str, str] = field(default_factory=dict)

    def command(self) -> list[str]:
        return [str(Path(sys.executable).with_name("insights")), "--workspace", str(self.folder), "triage"]

    def direct(self) -> list[str]:
        return [sys.executable, "-c", DIRECT, str(self.folder)]

    @contextmanager
    def open(self, command: Sequence[str]) -> Iterator[Terminal]:
        terminal = Terminal(command, columns=self.columns, rows=self.rows, environment=self.environment)
        try:
            yield terminal
        finally:
            terminal.stop()


@dataclass(frozen=True, kw_only=True)
class Start:
    """Seconds from the process's start: until anything at all was drawn, until the list was; CPU seconds until then and
    until it came to rest; peak bytes by then."""

    anything: float
    shown: float
    cpu_shown: float
    cpu_rest: float
    peak: int


def start_once(bench: Bench, command: Sequence[str], words: str) -> Start:
    """Start it, wait for the words and for rest, and end it."""
    with bench.open(command) as terminal:
        terminal.until_true(lambda: bool(terminal.text.strip()), "anything")
        anything = terminal.heard - terminal.started
        terminal.until(words)
        shown, cpu_shown = terminal.heard - terminal.started, terminal.usage().cpu_seconds
        terminal.settle(quiet=4 * QUIET)
        usage = terminal.usage()
        terminal.press("q")
        return Start(
            anything=anything,
            shown=shown,
            cpu_shown=cpu_shown,
            cpu_rest=usage.cpu_seconds,
            peak=usage.peak_bytes,
        )


def starts(bench: Bench, *, rounds: int) -> dict[str, list[Start]]:
    """bare, command and direct in turn, after one round that is not counted."""
    sides = {
        "bare": ([sys.executable, "-c", BARE], "bare and ready"),
        "command": (bench.command(), code_of(1)),
        "direct": (bench.direct(), code_of(1)),
    }
    found: dict[str, list[Start]] = {name: [] for name in sides}
    for round_ in range(rounds + 1):
        for name, (command, words) in sides.items():
            one = start_once(bench, command, words)
            if round_:
                found[name].append(one)
    return found


# -- keys -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Press:
    """Milliseconds from the key until it showed, until its bytes had arrived, and of CPU until all was quiet."""

    shown: float
    arrived: float
    cpu: float


def cursor_row(terminal: Terminal) -> str:
    """The row of the list with the cursor; empty where there is none."""
    rows = (terminal.line(number) for number in range(terminal.rows))
    return next((row for row in rows if _CURSOR in row), "")


def is_at(terminal: Terminal, number: int) -> Callable[[], bool]:
    return lambda: code_of(number) in cursor_row(terminal)


def timed(terminal: Terminal, key: str, shows: Callable[[], bool]) -> Press:
    """Press it and wait until the screen shows it; then until it rests."""
    assert not shows(), f"{key!r} would show nothing new:\n{terminal.text}"
    used, begun = terminal.usage().cpu_seconds, time.monotonic()
    terminal.press(key).until_true(shows, repr(key))
    shown, arrived = time.monotonic() - begun, terminal.heard - begun
    terminal.settle(quiet=QUIET)
    return Press(shown * 1000, arrived * 1000, (terminal.usage().cpu_seconds - used) * 1000)


def press_all(terminal: Terminal, bare: Terminal, problems: int, *, times: int) -> dict[str, list[Press]]:
    """Every kind of key so many times, and after each one a key of the bare application; the desk is in the end as it
    was."""
    found: dict[str, list[Press]] = {"bare": []}

    def note(name: str, key: str, shows: Callable[[], bool]) -> None:
        found.setdefault(name, []).append(timed(terminal, key, shows))
        words = f"pressed {len(found['bare']) + 1} times"
        found["bare"].append(timed(bare, "j", lambda: words in bare.line(0)))

    for number in range(times):
        note("j", "j", is_at(terminal, number + 2))
    for number in reversed(range(times)):
        note("k", "k", is_at(terminal, number + 1))
    for _ in range(times):
        note("G", "G", is_at(terminal, problems))
        note("g", "g", is_at(terminal, 1))
    _select(terminal, note, times)
    _find(terminal, note, problems, times)
    for number in range(times):
        note("a", "a", is_at(terminal, number + 2))
    for number in reversed(range(times)):
        note("u", "u", is_at(terminal, number + 1))
    return found


def _select(terminal: Terminal, note: Callable[[str, str, Callable[[], bool]], None], times: int) -> None:
    """Each press changes the row that it was pressed on; left out where space selects nothing."""
    for _ in range(times):
        if _is_dead(terminal, " "):
            return
        for number in (1, 1):
            before = _row_of(terminal, number)
            note("space", " ", lambda number=number, before=before: _row_of(terminal, number) != before)  # type: ignore[misc]
            terminal.press("g").settle(quiet=QUIET)


def _is_dead(terminal: Terminal, key: str) -> bool:
    """Whether a key draws nothing; where it does, it is pressed again to take it back."""
    before = terminal.text
    terminal.press(key).settle(quiet=2 * QUIET)
    is_dead = terminal.text == before
    if not is_dead:
        terminal.press("g").settle(quiet=QUIET).press(key).settle(quiet=QUIET).press("g").settle(quiet=QUIET)
    return is_dead


def _row_of(terminal: Terminal, number: int) -> str:
    """The row of the list, which begins with its rank, without its cursor; empty where it is out of sight."""
    begins = re.compile(rf"[│▌ ]*[\d,]+ .*{code_of(number)}")
    rows = (terminal.line(row) for row in range(terminal.rows))
    return next((row for row in rows if begins.match(row)), "").replace(_CURSOR, " ")


def _find(terminal: Terminal, note: Callable[[str, str, Callable[[], bool]], None], problems: int, times: int) -> None:
    """`/`, then the code of a problem letter by letter until it stands alone under the cursor, and escape."""
    for turn in range(times):
        number = (problems * (2 * turn + 1)) // (2 * times) + 1
        typed = ""
        note("/", "/", lambda: _asks(terminal, ""))
        for letter in code_of(number).lower():
            typed += letter
            note("/x", letter, lambda typed=typed: _asks(terminal, typed) and _is_found(terminal, typed))  # type: ignore[misc]
        note("esc", "\x1b", lambda number=number: is_at(terminal, 1)() or _shows_all(terminal, number))  # type: ignore[misc]
        terminal.press("g").until_true(is_at(terminal, 1), "the first").settle(quiet=QUIET)


def _asks(terminal: Terminal, typed: str) -> bool:
    return any(line.lstrip(" │").startswith(("/ " + typed, "/" + typed)) for line in terminal.screen)


def _is_found(terminal: Terminal, typed: str) -> bool:
    return typed.upper() in cursor_row(terminal)


def _shows_all(terminal: Terminal, number: int) -> bool:
    """Its neighbour in rank is on the list again."""
    return any(_row_of(terminal, near) for near in (number - 1, number + 1))


# -- telling ----------------------------------------------------------------------------------------------------


def share(values: Sequence[float], part: float) -> float:
    """A quantile, by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)]


def tell_starts(problems: int, found: dict[str, list[Start]]) -> None:
    for name, words in (("bare", "bare Textual"), ("command", "`insights triage`"), ("direct", "`tui.entrance.run`")):
        ours, pairs = found[name], list(zip(found[name], found["bare"], strict=True))
        cells = (
            f"{problems:,}",
            words,
            f"{median(one.anything for one in ours):.2f}",
            _ratios([one.anything / bare.anything for one, bare in pairs]),
            f"{median(one.shown for one in ours):.2f}",
            _ratios([one.shown / bare.shown for one, bare in pairs]),
            f"{median(one.cpu_shown for one in ours):.2f}",
            _ratios([one.cpu_shown / bare.cpu_shown for one, bare in pairs]),
            f"{median(one.cpu_rest for one in ours):.2f}",
            f"{median(one.peak for one in ours) / 1e6:.0f}",
        )
        print(f"| {' | '.join(cells)} |", flush=True)


def _ratios(ratios: list[float]) -> str:
    return f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def tell_keys(problems: int, found: dict[str, list[Press]]) -> None:
    every = [press for name, presses in found.items() if name not in ("bare", "esc") for press in presses]
    for name, presses in [*found.items(), ("all of ours but esc", every)]:
        shown, arrived = [one.shown for one in presses], [one.arrived for one in presses]
        print(
            f"| {problems:,} | {name} | {len(presses)} | {median(shown):.0f} | {share(shown, 0.95):.0f} "
            f"| {max(shown):.0f} | {median(arrived):.0f} | {share(arrived, 0.95):.0f} "
            f"| {fmean(press.cpu for press in presses):.0f} |",
            flush=True,
        )


def compile_all() -> None:
    """Bytecode for what is ours; that of the libraries comes with the first, uncounted round."""
    for room in ("insights", "connectors", "prompts", "tui"):
        compileall.compile_dir(ROOT / room, quiet=2)


def environment_in(folder: Path) -> dict[str, str]:
    """No keyring, keys in the folder, and bytecode wherever this process writes its own."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return {
        "INSIGHTS_KEY_DIR": str(folder / "keys"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "INSIGHTS_NOW": "2026-11-23T09:00:00+00:00",
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--starts", type=int, default=7, help="rounds that count")
    parser.add_argument("--keys", type=int, default=20, help="presses of each kind")
    parser.add_argument("--columns", type=int, default=80)
    parser.add_argument("--rows", type=int, default=24)
    parser.add_argument("--keep", type=Path, help="make the workspaces here and use them again")
    arguments = parser.parse_args()
    compile_all()
    with tempfile.TemporaryDirectory() as temporary:
        kept = (arguments.keep or Path(temporary)).resolve()
        benches = [
            _bench(kept, problems, columns=arguments.columns, rows=arguments.rows) for problems in arguments.problems
        ]
        _run(benches, arguments.problems, rounds=arguments.starts, times=arguments.keys)


def _bench(kept: Path, problems: int, *, columns: int, rows: int) -> Bench:
    folder, environment = kept / f"of-{problems}", environment_in(kept)
    if not (folder / "insights.toml").exists():
        make(folder, problems, environment=environment)
    return Bench(folder=folder, columns=columns, rows=rows, environment=environment)


def _run(benches: Sequence[Bench], sizes: Sequence[int], *, rounds: int, times: int) -> None:
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"{benches[0].columns}×{benches[0].rows}, Python {sys.version.split()[0]}, {load}\n")
    print("| problems | start of | first paint s | ÷ bare | list s | ÷ bare | CPU s | ÷ bare | CPU s at rest | MB |")
    print("| ---: | --- | ---: | --- | ---: | --- | ---: | --- | ---: | ---: |")
    for bench, problems in zip(benches, sizes, strict=True):
        tell_starts(problems, starts(bench, rounds=rounds))
    print("\n| problems | key | presses | p50 ms | p95 ms | max ms | p50 arrived | p95 arrived | CPU ms |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for bench, problems in zip(benches, sizes, strict=True):
        with bench.open(bench.command()) as terminal, bench.open([sys.executable, "-c", BARE]) as bare:
            bare.until("bare and ready")
            terminal.until(code_of(1)).settle(quiet=6 * QUIET)
            tell_keys(problems, press_all(terminal, bare, problems, times=times))
            terminal.press("q")
    print("\n| problems | filter | first ms | p50 ms | max ms |")
    print("| ---: | --- | ---: | ---: | ---: |")
    for bench, problems in zip(benches, sizes, strict=True):
        for words, one in filter_milliseconds(bench.folder, environment=bench.environment).items():
            print(f"| {problems:,} | {words} | {one[0]:.1f} | {median(one):.1f} | {max(one[1:]):.1f} |", flush=True)
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
