"""Make the copy of each item that may be embedded and sent to a model: personal data taken out. Tell which items give
orders to a model, by their words before anything was taken out of them."""

from insights.ports import Progress
from insights.privacy.redaction import Redactor
from insights.storage.repository import Repository
from insights.text.orders import RULES_VERSION, is_order

BATCH = 500
ORDERS_BY = "orders_by"
"""Under this name the workspace keeps which rules its items were looked at by."""


def protect(repository: Repository, *, regions: list[str], progress: Progress) -> int:
    """Redact what has no redacted copy, a batch a transaction. Returns how many items."""
    _look_again(repository, progress=progress)
    total = repository.feedback.count_unprotected()
    if not total:
        return 0
    redactor = Redactor(names=repository.feedback.author_names(), regions=tuple(regions))
    done = 0
    while batch := repository.feedback.unprotected(BATCH):
        redactions = {}
        for item in batch:
            own = [known for known in (item.author_name, item.author_email) if known]
            redacted = redactor.redact(item.body, also=own)
            redactions[item.id] = (redacted.text, sum(redacted.counts.values()))
        editions = {item.id: item.edition for item in batch}
        orders = {item.id for item in batch if is_order(item.body)}
        repository.feedback.save_redactions(redactions, editions=editions, orders=orders)
        done += len(batch)
        progress("taking out personal data", done, total)
    return done


def _look_again(repository: Repository, *, progress: Progress) -> None:
    """What was protected before there were these rules is looked at once; a run that was killed meanwhile begins
    again."""
    if repository.get_meta(ORDERS_BY) == RULES_VERSION:
        return
    total, done, last = repository.feedback.count_protected(), 0, 0
    while batch := repository.feedback.protected(BATCH, after=last):
        told = {item.id: is_order(item.body) for item in batch}
        repository.feedback.mark_orders(told)
        last, done = batch[-1].id, done + len(batch)
        progress("looking for orders to machines", done, total)
    repository.set_meta(ORDERS_BY, RULES_VERSION)
