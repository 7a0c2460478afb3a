"""Ask one model one tiny question, by the way that all questions go, and say whether it works or what to do.

Sends a dozen words of our own and no customer's. What it costs is booked like any other call.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from insights.config import Language
from insights.embedding.credentials import key_remedy
from insights.errors import ExitCode, InsightsError
from insights.language.completions import REFUSED, UNREADABLE, Completions, Purpose
from insights.language.faults import Fault
from insights.language.models import OLLAMA, Model
from insights.language.spend import Ledger, NoAnswer, TooLong
from insights.storage.calls import Call, month_of

STAGE = "doctor"
PROMPT = "Answer that you are ready: set `ready` to true."


class Ping(BaseModel):
    """The smallest typed answer."""

    model_config = ConfigDict(extra="forbid")

    ready: bool = Field(description="true")


class Books(Protocol):
    """The ledger of all calls: `insights.storage.calls.CallStore`."""

    def add(self, call: Call) -> None: ...

    def spent_usd(self, *, since: datetime) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinged:
    """What came of it. `wrong` and `remedy` are empty where the model answered; `in_prompt` says that its server takes
    no schema, so that it stood in the prompt. Seconds are of the last answer, tokens and dollars of all."""

    model: Model
    server: str
    wrong: str = ""
    remedy: str = ""
    needs_login: bool = False
    in_prompt: bool = False
    seconds: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float = 0.0

    @property
    def works(self) -> bool:
        return not self.wrong


@dataclass(slots=True)
class _Heard:
    """Passes calls on to the books and remembers how each ended."""

    books: Books
    outcomes: list[str] = field(default_factory=list)

    def add(self, call: Call) -> None:
        self.outcomes.append(call.outcome)
        self.books.add(call)


def ping(
    model: Model, settings: Language, *, books: Books, now: datetime, sleep: Callable[[float], None] = time.sleep
) -> Pinged:
    """One question to one model; a server that is overloaded or slow is asked again, as in a run."""
    heard = _Heard(books)
    ledger = Ledger(settings, spent_this_month=books.spent_usd(since=month_of(now)))
    completions = Completions(model, settings, ledger=ledger, calls=heard, sleep=sleep)
    server = str(completions.parameters["server"])
    try:
        answer = completions.complete(PROMPT, Ping, purpose=Purpose(None, STAGE, "ping"))
    except InsightsError as error:
        needs_login = error.exit_code is ExitCode.LOGIN
        return Pinged(model=model, server=server, wrong=error.message, remedy=error.remedy, needs_login=needs_login)
    except NoAnswer as why:
        wrong, remedy = _what_to_do(heard.outcomes, why, model=model, server=server)
        return Pinged(model=model, server=server, wrong=wrong, remedy=remedy)
    heard.add(answer.call)
    return Pinged(
        model=model,
        server=server,
        in_prompt=Fault.NO_SCHEMA.name.lower() in heard.outcomes,
        seconds=answer.call.seconds,
        tokens_in=answer.tokens_in,
        tokens_out=answer.tokens_out,
        usd=answer.usd,
    )


def _what_to_do(outcomes: list[str], why: NoAnswer, *, model: Model, server: str) -> tuple[str, str]:
    """What is wrong and what mends it, by how the last call ended; by `why` where none was made."""
    # Without what became of a run: there is none.
    said = str(why).removesuffix(" The rest was done offline.")
    if not outcomes:
        return said, "Raise language.max_usd or language.max_usd_month: nothing may be spent now."
    ended = outcomes[-1]
    if ended.upper() in Fault.__members__:
        fault = Fault[ended.upper()]
        told = "says that the quota is spent" if fault is Fault.QUOTA else fault.value
        return f"{server} {told}.", remedy_for(fault, model)
    if isinstance(why, TooLong):
        return said, "Raise language.answer_tokens: what a model thinks before it answers counts, too."
    return said, _OF_ANSWERS.get(ended, _ANOTHER_MODEL)


def remedy_for(fault: Fault, model: Model) -> str:
    """What a person can do about it, with the settings' names for this model."""
    if fault is Fault.LOGIN:
        return key_remedy(model.provider)
    if fault is Fault.GONE and model.provider == OLLAMA:
        return f"Fetch it with `ollama pull {model.model}`, or name one that `ollama list` shows in {_setting(model)}."
    return _OF_FAULTS[fault].format(model=_setting(model), base_url=_setting(model, "base_url"))


def _setting(model: Model, key: str = "model") -> str:
    return f"language.large_{key}" if model.is_large else f"language.{key}"


_ANOTHER_MODEL = "Name another model: this one does not do what every question asks of it."

_OF_ANSWERS = {
    UNREADABLE: "Name a more able model: this one does not keep to a form, even when told what was wrong.",
    REFUSED: "Name another model: this one refuses even a harmless question.",
}

_OF_FAULTS = {
    Fault.GONE: "Name one that is there in {model}; and check {base_url}, which for most servers ends in /v1.",
    Fault.QUOTA: "Add credit or raise the limit with the provider. Until then runs are done offline.",
    Fault.BUSY: "Try again later. language.concurrency and language.requests_per_minute ask for less at once.",
    Fault.SLOW: "Try again: a model on your machine may still be loading. Or raise language.timeout_seconds, or name "
    "a smaller model.",
    Fault.AWAY: "Start the server, or check {base_url} and the network. Until then runs are done offline.",
    Fault.CUT: "Try again; where it lasts, the server's log says why.",
    Fault.TOO_LONG: "Let the server take longer prompts: its context is too short even for a dozen words. Or name "
    "another model in {model}.",
    Fault.FILTERED: "Mend the content rules with the provider: they refuse even a harmless question. Or name another "
    "model in {model}.",
    Fault.NO_SCHEMA: "Name another model in {model}: this server refuses the question with a schema and without.",
    Fault.BAD_REQUEST: "Check that {model} names a chat model, and {base_url} a server of the provider that stands "
    "before it.",
    Fault.STRANGE: "Check {base_url}: what answers there speaks no OpenAI protocol. For most servers it ends in /v1.",
}
