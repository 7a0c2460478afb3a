"""A morning's triage in a real pseudo-terminal, and all of it undone: how many keys it takes, and what stays behind.

    python -m benchmarks.tui_session

Makes the demo's workspace, decides on twenty problems as a person would (11 accepted, 4 dismissed, 2 snoozed, 2 merged,
1 estimated), leaves, opens the application again, takes everything back, and compares the database row by row with what
it was before the first key. Exits with 1 where more keys were needed than the goal says, or a row differs.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.tui import compile_all, cursor_row, environment_in
from benchmarks.tui_rows import Difference, Tables, decided, differences, heirs_of, nearest_of, read_all
from insights.bootstrap import DATA_FOLDER
from insights.domain.problem import Action
from insights.storage.database import Database
from insights.storage.encryption import Cipher
from insights.storage.keys import find_key
from tests.tui.terminal import ROOT, Terminal

GOAL_KEYS = 46
ORDER = (
    "accept", "accept", "dismiss", "accept", "snooze", "accept", "accept", "estimate", "dismiss", "accept", "accept",
    "dismiss", "accept", "snooze", "accept", "dismiss", "accept", "accept",
)  # fmt: skip
"""What is decided from the top down; the two merges come where a similar problem is still there, after the first."""
MERGES = 2
DECISIONS = len(ORDER) + MERGES

QUIET = 0.15


@dataclass
class Hands:
    """Presses keys and counts them; `told` says what was done with which."""

    terminal: Terminal
    database: Path
    keys: int = 0
    told: list[str] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        """One key after the other, each when the screen has been quiet after the one before."""
        for key in keys:
            self.terminal.press(key).settle(quiet=QUIET)
            self.keys += 1

    def until_written(self, decisions: int) -> None:
        """Wait until storage holds so many decisions."""
        deadline = time.monotonic() + 30
        while len(decided(self.database)) < decisions:
            assert time.monotonic() < deadline, f"{decisions} decisions never came:\n{self.terminal.text}"
            self.terminal.read()
        self.terminal.settle(quiet=QUIET)

    @property
    def problem(self) -> int:
        """The one under the cursor."""
        found = re.search(r"\bP-(\d+)\b", cursor_row(self.terminal))
        assert found, f"no problem under the cursor:\n{self.terminal.text}"
        return int(found[1])


def triage(hands: Hands, *, estimate: str) -> None:
    """Decide on twenty problems, from the top."""
    todo, dismissals = list(ORDER), iter("1234")
    merges = MERGES
    for number in range(DECISIONS):
        before, problem = len(decided(hands.database)), hands.problem
        is_merge = bool(merges and number and (not todo or _can_merge(hands.database, problem)))
        what = "merge" if is_merge else todo.pop(0)
        merges -= is_merge
        pressed = _keys_for(what, dismissals, estimate)
        hands.press(*pressed)
        hands.until_written(before + 1)
        hands.told.append(f"P-{problem} {what} {' '.join(map(_named, pressed))}")
        if hands.problem == problem:  # an estimated problem still waits
            hands.press("j")
            hands.told[-1] += " j"


def _keys_for(what: str, dismissals: Iterator[str], estimate: str) -> Sequence[str]:
    match what:
        case "accept":
            return "a"
        case "dismiss":
            return ("d", next(dismissals))
        case "snooze":
            return ("s", "w")
        case "merge":
            return ("m", "\r")
        case _:
            return ("e", *estimate, "\r")


def _named(key: str) -> str:
    return "enter" if key == "\r" else key


def _can_merge(database: Path, problem: int) -> bool:
    """Whether its nearest still waits, too."""
    nearest, heirs = nearest_of(database, problem), heirs_of(database)
    return nearest is not None and nearest not in heirs and nearest not in {one.problem_id for one in decided(database)}


def take_back(hands: Hands) -> None:
    """`u` until nothing stands that was decided."""
    for _ in range(DECISIONS):
        before = len(decided(hands.database))
        hands.press("u")
        hands.until_written(before + 1)


# -- around it --------------------------------------------------------------------------------------------------


@contextmanager
def opened(folder: Path, environment: Mapping[str, str]) -> Iterator[Hands]:
    """The application, ready for its first key; left by `q` when all is done."""
    command = [str(Path(sys.executable).with_name("insights")), "--workspace", str(folder), "triage"]
    terminal = Terminal(command, environment=environment)
    try:
        terminal.until_true(lambda: "P-" in cursor_row(terminal), "the list").settle(quiet=4 * QUIET)
        yield Hands(terminal, folder / DATA_FOLDER / "insights.db")
        terminal.press("q")
        code = terminal.ended()
        assert code == 0, f"it ended with {code}:\n{terminal.text}"
    finally:
        terminal.stop()


def run(folder: Path, environment: Mapping[str, str], *, estimate: str) -> bool:
    """The whole of it; whether the goals were reached."""
    data = folder / DATA_FOLDER
    key = find_key((data / "id").read_text().strip(), environment={**os.environ, **environment})
    database = Database(f"sqlite:///{data / 'insights.db'}", Cipher(key))
    database.prepare()
    cipher = database.cipher
    database.close()
    before = read_all(data / "insights.db")
    with opened(folder, environment) as hands:
        triage(hands, estimate=estimate)
    between = read_all(data / "insights.db")
    with opened(folder, environment) as undoing:
        take_back(undoing)
    left = differences(before, read_all(data / "insights.db"), cipher=cipher)
    _tell(hands, differences(before, between, cipher=cipher), left)
    _tell_actions(data / "insights.db")
    return hands.keys <= GOAL_KEYS and not left


def _tell(hands: Hands, between: Sequence[Difference], left: Sequence[Difference]) -> None:
    print(f"{DECISIONS} decisions in {hands.keys} keys (goal: {GOAL_KEYS}), {hands.keys / DECISIONS:.2f} each:")
    for told in hands.told:
        print(f"  {told}")
    print(f"\nDiffering values after them, but for the log: {len(between)}")
    print(f"Differing values when all was taken back: {len(left)}")
    for one in left:
        print(f"  {one}")
    print("\nLeft out of the comparison:")
    for name, why in {**Tables.LOG, **Tables.COUNTING}.items():
        print(f"  {name}: {why}")


def _tell_actions(database: Path) -> None:
    rows = decided(database)
    kinds = {action: sum(row.action == action for row in rows) for action in Action}
    print("\nIn the log: " + ", ".join(f"{count} {action}" for action, count in kinds.items() if count))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--estimate", default="2-3-6", help="what is typed after `e`: a size such as L, or weeks")
    estimate = parser.parse_args().estimate
    compile_all()
    with tempfile.TemporaryDirectory() as temporary:
        environment = environment_in(Path(temporary)) | {"INSIGHTS_USER": "ana"}
        environment.pop("INSIGHTS_NOW")
        folder = Path(temporary) / "demo"
        made = subprocess.run(
            [str(Path(sys.executable).with_name("insights")), "demo", str(folder)],
            env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise SystemExit(made.stderr)
        raise SystemExit(0 if run(folder, environment, estimate=estimate) else 1)


if __name__ == "__main__":
    main()
