"""A discovery brief by command, and in the issue that is filed."""

import json
from pathlib import Path
from typing import Any

import pytest

from insights.bootstrap import open_workspace
from insights.domain.feedback import AccountMatch, Stance
from insights.storage.groupings import NewProblem
from insights.storage.problems import Words
from tests.cli.calling import Run, caller, made
from tests.drafts import a_draft, save, split_whole
from tests.language.chat_server import ChatServer, chat_server, says
from tests.stored import NOW, an_account_record

ESC = "\x1b[31m"
FIELDS = {
    "who_hurts": "[bold]Warehouse staff[/] who print labels \x1b[2J.",
    "wasted": "They reprint labels. It costs $9,000.",
    "bottleneck": "",
    "outcome": "Parcels leave on time.",
    "simple_rule": "",
    "enough_evidence": False,
    "evidence_reason": "Nobody names the printer driver.",
    "risks": [{"area": "privacy", "what": "A label may show another customer."}],
    "competitors": ["Shipstone", "Inventor"],
    "by_when": "",
}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """P-1 holds three items about labels."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("INSIGHTS_NOW", NOW.isoformat())
    folder = made(tmp_path, monkeypatch)
    opened = open_workspace(folder)
    repository = opened.repository
    with repository.writing() as connection:
        accounts = [an_account_record(f"Acme {ESC}[red] & Sons of the very long name", revenue=120_000, segment="SMB")]
        repository.customers.save_accounts(accounts, connection=connection)
    texts = (
        "Labels cropped, staff reprint",
        f"labels {ESC}cropped, Shipstone does not",
        "cropped labels in the warehouse",
    )
    save(repository, *(a_draft(text, number=n) for n, text in enumerate(texts, 1)))
    repository.feedback.set_accounts({1: (repository.customers.accounts()[0].id, AccountMatch.NAME)})
    split_whole(repository)
    ids = [mention.id for mention in repository.mentions.unembedded("test", limit=9)]
    repository.mentions.mark_embedded(ids, fingerprint="test")
    started = repository.runs.start(mode="offline", at=NOW)
    born = [(NewProblem(stance=Stance.PROBLEM, mentions=tuple(ids)), [0.9] * len(ids))]
    repository.groupings.save(started.id, joined={}, born=born)
    words = Words(title="Labels cropped", summary="", described_by="offline", described_from="3", quotes=())
    repository.problems.save_words(1, words)
    opened.close()
    return folder


@pytest.fixture
def run(workspace: Path) -> Run:
    return caller(workspace)


def with_model(workspace: Path, server: ChatServer) -> None:
    settings = workspace / "insights.toml"
    settings.write_text(f'[language]\nmodel = "openai:small"\nbase_url = "{server.base_url}"\naudit_share = 0\n')


def briefed(workspace: Path, run: Run, *arguments: str) -> str:
    """What `insights brief` prints where a model answers."""
    with chat_server(lambda _: says(FIELDS)) as server:
        with_model(workspace, server)
        return run("brief", "P-1", *arguments)


def test_the_page_tells_what_code_knows_and_what_the_model_read(workspace: Path, run: Run) -> None:
    page = briefed(workspace, run)

    told = " ".join(page.split())
    assert told.startswith("P-1 Labels cropped Who 3 items from 1 account paying $120k a year; SMB 1")
    assert "Who it hurts [bold]Warehouse staff[/] who print labels . " in told
    assert "What it wastes They reprint labels." in told
    assert "What it holds up not said" in told
    assert "Enough evidence No: Nobody names the printer driver." in told
    assert "Risks Privacy: A label may show another customer." in told
    assert "Competitors Shipstone" in told
    assert "Inventor" not in told
    assert "$9,000" not in told
    assert "Words: openai:small, from 3 items, 2026-11-20; 2 parts dropped as unbacked." in told
    assert "\x1b" not in page
    assert max(map(len, page.splitlines())) <= 80


def test_a_brief_as_data(workspace: Path, run: Run) -> None:
    data = json.loads(briefed(workspace, run, "--json"))

    assert (data["problem"], data["mode"], data["told_from"], data["dropped"]) == ("P-1", "openai:small", 3, 2)
    assert data["brief"]["bottleneck"] == data["brief"]["by_when"] == "not said"
    assert data["brief"]["risks"] == [{"area": "privacy", "what": "A label may show another customer."}]
    assert data["accounts"][0]["revenue"] == 120_000
    assert data["facts"][0].startswith("3 items from 1 account")


def shape_of(data: Any) -> Any:
    """The names in it."""
    return {name: shape_of(value) for name, value in data.items()} if isinstance(data, dict) else None


def test_without_a_model_the_same_command_has_the_same_shape_and_says_so(workspace: Path, run: Run) -> None:
    page = run("brief", "P-1", everything=True)
    offline = json.loads(run("brief", "P-1", "--json"))

    assert "Words: offline." in page
    assert "No language model is set: only what code knows is told." in page
    assert page.count("not said") == 9
    assert (offline["mode"], offline["brief"]["enough_evidence"]) == ("offline", None)
    assert shape_of(offline) == shape_of(json.loads(briefed(workspace, run, "--json")))


def test_anew_asks_again(workspace: Path, run: Run) -> None:
    briefed(workspace, run)
    with chat_server(lambda _: says(FIELDS | {"outcome": "Labels are whole."})) as server:
        with_model(workspace, server)
        run("brief", "P-1")
        assert server.calls == 0
        workspace.joinpath("insights.toml").write_text(
            workspace.joinpath("insights.toml").read_text().replace("openai:small", "openai:other")
        )
        assert "Labels are whole." in run("brief", "P-1", "--anew")


def test_an_issue_carries_the_brief_where_there_is_one(
    workspace: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("export", "P-1", "--to", "file:before.md")
    briefed(workspace, run)
    run("export", "P-1", "--to", "file:after.md")

    before, after = (tmp_path / name for name in ("before.md", "after.md"))
    assert "Discovery" not in before.read_text()
    assert "**Discovery brief** by openai:small" in after.read_text()
    assert "- Risks: Privacy: A label may show another customer." in after.read_text()
    assert "Not said: what it holds up, simple rule, by when." in after.read_text()
