"""Tell why each mention of an item is where it is, and what waits for a problem. Writes nothing.

Sentences are for people who know neither cosines nor clusters; the figures stand beside them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from insights.domain.access import Act, use_case
from insights.domain.correction import PERSON
from insights.domain.feedback import Evidence, Stance
from insights.domain.figures import counted
from insights.domain.placement import BY_RULE, OUT, UNTOLD, Placement, Waiting
from insights.domain.problem import problem_ref
from insights.domain.rule import RuleKind
from insights.rulebook import Saying, rulebook
from insights.stages.shaping import ALONE, ONE_ITEM, STALE, TALK
from insights.storage.groupings import LOOSELY
from insights.storage.repository import Repository
from insights.text.clean import one_line

REASONS: Mapping[str, str] = {
    ALONE: "Nothing else is like it yet. It needs a second item that says the same.",
    ONE_ITEM: "Only the same item says so. What one customer said once is not yet a problem.",
    TALK: "It is talk around a problem: what is like it has little in common and hardly states one.",
    STALE: "All that is like it was left out before. It needs something new that says the same.",
    OUT: "A person took it out of its problem.",
    UNTOLD: "An older version left it out and did not say why. A later run will.",
}
"""Why a mention has no problem, as a sentence."""

_KINDS = {
    Stance.PROBLEM: "It states a problem",
    Stance.REQUEST: "It asks for something",
    Stance.PRAISE: "It is praise",
    Stance.QUESTION: "It is a question",
    Stance.NOISE: "It is noise",
}


@dataclass(frozen=True, slots=True)
class Also:
    """A further problem that a mention states: its name such as P-12, and its title."""

    problem: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One mention: its words, its kind with how sure that is (0 to 1), its place, and the sentences that explain it.
    `problem` and `runner_up` are names such as P-12, the titles beside them. `also`: further problems that it states,
    in which it is not counted."""

    words: str
    kind: Stance
    sure: float
    sentences: tuple[str, ...]
    problem: str | None = None
    title: str | None = None
    likeness: float | None = None
    nearer_than: float | None = None
    placed_by: str | None = None
    waits: str | None = None
    runner_up: str | None = None
    runner_up_title: str | None = None
    runner_up_likeness: float | None = None
    copy_of: str | None = None
    also: tuple[Also, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An item, where its mentions are and why, and the rules that people made about it. `is_order`: its words give
    orders to a language model."""

    item: str
    day: datetime
    account: str | None
    is_analysed: bool
    is_order: bool
    mentions: tuple[Told, ...]
    rules: tuple[Saying, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassigned:
    """What has no problem: how much, its share of all that states a problem or request (0 to 1), why, and the newest
    of it, each with its reason."""

    mentions: int
    items: int
    ranked: int
    share: float
    reasons: tuple[Waiting, ...]
    newest: tuple[tuple[Evidence, str], ...]


@use_case(Act.LOOK)
def explain(feedback_id: int, *, repository: Repository) -> Explanation:
    """Why the mentions of an item are where they are."""
    item = repository.feedback.get([feedback_id])[feedback_id]
    placements = repository.placements.of_item(feedback_id)
    sayings = rulebook(repository)
    names = _names(placements, repository, sayings=sayings)
    ref = repository.feedback.refs([feedback_id])[feedback_id]
    numbers = [placement.mention_id for placement in placements]
    evidence = repository.evidence.of_mentions(numbers)
    statements = {mention.id: mention.statement for mention in repository.mentions.get(numbers)}
    return Explanation(
        item=ref,
        day=item.created_at,
        account=next((one.account_name for one in evidence.values()), None),
        is_analysed=item.redacted is not None,
        is_order=item.is_order,
        mentions=tuple(
            _with_statement(told(placement, names), statements[placement.mention_id]) for placement in placements
        ),
        rules=tuple(saying for saying in sayings if saying.item == ref),
    )


def _with_statement(mention: Told, statement: str | None) -> Told:
    """With the words it was compared by, where a model restated it."""
    if not statement:
        return mention
    return replace(mention, sentences=(f"Compared as “{statement}”, as a model restated it.", *mention.sentences))


@use_case(Act.LOOK)
def unassigned(repository: Repository, *, limit: int) -> Unassigned:
    """What has no problem, with up to `limit` of the newest mentions."""
    reasons, ranked = repository.placements.waiting(), repository.placements.ranked()
    newest = repository.placements.newest_waiting(limit)
    evidence = repository.evidence.of_mentions([mention for mention, _ in newest])
    mentions = sum(one.mentions for one in reasons)
    return Unassigned(
        mentions=mentions,
        items=repository.placements.items_waiting(),
        ranked=ranked,
        share=mentions / ranked if ranked else 0.0,
        reasons=tuple(reasons),
        newest=tuple((evidence[mention], why) for mention, why in newest if mention in evidence),
    )


def reason_in_words(reason: str) -> str:
    """Why a mention waits, as a sentence; a reason that this version does not know stands for itself."""
    return REASONS.get(reason, f"Left out: {reason}.")


# -- one mention ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Names:
    """Titles of problems by id, names of items by the id of a mention in them, and how mentions came to their problem
    where a person merged the one they were in: mention id -> words."""

    titles: Mapping[int, str]
    items: Mapping[int, str]
    merges: Mapping[int, str]


def _names(placements: Sequence[Placement], repository: Repository, *, sayings: Sequence[Saying]) -> Names:
    problems = {number for one in placements for number in (one.problem_id, one.runner_up, *one.also) if number}
    titles = {problem.id: problem.title for problem in repository.problems.all() if problem.id in problems}
    items = repository.placements.items_of([one.copy_of for one in placements if one.copy_of])
    refs = repository.feedback.refs(list(items.values()))
    copies = {mention: refs[item] for mention, item in items.items() if item in refs}
    return Names(titles, copies, _merges(placements, repository, sayings=sayings))


def _merges(placements: Sequence[Placement], repository: Repository, *, sayings: Sequence[Saying]) -> dict[int, str]:
    said = {saying.decision_id: saying for saying in sayings if saying.kind is RuleKind.SAME}
    heirs = repository.problems.heirs()
    problems = {one.mention_id: one.problem_id for one in placements}
    found: dict[int, str] = {}
    for decision, done in repository.corrections.of(said).items():
        for place in done.places:
            if place.mention_id in problems and heirs.get(done.source) == problems[place.mention_id]:
                words = f"came with {problem_ref(done.source)}, which {said[decision].who} merged"
                found.setdefault(place.mention_id, words)
    return found


def told(one: Placement, names: Names) -> Told:
    """One mention in words and figures. Pure."""
    measured = _is_measured(one, names)
    runner_up = one.runner_up if one.runner_up in names.titles and one.runner_up != one.problem_id else None
    return Told(
        words=one.text,
        kind=one.stance,
        sure=one.confidence,
        sentences=tuple(_sentences(one, names)),
        problem=problem_ref(one.problem_id) if one.problem_id else None,
        title=names.titles.get(one.problem_id or 0),
        likeness=one.similarity if one.problem_id and measured else None,
        nearer_than=one.nearer_than if one.problem_id and measured else None,
        placed_by=one.placed_by,
        waits=one.waits,
        runner_up=problem_ref(runner_up) if runner_up else None,
        runner_up_title=names.titles[runner_up] if runner_up else None,
        runner_up_likeness=one.runner_similarity if runner_up else None,
        copy_of=names.items.get(one.copy_of) if one.copy_of else None,
        also=tuple(Also(problem_ref(n), one_line(names.titles[n], 120)) for n in one.also if n in names.titles),
    )


def _is_measured(one: Placement, names: Names) -> bool:
    """Whether a run compared it with the problem that it is in; what people moved stays wherever it would fit best."""
    return one.placed_by not in (BY_RULE, PERSON) and one.mention_id not in names.merges


def _sentences(one: Placement, names: Names) -> Iterator[str]:
    yield _kind(one)
    if not one.stance.is_ranked:
        yield "Only problems and requests are grouped and ranked; this is counted."
        return
    if one.is_new:
        yield "No run has looked at it yet: `insights analyze` will."
        return
    if one.problem_id:
        yield from _placed(one, names)
        yield from _also(one, names)
    else:
        yield "It waits, in no problem. " + reason_in_words(one.waits or UNTOLD)
        yield "Each run that brings something new tries it again."
    yield from _near(one, names)


def _kind(one: Placement) -> str:
    if one.told_by and one.confidence == 1:  # what a model told counts as sure
        return f"{_KINDS[one.stance]}: {one_line(one.told_by, 60)} says so."
    sure = "more than 99%" if one.confidence > 0.99 else f"{one.confidence:.0%}"
    return f"{_KINDS[one.stance]}: {sure} sure."


def _placed(one: Placement, names: Names) -> Iterator[str]:
    where = _problem(one.problem_id or 0, names)
    if one.placed_by == PERSON:
        yield f"A person put it into {where}."
    elif one.placed_by == BY_RULE:
        yield f"It is in {where}, because a person said that its item belongs there."
    elif one.mention_id in names.merges:
        yield f"It is in {where}: it {one_line(names.merges[one.mention_id], 160)} into it."
    elif one.placed_by == LOOSELY:
        yield f"It was put into {where} loosely, for want of a better one{_likeness(one)}."
        yield "It is less like it than most of what is in it; a later run may move it."
    elif one.placed_by is None:
        yield f"It is in {where}. An older version put it there and did not say how{_likeness(one)}."
    else:
        yield f"A run put it into {where}, which it is most like{_likeness(one)}."
    if one.nearer_than is not None and _is_measured(one, names):
        yield f"It is nearer to the middle of the problem than {one.nearer_than:.0%} of what is in it."


def _also(one: Placement, names: Names) -> Iterator[str]:
    further = [_problem(number, names) for number in one.also if number in names.titles]
    if further:
        yield f"It may also state {' and '.join(further)}, but is counted in {problem_ref(one.problem_id or 0)} alone."


def _near(one: Placement, names: Names) -> Iterator[str]:
    if one.runner_up in names.titles and one.runner_up != one.problem_id:
        near = f" (likeness {one.runner_similarity:.2f})" if one.runner_similarity is not None else ""
        how = "The next nearest problem is" if one.problem_id else "The nearest problem is"
        yield f"{how} {_problem(one.runner_up or 0, names)}{near}."
    if one.copy_of:
        whose = names.items.get(one.copy_of, "an item that is gone")
        yield f"Its words are nearly those of {whose}: both were placed as one."


def _likeness(one: Placement) -> str:
    return f" (likeness {one.similarity:.2f})" if one.similarity is not None else ""


def _problem(number: int, names: Names) -> str:
    title = names.titles.get(number)
    return f"{problem_ref(number)} “{one_line(title, 80)}”" if title else problem_ref(number)


def waiting_in_words(found: Unassigned) -> str:
    """How much waits, in one sentence."""
    if not found.mentions:
        return "Nothing waits: all that states a problem or request is in one."
    verb = "waits" if found.mentions == 1 else "wait"
    return (
        f"{counted(found.mentions, 'mention')} of {counted(found.items, 'item')} {verb} for a problem: "
        f"{found.share:.0%} of the {found.ranked:,} that state a problem or request."
    )
