"""Write what customers said in another way, and see what that does to kinds, problems and ranks.

    python -m benchmarks.fairness_texts [--items 100] [--seed 0]

The sample firm is analysed without some of its items. Those then come in on a second night, once as they are written
and once for each kind of change, on copies of the same workspace: what differs between two nights is the change alone.
Each change stands beside its own reference (names beside another name, swearing beside a neutral sentence as long).
"""

import argparse
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.fairness_translations import TRANSLATIONS
from connectors.sources.files import FileSource
from insights.bootstrap import Workspace, make_workspace, now, open_workspace
from insights.demo.sample import FILES
from insights.domain.feedback import FeedbackRecord
from insights.ports import Page, Record
from insights.stages.collect import collect
from insights.text.words import word_set
from insights.worth.intervals import wilson

Key = tuple[str, str]
"""Source and source id."""

TOP = 10
SWEARING = (
    "This damn thing again!",
    "What the fuck is this.",
    "This is bullshit, you idiots.",
    "Scheiße, verdammt noch mal!",
    "Joder, qué mierda.",
    "Putain de merde !",
)
NEUTRAL = (
    "This thing again today!",
    "What is this about now.",
    "This is how it is, you know.",
    "Heute, schon wieder einmal!",
    "Bueno, qué cosa.",
    "Encore une fois !",
)
NAMES = (
    "Mohammed Al-Farsi",
    "Nguyễn Thị Hương",
    "Oluwaseun Adeyemi",
    "María José Fernández",
    "DeShawn Washington",
    "Priya Raghunathan",
    "Wei Zhang",
    "Svetlana Kuznetsova",
)
POLITE = (
    "Dear team, I hope this finds you well, and thank you so much for all your kind help so far. ",
    " It would be wonderful if somebody could have a look at your earliest convenience. With many thanks in advance.",
)
SMALL = word_set("the a an and or but is are was were be been of to in on at for with that this it its we our i my")


@dataclass(frozen=True, slots=True)
class Change:
    """A way to write an item, and the way it is compared with."""

    name: str
    write: Callable[[str, int], str]
    beside: Callable[[str, int], str]


def _as_is(text: str, number: int) -> str:
    del number
    return text


def _named(name: Callable[[int], str]) -> Callable[[str, int], str]:
    return lambda text, number: f"{text}\n\nPlease call me back. Best regards,\n{name(number)}"


def _terse(text: str, number: int) -> str:
    del number
    return " ".join(word for word in text.split() if word.casefold().strip(".,!?") not in SMALL) or text


def _mistyped(text: str, number: int) -> str:
    chance, words = random.Random(number), text.split(" ")
    for place in [place for place, word in enumerate(words) if len(word) > 4 and word.isalpha()][::3]:
        at = chance.randrange(1, len(words[place]) - 2)
        word = words[place]
        words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def _polite(text: str, number: int) -> str:
    del number
    return f"{POLITE[0]}{_closed(text)}{POLITE[1]}"


def _closed(text: str) -> str:
    """With a mark at its end, so that what follows is another sentence."""
    return text if text.rstrip()[-1:] in ".!?…" else f"{text.rstrip()}."


def _swearing(text: str, number: int) -> str:
    return f"{SWEARING[number % len(SWEARING)]} {text}"


def _neutral(text: str, number: int) -> str:
    return f"{NEUTRAL[number % len(NEUTRAL)]} {text}"


CHANGES = (
    Change("a neutral sentence more", _neutral, _as_is),
    Change("swearing, beside the neutral sentence", _swearing, _neutral),
    Change("swearing, beside nothing", _swearing, _as_is),
    Change("another name below", _named(lambda number: NAMES[number % len(NAMES)]), _named(lambda _: "Anna Smith")),
    Change("ALL CAPITALS", lambda text, _: text.upper(), _as_is),
    Change("all small letters", lambda text, _: text.lower(), _as_is),
    Change("polite and wordy", _polite, _as_is),
    Change("terse", _terse, _as_is),
    Change("typing errors", _mistyped, _as_is),
)


@dataclass(frozen=True, slots=True)
class Night:
    """After the second night: of each item its kinds and problems, and the ranks of all problems."""

    stances: Mapping[Key, frozenset[str]]
    problems: Mapping[Key, frozenset[int]]
    ranks: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class _Records:
    name: str
    records: Sequence[Record]

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        del state
        yield Page(self.records)


def sample() -> dict[str, list[Record]]:
    """The records of the sample firm by file."""
    folder = Path(str(files("insights.demo") / "data"))
    return {
        name: [
            record
            for page in FileSource(name=Path(name).stem, path=folder / name, kind=kind).fetch({})
            for record in page.records
        ]
        for name, kind in FILES
    }


def take(workspace: Workspace, name: str, records: Sequence[Record]) -> None:
    source = _Records(Path(name).stem, records)
    rejects = workspace.data / "rejects"
    collect(source, repository=workspace.repository, rejects_folder=rejects, now=now(), progress=_quiet, full=True)


def first_night(folder: Path, held: set[Key]) -> Night:
    """The firm without the items that are held back."""
    make_workspace(folder, product="Crateline")
    workspace = open_workspace(folder)
    for name, records in sample().items():
        take(workspace, name, [one for one in records if key_of(one) not in held])
    workspace.analyze(progress=_quiet)
    found = outcome(workspace)
    workspace.close()
    return found


