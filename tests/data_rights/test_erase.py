"""Who is erased is gone from every row and every byte of a workspace; what others said stays; nothing comes back."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from insights.bootstrap import Workspace
from insights.data_rights.erase import Erasure, erase, erase_again, find_account, find_person, preview
from insights.data_rights.proof import PSEUDONYM, SEALED, VALUE, VECTOR, WORDS, files_in
from insights.data_rights.receipt import verified
from insights.data_rights.whose import Several
from insights.domain.access import Actor, Forbidden, Role
from insights.domain.customers import AccountRecord
from insights.errors import InsightsError
from insights.storage.erasures import ACCOUNT, PERSON
from tests.data_rights import planted
from tests.data_rights.planted import BOBS, EMAIL, HERS, NAME, OTHER_EMAIL, PHONE, bench, holding, opened_texts

PLANTED = {
    "account.name": "an account named by her address",
    "answer.sealed": "what a model answered",
    "assessment.sealed": "a brief that quotes her",
    "correction.sealed": "a name that a person gave",
    "deal.sealed": "why a deal was lost",
    "decision.sealed": "why somebody decided",
    "delivery.sealed": "a digest that waits to be sent",
    "departure.sealed": "why an account left",
    "export_link.sealed": "the assignee of an issue",
    "feedback.sealed": "what she and others said",
    "finished_work.sealed": "an issue that took a known time",
    "lineage.reason": "why a problem was split",
    "problem.sealed": "the words of a problem",
    "redaction.sealed": "redacted copies",
    "session.sealed": "a filter of the application",
    "source_state.state": "how far a source was read",
    "subscription.account_hint": "an account that nobody knew yet",
}
"""Column -> what of her is in it; every one of them is planted."""

FILES = {
    ".insights/logs/night-2026-11-19.log": "2026-11-19T05:00:00Z desk: <EMAIL> could not be read\nnext line\n",
    ".insights/outbox-0123456789abcdef.jsonl": '{"reason": "for <NAME>", "problem": 2}\n',
    ".insights/rejects/desk.rejects.csv": "line,reason,row\n5,bad date,fine\n",
    ".insights/singer-desk.json": '{"bookmarks": {"last": "<EMAIL>", "name": "<NAME>"}}',
    "backlog.jsonl": '{"id": 1, "body": "Quote: <ERASED>", "state": "open"}\n',
    "named.md": "Asked by <EMAIL_ERASED00> and <NAME_7KQ2M4XA>.\n",
    "outbox/team-2026-11-19.md": "# Digest\n\n> <ERASED>\n\nAsked by <NAME>.\n",
    "report.html": "<p><ERASED>.</p><p>Others stay.</p>",
}
"""File -> what is in it afterwards."""

SAID = (EMAIL, NAME, planted.WORDS, PHONE, "(212) 555-0147", HERS[1][:40], HERS[2][:40])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patched:
        planted.make(folder, patched).close()
    return folder


@pytest.fixture
def workspace(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    folder = shutil.copytree(made, tmp_path / "copy")
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(folder / "keys"))
    monkeypatch.setenv("INSIGHTS_NOW", planted.NOW.isoformat())
    return planted.opened(folder)


def erased(workspace: Workspace, who: str = EMAIL) -> Erasure:
    return erase(bench(workspace), find_person(workspace.repository, who))


def texts(workspace: Workspace) -> dict[str, list[str]]:
    return opened_texts(workspace.repository._database)


def test_everything_that_names_or_quotes_her_is_found_before_and_gone_after(workspace: Workspace) -> None:
    assert holding(texts(workspace), *SAID) == set(PLANTED)

    erased(workspace)

    assert holding(texts(workspace), *SAID) == set()


def test_her_bytes_are_in_the_files_before_and_in_none_after(workspace: Workspace) -> None:
    proof = erased(workspace).receipt["proof"]

    for kind in (VALUE, PSEUDONYM, WORDS, SEALED, VECTOR):
        assert proof["before"][kind] > 0, kind
    assert set(proof["after"].values()) == {0}
    assert proof["left"] == {}


def test_no_file_holds_her_afterwards_but_the_one_that_is_its_owners(workspace: Workspace) -> None:
    done = erased(workspace)

    wanted = [one.encode() for one in (*SAID, EMAIL.upper())]
    holders = {
        str(path.relative_to(workspace.folder))
        for path in files_in(workspace.folder)
        if any(one.lower() in path.read_bytes().lower() for one in wanted)
    }
    assert holders == {"tickets.csv"}
    assert done.receipt["yours"] == ["tickets.csv"]


def test_files_keep_what_is_not_of_her(workspace: Workspace) -> None:
    erased(workspace)

    for name, content in FILES.items():
        assert (workspace.folder / name).read_text() == content, name
    assert not (workspace.folder / "drafts/P-1-lucia.eml").exists()


def test_what_others_said_keeps_all_but_her_name_address_and_number(workspace: Workspace) -> None:
    erased(workspace)

    said = [item.text for item in workspace.repository.erasing.items()]
    assert said == [
        BOBS[0].replace(NAME, "<NAME>"),
        BOBS[1].replace(EMAIL, "<EMAIL>").replace("+1 (212) 555-0147", "<PHONE>"),
        *BOBS[2:],
    ]


def test_her_pseudonyms_stand_for_nobody_and_in_no_text(workspace: Workspace) -> None:
    token, persons = planted.pseudonym(workspace), workspace.repository.persons
    behind = persons.sealed([persons.digest_of(EMAIL)])
    assert holding(texts(workspace), token) == {"pseudonym.token", "pseudonym_place.token", "session.sealed"}

    assert erased(workspace).receipt["gone"]["pseudonyms"] == 3  # of her address, her name and her number

    assert holding(texts(workspace), token) == set()
    assert persons.reveal(token) is None
    database = b"".join(path.read_bytes() for path in workspace.data.glob("insights.db*"))
    assert len(behind) == 2
    assert not any(one in database for one in behind)


def test_redacted_copies_of_others_are_as_long_as_they_were(workspace: Workspace) -> None:
    kept = workspace.repository.feedback.protected(100, after=3)
    before = {item.id: len(item.redacted or "") for item in kept}

    erased(workspace)

    after = {item.id: len(item.redacted or "") for item in workspace.repository.feedback.protected(100, after=0)}
    assert after == before


def test_a_problem_that_rested_on_her_words_is_described_at_once_from_those_of_others(workspace: Workspace) -> None:
    erased(workspace)

    for problem in workspace.repository.problems.all():
        assert problem.title != "(not described yet)"
        for quote in workspace.repository.problems.quotes(problem.id):
            assert quote.feedback_id > len(HERS)


def test_her_vectors_are_gone_and_those_of_others_are_as_they_were(workspace: Workspace) -> None:
    repository = workspace.repository
    hers, others = repository.erasing.mentions_of([1, 2, 3]), repository.erasing.mentions_of(range(4, 20))
    with workspace.vectors() as store:
        before = store.matrix(others)

    erased(workspace)

    with workspace.vectors() as store:
        assert store.present(hers) == set()
        assert np.allclose(store.matrix(others), before, atol=1e-6)


def test_what_her_vectors_were_paid_for_is_gone(workspace: Workspace) -> None:
    assert erased(workspace).receipt["gone"]["paid vectors"] == 3


def test_her_items_do_not_come_back(workspace: Workspace) -> None:
    erased(workspace)

    again = planted.bring(workspace)

    assert again.erased == 5  # three items, the account that is called by her address, and its subscription
    assert again.saved.new == 0
    assert holding(texts(workspace), EMAIL, NAME, PHONE) == set()


def test_what_others_say_of_her_later_comes_in_without_her(workspace: Workspace) -> None:
    erased(workspace)
    later = planted.written(
        30, f"Lucia ORTEGA ({EMAIL.upper()}, 212.555.0147) left.", name="Eve", email=None, account=None
    )

    planted.bring(workspace, [later])

    assert [item.text for item in workspace.repository.erasing.items()][-1] == "<NAME> (<EMAIL>, <PHONE>) left."


def test_a_new_item_of_hers_is_left_out_by_address_and_by_name(workspace: Workspace) -> None:
    erased(workspace)
    later = [
        planted.written(31, "New and by address.", name=None, email=EMAIL.upper(), account=None),
        planted.written(32, "New and by name.", name="Ortega, Lucía", email=None, account=None),
        planted.written(33, "Somebody else of that name.", name=NAME, email="l.ortega@elsewhere.example", account=None),
    ]

    assert planted.bring(workspace, later).erased == 2


def test_an_analysis_goes_on_after_it(workspace: Workspace) -> None:
    erased(workspace)
    planted.bring(workspace)

    workspace.analyze(progress=lambda *_: None)

    assert sum(problem.items for problem in workspace.repository.problems.all()) > 0


def test_the_preview_counts_the_same_and_changes_nothing(workspace: Workspace) -> None:
    before = texts(workspace)

    found = preview(bench(workspace), find_person(workspace.repository, EMAIL))

    assert texts(workspace) == before
    assert erased(workspace).receipt["gone"] == found.gone


def test_a_name_finds_its_person_by_the_address_that_goes_with_it(workspace: Workspace) -> None:
    assert find_person(workspace.repository, "ortega, lucia").items == frozenset({1, 2, 3})


def test_a_name_of_several_persons_asks_for_an_address_and_stays_where_others_wrote_it(workspace: Workspace) -> None:
    twin = planted.written(
        40, "Another one says that all is well here.", name=NAME, email="lo@elm.example", account=None
    )
    planted.bring(workspace, [twin])

    with pytest.raises(Several) as several:
        find_person(workspace.repository, NAME)
    assert several.value.choices == ("lo@elm.example", EMAIL)

    done = erased(workspace)
    left = {item.text for item in workspace.repository.erasing.items()}
    assert BOBS[0] in left
    assert any("others' too" in note for note in done.receipt["notes"])
    assert HERS[2] in " ".join(left)  # signed with the name alone: whose it is cannot be told


def test_an_account_goes_with_its_people_and_leaves_the_other_accounts(workspace: Workspace) -> None:
    done = erase(bench(workspace), find_account(workspace.repository, "acme"))

    assert done.receipt["kind"] == "account"
    assert [row.name for row in workspace.repository.erasing.accounts()] == ["Birch", "<EMAIL>"]
    assert holding(texts(workspace), NAME, EMAIL) == set()
    assert len(list(workspace.repository.erasing.items())) == len(BOBS)
    later = planted.written(50, "From the same firm, new.", name="Zoe", email="zoe@acme.example", account=None)
    assert planted.bring(workspace, [later]).erased == 1


def test_of_several_accounts_of_one_name_one_is_named_by_source_and_id(workspace: Workspace) -> None:
    planted.bring(workspace, [AccountRecord(source="billing", source_id="acme", name="Acme")])

    with pytest.raises(InsightsError, match="2 accounts are called acme") as several:
        find_account(workspace.repository, "acme")
    assert several.value.remedy == "Name one by source and id: desk:acme, billing:acme."
    assert find_account(workspace.repository, "billing:acme").items == frozenset()
    assert find_account(workspace.repository, "desk:acme").items == frozenset({1, 2, 3})


def test_erasing_one_person_leaves_the_words_of_the_other(workspace: Workspace) -> None:
    erased(workspace, OTHER_EMAIL)

    assert {item.author_name for item in workspace.repository.erasing.items()} == {NAME}
    assert holding(texts(workspace), *BOBS, OTHER_EMAIL) == set()
    assert all(any(text in item.text for item in workspace.repository.erasing.items()) for text in HERS)


def test_a_receipt_proves_itself_and_names_nobody(workspace: Workspace) -> None:
    done = erased(workspace)

    assert verified(workspace.repository, done.path)["proof"] == done.receipt["proof"]
    for path in (done.path, done.path.with_suffix(".md")):
        assert not any(one.casefold() in path.read_text().casefold() for one in SAID)
    assert done.receipt["issues"][0]["url"] == "https://tracker.example/1"


def test_a_receipt_that_was_changed_is_refused(workspace: Workspace) -> None:
    done = erased(workspace)
    content = json.loads(done.path.read_text())
    content["proof"]["after"]["values"] = 7
    done.path.write_text(json.dumps(content))

    with pytest.raises(InsightsError, match="seal does not fit"):
        verified(workspace.repository, done.path)


def test_a_restored_backup_is_erased_again_by_digests_alone(
    workspace: Workspace, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erased(workspace)
    digests = {one.digest for one in workspace.repository.erasures.all()}
    restored = shutil.copytree(made, tmp_path / "restored")
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(restored / "keys"))
    old = planted.opened(restored)

    assert len(erase_again(bench(old), digests)) == 1

    assert holding(texts(old), *SAID) == set()
    assert {one.digest for one in old.repository.erasures.all()} >= digests


def test_by_digests_nobody_goes_whose_name_alone_is_the_same(workspace: Workspace) -> None:
    digest = workspace.repository.erasures.digest(PERSON, "lucia ortega")
    planted.bring(
        workspace, [planted.written(41, "Of another person.", name=NAME, email="lo@elm.example", account=None)]
    )

    assert erase_again(bench(workspace), {digest}) == []

    assert len(list(workspace.repository.erasing.items())) == len(HERS) + len(BOBS) + 1


def test_an_account_goes_by_digests_where_another_source_has_the_same_id(workspace: Workspace) -> None:
    twin = AccountRecord(source="billing", source_id="acme", name="Acme Ltd")
    planted.bring(workspace, [twin])
    digest = workspace.repository.erasures.digest(ACCOUNT, "desk\nacme")

    assert len(erase_again(bench(workspace), {digest})) == 1

    assert "Acme Ltd" in [row.name for row in workspace.repository.erasing.accounts()]


def test_only_the_role_privacy_may_erase_and_nobody_is_looked_for_without_it(workspace: Workspace) -> None:
    workspace.repository.actor = Actor.of("root", [Role.ADMIN, Role.TRIAGER, Role.VIEWER])

    with pytest.raises(Forbidden):
        find_person(workspace.repository, EMAIL)


def test_a_privacy_role_alone_is_enough(workspace: Workspace) -> None:
    workspace.repository.actor = Actor.of("pia", [Role.PRIVACY])

    assert sum(erased(workspace).receipt["proof"]["after"].values()) == 0


def test_somebody_who_is_not_there_leaves_everything_but_what_is_remembered(workspace: Workspace) -> None:
    before = texts(workspace)

    done = erased(workspace, "nobody@nowhere.example")

    after = texts(workspace)
    same = set(before) - {"meta.value", "answer.sealed", "answer.key", "answer.model", "answer.prompt", "audit.mac"}
    assert {name: after.get(name) for name in same if not name.startswith("audit")} == {
        name: before[name] for name in same if not name.startswith("audit")
    }
    assert done.receipt["gone"].get("items", 0) == 0
