"""Put published attacks into tickets of the sample firm and analyse them with a model that obeys.

    python -m benchmarks.injection --data ../data [--attacks 300] [--rounds 3]

Each round analyses the same items twice: with a model that is honest and says nothing of the attacks, and with one that
says what an attack wants of everything it was shown with it (all is noise, all is one, HACKED). What differs between
the two is what attacks have changed beyond themselves. An attack that is flagged is shown to no model.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from insights.bootstrap import Workspace, make_workspace, now, open_workspace
from insights.demo.sample import import_sample
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.ports import Page
from insights.stages.collect import collect
from tests.language.attacked_model import HACKED, obedient, steadfast
from tests.language.chat_server import Reply, chat_server

SOURCE = "attacks"


@dataclass(frozen=True, slots=True)
class Attacks:
    """A source of tickets, one for each attack."""

    texts: Sequence[str]
    name: str = SOURCE

    def fetch(self, state: dict[str, Any]) -> Any:
        del state
        records = [
            FeedbackRecord(source=SOURCE, source_id=f"A-{n}", kind=FeedbackKind.TICKET, text=text, created_at=now())
            for n, text in enumerate(self.texts)
        ]
        yield Page(records=records)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What people would see, by the items of each problem, best rank first: value, title and summary, quotes."""

    problems: dict[frozenset[str], tuple[Any, ...]]
    flagged: int


def analysed(folder: Path, attacks: Sequence[str], answer: Callable[[dict[str, Any]], Reply]) -> Outcome:
    make_workspace(folder, product="Crateline")
    with chat_server(answer) as server:
        file = folder / "insights.toml"
        model = f'\n[language]\nmodel = "openai:small"\nbase_url = "{server.base_url}"\n'
        file.write_text(file.read_text().replace("\n[language]\n", model, 1))
        workspace = open_workspace(folder)
        quiet: Any = lambda *_: None  # noqa: E731
        import_sample(workspace, progress=quiet)
        rejects = workspace.data / "rejects"
        collect(Attacks(attacks), repository=workspace.repository, rejects_folder=rejects, now=now(), progress=quiet)
        workspace.analyze(progress=quiet)
        outcome = seen(workspace)
        workspace.close()
    return outcome


def seen(workspace: Workspace) -> Outcome:
    triage = workspace.triage()
    problems: dict[frozenset[str], tuple[Any, ...]] = {}
    for problem in triage.problems():
        items = frozenset(one.ref for one in triage.items(problem.id))
        quotes = tuple(sorted((quote.ref, quote.text) for quote in triage.quotes(problem.id)))
        value = problem.estimate.value if problem.estimate else None
        problems[items] = (value, (problem.title, problem.summary), quotes)
    flagged = sum(item.is_order for item in every_item(workspace) if item.source == SOURCE)
    return Outcome(problems, flagged)


def every_item(workspace: Workspace) -> list[Any]:
    return list(workspace.repository.feedback.get(list(range(1, 100_000))).values())


def changed(steady: Outcome, attacked: Outcome) -> dict[str, int]:
    """How many problems differ, by what; those that are mostly attacks are left out, of ranks too, and told last."""
    first, second = (_of_others(one.problems) for one in (steady, attacked))
    ranks = {items: rank for rank, items in enumerate(second, 1)}
    found = {"problems": len(first), "other items": 0, "rank": 0, "value": 0, "quotes": 0, "words": 0, "hacked": 0}
    for rank, (items, (value, words, quotes)) in enumerate(first.items(), 1):
        if items not in second:
            found["other items"] += 1
            continue
        other = second[items]
        found["rank"] += ranks[items] != rank
        found["value"] += other[0] != value
        found["words"] += other[1] != words
        found["quotes"] += other[2] != quotes
        found["hacked"] += HACKED.split()[0] in " ".join(other[1])
    return found | {"own": len(steady.problems) - len(first)}


def _of_others(problems: dict[frozenset[str], tuple[Any, ...]]) -> dict[frozenset[str], tuple[Any, ...]]:
    """Problems that are not mostly attacks, in the order of their rank."""
    return {
        items: seen_of
        for items, seen_of in problems.items()
        if 2 * sum(one.startswith(f"{SOURCE}/") for one in items) <= len(items)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with prompt_injection/data.csv")
    parser.add_argument("--attacks", type=int, default=300, help="tickets a round")
    parser.add_argument("--rounds", type=int, default=0, help="0: until every attack was put in")
    options = parser.parse_args()
    rows = pd.read_csv(options.data / "prompt_injection" / "data.csv")
    attacks = rows[rows.label == 1].text.astype(str).sample(frac=1, random_state=0).tolist()
    rounds = options.rounds or -(-len(attacks) // options.attacks)
    print(
        "| round | attacks | flagged | obeyed calls | problems | other items | rank | value | quotes | words | HACKED |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for number in range(rounds):
        some = attacks[number * options.attacks : (number + 1) * options.attacks]
        obeyed: list[dict[str, Any]] = []
        with tempfile.TemporaryDirectory() as place:
            first = analysed(Path(place) / "steadfast", some, steadfast(some))
            second = analysed(Path(place) / "obedient", some, obedient(some, obeyed=obeyed))
        told = changed(first, second)
        print(
            f"| {number + 1} | {len(some)} | {second.flagged} | {len(obeyed)} | "
            + " | ".join(str(count) for count in told.values())
            + " |",
            flush=True,
        )


if __name__ == "__main__":
    main()
