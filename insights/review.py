"""Let a model review the grouping: near problems that are one, loose ones that are several.

What it says becomes a correction like a person's, under the model's name: told in the history, kept to by later runs,
taken back by `undo`. A person's word wins: what somebody decided on, corrected or took back is not asked about.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from insights.corrections import Corrections
from insights.domain.feedback import Mention
from insights.domain.problem import State
from insights.errors import InsightsError
from insights.language.reviews import Reviewer, Side
from insights.ports import Progress, Vectors
from insights.storage.assessments import Assessment
from insights.storage.repository import Repository
from insights.storage.vectors import VectorStore

MOST_PAIRS, MOST_LOOSE = 40, 20
"""Questions of a night: the nearest pairs, the loosest problems."""

NEAR = 0.4
"""Cosine of two problems' centres in the space from which they could be one: of banking77's classes that were found in
two groups, seven in ten pairs have it; of pairs that have it, one in seven to twenty is one class."""

LOOSE_ITEMS = 8
"""Fewer mentions are not split."""

LOOSE_QUANTILE = 0.08
"""The loosest of problems, so large a share, by the mean cosine of mentions and centre, could be several."""

GREW = 1.5
"""What was asked is asked again when a problem has grown, or shrunk, so much."""

SAME, SPLIT = "same", "split"


@dataclass(frozen=True, slots=True)
class Review:
    """What a review works with. `now` is the clock."""

    repository: Repository
    reviewer: Reviewer
    vectors: VectorStore
    now: Callable[[], datetime]
    run_id: int
    progress: Progress

    def run(self) -> dict[str, int]:
        """Ask and correct; each correction is committed as it comes. Returns counts by name."""
        members = self.repository.mentions.by_problem()
        open_ones = self._open(members)
        several = self._split(self._loose(open_ones), open_ones)
        one = self._merge(self._near(open_ones), open_ones)
        counts = {"merged": one, "parted": several}
        return {name: count for name, count in counts.items() if count}

    # -- what is asked ----------------------------------------------------------------------------------------

    def _open(self, members: Mapping[int, list[Mention]]) -> dict[int, list[Mention]]:
        """Problems on which nobody decided, and which nobody shaped but a model."""
        states = self.repository.problems.states()
        shaped = self._shaped_by_people()
        return {
            problem: some
            for problem, some in members.items()
            if states.get(problem) is State.INBOX and problem not in shaped
        }

    def _shaped_by_people(self) -> set[int]:
        decisions = self.repository.decisions.since(None)
        people = {one.problem_id for one in decisions if not is_model(one.who)}
        ruled = {one.id for one in decisions if not is_model(one.who)}
        rules = self.repository.rules.all()
        return people | {problem for rule in rules if rule.decision_id in ruled for problem in rule.problems}

    def _near(self, members: Mapping[int, list[Mention]]) -> list[tuple[int, int]]:
        """Pairs of problems that are each other's nearest and were not asked about as they are, nearest first."""
        asked = self._asked(SAME)
        nearest = {problem: self._nearest(problem, members) for problem in members}
        found: dict[tuple[int, int], float] = {}
        for problem, (other, cosine) in nearest.items():
            pair = min(problem, other), max(problem, other)
            if cosine < NEAR or nearest.get(other, (0, 0.0))[0] != problem:
                continue
            sizes = len(members[pair[0]]), len(members[pair[1]])
            if _is_news(asked.get((pair[0], f"{SAME} {pair[1]}")), sizes):
                found[pair] = cosine
        return sorted(found, key=lambda pair: (-found[pair], pair))[:MOST_PAIRS]

    def _nearest(self, problem: int, members: Mapping[int, list[Mention]]) -> tuple[int, float]:
        """The nearest other problem that may be merged, with the cosine; (0, 0) for none."""
        others = self.repository.problems.similar(problem)
        return next(((other, cosine) for other, cosine in others if other in members), (0, 0.0))

    def _loose(self, members: Mapping[int, list[Mention]]) -> list[int]:
        """The loosest problems that were not asked about as they are."""
        asked = self._asked(SPLIT)
        means = self.repository.groupings.closeness()
        known = [means[problem] for problem in members if problem in means]
        if len(known) < 2:
            return []
        bound = float(np.quantile(known, LOOSE_QUANTILE))
        loose = [
            problem
            for problem, some in members.items()
            if len(some) >= LOOSE_ITEMS
            and means.get(problem, 1.0) <= bound
            and _is_news(asked.get((problem, SPLIT)), (len(some),))
        ]
        return sorted(loose, key=lambda problem: (means[problem], problem))[:MOST_LOOSE]

    def _asked(self, what: str) -> dict[tuple[int, str], Assessment]:
        return {(one.problem_id, one.what): one for one in self.repository.assessments.starting_with(what)}

    # -- what is done -----------------------------------------------------------------------------------------

    def _merge(self, pairs: Sequence[tuple[int, int]], members: Mapping[int, list[Mention]]) -> int:
        sides = self._sides({problem for pair in pairs for problem in pair}, members)
        able = [(sides[a], sides[b]) for a, b in pairs if a in sides and b in sides]
        heirs: dict[int, int] = {}
        merged = 0
        for done, said in enumerate(self.reviewer.are_same(able, run_id=self.run_id), 1):
            self.progress("reviewing near problems", done, len(able))
            if said.same is None:
                continue
            sizes = len(members[said.first]), len(members[said.second])
            self._remember(said.first, f"{SAME} {said.second}", sizes, by=said.by, said={"same": said.same})
            if said.same and said.first not in heirs and said.second not in heirs:
                part, whole = sorted((said.first, said.second), key=lambda problem: (len(members[problem]), -problem))
                if self._corrects(by=said.by).merge(part, whole, why=said.reason):
                    heirs[part] = whole
                    merged += 1
        return merged

    def _split(self, loose: Sequence[int], members: dict[int, list[Mention]]) -> int:
        """The largest part keeps the problem's id; the remarks that were not shown go with the nearest part."""
        sides = self._sides(loose, members)
        parted = 0
        asked = [sides[problem] for problem in loose if problem in sides]
        for done, said in enumerate(self.reviewer.are_several(asked, run_id=self.run_id), 1):
            self.progress("reviewing loose problems", done, len(asked))
            problem = said.problem_id
            sizes = (len(members[problem]),)
            self._remember(problem, SPLIT, sizes, by=said.by, said={"parts": len(said.parts)})
            parts = _whole_parts(said.parts, members[problem], self._matrix(members[problem])) if said.parts else ()
            parted += sum(self._corrects(by=said.by).split(problem, part, why=said.reason) for part in parts[1:])
            if parts:
                members.pop(problem)  # tonight it is another one
        return parted

    def _corrects(self, *, by: str) -> "_Careful":
        return _Careful(Corrections(self.repository, who=by, now=self.now))

    def _remember(self, problem: int, what: str, sizes: Sequence[int], *, by: str, said: Mapping[str, object]) -> None:
        told_from = " ".join(map(str, sizes))
        text = json.dumps(said)
        self.repository.assessments.put(
            [Assessment(problem_id=problem, what=what, told_by=by, told_from=told_from, text=text, at=self.now())]
        )

    # -- parts ------------------------------------------------------------------------------------------------

    def _sides(self, problems: Iterable[int], members: Mapping[int, list[Mention]]) -> dict[int, Side]:
        """Each with what may be shown, nearest to the centre first; without what gives orders to a machine."""
        sides = {}
        for problem in problems:
            shown = [mention for mention in members[problem] if not mention.is_order]
            if shown:
                matrix = self._matrix(shown)
                order = np.argsort(-(matrix @ matrix.mean(axis=0)), kind="stable").tolist()
                sides[problem] = Side(problem, [shown[row] for row in order], matrix[order])
        return sides

    def _matrix(self, mentions: Sequence[Mention]) -> Vectors:
        return self.vectors.matrix([mention.id for mention in mentions])


