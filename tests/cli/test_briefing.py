"""A discovery brief by command, at the gate, and in the issue that is filed."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from insights.bootstrap import open_workspace
from insights.domain.feedback import AccountMatch, Stance
from insights.storage.groupings import NewProblem
from insights.storage.problems import Words
from tests.cli.calling import Run, caller, made
from tests.cli.terminal import on_a_terminal
from tests.drafts import a_draft, save, split_whole
from tests.language.chat_server import ChatServer, chat_server, says
from tests.stored import NOW, an_account_record

ESC = "\x1b[31m"
HOSTILE = f"Acme {ESC}[red] & <b>Sons</b>\n# of the @very long name"


def said(text: str, *items: int) -> list[dict[str, Any]]:
    return [{"text": text, "items": list(items)}]


FIELDS = {
    "who_hurts": said("[bold]Warehouse staff[/] who print labels \x1b[2J <img src=x> @all.", 3, 4, 5),
    "wasted": [*said("They reprint labels.", 3), *said("It costs $9,000.", 3), *said("Labels cost them.", 99)],
    "bottleneck": [],
    "outcome": said("Labels are whole.", 3),
    "simple_rule": [],
    "enough_evidence": False,
    "evidence_reason": "Nobody names the printer driver.",
    "risks": [{"area": "privacy", "what": "A label may show another customer.", "items": [3]}],
    "competitors": ["Shipstone", "Inventor"],
    "by_when": [],
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
        account = an_account_record(HOSTILE, revenue=120_000, segment="SMB")
        accounts = [replace(account, renewal_date=date(2026, 12, 1))]
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
    page = briefed(workspace, run, "--plain")

    told = " ".join(page.split())
    assert told.startswith("P-1 Labels cropped Heard A problem, first heard")
    assert "Who hurts 3 items from 1 account paying $120k a year Segments: SMB 1 of 1" in told
    assert "[bold]Warehouse staff[/] who print labels <img src=x> @all. [openai:small: " in told
    assert "They reprint labels. [openai:small: tickets/" in told
    assert "Bottleneck ? What does it hold up" in told
    assert "the remarks do not suffice to decide: Nobody names the printer driver. [openai:small]" in told
    assert "Privacy: A label may show another customer. [openai:small: tickets/" in told
    assert "Shipstone [openai:small: tickets/" in told
    assert "Thin short: 1 account of 3 wanted short: 3 items of 5 wanted short: 1 source of 2 wanted passed:" in told
    assert "Inventor" not in told
    assert "$9,000" not in told
    assert "Labels cost them" not in told
    assert "Words: openai:small, from 3 items, 2026-11-20; 4 parts dropped as unbacked." in told
    assert "\x1b" not in page
    assert max(map(len, page.splitlines())) <= 80


def test_piped_it_is_markdown_in_which_no_word_from_outside_acts(workspace: Path, run: Run) -> None:
    text = briefed(workspace, run)

    page = MarkdownIt("commonmark").render(text)
    assert not re.search(r"<(script|img|a |hr|code|pre|b>|!--)", page)
    assert not re.search(r"@\w|#\d|\x1b", page)
    assert page.count("<h1>") == 1
    assert re.findall("<h2>(.*)</h2>", page)[:9] == [
        "Who hurts",
        "Time and money wasted",
        "Bottleneck",
        "Outcome",
        "Simple rule or workflow change",
        "Evidence",
        "Risks",
        "Competitors",
        "Timeline",
    ]
    assert "Next renewals: Acme [red] &amp; &lt;b&gt;Sons&lt;/b&gt; # of the" in page
    assert "<li>They reprint labels. — openai:small: tickets/" in page
    assert "<li>3 items from 1 account paying $120k a year — data</li>" in page
    assert "- [ ] Could a limit, a default or a warning do instead of a feature? Who decides? — nobody yet\n" in text
    assert "short: 1 account of 3 wanted — data" in text
    assert text == run("brief", "P-1", "--markdown")


def test_on_a_terminal_it_is_a_page_unless_markdown_is_asked_for(workspace: Path) -> None:
    page, _ = on_a_terminal("-C", str(workspace), "brief", "P-1")
    text, _ = on_a_terminal("-C", str(workspace), "brief", "P-1", "--markdown")

    assert "Who hurts  " in page
    assert "## Who hurts" not in page
    assert "## Who hurts" in text


def test_a_brief_as_data(workspace: Path, run: Run) -> None:
    data = json.loads(briefed(workspace, run, "--json"))

    assert (data["problem"], data["mode"], data["told_from"], data["dropped"]) == ("P-1", "openai:small", 3, 4)
    assert data["brief"]["bottleneck"] == data["brief"]["by_when"] == "not said"
    assert data["brief"]["risks"] == [{"area": "privacy", "what": "A label may show another customer."}]
    assert data["accounts"][0]["revenue"] == 120_000
    assert data["facts"][0].startswith("3 items from 1 account")
    assert data["evidence"]["enough"] is False
    assert data["evidence"]["checks"][0] == {
        "what": "accounts",
        "found": 1,
        "wanted": 3,
        "passed": False,
        "words": "1 account of 3 wanted",
    }
    fields = {one["field"]: one for one in data["fields"]}
    assert fields["outcome"]["from"] == ["model"]
    assert fields["outcome"]["told"][0]["items"] == ["tickets/T-1"]
    assert (fields["bottleneck"]["from"], fields["bottleneck"]["told"]) == (["nobody yet"], [])
    assert fields["bottleneck"]["asks"] == "What does it hold up, in their work or in yours?"
    assert (fields["who_hurts"]["from"], fields["who_hurts"]["asks"]) == (["data", "model"], None)


def shape_of(data: Any) -> Any:
    """The names in it."""
    return {name: shape_of(value) for name, value in data.items()} if isinstance(data, dict) else None


def test_without_a_model_the_same_command_has_the_same_shape_and_says_so(workspace: Path, run: Run) -> None:
    page = run("brief", "P-1", "--plain", everything=True)
    text = run("brief", "P-1")
    offline = json.loads(run("brief", "P-1", "--json"))

    assert "Words: offline." in page
    assert "No language model is set: only what code knows is told." in page
    assert text.count("- [ ] ") == 6
    assert text.endswith("\n\nWords: offline.\n")
    assert (offline["mode"], offline["brief"]["enough_evidence"]) == ("offline", None)
    assert shape_of(offline) == shape_of(json.loads(briefed(workspace, run, "--json")))


def test_competitors_of_the_settings_are_looked_for_offline(workspace: Path, run: Run) -> None:
    (workspace / "insights.toml").write_text('[product]\ncompetitors = ["shipstone", "Ship", "Crop"]\n')

    text = run("brief", "P-1")

    assert "- shipstone: named by 1 item — data: tickets/T-2\n" in text
    assert "Crop:" not in text


def test_anew_asks_again(workspace: Path, run: Run) -> None:
    briefed(workspace, run)
    with chat_server(lambda _: says(FIELDS | {"outcome": said("Labels stay whole.", 3)})) as server:
        with_model(workspace, server)
        run("brief", "P-1")
        assert server.calls == 0
        workspace.joinpath("insights.toml").write_text(
            workspace.joinpath("insights.toml").read_text().replace("openai:small", "openai:other")
        )
        assert "Labels stay whole." in run("brief", "P-1", "--anew")


# -- the gate ---------------------------------------------------------------------------------------------------


def test_accepting_on_thin_evidence_says_so_in_one_line_and_stands(workspace: Path, run: Run) -> None:
    said_so = run("decide", "P-1", "accept", everything=True)

    assert said_so.splitlines() == [
        "P-1 accepted to Next. Take it back with: insights undo",
        "Evidence is thin: 1 account of 3 wanted; 3 items of 5 wanted; 1 source of 2 wanted. "
        "What to ask: insights brief P-1",
    ]
    assert json.loads(run("problems", "--all", "--json"))[0]["state"] == "accepted"


def test_accepting_on_evidence_enough_and_other_decisions_say_no_more(workspace: Path, run: Run) -> None:
    dismissed = run("decide", "P-1", "dismiss", everything=True)
    (workspace / "insights.toml").write_text("[gate]\naccounts = 1\nitems = 3\nsources = 1\n")
    accepted = run("decide", "P-1", "accept", everything=True)

    assert len(dismissed.splitlines()) == len(accepted.splitlines()) == 1


def test_data_on_stdout_stays_data_where_evidence_is_thin(workspace: Path, run: Run) -> None:
    assert json.loads(run("decide", "P-1", "accept", "--json"))["action"] == "accept"


# -- the issue --------------------------------------------------------------------------------------------------


@pytest.fixture
def filed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """File P-1 in a file of this name; gives what stands in it."""
    monkeypatch.chdir(tmp_path)

    def file(name: str) -> str:
        run("export", "P-1", "--to", f"file:{name}")
        return (tmp_path / name).read_text()

    return file


def test_the_issue_of_an_accepted_problem_carries_the_brief(run: Run, filed: Any) -> None:
    before = filed("before.md")
    run("decide", "P-1", "accept")
    after = filed("after.md")

    assert "Discovery brief" not in before
    assert "**Discovery brief**\n" in after
    assert "- Who hurts: 3 items from 1 account paying $120k a year; Segments: SMB 1 of 1\n" in after
    assert "- Evidence: thin: 1 account of 3 wanted; 3 items of 5 wanted; 1 source of 2 wanted\n" in after
    questions = after.split("**To find out**")[1]
    assert "- Simple rule or workflow change: Could a limit, a default or a warning do" in questions
    assert "- Bottleneck: What does it hold up" in questions
    assert "- Who hurts" not in questions


def test_filing_an_accepted_problem_twice_changes_nothing(
    run: Run, filed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("decide", "P-1", "accept")
    first = filed("backlog.md")
    monkeypatch.setenv("INSIGHTS_NOW", "2026-11-21T09:00:00+00:00")

    assert filed("backlog.md") == first


def test_an_issue_carries_what_a_model_read_with_its_items(workspace: Path, run: Run, filed: Any) -> None:
    briefed(workspace, run)
    body = filed("after.md")

    assert "**Discovery brief**\n" in body
    assert "A label may show another customer. (openai:small: tickets/T-1)" in body
    assert "- Outcome: Labels are whole. (openai:small: tickets/T-1)\n" in body
    assert "- Bottleneck: What does it hold up" in body
    page = MarkdownIt("commonmark").render(body)
    assert not re.search(r"<(script|img|a |hr|code|pre)", page)
