"""What a server saw of a child that was killed: which questions, when, in which of its lives; and what follows."""

import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.language.chat_server import Raw, send
from tests.language.desk_builders import all_problems, remarks

_NUMBER = re.compile(r"list (\d+) ")


@dataclass
class Request:
    """One question in one life, in seconds of the monotonic clock; `written` is None until the answer has left."""

    question: int
    life: int
    received: float
    written: float | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """One run of the child: which answers were stored before it, and when it was killed; None where it came to its
    end."""

    known: frozenset[int]
    killed: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """Of one workspace. `lost`: asked although stored before. `paid_twice`: asked again although the answer had left
    the server a grace before the kill. `in_flight`: under way at a kill, or younger than the grace; `asked_again` of
    them had to be asked again. `oldest`: seconds between answer and kill, at most, where it was asked again."""

    kills: int
    requests: int
    lost: int
    paid_twice: int
    in_flight: int
    asked_again: int
    oldest: float


@dataclass
class Record:
    """Answers each question after 5 to 50 ms, and puts all down."""

    chance: random.Random
    life: int = 0
    requests: list[Request] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, body: dict[str, Any]) -> Raw:
        number = int(_NUMBER.findall(remarks(body)[1])[0])
        with self._lock:
            request = Request(number, self.life, time.monotonic())
            self.requests.append(request)
            seconds = self.chance.uniform(0.005, 0.050)
        time.sleep(seconds)

        def write(handler: BaseHTTPRequestHandler, _: threading.Event) -> None:
            send(handler, all_problems(body))
            request.written = time.monotonic()

        return write


def found_in(requests: list[Request], lives: list[Life], *, grace: float) -> Found:
    """`lives` in their order, as `Request.life` numbers them."""
    last = {request.question: request.life for request in sorted(requests, key=lambda one: one.life)}
    counts: Counter[str] = Counter()
    oldest = 0.0
    for request in requests:
        life = lives[request.life]
        counts["lost"] += request.question in life.known
        if life.killed is None:
            continue
        is_again = last[request.question] > request.life
        age = life.killed - request.written if request.written is not None else 0.0
        oldest = max(oldest, age if is_again else 0.0)
        if age >= grace:
            counts["paid_twice"] += is_again
        else:
            counts["in_flight"] += 1
            counts["asked_again"] += is_again
    return Found(
        kills=sum(life.killed is not None for life in lives),
        requests=len(requests),
        lost=counts["lost"],
        paid_twice=counts["paid_twice"],
        in_flight=counts["in_flight"],
        asked_again=counts["asked_again"],
        oldest=oldest,
    )
