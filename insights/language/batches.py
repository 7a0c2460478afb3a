"""Answer many questions ahead as one batch, at half the price: send it, wait, keep what comes, give up in time.

Nothing is paid twice. A batch is put down before it is sent, and one of which no answer came back is looked for at the
server by its marker. What is under way is asked in no other way, and what a killed run had sent is collected by the
next. Only one process at a time may use it on one database: the caller holds the run's lock.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta

from pydantic import BaseModel

from insights.config import Language
from insights.language import answers as known_types
from insights.language.batch_collecting import Collector
from insights.language.batch_pending import SETTLES, Clock, Pending, Questions
from insights.language.batch_sending import FEWEST, Asked, Limits, Sender
from insights.language.batch_server import BatchFault, BatchServer, BatchState
from insights.language.completions import Completions, Purpose
from insights.language.faults import Fault
from insights.language.questions import Answers
from insights.language.spend import Ledger, NoMoreCalls
from insights.storage.batches import BatchStore, SentBatch

_FIRST_WAIT, _GROWTH, _LONGEST_WAIT = 5.0, 1.5, 300.0
"""Seconds between two looks: small batches take a minute or two, large ones hours."""
_CANCEL_SECONDS, _CANCEL_WAIT = 900.0, 15.0
"""A cancelled batch takes up to ten minutes to come to rest."""


class Batches:
    """The batches of one model, for one run; what it leaves behind is in the store."""

    def __init__(
        self,
        small: Completions,
        settings: Language,
        *,
        answers: Answers,
        store: BatchStore,
        ledger: Ledger,
        clock: Clock,
        limits: Limits | None = None,
    ) -> None:
        self._small = small
        self._hours = settings.batch_hours
        self._answers = answers
        self._ledger = ledger
        self._clock = clock
        self._name = str(small.parameters["server"])
        self._server = BatchServer(small.model, timeout_seconds=settings.timeout_seconds, sleep=clock.sleep)
        self._collector = Collector(small, answers=answers, store=store, ledger=ledger)
        self._pending = Pending(
            small.model, name=self._name, server=self._server, store=store, ledger=ledger, clock=clock
        )
        self._sender = Sender(
            small,
            settings,
            server=self._server,
            pending=self._pending,
            ledger=ledger,
            clock=clock,
            limits=limits or Limits(),
        )
        self._types: dict[str, type[BaseModel]] = {}
        self._given_up: set[str] = set()
        self._sends = settings.batch_hours > 0
        """False once a batch failed or was too slow: then the run goes on without."""

    def fetch(
        self, questions: Questions, output: type[BaseModel], *, purpose: Purpose, share: float
    ) -> Collection[str]:
        """Have a batch answer what is not answered, and wait for it. Gives back the keys of what a batch may still
        answer: asking that in another way would pay twice. Raises InsightsError for a refused key."""
        self._types[output.__name__] = output
        asked = Asked(questions, output, purpose, share)
        self._collect_earlier(run_id=purpose.run_id)
        self._send(asked)
        self._wait(asked)
        held = self._pending.keys_of(questions)
        if held:
            self._ledger.note(f"{len(held)} questions wait for their batch at {self._name}: the next run collects it.")
        return held

    def _collect_earlier(self, *, run_id: int | None) -> None:
        """What earlier runs sent, whether it is asked now or not."""
        for batch in self._pending.all():
            if batch.id is None:
                self._pending.resolve(batch)
        for batch in self._pending.all():
            if batch.id is not None:
                self._look(batch, run_id=run_id)
        self._pending.owe()

    def _send(self, asked: Asked) -> None:
        held = self._pending.keys_of(asked.questions)
        left = [key for key in self._unanswered(asked.questions) if key not in held]
        if not self._sends or self._small.is_closed or len(left) < FEWEST:
            return
        try:
            self._sender.send(left, asked)
        except NoMoreCalls as why:
            self._ledger.note(str(why))
        except BatchFault as fault:
            self._sends = False
            self._ledger.note(self._in_words(fault))

    def _unanswered(self, keys: Iterable[str]) -> list[str]:
        return [key for key in keys if self._answers.get(key) is None]

    # -- waiting ----------------------------------------------------------------------------------------------

    def _wait(self, asked: Asked) -> None:
        """Until the batches with these questions have ended or were given up."""
        pause = _FIRST_WAIT
        while awaited := self._awaited(asked.questions):
            overdue = [batch for batch in awaited if self._seconds_left(batch) <= 0]
            if overdue:
                self._give_up(overdue, asked)
                continue
            self._clock.sleep(min(pause, *map(self._seconds_left, awaited)))
            pause = min(pause * _GROWTH, _LONGEST_WAIT)
            for batch in awaited:
                self._look(batch, run_id=asked.purpose.run_id)

    def _awaited(self, questions: Questions) -> list[SentBatch]:
        return [
            batch
            for batch in self._pending.all()
            if batch.marker not in self._given_up and not questions.keys().isdisjoint(batch.canaries)
        ]

    def _seconds_left(self, batch: SentBatch) -> float:
        return (timedelta(hours=self._hours) - self._pending.age(batch)).total_seconds()

    def _give_up(self, batches: list[SentBatch], asked: Asked) -> None:
        """Cancel, then collect what was answered by then: the rest is free to be asked at full price. A server that is
        so slow tonight is sent no further batch."""
        self._sends = False
        markers = {batch.marker for batch in batches}
        self._given_up |= markers
        for batch in batches:
            self._cancel(batch)
        until = self._clock.now() + timedelta(seconds=_CANCEL_SECONDS)
        while self._clock.now() < until and self._are_under_way(markers, run_id=asked.purpose.run_id):
            self._clock.sleep(_CANCEL_WAIT)
        self._note_given_up({key for batch in batches for key in batch.canaries if key in asked.questions}, asked)

    def _cancel(self, batch: SentBatch) -> None:
        try:
            if batch.id is not None:
                self._server.cancel(batch.id)
        except BatchFault as fault:  # such as: it has ended in this very moment
            self._pending.refuse_login(fault)

    def _are_under_way(self, markers: set[str], *, run_id: int | None) -> bool:
        """Whether one of them still is, after a look at each."""
        for batch in self._pending.all():
            if batch.marker in markers:
                self._look(batch, run_id=run_id)
        return any(batch.marker in markers for batch in self._pending.all())

    # -- collecting -------------------------------------------------------------------------------------------

    def _look(self, batch: SentBatch, *, run_id: int | None) -> None:
        """Collect a batch that has ended. One that cannot be looked at stays for the next time, within bounds."""
        if batch.id is None:
            self._pending.resolve(batch)
            return
        try:
            state = self._server.state(batch.id)
            if state.has_ended:
                self._collect(batch, state, run_id=run_id)
            elif self._pending.is_hopeless(batch):
                self._pending.end(batch)
        except BatchFault as fault:
            self._pending.refuse_login(fault)
            # One just made is not known in every corner of a large server.
            is_gone = fault.fault is Fault.GONE and self._pending.age(batch) > SETTLES
            if is_gone or self._pending.is_hopeless(batch):
                self._ledger.note(f"{self._name} no longer knows a batch of {len(batch.canaries)} questions.")
                self._pending.end(batch)

    def _collect(self, batch: SentBatch, state: BatchState, *, run_id: int | None) -> None:
        texts = [self._text(file) for file in state.results]
        self._collector.keep(batch, texts, output=self._type_of(batch), run_id=run_id)
        self._pending.release(batch)
        self._note_end(batch, state)
        for file in (*state.results, state.questions):
            self._delete(file)

    def _text(self, file_id: str) -> str:
        """Nothing where the server has thrown the file away."""
        try:
            return self._server.text(file_id)
        except BatchFault as fault:
            if fault.fault is not Fault.GONE:
                raise
            return ""

    def _type_of(self, batch: SentBatch) -> type[BaseModel] | None:
        """The type of its answers; None where this version of insights has it no more."""
        return self._types.get(batch.output) or getattr(known_types, batch.output, None)

    def _delete(self, file_id: str) -> None:
        """Customers' words stay with the server no longer than they must."""
        try:
            if file_id:
                self._server.delete(file_id)
        except BatchFault:
            return  # not every server has this; there, files go by themselves after some days

    # -- in words ---------------------------------------------------------------------------------------------

    def _note_given_up(self, keys: Collection[str], asked: Asked) -> None:
        held = self._pending.keys_of(asked.questions)
        free = sum(key not in held for key in self._unanswered(keys))
        if free:
            self._ledger.note(
                f"The batch was not ready after {self._hours:g} h: {free} questions were asked at full price."
            )

    def _note_end(self, batch: SentBatch, state: BatchState) -> None:
        missing, of_all = len(self._unanswered(batch.canaries)), len(batch.canaries)
        if state.status == "failed":
            self._sends = False
            why = f" ({state.refused_for})" if state.refused_for else ""
            self._ledger.note(f"{self._name} refused a batch of {of_all} questions{why}.")
        elif missing and state.status != "cancelled":
            when = " before it expired" if state.status == "expired" else ""
            self._ledger.note(f"A batch left {missing} of {of_all} questions without a usable answer{when}.")

    def _in_words(self, fault: BatchFault) -> str:
        rest = "Questions that are in no batch were asked one by one."
        if fault.fault is Fault.QUOTA:
            return f"The quota at {self._name} is spent. {rest}"
        if fault.fault is Fault.LOGIN or (fault.is_passing and fault.fault is not Fault.STRANGE):
            return f"{self._name} {fault.fault.value} when a batch was to be sent. {rest}"
        status = f" ({fault.status})" if fault.status else ""
        return f"{self._name} takes no batches{status}. {rest}"
