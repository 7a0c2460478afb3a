"""What a run may cost, what it did cost, and whether more calls make sense. Safe to use from several threads."""

from dataclasses import replace
from threading import Lock

from insights.config import Language
from insights.language.jobs import Totals


class NoAnswer(Exception):
    """The model gave no usable answer to one prompt; says why."""


class TooLong(NoAnswer):
    """The prompt, or the answer that it asks for, is longer than the model takes: ask for less."""


class NoMoreCalls(NoAnswer):
    """No further call is made in this run; says why."""


class Ledger:
    """Counts calls, tokens and money of one run, and closes when the money is spent."""

    def __init__(self, settings: Language, *, spent_this_month: float = 0.0) -> None:
        """`spent_this_month` is what earlier runs cost, in dollars."""
        self._settings = settings
        self._left_of_month = settings.max_usd_month - spent_this_month
        self._totals = Totals()
        self._reserved = 0.0
        self._dearest = 0.0
        self._closed: str | None = None
        self._lock = Lock()

    @property
    def totals(self) -> Totals:
        with self._lock:
            return replace(self._totals)

    @property
    def may_spend(self) -> float:
        """Dollars that this run may cost in all: what one run may, or what is left of the month."""
        return max(min(self._settings.max_usd, self._left_of_month), 0.0)

    def reserve(self, usd: float, *, share: float = 1.0) -> float:
        """Set money aside for a call, the most that it can take, so that calls at the same time do not overspend
        together. Who may spend but a `share` leaves the rest to others. Raises NoMoreCalls."""
        with self._lock:
            usd = max(usd, self._dearest)
            wanted = self._totals.usd + self._reserved + usd
            if self._closed is None and usd and wanted > self.may_spend:
                self._close(
                    f"Model calls stopped at ${self._totals.usd:.2f}: {self._cap()}. The rest was done offline."
                )
            if self._closed is not None:
                raise NoMoreCalls(self._closed)
            if usd and wanted > self.may_spend * share:
                raise NoMoreCalls(
                    f"Second opinions and statements stopped at ${self._totals.usd:.2f}: the rest of what the run may "
                    f"cost (${self.may_spend:.2f}) is kept for describing problems."
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

    def paid(self, usd: float, *, tokens_in: int, tokens_out: int) -> None:
        """Count an answer, whatever it is worth."""
        with self._lock:
            self._totals.tokens_in += tokens_in
            self._totals.tokens_out += tokens_out
            self._totals.usd += usd
            self._dearest = max(self._dearest, usd)

    def note(self, failure: str) -> None:
        """Keep a failure in words, once."""
        with self._lock:
            self._note(failure)

    def count(self, **more: float) -> None:
        """Add to the counts of `Totals` by name."""
        with self._lock:
            for name, number in more.items():
                setattr(self._totals, name, getattr(self._totals, name) + number)

    def _cap(self) -> str:
        if self._left_of_month < self._settings.max_usd:
            return f"language.max_usd_month is ${self._settings.max_usd_month:.2f}"
        return f"language.max_usd is ${self._settings.max_usd:.2f}"

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