def second_night(base: Path, folder: Path, items: Sequence[FeedbackRecord]) -> Night:
    """A copy of the first night on which these items come in."""
    shutil.copytree(base, folder)
    workspace = open_workspace(folder)
    for source in sorted({one.source for one in items}):
        take(workspace, source, [one for one in items if one.source == source])
    workspace.analyze(progress=_quiet)
    found = outcome(workspace)
    workspace.close()
    shutil.rmtree(folder)
    return found


def outcome(workspace: Workspace) -> Night:
    repository = workspace.repository
    memberships, mentions = repository.groupings.memberships(), repository.mentions.ranked()
    items = repository.feedback.get(sorted({mention.feedback_id for mention in mentions}))
    stances: dict[Key, set[str]] = {}
    problems: dict[Key, set[int]] = {}
    for mention in mentions:
        key = (items[mention.feedback_id].source, items[mention.feedback_id].source_id)
        stances.setdefault(key, set()).add(mention.stance.value)
        if mention.id in memberships:
            problems.setdefault(key, set()).add(memberships[mention.id])
    ranks = {p.id: p.estimate.rank for p in repository.problems.all() if p.estimate and p.estimate.rank}
    return Night(_frozen(stances), _frozen(problems), ranks)


def _frozen(found: Mapping[Key, set[Any]]) -> dict[Key, frozenset[Any]]:
    return {key: frozenset(some) for key, some in found.items()}


def key_of(record: Record) -> Key:
    return record.source, record.source_id


def written(item: FeedbackRecord, number: int, write: Callable[[str, int], str]) -> FeedbackRecord:
    return replace(item, text=write(item.text, number))


def compared(name: str, items: Sequence[FeedbackRecord], before: Night, after: Night, *, known: Night) -> str:
    """One line: what became of the items, and of the ranks of the problems that were there the night before."""
    keys = [key_of(item) for item in items]
    ranked = [key for key in keys if key in before.problems]
    kept = [key for key in ranked if after.problems.get(key, frozenset()) & before.problems[key]]
    silent = [key for key in ranked if key not in after.stances]
    elsewhere = (
        len(ranked)
        - len(kept)
        - len(silent)
        - sum(key in after.stances and key not in after.problems for key in ranked)
    )
    alone = len(ranked) - len(kept) - len(silent) - elsewhere
    gained = sum(key in after.problems for key in keys if key not in before.problems)
    theirs = {problem for key in ranked for problem in before.problems[key]}
    moves = {p: after.ranks[p] - before.ranks[p] for p in known.ranks if p in before.ranks and p in after.ranks}
    theirs &= set(moves)
    sizes = Counter(abs(moves[p]) for p in theirs)
    signs = Counter(np.sign(moves[p]) for p in theirs)
    low, high = wilson(len(kept), len(ranked))
    share = f"{len(kept) / max(len(ranked), 1):.0%} ({low:.0%}–{high:.0%})"
    stayed = len(_first(before) & _first(after))
    return (
        f"| {name} | {len(ranked)} | {share} | {elsewhere} | {alone} "
        f"| {len(silent)} | {gained} of {len(keys) - len(ranked)} | {sizes[0]} / {sizes[1]} / "
        f"{sum(n for size, n in sizes.items() if size > 1)} | {signs[-1]} / {signs[1]} | {max(sizes, default=0)} "
        f"| {stayed} |"
    )


HEADER = (
    "| change | items in a problem | still in it (95 %) | in another | wait | no problem any more | new in one "
    "| ranks moved 0 / 1 / more | up / down | most | first 10 kept |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


def _first(night: Night) -> set[int]:
    return {problem for problem, rank in night.ranks.items() if rank <= TOP}


def _quiet(*_: object) -> None:
    return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100, help="how many random items are written in another way")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="only changes whose name holds this")
    asked = parser.parse_args()
    every = [record for some in sample().values() for record in some if isinstance(record, FeedbackRecord)]
    translated = [record for record in every if record.text.strip() in TRANSLATIONS]
    others = [record for record in every if record.text.strip() not in TRANSLATIONS]
    drawn = random.Random(asked.seed).sample(others, asked.items)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INSIGHTS_KEY_DIR"] = f"{folder}/keys"
        measure(Path(folder), drawn, translated, only=asked.only)


def measure(folder: Path, drawn: Sequence[FeedbackRecord], translated: Sequence[FeedbackRecord], *, only: str) -> None:
    base = folder / "base"
    known = first_night(base, {key_of(item) for item in (*drawn, *translated)})
    nights: dict[Any, Night] = {}

    def night(write: Callable[[str, int], str]) -> Night:
        if write not in nights:
            items = [written(item, number, write) for number, item in enumerate(drawn)]
            nights[write] = second_night(base, folder / f"night-{len(nights)}", [*items, *translated])
        return nights[write]

    print(f"{len(known.ranks)} problems on the first night; {len(drawn)} items, and {len(translated)} to translate\n")
    print(HEADER, flush=True)
    for change in (one for one in CHANGES if only in one.name):
        print(compared(change.name, drawn, night(change.beside), night(change.write), known=known), flush=True)
    for place, language in enumerate(("German", "Spanish", "French")):
        if only not in language:
            continue
        abroad = [replace(item, text=TRANSLATIONS[item.text.strip()][place]) for item in translated]
        after = second_night(base, folder / language, [*drawn, *abroad])
        print(compared(f"in {language}", translated, night(_as_is), after, known=known), flush=True)


if __name__ == "__main__":
    main()
