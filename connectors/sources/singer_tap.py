"""Run a Singer tap as a process of its own and read its lines: nothing of this process's environment, a config file
that only we can read, a pipe that holds it back while we are busy, and an end with all its children.
"""

import base64
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from insights.errors import ExitCode, InsightsError
from insights.text.clean import one_line

LONGEST_LINE = 16_000_000
"""Bytes. A longer line is refused, and the next one read."""
SECRET_MARK = "$SECRET"  # noqa: S105 - the word that stands for it
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")
_PIECE = 1 << 16
_TAIL = 8_192
_LAST_LINES = 3
_GRACE = 5.0
"""Seconds that a tap has to end by itself once it is asked to."""
_PREFIX = "insights-tap"
_LEFT_OVER_AFTER = 3_600.0
"""Seconds. Another container that shares the folder has process numbers of its own."""
_LOOKS_SECRET = re.compile(
    r"(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}|((?:password|secret|token|api_?key)[\"']?\s*[:=]\s*[\"']?)[^\s\"',}]+",
    re.IGNORECASE,
)
_REFUSED_LOGIN = re.compile(
    r"\b401\b|unauthori[sz]ed|invalid[_ ](?:grant|credentials|token|api.key)|authentication failed", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Tap:
    """How to run a tap. `command` is a program and its first arguments: no shell reads it. `secret` is taken out of all
    that the tap says."""

    source: str
    command: Sequence[str]
    folder: Path
    config: Mapping[str, Any] = field(repr=False)
    secret: str = field(repr=False)
    variables: Sequence[str] = ()
    timeout: float = 600.0

    @contextmanager
    def files(self) -> Iterator["TapFiles"]:
        """Files for its arguments, which only we may read, until the end."""
        _remove_left_over()
        with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}-{os.getpid()}-", ignore_cleanup_errors=True) as folder:
            files = TapFiles(Path(folder))
            files.write("config.json", _filled(self.config, self.secret))
            yield files

    @contextmanager
    def running(self, *arguments: str) -> Iterator["RunningTap"]:
        """The tap at work; at the end it is gone, however that comes. Raises InsightsError where it cannot start."""
        process = self._start(arguments)
        try:
            yield RunningTap(self, process)
        finally:
            _end(process)

    def _start(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        program = self.program()
        try:
            return subprocess.Popen(  # noqa: S603 - a list that the workspace's owner wrote; no shell
                [program, *self.command[1:], *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self.folder,
                env=environment(self.variables, os.environ),
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise self.error(f"cannot be started ({error.strerror or type(error).__name__}).") from None

    def program(self) -> str:
        """The program's place; a path is one in the workspace where it is not whole. Raises InsightsError."""
        name = self.command[0]
        wanted = str(self.folder / Path(name).expanduser()) if os.sep in name else name
        found = shutil.which(wanted)
        if found is None:
            raise InsightsError(
                f"The tap of {self.source} is not installed: there is no program {one_line(name)!r}.",
                remedy='Install it into an environment of its own, and name it in command: ["/opt/taps/x/bin/tap-x"].',
                exit_code=ExitCode.USAGE,
            )
        return found

    def error(self, what: str, said: str = "") -> InsightsError:
        """What went wrong with the tap, and what it said last, without secrets."""
        words = self.shown(said)
        is_login = _REFUSED_LOGIN.search(words) is not None
        remedy = (
            f"Give it a login that may read: insights auth {self.source}"
            if is_login
            else "What came before is kept. Check its config in insights.toml, then run the same command again."
        )
        bare = f"The tap of {self.source} {what}"
        message = bare + (f" It said: {words}" if words else "")
        code = ExitCode.LOGIN if is_login else ExitCode.ERROR
        return InsightsError(message, remedy=remedy, exit_code=code).quoting(bare, remedy)

    def shown(self, said: str) -> str:
        """The last lines on one, without secrets."""
        lines = [line for line in self.hidden(said).splitlines() if line.strip()][-_LAST_LINES:]
        return " / ".join(one_line(line, 300) for line in lines)

    def hidden(self, said: str) -> str:
        """Without the secret in any of the spellings that programs give it, and without what looks like another."""
        for spelling in _spellings(self.secret, self.config):
            said = said.replace(spelling, "[secret]")
        return _LOOKS_SECRET.sub(lambda found: f"{found[1] or found[2]}[secret]", said)


@dataclass(frozen=True)
class TapFiles:
    """A folder that only we may look into."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.json"

    def write(self, name: str, content: Any) -> Path:
        """As JSON, readable by us alone."""
        path = self.folder / name
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            json.dump(content, file)
        return path


class RunningTap:
    """Its lines, as it writes them."""

    def __init__(self, tap: Tap, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101 - for the type checker
        assert process.stderr is not None  # noqa: S101 - as above
        self._tap = tap
        self._process = process
        self._out = process.stdout
        self._tail = _Tail(process.stderr)

    def lines(self) -> Iterator[bytes | None]:
        """Each line without its end, None for one that is too long. Nothing is read ahead of whoever asks. Raises
        InsightsError where none comes in time, or the tap ends badly."""
        yield from split_lines(self._pieces())
        self._judge()

    def all(self, limit: int) -> bytes:
        """All that it writes. Raises InsightsError as above, and where it is more than `limit` bytes."""
        whole = bytearray()
        for piece in self._pieces():
            whole += piece
            if len(whole) > limit:
                raise self._tap.error("writes without end.")
        self._judge()
        return bytes(whole)

    def _pieces(self) -> Iterator[bytes]:
        """Whatever comes; waiting ends when no end of a line came for too long."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            waited = 0.0
            while True:
                started = time.monotonic()
                is_ready = selector.select(self._tap.timeout - waited)
                waited += time.monotonic() - started
                if not is_ready or waited >= self._tap.timeout:
                    raise self._tap.error(
                        f"wrote no line for {self._tap.timeout:g} seconds and was stopped (timeout_seconds).",
                        self._tail.text(),
                    )
                piece = os.read(self._out.fileno(), _PIECE)
                if not piece:
                    return
                waited = 0.0 if b"\n" in piece else waited
                yield piece

    def _judge(self) -> None:
        """How it ended."""
        if not _wait(lambda: _has_ended(self._process), self._tap.timeout):
            raise self._tap.error("closed its output and did not end; it was stopped.", self._tail.text())
        if code := _end(self._process):
            how = f"was ended by signal {-code}." if code < 0 else f"ended with code {code}."
            raise self._tap.error(how, self._tail.text(has_ended=True))


class _Tail:
    """Reads what a tap says beside its lines, so that it never waits for us, and keeps the end of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._kept = b""
        self._is_cut = False
        self._stream = stream
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self, *, has_ended: bool = False) -> str:
        """What a tap that ended said last is waited for."""
        self._thread.join(timeout=1.0 if has_ended else 0.05)
        kept = self._kept
        if self._is_cut:  # half a line may hold half a secret, which would not be known as one
            kept = kept.partition(b"\n")[2]
        return kept.decode("utf-8", "replace")

    def _read(self) -> None:
        with self._stream:
            while piece := os.read(self._stream.fileno(), _PIECE):
                whole = self._kept + piece
                self._is_cut = self._is_cut or len(whole) > _TAIL
                self._kept = whole[-_TAIL:]


def split_lines(pieces: Iterator[bytes], *, limit: int = LONGEST_LINE) -> Iterator[bytes | None]:
    """Lines without their ends, the last one also where it has none; None for one of more than `limit` bytes. Holds
    one line and one piece at most."""
    buffer, is_skipping = bytearray(), False
    for piece in pieces:
        *ended, rest = piece.split(b"\n")
        for part in ended:
            buffer += part
            yield None if is_skipping or len(buffer) > limit else bytes(buffer)
            buffer, is_skipping = bytearray(), False
        buffer += rest
        if len(buffer) > limit:
            buffer, is_skipping = bytearray(), True
    if buffer or is_skipping:
        yield None if is_skipping else bytes(buffer)


def environment(names: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """What a tap gets to see: where programs are, and what the settings name; nothing that is ours."""
    wanted = [name for name in (*_PASSED_ON, *names) if not name.upper().startswith("INSIGHTS_")]
    return {name: given[name] for name in wanted if name in given}


def _filled(value: Any, secret: str) -> Any:
    """The config with the secret put in where its mark stands."""
    if isinstance(value, str):
        return value.replace(SECRET_MARK, secret)
    if isinstance(value, Mapping):
        return {name: _filled(inner, secret) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, secret) for inner in value]
    return value


def strings_in(value: Any) -> Iterator[str]:
    """All texts of a config."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from strings_in(inner)


def _spellings(secret: str, config: Mapping[str, Any]) -> list[str]:
    """The secret as programs write it, the longest first: as it is, in JSON, in an address, and in a header beside each
    text of the config that may be its user's name."""
    if not secret:
        return []
    users = [text for text in strings_in(config) if SECRET_MARK not in text]
    pairs = [secret, f"{secret}:", f":{secret}", f"{secret}:X", *(f"{user}:{secret}" for user in users)]
    encoded = [base64.b64encode(pair.encode("utf-8", "replace")).decode().rstrip("=") for pair in pairs]
    lines = [line for line in secret.splitlines() if len(line) > 7]
    made = {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), repr(secret)[1:-1], *encoded, *lines}
    return sorted((one for one in made if one), key=len, reverse=True)


def _end(process: subprocess.Popen[bytes]) -> int:
    """Ask the whole group to end, then end it; the first process's code. That one is not waited for before: its number,
    which is the group's, stays taken until then."""
    if process.returncode is None:
        _signal(process, signal.SIGTERM)
        _wait(lambda: _has_ended(process), _GRACE)
        _signal(process, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    return process.returncode


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def _wait(is_over: Callable[[], bool], seconds: float) -> bool:
    """Whether it was over in time."""
    until = time.monotonic() + seconds
    while not (over := is_over()) and time.monotonic() < until:
        time.sleep(0.01)
    return over


def _remove_left_over() -> None:
    """Files of readers that were killed: they hold a secret."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}-*-*"):
        number = folder.name.split("-")[2]
        with suppress(OSError):
            is_old = time.time() - folder.stat().st_mtime > _LEFT_OVER_AFTER
            if is_old and number.isdecimal() and not _is_alive(int(number)):
                shutil.rmtree(folder, ignore_errors=True)


def _is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
