"""Ask one model for a typed answer. Waits and retries within bounds; says in words why there was no answer."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event, Lock
from typing import Any, Generic, NoReturn, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from insights.config import Language
from insights.embedding.credentials import key_remedy, server_name
from insights.embedding.refusals import retry_after, status_of
from insights.errors import ExitCode, InsightsError
from insights.language.chat import Chat, Said, Turns, schema_of
from insights.language.faults import Fault, fault_of
from insights.language.models import Model
from insights.language.spend import Ledger, NoAnswer, NoMoreCalls, TooLong
from insights.storage.calls import Call

Output = TypeVar("Output", bound=BaseModel)

ANSWERED, UNREADABLE, REFUSED, LEAKED = "answered", "unreadable", "refused", "leaked"
_ATTEMPTS = {Fault.BUSY: 3, Fault.SLOW: 2, Fault.CUT: 2, Fault.NO_SCHEMA: 2}
"""How often a question may fail so before it is given up; once for every other fault."""
_LONGEST_WAIT = 30.0
_FAILURES_IN_A_ROW = 4
_BYTES_PER_TOKEN = 3.0
_CUT = ("length", "max_tokens")
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_LONGEST_SENT_BACK = 2000


class Calls(Protocol):
    """Where each call is put down: `insights.storage.calls.CallStore`."""

    def add(self, call: Call) -> None: ...


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a question is for, as the ledger names it, and a mark that no answer may hold."""

    run_id: int | None
    stage: str
    prompt: str
    canary: str = ""


@dataclass(frozen=True, slots=True)
class Answer(Generic[Output]):
    """A typed answer, as text for keeping; what it took, with what a second try took; and its entry for the ledger,
    which is put down together with the answer."""

    value: Output
    text: str
    tokens_in: int
    tokens_out: int
    usd: float
    call: Call


def estimated_tokens(text: str) -> int:
    """More rather than fewer than a tokenizer counts in European languages."""
    return int(len(text.encode("utf-8", errors="replace")) / _BYTES_PER_TOKEN) + 1


def expected_tokens(text: str) -> int:
    """About what a tokenizer counts: four bytes a token, as English prose has."""
    return len(text.encode("utf-8", errors="replace")) // 4 + 1


def most_tokens(*texts: str) -> int:
    """More than any tokenizer counts: a token stands for a byte at least."""
    return sum(len(text.encode("utf-8", errors="replace")) for text in texts)


