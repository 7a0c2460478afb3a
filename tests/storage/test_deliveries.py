"""A digest is kept before it is sent, sent by one alone, and of what it said only the receipt stays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from insights.errors import InsightsError
from insights.storage import tables
from insights.storage.deliveries import Delivery, DeliveryStatus
from insights.storage.repository import Repository
from tests.stored import KEY

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
MESSAGE = '{"subject": "Export hangs at Acme"}'


def a_delivery(digest: str = "team", period: str = "2026-06-01", **fields: Any) -> Delivery:
    defaults: dict[str, Any] = {"status": DeliveryStatus.WAITING, "until_run": 7, "made_at": NOW}
    return Delivery(digest=digest, period=period, **{**defaults, **fields})


def sealed(repository: Repository) -> list[bytes | None]:
    with repository.writing() as connection:
        return list(connection.execute(select(tables.delivery.c.sealed)).scalars())


def test_a_digest_and_its_message_come_back_as_they_were(repository: Repository) -> None:
    made = a_delivery(attempts=2, tried_at=NOW, error="Refused.", remedy="Ask.")

    repository.deliveries.put(made, message=MESSAGE)

    assert repository.deliveries.get("team", "2026-06-01") == made
    assert repository.deliveries.message(made) == MESSAGE
    assert repository.deliveries.get("team", "2026-06-02") is None


def test_the_message_is_sealed(repository: Repository) -> None:
    repository.deliveries.put(a_delivery(), message=MESSAGE)

    (content,) = sealed(repository)
    assert content is not None
    assert b"Acme" not in content


def test_a_digest_of_a_period_is_one_however_often_it_is_made(repository: Repository) -> None:
    repository.deliveries.put(a_delivery(), message=MESSAGE)
    repository.deliveries.put(a_delivery(until_run=8), message="later")

    assert [one.until_run for one in repository.deliveries.recent()] == [8]
    assert repository.deliveries.message(a_delivery()) == "later"


def test_of_two_who_would_send_it_one_does(tmp_path: Path) -> None:
    """Two processes read it before either claims it."""
    url = f"sqlite:///{tmp_path / 'insights.db'}"
    one, other = Repository(url, key=KEY), Repository(url, key=KEY)
    one.deliveries.put(a_delivery(), message=MESSAGE)
    seen = one.deliveries.waiting()[0], other.deliveries.waiting()[0]

    claimed = one.deliveries.claim(seen[0], NOW), other.deliveries.claim(seen[1], LATER)

    assert claimed == (a_delivery(attempts=1, tried_at=NOW), None)
    one.close()
    other.close()


def test_what_was_claimed_and_never_ended_is_claimed_again(repository: Repository) -> None:
    """Whoever claimed it may have been killed."""
    repository.deliveries.put(a_delivery(), message=MESSAGE)
    first = repository.deliveries.claim(a_delivery(), NOW)
    assert first is not None

    assert repository.deliveries.claim(first, LATER) == a_delivery(attempts=2, tried_at=LATER)


@pytest.mark.parametrize("status", [DeliveryStatus.SENT, DeliveryStatus.QUIET, DeliveryStatus.DROPPED])
def test_what_does_not_wait_is_not_claimed(repository: Repository, status: DeliveryStatus) -> None:
    done = a_delivery(status=status)
    repository.deliveries.put(done)

    assert repository.deliveries.claim(done, NOW) is None


def test_once_it_is_sent_the_receipt_stays_and_its_words_go(repository: Repository) -> None:
    repository.deliveries.put(a_delivery(error="Refused.", remedy="Ask."), message=MESSAGE)

    repository.deliveries.sent(a_delivery(), "<id@host>", LATER)

    sent = replace(a_delivery(), status=DeliveryStatus.SENT, sent_at=LATER, receipt="<id@host>")
    assert repository.deliveries.get("team", "2026-06-01") == sent
    assert repository.deliveries.message(sent) is None
    assert sealed(repository) == [None]
    assert repository.deliveries.waiting() == []


def test_what_failed_waits_for_another_try_with_its_words(repository: Repository) -> None:
    repository.deliveries.put(a_delivery(), message=MESSAGE)

    repository.deliveries.failed(a_delivery(), "Refused.", "Ask.")

    (waiting,) = repository.deliveries.waiting()
    assert (waiting.error, waiting.remedy) == ("Refused.", "Ask.")
    assert repository.deliveries.message(waiting) == MESSAGE


def test_what_failed_for_too_long_is_dropped_with_its_words(repository: Repository) -> None:
    repository.deliveries.put(a_delivery(), message=MESSAGE)

    repository.deliveries.failed(a_delivery(), "Refused.", "Ask.", is_dropped=True)

    dropped = repository.deliveries.get("team", "2026-06-01")
    assert dropped is not None
    assert (dropped.status, dropped.error) == (DeliveryStatus.DROPPED, "Refused.")
    assert sealed(repository) == [None]


def test_the_last_of_a_digest_is_found_whatever_the_others_did(repository: Repository) -> None:
    deliveries = repository.deliveries
    for number, status in enumerate((DeliveryStatus.SENT, DeliveryStatus.QUIET), 1):
        deliveries.put(a_delivery(period=f"2026-06-0{number}", made_at=NOW + timedelta(days=number), status=status))
    deliveries.put(a_delivery("boss", "2026-W23", made_at=NOW + timedelta(days=9)))

    def period(found: Delivery | None) -> str | None:
        return found.period if found else None

    assert period(deliveries.last("team")) == "2026-06-02"
    assert period(deliveries.last("team", among=[DeliveryStatus.SENT])) == "2026-06-01"
    assert period(deliveries.last("nobody")) is None
    assert [one.digest for one in deliveries.recent(2)] == ["boss", "team"]


def test_one_of_the_future_is_not_the_last_but_what_it_told_is_told(repository: Repository) -> None:
    """A clock was wrong for one night."""
    deliveries = repository.deliveries
    deliveries.put(a_delivery(until_run=7))
    deliveries.put(a_delivery(period="2027-06-01", made_at=NOW + timedelta(days=365), until_run=8))

    last = deliveries.last("team", until=NOW + timedelta(days=1))
    assert last is not None
    assert last.period == "2026-06-01"
    assert deliveries.told_until("team") == 8
    assert deliveries.told_until("nobody") is None


def test_those_that_wait_are_sent_oldest_first(repository: Repository) -> None:
    for number, digest in ((2, "b"), (1, "c"), (1, "a")):
        repository.deliveries.put(a_delivery(digest, made_at=NOW + timedelta(days=number)))

    assert [one.digest for one in repository.deliveries.waiting()] == ["a", "c", "b"]


def test_of_machines_that_share_a_server_one_has_its_night_at_a_time(repository: Repository, database_url: str) -> None:
    """With SQLite there is one machine, and a lock on a file does it."""
    other = Repository(database_url, key=KEY)
    with repository.nights.alone():
        if database_url.startswith("sqlite"):
            with other.nights.alone():
                pass
        else:
            with pytest.raises(InsightsError, match="on another machine"), other.nights.alone():
                pass
    with other.nights.alone():
        pass
    other.close()
