"""Old words go by rule; what is counted stays."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from insights.config import RetentionSettings
from insights.data_rights.retain import BATCH, plan, retain, retain_nightly, rule_for
from insights.domain.access import Actor, Forbidden, Role
from insights.domain.feedback import AccountMatch, FeedbackKind
from insights.stages.protect import protect
from insights.stages.split import split
from insights.storage.feedback import Draft
from insights.storage.repository import Repository
from tests.stored import NOW, a_stored_problem, a_workspace, an_estimate, an_item

OLD, NEW = "The export hangs at half of the rows since spring", "Labels print cropped on every page"
RULES = [RetentionSettings(days=100)]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    items = [an_item(f"{OLD} {n}", days_ago=200 + n, email="ann@acme.example") for n in range(3)]
    items += [an_item(f"{NEW} {n}", days_ago=n) for n in range(3)]
    problem = a_stored_problem(f"{OLD} 0", items=items, estimate=an_estimate(), quotes=4)
    return a_workspace(tmp_path, problems=[problem])


def let_go(repository: Repository, rules: list[RetentionSettings] = RULES) -> int:
    return retain(repository, rules, now=lambda: NOW, progress=lambda *_: None).gone.items


def test_the_narrowest_rule_holds() -> None:
    rules = [
        RetentionSettings(days=1),
        RetentionSettings(kind="ticket", days=2),
        RetentionSettings(source="crm", days=3),
        RetentionSettings(source="crm", kind="note", days=4),
    ]
    found = [rule_for(*one, rules) for one in [("crm", "note"), ("crm", "ticket"), ("x", "ticket"), ("x", "nps")]]
    assert [one.days for one in found if one] == [4, 3, 2, 1]
    assert rule_for("x", "nps", rules[2:]) is None


def test_planning_tells_how_many_items_of_when_and_changes_nothing(repository: Repository) -> None:
    (planned,) = plan(repository, RULES, NOW)
    assert planned.items == 3
    assert planned.due[0].first == NOW - timedelta(days=202)
    assert repository.feedback.get([1])[1].text == f"{OLD} 0"


def test_words_go_and_what_is_counted_stays(repository: Repository) -> None:
    before, counts = repository.problems.all(), repository.feedback.counts()
    sizes = repository.mentions.sizes()
    assert let_go(repository) == 3

    item = repository.feedback.get([1])[1]
    assert (item.text, item.body, item.redacted, item.author_email, item.url) == ("", "", "", None, None)
    assert item.created_at == NOW - timedelta(days=200)
    assert repository.feedback.counts() == counts
    assert repository.mentions.sizes() == sizes
    for one, other in zip(before, repository.problems.all(), strict=True):
        assert (one.id, one.estimate) == (other.id, other.estimate)  # in the order of their ranks
    assert {quote.feedback_id for quote in repository.problems.quotes(1)} == {4}
    assert set(repository.mentions.gone_vectors()) == {1, 2, 3}
    assert repository.audit.newest(action="words.retain")[0].facts["items"] == 3


def test_no_sealed_byte_of_the_words_is_left_in_the_database(repository: Repository, tmp_path: Path) -> None:
    with repository.writing() as connection:
        sealed = [row[0] for row in connection.execute(sql("select sealed from feedback where id < 4"))]
    let_go(repository)
    files = b"".join(path.read_bytes() for path in tmp_path.glob("insights.db*"))
    assert not any(one[:32] in files for one in sealed)


def test_a_title_made_offline_of_words_that_went_becomes_neutral_until_it_is_described_anew(
    repository: Repository,
) -> None:
    let_go(repository)
    assert repository.problems.get(1).title == "Problem P-1"
    assert repository.problems.described()[1] == (None, None)
    assert set(repository.mentions.by_problem()[1][0].text) & set(NEW)


def test_a_second_time_nothing_is_left_to_do_and_no_stage_takes_up_what_went(repository: Repository) -> None:
    let_go(repository)
    assert let_go(repository) == 0
    assert protect(repository, regions=["US"], progress=lambda *_: None) == 0
    assert split(repository, progress=lambda *_: None) == 0
    assert repository.mentions.unembedded("test", limit=99) == []
    assert {one.id for one in repository.mentions.unembedded("other", limit=99)} == {4, 5, 6}
    assert [place.has_words for place in repository.groupings.places()] == [False] * 3 + [True] * 3
    repository.mentions.forget_embeddings()
    assert {one.id for one in repository.mentions.unembedded("test", limit=99)} == {4, 5, 6}


def draft(words: str) -> Draft:
    return Draft(
        source="tickets", source_id="T-1", kind=FeedbackKind.TICKET, text=words, body=words,
        created_at=NOW - timedelta(days=200), account_id=None, account_match=AccountMatch.NONE, account_hint=None,
        author_name=None, author_email="ann@acme.example", score=None, url=None,
    )  # fmt: skip


def test_the_same_item_read_again_brings_no_words_back_and_a_changed_one_is_let_go_again(
    repository: Repository,
) -> None:
    kept = repository.feedback.get([1])[1]
    same = draft(f"{OLD} 0")
    assert kept.source == same.source
    let_go(repository)
    with repository.writing() as connection:
        assert repository.feedback.save([same], connection=connection, received_at=NOW).unchanged == 1
    assert repository.feedback.get([1])[1].text == ""
    with repository.writing() as connection:
        assert repository.feedback.save([draft("Other")], connection=connection, received_at=NOW).changed == 1
    assert repository.feedback.get([1])[1].text == "Other"
    assert let_go(repository) == 1
    assert repository.feedback.get([1])[1].text == ""


def test_one_that_was_stopped_goes_on(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("insights.data_rights.retain.BATCH", 1)
    assert BATCH > 1

    def stop(_what: str, done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retain(repository, RULES, now=lambda: NOW, progress=stop)
    assert repository.retaining.count_expired() == 2
    assert repository.retaining.is_to_sweep()
    assert let_go(repository) == 1
    assert not repository.retaining.is_to_sweep()


def test_letting_go_needs_the_privacy_role_and_the_night_needs_none_of_it(repository: Repository) -> None:
    repository.actor = Actor.of("tim", [Role.TRIAGER])
    with pytest.raises(Forbidden):
        let_go(repository)
    done = retain_nightly(repository, RULES, now=lambda: NOW, progress=lambda *_: None)
    assert done.gone.items == 3
