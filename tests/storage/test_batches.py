from datetime import UTC, datetime, timedelta
from typing import Any

from insights.storage.batches import SentBatch
from insights.storage.calls import Call
from insights.storage.repository import Repository

SENT = datetime(2026, 11, 26, 2, tzinfo=UTC)


def a_batch(marker: str, **changes: Any) -> SentBatch:
    usual: dict[str, Any] = {
        "server": "models.example",
        "model": "openai:small",
        "stage": "kinds",
        "prompt": "tell_kind 3",
        "output": "KindsDraft",
        "canaries": {f"{marker}{number:03}": f"word{number}" for number in range(3)},
        "usd": 0.25,
        "sent_at": SENT,
    }
    return SentBatch(marker=marker, **(usual | changes))


def under_way(repository: Repository) -> list[SentBatch]:
    return repository.batches.under_way(server="models.example", model="openai:small")


def test_a_batch_is_known_from_before_it_is_sent_until_it_has_ended(repository: Repository) -> None:
    batch = a_batch("first")
    repository.batches.begin(batch)
    before = under_way(repository)
    known = repository.batches.acknowledge(batch, id="batch_1")
    after = under_way(repository)
    repository.batches.end(known)

    assert before == [batch]
    assert after == [known]
    assert (known.id, known.canaries) == ("batch_1", batch.canaries)
    assert under_way(repository) == []


def test_batches_come_oldest_first_and_by_server_and_model(repository: Repository) -> None:
    batches = [
        a_batch("newer", sent_at=SENT + timedelta(hours=1)),
        a_batch("older"),
        a_batch("else", server="other.example"),
        a_batch("large", model="openai:large"),
    ]
    for batch in batches:
        repository.batches.begin(batch)

    assert [batch.marker for batch in under_way(repository)] == ["older", "newer"]


def test_an_acknowledged_batch_counts_though_it_was_forgotten_meanwhile(repository: Repository) -> None:
    batch = a_batch("first")
    repository.batches.begin(batch)
    repository.batches.end(batch)
    repository.batches.acknowledge(batch, id="batch_1")

    assert [one.id for one in under_way(repository)] == ["batch_1"]


def test_calls_that_gave_no_answer_are_put_down_with_the_end(repository: Repository) -> None:
    batch = a_batch("first")
    repository.batches.begin(batch)
    call = Call(run_id=7, stage="kinds", model="openai:small", prompt="tell_kind 3", outcome="unreadable", usd=0.5)
    repository.batches.end(batch, calls=[call, call])

    assert [(one.outcome, one.calls, one.usd) for one in repository.calls.of_run(7)] == [("unreadable", 2, 1.0)]
    assert under_way(repository) == []
