"""Ask a chat model what remarks do where the offline classifier is unsure: a second opinion, paid once.

It is a word against a word: what the model answers for a number that it was not shown, or twice and differently, is
dropped. Without an answer the offline kind stays.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from insights.config import Language
from insights.domain.feedback import Mention, Stance
from insights.language.answers import KindsDraft
from insights.language.completions import Completions
from insights.language.jobs import Totals
from insights.language.prompts import load_prompt
from insights.language.questions import Answers, Question, Questioner, fence_mark
from insights.language.spend import Ledger
from insights.text.clean import one_line

PROMPT = "tell_kind"
BATCH = 20
SHARE = 0.5
"""Of language.max_usd: the other half is kept for describing problems, which comes later."""
_LONGEST_ITEM = 400

Opinions = dict[int, Stance | None]
"""mention id -> what it does; None where the model was asked and said nothing of use."""

_Ids = Mapping[int, Sequence[int]]
"""The number that a line is shown under -> the mentions that read so."""


class KindTeller:
    """Shows about twenty remarks at a time. `name` is "openai:MODEL"."""

    def __init__(
        self,
        settings: Language,
        *,
        product: str,
        answers: Answers,
        ledger: Ledger,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = settings.model
        self.unsure_below = settings.unsure_below
        self._product = product
        self._ledger = ledger
        self._questioner = Questioner(
            completions=Completions(settings, ledger=ledger, share=SHARE, sleep=sleep),
            answers=answers,
            ledger=ledger,
            threads=settings.concurrency,
            model=self.name,
            prompt_name=PROMPT,
            output=KindsDraft,
        )

    @property
    def totals(self) -> Totals:
        """What calls took so far, those of others who share the ledger included."""
        return self._ledger.totals

    def tell_many(self, mentions: Sequence[Mention], *, run_id: int | None) -> Iterator[Opinions]:
        """Opinions as they come, one dict an answer; mentions that got no answer are in none. Raises InsightsError
        where a person must help (a refused key)."""
        for question, draft in self._questioner.ask_many(self._questions(mentions), run_id=run_id):
            if draft is not None:
                yield _opinions(draft, question.subject)

    def _questions(self, mentions: Sequence[Mention]) -> list[Question[_Ids]]:
        """In the order of the mentions, so that after a kill the same remarks stand together; no text twice."""
        ids: dict[str, list[int]] = {}
        for mention in mentions:
            ids.setdefault(one_line(mention.text, _LONGEST_ITEM), []).append(mention.id)
        lines = list(ids)
        return [
            self._question({line: ids[line] for line in lines[start : start + BATCH]})
            for start in range(0, len(lines), BATCH)
        ]

    def _question(self, ids: Mapping[str, Sequence[int]]) -> Question[_Ids]:
        items = [{"id": number, "text": line} for number, line in enumerate(ids, 1)]
        prompt = load_prompt(PROMPT).render(
            product=one_line(self._product, 80), mark=fence_mark(list(ids)), items=items
        )
        return Question(dict(enumerate(ids.values(), 1)), prompt)


def _opinions(draft: KindsDraft, ids: _Ids) -> Opinions:
    said: dict[int, set[str]] = {}
    for one in draft.kinds:
        said.setdefault(one.item, set()).add(one.kind)
    kinds = {number: Stance(next(iter(some))) for number, some in said.items() if len(some) == 1}
    return {mention: kinds.get(number) for number, some in ids.items() for mention in some}
