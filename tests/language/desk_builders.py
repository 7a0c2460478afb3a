"""A desk before a server on loopback, what it is asked, honest answers to that, and ways to write no whole reply.

Not a test.
"""

import json
import re
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

from insights.config import Language, Product, Settings
from insights.language.answers import KindsDraft
from insights.language.background import Background
from insights.language.choose import describer_for, desk_for
from insights.language.jobs import Described, Job
from insights.language.questions import Desk, Question, Task, halved
from insights.storage.repository import Repository
from tests.language.chat_server import ChatServer, Raw, Reply, completion

NOW = datetime(2026, 11, 26, tzinfo=UTC)
TEXTS = [f"the export of list {number} hangs" for number in range(200)]
SMALL, LARGE = "small", "large"

Body = dict[str, Any]
Answer = Callable[[Body], Reply | Raw]


class Nobody:
    """A desk that is never asked."""

    name = "openai:nobody"
    product = "Crateline"
    question = Desk.question


class Waits(list[float]):
    """Stands in for sleeping."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def a_desk(
    repository: Repository,
    server: ChatServer | str,
    *,
    sleep: Callable[[float], None] | None = None,
    now: datetime = NOW,
    **options: Any,
) -> Desk:
    given = {
        "model": f"openai:{SMALL}",
        "base_url": server if isinstance(server, str) else server.base_url,
        "timeout_seconds": 10,
        "concurrency": 1,
        "audit_share": 0,
    } | options
    desk = desk_for(
        Settings(product=Product(name="Crateline"), language=Language.model_validate(given)),
        answers=repository.answers,
        calls=repository.calls,
        now=now,
        sleep=sleep if sleep is not None else Waits(),
    )
    assert desk is not None
    return desk


Texts = Sequence[str]


def a_question(texts: Texts) -> Question[Texts]:
    return Desk.question(Nobody(), "tell_kind", texts, texts)  # type: ignore[arg-type]


def kinds_task(**changes: Any) -> Task[Texts, KindsDraft]:
    """What do these remarks do? Asked in halves down to one remark; holds where the model is sure of all."""
    options = {
        "halves": lambda asked: [a_question(half) for half in halved(asked.subject)] if len(asked.subject) > 1 else (),
        "holds": lambda _, said: all(one.sure for one in said.kinds),
    } | changes
    return Task(stage="kinds", prompt="tell_kind", output=KindsDraft, **options)


def tell(desk: Desk, texts: Texts, *, size: int = 20, **changes: Any) -> dict[str, str]:
    """What the models say that remarks do, `size` of them a question: text -> kind; without those of no answer."""
    questions = [a_question(texts[start : start + size]) for start in range(0, len(texts), size)]
    told: dict[str, str] = {}
    for question, answered in desk.ask_many(kinds_task(**changes), questions, run_id=1):
        for one in answered.value.kinds if answered.value is not None else ():
            told[question.subject[one.item - 1]] = one.kind
    return told


def describe(desk: Desk, jobs: Sequence[Job]) -> dict[int, Described]:
    """Words for each problem."""
    background = Background.of(mention.text for job in jobs for mention in job.mentions)
    return {one.problem_id: one for one in describer_for(desk).describe_many(jobs, background=background, run_id=1)}


def outcomes(repository: Repository) -> dict[str, int]:
    """The ledger's calls by what became of them."""
    found: dict[str, int] = {}
    for one in repository.calls.of_run(1):
        found[one.outcome] = found.get(one.outcome, 0) + one.calls
    return found


# -- what is asked, and honest answers --------------------------------------------------------------------------------


def prompt_of(body: Body) -> str:
    """The question itself, without what was said about an earlier answer or a schema."""
    return str(next(one["content"] for one in body["messages"] if one["role"] == "user"))


def remarks(body: Body) -> dict[int, str]:
    """The remarks that a request shows, by number."""
    return {int(number): words for number, words in re.findall(r"^\[(\d+)\] (.*)$", prompt_of(body), re.MULTILINE)}


def canary_in(body: Body) -> str:
    found = re.search(r"Never write (\w+)\.", prompt_of(body))
    assert found is not None
    return found[1]


def all_problems(body: Body, *, kind: str = "problem", sure: bool = True, **said: Any) -> Reply:
    """Every remark shown is of one kind."""
    kinds = [{"item": number, "kind": kind, "sure": sure} for number in remarks(body)]
    return completion(json.dumps({"kinds": kinds}), **said)


def plain_words(body: Body, **said: Any) -> Reply:
    """A description that holds: a title of the first remark's words, two true quotes."""
    shown = remarks(body)
    words = " ".join(re.findall(r"[^\W\d]{3,}", shown[1])[:6])
    quotes = [{"item": number, "text": text} for number, text in list(shown.items())[:2]]
    answer = {"title": words, "summary": f"{words}. It hurts.", "quotes": quotes, "confidence": "high"}
    return completion(json.dumps(answer), **said)


def asks_for_words(body: Body) -> bool:
    """Whether a problem is to be described; else kinds are to be told."""
    return "pick the quotes" in prompt_of(body) or "- title:" in prompt_of(body)


def honest(body: Body, **said: Any) -> Reply:
    return plain_words(body, **said) if asks_for_words(body) else all_problems(body, **said)


def first_then_honest(*replies: Reply | Raw, honest: Answer = honest) -> Answer:
    """The first requests get these replies, all others an honest one. Safe from several threads."""
    left = list(replies)
    lock = threading.Lock()

    def answer(body: Body) -> Reply | Raw:
        with lock:
            if left:
                return left.pop(0)
        return honest(body)

    return answer


# -- replies that are not whole ---------------------------------------------------------------------------------------


def cut_before_the_head(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    """Hang up without a word."""


def cut_in_the_body(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    _head(handler, length=1000)
    handler.wfile.write(b'{"id": "1", "object": "chat.completion", "choi')


def dripping(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    """A byte every 50 ms for ever: no pause is long enough for the client's own time-out."""
    _head(handler, length=1_000_000)
    while not over.wait(0.05):
        handler.wfile.write(b" ")
        handler.wfile.flush()


def silent(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    over.wait()


def _head(handler: BaseHTTPRequestHandler, *, length: int) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(length))
    handler.end_headers()
