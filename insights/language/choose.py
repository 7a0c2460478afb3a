"""From the settings to whoever writes and judges: a desk of models, or nobody. Reads no key and sends nothing yet."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from insights.config import Language, Settings
from insights.language.completions import Completions
from insights.language.describer import Describer, OfflineDescriber
from insights.language.models import large_model, small_model
from insights.language.questions import Batches, Desk
from insights.language.spend import Ledger
from insights.storage.batches import BatchStore
from insights.storage.calls import CallStore, month_of
from insights.storage.runs import AnswerStore
from insights.text.clean import one_line

LONGEST_PRODUCT = 80
"""Characters of the product's name that prompts show."""


def desk_for(
    settings: Settings,
    *,
    answers: AnswerStore,
    calls: CallStore,
    now: datetime,
    batches: BatchStore | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Desk | None:
    """The models that the settings name, with what is left of the month's money; None to work offline. Batches are for
    who has a store for them; they go by `clock`, for `now` may stand still. Raises InsightsError for a name that names
    no model."""
    language = settings.language
    small, large = small_model(language), large_model(language)
    if small is None:
        return None
    ledger = Ledger(language, spent_this_month=calls.spent_usd(since=month_of(now)))
    by_small = Completions(small, language, ledger=ledger, calls=calls, sleep=sleep)
    return Desk(
        settings=language,
        small=by_small,
        large=Completions(large, language, ledger=ledger, calls=calls, sleep=sleep) if large else None,
        answers=answers,
        calls=calls,
        ledger=ledger,
        product=one_line(settings.product.name, LONGEST_PRODUCT),
        batches=_batches(by_small, language, answers, batches, ledger, clock, sleep),
    )


def _batches(
    small: Completions,
    settings: Language,
    answers: AnswerStore,
    store: BatchStore | None,
    ledger: Ledger,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> Batches | None:
    """None where the settings want none, or the model's server has none."""
    if not settings.batch or store is None:
        return None
    if not small.model.speaks_openai:
        ledger.note(f"{small.model.name} takes no batches: language.batch is for openai:MODEL only.")
        return None
    from insights.language.batch_pending import Clock
    from insights.language.batches import Batches as BatchesOfModel

    passing = Clock(clock, sleep)
    return BatchesOfModel(small, settings, answers=answers, store=store, ledger=ledger, clock=passing)


def describer_for(desk: Desk | None) -> Describer:
    """Who finds words for problems."""
    if desk is None:
        return OfflineDescriber()
    from insights.language.model import ModelDescriber

    return ModelDescriber(desk, offline=OfflineDescriber())
