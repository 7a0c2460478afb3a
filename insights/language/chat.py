"""One chat model of any provider, through LangChain. Asks; says nothing about what went wrong but by its exceptions.

Nothing is traced or sent anywhere but to the model's own server.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Any, TypeVar

from pydantic import BaseModel

from insights.embedding.credentials import api_key
from insights.errors import InsightsError
from insights.language.models import Model

Result = TypeVar("Result")

_TRACING = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGCHAIN_TRACING")


@dataclass(frozen=True, slots=True)
class Said:
    """A raw answer. `why_ended` is the server's word: "stop", "length", "content_filter"; `refusal` is what a model
    says instead of an answer."""

    text: str
    tokens_in: int
    tokens_out: int
    why_ended: str
    refusal: str


class Chat:
    """Made at the first question, which is when the key is read. May be used from several threads."""

    def __init__(
        self, model: Model, *, timeout_seconds: float, answer_tokens: int, requests_per_minute: int = 0
    ) -> None:
        self._model = model
        self._timeout = timeout_seconds
        self._answer_tokens = answer_tokens
        self._per_minute = requests_per_minute
        self._lock = Lock()
        self._made: Any = None
        self.takes_schema = True
        """False once the server has refused one: then the schema stands in the prompt."""

    def ask(self, messages: list[tuple[str, str]], output: type[BaseModel]) -> Said:
        """Raises whatever the client raises; TimeoutError where the answer is not whole in time, however busily the
        server drips."""
        client = self._client()
        return _said(
            within(self._timeout, lambda: self._bound(client, output).invoke(self._with_schema(messages, output)))
        )

    def _bound(self, client: Any, output: type[BaseModel]) -> Any:
        if not self.takes_schema:
            return client
        # The schema, not the type: given a type, the client raises on an answer that does not fit, and what it cost
        # is lost.
        schema = output.model_json_schema()
        if self._model.speaks_openai:
            bound = client.with_structured_output(schema, method="json_schema", strict=True, include_raw=True)
        else:
            bound = client.with_structured_output(schema, include_raw=True)
        return bound

    def _with_schema(self, messages: list[tuple[str, str]], output: type[BaseModel]) -> list[tuple[str, str]]:
        if self.takes_schema:
            return messages
        schema = json.dumps(output.model_json_schema(), sort_keys=True)
        return [("system", f"Answer with one JSON object by this schema, and nothing else: {schema}"), *messages]

    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def _make(self) -> Any:
        # Tracing would send customers' words to a third party; the variables count only before the import.
        os.environ.update(dict.fromkeys(_TRACING, "false"))
        from langchain.chat_models import init_chat_model

        model = self._model
        options = self._of_openai() if model.speaks_openai else {"max_tokens": self._answer_tokens}
        try:
            return init_chat_model(
                model.model,
                model_provider="openai" if model.speaks_openai else model.provider,
                api_key=api_key(model.base_url, provider=model.provider),
                timeout=self._timeout,
                max_retries=0,
                rate_limiter=self._limiter(),
                **options,
            )
        except ImportError as error:
            raise InsightsError(
                f"Models of {model.provider!r} need a package that is not installed: {error}.",
                remedy=f"Install langchain-{model.provider}, or use openai:MODEL with the base_url of a compatible server.",
            ) from error
        except (ValueError, TypeError) as error:
            raise InsightsError(
                f"{model.name!r} is no model that can be used: {str(error)[:200]}",
                remedy="Write openai:MODEL, ollama:MODEL, anthropic:MODEL or another provider that LangChain knows.",
            ) from error

    def _of_openai(self) -> dict[str, Any]:
        # Servers of others know max_tokens, OpenAI's newer models only max_completion_tokens.
        longest = (
            {"extra_body": {"max_tokens": self._answer_tokens}}
            if self._model.base_url
            else {"max_tokens": self._answer_tokens}
        )
        return {"base_url": self._model.base_url or None, "use_responses_api": False, **longest}

    def _limiter(self) -> Any:
        if not self._per_minute:
            return None
        from langchain_core.rate_limiters import InMemoryRateLimiter

        return InMemoryRateLimiter(requests_per_second=self._per_minute / 60, max_bucket_size=1)


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """What `call` gives, or TimeoutError after so many seconds; a client's own time-out starts anew with every byte.
    The call is left to end by itself, in a thread that keeps nothing waiting."""
    done = Event()
    result: list[Result] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            result.append(call())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            failure.append(error)
        finally:
            done.set()

    Thread(target=work, daemon=True).start()
    if not done.wait(seconds):
        raise TimeoutError(f"no whole answer in {seconds:g} s")
    if failure:
        raise failure[0]
    return result[0]


def _said(answer: Any) -> Said:
    raw = answer["raw"] if isinstance(answer, dict) else answer
    used = getattr(raw, "usage_metadata", None) or {}
    told = getattr(raw, "response_metadata", None) or {}
    more = getattr(raw, "additional_kwargs", None) or {}
    return Said(
        text=_text_of(raw),
        tokens_in=used.get("input_tokens") or 0,
        tokens_out=used.get("output_tokens") or 0,
        why_ended=str(told.get("finish_reason") or told.get("stop_reason") or ""),
        refusal=str(more.get("refusal") or ""),
    )


def _text_of(raw: Any) -> str:
    """The answer's text; providers that answer by a tool's call put it into the call's arguments."""
    calls = getattr(raw, "tool_calls", None)
    if calls:
        return json.dumps(calls[0].get("args", {}))
    content = getattr(raw, "content", "")
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content if isinstance(part, dict))
