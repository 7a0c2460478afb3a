"""What can go wrong between us and a model's server, whatever library speaks to it, told from the exception alone."""

from enum import StrEnum

from insights.embedding.refusals import causes_of, status_of, words_of

_NAMES_OF_TIMEOUTS = ("Timeout", "TimeoutError", "TimeoutException")
_NO_CONNECTION = ("ConnectError", "ConnectionRefusedError", "gaierror", "ConnectTimeout")
_QUOTA = ("insufficient_quota", "billing_hard_limit_reached", "credit balance is too low")
_TOO_LONG = (
    "context_length",
    "context length",
    "maximum context",
    "prompt is too long",
    "too many tokens",
    "context window",
    "context_size",
    "context size",
)
_FILTERED = ("content_filter", "content_policy", "content policy", "content management policy")
_SCHEMA = ("response_format", "json_schema", "structured output", "structured_output", "'strict'", "grammar")
"""Not "strict" alone: it stands in "restricted", which is another refusal."""


class Fault(StrEnum):
    """Each asks for something else of the caller."""

    LOGIN = "refused the key"
    GONE = "knows no such model"
    QUOTA = "quota is spent"
    BUSY = "is overloaded"
    SLOW = "did not answer in time"
    AWAY = "cannot be reached"
    CUT = "broke off"
    TOO_LONG = "takes no prompt of this length"
    FILTERED = "does not answer for its content rules"
    NO_SCHEMA = "does not take a schema"
    BAD_REQUEST = "refused the request"
    STRANGE = "did not answer with a chat completion"


def fault_of(error: BaseException) -> Fault:
    """The fault behind an exception of any client: by status where there is one, else by what caused it."""
    status = status_of(error)
    if status is not None:
        return _of_status(status, words_of(error))
    chain = causes_of(error)
    names = {type(one).__name__ for one in chain}
    if names & set(_NO_CONNECTION) or any(isinstance(one, ConnectionRefusedError) for one in chain):
        return Fault.AWAY
    if any(name.endswith(_NAMES_OF_TIMEOUTS) for name in names):
        return Fault.SLOW
    if any("Connection" in name or name in ("ReadError", "RemoteProtocolError") for name in names):
        return Fault.CUT
    if any("ContentFilter" in name for name in names):
        return Fault.FILTERED
    return Fault.STRANGE


def _of_status(status: int, words: str) -> Fault:
    if status in (402, 429):
        return Fault.QUOTA if status == 402 or _any(_QUOTA, words) else Fault.BUSY
    if status in (408, 504):
        return Fault.SLOW
    if status >= 500:
        return Fault.BUSY
    known = {401: Fault.LOGIN, 403: Fault.LOGIN, 404: Fault.GONE, 410: Fault.GONE, 413: Fault.TOO_LONG}
    return known.get(status) or _of_words(words)


def _of_words(words: str) -> Fault:
    """A refusal (400 or the like) that says in its body what it is about."""
    for signs, fault in ((_TOO_LONG, Fault.TOO_LONG), (_FILTERED, Fault.FILTERED), (_QUOTA, Fault.QUOTA)):
        if _any(signs, words):
            return fault
    if "model" in words and ("not found" in words or "does not exist" in words or "deprecated" in words):
        return Fault.GONE
    return Fault.NO_SCHEMA if _any(_SCHEMA, words) else Fault.BAD_REQUEST


def _any(signs: tuple[str, ...], words: str) -> bool:
    return any(sign in words for sign in signs)
