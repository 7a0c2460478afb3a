"""Customer text is sealed at rest: not in the file's bytes, not movable, not readable with another key."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from insights.errors import InsightsError
from insights.storage import tables
from insights.storage.customers import CustomerStore
from insights.storage.encryption import Cipher
from insights.storage.repository import Repository
from insights.storage.runs import StoredAnswer
from tests.drafts import a_draft, save, split_whole
from tests.stored import KEY, a_stored_problem, a_workspace, an_item

CANARY = "xylophonecanary"


@given(st.text())
def test_what_was_sealed_opens_again(text: str) -> None:
    cipher = Cipher(KEY)

    assert cipher.open(cipher.seal(text, column="t.c", row=7), column="t.c", row=7) == text


@given(st.binary())
def test_bytes_that_were_sealed_open_again_and_only_in_their_place(content: bytes) -> None:
    cipher = Cipher(KEY)
    sealed = cipher.seal_bytes(content, column="t.c", row=7)

    assert cipher.open_bytes(sealed, column="t.c", row=7) == content
    with pytest.raises(InsightsError, match="cannot be decrypted"):
        cipher.open_bytes(sealed, column="t.c", row=8)


def test_sealing_twice_gives_different_bytes_and_the_same_digest() -> None:
    cipher = Cipher(KEY)

    assert cipher.seal("same", column="t.c", row=1) != cipher.seal("same", column="t.c", row=1)
    assert cipher.digest("same") == cipher.digest("same")
    assert cipher.digest("same") != Cipher(bytes(32)).digest("same")


@pytest.mark.parametrize(("column", "row"), [("t.c", 2), ("t.d", 1), ("t.c", "1|")])
def test_a_value_in_another_place_does_not_open(column: str, row: int | str) -> None:
    cipher = Cipher(KEY)
    sealed = cipher.seal("secret", column="t.c", row=1)

    with pytest.raises(InsightsError, match="cannot be decrypted"):
        cipher.open(sealed, column=column, row=row)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_is_noticed(place: int, difference: int) -> None:
    cipher = Cipher(KEY)
    damaged = bytearray(cipher.seal("secret", column="t.c", row=1))
    damaged[place % len(damaged)] ^= difference

    with pytest.raises(InsightsError, match="cannot be decrypted"):
        cipher.open(bytes(damaged), column="t.c", row=1)


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_a_value_cut_short_is_noticed(length: int) -> None:
    cipher = Cipher(KEY)
    sealed = cipher.seal("secret", column="t.c", row=1)

    with pytest.raises(InsightsError, match="cannot be decrypted"):
        cipher.open(sealed[:length], column="t.c", row=1)


def test_a_row_with_the_words_of_another_row_is_refused(repository: Repository, database_url: str) -> None:
    save(repository, a_draft("Mine.", number=1), a_draft("Yours.", number=2))
    column = tables.feedback.c
    with repository.writing() as connection:
        first, second = connection.execute(select(column.id, column.sealed).order_by(column.id)).all()
        connection.execute(update(tables.feedback).where(column.id == first.id).values(sealed=second.sealed))

    with pytest.raises(InsightsError, match=f"Row {first.id} of feedback.sealed cannot be decrypted"):
        repository.feedback.get([first.id])


def test_no_customer_text_stands_in_the_database_files(tmp_path: Path) -> None:
    words = f"The export {CANARY} hangs."
    problem = a_stored_problem(title=f"{CANARY} title", summary=f"{CANARY} summary", items=[an_item(words)])
    repository = a_workspace(tmp_path, problems=[problem])
    save(
        repository,
        a_draft(
            f"{CANARY} text",
            number=9,
            body=f"{CANARY} body",
            author_name=f"{CANARY} Person",
            author_email=f"{CANARY}@acme.example",
            account_hint=f"{CANARY} Ltd",
            url=f"https://desk.example/{CANARY}",
        ),
    )
    split_whole(repository)
    decide_and_answer(repository)

    files = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    repository.close()
    closed = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}

    assert "insights.db-wal" in files
    assert b"tickets" in files["insights.db-wal"] + files["insights.db"]
    for contents in (files, closed):
        assert [name for name, content in contents.items() if CANARY.encode() in content] == []


def decide_and_answer(repository: Repository) -> None:
    """Leave the canary in every other sealed column."""
    from datetime import UTC, datetime

    from insights.domain.customers import DealRecord, DealStage
    from insights.domain.problem import Action
    from insights.triage import Triage

    at = datetime(2026, 11, 20, tzinfo=UTC)
    Triage(repository, who="ada", now=lambda: at).decide(1, Action.ACCEPT, why=f"because {CANARY}")
    answer = StoredAnswer(key="k", prompt="p", model="m", text=CANARY, tokens_in=1, tokens_out=1, usd=0.0)
    repository.answers.put(answer)
    repository.spaces.save(CANARY.encode(), embedder="test", run_id=1)
    deal = DealRecord(source="crm", source_id="D-1", stage=DealStage.LOST, name=CANARY, reason_lost=CANARY)
    with repository.writing() as connection:
        store: CustomerStore = repository.customers
        store.save_deals([deal], accounts={}, connection=connection)


def test_words_that_were_replaced_leave_no_trace_in_the_files(tmp_path: Path) -> None:
    """Even sealed bytes of old words go: nobody who finds the key later can read what a customer withdrew."""
    repository = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY)
    save(repository, a_draft("old words"))
    with repository.writing() as connection:
        sealed = connection.execute(select(tables.feedback.c.sealed)).scalar_one()
        repository.feedback.remove("tickets", ["T-1"], connection=connection)
    repository.close()

    assert [path.name for path in tmp_path.iterdir() if sealed in path.read_bytes()] == []
