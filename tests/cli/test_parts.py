"""The parts of a problem by command: found, named, split off, and refused where the problem changed."""

import json
from pathlib import Path

import pytest

from insights.bootstrap import Workspace, open_workspace
from insights.domain.feedback import AccountMatch, Stance
from insights.errors import InsightsError
from insights.grouping.space import fit
from insights.storage.groupings import NewProblem
from insights.storage.vectors import VECTORS_BY
from tests.cli.calling import Run, caller, made
from tests.drafts import a_draft, save, split_whole
from tests.fakes import HashingEmbedder
from tests.stored import an_account_record

ESC = "\x1b[31m"
FEES = [f"Restocking fee charged on returned goods {word}" for word in ("monday", "twice", "wrongly", "again", "here")]
TAXES = ["Cannot scan barcodes with gloves outside", f"Cannot scan barcodes {ESC}with gloves inside"]
ELSE = ["Login page loops for ever"] * 2


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace where P-1 holds five items about fees and T-6 and T-7 about barcodes, from two good customers."""
    folder = made(tmp_path, monkeypatch)
    workspace = open_workspace(folder)
    _fill(workspace)
    workspace.close()
    return folder


@pytest.fixture
def run(folder: Path) -> Run:
    return caller(folder)


def _fill(workspace: Workspace) -> None:
    repository = workspace.repository
    records = [an_account_record("Acme", revenue=90_000), an_account_record("Bolt", revenue=60_000)]
    with repository.writing() as connection:
        repository.customers.save_accounts(records, connection=connection)
    texts = [*FEES, *TAXES, *ELSE]
    save(repository, *(a_draft(text, number=n) for n, text in enumerate(texts, 1)))
    accounts = [account.id for account in repository.customers.accounts()]
    repository.feedback.set_accounts({5 + n: (account, AccountMatch.NAME) for n, account in enumerate(accounts, 1)})
    split_whole(repository)
    embedder = HashingEmbedder(256)
    mentions = repository.mentions.unembedded(embedder.fingerprint, limit=99)
    ids, vectors = [mention.id for mention in mentions], embedder.embed([mention.text for mention in mentions])
    with workspace.vectors() as store:
        store.upsert(ids, vectors, filters=[{"kind": "ticket"}] * len(ids))
    repository.mentions.mark_embedded(ids, fingerprint=embedder.fingerprint)
    repository.set_meta(VECTORS_BY, embedder.fingerprint)
    started = repository.runs.start(mode="offline", at=mentions[0].created_at)
    space = fit(vectors, [mention.text for mention in mentions], seed=0)
    repository.spaces.save(space.to_bytes(), embedder=embedder.fingerprint, run_id=started.id)
    born = [(NewProblem(stance=Stance.PROBLEM, mentions=tuple(some)), [0.9] * len(some)) for some in (ids[:7], ids[7:])]
    repository.groupings.save(started.id, joined={}, born=born)


def barcodes(run: Run) -> dict[str, object]:
    """The part that holds T-6 and T-7."""
    found = json.loads(run("parts", "P-1", "--json"))["parts"]
    (part,) = [one for one in found if set(one["items"]) == {"tickets/T-6", "tickets/T-7"}]
    return dict(part)


def test_two_items_from_two_good_customers_are_a_part_of_their_own(run: Run) -> None:
    part = barcodes(run)

    assert (part["accounts"], part["revenue"], part["accounts_of_unknown_revenue"]) == (2, 150_000, 0)
    assert ESC not in str(part["typical"])


def test_the_page_names_parts_items_and_revenue(run: Run) -> None:
    page = run("parts", "P-1")

    assert f"part {barcodes(run)['part']}  2 items from 2 accounts · $150k a year" in page
    assert "tickets/T-7, tickets/T-6" in page or "tickets/T-6, tickets/T-7" in page
    assert ESC not in page
    assert max(map(len, page.splitlines())) <= 80


def test_a_problem_whose_items_say_the_same_is_one(run: Run) -> None:
    assert "It is one" in run("parts", "P-2")


def test_a_part_hidden_in_a_problem_is_found_among_all(run: Run) -> None:
    found = json.loads(run("parts", "--all", "--json"))

    assert [(one["problem"], one["part"]) for one in found] == [("P-1", barcodes(run)["part"])]
    assert "$150k" in run("parts", "--all")
    assert json.loads(run("parts", "--all", "--min-accounts", "3", "--json")) == []


def test_a_part_is_split_off_by_its_name(run: Run) -> None:
    run("split", "P-1", "--part", str(barcodes(run)["part"]))

    items = json.loads(run("show", "P-3", "--items", "--json"))
    assert {item["ref"] for item in items} == {"tickets/T-6", "tickets/T-7"}


def test_a_part_of_a_problem_that_changed_is_refused(run: Run) -> None:
    name = str(barcodes(run)["part"])
    run("move", "T-6", "--from", "P-1", "--to", "P-2")

    with pytest.raises(InsightsError, match="changed since"):
        run("split", "P-1", "--part", name)


@pytest.mark.parametrize(
    "arguments", [("parts",), ("parts", "P-1", "--all"), ("split", "P-1"), ("split", "P-1", "T-6", "--part", "1-abcd")]
)
def test_too_little_or_too_much_is_refused_in_words(run: Run, arguments: tuple[str, ...]) -> None:
    with pytest.raises(InsightsError) as refused:
        run(*arguments)

    assert refused.value.exit_code == 2


def test_without_vectors_the_remedy_is_named(folder: Path, run: Run) -> None:
    workspace = open_workspace(folder)
    with workspace.vectors() as store:
        store.clear()
    workspace.close()

    with pytest.raises(InsightsError) as refused:
        run("parts", "P-1")
    assert "reindex" in refused.value.remedy
