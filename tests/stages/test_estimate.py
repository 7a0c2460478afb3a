"""The facts behind an estimate are those of its evidence: accounts, deals, items and scores, each counted once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from insights.config import Settings
from insights.domain.assessed import Assessed
from insights.domain.customers import Account, AccountRecord, DealRecord, DealStage
from insights.domain.estimate import Estimate, Range, Revision
from insights.domain.facts import Facts, Scores, Stay
from insights.domain.feedback import AccountMatch, FeedbackKind, Stance
from insights.domain.problem import Action
from insights.estimating import set_figures
from insights.stages.estimate import estimate_problems
from insights.stages.facts import scores_of, stay_of
from insights.storage.assessments import ASSESSED, Assessment
from insights.storage.groupings import Reason
from tests.drafts import a_draft, save
from tests.stages.night import TOPICS, Night
from tests.stored import NOW

OPEN = DealRecord(source="crm", source_id="D-1", stage=DealStage.OPEN, amount=90_000.0, account="A-1")
KNOWN = {"account_id": 1, "account_match": AccountMatch.ID}


def with_accounts(night: Night, *records: AccountRecord) -> None:
    with night.repository.writing() as connection:
        night.repository.customers.save_accounts(records, connection=connection)


def acme(**fields: Any) -> AccountRecord:
    return AccountRecord(**{"source": "crm", "source_id": "A-1", "name": "Acme", "annual_revenue": 100_000.0, **fields})


def with_deals(night: Night, *deals: DealRecord) -> None:
    with night.repository.writing() as connection:
        night.repository.customers.save_deals(deals, accounts={"A-1": 1}, connection=connection)


def heard(night: Night, **fields: Any) -> tuple[int, int]:
    """Two problems, of exports and of logins, one item of each with these fields."""
    for topic in ("export", "login"):
        night.hear(topic, times=1, **fields)
        night.hear(topic, times=7)
    night.pass_by()
    [exports], [logins] = night.problems_of("export"), night.problems_of("login")
    assert exports is not None
    assert logins is not None
    return exports, logins


def estimated(night: Night) -> dict[int, Estimate]:
    settings = Settings()
    estimate_problems(night.repository, settings=settings, embedder=night.embedder, vectors=night.vectors)
    return {problem.id: problem.estimate for problem in night.repository.problems.all() if problem.estimate}


def known(night: Night, problem: int) -> Facts:
    estimated(night)
    return night.repository.problems.facts()[problem]


def hear_words(night: Night, topic: str, words: str, *, times: int, **fields: Any) -> None:
    """Items about a topic that say this, too."""
    numbers = [next(night.numbers) for _ in range(times)]
    save(night.repository, *(a_draft(f"{TOPICS[topic]} {words} {one}", number=one, **fields) for one in numbers))


def assess(night: Night, problem: int, *, severity: str) -> None:
    """What a model says of it."""
    said = Assessed(
        problem_id=problem,
        severity=severity,
        urgency="now",
        severity_reason="work stops",
        weeks=Range(2, 4, 6),
        effort_reason="a queue",
        is_sure=True,
        by="openai:small",
    )
    kept = Assessment(problem_id=problem, what=ASSESSED, told_by=said.by, told_from="8", text=said.to_json(), at=NOW)
    night.repository.assessments.put([kept])


def severity_note(estimate: Estimate) -> str:
    [note] = [one for one in estimate.notes if one.startswith("severity: ")]
    return note


def test_known_and_unknown_revenue_are_counted_apart(night: Night) -> None:
    with_accounts(night, acme(annual_revenue=None))
    exports, _ = heard(night, **KNOWN)
    assert estimated(night)[exports].unknown_revenue_accounts == 1

    with_accounts(night, acme())

    assert estimated(night)[exports].unknown_revenue_accounts == 0
    assert [one.revenue for one in known(night, exports).accounts] == [100_000.0]


def test_an_account_counts_once_however_often_it_writes(night: Night) -> None:
    with_accounts(night, acme())
    night.hear("export", times=8, **KNOWN)
    night.pass_by()
    [exports] = night.problems_of("export")

    assert len(known(night, exports or 0).accounts) == 1


def test_an_account_that_left_is_at_stake_no_more_but_its_stay_counts(night: Night) -> None:
    with_accounts(night, acme(left_on=NOW.date() - timedelta(days=10)))
    night.hear("login", times=1, created_at=NOW)
    exports, _ = heard(night, created_at=NOW - timedelta(days=60), **KNOWN)
    facts = known(night, exports)

    assert [one.revenue for one in facts.accounts] == [0.0]
    assert facts.stay.left == 1
    assert facts.stay.years == pytest.approx(50 / 365, abs=0.01)
    assert night.repository.problems.firm().stay.left == 1


def test_score_renewal_and_words_of_leaving_are_the_account_s(night: Night) -> None:
    with_accounts(night, acme(renewal_date=NOW.date() + timedelta(days=30)))
    night.hear("export", times=1, kind=FeedbackKind.NPS, score=9.0, created_at=NOW - timedelta(days=50), **KNOWN)
    night.hear("login", times=1, kind=FeedbackKind.NPS, score=3.0, created_at=NOW, **KNOWN)
    exports, logins = heard(night, **KNOWN)
    leaving = night.repository.problems.facts

    [account] = known(night, exports).accounts

    assert (account.score, account.renewal_days, account.says_leaving) == (3.0, 30, False)
    assert leaving()[logins].scores == Scores(detractors=1)
    assert night.repository.problems.firm().scores == Scores(promoters=1, detractors=1)


def test_old_answers_count_no_more(night: Night) -> None:
    with_accounts(night, acme())
    night.hear("export", times=1, kind=FeedbackKind.NPS, score=1.0, created_at=NOW - timedelta(days=400), **KNOWN)
    exports, _ = heard(night, **KNOWN)

    assert known(night, exports).accounts[0].score is None


def test_what_states_a_problem_from_within_another_is_worth_nothing_there(night: Night) -> None:
    with_accounts(night, acme())
    exports, logins = heard(night, kind=FeedbackKind.NOTE, **KNOWN)
    with_deals(night, OPEN)
    before = estimated(night)
    places = night.repository.groupings.memberships()
    joined = {mention: (problem, 0.9) for mention, problem in places.items()}
    reasons = dict.fromkeys(places, Reason(placed_by="grouped", also=(exports, logins)))

    night.repository.groupings.save(2, joined=joined, born=[], reasons=reasons)

    assert len(night.repository.also.of_problem(logins)) == 8
    assert estimated(night) == before


def test_an_open_deal_is_shared_among_the_problems_that_its_notes_name(night: Night) -> None:
    with_accounts(night, acme())
    exports, logins = heard(night, kind=FeedbackKind.NOTE, **KNOWN)
    with_deals(night, OPEN)

    assert [known(night, problem).open_deals for problem in (exports, logins)] == [(45_000.0,), (45_000.0,)]


def test_a_renewal_is_no_new_revenue(night: Night) -> None:
    with_accounts(night, acme())
    exports, _ = heard(night, kind=FeedbackKind.NOTE, **KNOWN)
    with_deals(night, replace(OPEN, name="Acme – Renewal 2027"))

    assert (known(night, exports).open_deals, known(night, exports).renewals) == ((), 1)


def test_only_sales_notes_name_a_deal(night: Night) -> None:
    with_accounts(night, acme())
    exports, _ = heard(night, kind=FeedbackKind.TICKET, **KNOWN)
    with_deals(night, OPEN)

    assert known(night, exports).open_deals == ()


def test_a_lost_deal_counts_for_the_problem_that_its_reason_means(night: Night) -> None:
    exports, logins = heard(night)
    reason = f"{TOPICS['login']} today again"
    with_deals(night, replace(OPEN, stage=DealStage.LOST, account=None, reason_lost=reason))

    assert known(night, logins).lost_deals == (90_000.0,)
    assert known(night, exports).lost_deals == ()


@pytest.mark.parametrize("reason", ["price too high against rivals", None, ""])
def test_a_deal_lost_for_another_reason_counts_for_none(night: Night, reason: str | None) -> None:
    heard(night)
    with_deals(night, replace(OPEN, stage=DealStage.LOST, account=None, reason_lost=reason))
    estimated(night)

    assert {facts.lost_deals for facts in night.repository.problems.facts().values()} == {()}


def test_won_deals_count_for_nothing_and_an_unknown_amount_stays_unknown(night: Night) -> None:
    with_accounts(night, acme())
    exports, _ = heard(night, kind=FeedbackKind.NOTE, **KNOWN)
    with_deals(night, replace(OPEN, amount=None), replace(OPEN, source_id="D-2", stage=DealStage.WON))

    assert known(night, exports).open_deals == (None,)


def test_support_is_counted_over_the_last_quarter(night: Night) -> None:
    night.hear("export", times=4, created_at=NOW)
    night.hear("export", times=4, created_at=NOW - timedelta(days=200))
    night.hear("login", times=8)
    night.pass_by()
    [exports] = night.problems_of("export")
    facts = known(night, exports or 0)

    assert (facts.items, facts.days) == (4, 91)


def test_accounts_not_heard_from_are_known_by_their_revenue(night: Night) -> None:
    gone = AccountRecord(source="crm", source_id="A-3", name="Gone", annual_revenue=7.0, left_on=date(2020, 1, 1))
    with_accounts(
        night, acme(), AccountRecord(source="crm", source_id="A-2", name="Quiet", annual_revenue=5_000.0), gone
    )
    heard(night, **KNOWN)
    estimated(night)
    firm = night.repository.problems.firm()

    assert (firm.heard, firm.silent, firm.silent_revenue) == (1, 1, 5_000.0)


def test_what_a_model_said_of_severity_and_effort_is_used_and_named(night: Night) -> None:
    exports, _ = heard(night)
    assess(night, exports, severity="blocks")
    made = estimated(night)[exports]

    assert (made.weeks, made.cost_source) == (Range(2, 4, 6), "openai:small")
    assert known(night, exports).severity == "blocks"


def test_without_a_model_a_rule_tells_severity_from_the_words(night: Night) -> None:
    night.hear("export", times=7)
    hear_words(night, "export", "today, urgent, nobody can print", times=3)
    night.hear("login", times=7)
    hear_words(night, "login", "again, urgent", times=1)
    night.pass_by()
    [exports], [logins] = night.problems_of("export"), night.problems_of("login")

    blocks, hurts = known(night, exports or 0), known(night, logins or 0)

    assert (blocks.severity, blocks.severity_by, blocks.severity_said, blocks.voices) == ("blocks", "rule", 3, 10)
    assert (hurts.severity, hurts.severity_said, hurts.voices) == ("hurts", 7, 8)
    assert (
        "severity: blocks, told by a rule from the words of 3 of 10 customers" in estimated(night)[exports or 0].notes
    )


def test_an_account_speaks_of_severity_with_one_voice_and_says_its_worst(night: Night) -> None:
    with_accounts(night, acme())
    night.hear("export", times=4, **KNOWN)
    hear_words(night, "export", "today, urgent", times=4, **KNOWN)
    night.hear("export", times=2)
    night.pass_by()
    [exports] = night.problems_of("export")
    facts = known(night, exports or 0)

    assert (facts.severity, facts.severity_said, facts.voices) == ("hurts", 2, 3)


def test_requests_are_wishes_and_two_voices_tell_nothing(night: Night) -> None:
    night.hear("export", times=8)
    night.hear("login", times=2)
    night.pass_by(stance=Stance.REQUEST)
    [exports], [logins] = night.problems_of("export"), night.problems_of("login")

    assert known(night, exports or 0).severity == "wish"
    assert (known(night, logins or 0).severity, known(night, logins or 0).severity_by) == (None, "")


def test_a_person_outranks_a_model_and_a_model_the_rule(night: Night) -> None:
    hear_words(night, "export", "today, urgent", times=8)
    night.hear("login", times=8)
    night.pass_by()
    [exports] = night.problems_of("export")
    assert exports is not None

    assert (
        severity_note(estimated(night)[exports])
        == "severity: blocks, told by a rule from the words of 8 of 8 customers"
    )
    assess(night, exports, severity="annoys")
    assert severity_note(estimated(night)[exports]) == "severity: annoys, told by openai:small"
    assert (known(night, exports).severity_said, known(night, exports).voices) == (0, 0)
    set_figures(
        exports,
        Revision(severity="wish"),
        repository=night.repository,
        settings=Settings(),
        who="ada",
        now=lambda: NOW,
    )
    assert severity_note(estimated(night)[exports]) == "severity: wish, told by you"


def test_something_new_is_told_from_something_broken(night: Night) -> None:
    night.hear("export", times=8)
    night.pass_by(stance=Stance.REQUEST)
    [exports] = night.problems_of("export")

    assert known(night, exports or 0).is_request
    assert estimated(night)[exports or 0].cost_source == "default, new work"


def test_estimates_are_made_anew_and_change_with_the_facts(night: Night) -> None:
    exports, _ = heard(night)
    before = estimated(night)[exports]

    assert estimated(night)[exports] == before
    with night.repository.writing() as connection:
        night.repository.feedback.remove("tickets", ["T-1", "T-2"], connection=connection)
    assert estimated(night)[exports].value.likely == pytest.approx(before.value.likely * 6 / 8, rel=0.02)


def test_ranks_are_stored_and_a_merged_problem_has_none(night: Night) -> None:
    with_accounts(night, acme())
    exports, logins = heard(night, **KNOWN)
    night.hear("webhook", times=8)
    night.pass_by()
    estimated(night)

    ranks = {problem.id: problem.estimate.rank for problem in night.repository.problems.all() if problem.estimate}
    assert sorted(rank for rank in ranks.values() if rank) == [1, 2, 3]
    assert max(ranks, key=lambda number: ranks[number] or 0) not in (exports, logins)


def test_a_decision_changes_no_estimate(night: Night) -> None:
    exports, _ = heard(night)
    before = estimated(night)
    night.decide(exports, Action.DISMISS)

    assert estimated(night) == before


@pytest.mark.parametrize(
    ("since", "left", "stay"),
    [
        (None, None, Stay(years=1)),
        (date(2025, 5, 20), None, Stay(years=1)),
        (date(2025, 11, 20), None, Stay(years=181 / 365)),
        (None, date(2025, 11, 16), Stay(left=1, years=180 / 365)),
        (None, date(2025, 1, 1), Stay()),
        (None, date(2030, 1, 1), Stay(years=1)),
    ],
)
def test_a_stay_begins_when_the_account_came_and_ends_when_it_left(
    since: date | None, left: date | None, stay: Stay
) -> None:
    account = Account(id=1, source="crm", source_id="A-1", name="Acme", customer_since=since, left_on=left)
    first = (date(2025, 5, 20) - date(1970, 1, 1)).days

    found = stay_of(account, since=first, today=first + 365)

    assert found.left == stay.left
    assert found.years == pytest.approx(stay.years, abs=0.01)


@pytest.mark.parametrize(("scores", "nps"), [([9, 10, 8, 7, 6, 0], 0.0), ([10], 100.0), ([6], -100.0), ([], None)])
def test_scores_are_told_apart_as_the_net_promoter_score_does(scores: Sequence[float], nps: float | None) -> None:
    assert scores_of(scores).nps == nps
