"""Questions and desks for the tests of batches, in this process or one that is killed. Not a test."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from insights.config import Language, Settings
from insights.language.answers import KindsDraft
from insights.language.choose import desk_for
from insights.language.questions import Answered, Desk, Question, Task
from insights.storage.repository import Repository
from tests.language.chat_server import Reply, completion

TASK: Task[int, KindsDraft] = Task(stage="kinds", prompt="tell_kind", output=KindsDraft)
TEXT = json.dumps({"kinds": [{"item": 1, "kind": "problem", "sure": True}]})
TOKENS_IN, TOKENS_OUT = 1000, 100
USD = (TOKENS_IN * 0.15 + TOKENS_OUT * 0.60) / 1e6
"""What one answer costs alone."""


@dataclass
class Time:
    """Passes only when somebody sleeps, and remembers for how long."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 26, 1, tzinfo=UTC))
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)


def questions(number: int, *, first: int = 1) -> list[Question[int]]:
    return [Question(one, f"question {one}", f"canary{one:04}") for one in range(first, first + number)]


def honest(body: dict[str, Any]) -> Reply:
    return completion(TEXT, tokens_in=TOKENS_IN, tokens_out=TOKENS_OUT)


def saying(**texts: str) -> Callable[[dict[str, Any]], Reply]:
    """Honest, but for some questions: q3="..." is what the third gets."""

    def say(body: dict[str, Any]) -> Reply:
        number = body["messages"][0]["content"].removeprefix("question ")
        return completion(texts.get(f"q{number}", TEXT), tokens_in=TOKENS_IN, tokens_out=TOKENS_OUT)

    return say


def a_desk(repository: Repository, base_url: str, time: Time | None = None, **options: Any) -> Desk:
    passing = time or Time()
    chosen = {"model": "openai:test-model", "base_url": base_url, "batch": True, "audit_share": 0, "concurrency": 1}
    desk = desk_for(
        Settings(language=Language.model_validate(chosen | options)),
        answers=repository.answers,
        calls=repository.calls,
        batches=repository.batches,
        now=datetime(2026, 11, 26, tzinfo=UTC),
        sleep=passing.sleep,
        clock=lambda: passing.now,
    )
    assert desk is not None
    return desk


def ask(desk: Desk, asked: Sequence[Question[int]], *, run_id: int = 1) -> dict[int, Answered[KindsDraft]]:
    """The answers by the questions' numbers."""
    return {question.subject: answer for question, answer in desk.ask_many(TASK, asked, run_id=run_id)}
