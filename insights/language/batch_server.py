"""Files and batches of one OpenAI-compatible server. Asks, and waits where a moment may help; decides nothing."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from insights.config.unproxied import unproxied
from insights.embedding.credentials import OPENAI_URL, api_key
from insights.embedding.deadline import within
from insights.embedding.refusals import retry_after, status_of
from insights.errors import InsightsError
from insights.language.batch_lines import ENDPOINT, answer_lines
from insights.language.faults import Fault, fault_of
from insights.language.models import Model

Result = TypeVar("Result")

MARK = "feedback_insights"
"""The name of our marker in a batch's metadata."""
_ENDED = ("completed", "failed", "expired", "cancelled")
_PASSING = (Fault.BUSY, Fault.SLOW, Fault.CUT, Fault.AWAY, Fault.STRANGE)
_ATTEMPTS = 3
_LONGEST_WAIT = 30.0
_TRANSFER_SECONDS = 900.0
"""For a file: 200 MB at 2 Mbit/s."""
_MOST_LISTED = 1000
"""Batches among which ours is looked for, newest first: more than an organisation makes while a process restarts."""


class BatchFault(Exception):
    """What the server did instead. `is_certain`: it did not do what it was asked."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error)[:200])
        self.fault = fault_of(error)
        self.status = status_of(error)
        self.is_certain = self.fault is Fault.AWAY or (self.status is not None and self.status < 500)
        self.is_passing = self.fault in _PASSING and self.status != 501
        self.is_too_large = self.fault is Fault.TOO_LONG or "too large" in str(error)[:2000].casefold()


@dataclass(frozen=True, slots=True)
class BatchState:
    """Where a batch stands: the server's word, its files of answers and errors, the file of questions, and the code of
    what it was refused for."""

    status: str
    results: tuple[str, ...]
    questions: str
    refused_for: str
    is_complete: bool

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come."""
        return self.status in _ENDED and self.is_complete


class BatchServer:
    """Every method raises BatchFault, or InsightsError where there is no key. The key is read at the first call."""

    def __init__(self, model: Model, *, timeout_seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
        self._model = model
        self._timeout = timeout_seconds
        self._sleep = sleep

    def probe(self) -> None:
        """Fails where the server has no batches, before anything is sent to it."""
        self._asked(lambda: _ids(self._client.batches.list(limit=1)))

    def find(self, marker: str) -> str | None:
        """The id of the batch that was made with this marker."""

        def look() -> str | None:
            for batch in islice(self._client.batches.list(limit=100), _MOST_LISTED):
                if (getattr(batch, "metadata", None) or {}).get(MARK) == marker:
                    return _id(batch)
            return None

        return self._asked(look)

    def upload(self, content: bytes) -> str:
        """The id of a new file of questions."""
        file = ("questions.jsonl", content, "application/jsonl")
        return self._asked(
            lambda: _id(self._client.files.create(file=file, purpose="batch")), seconds=_TRANSFER_SECONDS
        )

    def create(self, file_id: str, *, marker: str) -> str:
        """The id of a new batch. Asked once: after an uncertain answer it must be looked for, not made again."""
        return self._asked(
            lambda: _id(
                self._client.batches.create(
                    input_file_id=file_id, endpoint=ENDPOINT, completion_window="24h", metadata={MARK: marker}
                )
            ),
            is_repeatable=False,
        )

    def state(self, batch_id: str) -> BatchState:
        return self._asked(lambda: _state(self._client.batches.retrieve(batch_id)))

    def text(self, file_id: str) -> str:
        """What is in a file of results."""
        return self._asked(lambda: _text(self._client.files.content(file_id)), seconds=_TRANSFER_SECONDS)

    def cancel(self, batch_id: str) -> None:
        """It goes on for some minutes, and what it answered by then is in its files."""
        self._asked(lambda: self._client.batches.cancel(batch_id))

    def delete(self, file_id: str) -> None:
        self._asked(lambda: self._client.files.delete(file_id))

    # -- one request ------------------------------------------------------------------------------------------

    def _asked(self, call: Callable[[], Result], *, seconds: float | None = None, is_repeatable: bool = True) -> Result:
        attempt = 0
        while True:
            attempt += 1
            try:
                return within(seconds or self._timeout, call)
            except InsightsError:
                raise
            except Exception as error:
                fault = BatchFault(error)
                may_repeat = fault.is_passing and (is_repeatable or fault.is_certain)
                if attempt == _ATTEMPTS or not may_repeat:
                    raise fault from error
                self._sleep(_wait_for(error, attempt=attempt))

    @cached_property
    def _client(self) -> Any:
        from openai import OpenAI

        model = self._model
        key = api_key(model.base_url, provider=model.provider)
        # No retries of the client's own: it would make a batch twice where the first answer got lost.
        with unproxied(model.base_url):
            return OpenAI(api_key=key, base_url=model.base_url or OPENAI_URL, timeout=self._timeout, max_retries=0)


def _wait_for(error: Exception, *, attempt: int) -> float:
    said = retry_after(error)
    return min(2.0 ** (attempt - 1) if said is None else said, _LONGEST_WAIT)


def _ids(page: Any) -> list[str]:
    return [_id(one) for one in page.data]


def _id(made: Any) -> str:
    """Raises ValueError for an answer that is none: the client passes on whatever was sent."""
    found = getattr(made, "id", None)
    if not isinstance(found, str) or not found:
        raise ValueError("The server named no id.")
    return found


def _text(file: Any) -> str:
    """Raises ValueError for what holds no line of results: there is a file only where there is one."""
    text: str = file.content.decode("utf-8", errors="replace")
    if next(answer_lines([text]), None) is None:
        raise ValueError("The server sent no line of results.")
    return text


def _state(batch: Any) -> BatchState:
    """Some servers write "" for a file that there is not."""
    status = getattr(batch, "status", None)
    if not isinstance(status, str):
        raise ValueError("The server told no status.")
    files = (batch.output_file_id, batch.error_file_id)
    return BatchState(
        status=status,
        results=tuple(file for file in files if isinstance(file, str) and file),
        questions=str(getattr(batch, "input_file_id", "") or ""),
        refused_for=_refused_for(batch),
        # The ids of files have been seen to come a moment after the word "completed".
        is_complete=status != "completed" or bool(batch.output_file_id) or not _completed(batch),
    )


def _completed(batch: Any) -> int:
    """Requests that the server says it answered."""
    counted = getattr(getattr(batch, "request_counts", None), "completed", 0)
    return counted if isinstance(counted, int) else 0


def _refused_for(batch: Any) -> str:
    """The first error's code, if it is a plain word: it goes into a note."""
    errors = getattr(getattr(batch, "errors", None), "data", None) or []
    code = str(getattr(errors[0], "code", "") or "") if errors else ""
    return code if code.isascii() and code.replace("_", "").isalnum() and len(code) <= 40 else ""
