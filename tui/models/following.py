"""What a process that works beside the application tells of itself: how far it is, how long it may take, how it ended.

Pure, and nothing that it writes is trusted: lines are bounded, cleaned, and never more than words.
"""

import signal
from dataclasses import dataclass, field, replace
from enum import StrEnum

from insights.domain.step import Step, read_step
from insights.errors import ExitCode
from tui.cells import shown

_MOST_MESSAGES = 20
_LONGEST_LINE = 8_000
_LONGEST_MESSAGE = 500
_WINDOW_SECONDS = 20.0
_LEAST_SECONDS = 1.0
_MOST_SECONDS = 100 * 3600.0
_OURS = "insights: "
GOES_ON = "What was done is kept; started again, it goes on where it was."


class Phase(StrEnum):
    """`STOPPING` was asked to end and has not yet."""

    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        return self in (Phase.DONE, Phase.STOPPED, Phase.FAILED)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one thing of one stage goes, by the last twenty seconds of it: (seconds on the clock, pieces done)."""

    thing: tuple[int, str] | None = None
    of: int | None = None
    seen: tuple[tuple[float, int], ...] = ()

    def after(self, step: Step, *, at: float) -> "Pace":
        """With one more step; another stage, another thing or fewer pieces begin anew."""
        thing = (step.stage, step.what)
        if thing != self.thing or (self.seen and step.done < self.seen[-1][1]):
            return Pace(thing, step.of, ((at, step.done),))
        recent = [one for one in self.seen if one[0] >= at - _WINDOW_SECONDS] or [self.seen[-1]]
        return Pace(thing, step.of, (*recent, (at, step.done)))

    def seconds_left(self, *, at: float) -> float | None:
        """Until this thing is done, if it goes on so; a pause makes it longer. None while nothing can be said."""
        if not self.of or len(self.seen) < 2:
            return None
        (began, first), (_, last) = self.seen[0], self.seen[-1]
        if last <= first or at - began < _LEAST_SECONDS:
            return None
        left = (at - began) / (last - first) * max(self.of - last, 0)
        return left if left <= _MOST_SECONDS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkState:
    """Work called `name`: how far it is, what it said last (inert), and once it failed the fault with its remedy. Times
    are seconds on one clock."""

    name: str
    began: float
    phase: Phase = Phase.RUNNING
    step: Step | None = None
    pace: Pace = field(default_factory=Pace)
    messages: tuple[str, ...] = ()
    fault: str = ""
    remedy: str = ""
    ended: float | None = None

    @property
    def spent_usd(self) -> float:
        return self.step.spent_usd if self.step else 0.0

    @property
    def is_over(self) -> bool:
        return self.phase.is_over

    def seconds_left(self, *, at: float) -> float | None:
        """Of what is being done now; what comes after it is not known."""
        return None if self.is_over else self.pace.seconds_left(at=at)

    def heard(self, line: str, *, at: float) -> "WorkState":
        """After one line: a step, or a message."""
        step = read_step(line)
        if step is not None:
            return replace(self, step=step, pace=self.pace.after(step, at=at))
        message = shown(line, _LONGEST_MESSAGE).strip()
        return replace(self, messages=(*self.messages, message)[-_MOST_MESSAGES:]) if message else self

    def asked_to_stop(self) -> "WorkState":
        return self if self.is_over else replace(self, phase=Phase.STOPPING)

    def over(self, code: int, *, at: float) -> "WorkState":
        """After its end: `code` is its exit code, minus the signal that ended it."""
        ended = replace(self, ended=at)
        if code == 0:
            return replace(ended, phase=Phase.DONE)
        if code == ExitCode.INTERRUPTED or self.phase is Phase.STOPPING:
            return replace(ended, phase=Phase.STOPPED)
        fault, remedy = _killed(-code) if code < 0 else _said(self.messages, code)
        return replace(ended, phase=Phase.FAILED, fault=fault, remedy=remedy)

    def not_started(self, why: str, *, at: float) -> "WorkState":
        return replace(self, phase=Phase.FAILED, fault=f"It could not be started: {shown(why, 200)}.", ended=at)


def _killed(number: int) -> tuple[str, str]:
    """In words, who ended it; the kernel does so where the memory does not suffice."""
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    fault = f"It was ended from outside, by {name}."
    return (f"{fault} Perhaps the memory did not suffice." if name == "SIGKILL" else fault), GOES_ON


def _said(messages: tuple[str, ...], code: int) -> tuple[str, str]:
    """The last error that it told, with what was written below it; else its last words."""
    places = [number for number, message in enumerate(messages) if message.startswith(_OURS)]
    if places:
        return messages[places[-1]].removeprefix(_OURS), " ".join(messages[places[-1] + 1 :])
    last = f" {messages[-1]}" if messages else ""
    return f"It ended with code {code}.{last}", GOES_ON


class LineCutter:
    """Bytes in, whole lines out. What a line has beyond 8,000 bytes is dropped: no output fills the memory."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, some: bytes) -> list[str]:
        """The lines that are whole by now."""
        *whole, rest = some.split(b"\n")
        lines = []
        for part in whole:
            self._hold(part)
            lines.append(self.rest())
        self._hold(rest)
        return lines

    def rest(self) -> str:
        """What is left without an end of line."""
        line = self._held.decode("utf-8", "replace")
        self._held.clear()
        return line

    def _hold(self, some: bytes) -> None:
        self._held += some[: max(_LONGEST_LINE - len(self._held), 0)]
