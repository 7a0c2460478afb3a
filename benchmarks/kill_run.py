"""The child that is killed: it asks forty questions through a desk and keeps the answers. Loads all it needs when it is
imported, so that a process forked from here works at once."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

os.environ.update(dict.fromkeys(("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"), "false"))
os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")

import langchain.chat_models  # noqa: F401
import langchain_openai  # noqa: F401
from sqlalchemy import event
from sqlalchemy.engine import Engine

from insights.language.questions import Desk
from insights.storage.repository import Repository
from tests.language.desk_builders import TEXTS, a_desk, a_question, kinds_task, tell

QUESTIONS = TEXTS[:40]
KEY = bytes(32)


def opened(folder: Path) -> Repository:
    return Repository(f"sqlite:///{folder / 'insights.db'}", key=KEY)


def desk_of(repository: Repository, base_url: str, concurrency: int) -> Desk:
    return a_desk(repository, base_url, concurrency=concurrency)


def ask_all(folder: Path, base_url: str, concurrency: int) -> None:
    """Ask what is not known; ends when all is."""
    repository = opened(folder)
    told = tell(desk_of(repository, base_url, concurrency), QUESTIONS, size=1)
    repository.close()
    if set(told) != set(QUESTIONS):
        raise SystemExit(1)


def ask_and_die(folder: Path, base_url: str, concurrency: int, commit: int, before: bool) -> None:
    """The same, killed by its own hand right before or right after the n-th commit of a write."""
    left = commit

    def count(connection: Any) -> None:
        nonlocal left
        if connection.get_execution_options().get("insights_write"):
            left -= 1
            if left == 0 and before:
                os.kill(os.getpid(), signal.SIGKILL)

    def given_back(*_: Any) -> None:
        if left <= 0 and not before:
            os.kill(os.getpid(), signal.SIGKILL)

    repository = opened(folder)
    event.listen(Engine, "commit", count)
    event.listen(Engine, "checkin", given_back)
    tell(desk_of(repository, base_url, concurrency), QUESTIONS, size=1)


def ask_timed(folder: Path, base_url: str, concurrency: int, moments: Path) -> None:
    """The same, putting down when each answer was stored: question -> seconds of the monotonic clock."""
    repository = opened(folder)
    put, stored = repository.answers.put, dict[str, float]()

    def timed(answer: Any, **more: Any) -> None:
        put(answer, **more)
        stored[answer.key] = time.monotonic()

    repository.answers.put = timed  # type: ignore[method-assign]
    desk = desk_of(repository, base_url, concurrency)
    tell(desk, QUESTIONS, size=1)
    moments.write_text(json.dumps([stored[_key(desk, text)] for text in QUESTIONS]))


def known(folder: Path, base_url: str) -> frozenset[int]:
    """The questions whose answers are stored."""
    repository = opened(folder)
    desk = desk_of(repository, base_url, 1)
    found = frozenset(n for n, text in enumerate(QUESTIONS) if desk.is_known(kinds_task(), a_question([text])))
    repository.close()
    return found


def booked(folder: Path) -> dict[str, int]:
    """The ledger's calls by outcome."""
    repository = opened(folder)
    found = {one.outcome: one.calls for one in repository.calls.of_run(1)}
    repository.close()
    return found


def _key(desk: Desk, text: str) -> str:
    return desk._key(desk.small, kinds_task(), a_question([text]).prompt)
