"""Make the copy of each item that may be embedded and sent to a model: personal data taken out."""

from insights.ports import Progress
from insights.privacy.redaction import Redactor
from insights.storage.repository import Repository

BATCH = 500


def protect(repository: Repository, *, regions: list[str], progress: Progress) -> int:
    """Redact what has no redacted copy, a batch a transaction. Returns how many items."""
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
        repository.feedback.save_redactions(redactions, editions={item.id: item.edition for item in batch})
        done += len(batch)
        progress("taking out personal data", done, total)
    return done
