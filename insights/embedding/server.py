"""One embedding model on one server: ask for the vectors of a few texts, wait and retry within bounds, and believe no
strange answer. Sends text to the address in the settings, and only there."""

import json
from collections.abc import Callable
from concurrent.futures import CancelledError
from functools import cached_property
from itertools import count
from threading import Event, Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.config.unproxied import unproxied
from insights.embedding.credentials import KEY_REMEDY, OPENAI_URL, api_key, server_name
from insights.embedding.deadline import within
from insights.embedding.faults import Fault, StrangeAnswer, fault_of
from insights.embedding.refusals import retry_after, status_of
from insights.errors import ExitCode, InsightsError
from insights.ports import Vectors

HARMLESS = "size"
"""A text that every embedding server takes: tells how long vectors are, and whether it is a text or the server that
fails."""
_ATTEMPTS = {Fault.BUSY: 6, Fault.BROKEN: 3, Fault.CUT: 3, Fault.SLOW: 2, Fault.AWAY: 2, Fault.STRANGE: 2}
"""How often the same texts are sent where it fails so; once for every other fault."""
_AT_ONCE = (Fault.SLOW, Fault.STRANGE)
_OF_THE_SERVER = (Fault.LOGIN, Fault.GONE, Fault.QUOTA, Fault.BUSY, Fault.AWAY)
"""No other texts would fare better."""
_LONGEST_WAIT = 60.0
"""Seconds. Limits of a rate are told by the minute."""


class NotTaken(Exception):
    """These texts have no answer; fewer of them, or others, may have one."""

    def __init__(self, fault: Fault, status: int | None) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.status = status


