"""The batches of one model that are under way, and the money that is set aside for them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from insights.embedding.credentials import key_remedy
from insights.errors import ExitCode, InsightsError
from insights.language.batch_server import BatchFault, BatchServer
from insights.language.faults import Fault
from insights.language.models import Model
from insights.language.questions import Question
from insights.language.spend import Ledger, NoMoreCalls
from insights.storage.batches import BatchStore, SentBatch

Questions = Mapping[str, Question[Any]]
"""By the keys of their answers."""

SETTLES = timedelta(minutes=1)
"""So long a server may still be at work on a request whose sender is gone."""
_LIVES = timedelta(hours=48)
"""A batch ends within 24 hours by the protocol: one that has not ended after twice that never will."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The time, and how to let seconds pass."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]


class Pending:
    """What was sent and not collected, by this run or earlier ones. Methods that ask the server raise InsightsError
    for a refused key."""

    def __init__(
        self, model: Model, *, name: str, server: BatchServer, store: BatchStore, ledger: Ledger, clock: Clock
    ) -> None:
        """`name` is the server's, as messages and answers' keys have it."""
        self._model = model
        self._name = name
        self._server = server
        self._store = store
        self._ledger = ledger
        self._clock = clock
        self._reserved: dict[str, float] = {}

    def all(self) -> list[SentBatch]:
        """Oldest first."""
        return self._store.under_way(server=self._name, model=self._model.name)

    def keys_of(self, questions: Questions) -> Collection[str]:
        """Those that a batch may still answer."""
        return {key for batch in self.all() for key in batch.canaries if key in questions}

    # -- money ------------------------------------------------------------------------------------------------

    @property
    def reserved_usd(self) -> float:
        return sum(self._reserved.values())

    def reserve(self, batch: SentBatch, *, share: float) -> None:
        """Raises NoMoreCalls where the batch may cost more than is left."""
        self._reserved[batch.marker] = self._ledger.reserve(batch.usd, share=share)

    def owe(self) -> None:
        """Set money aside for what earlier runs sent and may still be answered."""
        for batch in self.all():
            if batch.marker not in self._reserved:
                self._reserved[batch.marker] = self._owed(batch.usd)

    def _owed(self, usd: float) -> float:
        try:
            return self._ledger.reserve(usd)
        except NoMoreCalls:  # the rest of the money is owed for this batch: the ledger has closed and says so
            return 0.0

    def release(self, batch: SentBatch) -> None:
        """It has ended: what it really cost is counted."""
        self._ledger.release(self._reserved.pop(batch.marker, 0.0))

    # -- one batch --------------------------------------------------------------------------------------------

    def begin(self, batch: SentBatch) -> None:
        self._store.begin(batch)

    def acknowledge(self, batch: SentBatch, *, id: str) -> None:  # noqa: A002 - the server's word
        self._store.acknowledge(batch, id=id)

    def end(self, batch: SentBatch) -> None:
        """Nothing will come of it: its questions are free to be asked."""
        self._store.end(batch)
        self.release(batch)

    def age(self, batch: SentBatch) -> timedelta:
        return self._clock.now() - batch.sent_at

    def is_hopeless(self, batch: SentBatch) -> bool:
        return self.age(batch) > _LIVES

    def resolve(self, batch: SentBatch) -> bool:
        """Whether the server has a batch that it did not acknowledge; where that cannot be told, the batch stays."""
        young = SETTLES - self.age(batch)
        if young > timedelta(0):
            self._clock.sleep(young.total_seconds())
        try:
            found = self._server.find(batch.marker)
        except BatchFault as fault:
            self.refuse_login(fault)
            if self.is_hopeless(batch):
                self.end(batch)
            return False
        if found is None:
            self.end(batch)
            return False
        self.acknowledge(batch, id=found)
        return True

    def refuse_login(self, fault: BatchFault) -> None:
        """Raises InsightsError where the server refused the key for what it took before."""
        if fault.fault is Fault.LOGIN:
            raise InsightsError(
                f"{self._name} refused the key when a batch was to be collected.",
                remedy=key_remedy(self._model.provider),
                exit_code=ExitCode.LOGIN,
            ) from fault
