"""People set figures of a problem and try other assumptions: remembered, undone, never in silence over another's."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from insights.config import Settings
from insights.corrections import Corrections
from insights.domain.estimate import Estimate, Range, Revision
from insights.domain.facts import Affected, Facts, Firm
from insights.domain.problem import Action, Decision, State
from insights.domain.typed_figures import FORMS
from insights.errors import InsightsError
from insights.estimating import changed, set_figures, trial_of, what_if
from insights.storage.repository import Repository
from insights.triage import Triage
from insights.valuation import folded, revalue, revisions_of
from tests.stored import NOW, a_stored_problem, a_workspace, an_estimate

SETTINGS = Settings()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return a_workspace(tmp_path, problems=[a_stored_problem("Export hangs"), a_stored_problem("Login loops")])


@pytest.fixture
def two(repository: Repository) -> tuple[int, int]:
    """Two problems; the first is worth more."""
    numbers = 1, 2
    facts = {
        number: Facts(items=4, days=91, accounts=(Affected(account=number, revenue=revenue),))
        for number, revenue in zip(numbers, (900_000.0, 600_000.0), strict=True)
    }
    repository.problems.save_facts(facts, Firm())
    revalue(repository, SETTINGS)
    return numbers


def a_triage(repository: Repository, who: str = "ana") -> Triage:
    return Triage(repository, who=who, now=lambda: NOW, revalue=lambda _: revalue(repository, SETTINGS))


def set_by(repository: Repository, problem: int, who: str = "ana", **figures: object) -> Decision:
    return set_figures(
        problem,
        Revision(**figures),  # type: ignore[arg-type]
        repository=repository,
        settings=SETTINGS,
        who=who,
        now=lambda: NOW,
        why="as last year",
    )


def estimate_of(repository: Repository, problem: int) -> Estimate:
    found = repository.problems.get(problem).estimate
    assert found is not None
    return found


def order(repository: Repository) -> list[int]:
    return [problem.id for problem in repository.problems.all()]


def test_an_estimate_of_a_person_outranks_the_default_and_reranks_the_list(
    repository: Repository, two: tuple[int, int]
) -> None:
    first, second = two
    assert order(repository) == [first, second]

    set_by(repository, first, weeks=Range(20, 30, 40))

    assert order(repository) == [second, first]
    assert estimate_of(repository, first).cost_source == "you"
    assert estimate_of(repository, first).weeks == Range(20, 30, 40)


def test_it_is_a_decision_with_who_when_and_why_that_leaves_the_state(
    repository: Repository, two: tuple[int, int]
) -> None:
    a_triage(repository).decide(two[0], Action.ACCEPT)
    set_by(repository, two[0], weeks=Range(2, 3, 6))

    [accepted, estimated] = repository.decisions.of(two[0])
    assert (estimated.action, estimated.who, estimated.why, estimated.state) == (
        Action.ESTIMATE,
        "ana",
        "as last year",
        None,
    )
    assert repository.problems.get(two[0]).state is State.ACCEPTED
    assert accepted.action is Action.ACCEPT


def test_figures_add_up_and_the_latest_of_each_counts(repository: Repository, two: tuple[int, int]) -> None:
    set_by(repository, two[0], weeks=Range(2, 3, 6), minutes=10.0)
    set_by(repository, two[0], who="ben", weeks=Range(1, 1, 2))

    values = {one.name: one.value for one in estimate_of(repository, two[0]).assumptions}
    assert (values["effort in weeks"], values["handling time of an item"]) == ("1 – 1 – 2", "10 min")


def test_undo_takes_back_one_s_own_figures_and_ranks_anew(repository: Repository, two: tuple[int, int]) -> None:
    before = estimate_of(repository, two[0])
    set_by(repository, two[0], weeks=Range(20, 30, 40))
    version = repository.problems.get(two[0]).version

    undo = a_triage(repository).undo().decisions[0]

    assert undo.action is Action.UNDO
    assert estimate_of(repository, two[0]) == before
    assert repository.problems.get(two[0]).version == version + 1
    with pytest.raises(InsightsError, match="no decision of yours"):
        a_triage(repository).undo()


def test_undo_of_another_s_leaves_the_figures(repository: Repository, two: tuple[int, int]) -> None:
    set_by(repository, two[0], weeks=Range(20, 30, 40))

    with pytest.raises(InsightsError, match="no decision of yours"):
        a_triage(repository, who="ben").undo()

    assert estimate_of(repository, two[0]).cost_source == "you"


def test_undoing_an_acceptance_after_an_estimate_gives_back_the_inbox(
    repository: Repository, two: tuple[int, int]
) -> None:
    a_triage(repository, who="ben").decide(two[0], Action.ACCEPT)
    set_by(repository, two[0], weeks=Range(2, 3, 6))
    a_triage(repository, who="ben").undo()

    assert repository.problems.get(two[0]).state is State.INBOX
    assert estimate_of(repository, two[0]).weeks == Range(2, 3, 6)


def test_who_saw_an_older_version_overwrites_nothing(repository: Repository, two: tuple[int, int]) -> None:
    seen = repository.problems.get(two[0]).version
    set_by(repository, two[0], weeks=Range(2, 3, 6))

    with pytest.raises(InsightsError, match="changed by someone else"):
        set_figures(
            two[0],
            Revision(minutes=1.0),
            repository=repository,
            settings=SETTINGS,
            who="ben",
            now=lambda: NOW,
            seen_version=seen,
        )

    assert len(repository.decisions.of(two[0])) == 1


def test_figures_of_a_workspace_that_was_not_analysed_since_leave_the_ranks(repository: Repository) -> None:
    """As an earlier version left it: estimates and ranks, but not the facts behind them."""
    repository.problems.save_estimates({1: an_estimate(), 2: an_estimate()})
    repository.problems.save_ranks([2, 1])

    set_by(repository, 1, weeks=Range(2, 3, 6))
    a_triage(repository).undo()

    assert [estimate_of(repository, number).rank for number in (1, 2)] == [2, 1]


def test_what_somebody_sets_while_others_are_estimated_is_not_lost(
    repository: Repository, two: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    save, late = repository.problems.save_estimates, [two[1]]

    def after_ben(made: Mapping[int, Estimate]) -> None:
        if late:
            set_by(repository, late.pop(), who="ben", weeks=Range(20, 30, 40))
        save(made)

    monkeypatch.setattr(repository.problems, "save_estimates", after_ben)
    set_by(repository, two[0], weeks=Range(2, 3, 6))

    assert [estimate_of(repository, number).weeks.likely for number in two] == [3, 30]


def test_figures_of_a_merged_problem_count_for_its_heir_until_it_has_its_own(
    repository: Repository, two: tuple[int, int]
) -> None:
    part, heir = two
    corrections = Corrections(repository, who="ben", now=lambda: NOW)
    set_by(repository, part, weeks=Range(20, 30, 40), minutes=7.0)
    corrections.merge(part, heir)
    set_by(repository, part, weeks=Range(1, 2, 3))  # the id leads to the heir

    revised = revisions_of(repository, repository.problems.heirs())
    assert revised == {heir: Revision(weeks=Range(1, 2, 3), minutes=7.0)}
    a_triage(repository).undo()
    a_triage(repository).undo()  # of the part, which is merged by now
    assert revisions_of(repository, repository.problems.heirs()).get(heir, Revision()) == Revision()
    assert estimate_of(repository, heir).cost_source == "default"


def test_a_merge_that_is_taken_back_gives_each_its_own_figures(repository: Repository, two: tuple[int, int]) -> None:
    part, heir = two
    set_by(repository, part, weeks=Range(20, 30, 40))
    Corrections(repository, who="ben", now=lambda: NOW).merge(part, heir)
    revalue(repository, SETTINGS)
    assert estimate_of(repository, heir).weeks == Range(20, 30, 40)

    a_triage(repository, who="ben").undo()
    revalue(repository, SETTINGS)

    assert estimate_of(repository, part).weeks == Range(20, 30, 40)
    assert estimate_of(repository, heir).cost_source == "default"


def test_setting_nothing_is_refused(repository: Repository, two: tuple[int, int]) -> None:
    with pytest.raises(InsightsError, match="Nothing is set"):
        set_by(repository, two[0])


def test_what_if_shows_moves_and_changes_nothing(repository: Repository, two: tuple[int, int]) -> None:
    first, second = two
    before = [estimate_of(repository, number) for number in two]

    tried = what_if(repository, SETTINGS, [f"P-{first}.effort=20-30-40", "churn.high=0.2"])

    assert [(one.problem.id, one.rise) for one in tried] == [(second, 1), (first, -1)]
    assert tried[0].after.value.high > tried[0].before.value.high
    assert [estimate_of(repository, number) for number in two] == before


def test_what_if_of_nothing_changes_nothing(repository: Repository, two: tuple[int, int]) -> None:
    assert {one.rise for one in what_if(repository, SETTINGS, [])} == {0}
    assert len(two) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("churn.high", "sets nothing"),
        ("chrun.high=0.2", "There is no assumption 'chrun.high'"),
        ("churn.high=0.02", "must rise"),
        ("churn.high=7", "less than or equal to 1"),
        ("hourly_cost=much", "valid number"),
        ("P-99.effort=2-3-6", "no problem P-99"),
        ("P-1.colour=red", "A problem has no figure 'colour'"),
        ("P-1.severity=awful", "is no severity"),
    ],
)
def test_what_cannot_be_tried_is_said(repository: Repository, change: str, message: str) -> None:
    with pytest.raises(InsightsError, match=message):
        what_if(repository, SETTINGS, [change])


def test_a_setting_may_be_named_as_people_call_it() -> None:
    made = changed(SETTINGS, {"churn": "2%-5%-10%", "effort.high": "9", "worth.hourly_cost": "60"}).worth

    assert (made.loss_low, made.loss_likely, made.loss_high) == (0.02, 0.05, 0.1)
    assert (made.weeks_high, made.hourly_cost) == (9, 60)


@pytest.mark.parametrize(
    ("several", "expected"),
    [
        ([], Revision()),
        ([Revision(minutes=1), Revision(severity="hurts")], Revision(minutes=1, severity="hurts")),
        ([Revision(minutes=1), Revision(minutes=2)], Revision(minutes=2)),
    ],
)
def test_of_several_revisions_the_latest_of_each_figure_counts(several: Sequence[Revision], expected: Revision) -> None:
    assert folded(list(several)) == expected


# -- one problem, as fast as one types --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "revision",
    [
        Revision(weeks=Range(20, 30, 40)),
        Revision(weeks=Range(0.1, 0.2, 0.3)),
        Revision(loss=Range(0.1, 0.2, 0.4), minutes=60),
        Revision(severity="wish"),
    ],
)
def test_what_is_tried_of_one_problem_is_what_setting_it_gives(
    repository: Repository, two: tuple[int, int], revision: Revision
) -> None:
    tried = trial_of(two[0], repository=repository, settings=SETTINGS).tried(revision)
    set_figures(two[0], revision, repository=repository, settings=SETTINGS, who="ana", now=lambda: NOW)
    after = estimate_of(repository, two[0])

    assert (tried.after.value, tried.after.cost, tried.after.roi) == (after.value, after.cost, after.roi)
    assert tried.after.rank == after.rank
    assert tried.after.assumptions == after.assumptions


def test_trying_keeps_nothing_and_no_figure_changes_nothing(repository: Repository, two: tuple[int, int]) -> None:
    before = [estimate_of(repository, number) for number in two]
    trial = trial_of(two[0], repository=repository, settings=SETTINGS)

    assert trial.tried(Revision()).rise == 0
    assert trial.tried(Revision(weeks=Range(20, 30, 40))).rise == -1
    assert trial.tried(Revision(weeks=Range(20, 30, 40))).after.chance_top is None
    assert [estimate_of(repository, number) for number in two] == before


def test_what_is_tried_adds_to_what_stands(repository: Repository, two: tuple[int, int]) -> None:
    set_by(repository, two[0], weeks=Range(2, 3, 6))

    after = trial_of(two[0], repository=repository, settings=SETTINGS).tried(Revision(minutes=1)).after

    assert after.weeks == Range(2, 3, 6)


def test_a_merged_id_tries_its_heir_and_an_unknown_one_is_refused(repository: Repository, two: tuple[int, int]) -> None:
    Corrections(repository, who="ben", now=lambda: NOW).merge(*two)

    assert trial_of(two[0], repository=repository, settings=SETTINGS).problem.id == two[1]
    with pytest.raises(InsightsError, match="no problem P-99"):
        trial_of(99, repository=repository, settings=SETTINGS)


def test_a_problem_that_no_analysis_estimated_cannot_be_tried(repository: Repository) -> None:
    with pytest.raises(InsightsError, match="P-1 is not estimated yet"):
        trial_of(1, repository=repository, settings=SETTINGS)


def test_every_figure_says_what_it_is_and_who_says_so(repository: Repository, two: tuple[int, int]) -> None:
    set_by(repository, two[0], who="ben", weeks=Range(2, 3, 6), minutes=7.0)
    set_by(repository, two[0], weeks=Range(1, 2, 2))
    found = trial_of(two[0], repository=repository, settings=SETTINGS).figures(who="ana")

    assert [one.name for one in found] == list(FORMS)
    assert [(one.text, one.source, one.is_set) for one in found] == [
        ("1-2-2", "you, 2026-11-20", True),
        ("1%-3%-8%", "settings", False),
        ("2%-10%-25%", "settings", False),
        ("40%-70%-90%", "settings", False),
        ("7", "ben, 2026-11-20", True),
        ("", "nobody told", False),
    ]


def test_a_figure_that_was_taken_back_is_from_where_it_was_before(repository: Repository, two: tuple[int, int]) -> None:
    set_by(repository, two[0], weeks=Range(2, 3, 6))
    a_triage(repository).undo()

    effort = trial_of(two[0], repository=repository, settings=SETTINGS).figures()[0]
    assert (effort.source, effort.is_set) == ("settings", False)


def test_what_was_set_of_a_merged_problem_is_told_with_who_set_it(repository: Repository, two: tuple[int, int]) -> None:
    set_by(repository, two[0], who="ben", minutes=7.0)
    Corrections(repository, who="ben", now=lambda: NOW).merge(*two)

    minutes = trial_of(two[1], repository=repository, settings=SETTINGS).figures()[4]
    assert (minutes.text, minutes.source) == ("7", "ben, 2026-11-20")


def test_setting_with_the_others_left_for_later_estimates_that_one(
    repository: Repository, two: tuple[int, int]
) -> None:
    revision = Revision(weeks=Range(20, 30, 40))
    tried = trial_of(two[0], repository=repository, settings=SETTINGS).tried(revision).after
    set_figures(
        two[0], revision, repository=repository, settings=SETTINGS, who="ana", now=lambda: NOW, others_later=True
    )

    assert estimate_of(repository, two[0]).roi == tried.roi
    assert estimate_of(repository, two[0]).rank == 1  # until all are ranked anew
    revalue(repository, SETTINGS)
    assert order(repository) == [two[1], two[0]]