@dataclass(frozen=True, slots=True)
class _Careful:
    """Corrections that can be refused, when somebody changed the problem meanwhile; then it is left alone."""

    corrections: Corrections

    def merge(self, part: int, whole: int, *, why: str) -> bool:
        try:
            self.corrections.merge(part, whole, why=why)
        except InsightsError:
            return False
        return True

    def split(self, problem: int, items: Sequence[int], *, why: str) -> bool:
        try:
            self.corrections.split(problem, items, why=why)
        except InsightsError:
            return False
        return True


def is_model(who: str) -> bool:
    """Whether a decision was made by a model: its name has a provider before a colon, which no user's name may have."""
    return ":" in who


def _is_news(asked: Assessment | None, sizes: Sequence[int]) -> bool:
    """Never asked, or asked of problems of another size, and then told apart: what was one and is two was parted by
    somebody since."""
    if asked is None:
        return True
    if json.loads(asked.text).get("same") is True:
        return False
    before = [int(size) for size in asked.told_from.split()]
    return any(now > then * GREW or now * GREW < then for then, now in zip(before, sizes, strict=True))


def _whole_parts(
    parts: Sequence[Sequence[int]], mentions: Sequence[Mention], matrix: Vectors
) -> tuple[tuple[int, ...], ...]:
    """The parts with the items that were not shown: each goes with the part whose centre it is nearest to."""
    rows = {mention.feedback_id: row for row, mention in enumerate(mentions)}
    named = {item: number for number, part in enumerate(parts) for item in part}
    centres = np.stack([matrix[[rows[item] for item in part]].mean(axis=0) for part in parts])
    found: list[list[int]] = [list(part) for part in parts]
    for item, row in rows.items():
        if item not in named:
            found[int((centres @ matrix[row]).argmax())].append(item)
    return tuple(tuple(part) for part in sorted(found, key=len, reverse=True))
