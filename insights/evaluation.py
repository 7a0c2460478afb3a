"""Measure the grouping on data whose labels people gave.

Takes the way of an analysis: texts are cleaned and redacted, cut into mentions, embedded and grouped by the same
functions, and no label is seen until the groups stand. Two things differ, since a label already says what an item is
about: every mention is grouped, whatever its stance, and no group is dropped as talk. Nothing is stored.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from connectors.sources.labelled import LabelledFile, LabelledText
from insights.errors import InsightsError
from insights.grouping.bcubed import Pairs
from insights.grouping.group import group
from insights.grouping.scores import Labels, Scores, score
from insights.ports import Embedder, Progress, Vectors
from insights.privacy.redaction import Redactor
from insights.text.boilerplate import MOST_COUNTED, find_boilerplate, stated_spans
from insights.text.clean import analysed_body, sanitise
from insights.text.meaning import meaning_of

BATCH = 500
SMALLEST_TOLD = 5
"""Groups of so many items are counted apart: smaller ones are easily chance."""

FEWEST_ITEMS_IN_GROUP = 2
"""What one person said twice is not yet a problem of two; an analysis holds to the same."""

_KILOBYTE, _MEGABYTE = 1 << 10, 1 << 20


@dataclass(frozen=True, slots=True)
class Step:
    """What one step took. CPU seconds are those of all threads."""

    name: str
    wall_seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The counts, scores and costs of one trial.

    `items` were grouped, `labelled` of them scored. `groups_of_5` have five items or more. `is_weak`: the texts show
    little structure. `peak_megabytes` are those of the whole process, None where the system does not tell. `notes` say
    what was left out, `verdict` how far the figures can be trusted.
    """

    items: int
    labelled: int
    mentions: int
    labels: int
    groups: int
    groups_of_5: int
    is_weak: bool
    embedder: str
    scores: Scores
    steps: tuple[Step, ...]
    peak_megabytes: float | None
    notes: tuple[str, ...]
    verdict: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Mentions:
    """Aligned: what each mention says, and the number of its item."""

    texts: list[str]
    items: Labels


@dataclass(frozen=True, slots=True)
class _Groups:
    """Aligned with mentions: the group of each, -1 for none, how alike it is to its group, and the other groups that it
    states besides its own, shape (mentions, n)."""

    labels: Labels
    similarity: NDArray[np.float32]
    is_weak: bool
    also: Labels


@dataclass(slots=True)
class _Clock:
    """Times the steps."""

    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.steps.append(Step(name, time.perf_counter() - wall, time.process_time() - cpu))


def evaluate(
    file: LabelledFile,
    *,
    embedder: Embedder,
    regions: Sequence[str],
    progress: Progress,
    limit: int | None = None,
    seed: int = 0,
) -> Evaluation:
    """Group the texts of a file and compare the groups with its labels.

    `regions` are the countries whose telephone numbers are redacted. `limit`: at most so many items, drawn at random,
    the same for the same seed. Raises InsightsError where the file cannot be read or its labels leave nothing to
    compare.
    """
    clock = _Clock()
    with clock.step("read"):
        items, notes = _read(file, progress=progress)
        items = _drawn(items, limit, seed=seed)
        _require_labels(items, file)
    with clock.step("clean"):
        texts = _cleaned(items, regions=regions, progress=progress)
    with clock.step("split"):
        mentions = _mentions(texts, progress=progress)
    with clock.step("embed"):
        vectors = _embedded(mentions.texts, embedder=embedder, progress=progress)
    with clock.step("group"):
        groups = _grouped(mentions, vectors, seed=seed, progress=progress)
    with clock.step("score"):
        scores = _scored(items, mentions, groups, seed=seed, progress=progress)
    sizes = _group_sizes(mentions, groups)
    unlabelled = len(items) - scores.items
    return Evaluation(
        items=len(items),
        labelled=scores.items,
        mentions=len(mentions.texts),
        labels=len({label for item in items for label in item.labels}),
        groups=len(sizes),
        groups_of_5=int((sizes >= SMALLEST_TOLD).sum()),
        is_weak=groups.is_weak,
        embedder=embedder.fingerprint,
        scores=scores,
        steps=tuple(clock.steps),
        peak_megabytes=_peak_megabytes(),
        notes=(*notes, *_counted(unlabelled, "without a label were grouped with the others and not scored")),
        verdict=tuple(_verdict(scores, is_weak=groups.is_weak)),
    )


