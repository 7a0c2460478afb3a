"""Turn what a batch answered into answers that are kept, each with its entry in the ledger, at half the price."""

from collections.abc import Sequence

from pydantic import BaseModel, ValidationError

from insights.language.batch_lines import AnswerLine, answer_lines
from insights.language.completions import ANSWERED, UNREADABLE, Completions, not_said, without_fence
from insights.language.questions import Answers
from insights.language.spend import Ledger
from insights.storage.batches import BatchStore, SentBatch
from insights.storage.calls import Call
from insights.storage.runs import StoredAnswer

PRICE = 0.5
"""Of what the same tokens cost one by one."""


class Collector:
    """Stopped in the middle, it goes on: an answer that is kept already is neither kept nor counted again."""

    def __init__(self, small: Completions, *, answers: Answers, store: BatchStore, ledger: Ledger) -> None:
        self._model = small.model
        self._answers = answers
        self._store = store
        self._ledger = ledger

    def keep(
        self, batch: SentBatch, files: Sequence[str], *, output: type[BaseModel] | None, run_id: int | None
    ) -> None:
        """Keep the answers of a batch that has ended, then forget the batch. A line counts once, and only under a key
        that was asked for."""
        wanted = set(batch.canaries)
        failed: list[Call] = []
        for line in answer_lines(files):
            if line.key in wanted and self._answers.get(line.key) is None:
                failed += self._kept(line, batch, output=output, run_id=run_id)
            wanted.discard(line.key)
        self._store.end(batch, calls=failed)

    def _kept(
        self, line: AnswerLine, batch: SentBatch, *, output: type[BaseModel] | None, run_id: int | None
    ) -> Sequence[Call]:
        """The entry of a line that answers nothing: it goes into the ledger with the batch's end."""
        outcome, text = _read(line, canary=batch.canaries[line.key], output=output)
        call = self._paid(line, batch, outcome=outcome, run_id=run_id)
        if outcome != ANSWERED:
            return [call]
        answer = StoredAnswer(
            key=line.key,
            prompt=batch.prompt,
            model=self._model.name,
            text=text,
            tokens_in=call.tokens_in,
            tokens_out=call.tokens_out,
            usd=call.usd,
        )
        self._answers.put(answer, run_id=run_id, call=call)
        return []

    def _paid(self, line: AnswerLine, batch: SentBatch, *, outcome: str, run_id: int | None) -> Call:
        tokens_in, tokens_out = (line.said.tokens_in, line.said.tokens_out) if line.said else (0, 0)
        usd = self._model.usd(tokens_in, tokens_out) * PRICE
        if line.said and not (tokens_in or tokens_out):
            usd = batch.usd / len(batch.canaries)  # the server does not tell: as much as was set aside
        self._ledger.count(calls=1)
        self._ledger.paid(usd, tokens_in=tokens_in, tokens_out=tokens_out)
        return Call(
            run_id=run_id,
            stage=batch.stage,
            model=self._model.name,
            prompt=batch.prompt,
            outcome=outcome,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            usd=usd,
        )


def _read(line: AnswerLine, *, canary: str, output: type[BaseModel] | None) -> tuple[str, str]:
    """The outcome for the ledger, and the answer's text for keeping where it is one."""
    if line.said is None:
        return line.fault.name.lower(), ""
    outcome, _ = not_said(line.said, canary=canary)
    if outcome or output is None:
        return outcome or UNREADABLE, ""
    try:
        return ANSWERED, output.model_validate_json(without_fence(line.said.text)).model_dump_json()
    except ValidationError:
        return UNREADABLE, ""
