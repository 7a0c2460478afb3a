"""Feedback is kept once, by source and source id; what was derived from old words goes with them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.domain.feedback import AccountMatch, Quote, Stance
from insights.storage.feedback import Saved, day_of
from insights.storage.groupings import NewProblem
from insights.storage.mentions import Span
from insights.storage.problems import Words
from insights.storage.repository import Repository
from tests.drafts import RECEIVED, WRITTEN, a_draft, save, split_whole


def ids_of(repository: Repository) -> list[int]:
    return [item.id for item in repository.feedback.unprotected(10_000)]


def test_second_import_of_the_same_items_changes_nothing(repository: Repository) -> None:
    drafts = [a_draft("The export hangs.", number=1), a_draft("Login fails.", number=2)]

    first, second = save(repository, *drafts), save(repository, *drafts)

    assert first == Saved(new=2)
    assert second == Saved(unchanged=2)
    assert len(ids_of(repository)) == 2


def test_more_items_than_one_query_can_name_are_kept_once(repository: Repository) -> None:
    drafts = [a_draft(f"Export {number} hangs.", number=number) for number in range(1201)]

    save(repository, *drafts)

    assert save(repository, *drafts) == Saved(unchanged=1201)


def test_the_same_id_at_two_sources_is_two_items(repository: Repository) -> None:
    saved = save(repository, a_draft(source="tickets"), a_draft(source="reviews"))

    assert saved == Saved(new=2)


def test_an_item_given_twice_at_once_is_kept_with_its_later_words(repository: Repository) -> None:
    saved = save(repository, a_draft("old words"), a_draft("new words"))

    assert saved.new == 1
    assert [item.text for item in repository.feedback.unprotected(10)] == ["new words"]


def test_changed_words_update_the_item_and_throw_away_what_was_made_of_the_old(repository: Repository) -> None:
    save(repository, a_draft("The export hangs."), a_draft("Login fails.", number=2))
    split_whole(repository)
    changed, kept = (m.id for m in repository.mentions.unembedded("e", limit=10))
    item = repository.mentions.get([changed])[0].feedback_id

    saved = save(repository, a_draft("The import hangs."))

    assert saved == Saved(changed=1)
    assert [(i.id, i.text, i.redacted) for i in repository.feedback.unprotected(10)] == [
        (item, "The import hangs.", None)
    ]
    assert [m.id for m in repository.mentions.unembedded("e", limit=10)] == [kept]
    assert repository.mentions.gone_vectors() == [changed]


@pytest.mark.parametrize(
    "fields",
    [
        {"score": 3.0},
        {"created_at": WRITTEN + timedelta(days=1)},
        {"body": "hangs"},
        {"author_name": "Ada Example"},
        {"author_email": "ada@acme.example"},
        {"account_hint": "Acme"},
        {"url": "https://desk.example/1"},
    ],
)
def test_any_field_that_changes_at_the_source_changes_here(repository: Repository, fields: dict[str, Any]) -> None:
    save(repository, a_draft())

    assert save(repository, a_draft(**fields)) == Saved(changed=1)


def test_the_same_moment_in_another_time_zone_is_the_same_moment(repository: Repository) -> None:
    elsewhere = WRITTEN.astimezone(timezone(timedelta(hours=-5)))

    save(repository, a_draft(created_at=elsewhere))

    stored = repository.feedback.unprotected(1)[0].created_at
    assert stored == WRITTEN
    assert stored.tzinfo is UTC


def test_days_begin_at_midnight_utc() -> None:
    late_in_new_york = datetime(1970, 1, 1, 22, 0, tzinfo=timezone(timedelta(hours=-5)))

    assert day_of(late_in_new_york) == 1
    assert day_of(datetime(1969, 12, 31, 23, 0, tzinfo=UTC)) == -1


def test_ids_are_never_given_twice(repository: Repository) -> None:
    save(repository, a_draft(number=1), a_draft(number=2))
    before = ids_of(repository)
    with repository.writing() as connection:
        removed = repository.feedback.remove("tickets", ["T-1", "T-2", "T-99"], connection=connection)

    save(repository, a_draft(number=1), a_draft(number=2))

    assert removed == 2
    assert min(ids_of(repository)) > max(before)


def test_ids_of_mentions_are_never_given_twice(repository: Repository) -> None:
    save(repository, a_draft("old"))
    split_whole(repository)
    old = repository.mentions.unembedded("e", limit=1)[0].id
    save(repository, a_draft("new"))

    split_whole(repository)

    assert repository.mentions.unembedded("e", limit=1)[0].id > old


def test_removing_an_item_takes_its_mentions_redaction_and_quotes_along(repository: Repository) -> None:
    save(repository, a_draft(number=1), a_draft(number=2))
    split_whole(repository)
    first, second = repository.mentions.unembedded("e", limit=2)
    run = repository.runs.start(mode="offline", at=RECEIVED)
    born = NewProblem(stance=Stance.PROBLEM, mentions=(first.id, second.id))
    [problem] = repository.groupings.save(run.id, joined={}, born=[(born, [0.9, 0.8])])
    quotes = tuple(Quote(feedback_id=m.feedback_id, start=0, end=3) for m in (first, second))
    words = Words(title="t", summary="s", described_by="offline", described_from="x", quotes=quotes)
    repository.problems.save_words(problem, words)

    with repository.writing() as connection:
        repository.feedback.remove("tickets", ["T-1"], connection=connection)

    assert repository.problems.quotes(problem) == [quotes[1]]
    assert repository.groupings.memberships() == {second.id: problem}
    assert repository.mentions.gone_vectors() == [first.id]
    assert repository.problems.get(problem).items == 1


def test_removing_at_one_source_leaves_the_others(repository: Repository) -> None:
    save(repository, a_draft(source="tickets"), a_draft(source="reviews"))

    with repository.writing() as connection:
        repository.feedback.remove("reviews", ["T-1"], connection=connection)

    assert [item.source for item in repository.feedback.unprotected(10)] == ["tickets"]


def test_a_stage_sees_only_what_it_has_yet_to_do(repository: Repository) -> None:
    feedback = repository.feedback
    save(repository, a_draft(number=1), a_draft(number=2))
    first, second = ids_of(repository)

    feedback.save_redactions({first: ("The <X> hangs.", 1)})
    repository.mentions.save({first: []})

    assert [item.id for item in feedback.unprotected(10)] == [second]
    assert (feedback.count_unprotected(), feedback.count_unsplit()) == (1, 0)


def test_results_for_an_item_that_was_removed_meanwhile_are_dropped(repository: Repository) -> None:
    save(repository, a_draft())
    [gone] = ids_of(repository)
    with repository.writing() as connection:
        repository.feedback.remove("tickets", ["T-1"], connection=connection)

    repository.feedback.save_redactions({gone: ("words", 0)})
    repository.mentions.save({gone: [Span(0, 3, Stance.PROBLEM, 1.0)]})

    assert repository.feedback.counts()["items"] == 0
    assert repository.mentions.unembedded("e", limit=10) == []


def test_mentions_are_the_words_of_the_redacted_copy(repository: Repository) -> None:
    save(repository, a_draft("Ada says the export hangs."))
    [number] = ids_of(repository)
    repository.feedback.save_redactions({number: ("<NAME> says the export hangs.", 1)})

    repository.mentions.save({number: [Span(12, 29, Stance.PROBLEM, 0.7)]})

    assert [m.text for m in repository.mentions.unembedded("e", limit=1)] == ["the export hangs."]
    assert repository.feedback.counts()["redacted"] == 1


def test_noise_gets_no_vector_and_praise_is_not_grouped(repository: Repository) -> None:
    save(repository, a_draft("Problem"), a_draft("Praise", number=2), a_draft("Noise", number=3))
    stances = [Stance.PROBLEM, Stance.PRAISE, Stance.NOISE]
    ids = ids_of(repository)
    repository.feedback.save_redactions(dict.fromkeys(ids, ("words", 0)))
    repository.mentions.save({n: [Span(0, 5, s, 1.0)] for n, s in zip(ids, stances, strict=True)})

    waiting = repository.mentions.unembedded("e", limit=10)
    repository.mentions.mark_embedded([m.id for m in waiting], fingerprint="e")

    assert [m.stance for m in waiting] == [Stance.PROBLEM, Stance.PRAISE]
    assert [m.stance for m in repository.mentions.ranked()] == [Stance.PROBLEM]
    assert repository.mentions.count_unembedded("e") == 0
    assert repository.mentions.count_unembedded("another") == 2


def test_accounts_found_later_are_set_without_touching_what_was_derived(repository: Repository) -> None:
    save(repository, a_draft(account_hint="Acme", author_email="ada@acme.example"))
    split_whole(repository)
    [(number, hint, email)] = repository.feedback.without_account()
    account = an_account(repository)

    repository.feedback.set_accounts({number: (account, AccountMatch.DOMAIN)})

    assert (hint, email) == ("Acme", "ada@acme.example")
    assert repository.feedback.without_account() == []
    assert repository.feedback.get([number])[number].account_id == account
    assert repository.feedback.count_unprotected() == 0


def an_account(repository: Repository) -> int:
    from tests.stored import an_account_record

    with repository.writing() as connection:
        repository.customers.save_accounts([an_account_record("Acme")], connection=connection)
    return repository.customers.accounts()[0].id


def test_an_item_keeps_every_field(repository: Repository) -> None:
    draft = a_draft(
        "Subject\n\nThe export hangs.\n\n> quoted",
        body="The export hangs.",
        score=2.0,
        url="https://desk.example/1",
        account_hint="Acme",
        author_name="Ada Example",
        author_email="ada@acme.example",
    )

    save(repository, draft)

    [stored] = repository.feedback.unprotected(1)
    for name in ("text", "body", "score", "url", "account_hint", "author_name", "author_email", "kind", "created_at"):
        assert getattr(stored, name) == getattr(draft, name)
    assert repository.feedback.author_names() == {"Ada Example"}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_any_text_comes_back_as_it_went_in(repository: Repository, text: str) -> None:
    save(repository, replace(a_draft(text), source_id="same"))

    [stored] = repository.feedback.unprotected(1)

    assert stored.text == text


def test_items_that_give_orders_to_a_model_are_told_wherever_they_are_read(repository: Repository) -> None:
    save(repository, a_draft(number=1), a_draft(number=2), a_draft(number=3))
    first, second, third = ids_of(repository)
    repository.feedback.save_redactions({first: ("It hangs.", 0), second: ("Obey.", 0)}, orders={second})

    found = repository.feedback.get([first, second, third])

    assert {number: item.is_order for number, item in found.items()} == {first: False, second: True, third: False}
    assert [item.is_order for item in repository.feedback.protected(10, after=first)] == [True]
    assert repository.feedback.count_protected() == 2


def test_a_mark_is_set_and_taken_back(repository: Repository) -> None:
    save(repository, a_draft(number=1), a_draft(number=2))
    first, second = ids_of(repository)
    repository.feedback.save_redactions({first: ("It hangs.", 0), second: ("Obey.", 0)}, orders={first})

    repository.feedback.mark_orders({first: False, second: True, 99: True})

    assert [item.is_order for item in repository.feedback.unsplit(10)] == [False, True]
