"""A case is a fork of a process that has everything loaded, in a copy of one workspace."""

import contextlib
import ctypes
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

_PATIENCE = 120.0
"""Seconds after which a case hangs."""


def forked(work: Callable[[], str], *, log: Path) -> tuple[int, str]:
    """Run it in a fork: exit code (-9 killed, -1 hung) and what it returned. stdout and stderr go to `log`."""
    answer, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.close(answer)
            file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(file, 1)
            os.dup2(file, 2)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            told = work()
            os.write(write, told.encode())
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)
    os.close(write)
    status = _waited(child)
    with os.fdopen(answer) as pipe:
        return status, pipe.read() if status != -1 else ""


def _waited(child: int) -> int:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.004)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return -1


def acting(folder: Path, commands: Sequence[Sequence[str]], *, at: int, mode: int) -> Callable[[], str]:
    def work() -> str:
        from benchmarks.faults.acts import run

        os.environ["INSIGHTS_KEY_DIR"] = str(folder / "keys")
        shim = ctypes.CDLL(None)
        shim.faults_seen.restype = ctypes.c_long
        shim.faults_arm(str(folder).encode(), ctypes.c_long(at), ctypes.c_long(mode))
        code = run(folder / "w", commands)
        if code:
            raise SystemExit(code)
        return str(shim.faults_seen())

    return work


def state(folder: Path) -> Callable[[], str]:
    def work() -> str:
        from benchmarks.faults.acts import state_of

        os.environ["INSIGHTS_KEY_DIR"] = str(folder / "keys")
        return state_of(folder / "w")

    return work


def template_of(base: Path, before: Sequence[Sequence[str]]) -> Path:
    """A workspace that has these commands behind it."""
    from benchmarks.faults.acts import SETTINGS, tickets

    folder = base / "template"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "w").mkdir(parents=True)
    (folder / "w/tickets.csv").write_text(tickets())
    code, _ = forked(acting(folder, [("init", ".")], at=0, mode=0), log=base / "log")
    with (folder / "w/insights.toml").open("a") as file:
        file.write(SETTINGS)
    if code == 0 and before:
        code, _ = forked(acting(folder, before, at=0, mode=0), log=base / "log")
    if code:
        raise SystemExit(f"The workspace could not be made: {(base / 'log').read_text()[-2000:]}")
    return folder


def copied(template: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder, symlinks=True)
    return folder
