"""Say what unsure mentions do, before they are embedded and grouped: a distilled classifier where it is sure, a model
for the rest. Without either nothing happens."""

from insights.language.distilled import DISTILLED, DistilledKinds
from insights.language.kinds import KindTeller
from insights.ports import Progress
from insights.storage.repository import Repository

_AT_ONCE = 1_000


def tell_for_nothing(
    repository: Repository, *, classifier: DistilledKinds, unsure_below: float, progress: Progress
) -> dict[str, int]:
    """Keep what the classifier is sure of, some at a time. What it is not sure of stays unsure, to be asked about.
    Returns counts by name."""
    unsure = repository.mentions.unsure(unsure_below)
    told = changed = 0
    for start in range(0, len(unsure), _AT_ONCE):
        sure = classifier.tell(unsure[start : start + _AT_ONCE])
        changed += repository.mentions.save_opinions(sure, told_by=DISTILLED)
        told += len(sure)
        progress("telling kinds", min(start + _AT_ONCE, len(unsure)), len(unsure))
    counts = {"kinds_distilled": told, "kinds_changed": changed}
    return {name: count for name, count in counts.items() if count}


def tell_kinds(repository: Repository, *, teller: KindTeller, run_id: int, progress: Progress) -> dict[str, int]:
    """Ask about what is unsure and was not asked about before; each answer is committed as it comes, so a kill loses
    none. What gets no answer keeps its kind and is asked about again in the next run. Returns counts by name."""
    unsure = repository.mentions.unsure(teller.unsure_below)
    done = changed = 0
    for told in teller.tell_many(unsure, run_id=run_id):
        changed += repository.mentions.save_opinions(told.opinions, told_by=told.by)
        done += len(told.opinions)
        progress("asking for second opinions", done, len(unsure))
    counts = {"kinds_asked": done, "kinds_changed": changed}
    return {name: count for name, count in counts.items() if count}
