"""Put mentions together into problems that keep their id from run to run.

What is new is placed among the known problems, a page at a time, each page in one transaction: what clearly belongs
joins, groups of at least two items that no known problem holds become problems, what fits nowhere waits and is tried
again. The first run, and one that finds more than a third of the mentions new since, groups everything afresh in a
newly fitted space; what people decided on or corrected stays as it is. What people said about an item holds in both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from insights.domain.feedback import Mention
from insights.grouping.centres import Told, centres_of, stratified, told_of
from insights.grouping.copies import collapse
from insights.grouping.group import GROUPED_ROWS, PAGE_ROWS, SAMPLED_ROWS, fewest_beyond
from insights.grouping.identity import regroup
from insights.grouping.placing import FEWEST, FEWEST_OF_MANY, place
from insights.grouping.similar import near_pairs
from insights.grouping.space import Space
from insights.ports import Progress, Vectors
from insights.stages.shaping import NEW, Shaped, shape
from insights.stages.standing import Standing, standing_of
from insights.storage.groupings import LOOSELY, NewProblem, NewSpace, Place, Reason
from insights.storage.repository import Repository
from insights.storage.vectors import VECTORS_BY, VectorStore
from insights.text.meaning import words_of

REFIT_SHARE = 0.33
"""Above this share of mentions that came since the last grouping of everything, everything is grouped afresh."""

LOOSE_SHARE, LOOSE_LEAST = 0.6, 200
"""So large a share of at least so many mentions since then that wait or joined loosely says the same: what is written
about has changed. Of new mentions on old problems a third does."""

REFIT_TO = "grouped_afresh_to"
"""Under this name the last mention is kept that a grouping of everything has seen; their numbers rise."""

MOST_AGAIN = 3_000
"""Mentions that wait, or joined a problem loosely, and are tried again in a night; of more, the newest."""

MANY = 2_000
"""New mentions in one step."""

SIMILAR_LEAST = 0.3
"""Of two problems' centres in the space, whose mean is taken off: of unlike ones the median is 0."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """What a run's grouping did; `settled` had waited and found a problem; `unassigned` are all that wait; `is_weak`
    where the data has little structure and groups are a first guess."""

    joined: int = 0
    born: int = 0
    settled: int = 0
    unassigned: int = 0
    is_weak: bool = False


@dataclass(frozen=True, slots=True)
class _Night:
    """What all steps of a run's grouping share."""

    repository: Repository
    vectors: VectorStore
    run_id: int
    at: datetime
    seed: int
    standing: Standing
    sampled: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    """Mention id -> its place in the space, of the last sample: most of the next one are the same mentions."""

    def read(self, places: Sequence[Place]) -> tuple[list[Mention], Vectors, list[str]]:
        """Mentions, their vectors, and the words to compare them by."""
        ids = [place.mention_id for place in places]
        found = {mention.id: mention for mention in self.repository.mentions.get(ids)}
        mentions = [found[number] for number in ids]
        return mentions, self.vectors.matrix(ids), [words_of(mention) for mention in mentions]


@dataclass(frozen=True, slots=True)
class _Sample:
    """Rows of known problems, in the space: `labels` are places in `problems`, ids in ascending order."""

    problems: NDArray[np.int64]
    labels: NDArray[np.int64]
    vectors: Vectors


def group_mentions(
    repository: Repository, *, vectors: VectorStore, run_id: int, at: datetime, progress: Progress, seed: int = 0
) -> Grouped:
    """Group what is new. A kill leaves what was saved until then, and the next run goes on from there."""
    places = _worded(repository)
    if not any(place.is_new for place in places):
        return Grouped(unassigned=_waiting(places))
    night = _Night(repository, vectors, run_id, at, seed, standing_of(repository))
    done = Grouped()
    if _space(repository) is None or _has_drifted(places, repository):
        done = _afresh(night, places)
        places = _worded(repository)
    new = [place for place in places if place.is_new]
    for start in range(0, len(new), PAGE_ROWS):
        places = _worded(night.repository) if start else places
        done = _added(done, _page(night, new[start : start + PAGE_ROWS], places))
        progress("group", min(start + PAGE_ROWS, len(new)), len(new))
    places = _worded(repository)
    if done.born:
        _save_similar(night, places)
    return replace(done, unassigned=_waiting(places))


def _worded(repository: Repository) -> list[Place]:
    """Without mentions whose words went by rule: they stay where they are."""
    return [place for place in repository.groupings.places() if place.has_words]


def _waiting(places: Sequence[Place]) -> int:
    return sum(not place.problem_id for place in places)


def _added(first: Grouped, second: Grouped) -> Grouped:
    return Grouped(
        first.joined + second.joined,
        first.born + second.born,
        first.settled + second.settled,
        is_weak=first.is_weak or second.is_weak,
    )


def _space(repository: Repository) -> Space | None:
    """The space that everything is compared in, if it was fitted to the vectors there are."""
    found = repository.spaces.latest(repository.get_meta(VECTORS_BY) or "")
    return Space.from_bytes(found[1]) if found else None


