"""Look at all problems through a lens: their order, and what moves against the order by return. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from insights.config import Settings
from insights.domain.access import Act, use_case
from insights.domain.problem import Problem, State, problem_ref
from insights.domain.trend import HALF_A_YEAR
from insights.storage.repository import Repository
from insights.valuation import revisions_of
from insights.worth.lens_words import in_words
from insights.worth.lenses import LENSES, Lens, agreement, custom_lens, lens_named, order, weights_of
from insights.worth.seen import QUARTER_DAYS, Heard, Seen, seen_of
from insights.worth.simulation import TOP

_ROI = LENSES["roi"]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A problem through a lens. `place` is among all that are not merged, `roi_place` the same by return; None where it
    has no return. `score` is None where the lens knows nothing of it; `short` and `words` tell it, or why not."""

    problem: Problem
    place: int
    roi_place: int | None
    score: float | None
    short: str
    words: str

    @property
    def is_known(self) -> bool:
        return self.score is not None

    @property
    def move(self) -> int | None:
        """How many places it rises against its place by return; below 0 it falls. None where either is not known."""
        return self.roi_place - self.place if self.roi_place is not None and self.is_known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far the order by a lens agrees with that by return: Kendall's tau-b over the problems that both know, −1 to
    1, None where that says nothing. `known` of `problems` have a score."""

    lens: Lens
    tau: float | None
    known: int
    problems: int


def chosen_lens(settings: Settings, *, name: str | None = None, weights: str | None = None) -> Lens:
    """The lens of that name, or the one that the settings name. Raises InsightsError for one that there is not, and for
    weights that are none."""
    return lens_named(name or settings.lenses.default, weights=settings.lenses.custom if weights is None else weights)


@use_case(Act.LOOK)
def look(repository: Repository, lens: Lens, *, settings: Settings) -> list[View]:
    """All problems that are not merged, the best by the lens first; those it knows nothing of last."""
    problems, seen = _seen(repository, settings)
    scores = lens.score(seen)
    said = in_words(lens, seen, currency=settings.product.currency)
    by_return = {int(number): place for place, number in enumerate(order(_ROI, seen), 1)}
    return [
        View(
            problem=problems[number],
            place=place,
            roi_place=None if np.isnan(seen.roi[number]) else by_return[int(number)],
            score=None if np.isnan(scores[number]) else float(scores[number]),
            short=said[number].short,
            words=said[number].words,
        )
        for place, number in enumerate(order(lens, seen), 1)
    ]


@use_case(Act.LOOK)
def agreements(repository: Repository, *, settings: Settings) -> list[Agreement]:
    """Every lens, with custom weights as the settings say, beside the return."""
    problems, seen = _seen(repository, settings)
    every = (*LENSES.values(), custom_lens(weights_of(settings.lenses.custom)))
    return [
        Agreement(
            lens=lens,
            tau=agreement(lens, _ROI, seen),
            known=int((~np.isnan(lens.score(seen))).sum()),
            problems=len(problems),
        )
        for lens in every
    ]


def _seen(repository: Repository, settings: Settings) -> tuple[list[Problem], Seen]:
    problems = [one for one in repository.problems.all(weeks=HALF_A_YEAR) if one.state is not State.MERGED]
    heard = repository.problems.heard_within(QUARTER_DAYS)
    seen = seen_of(
        problems,
        facts=repository.problems.facts(),
        firm=repository.problems.firm(),
        heard={number: Heard(accounts=some[0], items=some[1]) for number, some in heard.items()},
        revisions=revisions_of(repository, repository.problems.heirs()),
        soon_days=settings.worth.renewal_days,
    )
    return problems, seen


def what_moves(views: Sequence[View], lens: Lens, *, first: int = TOP) -> str:
    """What the lens changes most among these problems, best by it first, in a sentence or two: "By RICE, 6 of the first
    ten are not there by ROI; P-31 rises most: #41 → #3."."""
    known = [view for view in views if view.is_known]
    if not known:
        return f"By {lens.title}, nothing is known of any problem: the order is that by ROI." if views else ""
    top = known[:first]
    told = [words for words in (_others(views, top, first=first), _rises(top)) if words]
    unknown = len(views) - len(known)
    last = f" Of {unknown} it knows nothing; they come last, by ROI." if unknown else ""
    return f"By {lens.title}, {'; '.join(told) or 'the first are the same as by ROI'}.{last}"


def _others(views: Sequence[View], top: Sequence[View], *, first: int) -> str:
    """How many of the first were not among the first by return."""
    ranked = sorted((view for view in views if view.roi_place is not None), key=lambda view: view.roi_place or 0)
    if len(views) <= first or not ranked:
        return ""
    others = len({view.problem.id for view in top} - {view.problem.id for view in ranked[: len(top)]})
    among = "ten" if len(top) == TOP else f"{len(top)}"
    if not others:
        return f"the first {among} are the same as by ROI"
    return f"{others} of the first {among} {'is' if others == 1 else 'are'} not there by ROI"


def _rises(top: Sequence[View]) -> str:
    best = max(top, key=lambda view: (view.move or 0, -view.place))
    if not best.move or best.move < 0:
        return ""
    return f"{problem_ref(best.problem.id)} rises most: #{best.roi_place} → #{best.place}"
