"""Send questions as batches: as many as the money allows, in parts that the server takes, each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from pydantic import BaseModel

from insights.config import Language
from insights.language.batch_collecting import PRICE
from insights.language.batch_lines import in_parts, question_line
from insights.language.batch_pending import Clock, Pending, Questions
from insights.language.batch_server import BatchFault, BatchServer
from insights.language.completions import Completions, Purpose
from insights.language.questions import halved
from insights.language.spend import Ledger, NoMoreCalls
from insights.storage.batches import SentBatch

FEWEST = 8
"""Fewer are asked one by one: a batch takes minutes at best and hours at worst, to save a cent or two on them."""
_SAFETY = 1 - 1e-9
"""Sums of floats differ by their order."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a batch may be."""

    requests: int = 50_000
    bytes: int = 200_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions that are asked together, and the type of their answers."""

    questions: Questions
    output: type[BaseModel]
    purpose: Purpose
    share: float


class Sender:
    """A batch is put down before it is sent: where no answer comes back, it is looked for instead of sent again."""

    def __init__(
        self,
        small: Completions,
        settings: Language,
        *,
        server: BatchServer,
        pending: Pending,
        ledger: Ledger,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._small = small
        self._tokens = settings.answer_tokens
        self._server = server
        self._pending = pending
        self._ledger = ledger
        self._clock = clock
        self._limits = limits

    def send(self, keys: Sequence[str], asked: Asked) -> None:
        """Raises NoMoreCalls where the money is too little for a batch, BatchFault where the server takes none; what
        was sent before is under way."""
        affordable = self._affordable(keys, asked)
        # Before any words leave: many a server has no batches and keeps files for ever.
        self._server.probe()
        lines = {key: self._line(key, asked) for key in affordable}
        for part in in_parts(lines, most=self._limits.requests, most_bytes=self._limits.bytes):
            self._send_part(part, asked)

    def _affordable(self, keys: Sequence[str], asked: Asked) -> list[str]:
        """The first questions whose answers cannot cost more than is left. One by one, each is reckoned only when its
        turn comes: there, more of them fit."""
        spent = self._ledger.totals.usd + self._pending.reserved_usd
        left = self._ledger.may_spend * asked.share * _SAFETY - spent
        chosen: list[str] = []
        for key in keys:
            usd = self._most_usd(key, asked)
            left -= usd
            if usd and left < 0:
                break
            chosen.append(key)
        if len(chosen) < FEWEST:
            raise NoMoreCalls(f"What is left of the money is too little for a batch of {len(keys)} questions.")
        return chosen

    def _most_usd(self, key: str, asked: Asked) -> float:
        return self._small.most_usd(asked.questions[key].prompt, asked.output) * PRICE

    def _line(self, key: str, asked: Asked) -> bytes:
        prompt = asked.questions[key].prompt
        return question_line(key, prompt, asked.output, model=self._small.model, answer_tokens=self._tokens)

    def _send_part(self, lines: Mapping[str, bytes], asked: Asked) -> None:
        """One batch; halves where the server takes no file of this size."""
        batch = self._batch(lines, asked)
        self._pending.reserve(batch, share=asked.share)
        try:
            file_id = self._server.upload(b"".join(lines.values()))
        except BatchFault as fault:
            self._pending.release(batch)
            if not fault.is_too_large or len(lines) < 2 * FEWEST:
                raise
            for half in halved(list(lines.items())):
                self._send_part(dict(half), asked)
        else:
            self._create(batch, file_id)

    def _batch(self, lines: Mapping[str, Any], asked: Asked) -> SentBatch:
        return SentBatch(
            marker=uuid4().hex,
            server=str(self._small.parameters["server"]),
            model=self._small.model.name,
            stage=asked.purpose.stage,
            prompt=asked.purpose.prompt,
            output=asked.output.__name__,
            canaries={key: asked.questions[key].canary for key in lines},
            usd=sum(self._most_usd(key, asked) for key in lines),
            sent_at=self._clock.now(),
        )

    def _create(self, batch: SentBatch, file_id: str) -> None:
        self._pending.begin(batch)
        try:
            made = self._server.create(file_id, marker=batch.marker)
        except BatchFault as fault:
            if fault.is_certain:
                self._pending.end(batch)
                raise
            if not self._pending.resolve(batch):
                raise
        else:
            self._pending.acknowledge(batch, id=made)
