"""What a digest tells, and what its problems are truly about.

A problem is about the labels of three tenths of its items and more, of all or of the last four weeks, and about those
of which it holds more than any other problem does.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from benchmarks.replay_firm import Item
from insights.bootstrap import Workspace
from insights.domain.problem import State, parse_problem_ref

SHARE = 0.3
RECENT = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that a digest tells: `ways` are the words by which events name it ("spiking", "spiking again", "moved",
    "moved: renewals", "ship"); `subject` is a source's name, else empty; `mark` is what a second telling of the very
    same has in common."""

    ways: frozenset[str]
    problem_id: int | None = None
    about: frozenset[str] = frozenset()
    subject: str = ""
    mark: tuple[Any, ...] = ()

    @property
    def way(self) -> str:
        return min(self.ways, key=len)


@dataclass(frozen=True, slots=True, kw_only=True)
class NightSeen:
    """One night of the replay. `told` is None where no digest was sent, empty in a heartbeat; `found` is what the night
    keeps as news, in a digest's lists or beyond them. Bytes are those on disk after it."""

    day: date
    told: tuple[Told, ...] | None
    found: tuple[Told, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    database_bytes: int = 0
    vectors_bytes: int = 0
    problems: int = 0


@dataclass(frozen=True)
class Truth:
    """Which problems of a workspace are about which labels, by the items that they hold tonight."""

    of_problem: Mapping[int, Counter[str]] = field(default_factory=dict)
    lately: Mapping[int, Counter[str]] = field(default_factory=dict)
    names: Mapping[int, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    """problem -> label -> its items by the names that commands take."""

    def about(self, problem_id: int) -> frozenset[str]:
        parts = (self.of_problem.get(problem_id, Counter()), self.lately.get(problem_id, Counter()))
        shared = {label for part in parts for label, count in part.items() if count >= SHARE * part.total()}
        return frozenset(shared | {label for label in parts[0] if self.home(label) == problem_id})

    def home(self, label: str) -> int | None:
        """The problem that holds most of a label's items."""
        return max(self._holding(label), default=(0, None))[1]

    def second(self, label: str) -> int | None:
        """Of the problems that hold more of this label than of any other, the one with most beside its home."""
        home = self.home(label)
        own = {number for number, count in self.of_problem.items() if count[label] == max(count.values())}
        return max((one for one in self._holding(label) if one[1] in own - {home}), default=(0, None))[1]

    def _holding(self, label: str) -> Iterator[tuple[int, int]]:
        return ((count[label], number) for number, count in self.of_problem.items() if count[label])


def truth_of(workspace: Workspace, items: Mapping[tuple[str, str], Item], today: date) -> Truth:
    """What every problem that is still there holds. Mentions of no label count as of none."""
    repository = workspace.repository
    memberships, mentions = repository.groupings.memberships(), repository.mentions.ranked()
    there = {one.id for one in repository.problems.all() if one.state is not State.MERGED}
    held = {(memberships.get(one.id, 0), one.feedback_id) for one in mentions}
    feedback = repository.feedback.get(sorted({number for _, number in held}))
    of_problem: dict[int, Counter[str]] = defaultdict(Counter)
    lately: dict[int, Counter[str]] = defaultdict(Counter)
    names: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for problem, number in sorted(held):
        item = items[feedback[number].source, feedback[number].source_id]
        for label in (item.labels or ("",)) if problem in there else ():
            of_problem[problem][label] += 1
            names[problem][label].append("/".join(item.key))
            if item.day > today - RECENT:
                lately[problem][label] += 1
    return Truth(of_problem, lately, names)


# -- what is told ---------------------------------------------------------------------------------------------------


def told_in(digest: Mapping[str, Any], truth: Truth) -> list[Told]:
    """Everything that is news in a digest, as its JSON form has it. What came back after its release is told of in two
    lists, for it is new and a fix that did not hold: it counts as one."""
    return list(dict.fromkeys(_listed(digest, truth)))


def _listed(digest: Mapping[str, Any], truth: Truth) -> Iterator[Told]:
    for name in ("fresh", "movers"):
        for line in digest[name]["lines"]:
            yield from of_news(line["news"], truth)
    for fix in digest["fixes"]:
        yield from of_news(fix["line"]["news"], truth)
    for one in digest["decided"]:
        yield _decided(one, truth)
    for line in digest["unfiled"]["lines"]:
        yield _of_problem(line["problem_id"], truth, "unfiled", mark=None)
    for source in digest["sources"]:
        if source["is_news"]:
            yield Told(ways=frozenset({"source"}), subject=source["name"], mark=("source", source["name"]))


def of_news(some: Sequence[Mapping[str, Any]], truth: Truth) -> Iterator[Told]:
    """News as they are kept, and as a digest's JSON has them."""
    for news in some:
        kind, times = str(news["kind"]), news.get("times", 1)
        ways = [kind, f"{kind} again" if times > 1 else kind]
        ways += [f"{kind}: {reason['kind']}" for reason in news.get("reasons", ())]
        mark = (kind, times, news.get("before"), news.get("after"))
        yield _of_problem(news["problem_id"], truth, *ways, mark=mark)


def _decided(one: Mapping[str, Any], truth: Truth) -> Told:
    problem = one["problem_id"] if "problem_id" in one else parse_problem_ref(one["ref"])
    action = str(one["action"])
    return _of_problem(problem, truth, "split by hand" if action == "split" else action, mark=(action, one["at"]))


def _of_problem(problem_id: int, truth: Truth, *ways: str, mark: tuple[Any, ...] | None) -> Told:
    marked = (problem_id, *mark) if mark is not None else ()
    return Told(ways=frozenset(ways), problem_id=problem_id, about=truth.about(problem_id), mark=marked)
