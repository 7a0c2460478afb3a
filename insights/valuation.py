"""Estimate all problems from the facts that the last analysis kept, what people set, and the settings.

No evidence is read. So a figure that is changed, undone or only tried shows at once what it does to the whole list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from insights.config import Settings
from insights.domain.estimate import Estimate, Range, Revision
from insights.domain.facts import Facts, Firm
from insights.storage.repository import Repository
from insights.worth.estimate import NO_REVISIONS, estimate_all
from insights.worth.leaving import Moves, Usual
from insights.worth.value import Assumptions

_TRIES = 5
"""Where figures change so often while all are estimated, the next who sets one writes them."""


def assumptions_of(settings: Settings) -> Assumptions:
    """The settings in the form that the estimate takes."""
    w = settings.worth
    return Assumptions(
        loss=Range(w.loss_low, w.loss_likely, w.loss_high),
        win=Range(w.win_low, w.win_likely, w.win_high),
        lost_deal_share=w.lost_deal_share,
        minutes_per_item=w.minutes_per_item,
        hourly_cost=w.hourly_cost,
        share_avoided=Range(w.share_avoided_low, w.share_avoided_likely, w.share_avoided_high),
        weeks=Range(w.weeks_low, w.weeks_likely, w.weeks_high),
        request_weeks=Range(w.request_weeks_low, w.request_weeks_likely, w.request_weeks_high),
        week_cost=w.week_cost,
        moves=Moves(
            severity={
                "blocks": w.severity_blocks,
                "hurts": w.severity_hurts,
                "annoys": w.severity_annoys,
                "wish": w.severity_wish,
            },
            detractor=w.detractor,
            promoter=w.promoter,
            says_leaving=w.says_leaving,
            renewal_soon=w.renewal_soon,
            renewal_days=w.renewal_days,
        ),
        usual=Usual(chance=w.usual_loss, years=w.usual_loss_years),
        learn_departures=w.learn_departures,
        most_lost=w.most_lost,
        account_limit=w.account_limit or None,
        reach_silent=w.reach_silent,
        silent_share=w.silent_share,
        shared=w.shared,
        currency=settings.product.currency,
    )


def value_problems(
    repository: Repository, settings: Settings, *, tried: Mapping[int, Revision] = NO_REVISIONS
) -> dict[int, Estimate]:
    """What every problem is worth by these settings, best first; nothing is kept. `tried` outranks what people set."""
    grounds = grounds_of(repository)
    revisions = dict(grounds.revisions)
    for number, revision in tried.items():
        home = grounds.heirs.get(number, number)
        revisions[home] = folded([revisions.get(home, Revision()), revision])
    return _valued(replace(grounds, revisions=revisions), settings)


def revalue(repository: Repository, settings: Settings) -> dict[int, Estimate]:
    """The same, kept: estimates and ranks of all problems. What somebody else set or an analysis found meanwhile is
    taken up: whoever writes last has seen all. In a workspace that no analysis of this version has seen, the estimates
    and ranks of an earlier one stay."""
    grounds = grounds_of(repository)
    made = _valued(grounds, settings)
    if not repository.problems.has_firm():
        return made
    for _ in range(_TRIES):
        repository.problems.save_estimates(made)
        repository.problems.save_ranks(list(made))
        before, grounds = grounds, grounds_of(repository)
        if before == grounds:
            break
        made = _valued(grounds, settings)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """All that estimates rest on but the settings. `facts` are of problems that were not merged."""

    facts: Mapping[int, Facts]
    firm: Firm
    heirs: Mapping[int, int]
    revisions: Mapping[int, Revision]


def grounds_of(repository: Repository) -> Grounds:
    heirs = repository.problems.heirs()
    facts = {number: known for number, known in repository.problems.facts().items() if number not in heirs}
    return Grounds(facts=facts, firm=repository.problems.firm(), heirs=heirs, revisions=revisions_of(repository, heirs))


def _valued(grounds: Grounds, settings: Settings) -> dict[int, Estimate]:
    return estimate_all(grounds.facts, grounds.firm, assumptions_of(settings), revisions=grounds.revisions)


def revisions_of(repository: Repository, heirs: Mapping[int, int]) -> dict[int, Revision]:
    """problem id -> the figures that people set and did not take back; each one's latest counts. What was set of a
    problem that was merged counts for its heir where nothing was set of that."""
    found: dict[int, Revision] = {}
    for number, revisions in sorted(repository.revisions.standing().items(), key=lambda pair: pair[0] not in heirs):
        home = heirs.get(number, number)
        found[home] = folded([found.get(home, Revision()), *revisions])
    return found


def folded(revisions: list[Revision]) -> Revision:
    """What counts of several, oldest first."""
    made = Revision()
    for one in revisions:
        said = {field.name: getattr(one, field.name) for field in fields(one)}
        made = replace(made, **{name: value for name, value in said.items() if value is not None})
    return made
