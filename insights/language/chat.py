"""One chat model of any provider, through LangChain. Asks; says nothing about what went wrong but by its exceptions.

Nothing is traced or sent anywhere but to the model's own server.
"""

import json
import os
import time
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

from pydantic import BaseModel

from insights.config.unproxied import unproxied
from insights.embedding.credentials import OPENAI_URL, api_key
from insights.embedding.deadline import within
from insights.errors import InsightsError
from insights.language.models import Model

_OWN_URLS = {"anthropic": "https://api.anthropic.com"}
"""Of providers whose client would take another from the environment."""
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

    def __init__(self, model: Model, *, timeout_seconds: float, answer_tokens: int) -> None:
        self._model = model
        self._timeout = timeout_seconds
        self._answer_tokens = answer_tokens
        self._lock = Lock()
        self._made: dict[type[BaseModel] | None, Any] = {}
        self.takes_schema = True
        """False once the server has refused one: then the schema stands in the prompt."""

    def prepare(self) -> None:
        """Make the client: reads the key and loads libraries, which takes seconds that are none of the server's."""
        self._client(None)

    def ask(self, messages: list[tuple[str, str]], output: type[BaseModel]) -> Said:
        """Raises whatever the client raises; TimeoutError where the answer is not whole in time, however busily the
        server drips."""
        # Read once: another thread may learn meanwhile that the server takes no schema.
        takes_schema = self.takes_schema
        client = self._client(output if takes_schema else None)
        shown = messages if takes_schema else _with_schema(messages, output)
        from openai import ContentFilterFinishReasonError, LengthFinishReasonError

        try:
            return _said(within(self._timeout, lambda: client.invoke(shown)))
        except (LengthFinishReasonError, ContentFilterFinishReasonError) as error:
            # The client raises on an answer that was cut off, though it was given and is paid for.
            completion = getattr(error, "completion", None)
            if completion is None:
                raise
            return _cut_off(completion)

    def _client(self, output: type[BaseModel] | None) -> Any:
        """One that asks for this type; None: for none."""
        with self._lock:
            if None not in self._made:
                self._made[None] = self._make()
            if output is not None and output not in self._made:
                self._made[output] = self._bound(self._made[None], output)
            return self._made[output]

    def _bound(self, client: Any, output: type[BaseModel]) -> Any:
        # The schema, not the type: given a type, the client raises on an answer that does not fit, and what it cost
        # is lost. LangChain's own parser, of which we use nothing, takes longer than all else that is done with an
        # answer until it is stored: what is not stored when a process dies is paid twice.
        if self._model.speaks_openai:
            return client.bind(response_format=response_format(output))
        return client.with_structured_output(schema_of(output), include_raw=True)

    def _make(self) -> Any:
        # Tracing would send customers' words to a third party; the variables count only before the import.
        os.environ.update(dict.fromkeys(_TRACING, "false"))
        from langchain.chat_models import init_chat_model

        model = self._model
        options = self._of_openai() if model.speaks_openai else self._of_others()
        try:
            with unproxied(str(options.get("base_url", ""))):
                made = init_chat_model(
                    model.model,
                    model_provider="openai" if model.speaks_openai else model.provider,
                    api_key=api_key(model.base_url, provider=model.provider),
                    timeout=self._timeout,
                    max_retries=0,
                    **options,
                )
                _ = getattr(made, "_client", None)  # Anthropic's is made only where it is asked for
                return made
        except ImportError as error:
            raise InsightsError(
                f"Models of {model.provider!r} need a package that is not installed: {error}.",
                remedy=f"Install langchain-{model.provider}, or use openai:MODEL with base_url of a compatible server.",
            ) from error
        except (ValueError, TypeError) as error:
            raise InsightsError(
                f"{model.name!r} is no model that can be used: {_first_line(error)}",
                remedy="Write openai:MODEL, ollama:MODEL, anthropic:MODEL or another provider that LangChain knows.",
            ) from error

    def _of_openai(self) -> dict[str, Any]:
        # Servers of others know max_tokens, OpenAI's newer models only max_completion_tokens.
        longest = (
            {"extra_body": {"max_tokens": self._answer_tokens}}
            if self._model.base_url
            else {"max_tokens": self._answer_tokens}
        )
        return {"base_url": self._model.base_url or OPENAI_URL, "use_responses_api": False, **longest}

    def _of_others(self) -> dict[str, Any]:
        # Words go where the settings say: an address there is not passed over, and none is taken from the environment.
        url = self._model.base_url or _OWN_URLS.get(self._model.provider, "")
        return {"max_tokens": self._answer_tokens, **({"base_url": url} if url else {})}


@cache
def schema_of(output: type[BaseModel]) -> dict[str, Any]:
    """Made once for each type, and not to be changed."""
    return output.model_json_schema()


def response_format(output: type[BaseModel]) -> dict[str, Any]:
    """The strict schema as OpenAI's protocol takes it."""
    from langchain_core.utils.function_calling import convert_to_openai_function

    function = convert_to_openai_function(schema_of(output), strict=True)
    function["schema"] = function.pop("parameters")
    return {"type": "json_schema", "json_schema": function}


class Turns:
    """Spreads calls evenly: no more than so many in a minute, whoever calls; 0 is no limit."""

    def __init__(self, per_minute: int) -> None:
        self._gap = 60 / per_minute if per_minute else 0.0
        self._next = 0.0
        self._lock = Lock()

    def take(self) -> float:
        """Take the next turn: the seconds until then."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        return turn - now


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]


def _with_schema(messages: list[tuple[str, str]], output: type[BaseModel]) -> list[tuple[str, str]]:
    schema = json.dumps(schema_of(output), sort_keys=True)
    return [("system", f"Answer with one JSON object by this schema, and nothing else: {schema}"), *messages]


def _cut_off(completion: Any) -> Said:
    """What OpenAI's client raised on, as far as it was said."""
    choice, used = completion.choices[0], completion.usage
    return Said(
        text=choice.message.content or "",
        tokens_in=used.prompt_tokens if used else 0,
        tokens_out=used.completion_tokens if used else 0,
        why_ended=choice.finish_reason,
        refusal=getattr(choice.message, "refusal", None) or "",
    )


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
