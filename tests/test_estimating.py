"""People set figures of a problem and try other assumptions: remembered, undone, never in silence over another's."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.config import Settings
from insights.corrections import Corrections
from insights.domain.estimate import Estimate, Range, Revision
from insights.domain.facts import Affected, Facts, Firm
from insights.domain.problem import Action, Decision, State
from insights.errors import InsightsError
from insights.estimating import SIZES, changed, read_figure, read_range, set_figures, what_if
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
    return Triage(repository, who=who, now=lambda: NOW, revalue=lambda: revalue(repository, SETTINGS))


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

    undo = a_triage(repository).undo()

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
    ("text", "expected"),
    [
        ("2-3-6", Range(2, 3, 6)),
        ("2–3–6", Range(2, 3, 6)),
        ("4-9", Range(4, 6, 9)),
        ("3", Range(3, 3, 3)),
        ("2% - 5% - 10%", Range(0.02, 0.05, 0.1)),
        ("l", SIZES["L"]),
    ],
)
def test_a_range_is_read_as_people_write_it(text: str, expected: Range) -> None:
    found = read_figure("effort", text)["weeks"]

    assert (found.low, found.likely, found.high) == pytest.approx((expected.low, expected.likely, expected.high))


@pytest.mark.parametrize("figure", ["churn", "win", "avoided", "minutes"])
def test_a_size_of_work_is_no_chance_and_no_number_of_minutes(figure: str) -> None:
    with pytest.raises(InsightsError, match="is no range"):
        read_figure(figure, "S")


@pytest.mark.parametrize("text", ["0-0-5", "0-5", "0", "0.000001", "521", "9" * 400])
def test_no_effort_and_one_of_centuries_are_refused(text: str) -> None:
    """A likely cost of nothing has no return, and the list would hold what are no numbers."""
    with pytest.raises(InsightsError, match=r"is no (effort|range)"):
        read_figure("effort", text)


def test_handling_may_take_no_time_but_not_for_ever() -> None:
    assert read_figure("minutes", "0") == {"minutes": 0}
    with pytest.raises(InsightsError, match="is no range"):
        read_figure("minutes", "9" * 400)


@pytest.mark.parametrize("text", ["", "a", "6-3-2", "1-2-3-4", "0", "-3", "nan", "2-x-6", "1e9999"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(InsightsError, match="is no range"):
        read_range(text, "effort")


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_range_that_rises_or_is_refused(text: str) -> None:
    try:
        found = read_range(text, "churn", most=1.0)
    except InsightsError:
        return
    assert 0 <= found.low <= found.likely <= found.high <= 1


def test_a_chance_above_one_is_refused() -> None:
    with pytest.raises(InsightsError, match="stay within 0 and 1"):
        read_figure("churn", "5-10-20")


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