class Completions:
    """One model on one server. `complete` may be called from several threads. What shows that no later call can
    succeed ends all calls to this model; another model goes on."""

    def __init__(
        self,
        model: Model,
        settings: Language,
        *,
        ledger: Ledger,
        calls: Calls,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.model = model
        self._settings = settings
        self._ledger = ledger
        self._calls = calls
        self._sleep = sleep
        self._server = server_name(model.base_url) if model.speaks_openai else model.base_url or model.provider
        self._chat = Chat(
            model,
            timeout_seconds=settings.timeout_seconds,
            answer_tokens=settings.answer_tokens,
        )
        self._turns = Turns(settings.requests_per_minute)
        self._ended = Event()
        self._lock = Lock()
        self._closed: str | None = None
        self._in_a_row = 0

    @property
    def is_closed(self) -> bool:
        """Whether no later call can succeed."""
        with self._lock:
            return self._closed is not None

    @property
    def parameters(self) -> dict[str, Any]:
        """What besides prompt, model and output type decides the answer."""
        return {"server": self._server, "method": "json_schema", "strict": True}

    def most_usd(self, prompt: str, output: type[BaseModel]) -> float:
        """The most that an answer can cost."""
        return self.model.usd(most_tokens(prompt, json.dumps(schema_of(output))), self._settings.answer_tokens)

    def complete(self, prompt: str, output: type[Output], *, purpose: Purpose, share: float = 1.0) -> Answer[Output]:
        """One that cannot be read is sent back once with what is wrong. Raises NoAnswer for this prompt, NoMoreCalls
        for all that follow, InsightsError for a refused key."""
        messages: list[tuple[str, str]] = [("user", prompt)]
        tokens_in = tokens_out = 0
        usd = 0.0
        for _ in range(2):
            said, call = self._afforded(messages, output, purpose, share=share)
            tokens_in, tokens_out, usd = tokens_in + said.tokens_in, tokens_out + said.tokens_out, usd + call.usd
            try:
                value = output.model_validate_json(without_fence(said.text))
            except ValidationError as error:
                self._calls.add(_with(call, UNREADABLE))
                if said.why_ended in _CUT:
                    raise TooLong("The model's answer was cut off.") from error
                messages = [*messages[:1], ("assistant", _sendable(said.text)), ("user", _what_is_wrong(error))]
            else:
                return Answer(value, value.model_dump_json(), tokens_in, tokens_out, usd, call)
        raise NoAnswer("The model's answer could not be read, twice.")

    # -- one request ------------------------------------------------------------------------------------------

    def _afforded(
        self, messages: list[tuple[str, str]], output: type[BaseModel], purpose: Purpose, *, share: float
    ) -> tuple[Said, Call]:
        """Sent with the most that it can cost set aside; a second try is a request of its own."""
        reserved = self._ledger.reserve(self.most_usd(_texts(messages), output), share=share)
        try:
            return self._sent(messages, output, purpose)
        finally:
            self._ledger.release(reserved)

    def _sent(self, messages: list[tuple[str, str]], output: type[BaseModel], purpose: Purpose) -> tuple[Said, Call]:
        """What the model said, and the entry for the ledger. Waits where the server asks for it."""
        tried: Counter[Fault] = Counter()
        while True:
            self._ended.wait(self._turns.take())
            self._refuse_closed()
            self._ledger.called()
            self._chat.prepare()
            begun = time.monotonic()
            try:
                said = _reckoned(self._chat.ask(messages, output), messages)
            except InsightsError:
                raise
            except Exception as error:
                fault = fault_of(error)
                tried[fault] += 1
                self._calls.add(self._call(purpose, fault.name.lower(), seconds=time.monotonic() - begun))
                self._refuse_or_wait(fault, error, attempt=tried[fault])
            else:
                return said, self._heard(said, purpose, seconds=time.monotonic() - begun)

    def _heard(self, said: Said, purpose: Purpose, *, seconds: float) -> Call:
        """Count what was paid. Raises NoAnswer for what is no answer."""
        usd = self.model.usd(said.tokens_in, said.tokens_out)
        self._ledger.paid(usd, tokens_in=said.tokens_in, tokens_out=said.tokens_out)
        with self._lock:
            self._in_a_row = 0
        call = self._call(purpose, ANSWERED, said=said, usd=usd, seconds=seconds)
        outcome, why = not_said(said, canary=purpose.canary)
        if outcome:
            self._calls.add(_with(call, outcome))
            raise NoAnswer(why)
        return call

    def _call(
        self, purpose: Purpose, outcome: str, *, seconds: float, said: Said | None = None, usd: float = 0.0
    ) -> Call:
        return Call(
            run_id=purpose.run_id,
            stage=purpose.stage,
            model=self.model.name,
            prompt=purpose.prompt,
            outcome=outcome,
            tokens_in=said.tokens_in if said else 0,
            tokens_out=said.tokens_out if said else 0,
            usd=usd,
            seconds=round(seconds, 3),
        )

    # -- what went wrong --------------------------------------------------------------------------------------

    def _refuse_or_wait(self, fault: Fault, error: Exception, *, attempt: int) -> None:
        """Raises for what waiting does not mend, and when it was waited often enough."""
        self._refuse(fault, error)
        if fault is Fault.NO_SCHEMA:
            self._chat.takes_schema = False
        if attempt >= _ATTEMPTS.get(fault, 1):
            self._away(self._in_words(fault, error), error)
        if fault is Fault.BUSY:
            self._sleep(_wait_for(error, attempt=attempt))

    def _refuse(self, fault: Fault, error: Exception) -> None:
        if fault is Fault.LOGIN:
            self._close(f"{self._server} refused the key.")
            raise InsightsError(
                f"{self._server} refused the key.",
                remedy=key_remedy(self.model.provider),
                exit_code=ExitCode.LOGIN,
            ) from error
        if fault is Fault.GONE:
            self._stop(f"{self._server} knows no model {self.model.model!r}.", error)
        if fault is Fault.QUOTA:
            self._stop(f"The quota at {self._server} is spent.", error)
        if fault is Fault.AWAY:
            self._stop(f"The model's server {self._server} cannot be reached.", error)
        if fault is Fault.TOO_LONG:
            raise TooLong("The prompt is longer than the model takes.") from error
        if fault is Fault.FILTERED:
            raise NoAnswer("The model's content filter refused a prompt.") from error

    def _in_words(self, fault: Fault, error: Exception) -> str:
        server, status = f"The model's server {self._server}", status_of(error)
        if fault is Fault.SLOW:
            return f"{server} did not answer in {self._settings.timeout_seconds:g} s."
        if fault is Fault.BUSY:
            return f"{server} is overloaded ({status})."
        if fault is Fault.CUT:
            return f"{server} broke off."
        if fault in (Fault.BAD_REQUEST, Fault.NO_SCHEMA):
            return f"{server} refused the request ({status})."
        return f"{server} did not answer with a chat completion."

    def _refuse_closed(self) -> None:
        with self._lock:
            if self._closed is not None:
                raise NoMoreCalls(self._closed)

    def _close(self, why: str) -> None:
        with self._lock:
            self._closed = self._closed or why
        self._ended.set()

    def _stop(self, what: str, error: Exception) -> NoReturn:
        why = f"{what} The rest was done offline."
        self._close(why)
        raise NoMoreCalls(why) from error

    def _away(self, what: str, error: Exception) -> NoReturn:
        """A call without an answer. Some in a row end the calls: each costs a time-out."""
        with self._lock:
            self._in_a_row += 1
            is_last = self._in_a_row >= _FAILURES_IN_A_ROW
        if is_last:
            self._stop(what, error)
        raise NoAnswer(what) from error


def not_said(said: Said, *, canary: str) -> tuple[str, str]:
    """What is no answer: the outcome for the ledger and the words for people; empty for an answer."""
    if said.refusal or said.why_ended == "refusal":  # OpenAI's way, and Anthropic's
        return REFUSED, "The model refused a prompt."
    if said.why_ended == "content_filter":
        return Fault.FILTERED.name.lower(), "The model's content filter cut an answer."
    if canary and canary in _JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)), said.text).casefold():
        return LEAKED, "The model repeated its instructions instead of answering; a remark may have told it to."
    return "", ""


