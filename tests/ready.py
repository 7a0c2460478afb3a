"""Processes that begin with the program loaded: loading it takes longer than most of what tests let it do. Not a test.

`started(code)` gives a process of its own, to be killed where the test wants it; `done(code)` runs one to its end, and
`done(COMMAND, "runs")` a command. On Linux all are forked from a process that loads the program once and runs nothing
of it. How the program starts, and what it loads when, is for tests that start Python themselves.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

ROOT = Path(__file__).parents[1]

COMMAND = "from insights.cli.main import main\nmain()"

SERVER = """
import atexit, importlib, json, os, pkgutil, sys, traceback
import insights
for module in pkgutil.walk_packages(insights.__path__, "insights."):
    if not {"__main__", "migrations", "tui"} & set(module.name.split(".")):
        importlib.import_module(module.name)
for name in ("alembic.command", "chromadb", "faiss", "langchain_openai", "sklearn.decomposition", "sklearn.metrics"):
    importlib.import_module(name)

def run(asked, opened):
    os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    for number, file in enumerate(opened):
        os.dup2(file, number)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)
    sys.argv = ["insights", *asked["arguments"]]
    try:
        exec(compile(asked["code"], "<child>", "exec"), {"__name__": "__main__"})
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if not stream.closed:
            stream.flush()
    os._exit(code)

def start(asked):
    opened = [os.open(path, os.O_RDWR | os.O_NOCTTY) for path in asked["streams"]]
    pid = os.fork() or run(asked, opened)
    for file in opened:
        os.close(file)
    return pid

def wait(asked):
    pid, status = os.waitpid(asked["pid"], asked["how"])
    return os.waitstatus_to_exitcode(status) if pid else None

for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps({"start": start, "wait": wait}[asked.pop("do")](asked)), flush=True)
"""


class Process(Protocol):
    """`poll` and `wait` give its exit code, minus the signal that ended it."""

    pid: int

    def poll(self) -> int | None: ...

    def wait(self) -> int: ...


@dataclass
class Forked:
    """A child of the server."""

    pid: int
    _code: int | None = None

    def poll(self) -> int | None:
        return self._ended(os.WNOHANG)

    def wait(self) -> int:
        code = self._ended(0)
        assert code is not None
        return code

    def _ended(self, how: int) -> int | None:
        if self._code is None:
            self._code = _told(do="wait", pid=self.pid, how=how)
        return self._code


def started(
    code: str,
    *arguments: str,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    streams: tuple[str, str, str] = (os.devnull, os.devnull, os.devnull),
) -> Process:
    """Run this code as a process with these arguments, in a session of its own. Its environment is that of the test
    where none is given; `streams` are the paths of its stdin, stdout and stderr."""
    folder = str(cwd or ROOT)
    around = {**(os.environ if environment is None else environment), "PYTHONPATH": str(ROOT)}
    if sys.platform != "linux":  # where what is loaded may not live through a fork
        return _anew(code, arguments, cwd=folder, environment=around, streams=streams)
    pid = _told(do="start", code=code, arguments=arguments, cwd=folder, environment=around, streams=streams)
    return Forked(pid)


def done(
    code: str, *arguments: str, given: str = "", cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run this code to its end; `given` is its stdin."""
    with TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("in", "out", "err")]
        for file, text in zip(files, (given, "", ""), strict=True):
            file.write_text(text, encoding="utf-8")
        streams = (str(files[0]), str(files[1]), str(files[2]))
        ended = started(code, *arguments, cwd=cwd, environment=environment, streams=streams).wait()
        out, err = (file.read_text(encoding="utf-8") for file in files[1:])
    return subprocess.CompletedProcess(arguments, ended, out, err)


def _anew(
    code: str, arguments: Sequence[str], *, cwd: str, environment: Mapping[str, str], streams: Sequence[str]
) -> Process:
    with ExitStack() as opened:
        given, out, err = (opened.enter_context(Path(path).open("r+b", buffering=0)) for path in streams)
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=given, stdout=out, stderr=err, start_new_session=True
        )


@cache
def _server() -> "subprocess.Popen[str]":
    """It ends when its input does: with this process."""
    return subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _told(**asked: Any) -> Any:
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(asked) + "\n")
    server.stdin.flush()
    return json.loads(server.stdout.readline())