def _read(file: LabelledFile, *, progress: Progress) -> tuple[list[LabelledText], tuple[str, ...]]:
    items: list[LabelledText] = []
    unread = 0
    for row in file.read():
        if row is None:
            unread += 1
            continue
        items.append(row)
        if len(items) % BATCH == 0:
            progress("reading", len(items), 0)
    return items, _counted(unread, "without a text or broken were left out")


def _counted(rows: int, what: str) -> tuple[str, ...]:
    """A note where there is something to note."""
    return (f"{rows:,} {'row' if rows == 1 else 'rows'} {what}.",) if rows else ()


def _drawn(items: list[LabelledText], limit: int | None, *, seed: int) -> list[LabelledText]:
    """Random ones, in the order of the file: a file often stands in the order of its labels."""
    if limit is None or limit >= len(items):
        return items
    rows = np.random.default_rng(seed).choice(len(items), size=limit, replace=False)
    return [items[row] for row in np.sort(rows).tolist()]


def _require_labels(items: Sequence[LabelledText], file: LabelledFile) -> None:
    """At least two labels, and two items that share one: else every score would be 0 or 1 whatever the groups are."""
    given = [label for item in items for label in item.labels]
    distinct = len(set(given))
    if not items:
        raise InsightsError(
            f"{file.path} has no row with a text in {file.text!r}.", remedy="Name the column of the texts with --text."
        )
    if distinct < 2:
        what = f"Every label in {file.label!r} is {given[0]!r}" if given else f"No row has a label in {file.label!r}"
        raise InsightsError(f"{what}.", remedy="Name a column with two labels or more with --label; take more rows.")
    if distinct == len(given):
        raise InsightsError(
            f"No two items share a label in {file.label!r}.",
            remedy="Name a column whose values repeat with --label; take more rows.",
        )


def _cleaned(items: Sequence[LabelledText], *, regions: Sequence[str], progress: Progress) -> list[str]:
    """What an analysis would read: the words without mark-up, quoted replies and personal data."""
    redactor = Redactor(regions=regions)
    texts: list[str] = []
    for item in items:
        texts.append(redactor.redact(analysed_body(sanitise(item.text))).text)
        if len(texts) % BATCH == 0:
            progress("taking out personal data", len(texts), len(items))
    return texts


def _mentions(texts: Sequence[str], *, progress: Progress) -> _Mentions:
    said: list[str] = []
    numbers: list[int] = []
    boilerplate = find_boilerplate(texts[-MOST_COUNTED:])
    for number, text in enumerate(texts):
        spans = stated_spans(text, boilerplate)
        said += [meaning_of(text[start:end]) for start, end in spans]
        numbers += [number] * len(spans)
        if number % BATCH == 0:
            progress("splitting into mentions", number, len(texts))
    return _Mentions(said, np.array(numbers, dtype=np.int64))


def _embedded(texts: Sequence[str], *, embedder: Embedder, progress: Progress) -> Vectors:
    progress("embedding", 0, len(texts))
    rows: list[Vectors] = []
    for start in range(0, len(texts), BATCH):
        rows.append(np.asarray(embedder.embed(texts[start : start + BATCH]), dtype=np.float32))
        progress("embedding", min(start + BATCH, len(texts)), len(texts))
    return np.vstack(rows) if rows else np.zeros((0, embedder.dimensions), dtype=np.float32)