def _texts(messages: list[tuple[str, str]]) -> str:
    return "".join(text for _, text in messages)


def _reckoned(said: Said, messages: list[tuple[str, str]]) -> Said:
    """With tokens counted by us where the server tells none: else no money would ever be spent."""
    if said.tokens_in or said.tokens_out:
        return said
    return replace(said, tokens_in=estimated_tokens(_texts(messages)), tokens_out=estimated_tokens(said.text))


def _with(call: Call, outcome: str) -> Call:
    return replace(call, outcome=outcome)


def without_fence(text: str) -> str:
    """Some servers wrap what they were asked for in a Markdown fence."""
    plain = text.strip()
    if plain.startswith("```") and plain.endswith("```"):
        return plain.strip("`").removeprefix("json").strip()
    return plain


def _sendable(text: str) -> str:
    """The beginning of an answer, without the halves of characters that no request can hold."""
    return text[:_LONGEST_SENT_BACK].encode("utf-8", errors="replace").decode() or "-"


def _what_is_wrong(error: ValidationError) -> str:
    """Where the answer departs from the type, without repeating what it said."""
    places = [f"{'.'.join(map(str, one['loc'])) or 'the answer'}: {one['msg']}" for one in error.errors()[:5]]
    return f"This does not fit the schema ({'; '.join(places)}). Answer again, with JSON only, by the schema."


def _wait_for(error: Exception, *, attempt: int) -> float:
    """Seconds: what Retry-After says, else 1, 2, …; never more than half a minute."""
    said = retry_after(error)
    return min(2.0 ** (attempt - 1) if said is None else said, _LONGEST_WAIT)
