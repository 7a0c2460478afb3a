"""What can go wrong between us and an embedding server, told from the exception alone."""

from enum import StrEnum

from insights.embedding.refusals import causes_of, status_of, words_of


class Fault(StrEnum):
    """Each asks for something else of the caller."""

    LOGIN = "refused the key"
    GONE = "knows no such model"
    QUOTA = "says that the quota is spent"
    BUSY = "is overloaded"
    BROKEN = "failed"
    SLOW = "did not answer in time"
    AWAY = "cannot be reached"
    CUT = "broke off"
    TOO_LONG = "takes no request of this length"
    REFUSED = "refused the request"
    STRANGE = "did not answer one vector for each text"


class StrangeAnswer(ValueError):
    """A whole answer that is not one vector for each text."""


_QUOTA = ("insufficient_quota", "billing_hard_limit_reached", "credit balance")
# OpenAI says "maximum context length", for a whole request `max_tokens_per_request`, and with 429 "Request too large";
# llama.cpp "too large to process" with 500; text-embeddings-inference "must have less than 512 tokens"; others name the
# largest batch.
_TOO_LONG = (
    "context length",
    "context_length",
    "context_size",
    "max_tokens_per_request",
    "too large",
    "too long",
    "too many tokens",
    "must have less than",
    "batch size",
)
_TOO_LONG_STATUSES = (400, 413, 422, 429, 500)
_NO_CONNECTION = {"ConnectError", "ConnectTimeout", "ConnectionRefusedError", "gaierror", "UnsupportedProtocol"}
_OF_STATUS = {
    401: Fault.LOGIN,
    402: Fault.QUOTA,
    403: Fault.LOGIN,
    404: Fault.GONE,
    408: Fault.SLOW,
    410: Fault.GONE,
    413: Fault.TOO_LONG,
    429: Fault.BUSY,
    502: Fault.BUSY,
    503: Fault.BUSY,
    504: Fault.SLOW,
    529: Fault.BUSY,
}


def fault_of(error: BaseException) -> Fault:
    """The fault behind an exception of the client: by status where there is one, else by what caused it."""
    status = status_of(error)
    if status is not None:
        return _of_status(status, words_of(error))
    names = {type(one).__name__ for one in causes_of(error)}
    if names & _NO_CONNECTION:
        return Fault.AWAY
    if any(name.endswith(("Timeout", "TimeoutError")) for name in names):
        return Fault.SLOW
    return Fault.CUT if "APIConnectionError" in names else Fault.STRANGE


def _of_status(status: int, words: str) -> Fault:
    if any(sign in words for sign in _QUOTA):
        return Fault.QUOTA
    if status in _TOO_LONG_STATUSES and any(sign in words for sign in _TOO_LONG):
        return Fault.TOO_LONG
    if status in (400, 422) and "model" in words and ("not found" in words or "does not exist" in words):
        return Fault.GONE
    return _OF_STATUS.get(status) or (Fault.BROKEN if status >= 500 else Fault.REFUSED)