def _refit_to(repository: Repository) -> int:
    """The last mention that a grouping of everything has seen; 0 before the first."""
    return int(repository.get_meta(REFIT_TO) or 0)


def _has_drifted(places: Sequence[Place], repository: Repository) -> bool:
    seen = _refit_to(repository)
    since = [place for place in places if place.mention_id > seen]
    if len(since) > REFIT_SHARE * len(places):
        return True
    placed = [place for place in since if not place.is_new]
    loose = sum(place.is_loose or not place.problem_id for place in placed)
    return len(placed) >= LOOSE_LEAST and loose > LOOSE_SHARE * len(placed)


# -- everything ---------------------------------------------------------------------------------------------------


def _afresh(night: _Night, places: Sequence[Place]) -> Grouped:
    """Group everything, or a sample of it, in a space of its own; then the space and the groups change at once."""
    drawn = _drawn(places, seed=night.seed)
    problems = np.unique([place.problem_id for place in drawn if place.problem_id]).astype(np.int64)
    known = _numbers([place.problem_id for place in drawn], problems)
    fixed = np.array([night.standing.holds(place) for place in drawn], dtype=bool) & (known >= 0)
    mentions, vectors, texts = night.read(drawn)
    found = regroup(vectors, texts, known, fixed=fixed, seed=night.seed)
    barred = night.standing.barred_of(drawn, problems)
    labels = found.labels
    if barred is not None:
        inside = (labels >= 0) & (labels < len(problems))
        labels[inside] = np.where(barred[inside, labels[inside]], -1, labels[inside])
    told = told_of(found.combined, labels, centres_of(found.combined, labels))
    shaped = shape(mentions, labels, told=told, known=len(problems), again=np.full(len(drawn), NEW))
    fingerprint = night.repository.get_meta(VECTORS_BY) or ""
    space = NewSpace(found.space.to_bytes(), fingerprint)
    done = _save(night, drawn, shaped, told=told, problems=problems, stands=found.stands, space=space)
    night.repository.set_meta(REFIT_TO, str(max(place.mention_id for place in places)))
    return replace(done, is_weak=found.is_weak)


def _drawn(places: Sequence[Place], *, seed: int) -> list[Place]:
    if len(places) <= GROUPED_ROWS:
        return list(places)
    rows = np.random.default_rng(seed).choice(len(places), size=GROUPED_ROWS, replace=False)
    return [places[row] for row in np.sort(rows).tolist()]


