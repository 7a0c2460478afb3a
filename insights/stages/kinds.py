"""Let a model say what unsure mentions do, before they are embedded and grouped. Without a model nothing happens."""

from dataclasses import dataclass, field

from insights.language.kinds import KindTeller
from insights.ports import Progress
from insights.storage.repository import Repository


@dataclass(frozen=True, slots=True)
class Told:
    """What second opinions did: counts by name, model spend in dollars, and what went wrong in words."""

    counts: dict[str, int] = field(default_factory=dict)
    spend_usd: float = 0.0
    failures: tuple[str, ...] = ()


def tell_kinds(repository: Repository, *, teller: KindTeller, run_id: int, progress: Progress) -> Told:
    """Ask about what is unsure and was not asked about before; each answer is committed as it comes, so a kill loses
    none. What gets no answer keeps its kind and is asked about again in the next run."""
    unsure = repository.mentions.unsure(teller.unsure_below)
    before = teller.totals
    done = changed = 0
    for opinions in teller.tell_many(unsure, run_id=run_id):
        changed += repository.mentions.save_opinions(opinions, told_by=teller.name)
        done += len(opinions)
        progress("asking for second opinions", done, len(unsure))
    spent = teller.totals.since(before)
    counts = {"kinds_asked": done, "kinds_changed": changed, "kinds_calls": spent.calls}
    return Told({name: count for name, count in counts.items() if count}, spent.usd, spent.failures)
