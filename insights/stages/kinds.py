"""Let a model say what unsure mentions do, before they are embedded and grouped. Without a model nothing happens."""

from insights.language.kinds import KindTeller
from insights.ports import Progress
from insights.storage.repository import Repository


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
