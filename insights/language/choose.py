"""From the settings to whoever writes and judges: a desk of models, or nobody. Reads no key and sends nothing yet."""

import time
from collections.abc import Callable
from datetime import datetime

from insights.config import Settings
from insights.language.completions import Completions
from insights.language.describer import Describer, OfflineDescriber
from insights.language.models import large_model, small_model
from insights.language.questions import Desk
from insights.language.spend import Ledger
from insights.storage.calls import CallStore, month_of
from insights.storage.runs import AnswerStore


def desk_for(
    settings: Settings,
    *,
    answers: AnswerStore,
    calls: CallStore,
    now: datetime,
    sleep: Callable[[float], None] = time.sleep,
) -> Desk | None:
    """The models that the settings name, with what is left of the month's money; None to work offline. Raises
    InsightsError for a name that names no model."""
    language = settings.language
    small, large = small_model(language), large_model(language)
    if small is None:
        return None
    ledger = Ledger(language, spent_this_month=calls.spent_usd(since=month_of(now)))
    return Desk(
        settings=language,
        small=Completions(small, language, ledger=ledger, calls=calls, sleep=sleep),
        large=Completions(large, language, ledger=ledger, calls=calls, sleep=sleep) if large else None,
        answers=answers,
        calls=calls,
        ledger=ledger,
        product=settings.product.name,
    )


def describer_for(desk: Desk | None) -> Describer:
    """Who finds words for problems."""
    if desk is None:
        return OfflineDescriber()
    from insights.language.model import ModelDescriber

    return ModelDescriber(desk, offline=OfflineDescriber())
