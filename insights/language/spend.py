"""What a run may cost, what it did cost, and whether more calls make sense. Safe to use from several threads."""

from dataclasses import replace
from threading import Lock

from insights.config import Language
from insights.language.jobs import Totals

_MILLION = 1_000_000
_FAILURES_IN_A_ROW = 3


class NoAnswer(Exception):
    """The model gave no usable answer to one prompt; says why."""


class NoMoreCalls(NoAnswer):
    """No further call is made in this run; says why."""


class Ledger:
    """Counts calls, tokens and money of one run, and closes when there is no sense in going on."""

    def __init__(self, settings: Language) -> None:
        self._settings = settings
        self._totals = Totals()
        self._reserved = 0.0
        self._dearest = 0.0
        self._in_a_row = 0
        self._closed: str | None = None
        self._lock = Lock()

    @property
    def totals(self) -> Totals:
        with self._lock:
            return replace(self._totals)

    def usd(self, tokens_in: int, tokens_out: int) -> float:
        """What so many tokens cost by the settings' prices."""
        price = self._settings
        return (tokens_in * price.usd_per_million_input + tokens_out * price.usd_per_million_output) / _MILLION

    def reserve(self, tokens_in: int, tokens_out: int, *, share: float = 1.0) -> float:
        """Set money aside for a call, as much as the dearest so far took, so that calls at the same time do not
        overspend together. Who may spend but a `share` leaves the rest to others. Raises NoMoreCalls."""
        with self._lock:
            usd = max(self.usd(tokens_in, tokens_out), self._dearest)
            wanted = self._totals.usd + self._reserved + usd
            if self._closed is None and wanted > self._settings.max_usd:
                self._close(
                    f"Model calls stopped at ${self._totals.usd:.2f}: language.max_usd is "
                    f"${self._settings.max_usd:.2f}. The rest was done offline."
                )
            if self._closed is not None:
                raise NoMoreCalls(self._closed)
            if wanted > self._settings.max_usd * share:
                raise NoMoreCalls(
                    f"Second opinions stopped at ${self._totals.usd:.2f}: the rest of language.max_usd "
                    f"(${self._settings.max_usd:.2f}) is kept for describing problems."
                )
            self._reserved += usd
        return usd

    def release(self, usd: float) -> None:
        """Give back what was set aside; what was really spent is counted by `paid`."""
        with self._lock:
            self._reserved -= usd

    def called(self) -> None:
        """Count a request that is about to be sent. Raises NoMoreCalls when another thread has seen the end."""
        with self._lock:
            if self._closed is not None:
                raise NoMoreCalls(self._closed)
            self._totals.calls += 1

    def paid(self, tokens_in: int, tokens_out: int) -> float:
        """Count an answer, whatever it is worth; says what it cost."""
        usd = self.usd(tokens_in, tokens_out)
        with self._lock:
            self._totals.tokens_in += tokens_in
            self._totals.tokens_out += tokens_out
            self._totals.usd += usd
            self._dearest = max(self._dearest, usd)
            self._in_a_row = 0
        return usd

    def failed(self, what: str) -> None:
        """A call without an answer. Three in a row close the ledger: each costs a timeout."""
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row >= _FAILURES_IN_A_ROW:
                self._close(f"{what} The rest was done offline.")

    def close(self, why: str) -> None:
        """No more calls in this run."""
        with self._lock:
            self._close(why)

    def note(self, failure: str) -> None:
        """Keep a failure in words, once."""
        with self._lock:
            self._note(failure)

    def count(self, *, recalled: int = 0, quotes_dropped: int = 0) -> None:
        with self._lock:
            self._totals.recalled += recalled
            self._totals.quotes_dropped += quotes_dropped

    def _close(self, why: str) -> None:
        if self._closed is None:
            self._closed = why
            self._note(why)

    def _note(self, failure: str) -> None:
        """Once; one that says more takes the place of one that says less."""
        known = self._totals.failures
        if not any(other.startswith(failure) for other in known):
            kept = tuple(other for other in known if not failure.startswith(other))
            self._totals.failures = (*kept, failure)
