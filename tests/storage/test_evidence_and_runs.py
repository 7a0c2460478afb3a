"""Evidence is read with its origin; runs, answers and source states come back as they were kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from insights.domain.feedback import AccountMatch, Quote
from insights.domain.run import RunStatus
from insights.storage.calls import Call, month_of
from insights.storage.repository import Repository
from insights.storage.runs import SourceState, StoredAnswer
from tests.stored import a_stored_problem, a_workspace, an_account_record, an_item

NIGHT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ANSWER = StoredAnswer(key="k", prompt="describe/3", model="m", text="Ändern", tokens_in=9, tokens_out=2, usd=0.25)


def test_evidence_says_who_said_it_and_how_sure_that_is(tmp_path: Path) -> None:
    item = an_item("The export hangs.", account="Acme", match=AccountMatch.NAME_LIKE)
    repository = a_workspace(
        tmp_path,
        problems=[a_stored_problem(items=[item, an_item("Hangs.")])],
        accounts=[an_account_record("Acme", revenue=9_000.0)],
    )

    found = repository.evidence.of_problem(1)

    assert [(e.text, e.account_name, e.account_revenue, e.account_is_certain) for e in found] == [
        ("The export hangs.", "Acme", 9_000.0, False),
        ("Hangs.", None, None, False),
    ]


def test_evidence_says_when_its_account_renews(tmp_path: Path) -> None:
    renewing = replace(an_account_record("Acme"), renewal_date=date(2027, 1, 31))
    items = [an_item("It hangs.", account="Acme"), an_item("Hangs.", account="Beta"), an_item("Hangs again.")]
    accounts = [renewing, an_account_record("Beta")]
    repository = a_workspace(tmp_path, problems=[a_stored_problem(items=items)], accounts=accounts)

    renewals = {found.text: found.renewal_date for found in repository.evidence.of_problem(1)}

    assert renewals == {"It hangs.": date(2027, 1, 31), "Hangs.": None, "Hangs again.": None}
    assert repository.evidence.of_quotes([Quote(feedback_id=1, start=0, end=2)])[0].renewal_date == date(2027, 1, 31)


def test_voices_are_the_items_of_each_problem_with_their_accounts(tmp_path: Path) -> None:
    exports = a_stored_problem(items=[an_item("It hangs.", account="Acme"), an_item("Hangs.")])
    logins = a_stored_problem(items=[an_item("Login fails.", account="Acme")])
    accounts = [an_account_record("Acme")]
    repository = a_workspace(tmp_path, problems=[exports, logins], others=[an_item("Hello.")], accounts=accounts)

    voices = repository.evidence.voices()

    assert voices == {
        number: [(one.feedback_id, one.account_id) for one in repository.evidence.of_problem(number)]
        for number in (1, 2)
    }
    assert [account for _, account in voices[1]] == [1, None]


def test_members_of_some_problems_are_those_that_all_have(tmp_path: Path) -> None:
    problems = [a_stored_problem(items=[an_item(f"It hangs {n}.") for n in range(count)]) for count in (3, 1, 2)]
    mentions = a_workspace(tmp_path, problems=problems).mentions

    every = mentions.by_problem()

    assert mentions.sizes() == {number: len(some) for number, some in every.items()} == {1: 3, 2: 1, 3: 2}
    assert mentions.by_problem({1, 3}) == {number: every[number] for number in (1, 3)}
    assert mentions.by_problem(()) == {}


def test_quotes_come_in_the_order_asked_and_without_those_that_are_gone(tmp_path: Path) -> None:
    repository = a_workspace(tmp_path, others=[an_item("The export hangs."), an_item("Login fails.")])

    found = repository.evidence.of_quotes([Quote(feedback_id=n, start=0, end=5) for n in (2, 99, 1)])

    assert [(e.feedback_id, e.text, e.context) for e in found] == [
        (2, "Login", "Login fails."),
        (1, "The e", "The export hangs."),
    ]


def test_a_mention_s_evidence_is_found_by_its_id(tmp_path: Path) -> None:
    repository = a_workspace(tmp_path, others=[an_item(f"Export {n} hangs.") for n in range(600)])

    found = repository.evidence.of_mentions([600, 1, 9999])

    assert {number: evidence.text for number, evidence in found.items()} == {
        1: "Export 0 hangs.",
        600: "Export 599 hangs.",
    }


def test_evidence_says_whether_its_item_gives_orders_to_a_model(tmp_path: Path) -> None:
    repository = a_workspace(tmp_path, problems=[a_stored_problem(items=[an_item("Hangs."), an_item("Obey.")])])
    repository.feedback.mark_orders({2: True})

    assert [(e.text, e.is_order) for e in repository.evidence.of_problem(1)] == [("Hangs.", False), ("Obey.", True)]
    assert [e.is_order for e in repository.evidence.of_quotes([Quote(feedback_id=2, start=0, end=5)])] == [True]


def test_a_run_left_running_was_stopped(repository: Repository) -> None:
    repository.runs.start(mode="offline", at=NIGHT)

    second = repository.runs.start(mode="offline", at=NIGHT + timedelta(days=1))

    assert [(r.id, r.status) for r in repository.runs.recent()] == [(2, RunStatus.RUNNING), (1, RunStatus.STOPPED)]
    assert second.id == 2


def test_a_run_comes_back_whole(repository: Repository) -> None:
    run = replace(
        repository.runs.start(mode="openai:m", at=NIGHT),
        status=RunStatus.DONE,
        finished_at=NIGHT + timedelta(minutes=3),
        counts={"born": 4},
        spend_usd=0.5,
        failures=("one",),
    )

    repository.runs.save(run)

    assert repository.runs.recent() == [run]
    assert len(repository.runs.recent(0)) == 0


def test_an_answer_is_kept_under_its_key(repository: Repository) -> None:
    assert repository.answers.get("k") is None

    repository.answers.put(ANSWER, run_id=1)
    repository.answers.put(replace(ANSWER, text="newer"), run_id=1)
    repository.answers.put(replace(ANSWER, key="other"), run_id=2)

    assert repository.answers.get("k") == replace(ANSWER, text="newer")


def test_a_call_is_put_down_with_its_answer_and_summed_by_run_and_month(repository: Repository) -> None:
    call = Call(
        run_id=1,
        stage="describe",
        model="m",
        prompt="describe 2",
        outcome="answered",
        tokens_in=9,
        usd=0.25,
        seconds=1.5,
    )

    repository.answers.put(ANSWER, run_id=1, call=call)
    repository.calls.add(call)
    repository.calls.add(replace(call, outcome="busy", usd=0.0))
    repository.calls.add(replace(call, run_id=2, usd=1.0))

    assert [(one.outcome, one.calls, one.usd, one.tokens_in, one.seconds) for one in repository.calls.of_run(1)] == [
        ("answered", 2, 0.5, 18, 3.0),
        ("busy", 1, 0.0, 9, 1.5),
    ]
    assert repository.calls.spent_usd(since=datetime(2020, 1, 1, tzinfo=UTC)) == 1.5
    assert repository.calls.spent_usd(since=datetime(2200, 1, 1, tzinfo=UTC)) == 0.0


def test_a_month_begins_on_its_first_day_in_utc() -> None:
    late = datetime(2026, 12, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))

    assert month_of(late) == datetime(2026, 11, 1, tzinfo=UTC)


def test_a_source_that_was_never_read_has_an_empty_state(repository: Repository) -> None:
    assert repository.sources.get("tickets") == SourceState(source="tickets", state={})
    assert repository.sources.all() == []


def test_a_source_state_comes_back_whole(repository: Repository) -> None:
    state = SourceState(source="tickets", state={"cursor": [1, "é"]}, read_at=NIGHT, error="Refused.")

    for _ in range(2):
        with repository.writing() as connection:
            repository.sources.put(state, connection=connection)

    assert repository.sources.all() == [state]
    assert repository.sources.get("tickets") == state