def _grouped(mentions: _Mentions, vectors: Vectors, *, seed: int, progress: Progress) -> _Groups:
    made = group(vectors, mentions.texts, seed=seed, progress=progress)
    pairs = np.unique(np.column_stack((made.labels, mentions.items)), axis=0)
    items_each = np.bincount(pairs[pairs[:, 0] >= 0, 0], minlength=1)
    is_group = (made.labels >= 0) & (items_each[made.labels] >= FEWEST_ITEMS_IN_GROUP)
    numbers = np.unique(made.labels[is_group], return_inverse=True)[1]
    labels = np.full(len(made.labels), -1, dtype=np.int64)
    labels[is_group] = numbers
    renamed = np.full(len(items_each) + 1, -1, dtype=np.int64)
    renamed[made.labels[is_group]] = numbers
    return _Groups(labels, made.similarity, made.is_weak, also=renamed[made.also])


def _group_sizes(mentions: _Mentions, groups: _Groups) -> NDArray[np.int64]:
    """Items of each group."""
    return np.bincount(_memberships(mentions, groups, several=False).names)


def _memberships(mentions: _Mentions, groups: _Groups, *, several: bool) -> Pairs:
    """Items with the groups of their mentions; with `several`, also with those that a mention states besides."""
    named = np.column_stack((groups.labels, groups.also)) if several else groups.labels[:, None]
    stated = np.column_stack((np.repeat(mentions.items, named.shape[1]), named.ravel()))
    pairs = np.unique(stated[stated[:, 1] >= 0], axis=0)
    return Pairs(pairs[:, 0], pairs[:, 1])


def _best(mentions: _Mentions, groups: _Groups, *, items: int) -> Labels:
    """The group of each item's mention that is most alike to its group, of equal ones the first; -1 for no group."""
    kept = np.flatnonzero(groups.labels >= 0)
    order = kept[np.lexsort((kept, -groups.similarity[kept], mentions.items[kept]))]
    numbers, first = np.unique(mentions.items[order], return_index=True)
    best = np.full(items, -1, dtype=np.int64)
    best[numbers] = groups.labels[order[first]]
    return best


def _scored(
    items: Sequence[LabelledText], mentions: _Mentions, groups: _Groups, *, seed: int, progress: Progress
) -> Scores:
    """The scores of the items that have a label, which are numbered anew."""
    names = {name: number for number, name in enumerate(dict.fromkeys(n for item in items for n in item.labels))}
    has_label = np.array([bool(item.labels) for item in items])
    place = np.cumsum(has_label) - 1
    given = [(number, names[name]) for number, item in enumerate(items) for name in item.labels]
    truth = np.array(given, dtype=np.int64)
    several = any(len(item.labels) > 1 for item in items)
    found = _memberships(mentions, groups, several=several).within(has_label)
    return score(
        Pairs(place[truth[:, 0]], truth[:, 1]),
        Pairs(place[found.items], found.names),
        best=_best(mentions, groups, items=len(items))[has_label],
        seed=seed,
        progress=progress,
    )


def _verdict(scores: Scores, *, is_weak: bool) -> Iterator[str]:
    """Plain words for what the figures alone do not say."""
    if is_weak:
        yield "The texts show little structure: take the groups as a first guess."
    if scores.ami.low is not None and scores.ami.low <= 0:
        yield "The groups may agree with the labels no better than chance: the interval of AMI reaches 0."


def _peak_megabytes() -> float | None:
    """Of this process since it was started. On Linux not by getrusage, which counts what its parent held, too."""
    status = Path("/proc/self/status")
    if status.exists():
        told = [line.split()[1] for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM")]
        return int(told[0]) * _KILOBYTE / _MEGABYTE if told else None
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / _MEGABYTE if sys.platform == "darwin" else peak * _KILOBYTE / _MEGABYTE