class EmbeddingServer:
    """`ask` may be called from several threads."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str,
        key: str | None,
        timeout_seconds: float,
        sleep: Callable[[float], object] | None,
    ) -> None:
        """`key` None is looked up at the first call; nothing is sent before it. `sleep` None waits, and ends to wait
        where the work is over."""
        self.name = server_name(base_url)
        self._model, self._base_url, self._key = model, base_url, key
        self._timeout = timeout_seconds
        self._sleep = sleep
        self._lock = Lock()
        self.dimensions: int | None = None
        """Told by the first answer, or by who knows it; answers of another length are not believed."""
        self.tokens_used = 0
        """What the server counted; 0 where it does not tell."""

    def ask(self, texts: list[str], *, over: Event) -> Vectors:
        """Shape (texts, dimensions), all finite, in their order. Raises NotTaken; InsightsError where no other texts
        would fare better; CancelledError once `over` is set."""
        import openai

        client = self._client
        for attempt in count(1):
            if over.is_set():
                raise CancelledError
            try:
                answer = within(self._timeout, lambda: _create(client, self._model, texts))
                return self._believed(answer, asked=len(texts))
            except (openai.OpenAIError, TimeoutError, ValueError) as error:
                self._refuse_or_wait(error, attempt=attempt, over=over)
        raise AssertionError("never reached")

    def blame(self, why: NotTaken, *, over: Event) -> None:
        """Return where the server answers for a harmless text: what failed was due to the texts. Raises InsightsError
        where it does not."""
        try:
            self.ask([HARMLESS], over=over)
        except NotTaken as also:
            raise self._in_words(also.fault, also.status) from why

    # -- one request ------------------------------------------------------------------------------------------

    @cached_property
    def _client(self) -> Any:
        from openai import OpenAI

        key = self._key or api_key(self._base_url)
        with unproxied(self._base_url):
            return OpenAI(api_key=key, base_url=self._base_url or OPENAI_URL, timeout=self._timeout, max_retries=0)

    def _believed(self, answer: Any, *, asked: int) -> Vectors:
        """Also a strange answer was paid for, so its tokens count. Raises StrangeAnswer."""
        with self._lock:
            self.tokens_used += _tokens_of(answer)
        rows = _rows_of(answer, asked=asked)
        with self._lock:
            if self.dimensions is None:
                self.dimensions = rows.shape[1]
            if rows.shape[1] != self.dimensions:
                raise StrangeAnswer(f"{rows.shape[1]} numbers instead of {self.dimensions}")
        return rows

    # -- what went wrong --------------------------------------------------------------------------------------

    def _refuse_or_wait(self, error: Exception, *, attempt: int, over: Event) -> None:
        """Raises for what waiting does not mend, and when it was waited often enough."""
        fault, status = fault_of(error), status_of(error)
        if attempt >= _ATTEMPTS.get(fault, 1):
            if fault in _OF_THE_SERVER:
                raise self._in_words(fault, status) from error
            raise NotTaken(fault, status) from error
        if fault not in _AT_ONCE:
            wait = over.wait if self._sleep is None else self._sleep
            wait(_wait_for(error, attempt=attempt))

    def _in_words(self, fault: Fault, status: int | None) -> InsightsError:
        what = {
            Fault.LOGIN: f"{self.name} refused the key.",
            Fault.GONE: f"{self.name} knows no embedding model {self._model!r}.",
            Fault.QUOTA: f"The quota at {self.name} is spent.",
            Fault.SLOW: f"The embedding server {self.name} did not answer in {self._timeout:g} s.",
            Fault.STRANGE: f"The embedding server {self.name} did not answer one vector{self._length} for each text.",
        }
        told = f" ({status})" if status else ""
        return InsightsError(
            what.get(fault, f"The embedding server {self.name} {fault.value}{told}."),
            remedy=_remedy(fault, self._model),
            exit_code=ExitCode.LOGIN if fault is Fault.LOGIN else ExitCode.ERROR,
        )

    @property
    def _length(self) -> str:
        return f" of {self.dimensions} numbers" if self.dimensions else ""


def _create(client: Any, model: str, texts: list[str]) -> Any:
    """The answer's JSON. The client would make an object of every number: eight times the time (128 rows of 1,536 in
    0.38 s instead of 0.05)."""
    raw = client.embeddings.with_raw_response.create(model=model, input=texts, encoding_format="float")
    return json.loads(raw.content)


def _tokens_of(answer: Any) -> int:
    usage = answer.get("usage") if isinstance(answer, dict) else None
    used = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    return used if isinstance(used, int) else 0


def _rows_of(answer: Any, *, asked: int) -> Vectors:
    """The rows by their index. A server that answers too few of them, rows of different lengths or what is no number
    is not believed."""
    try:
        data = sorted(answer["data"], key=lambda row: row["index"])
        places = [row["index"] for row in data]
        with np.errstate(over="ignore"):  # what is too large for 32 bits becomes infinite, and is refused below
            rows: NDArray[np.float32] = np.asarray([row["embedding"] for row in data], dtype=np.float32)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise StrangeAnswer("no rows of numbers") from error
    if places != list(range(asked)) or rows.ndim != 2 or not rows.shape[1] or not np.isfinite(rows).all():
        raise StrangeAnswer("not one row of numbers for each text")
    return rows


def _wait_for(error: Exception, *, attempt: int) -> float:
    """Seconds: 1, 2, 4, … or, where that is more, what the server asks for; never more than a minute."""
    return min(max(2.0 ** (attempt - 1), retry_after(error) or 0.0), _LONGEST_WAIT)


def _remedy(fault: Fault, model: str) -> str:
    if fault is Fault.LOGIN:
        return KEY_REMEDY
    if fault is Fault.QUOTA:
        return "Add credit or raise the limit there, then run again: a workspace keeps the vectors it has paid for."
    if fault is Fault.GONE:
        return "Name one that is there in embedding.embedder, and check embedding.base_url; `static` needs no server."
    if fault is Fault.STRANGE:
        return (
            f"Check that {model!r} is an embedding model there; one that was replaced by another needs another name, "
            "such as a tag. Or set embedding.embedder to static."
        )
    return "Check embedding.base_url and embedding.embedder, or run again later; `static` needs no server."
