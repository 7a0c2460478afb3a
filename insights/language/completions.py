"""Ask a chat model for a typed answer, through LangChain, over an OpenAI-compatible server.

Waits and retries within bounds; says in words why there was no answer. Nothing is traced or sent anywhere else.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, Generic, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from insights.config import Language
from insights.embedding.credentials import KEY_REMEDY, api_key, server_name
from insights.errors import ExitCode, InsightsError
from insights.language.spend import Ledger, NoAnswer, NoMoreCalls

Output = TypeVar("Output", bound=BaseModel)

_TRACING = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGCHAIN_TRACING")
_ATTEMPTS = 3
_LONGEST_WAIT = 30.0
_ANSWER_TOKENS = 500
"""What an answer is reckoned at before it is there."""
_BYTES_PER_TOKEN = 3.0


@dataclass(frozen=True, slots=True)
class Answer(Generic[Output]):
    """A typed answer, as text for keeping, and what it took, with what a second try took."""

    value: Output
    text: str
    tokens_in: int
    tokens_out: int
    usd: float


def estimated_tokens(text: str) -> int:
    """More rather than fewer than a tokenizer counts in European languages."""
    return int(len(text.encode("utf-8", errors="replace")) / _BYTES_PER_TOKEN) + 1


class Completions:
    """One model on one server. `complete` may be called from several threads."""

    def __init__(
        self,
        settings: Language,
        *,
        ledger: Ledger,
        share: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`share` is how much of the run's money may be spent here."""
        self.model = settings.model.partition(":")[2]
        self._settings = settings
        self._ledger = ledger
        self._share = share
        self._sleep = sleep
        self._server = server_name(settings.base_url)
        self._lock = Lock()

    @property
    def parameters(self) -> dict[str, Any]:
        """What besides prompt, model and output type decides the answer."""
        return {"server": self._server, "method": "json_schema", "strict": True}

    def complete(self, prompt: str, output: type[Output]) -> Answer[Output]:
        """Raises NoAnswer for this prompt, NoMoreCalls for all that follow, InsightsError for a refused key."""
        reserved = self._ledger.reserve(estimated_tokens(prompt), _ANSWER_TOKENS, share=self._share)
        try:
            return self._asked(prompt, output)
        finally:
            self._ledger.release(reserved)

    def _asked(self, prompt: str, output: type[Output]) -> Answer[Output]:
        """The answer; one that cannot be read is sent back once with what is wrong."""
        messages: list[tuple[str, str]] = [("user", prompt)]
        tokens_in = tokens_out = 0
        usd = 0.0
        for _ in range(2):
            raw = self._sent(messages, output)
            used = getattr(raw, "usage_metadata", None) or {}
            counted = used.get("input_tokens") or 0, used.get("output_tokens") or 0
            usd += self._ledger.paid(*counted)
            tokens_in, tokens_out = tokens_in + counted[0], tokens_out + counted[1]
            text = _text_of(raw)
            try:
                value = output.model_validate_json(_without_fence(text))
            except ValidationError as error:
                messages = [*messages[:1], ("assistant", text[:2000] or "-"), ("user", _what_is_wrong(error))]
            else:
                return Answer(value, value.model_dump_json(), tokens_in, tokens_out, usd)
        raise NoAnswer("The model's answer could not be read, twice.")

    def _sent(self, messages: list[tuple[str, str]], output: type[BaseModel]) -> Any:
        """The raw message. Waits where the server asks for it, at most twice."""
        import openai

        for attempt in range(1, _ATTEMPTS + 1):
            self._ledger.called()
            try:
                return self._chat(output).invoke(messages)["raw"]
            except openai.OpenAIError as error:
                self._refuse_or_wait(error, attempt=attempt)
            except (ValueError, TypeError, LookupError, AttributeError) as error:
                # LangChain takes a completion's shape for granted; each was seen with another body.
                self._away(f"The model's server {self._server} did not answer with a chat completion.", error)
        raise AssertionError("the last attempt raises")

    def _refuse_or_wait(self, error: Exception, *, attempt: int) -> None:
        import openai

        if isinstance(error, openai.APITimeoutError):
            self._away(
                f"The model's server {self._server} did not answer in {self._settings.timeout_seconds:g} s.", error
            )
        if isinstance(error, openai.APIConnectionError):
            self._stop(f"The model's server {self._server} cannot be reached.", error)
        if not isinstance(error, openai.APIStatusError):
            self._away(f"The model's server {self._server} did not answer with a chat completion.", error)
        self._refuse(error)
        if attempt == _ATTEMPTS:
            self._away(f"The model's server {self._server} is overloaded ({error.status_code}).", error)
        self._sleep(_wait_for(error, attempt=attempt))

    def _refuse(self, error: Any) -> None:
        """Raises for every status that waiting does not mend."""
        status = error.status_code
        if status in (401, 403):
            self._ledger.close(f"{self._server} refused the key.")
            raise InsightsError(
                f"{self._server} refused the key.", remedy=KEY_REMEDY, exit_code=ExitCode.LOGIN
            ) from error
        if status == 404:
            self._stop(f"{self._server} knows no model {self.model!r}.", error)
        if status == 429 and "insufficient_quota" in (error.code, error.type):
            self._stop(f"The quota at {self._server} is spent.", error)
        if status != 429 and status < 500:
            self._away(f"The model's server {self._server} refused the request ({status}).", error)

    def _stop(self, what: str, error: Exception) -> NoReturn:
        why = f"{what} The rest was done offline."
        self._ledger.close(why)
        raise NoMoreCalls(why) from error

    def _away(self, what: str, error: Exception) -> NoReturn:
        self._ledger.failed(what)
        raise NoAnswer(what) from error

    def _chat(self, output: type[BaseModel]) -> Any:
        # The schema, not the type: given a type, the client raises on an answer that does not fit, and what it cost
        # is lost.
        schema = output.model_json_schema()
        return self._client.with_structured_output(schema, method="json_schema", strict=True, include_raw=True)

    @property
    def _client(self) -> Any:
        with self._lock:
            return self._made_client

    @cached_property
    def _made_client(self) -> Any:
        # Tracing would send customers' words to a third party; the variables count only before the import.
        os.environ.update(dict.fromkeys(_TRACING, "false"))
        from langchain_openai import ChatOpenAI
        from pydantic import SecretStr

        return ChatOpenAI(
            model=self.model,
            api_key=SecretStr(api_key(self._settings.base_url)),
            base_url=self._settings.base_url or None,
            timeout=self._settings.timeout_seconds,
            max_retries=0,
            use_responses_api=False,
        )


def _text_of(raw: Any) -> str:
    content = getattr(raw, "content", "")
    return content if isinstance(content, str) else ""


def _without_fence(text: str) -> str:
    """Some servers wrap what they were asked for in a Markdown fence."""
    plain = text.strip()
    if plain.startswith("```") and plain.endswith("```"):
        return plain.strip("`").removeprefix("json").strip()
    return plain


def _what_is_wrong(error: ValidationError) -> str:
    """Where the answer departs from the type, without repeating what it said."""
    places = [f"{'.'.join(map(str, one['loc'])) or 'the answer'}: {one['msg']}" for one in error.errors()[:5]]
    return f"This does not fit the schema ({'; '.join(places)}). Answer again, with JSON only, by the schema."


def _wait_for(error: Any, *, attempt: int) -> float:
    """Seconds: what Retry-After says, else 1, 2, …; never more than half a minute."""
    said = error.response.headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        seconds = 2.0 ** (attempt - 1)
    return min(max(seconds, 0.0), _LONGEST_WAIT)