def _numbers(values: Sequence[int], problems: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each problem id in `problems`; -1 for none."""
    ids = np.asarray(values, dtype=np.int64)
    if not len(problems):
        return np.full(len(ids), -1, dtype=np.int64)
    found = np.minimum(np.searchsorted(problems, ids), len(problems) - 1)
    return np.where(problems[found] == ids, found, -1).astype(np.int64)


# -- what is new --------------------------------------------------------------------------------------------------


def _page(night: _Night, new: Sequence[Place], places: Sequence[Place]) -> Grouped:
    """Place one page of new mentions, and those that wait, among what is known by now, in `places`."""
    space = _space(night.repository)
    assert space is not None  # noqa: S101 -- everything was grouped before
    sample = _sampled(night, places, space)
    again = [place for place in places if not place.is_new and night.standing.leaves_open(place)][-MOST_AGAIN:]
    rows = [*new, *again]
    mentions, vectors, texts = night.read(rows)
    stands, copies = collapse(texts)
    combined = space.place(vectors[stands], [texts[row] for row in stands.tolist()])
    barred = night.standing.barred_of([rows[row] for row in stands.tolist()], sample.problems)
    counts = np.bincount(copies, minlength=len(stands))
    is_sampled = len(places) > GROUPED_ROWS and new[-1].mention_id <= _refit_to(night.repository)
    placed = place(
        combined,
        sample.vectors,
        sample.labels,
        counts=counts,
        barred=barred,
        fewest=_fewest(len(new), mentions=len(places), is_sampled=is_sampled),
        is_sampled=is_sampled,
    )
    labels = placed.labels[copies]
    every = np.vstack([sample.vectors, combined[copies]])
    told = told_of(combined[copies], labels, centres_of(every, np.concatenate([sample.labels, labels])))
    seen = np.array([not place.is_new for place in rows], dtype=bool)
    origins = np.where(seen, _numbers([place.problem_id for place in rows], sample.problems), NEW)
    shaped = shape(mentions, labels, told=told, known=len(sample.problems), again=origins)
    return _save(
        night,
        rows,
        shaped,
        told=told,
        problems=sample.problems,
        stands=stands[copies],
        is_loose=placed.is_loose[copies],
    )


def _fewest(new: int, *, mentions: int, is_sampled: bool) -> int:
    """Mentions that make a problem where so many are placed at once."""
    if is_sampled:
        return fewest_beyond(min(GROUPED_ROWS, mentions), rows=mentions)
    return FEWEST_OF_MANY if new > MANY else FEWEST


def _sampled(night: _Night, places: Sequence[Place], space: Space) -> _Sample:
    """Some mentions of every problem."""
    members = [place for place in places if place.problem_id and not night.standing.leaves_open(place)]
    problems, labels = np.unique([place.problem_id for place in members], return_inverse=True)
    some = stratified(labels.astype(np.int64), count=SAMPLED_ROWS)
    drawn = [members[row] for row in some.tolist()]
    missing = [place for place in drawn if place.mention_id not in night.sampled]
    _, vectors, texts = night.read(missing)
    combined = space.place(vectors, texts)
    placed = night.sampled | {place.mention_id: row for place, row in zip(missing, combined, strict=True)}
    night.sampled.clear()
    night.sampled.update((place.mention_id, placed[place.mention_id]) for place in drawn)
    combined = np.stack(list(night.sampled.values())) if drawn else combined
    return _Sample(problems.astype(np.int64), labels[some].astype(np.int64), combined)


# -- saving -------------------------------------------------------------------------------------------------------


def _save(
    night: _Night,
    places: Sequence[Place],
    shaped: Shaped,
    *,
    told: Told,
    problems: NDArray[np.int64],
    stands: NDArray[np.int64],
    is_loose: NDArray[np.bool_] | None = None,
    space: NewSpace | None = None,
) -> Grouped:
    """Write one step in one transaction; an item that a person put into a problem goes there whatever was found."""
    joined: dict[int, tuple[int | None, float]] = {}
    born: dict[int, list[int]] = {}
    reasons: dict[int, Reason] = {}
    for row, mention in enumerate(places):
        label = int(shaped.labels[row])
        pinned = night.standing.pinned.get(mention.feedback_id)
        how = LOOSELY if is_loose is not None and is_loose[row] else "grouped"
        reason = _reason(row, places, shaped, told=told, problems=problems, stands=stands)
        reasons[mention.mention_id] = replace(reason, placed_by=how)
        if pinned is not None:
            reasons[mention.mention_id] = replace(reasons[mention.mention_id], placed_by="rule", waits=None)
            joined[mention.mention_id] = (pinned, float(told.similarity[row]))
        elif label >= len(problems):
            born.setdefault(label, []).append(row)
        else:
            joined[mention.mention_id] = (int(problems[label]) if label >= 0 else None, float(told.similarity[row]))
    groups = [
        (
            NewProblem(stance=shaped.stance_of(rows), mentions=tuple(places[row].mention_id for row in rows)),
            [float(told.similarity[row]) for row in rows],
        )
        for _, rows in sorted(born.items())
    ]
    reasons |= _of_born(places, reasons, told=told, born=sorted(born))
    night.repository.groupings.save(night.run_id, joined=joined, born=groups, at=night.at, reasons=reasons, space=space)
    found = {mention for mention, (problem, _) in joined.items() if problem is not None}
    found |= {mention for new, _ in groups for mention in new.mentions}
    waited = {place.mention_id for place in places if not place.is_new and not place.problem_id}
    return Grouped(joined=len(found), born=len(groups), settled=len(found & waited))


def _of_born(
    places: Sequence[Place], reasons: Mapping[int, Reason], *, told: Told, born: Sequence[int]
) -> dict[int, Reason]:
    """The reasons of mentions that are near to, or also state, a group that becomes a problem with this step."""
    order = {label: number for number, label in enumerate(born)}
    found: dict[int, Reason] = {}
    for row, mention in enumerate(places):
        reason, second = reasons[mention.mention_id], int(told.second[row])
        also = tuple(order[label] for label in told.also[row].tolist() if label in order)
        if second in order:
            near = float(told.second_similarity[row])
            reason = replace(reason, runner_up_born=order[second], runner_similarity=near)
        found[mention.mention_id] = replace(reason, also_born=also)
    return found


def _reason(
    row: int,
    places: Sequence[Place],
    shaped: Shaped,
    *,
    told: Told,
    problems: NDArray[np.int64],
    stands: NDArray[np.int64],
) -> Reason:
    second = int(told.second[row])
    known = 0 <= second < len(problems)
    stand = int(stands[row])
    return Reason(
        placed_by="grouped",
        waits=shaped.waits[row],
        runner_up=int(problems[second]) if known else None,
        runner_similarity=float(told.second_similarity[row]) if known else None,
        copy_of=places[stand].mention_id if stand != row else None,
        also=tuple(int(problems[label]) for label in told.also[row].tolist() if 0 <= label < len(problems)),
    )


def _save_similar(night: _Night, places: Sequence[Place]) -> None:
    space = _space(night.repository)
    if space is None or len({place.problem_id for place in places if place.problem_id}) < 2:
        return
    sample = _sampled(night, places, space)
    near = near_pairs(centres_of(sample.vectors, sample.labels).centroids, least=SIMILAR_LEAST)
    night.repository.problems.save_similar(
        {
            int(problem): [(int(sample.problems[row]), cosine) for row, cosine in some]
            for problem, some in zip(sample.problems, near, strict=True)
        }
    )
